"""First and last day of each indicator's window, and the day outside each.

P is the period's window up to the as-of day D, Y is 1 January of the plan year to D. The official window of a year
begins on 15/12 of the year before; Y does not.
"""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from handmade import (
    Q4,
    Q4_CALENDAR,
    Q4_INSIDE,
    YEAR,
    YEAR_END,
    Row,
    case,
    deliverable,
    document,
    event,
    expect,
    feedback,
    figure,
    hit,
    initiative,
    inspection,
    out,
    plan,
    procedure,
    task,
    timeframe,
    work_file,
)

from chiso.worktime import Timeframe

# Frame -> first and last day of P, first and last day of Y (D), each as written in the plan's rules.
P = {
    "quarter": (Q4, "2024-09-15", "2024-12-14"),
    "quarter, as of 30/11": (Q4_INSIDE, "2024-09-15", "2024-11-30"),
    "quarter by calendar": (Q4_CALENDAR, "2024-10-01", "2024-12-31"),
    "year": (YEAR, "2023-12-15", "2024-12-14"),
    "month": (timeframe("2024-03"), "2024-02-15", "2024-03-14"),
    "week": (timeframe("2024-W07"), "2024-02-12", "2024-02-18"),
}
Y = {
    "quarter": (Q4, "2024-01-01", "2024-12-14"),
    "quarter, as of 30/11": (Q4_INSIDE, "2024-01-01", "2024-11-30"),
    "year: not from 15/12 of the year before": (YEAR, "2024-01-01", "2024-12-14"),
    "year by calendar": (YEAR_END, "2024-01-01", "2024-12-31"),
}


def before(day: date, days: int) -> str:
    return str(day - timedelta(days=days))


def received(**values: object) -> Callable[[date], Row]:
    return lambda day: case(received=str(day), **values)


def finished(**values: object) -> Callable[[date], Row]:
    return lambda day: case(received="2023-11-01", due="2025-01-31", finished=str(day), **values)


#: What makes a row that fulfils the numerator and lies in the window by the given day alone.
IN_PERIOD: dict[str, Callable[[date], Row]] = {
    "A.I.2": lambda day: deliverable("A.I.2", due=str(day), done="2023-11-01", evidence="1/BC"),
    "A.I.3": received(channel="online"),
    "A.II.1a": finished(supplement_requests=1),
    "A.II.1b": finished(outcome="refused"),
    "A.III.1": lambda day: feedback("conduct", received=str(day)),
    "A.IV.1a": finished(),
    "A.IV.1b": finished(),
    "A.IV.1c": finished(visits=3),
    "A.V.1b": lambda day: feedback(
        "other", received="2023-11-01", due=str(day), answered="2023-11-02", informed="2023-11-02"
    ),
    "B.III.2": lambda day: procedure(announced_on=before(day, 30), workflow_submitted_on=str(before(day, 30))),
    "B.III.3": lambda day: procedure(process_approved_on=before(day, 3), onestop_requested_on=before(day, 3)),
    "B.III.4b": received(progress_published=True),
    "B.III.4c": finished(result_published=True),
    "B.III.6a": finished(supplement_requests=1, supplement_forms=1),
    "B.III.6b": finished(supplement_requests=0),
    "B.III.6c": finished(outcome="refused", refusal_form=True),
    # A case becomes late on the day after it was due.
    "B.III.6d": lambda day: case(received="2023-11-01", due=before(day, 1), apology_forms=1),
    "B.III.7a": finished(outcome="granted", result_electronic=True),
    "B.III.7b": received(digitised=True),
    "B.III.7c": received(data_reused=True),
    "B.III.8": finished(),
    "B.III.10a": lambda day: feedback("regulation", received="2023-11-01", due=str(day), answered="2023-11-02"),
    "B.V.6": lambda day: event("record_change", on="2023-11-01", due=str(day), done="2023-11-01"),
    "B.VII.2a": lambda day: document("incoming", str(day), digitised=True, processed_online=True),
    "B.VII.2b": lambda day: document("outgoing", str(day), approved_online=True),
    "B.VII.2c": lambda day: document("outgoing", str(day), signed_digitally=True),
    "B.VII.3": lambda day: work_file(str(day), electronic=True),
    "B.VII.4a": received(channel="online", procedure="online"),
    "B.VII.4b": received(channel="online", procedure="online"),
    "B.VII.4c": received(paid_online=True, procedure="fee"),
    "B.VII.4d": received(paid_online=True, procedure="fee"),
}


def due_item(item: str) -> Callable[[date], Row]:
    return lambda day: deliverable(item, due=str(day), done="2023-11-01", evidence="1/BC")


