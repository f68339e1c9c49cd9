"""Points, maxima, totals, percent, ranks, coverage: by hand, and against a second calculation in fractions."""

import random
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from chiso.scoring.scorecard import Criterion, Scorecard, Values, read_scorecard_tables, score
from chiso.scoring.scorecard.change import changes
from chiso.scoring.scorecard.command import score_files
from chiso.scoring.scorecard.gains import gains
from chiso.scoring.scorecard.removal import leave_one_out

CRITERIA = """\
code,area,max,rule,target,floor,best,worst,step,per_unit
C1,I,4,binary,,,,,,
C2,I,6,proportional,0.8,0.4,,,,
C3,II,10,steps,,,,,100:10|80:5|0:0,
"""
VALUES = """\
period,unit,code,value,status
2024-Q1,A,C1,1,ok
2024-Q1,A,C2,0.4,ok
2024-Q1,A,C3,,not_applicable
2024-Q1,B,C1,,missing
2024-Q1,B,C2,0.9,ok
2024-Q1,B,C3,80,ok
2024-Q1,C,C1,1,ok
2024-Q1,C,C2,0.4,ok
2024-Q1,C,C3,,not_applicable
2024-Q1,D,C1,,not_applicable
2024-Q1,D,C2,,not_applicable
2024-Q1,D,C3,,not_applicable
2024-Q1,E,C1,1,ok
"""


def tables(folder: Path, criteria: str = CRITERIA, values: str = VALUES) -> tuple[Path, Path]:
    files = folder / "criteria.csv", folder / "values.csv"
    for file, content in zip(files, (criteria, values), strict=True):
        file.write_text(content, encoding="utf-8")
    return files


@pytest.fixture
def by_hand(tmp_path):
    table = score_files(*tables(tmp_path)).tables["scores"]
    return {(r["unit"], r["code"]): tuple(r.values())[4:] for r in table.iter_rows(named=True)}


def test_columns_and_order_of_the_table(tmp_path):
    table = score_files(*tables(tmp_path)).tables["scores"]
    assert table.columns == ["period", "unit", "level", "code", "points", "max_points", "percent", "rank"]
    assert table.height == 5 * (3 + 2 + 1)
    assert table["code"].to_list()[:6] == ["C1", "C2", "C3", "I", "II", "total"]
    assert table["level"].to_list()[:6] == ["criterion"] * 3 + ["area"] * 2 + ["total"]


def test_not_applicable_leaves_points_and_maximum(by_hand):
    assert by_hand["A", "C3"] == (None, None, None, None)
    assert by_hand["A", "II"] == (None, None, None, None)
    assert by_hand["A", "I"] == (7, 10, 70, 1)
    assert by_hand["A", "total"] == (7, 10, 70, 1)


def test_missing_counts_nothing_of_its_maximum(by_hand):
    assert by_hand["B", "C1"] == (0, 4, 0, 4)
    assert by_hand["B", "I"] == (6, 10, 60, 3)
    assert by_hand["B", "total"] == (11, 20, 55, 3)


def test_a_criterion_without_a_row_is_missing(by_hand):
    assert by_hand["E", "C2"] == (0, 6, 0, 4)
    assert by_hand["E", "total"] == (4, 20, 20, 4)


def test_ties_share_the_smaller_rank(by_hand):
    assert [by_hand[unit, "total"][3] for unit in "ABCDE"] == [1, 3, 1, None, 4]


def test_a_body_to_which_nothing_applies_has_no_percent_and_no_rank(by_hand):
    assert by_hand["D", "total"] == (None, None, None, None)


def test_coverage_is_the_share_of_applicable_criteria_with_a_value(tmp_path):
    table = score_files(*tables(tmp_path)).tables["coverage"].filter(pl.col("level") == "total")
    assert dict(zip(table["unit"], table["coverage"], strict=True)) == {
        "A": 1,
        "B": pytest.approx(2 / 3),
        "C": 1,
        "D": None,
        "E": pytest.approx(1 / 3),
    }


