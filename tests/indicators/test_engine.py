"""The engine as a whole: units, missing data, the as-of day, order of rows, sums."""

from datetime import date
from functools import cache
from typing import Any

import polars as pl
import pytest
from handmade import (
    Q1,
    Q4,
    Q4_INSIDE,
    Row,
    answer,
    budget,
    case,
    deliverable,
    document,
    event,
    feedback,
    figure,
    initiative,
    inspection,
    line,
    plan,
    procedure,
    run,
    stratum,
    task,
    timeframe,
    unit,
    work_file,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from chiso.indicators import Results

COUNTS = {"A.II.1c", "A.III.1", "B.I.5c", "B.I.6", "B.III.8b", "B.V.4"}


# ------------------------------------------------------------------------------------------------- shape of the result


def test_result_table_has_the_columns_of_the_specification() -> None:
    assert dict(run().indicators.schema) == {
        "indicator": pl.String,
        "plan_item": pl.String,
        "component": pl.String,
        "unit_code": pl.String,
        "numerator": pl.Float64,
        "denominator": pl.Float64,
        "value": pl.Float64,
        "measure": pl.String,
        "comparator": pl.String,
        "target": pl.Float64,
        "status": pl.String,
        "attainment": pl.Float64,
        "window": pl.String,
        "window_start": pl.Date,
        "window_end": pl.Date,
        "as_of": pl.Date,
        "deadline": pl.Date,
        "verified": pl.Boolean,
    }


def test_one_row_an_indicator_and_unit_in_the_plans_order() -> None:
    results = run(unit("U2"), unit("U1"))
    ids = [i.id for i in plan().indicators]
    assert results.indicators.select("indicator", "unit_code").rows() == [
        (i, u) for i in ids for u in (None, "U1", "U2")
    ]


# --------------------------------------------------------------------------------------------------------- no data


def test_without_any_table_everything_is_no_data_and_nothing_fails() -> None:
    results = run()
    assert results.units == ()
    assert not results.failed
    for row in results.indicators.rows(named=True):
        wanted = (0, 0)
        if row["indicator"] in COUNTS:
            wanted = (None, None)  # null is not zero
        elif row["indicator"] == "sipas":
            wanted = (None, 5)
        assert (row["numerator"], row["denominator"], row["value"], row["status"]) == (*wanted, None, "no_data")


def test_a_missing_table_is_named_and_costs_its_indicators_only() -> None:
    results = run(case(received="2024-10-01", finished="2024-10-02", due="2024-10-02"))
    assert line(results, "B.III.8")["status"] == "met"
    assert line(results, "B.VII.4a")["status"] == "no_data"  # needs the procedures too
    notes = results.notes.filter(pl.col("reason") == "missing_table")
    named = {(n["indicator"], n["table"]) for n in notes.rows(named=True)}
    assert ("B.VII.4a", "procedures") in named
    assert ("B.I.2a", "units") in named
    assert ("B.I.2a", "inspections") in named
    assert not {i for i, _ in named} & {"B.III.8", "A.I.3", "B.III.8b"}


@pytest.mark.parametrize(
    ("absent", "lost", "kept"),
    [
        ("cases.due_at", {"A.IV.1a", "A.IV.1b", "B.III.6d", "B.III.8", "B.III.8b"}, {"A.II.1a", "B.III.4c"}),
        ("cases.supplement_requests", {"A.II.1a", "B.III.6a", "B.III.6b"}, {"A.II.1b", "B.III.8"}),
        ("cases.supplement_forms", {"B.III.6a"}, {"B.III.6b", "A.II.1a"}),
        ("cases.visits", {"A.IV.1c"}, {"A.IV.1a"}),
        ("cases.paid_online", {"B.VII.4c", "B.VII.4d"}, {"B.VII.4a", "B.VII.4b"}),
        ("feedback.officer_named", {"A.III.1"}, {"A.V.1b", "B.III.10a"}),
        ("feedback.sender_informed_on", {"A.V.1b"}, {"B.III.10a"}),
        ("feedback.answered_on", {"A.V.1b", "B.III.10a", "B.III.10b"}, {"A.III.1"}),
        ("procedures.process_approved_on", {"A.I.1", "B.III.3"}, {"B.III.2", "B.III.4a"}),
        ("procedures.announced_on", {"B.III.2", "B.III.4a"}, {"B.III.1", "B.III.3"}),
        ("inspections.inspected_on", {"A.III.2", "B.I.2a", "B.IV.5a", "B.IV.5b"}, set()),
        ("inspections.findings", {"B.IV.5b"}, {"B.IV.5a"}),
        ("assigned_tasks.result_attached", {"B.I.5a"}, {"B.I.5b", "B.I.5c"}),
        ("deliverables.evidence", {"B.I.1", "B.I.4", "P.III.2"}, set()),
        ("documents.signed_digitally", {"B.VII.2c"}, {"B.VII.2a", "B.VII.2b"}),
        ("budget.spent_vnd", {"B.VI.3b"}, {"B.VI.4"}),
        ("budget.disbursed_vnd", {"B.VI.4"}, {"B.VI.3b"}),
        ("personnel.compliant", {"B.V.1"}, {"B.V.3", "B.V.4", "B.V.6"}),
        ("initiatives.recognised_on", {"B.I.6"}, set()),
    ],
)
def test_a_missing_column_is_named_and_costs_its_indicators_only(absent: str, lost: set, kept: set) -> None:
    results = run(*everything(), absent=[absent])
    status = {r["indicator"]: r for r in results.indicators.rows(named=True) if r["unit_code"] is None}
    for indicator in lost:
        row, empty = status[indicator], (None, None) if indicator in COUNTS else (0, 0)
        assert (row["numerator"], row["denominator"], row["value"], row["status"]) == (*empty, None, "no_data")
    assert [i for i in kept if status[i]["status"] == "no_data"] == []
    table, column = absent.split(".")
    notes = results.notes.filter(pl.col("reason") == "missing_column").rows(named=True)
    assert {(n["table"], n["column"]) for n in notes} == {(table, column)}
    assert lost <= {n["indicator"] for n in notes}
    assert not kept & {n["indicator"] for n in notes}


@pytest.mark.parametrize("absent", ["deliverables.due_on", "deliverables.period", "deliverables.subtype"])
def test_columns_that_a_rule_stands_in_for_may_be_missing(absent: str) -> None:
    """A column of blank due dates, periods or subtypes is what the catalogue's rules are for."""
    row = deliverable("B.IV.2", done="2024-03-31", evidence="1/TTr")
    results = run(row, absent=[absent], indicators=["B.IV.2"])
    assert (line(results, "B.IV.2")["numerator"], line(results, "B.IV.2")["denominator"]) == (1, 1)


@pytest.mark.parametrize("absent", ["units.active_from", "units.active_to", "procedures.abolished_on"])
def test_columns_of_validity_may_be_missing(absent: str) -> None:
    results = run(unit("U1"), inspection("par", inspected="2024-05-02"), PUBLIC, absent=[absent])
    assert (line(results, "B.I.2a")["numerator"], line(results, "B.I.2a")["denominator"]) == (1, 1)
    assert (line(results, "B.III.4a")["numerator"], line(results, "B.III.4a")["denominator"]) == (1, 1)


def test_a_table_whose_rows_all_lie_after_d_is_there_and_counts_zero() -> None:
    row = figure("A.III.1", feedback("conduct", received="2024-12-15"))
    assert (row["numerator"], row["denominator"], row["value"], row["status"]) == (0, None, 0, None)


# ----------------------------------------------------------------------------------------------------------- units

PUBLIC = procedure("P1", announced_on="2020-01-01", website_published_on="2020-02-01")


def test_units_active_on_any_day_of_p_have_rows() -> None:
    results = run(
        unit("always"),
        unit("until_the_first_day", active_to="2024-09-15"),
        unit("until_the_day_before", active_to="2024-09-14"),
        unit("from_d", active_from="2024-12-14"),
        unit("from_the_day_after", active_from="2024-12-15"),
        unit("one_day_within", active_from="2024-10-01", active_to="2024-10-01"),
        indicators=["B.III.8"],
    )
    assert results.units == ("always", "from_d", "one_day_within", "until_the_first_day")


def test_as_of_day_ends_p_for_units_too() -> None:
    results = run(unit("later", active_from="2024-12-01"), frame=Q4_INSIDE, indicators=["B.III.8"])
    assert results.units == ()


@pytest.mark.parametrize(
    "row",
    [
        case(received="2024-10-01"),
        case(received="2020-01-01", due="2020-02-01"),  # overdue and open on D
        task(due="2024-02-01"),  # counted in Y, long before P
        deliverable("B.I.1"),
        deliverable("B.I.4", plan_year=2023, due="2024-02-01"),
        document("incoming", "2024-10-01"),
        work_file("2024-10-01", electronic=False),
        event("discipline", on="2024-02-01"),
        budget("admin", "L1", "2024-02-01", planned=0, spent=0),
        inspection("discipline", planned="2024-02-01"),
        initiative(recognised="2024-02-01"),
        feedback("other", due="2024-10-01"),
        answer(),  # a response without a valid answer is a row all the same
    ],
    ids=lambda row: row.table,
)
def test_a_closed_unit_of_which_a_figure_counts_a_row_has_rows(row: Row) -> None:
    gone = unit("gone", active_to="2020-12-31")
    assert run(gone, row.of("gone"), procedure("P1")).units == ("gone",)


@pytest.mark.parametrize(
    "row",
    [
        case(received="2024-01-02", finished="2024-01-03"),
        case(received="2024-12-15"),
        task(due="2024-02-01", assigned_by="department"),
        deliverable("B.I.1", plan_year=2023),
        deliverable("B.I.4", due="2024-12-15"),
        document("incoming", "2024-09-14"),
        event("rotation", on="2024-10-01"),
        budget("admin", "L1", "2024-02-01"),  # blank amounts: in neither sum
        initiative(applied="2024-02-01"),
        answer("2024-09-14", access_1=5),
    ],
    ids=lambda row: row.table,
)
def test_a_closed_unit_whose_rows_count_nowhere_has_none(row: Row) -> None:
    gone = unit("gone", active_to="2020-12-31")
    assert run(gone, row.of("gone"), procedure("P1")).units == ()


def test_an_active_unit_without_rows_counts_zero_and_has_no_shares() -> None:
    results = run(*everything(), unit("idle"))
    for row in results.indicators.filter(pl.col("unit_code") == "idle").rows(named=True):
        if row["indicator"] in COUNTS:
            assert (row["numerator"], row["denominator"], row["value"]) == (0, None, 0), row["indicator"]
        elif row["indicator"] == "B.I.2a":  # an active unit, not inspected
            assert (row["numerator"], row["denominator"], row["status"]) == (0, 1, None)
        elif row["indicator"] == "sipas":
            assert (row["numerator"], row["denominator"], row["status"]) == (None, 5, "no_data")
        else:
            assert (row["numerator"], row["denominator"], row["status"]) == (0, 0, "no_data"), row["indicator"]


def test_a_count_without_its_table_is_null_for_units_too() -> None:
    results = run(unit("U1"))
    rows = results.indicators.filter(pl.col("unit_code") == "U1", pl.col("measure") == "count")
    assert set(rows["indicator"]) == COUNTS
    assert rows["numerator"].null_count() == rows.height
    assert set(rows["status"]) == {"no_data"}


# --------------------------------------------------------------------------------------------------------- calendar


def test_a_year_without_calendar_costs_only_the_figures_that_need_it() -> None:
    # P of January 2023 begins on 15/12/2022, and the calendar with 2023.
    rows = [
        procedure(
            process_approved_on="2022-12-20", portal_requested_on="2022-12-21", onestop_requested_on="2022-12-21"
        ),
        feedback("regulation", received="2022-12-20", due="2023-01-05", answered="2023-01-04", published="2023-01-04"),
    ]
    results = run(*rows, frame=timeframe("2023-01"))
    assert results.failed
    errors = results.notes.filter(pl.col("severity") == "error").rows(named=True)
    assert [(e["indicator"], e["reason"]) for e in errors] == [("A.I.1", "calendar")]
    assert "2022" in errors[0]["message"]
    assert line(results, "A.I.1")["status"] == "no_data"
    for indicator in ("B.III.3", "B.III.10a", "B.III.10b"):
        assert (line(results, indicator)["numerator"], line(results, indicator)["denominator"]) == (1, 1), indicator


def test_years_without_calendar_do_not_matter_where_nothing_reaches_them() -> None:
    rows = [procedure(process_approved_on="2020-06-01"), feedback("regulation", answered="2020-06-01")]
    assert not run(*rows, frame=timeframe("2023-01")).failed
    assert not run(*rows, frame=timeframe("2030-Q4")).failed


# ------------------------------------------------------------------------------------------------ generated departments

DAYS = [
    "2023-12-20",
    "2024-01-01",
    "2024-03-13",
    "2024-09-12",
    "2024-09-14",
    "2024-09-15",
    "2024-10-10",
    "2024-11-29",
    "2024-11-30",  # D
    "2024-12-01",
    "2024-12-13",
    "2025-01-10",
]
day, maybe = st.sampled_from(DAYS), st.none() | st.sampled_from(DAYS)
flag = st.sampled_from([True, False, None])
few = st.sampled_from([0, 1, 2, 3, None])
mark = st.sampled_from([1, 3, 4, 5, None])
units = st.sampled_from(["U1", "U2", "U3"])
amount = st.sampled_from([0, 90, 100, None])


def made(make: Any, *positional: Any, **values: Any) -> st.SearchStrategy[Row]:
    """Rows made by ``make`` from drawn values."""
    names = list(values)
    drawn = st.tuples(st.tuples(*positional), st.tuples(*values.values()))
    return drawn.map(lambda d: make(*d[0], **dict(zip(names, d[1], strict=True))))


def possible_case(received: str, finished: str | None, **values: Any) -> Row:
    """A case that import accepts: not finished before it was received."""
    return case(received=received, finished=max(received, finished) if finished else None, **values)


ROWS = st.one_of(
    made(
        possible_case,
        unit=units,
        procedure=st.sampled_from(["P1", "P2"]),
        channel=st.sampled_from(["online", "in_person", "postal"]),
        received=day,
        due=maybe,
        finished=maybe,
        outcome=st.sampled_from(["granted", "refused", "withdrawn", None]),
        supplement_requests=few,
        supplement_forms=few,
        refusal_form=flag,
        apology_forms=few,
        visits=few,
        progress_published=flag,
        result_published=flag,
        paid_online=flag,
        digitised=flag,
        result_electronic=flag,
        data_reused=flag,
    ),
    made(
        procedure,
        unit=units,
        central_decision_on=maybe,
        proposal_submitted_on=maybe,
        announced_on=maybe,
        workflow_submitted_on=maybe,
        process_approved_on=maybe,
        portal_requested_on=maybe,
        onestop_requested_on=maybe,
        website_published_on=maybe,
        simplification_proposed_on=maybe,
        abolished_on=maybe,
    ),
    made(
        feedback,
        st.sampled_from(["regulation", "conduct", "praise", "other"]),
        unit=units,
        officer_named=flag,
        received=day,
        due=maybe,
        answered=maybe,
        informed=maybe,
        published=maybe,
    ),
    made(
        task,
        unit=units,
        assigned_by=st.sampled_from(["province", "department"]),
        assigned=day,
        due=day,
        completed=maybe,
        result_attached=flag,
    ),
    made(
        deliverable,
        st.sampled_from(["A.I.2", "B.I.1", "B.I.4", "B.II.1", "B.III.11", "B.IV.2", "B.VI.1", "III.2"]),
        unit=units,
        plan_year=st.sampled_from([2023, 2024]),
        period=st.sampled_from(["2024-Q1", "2024-Q3", None]),
        subtype=st.sampled_from(["document_review", "ad_hoc", None]),
        due=maybe,
        done=maybe,
        evidence=st.sampled_from(["1/BC", "", None]),
    ),
    made(
        document,
        st.sampled_from(["incoming", "outgoing"]),
        day,
        unit=units,
        digitised=flag,
        processed_online=flag,
        approved_online=flag,
        signed_digitally=flag,
    ),
    made(work_file, day, unit=units, electronic=st.booleans()),
    made(
        event,
        st.sampled_from(["appointment", "training", "discipline", "record_change"]),
        unit=units,
        on=day,
        due=maybe,
        done=maybe,
        compliant=flag,
        staff=st.sampled_from(["S1", "S2", None]),
    ),
    made(
        inspection,
        st.sampled_from(["par", "discipline", "decentralisation"]),
        unit=units,
        planned=day,
        inspected=maybe,
        findings=few,
        findings_resolved=st.sampled_from([0, None]),
    ),
    made(initiative, unit=units, applied=maybe, recognised=maybe),
    made(answer, day, unit=units, access_1=mark, procedure_1=mark, staff_1=mark, result_1=mark, feedback_1=mark),
)
#: Snapshots: the line and its day are the key, and a line's unit and kind stay.
SNAPSHOTS = st.lists(
    st.tuples(st.sampled_from(["L1", "L2", "L3"]), day, amount, amount), unique_by=lambda s: s[:2], max_size=6
).map(
    lambda drawn: [
        budget(
            "admin" if name == "L1" else "investment",
            name,
            on,
            unit=f"U{name[1]}",
            planned=whole,
            spent=part,
            allocated=whole,
            disbursed=part,
        )
        for name, on, whole, part in drawn
    ]
)


@cache
def everything() -> tuple[Row, ...]:
    """One row of every table that counts on its own day, so that no table is missing from a generated department."""
    return (
        unit("U1"),
        unit("U2", active_to="2024-10-31"),
        unit("U3", active_from="2024-12-05"),
        procedure("P1", field="F1", online_level="full", has_fee=True, **ON_THE_WAY),
        procedure("P2", field="F2", online_level="partial"),
        case(received="2024-09-20", due="2024-10-01", finished="2024-09-30", outcome="refused", supplement_requests=1),
        case(received="2024-09-20", due="2024-10-01"),
        answer("2024-10-01", access_1=5),
        stratum("U1", 100),
        stratum("U2", 50),
        stratum("U3", 10),
        feedback("regulation", received="2024-09-20", due="2024-10-10", answered="2024-10-01"),
        task(due="2024-06-01"),
        *(deliverable(item, due="2024-10-01") for item in ("B.I.1", "B.I.4", "III.2")),
        document("incoming", "2024-10-01"),
        document("outgoing", "2024-10-01"),
        work_file("2024-10-01", electronic=True),
        *(event(kind, due="2024-10-01") for kind in ("appointment", "training", "record_change", "discipline")),
        budget("admin", "L8", "2024-06-30", planned=100, spent=80),
        budget("investment", "L9", "2024-06-30", allocated=100, disbursed=80),
        *(inspection(k, inspected="2024-05-02", findings=2) for k in ("par", "discipline", "decentralisation")),
        initiative(recognised="2024-05-02"),
    )


ON_THE_WAY = {
    "central_decision_on": "2024-07-01",
    "announced_on": "2024-09-02",
    "process_approved_on": "2024-10-01",
    "website_published_on": "2024-10-02",
}

departments = st.tuples(st.lists(ROWS, max_size=25), SNAPSHOTS).map(lambda d: [*everything(), *d[0], *d[1]])
D = date(2024, 11, 30)


def same(left: Results, right: Results) -> None:
    for name in ("indicators", "case_balance", "satisfaction", "points"):
        assert_frame_equal(getattr(left, name), getattr(right, name))
    assert (left.units, left.weighting) == (right.units, right.weighting)


#: The date of the row itself, by table, and dates that are read as written, from the specification.
OWN = {
    "cases": "received_at",
    "survey_responses": "answered_on",
    "feedback": "received_on",
    "assigned_tasks": "assigned_on",
    "documents": "registered_on",
    "work_files": "opened_on",
    "personnel": "event_on",
    "budget": "as_of",
}
AS_WRITTEN = {"due_on", "due_at", "planned_on", "active_from", "active_to"}


def as_known_on_d(row: Row) -> Row | None:
    """The row as it stood on D: gone if it came later, later events blank."""
    own = OWN.get(row.table)

    def later(name: str, value: Any) -> bool:
        is_date = name == "as_of" or name.endswith(("_on", "_at", "_from", "_to"))
        return is_date and name not in AS_WRITTEN and value is not None and date.fromisoformat(value[:10]) > D

    if own and later(own, row.values[own]):
        return None
    return Row(row.table, {name: None if later(name, v) else v for name, v in row.values.items()})


@settings(max_examples=20)
@given(departments)
def test_nothing_after_the_as_of_day_changes_a_figure(rows: list[Row]) -> None:
    known = [kept for row in rows if (kept := as_known_on_d(row))]
    same(run(*rows, frame=Q4_INSIDE), run(*known, frame=Q4_INSIDE))


@settings(max_examples=10)
@given(departments, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[Row], random: Any) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    same(run(*rows), run(*shuffled))


@settings(max_examples=10)
@given(departments, st.sampled_from([Q4, Q4_INSIDE, Q1]))
def test_units_add_up_to_the_department(rows: list[Row], frame: Any) -> None:
    """Not the distinct counts, nor the indices; a survey without weights adds up too, but its index does not."""
    table = run(*rows, frame=frame).indicators
    additive = table.filter(pl.col("measure") != "index", ~pl.col("indicator").is_in(["B.V.4", "B.VII.4b", "B.VII.4c"]))
    of_units = pl.col("unit_code").is_not_null()
    sums = [pl.col(c).sum() for c in ("numerator", "denominator")]
    parts = additive.filter(of_units).group_by("indicator", maintain_order=True).agg(sums)
    whole = additive.filter(~of_units).group_by("indicator", maintain_order=True).agg(sums)
    assert_frame_equal(parts, whole)


@settings(max_examples=10)
@given(departments)
def test_a_value_is_its_numerator_over_its_denominator(rows: list[Row]) -> None:
    for row in run(*rows).indicators.rows(named=True):
        n, d, value = row["numerator"], row["denominator"], row["value"]
        if row["indicator"] == "B.III.9":
            assert value is None or 0 <= value <= 100
        elif row["measure"] == "count":
            assert (d, value) == (None, n)
        elif not d or n is None:
            assert (value, row["status"]) == (None, "no_data")
        else:
            assert value == pytest.approx(n / d)
            assert value <= 1 or row["indicator"] == "B.VI.4"  # more disbursed than allocated
            assert value >= 0 or row["indicator"] == "B.VI.3b"  # overspending
        assert (row["status"] == "no_data") == (value is None)
        assert row["attainment"] is None or 0 <= row["attainment"] <= 1