IN_YEAR: dict[str, Callable[[date], Row]] = {
    "A.II.1c": lambda day: procedure(simplification_proposed_on=str(day)),
    "A.III.2": lambda day: inspection("discipline", planned=str(day), inspected="2023-11-01"),
    "B.I.4": due_item("B.I.4"),
    "B.I.5a": lambda day: task(assigned="2023-11-01", due=str(day), completed="2023-11-02", result_attached=True),
    "B.I.5b": lambda day: task(assigned="2023-11-01", due=str(day), completed="2023-11-02"),
    "B.I.6": lambda day: initiative(recognised=str(day)),
    "B.I.7": due_item("B.I.7"),
    "B.II.1": due_item("B.II.1"),
    "B.III.1": lambda day: procedure(central_decision_on=before(day, 20), proposal_submitted_on=before(day, 20)),
    "B.III.11": due_item("B.III.11"),
    "B.IV.3": due_item("B.IV.3"),
    "B.IV.5a": lambda day: inspection("decentralisation", planned=str(day), inspected="2023-11-01"),
    "B.IV.5b": lambda day: inspection("decentralisation", inspected=str(day), findings=1, findings_resolved=1),
    "B.V.1": lambda day: event("appointment", on="2023-11-01", due=str(day), done="2023-11-02", compliant=True),
    "B.V.3": lambda day: event("training", on="2023-11-01", due=str(day), done="2023-11-02"),
    "B.V.4": lambda day: event("discipline", on=str(day)),
    "B.VI.1": due_item("B.VI.1"),
}
GIVEN = [procedure("online", online_level="full"), procedure("fee", has_fee=True), procedure("P1")]

#: Windows tested elsewhere: the whole plan year (test_deliverables), a state on the as-of day and budget years
#: (the components), working days (test_access, test_procedures), a count that needs a late case (test_direction),
#: and the indices (test_survey, test_service_quality).
ELSEWHERE = {"A.I.1", "B.III.10b", "B.I.2a", "B.I.5c", "B.III.9", "sipas"} | {
    i.id for i in plan().indicators if i.window in ("year", "as_of", "budget_year") or i.id.endswith(".index")
}
#: Three rows of one online procedure are one procedure for the department.
DISTINCT = {"B.VII.4b", "B.VII.4c"}


def test_every_indicator_is_here_or_elsewhere() -> None:
    assert IN_PERIOD.keys() | IN_YEAR.keys() | ELSEWHERE == {i.id for i in plan().indicators}
    assert not ELSEWHERE & (IN_PERIOD.keys() | IN_YEAR.keys())


def boundaries(indicator: str, make: Callable[[date], Row], frame: Timeframe, first: str, last: str) -> None:
    opening, closing, day = date.fromisoformat(first), date.fromisoformat(last), timedelta(days=1)
    expect(
        indicator,
        frame,
        given=GIVEN if make(opening).table == "cases" else (),
        additive=indicator not in DISTINCT,
        day_before_the_first=out(make(opening - day)),
        first_day=hit(make(opening)),
        last_day=hit(make(closing)),
        day_after_the_last=out(make(closing + day)),
    )


@pytest.mark.parametrize("window", P)
@pytest.mark.parametrize("indicator", IN_PERIOD)
def test_first_and_last_day_of_p(indicator: str, window: str) -> None:
    boundaries(indicator, IN_PERIOD[indicator], *P[window])


@pytest.mark.parametrize("window", Y)
@pytest.mark.parametrize("indicator", IN_YEAR)
def test_first_and_last_day_of_y(indicator: str, window: str) -> None:
    boundaries(indicator, IN_YEAR[indicator], *Y[window])


@pytest.mark.parametrize("indicator", [i for i in IN_PERIOD if IN_PERIOD[i](date(2024, 10, 1)).table == "cases"])
def test_the_time_of_day_moves_no_boundary(indicator: str) -> None:
    """Dates, never timestamps: 23:59 on the last day is inside, 00:00 on the next is not."""

    def at(day: str, time: str) -> Row:
        row = IN_PERIOD[indicator](date.fromisoformat(day))
        moved = "due_at" if indicator == "B.III.6d" else "finished_at" if "finished_at" in row.values else "received_at"
        return Row(row.table, row.values | {moved: f"{row.values[moved]}T{time}"})

    expect(
        indicator,
        given=GIVEN,
        additive=indicator not in DISTINCT,
        end_of_the_day_before=out(at("2024-09-14", "23:59:59")),
        midnight_of_the_first_day=hit(at("2024-09-15", "00:00:00")),
        end_of_the_last_day=hit(at("2024-12-14", "23:59:59")),
        midnight_of_the_day_after=out(at("2024-12-15", "00:00:00")),
    )


@pytest.mark.parametrize(("indicator", "window"), [(i.id, i.window) for i in plan().indicators])
def test_window_dates_of_the_result_row(indicator: str, window: str) -> None:
    """The window printed beside a figure: P and Y end at D; a whole year is a whole year."""
    row = figure(indicator, frame=Q4_INSIDE)
    first, last = {
        "period": ("2024-09-15", "2024-11-30"),
        "year_to_date": ("2024-01-01", "2024-11-30"),
        "year": ("2024-01-01", "2024-12-31"),
        "budget_year": ("2024-01-01", "2024-11-30"),
        "as_of": ("2024-11-30", "2024-11-30"),
    }[window]
    assert (str(row["window_start"]), str(row["window_end"]), str(row["as_of"])) == (first, last, "2024-11-30")
