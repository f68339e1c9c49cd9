"""B.V – reform of the civil service (the register items are in test_deliverables)."""

import pytest
from handmade import Q4_INSIDE, event, expect, figure, fraction, hit, miss, noted, out


def test_appointments_compliant_and_on_time() -> None:
    def due(done: str | None, compliant: bool | None = True, kind: str = "appointment", day: str | None = "2024-06-10"):
        return event(kind, due=day, done=done, compliant=compliant)

    expect(
        "B.V.1",
        on_the_due_day=hit(due("2024-06-10")),
        reappointment=hit(due("2024-06-10", kind="reappointment")),
        day_after=miss(due("2024-06-11")),
        not_done=miss(due(None)),
        not_compliant=miss(due("2024-06-10", False)),
        compliance_not_recorded=miss(due("2024-06-10", None)),
        rotation=out(due("2024-06-10", kind="rotation")),
        training=out(due("2024-06-10", kind="training")),
        no_due_date=out(due("2024-06-10", day=None)),
    )
    rows = [due("2024-06-10", day=None), due("2024-06-10", None), due("2024-06-10", day=None, kind="training")]
    assert noted("B.V.1", *rows) == {"no_due": 1, "blank compliant": 1}


def test_training_attended_of_those_called() -> None:
    def due(done: str | None, kind: str = "training", day: str | None = "2024-06-10"):
        return event(kind, due=day, done=done)

    expect(
        "B.V.3",
        attended_in_time=hit(due("2024-06-10")),
        attended_late_counts=hit(due("2024-12-14")),
        attended_after_d=miss(due("2024-12-15")),
        not_attended=miss(due(None)),
        no_due_date=out(due("2024-06-10", day=None)),
        other_kind=out(due("2024-06-10", kind="rotation")),
    )


@pytest.mark.parametrize(("indicator", "kind"), [("B.V.1", "appointment"), ("B.V.3", "training")])
def test_event_after_d_is_not_there(indicator: str, kind: str) -> None:
    row = event(kind, on="2024-12-01", due="2024-11-30", done="2024-11-29", compliant=True)
    expect(indicator, Q4_INSIDE, on_1_december=out(row))


def test_disciplined_officials_count_once_each() -> None:
    def punished(staff: str | None, unit: str = "U1", **values: object):
        return event("discipline", on="2024-06-10", staff=staff, unit=unit, **values)

    assert fraction("B.V.4", punished("S1"), punished("S1"), punished("S2")) == (2, None)
    # A blank name may be anyone: each blank one counts.
    assert fraction("B.V.4", punished("S1"), punished(None), punished(None)) == (3, None)
    # Whatever the level, written or not.
    assert fraction("B.V.4", punished("S1", level="Khiển trách"), punished("S2")) == (2, None)
    other = event("rotation", on="2024-06-10", staff="S9")
    assert fraction("B.V.4", punished("S1"), other) == (1, None)


def test_the_department_counts_a_person_of_two_units_once() -> None:
    rows = [event("discipline", on="2024-06-10", staff="S1", unit=u) for u in ("U1", "U2")]
    assert fraction("B.V.4", *rows) == (1, None)
    assert [fraction("B.V.4", *rows, unit=u) for u in ("U1", "U2")] == [(1, None), (1, None)]


def test_nobody_disciplined_meets_the_target() -> None:
    other = event("rotation", on="2024-06-10")
    found = figure("B.V.4", other)
    assert (found["value"], found["status"], found["attainment"]) == (0, "met", 1.0)
    found = figure("B.V.4", other, event("discipline", on="2024-06-10"))
    assert (found["value"], found["status"], found["attainment"]) == (1, "not_met", 0.0)


def test_staff_records_updated_within_5_days() -> None:
    def change(done: str | None, on: str = "2024-10-04", due: str | None = None, kind: str = "record_change"):
        return event(kind, on=on, due=due, done=done)

    # Friday 4/10 + 5 calendar days = Wednesday 9/10.
    expect(
        "B.V.6",
        on_the_fifth_day=hit(change("2024-10-09")),
        on_the_sixth_day=miss(change("2024-10-10")),
        never=miss(change(None)),
        own_due_date_is_the_truth=hit(change("2024-10-20", due="2024-10-20")),
        own_earlier_due_date_too=miss(change("2024-10-06", due="2024-10-05")),
        changed_9_september_due_on_the_14th=out(change("2024-09-10", on="2024-09-09")),
        changed_10_september_due_on_the_15th=hit(change("2024-09-15", on="2024-09-10")),
        changed_9_december_due_on_d=hit(change("2024-12-14", on="2024-12-09")),
        changed_10_december_due_after_d=out(change("2024-12-10", on="2024-12-10")),
        own_date_in_p_of_a_change_long_before=hit(change("2024-09-15", on="2024-01-01", due="2024-09-15")),
        appointment=out(change("2024-10-09", kind="appointment")),
    )
