"""The case balance (form II.06): each column by hand, its margins and its identities."""

from typing import Any

import polars as pl
import pytest
from handmade import Q4, Q4_CALENDAR, Q4_INSIDE, Row, case, dataset, plan, procedure, run
from hypothesis import given, settings
from hypothesis import strategies as st

from chiso.indicators import case_balance as module
from chiso.indicators.case_balance import COUNTS, BalanceError, case_balance
from chiso.indicators.views import Sources
from chiso.worktime import Timeframe

P1 = procedure("P1", field="F1")


def balance(*rows: Row, frame: Timeframe = Q4) -> pl.DataFrame:
    return case_balance(Sources(dataset(*rows), plan(), frame))  # type: ignore[arg-type]


def cell(table: pl.DataFrame, unit: str | None, field: str | None) -> dict[str, Any]:
    at = pl.col("unit_code").eq_missing(pl.lit(unit)) & pl.col("field").eq_missing(pl.lit(field))
    row = table.filter(at).row(0, named=True)
    return {name: row[name] for name in COUNTS}


def expect_columns(frame: Timeframe = Q4, **rows: tuple[Row, str]) -> None:
    """Each row, alone in its unit, adds one to the columns named beside it and nothing to the others."""
    table = balance(P1, *(row.of(name) for name, (row, _) in rows.items()), frame=frame)
    lines = {r["unit_code"]: r for r in table.filter(pl.col("field") == "F1").rows(named=True)}
    found = {name: " ".join(c for c in COUNTS if name in lines and lines[name][c]) for name in rows}
    assert found == {name: wanted for name, (_, wanted) in rows.items()}


def test_received_in_p_by_channel() -> None:
    still_open = "total open open_no_due"
    expect_columns(
        online=(case(received="2024-10-01", channel="online"), f"received_online {still_open}"),
        in_person=(case(received="2024-10-01", channel="in_person"), f"received_direct {still_open}"),
        by_post=(case(received="2024-10-01", channel="postal"), f"received_direct {still_open}"),
    )


def test_received_from_the_first_day_of_p_to_d() -> None:
    still_open = "total open open_no_due"
    expect_columns(
        day_before=(case(received="2024-09-14T23:59:00", channel="online"), f"carried_over {still_open}"),
        first_day=(case(received="2024-09-15T00:00:00", channel="online"), f"received_online {still_open}"),
        as_of_day=(case(received="2024-12-14T23:59:00", channel="online"), f"received_online {still_open}"),
        day_after_d=(case(received="2024-12-15T00:00:00", channel="online"), ""),
    )


def test_carried_over_is_received_before_p_and_not_finished_before_p() -> None:
    finished = "carried_over total finished finished_no_due"
    expect_columns(
        finished_the_day_before_p=(case(received="2024-09-01", finished="2024-09-14T17:00:00"), ""),
        finished_on_the_first_day=(case(received="2024-09-01", finished="2024-09-15T00:00:00"), finished),
        finished_on_d=(case(received="2020-01-01", finished="2024-12-14"), finished),
        finished_after_d=(case(received="2020-01-01", finished="2024-12-15"), "carried_over total open open_no_due"),
    )


def test_finished_early_on_time_late_without_due_date() -> None:
    def finished(day: str, due: str | None):
        return case(received="2024-10-01", finished=day, due=due)

    def columns(how: str) -> str:
        return f"received_direct total finished {how}"

    expect_columns(
        day_before=(finished("2024-10-09", "2024-10-10"), columns("early")),
        due_day=(finished("2024-10-10", "2024-10-10"), columns("on_time")),
        due_day_whatever_the_hour=(finished("2024-10-10T17:00:00", "2024-10-10T08:00:00"), columns("on_time")),
        day_after=(finished("2024-10-11", "2024-10-10"), columns("late")),
        due_after_d=(finished("2024-10-11", "2025-01-10"), columns("early")),
        no_due_date=(finished("2024-10-11", None), columns("finished_no_due")),
    )


def test_open_in_time_overdue_without_due_date() -> None:
    def due(day: str | None, finished: str | None = None):
        return case(received="2024-10-01", due=day, finished=finished)

    def columns(how: str) -> str:
        return f"received_direct total open {how}"

    expect_columns(
        due_on_d=(due("2024-12-14"), columns("open_in_time")),
        due_after_d=(due("2024-12-15"), columns("open_in_time")),
        due_the_day_before_d=(due("2024-12-13"), columns("open_overdue")),
        no_due_date=(due(None), columns("open_no_due")),
        finished_on_time_after_d_is_open_in_time=(due("2024-12-14", "2024-12-15"), columns("open_in_time")),
        finished_late_after_d_is_open_overdue=(due("2024-12-13", "2024-12-15"), columns("open_overdue")),
    )


def test_as_of_a_day_inside_the_period() -> None:
    expect_columns(
        Q4_INSIDE,  # D = 30/11
        received_on_d=(case(received="2024-11-30"), "received_direct total open open_no_due"),
        received_after_d=(case(received="2024-12-01"), ""),
        finished_after_d=(
            case(received="2024-10-01", due="2024-12-05", finished="2024-12-05"),
            "received_direct total open open_in_time",
        ),
        due_the_day_before_d=(
            case(received="2024-10-01", due="2024-11-29", finished="2024-12-05"),
            "received_direct total open open_overdue",
        ),
    )


