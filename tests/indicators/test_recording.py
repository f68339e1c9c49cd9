"""When a column counts as not recorded any more: months, rows and chance at their boundaries."""

from __future__ import annotations

from datetime import date

import pytest

from chiso.catalogue import load_catalogue
from chiso.indicators import compute
from chiso.indicators.recording import EXPECTED, GAP_MONTHS, STEADY_MONTHS, gaps_of, recency_of
from chiso.sources import ingest
from chiso.worktime import Period, Timeframe

HEAD = "case_id,procedure_code,unit_code,channel,received_at,finished_at\n"
YEAR = Timeframe(Period.parse("2024"), "calendar")


@pytest.fixture
def cases(tmp_path):
    """Import cases given as (unit, month, rows, how many of them finished)."""

    def run(*months: tuple[str, int, int, int]):
        lines = []
        for unit, month, rows, filled in months:
            for n in range(rows):
                day = f"2024-{month:02}-10"
                lines.append(f"{unit}-{month}-{n},P1,{unit},online,{day},{day if n < filled else ''}\n")
        (tmp_path / "units.csv").write_text("unit_code,unit_name,kind\nU1,Một,division\nU2,Hai,division\n", "utf-8")
        (tmp_path / "procedures.csv").write_text(
            "procedure_code,procedure_name,field,unit_code,online_level,has_fee\nP1,Một,Hội,U1,full,true\n", "utf-8"
        )
        (tmp_path / "cases.csv").write_text(HEAD + "".join(lines), "utf-8")
        return ingest(tmp_path, tmp_path / "processed")

    return run


def months(steady: int, gap: int, *, rows: int = 10, filled: int = 10, unit: str = "U1", start: int = 1):
    before = [(unit, start + n, rows, filled) for n in range(steady)]
    return before + [(unit, start + steady + n, rows, 0) for n in range(gap)]


def test_a_gap_of_three_months_after_six_steady_ones_is_told(cases):
    (row,) = gaps_of(cases(*months(STEADY_MONTHS, GAP_MONTHS)), "cases", YEAR).rows(named=True)
    assert row == {
        "table": "cases",
        "column": "finished_at",
        "unit_code": None,
        "since": date(2024, 7, 1),
        "rows": 30,
        "rate": 1.0,
    }


def test_two_months_are_no_gap(cases):
    assert gaps_of(cases(*months(STEADY_MONTHS, GAP_MONTHS - 1)), "cases", YEAR).is_empty()


def test_five_months_are_not_steady(cases):
    assert gaps_of(cases(*months(STEADY_MONTHS - 1, GAP_MONTHS)), "cases", YEAR).is_empty()


def test_a_month_without_a_filled_cell_before_is_not_steady(cases):
    given = months(STEADY_MONTHS, GAP_MONTHS)
    given[3] = ("U1", 4, 10, 0)
    assert gaps_of(cases(*given), "cases", YEAR).is_empty()


def test_one_filled_cell_ends_the_gap(cases):
    given = months(STEADY_MONTHS, GAP_MONTHS)
    given[-1] = (*given[-1][:3], 1)
    assert gaps_of(cases(*given), "cases", YEAR).is_empty()


@pytest.mark.parametrize(("filled", "told"), [(4, True), (3, False)])
def test_blanks_that_may_be_chance_are_not_told(cases, filled, told):
    """30 rows in the gap: 4 of 10 filled before lets expect 12, 3 of 10 lets expect 9."""
    assert EXPECTED == 10
    assert gaps_of(cases(*months(STEADY_MONTHS, GAP_MONTHS, filled=filled)), "cases", YEAR).is_empty() != told


def test_what_comes_after_the_as_of_day_is_not_known(cases):
    data = cases(*months(STEADY_MONTHS, GAP_MONTHS))
    assert gaps_of(data, "cases", Timeframe(Period.parse("2024-08"), "calendar")).is_empty()
    assert not gaps_of(data, "cases", Timeframe(Period.parse("2024-09"), "calendar")).is_empty()


def test_a_unit_is_told_where_the_others_go_on(cases):
    data = cases(*months(STEADY_MONTHS, GAP_MONTHS), *months(9, 0, unit="U2"))
    assert gaps_of(data, "cases", YEAR).select("unit_code", "column").rows() == [("U1", "finished_at")]


def test_units_are_not_told_beside_the_whole(cases):
    data = cases(*months(STEADY_MONTHS, GAP_MONTHS), *months(STEADY_MONTHS, GAP_MONTHS, unit="U2"))
    assert gaps_of(data, "cases", YEAR).select("unit_code").rows() == [(None,)]


def test_the_indicators_that_rest_on_the_column_say_so_and_keep_their_figures(cases):
    catalogue = load_catalogue(2024)
    results = compute(cases(*months(STEADY_MONTHS, GAP_MONTHS)), catalogue, YEAR)
    notes = results.notes.filter(reason="stopped")
    assert notes.height > 0
    assert set(notes["column"]) == {"finished_at"}
    assert set(notes["severity"]) == {"info"}
    assert "07/2024" in notes["message"][0]
    assert "Hồ sơ thủ tục hành chính" in notes["message"][0]


def test_the_newest_day_is_that_up_to_the_closing_day(cases):
    data = cases(("U1", 8, 1, 1), ("U1", 9, 1, 1))
    august = Timeframe(Period.parse("2024-08"), "calendar")
    assert recency_of(data, "cases", august).rows() == [("cases", date(2024, 8, 10))]
    assert recency_of(data, "cases", YEAR).rows() == [("cases", date(2024, 9, 10))]
    assert recency_of(data, "cases", Timeframe(august.period, "calendar", date(2024, 8, 9))).is_empty()
    assert recency_of(data, "units", YEAR).is_empty()
    assert recency_of(data, "documents", YEAR).is_empty()
    assert compute(data, load_catalogue(2024), YEAR).recency.rows() == [("cases", date(2024, 9, 10))]
