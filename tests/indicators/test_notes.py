"""What a figure could not use is said once, with its rows; a calendar gap costs only rows that need the calendar."""

import pytest
from handmade import budget, case, feedback, inspection, procedure, run, unit

from chiso.worktime import Period, Timeframe


def notes(results, indicator: str) -> list[tuple]:
    return [tuple(r) for r in results.notes.select("indicator", "reason", "column", "rows").rows() if r[0] == indicator]


def test_a_calendar_gap_of_other_rows_costs_nothing() -> None:
    frame = Timeframe(Period.parse("2023-01"))
    complaint = feedback("conduct", received="2022-12-16", answered="2022-12-20")
    petition = feedback("regulation", received="2023-01-03", answered="2023-01-04", published="2023-01-04")
    results = run(complaint, petition, frame=frame, indicators=["B.III.10b"])
    whole = results.indicators.row(0, named=True)
    assert (whole["numerator"], whole["denominator"], results.failed) == (1, 1, False)
    late = feedback("regulation", received="2022-12-16", answered="2022-12-20")
    results = run(late, petition, frame=frame, indicators=["B.III.10b"])
    assert results.failed
    assert results.indicators["status"].unique().to_list() == ["no_data"]


def test_blanks_that_might_have_counted_are_noted() -> None:
    rows = [
        feedback("other", received="2024-10-01"),
        feedback("other", received="2024-10-01", officer_named=False),
        feedback("praise", received="2024-10-01"),
        feedback("conduct", received="2024-10-01"),
        inspection("decentralisation", inspected="2024-05-02", findings=3),
        inspection("decentralisation", inspected="2024-05-02", findings=3, findings_resolved=0),
    ]
    results = run(*rows)
    assert notes(results, "A.III.1") == [("A.III.1", "blank", "officer_named", 1)]
    assert notes(results, "B.IV.5b") == [("B.IV.5b", "blank", "findings_resolved", 1)]


def test_a_missing_table_is_noted_once_an_indicator() -> None:
    results = run(feedback("other", received="2024-10-01"))
    missing = results.notes.filter(reason="missing_table")
    assert missing.select("indicator", "table").is_unique().all()
    surveyed = {"sipas", *(f"A.{n}.index" for n in ("I", "II", "III", "IV", "V"))}
    assert surveyed <= set(missing.filter(table="survey_responses")["indicator"])


@pytest.mark.parametrize(
    ("absent", "indicator"),
    [
        ("inspections.kind", "B.I.2a"),
        ("inspections.unit_code", "B.I.2a"),
        ("budget.budget_year", "B.VI.4"),
        ("cases.procedure_code", "B.VII.4a"),
    ],
)
def test_a_figure_made_with_a_missing_column_is_no_data_and_says_so(absent: str, indicator: str) -> None:
    rows = [
        unit("U1"),
        inspection("par", inspected="2024-05-02"),
        procedure("P1", online_level="full"),
        case(received="2024-10-01"),
        budget("investment", "L1", "2024-06-30", allocated_vnd=10, disbursed_vnd=9),
    ]
    assert "no_data" not in run(*rows, indicators=[indicator]).indicators.row(0)
    results = run(*rows, absent=[absent], indicators=[indicator])
    assert results.indicators["status"].unique().to_list() == ["no_data"]
    assert results.notes.height
