"""An attacker with the reports of a whole year, adding and subtracting all they show, learns no withheld cell."""

from fractions import Fraction
from itertools import product
from random import Random

import polars as pl
import pytest

from chiso.reporting.disclosure import MINIMUM, ORDER, decide

PERIODS = {name: quarters for group in ORDER for name, quarters in group}


def solved(rows, size):
    """Reduced row echelon form over the rationals: what a system with these left sides determines."""
    rows = [[Fraction(v) for v in row] for row in rows]
    pivots, done = [], 0
    for column in range(size):
        pivot = next((i for i in range(done, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [v / rows[done][column] for v in rows[done]]
        for i, row in enumerate(rows):
            if i != done and row[column]:
                rows[i] = [a - row[column] * b for a, b in zip(row, rows[done], strict=True)]
        pivots.append(column)
        done += 1
    return rows[:done], pivots


def follows(system, wanted):
    rows, pivots = system
    wanted = [Fraction(v) for v in wanted]
    for row, pivot in zip(rows, pivots, strict=True):
        if wanted[pivot]:
            wanted = [a - wanted[pivot] * b for a, b in zip(wanted, row, strict=True)]
    return not any(wanted)


def attack(counts, hidden, periods=PERIODS):
    """Yield the withheld cells that follow from the reports of ``periods``; blanks are seen."""
    units = sorted({u for u, _ in counts})
    items = len(next(iter(counts.values())))
    for item in range(items):
        known = [key for key, n in sorted(counts.items()) if n[item]]

        def vector(unit, quarters, known=known):
            return [int((unit is None or u == unit) and q in quarters) for u, q in known]

        cells = {(u, p): vector(u, PERIODS[p]) for u in [*units, None] for p in periods}
        rows = [v for (u, p), v in cells.items() if u not in hidden[p]]
        system = solved(rows, len(known))
        for (unit, period), v in cells.items():
            # where nobody answered in between, the figure is that of an earlier report
            if unit in hidden[period] and any(v) and v not in rows and follows(system, v):
                yield unit, period, item


def test_the_attacker_finds_what_a_rule_for_each_report_alone_gives_away():
    """Without the joint decision the first quarter of a follows: half-year less second quarter."""
    counts = {("a", 1): [2], ("b", 1): [9], ("c", 1): [30], ("a", 2): [9], ("b", 2): [9], ("c", 2): [30]}
    alone = {name: {"a", "b"} if name == "Q1" else set() for name in PERIODS}
    assert {cell[:2] for cell in attack(counts, alone)} == {("a", "Q1"), ("b", "Q1")}
    assert not list(attack(counts, decide(counts)))


@pytest.mark.parametrize("seed", range(40))
def test_no_withheld_cell_follows_from_all_reports_of_a_year(seed):
    random = Random(seed)
    units = [f"u{i}" for i in range(random.randint(2, 6))]
    sizes = [0, 1, 2, 3, 4, 5, 6, 9, 14, 30] if seed % 2 else [0, 3, 8, 12, 20, 40]
    counts = {
        key: [n := random.choice(sizes), n if random.random() < 0.7 else random.randint(0, n)]
        for key in product(units, (1, 2, 3, 4))
    }
    hidden = decide(counts)
    assert not list(attack(counts, hidden))
    for (unit, quarter), n in counts.items():
        if max(n) > 0 and 0 < min(v for v in n if v) < MINIMUM:
            assert unit in hidden[f"Q{quarter}"]


@pytest.mark.parametrize("until", [1, 2, 3])
def test_a_later_quarter_changes_no_earlier_decision(until):
    random = Random(7)
    counts = {(f"u{i}", q): [random.choice([0, 2, 4, 8, 20])] for i in range(6) for q in (1, 2, 3, 4)}
    so_far = {key: n for key, n in counts.items() if key[1] <= until}
    early, late = decide(so_far), decide(counts)
    for name, quarters in PERIODS.items():
        if quarters[-1] <= until:
            assert early[name] == late[name]


def test_large_cells_are_all_published():
    counts = {(u, q): [20, 18] for u in "abc" for q in (1, 2, 3, 4)}
    assert not any(decide(counts).values())


def test_four_people_spread_over_two_quarters_do_not_follow_as_a_sum():
    counts = {("a", 1): [2], ("a", 2): [20], ("a", 3): [2], ("b", 1): [20], ("b", 2): [20], ("b", 3): [20]}
    counts |= {("c", q): [30] for q in (1, 2, 3)}
    hidden = decide(counts)
    known = sorted(counts)
    rows = [
        [int((unit is None or u == unit) and q in PERIODS[p]) for u, q in known]
        for p in PERIODS
        for unit in ["a", "b", "c", None]
        if unit not in hidden[p]
    ]
    both = [int(u == "a" and q in (1, 3)) for u, q in known]
    assert not follows(solved(rows, len(known)), both)


def test_reports_of_a_department_and_of_a_unit_withhold_the_same(material):
    """The decision is of the answers alone: nothing about the unit of the run goes into it."""
    from dataclasses import replace

    unit = material.results.satisfaction["unit_code"].drop_nulls()[0]
    assert replace(material, unit=unit).hidden == material.hidden
    assert isinstance(material.hidden, set)
    assert material.results.satisfaction.filter(pl.col("n") > 0).height
