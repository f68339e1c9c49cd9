"""B.I – direction of the reform (the register items are in test_deliverables)."""

import pytest
from handmade import (
    Q4,
    Q4_INSIDE,
    YEAR_END,
    expect,
    figure,
    fraction,
    hit,
    initiative,
    inspection,
    miss,
    out,
    run,
    task,
    timeframe,
    unit,
)


def par(code: str, inspected: str | None, planned: str = "2024-05-02"):
    return inspection("par", unit=code, planned=planned, inspected=inspected)


# ------------------------------------------------------------------------------------------------ B.I.2a inspections


def test_active_units_with_a_reform_inspection_held_in_the_year() -> None:
    expect(
        "B.I.2a",
        given=[
            par("first_day_of_the_year", "2024-01-01"),
            par("as_of_day", "2024-12-14"),
            par("twice_counts_once", "2024-03-01"),
            par("twice_counts_once", "2024-06-01"),
            par("planned_the_year_before", "2024-01-02", planned="2023-12-20"),
            par("held_the_year_before", "2023-12-31"),
            par("held_after_d", "2024-12-15"),
            par("only_planned", None),
            inspection("discipline", unit="of_another_kind", inspected="2024-05-02"),
        ],
        first_day_of_the_year=hit(unit("…")),
        as_of_day=hit(unit("…")),
        twice_counts_once=hit(unit("…")),
        planned_the_year_before=hit(unit("…")),
        held_the_year_before=miss(unit("…")),
        held_after_d=miss(unit("…")),
        only_planned=miss(unit("…")),
        of_another_kind=miss(unit("…")),
        never=miss(unit("…")),
    )


def test_inspected_units_count_while_active_on_the_as_of_day() -> None:
    days = ("always", "from_d", "from_the_day_after_d", "until_d", "until_the_day_before_d")
    expect(
        "B.I.2a",
        given=[par(name, "2024-05-02") for name in days],
        always=hit(unit("…")),
        from_d=hit(unit("…", active_from="2024-12-14")),
        from_the_day_after_d=out(unit("…", active_from="2024-12-15")),
        until_d=hit(unit("…", active_to="2024-12-14")),
        until_the_day_before_d=out(unit("…", active_to="2024-12-13")),
    )


def test_two_of_five_units_meet_forty_percent_and_units_have_no_target() -> None:
    rows = [*(unit(f"U{i}") for i in range(1, 6)), par("U1", "2024-05-02"), par("U2", "2024-05-02")]
    found = figure("B.I.2a", *rows)
    assert (found["numerator"], found["denominator"], found["value"], found["status"]) == (2, 5, 0.4, "met")
    of_unit = figure("B.I.2a", *rows, unit="U3")
    assert (of_unit["numerator"], of_unit["denominator"]) == (0, 1)
    assert [of_unit[c] for c in ("target", "comparator", "status", "attainment")] == [None] * 4


def test_too_few_inspections_are_pending_until_31_december() -> None:
    rows = [*(unit(f"U{i}") for i in range(1, 6)), par("U1", "2024-05-02")]
    assert figure("B.I.2a", *rows)["status"] == "pending"  # D = 14/12
    assert figure("B.I.2a", *rows, frame=YEAR_END)["status"] == "not_met"  # D = 31/12, the deadline itself


def test_no_inspections_table_is_no_data() -> None:
    row = figure("B.I.2a", unit("U1"))
    assert (row["numerator"], row["denominator"], row["status"]) == (0, 0, "no_data")


# -------------------------------------------------------------------------------------------------- B.I.5 the tasks


def due(completed: str | None = None, day: str = "2024-06-10", **values: object):
    return task(due=day, completed=completed, **values)


def test_tasks_completed_with_the_result_attached() -> None:
    expect(
        "B.I.5a",
        in_time=hit(due("2024-06-10", result_attached=True)),
        late_but_completed=hit(due("2024-12-14", result_attached=True)),
        completed_after_d=miss(due("2024-12-15", result_attached=True)),
        without_result=miss(due("2024-06-10", result_attached=False)),
        result_not_recorded=miss(due("2024-06-10", result_attached=None)),
        result_attached_but_open=miss(due(None, result_attached=True)),
        assigned_by_the_department=out(due("2024-06-10", result_attached=True, assigned_by="department")),
    )