def test_without_one_criterion_its_points_and_maximum_are_gone(tmp_path):
    table = score_files(*tables(tmp_path)).tables["leave_one_out"]
    rows = {(r["unit"], r["code"]): r for r in table.iter_rows(named=True)}
    assert rows["B", "C1"]["percent"] == pytest.approx(100 * 11 / 16)
    assert rows["B", "C1"]["percent_change"] == pytest.approx(100 * 11 / 16 - 55)
    # without C1: A and C 3 of 6, B 11 of 16, E 0 of 16
    assert [rows[unit, "C1"]["rank"] for unit in "ABCDE"] == [2, 1, 2, None, 4]
    assert [rows[unit, "C1"]["rank_change"] for unit in "ABCE"] == [-1, 2, -1, 0]
    assert rows["A", "I"]["percent"] is None  # nothing else applies to A
    assert rows["B", "I"]["percent"] == 50


def test_gains_of_full_attainment(tmp_path):
    table = score_files(*tables(tmp_path)).tables["gains"]
    rows = {(r["unit"], r["code"]): r for r in table.iter_rows(named=True)}
    assert ("A", "C3") not in rows  # not applicable: nothing to gain
    assert rows["A", "C2"]["gain_points"] == 3
    assert rows["A", "C2"]["gain_percent"] == pytest.approx(30)
    assert rows["A", "C2"]["percent_after"] == pytest.approx(100)
    assert rows["B", "C1"]["gain_points"] == 4
    assert rows["B", "C1"]["percent_after"] == pytest.approx(75)
    assert (rows["B", "C1"]["rank"], rows["B", "C1"]["rank_after"]) == (3, 1)
    assert [r["code"] for r in table.filter(pl.col("unit") == "B").iter_rows(named=True)] == ["C3", "C1", "C2"]
    assert table.filter(pl.col("unit") == "B")["order"].to_list() == [1, 2, 3]


def test_a_bonus_adds_and_a_penalty_takes_off_without_a_maximum_of_their_own():
    card = Scorecard(
        "c",
        "c",
        (
            Criterion(code="1", max_points=10, rule="manual"),
            Criterion(code="plus", max_points=2, rule="count", per_unit=1, kind="bonus"),
            Criterion(code="minus", max_points=3, rule="count", per_unit=0.5, kind="penalty"),
        ),
        ("I", "I", "I"),
    )
    values = Values.empty(("2024",), ("A", "B"), card.codes).changed(
        {
            ("2024", "A", "1"): 8.0,
            ("2024", "A", "plus"): 5.0,
            ("2024", "A", "minus"): 3.0,
            ("2024", "B", "1"): 9.0,
        }
    )
    rows = {(r["unit"], r["code"]): r for r in score(card, values).table().iter_rows(named=True)}
    assert rows["A", "plus"]["points"] == 2
    assert rows["A", "minus"]["points"] == -1.5
    assert (rows["A", "total"]["points"], rows["A", "total"]["max_points"]) == (8.5, 10)
    assert rows["A", "total"]["percent"] == pytest.approx(85)
    assert (rows["B", "total"]["points"], rows["B", "total"]["rank"]) == (9, 1)
    assert rows["B", "minus"]["points"] == 0  # a penalty nobody reported is none
    gained = {(r["unit"], r["code"]): r["gain_points"] for r in gains(score(card, values)).iter_rows(named=True)}
    assert gained["A", "minus"] == 1.5
    assert gained["A", "plus"] == 0


# --------------------------------------------------------------- a second calculation, in fractions, row by row


def _edges(rule: dict[str, str]) -> list[str]:
    """Values on and beside every edge of a rule."""
    return {
        "binary": ["0", "1", "0.5", "2"],
        "proportional": ["0", "0.3", "0.39", "0.4", "0.41", "0.8", "0.80", "0.79", "1.2", "-0.1"],
        "steps": ["0", "49.9", "50", "79.9", "80", "99", "100", "130"],
        "count": ["0", "1", "3", "7", "8", "20"],
        "deduct": ["0", "1", "5", "6", "40"],
        "linear_lower": ["3", "4", "5", "9.5", "20", "21"],
        "manual": ["0", "0.25", "1", "2", "3"],
    }[rule["rule"]]