def test_by_calendar_window() -> None:
    expect_columns(
        Q4_CALENDAR,
        received_30_september=(case(received="2024-09-30"), "carried_over total open open_no_due"),
        received_1_october=(case(received="2024-10-01"), "received_direct total open open_no_due"),
        received_31_december=(case(received="2024-12-31"), "received_direct total open open_no_due"),
    )


def test_a_row_a_combination_that_occurs_and_all_margins() -> None:
    fields = [procedure("P1", field="F1"), procedure("P2", field="F2"), procedure("P3", field="F3")]
    rows = [
        case(received="2024-10-01", procedure="P1", unit="U1"),
        case(received="2024-10-01", procedure="P1", unit="U1", channel="online"),
        case(received="2024-10-01", procedure="P2", unit="U1"),
        case(received="2024-10-01", procedure="P1", unit="U2"),
        case(received="2024-09-01", procedure="P3", unit="U3", finished="2024-09-02"),  # not of this period
    ]
    table = balance(*fields, *rows)
    totals = {(r["unit_code"], r["field"]): r["total"] for r in table.rows(named=True)}
    assert totals == {
        ("U1", "F1"): 2,
        ("U1", "F2"): 1,
        ("U2", "F1"): 1,
        ("U1", None): 3,
        ("U2", None): 1,
        (None, "F1"): 3,
        (None, "F2"): 1,
        (None, None): 4,
    }


def test_a_case_is_of_its_own_unit_and_its_procedures_field() -> None:
    table = balance(procedure("P1", field="F1", unit="owner"), case(received="2024-10-01", unit="counter"))
    assert cell(table, "counter", "F1")["total"] == 1
    assert cell(table, "counter", None)["total"] == 1
    assert table.filter(pl.col("unit_code") == "owner").is_empty()


def test_the_order_of_lines_is_fixed_with_margins_before_their_parts() -> None:
    rows = [case(received="2024-10-01", unit=u, procedure=p) for u in ("U2", "U1") for p in ("P2", "P1")]
    table = balance(procedure("P1", field="F1"), procedure("P2", field="F2"), *rows)
    lines = table.select("unit_code", "field").rows()
    assert lines == [(u, f) for u in (None, "U1", "U2") for f in (None, "F1", "F2")]


def test_without_cases_there_is_no_balance() -> None:
    results = run(P1)
    assert results.case_balance.is_empty()
    assert results.notes.filter(pl.col("indicator") == "case_balance")["table"].to_list() == ["cases"]


def test_without_procedures_the_margins_of_units_and_the_whole_remain() -> None:
    results = run(case(received="2024-10-01"))
    assert results.case_balance.select("unit_code", "field", "total").rows() == [(None, None, 1), ("U1", None, 1)]
    notes = results.notes.filter(pl.col("indicator") == "case_balance")
    assert set(notes["table"]) == {"procedures"}


def test_a_balance_that_does_not_close_names_the_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.conditions
    monkeypatch.setattr(module, "conditions", lambda t: real(t) | {"late": pl.lit(False)})
    rows = [
        case(id="H-LATE", received="2024-10-01", due="2024-10-10", finished="2024-10-11"),
        case(id="H-EARLY", received="2024-10-01", due="2024-10-10", finished="2024-10-09"),
    ]
    with pytest.raises(BalanceError, match="H-LATE") as error:
        balance(P1, *rows)
    assert "H-EARLY" not in str(error.value)


# --------------------------------------------------------------------------------------------------------- identities

DAYS = ["2024-06-01", "2024-09-14", "2024-09-15", "2024-10-10", "2024-11-30", "2024-12-14", "2024-12-15", "2025-01-10"]
CASES = st.builds(
    lambda dates, due, channel, unit, code, is_open: case(
        received=min(dates),
        finished=None if is_open else max(dates),
        due=due,
        channel=channel,
        unit=unit,
        procedure=code,
    ),
    st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)),
    st.none() | st.sampled_from(DAYS),
    st.sampled_from(["online", "in_person", "postal"]),
    st.sampled_from(["U1", "U2", "U3"]),
    st.sampled_from(["P1", "P2", "P3"]),
    st.booleans(),
)
FIELDS = [procedure("P1", field="F1"), procedure("P2", field="F1"), procedure("P3", field="F2")]


@settings(max_examples=40)
@given(st.lists(CASES, min_size=1, max_size=20), st.sampled_from([Q4, Q4_INSIDE, Q4_CALENDAR]))
def test_identities_hold_whatever_the_cases(rows: list[Row], frame: Timeframe) -> None:
    table = balance(*FIELDS, *rows, frame=frame)
    for r in table.rows(named=True):
        assert r["total"] == r["received_online"] + r["received_direct"] + r["carried_over"]
        assert r["total"] == r["finished"] + r["open"]
        assert r["finished"] == r["early"] + r["on_time"] + r["late"] + r["finished_no_due"]
        assert r["open"] == r["open_in_time"] + r["open_overdue"] + r["open_no_due"]
    whole = cell(table, None, None)
    inner, unit, field = pl.col("unit_code"), pl.col("unit_code"), pl.col("field")
    for part in (
        table.filter(inner.is_not_null(), field.is_not_null()),
        table.filter(unit.is_not_null(), field.is_null()),
        table.filter(unit.is_null(), field.is_not_null()),
    ):
        assert {c: part[c].sum() for c in COUNTS} == whole