def test_tasks_completed_early() -> None:
    expect(
        "B.I.5b",
        day_before=hit(due("2024-06-09")),
        without_result_attached_too=hit(due("2024-06-09", result_attached=False)),
        due_day_is_not_early=miss(due("2024-06-10")),
        day_after=miss(due("2024-06-11")),
        open=miss(due()),
        assigned_by_the_department=out(due("2024-06-09", assigned_by="department")),
        early_but_due_after_d=out(due("2024-06-09", day="2024-12-15")),
    )


def test_tasks_late() -> None:
    expect(
        "B.I.5c",
        completed_the_day_after=hit(due("2024-06-11")),
        open_and_overdue=hit(due()),
        due_the_day_before_d_and_open=hit(due(day="2024-12-13")),
        completed_after_d_is_open_on_d=hit(due("2024-12-15")),
        due_in_the_first_days_of_the_year=hit(due("2024-01-02", day="2024-01-01")),
        completed_on_the_due_day=out(due("2024-06-10")),
        due_on_d_and_open_is_not_overdue=out(due(day="2024-12-14")),
        due_after_d=out(due(day="2024-12-15")),
        due_the_year_before=out(due(day="2023-12-31")),
        assigned_by_the_department=out(due(assigned_by="department")),
    )


def test_due_on_d_and_completed_after_d_is_in_the_denominator_but_not_late() -> None:
    # D = 30/11: what happens on 1/12 is not known on D.
    row = due("2024-12-01", day="2024-11-30", result_attached=True)
    expect("B.I.5a", Q4_INSIDE, open_on_d=miss(row))
    expect("B.I.5c", Q4_INSIDE, open_on_d=out(row))


@pytest.mark.parametrize("indicator", ["B.I.5a", "B.I.5b"])
def test_task_assigned_after_d_is_not_there(indicator: str) -> None:
    frame = timeframe("2024-Q4", as_of="2024-11-30")
    row = task(assigned="2024-12-01", due="2024-11-29", completed="2024-11-01", result_attached=True)
    expect(indicator, frame, assigned_after_d=out(row))


def test_three_early_tasks_of_ten_meet_thirty_percent() -> None:
    ten = [due("2024-06-09")] * 3 + [due("2024-06-10")] * 7
    assert figure("B.I.5b", *ten)["status"] == "met"
    assert figure("B.I.5b", *ten, due("2024-06-10"))["status"] == "not_met"  # 3/11


def test_one_late_task_misses_the_target_of_none() -> None:
    found = figure("B.I.5c", due("2024-06-10"))
    assert (found["value"], found["status"], found["attainment"]) == (0, "met", 1.0)
    found = figure("B.I.5c", due("2024-06-11"))
    assert (found["value"], found["status"], found["attainment"]) == (1, "not_met", 0.0)


# --------------------------------------------------------------------------------------------------- B.I.6 initiatives


def test_recognised_initiatives() -> None:
    expect(
        "B.I.6",
        recognised=hit(initiative(applied="2024-03-01", recognised="2024-06-01")),
        applied_the_year_before=hit(initiative(applied="2023-11-01", recognised="2024-06-01")),
        only_applied=out(initiative(applied="2024-03-01")),
    )


def test_two_initiatives_are_enough_and_one_is_pending_until_31_december() -> None:
    one, two = initiative(recognised="2024-06-01"), initiative(recognised="2024-06-02")
    assert fraction("B.I.6", one, two) == (2, None)
    assert figure("B.I.6", one, two)["status"] == "met"
    found = figure("B.I.6", one)
    assert (found["status"], found["attainment"]) == ("pending", 0.5)
    assert figure("B.I.6", one, frame=YEAR_END)["status"] == "not_met"


def test_initiatives_have_no_target_in_unit_rows() -> None:
    results = run(initiative(recognised="2024-06-01"), unit("U2"), frame=Q4, indicators=["B.I.6"])
    rows = {r["unit_code"]: r for r in results.indicators.rows(named=True)}
    assert rows["U1"]["value"] == 1
    assert rows["U2"]["value"] == 0
    for code in ("U1", "U2"):
        assert [rows[code][c] for c in ("target", "comparator", "status", "attainment")] == [None] * 4