RULES = [
    {"rule": "binary"},
    {"rule": "proportional", "target": "0.8", "floor": "0.4"},
    {"rule": "steps", "step": "100:3|80:2|50:0.5"},
    {"rule": "count", "per_unit": "0.4"},
    {"rule": "deduct", "per_unit": "0.6"},
    {"rule": "linear_lower", "best": "4", "worst": "20"},
    {"rule": "manual"},
    {"rule": "proportional", "target": "1"},
]


def _points(c: dict[str, str], value: Fraction) -> Fraction:
    most = Fraction(c["max"])
    if c["rule"] == "binary":
        return most if value >= 1 else Fraction(0)
    if c["rule"] == "proportional":
        if value < Fraction(c.get("floor") or "0"):
            return Fraction(0)
        return most * min(Fraction(1), value / Fraction(c["target"]))
    if c["rule"] == "steps":
        steps = [tuple(Fraction(x) for x in part.split(":")) for part in c["step"].split("|")]
        return next((p for t, p in sorted(steps, reverse=True) if value >= t), Fraction(0))
    if c["rule"] == "count":
        return min(most, value * Fraction(c["per_unit"]))
    if c["rule"] == "deduct":
        return max(Fraction(0), most - value * Fraction(c["per_unit"]))
    if c["rule"] == "linear_lower":
        best, worst = Fraction(c["best"]), Fraction(c["worst"])
        return most * min(Fraction(1), max(Fraction(0), (worst - value) / (worst - best)))
    return min(most, value)


@pytest.fixture(scope="module", params=range(6))
def drawn(request, tmp_path_factory):
    """24 criteria in 7 areas, 8 bodies, 2 quarters; rows on the edges, missing, not applicable and absent."""
    draw = random.Random(request.param)
    criteria = [
        {"code": f"C{i:02}", "area": f"A{i % 7 + 1}", "max": draw.choice(["3", "4.5", "6"]), **RULES[i % len(RULES)]}
        for i in range(24)
    ]
    header = ("code", "area", "max", "rule", "target", "floor", "best", "worst", "step", "per_unit")
    rows, read = [], {}
    for period in ("2024-Q1", "2024-Q2"):
        for unit in [f"U{i}" for i in range(1, 9)]:
            for c in criteria:
                value, kind = draw.choice(_edges(c)), draw.random()
                if unit == "U8" and c["area"] == "A3":
                    kind = 0.0  # a whole area that does not apply
                if unit == "U7":
                    value, kind = dict(rows_of(rows, period, "U6"))[c["code"]]  # a tie
                status = "not_applicable" if kind < 0.1 else "missing" if kind < 0.2 else "ok"
                if 0.2 <= kind < 0.25 and unit != "U1":
                    read[period, unit, c["code"]] = ("missing", None)
                    rows.append((period, unit, c["code"], value, status, kind, False))
                    continue
                read[period, unit, c["code"]] = (status, Fraction(value))
                rows.append((period, unit, c["code"], value, status, kind, True))
    folder = tmp_path_factory.mktemp("drawn")
    lines = [",".join(header)] + [",".join(c.get(h, "") for h in header) for c in criteria]
    values = ["period,unit,code,value,status"] + [",".join(map(str, r[:5])) for r in rows if r[6]]
    return criteria, read, tables(folder, "\n".join(lines), "\n".join(values))


def rows_of(rows, period, unit):
    return [(code, (value, kind)) for p, u, code, value, _, kind, _ in rows if (p, u) == (period, unit)]


def _second(criteria, read, period, unit, keep):
    """Points and maximum of the criteria that ``keep`` chooses; None where none applies."""
    found = [(c, *read[period, unit, c["code"]]) for c in criteria if keep(c)]
    found = [(c, status, value) for c, status, value in found if status != "not_applicable"]
    if not found:
        return None
    earned = sum((_points(c, value) if status == "ok" else Fraction(0) for c, status, value in found), Fraction(0))
    return max(earned, Fraction(0)), sum((Fraction(c["max"]) for c, _, _ in found), Fraction(0))


