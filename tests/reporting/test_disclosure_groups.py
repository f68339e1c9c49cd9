"""An attacker who sees a year's tables by unit and by groups of respondents learns no withheld cell by subtraction."""

from random import Random

import numpy as np
import polars as pl
import pytest

from chiso.reporting.disclosure import MINIMUM, ORDER, decide
from chiso.reporting.disclosure_groups import decide_groups, people_by

PERIODS = {name: quarters for group in ORDER for name, quarters in group}
NAMES = ("field", "gender", "channel")


def respondents(seed, people=60):
    """A year's respondents; most fields are one unit's alone; some answer one line only."""
    random = Random(seed)
    units = "abcd"[: random.randint(2, 4)]
    own = {"a": ("x",), "b": ("x", "y"), "c": ("z",), "d": ("z", "w")}
    rows = []
    for _ in range(random.randint(20, people)):
        unit = random.choices(units, [8, 3, 2, 1][: len(units)])[0]
        rows.append(
            {
                "quarter": random.randint(1, 4),
                "unit_code": unit,
                "field": random.choice(own[unit]),
                "gender": random.choices(["m", "f", ""], [8, 5, 1])[0],
                "channel": random.choices(["online", "paper"], [9, 1])[0],
                "A.I": random.random() < 0.95,
                "A.II": random.random() < 0.8,
            }
        )
    return pl.DataFrame(rows)


def units_out(rows, line):
    counted = rows.filter(pl.col(line)).group_by("unit_code", "quarter").len().rows()
    return decide({(u, q): [n] for u, q, n in counted})


def decided(rows):
    lines = ("A.I", "A.II")
    out = {line: units_out(rows, line) for line in lines}
    return out, decide_groups(people_by(rows, lines, NAMES), out)


def cells(rows, line):
    """Every cell of every period as a vector over those who answered the line: (kind, value, period) → 0/1."""
    answered = rows.filter(pl.col(line))
    found = {}
    for period, quarters in PERIODS.items():
        inside = answered["quarter"].is_in(quarters)
        found["unit", None, period] = inside.to_numpy().astype(float)
        for kind in ("unit_code", *NAMES):
            for value in answered[kind].unique().sort():
                vector = (inside & (answered[kind] == value)).to_numpy().astype(float)
                found["unit" if kind == "unit_code" else kind, value, period] = vector
    return {key: vector for key, vector in found.items() if vector.any()}


def follows(published, wanted):
    if not published:
        return False
    a = np.stack(published).T
    solution, *_ = np.linalg.lstsq(a, wanted, rcond=None)
    return np.abs(a @ solution - wanted).max() < 1e-7


def is_out(key, line, units, groups):
    kind, value, period = key
    return value in units[line][period] if kind == "unit" else (kind, value) in groups[period]


def leaks(rows, units, groups, until=None):
    for line in ("A.I", "A.II"):
        every = cells(rows, line)
        shown = [v for key, v in every.items() if not is_out(key, line, units, groups)]
        for key, vector in every.items():
            hidden = is_out(key, line, units, groups)
            # What an earlier or the same sum tells is no secret of this cell: nobody answered in between.
            if hidden and not any((vector == v).all() for v in shown) and follows(shown, vector):
                yield line, key
            if not hidden and key[0] != "unit" and 0 < vector.sum() < MINIMUM:
                yield line, key


@pytest.mark.parametrize("seed", range(25))
def test_no_withheld_cell_follows_from_units_and_groups_of_a_year(seed):
    rows = respondents(seed)
    units, groups = decided(rows)
    assert list(leaks(rows, units, groups)) == []


def test_each_table_alone_would_give_cells_away():
    """The attack works: with groups withheld table by table, a field of one unit tells what the units withhold."""
    found = []
    for seed in range(25):
        rows = respondents(seed)
        units, _ = decided(rows)
        alone = {name: set() for name in PERIODS}
        for period, quarters in PERIODS.items():
            for name in NAMES:
                inside = rows.filter(pl.col("quarter").is_in(quarters))
                few = inside.group_by(name).len().filter(pl.col("len") < MINIMUM)
                alone[period] |= {(name, value) for value in few[name]}
        found += leaks(rows, units, alone)
    assert found


@pytest.mark.parametrize("until", [1, 2, 3])
def test_a_later_quarter_changes_no_earlier_decision(until):
    for seed in range(8):
        rows = respondents(seed)
        _, whole = decided(rows)
        _, early = decided(rows.filter(pl.col("quarter") <= until))
        for period, quarters in PERIODS.items():
            if max(quarters) <= until:
                assert early[period] == whole[period], (seed, period)


def test_large_groups_are_all_published():
    rows = pl.DataFrame(
        [
            {"quarter": q, "unit_code": u, "field": u, "gender": g, "channel": c, "A.I": True, "A.II": True}
            for q in (1, 2, 3, 4)
            for u in "ab"
            for g in "mf"
            for c in ("online", "paper")
            for _ in range(6)
        ]
    )
    units, groups = decided(rows)
    assert not any(groups.values())
    assert not any(units["A.I"].values())


def test_a_group_of_four_takes_another_with_it_and_a_field_of_a_published_unit_needs_none():
    def many(n, **values):
        return [{"quarter": 1, "A.I": True, "A.II": True, "channel": "online"} | values] * n

    rows = pl.DataFrame(
        many(30, unit_code="a", field="x", gender="m")
        + many(26, unit_code="b", field="y", gender="f")
        + many(4, unit_code="b", field="w", gender="")
    )
    units, groups = decided(rows)
    assert not units["A.I"]["Q1"]
    # w is in unit b, whose other field y would tell it; x is unit a itself
    assert groups["Q1"] == {("field", "w"), ("field", "y"), ("gender", ""), ("gender", "f")}