def _ranks(percents):
    return [None if p is None else 1 + sum(o is not None and o > p for o in percents) for p in percents]


def _close(found, expected):
    if expected is None:
        return found is None
    return found == pytest.approx(float(expected), rel=0, abs=1e-9)


def _percent(pair):
    return None if pair is None else 100 * pair[0] / pair[1]


def _nonnegative(criteria, read):
    """Negative values of proportional criteria earn nothing in the second calculation too."""
    return {
        key: (status, max(value, Fraction(0)) if value is not None else None) for key, (status, value) in read.items()
    }


def test_every_row_equals_the_second_calculation(drawn):
    criteria, read, files = drawn
    read = _nonnegative(criteria, read)
    table = score_files(*files).tables["scores"]
    assert table.filter(pl.col("level") == "criterion").height == 384
    units = sorted({unit for _, unit, _ in read})
    checked = 0
    for (period, level, code), group in table.group_by("period", "level", "code"):
        keep = {
            "criterion": lambda c, code=code: c["code"] == code,
            "area": lambda c, code=code: c["area"] == code,
            "total": lambda c: True,
        }[level]
        pairs = [_second(criteria, read, period, unit, keep) for unit in units]
        percents = [_percent(pair) for pair in pairs]
        for row, pair, percent, rank in zip(
            group.sort("unit").iter_rows(named=True), pairs, percents, _ranks(percents), strict=True
        ):
            assert _close(row["points"], pair and pair[0])
            assert _close(row["max_points"], pair and pair[1])
            assert _close(row["percent"], percent)
            assert row["rank"] == rank, (period, level, code, row["unit"])
            checked += 1
    assert checked == table.height == 2 * 8 * (24 + 7 + 1)


def test_leave_one_out_equals_the_second_calculation(drawn):
    criteria, read, files = drawn
    read = _nonnegative(criteria, read)
    card, values, _ = read_scorecard_tables(*files)
    units = values.units
    for (period, code), group in leave_one_out(score(card, values), ("criterion",)).group_by("period", "code"):
        percents = [_percent(_second(criteria, read, period, u, lambda c, code=code: c["code"] != code)) for u in units]
        rows = list(group.sort("unit").iter_rows(named=True))
        assert [r["rank"] for r in rows] == _ranks(percents)
        assert all(_close(r["percent"], p) for r, p in zip(rows, percents, strict=True))


def test_gains_equal_the_score_with_the_criterion_at_its_maximum(drawn):
    criteria, read, files = drawn
    read = _nonnegative(criteria, read)
    card, values, _ = read_scorecard_tables(*files)
    for row in gains(score(card, values)).iter_rows(named=True):
        others = [
            _percent(_second(criteria, read, row["period"], u, lambda c: True))
            for u in values.units
            if u != row["unit"]
        ]
        own = _second(criteria, read, row["period"], row["unit"], lambda c: True)
        alone = _second(criteria, read, row["period"], row["unit"], lambda c, code=row["code"]: c["code"] == code)
        after = 100 * (own[0] + alone[1] - alone[0]) / own[1]
        assert _close(row["gain_points"], alone[1] - alone[0])
        assert _close(row["percent_after"], after)
        assert row["rank_after"] == 1 + sum(o is not None and o > after for o in others)


def test_changes_add_up(drawn):
    _, _, files = drawn
    table = changes(score(*read_scorecard_tables(*files)[:2]))
    causes = ("by_value", "by_weight", "by_coverage")
    for _, group in table.group_by("unit"):
        whole = group.filter(pl.col("level") == "total").row(0, named=True)
        assert whole["contribution"] == pytest.approx(whole["percent_change"], abs=1e-9)
        for level in ("criterion", "area"):
            part = group.filter(pl.col("level") == level)
            assert part["contribution"].sum() == pytest.approx(whole["percent_change"], abs=1e-9)
            for cause in causes:
                assert part[cause].sum() == pytest.approx(whole[cause], abs=1e-9)
        assert group["by_weight"].abs().max() == 0
    assert table["by_coverage"].abs().max() > 0.1
