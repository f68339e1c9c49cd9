"""A.I – access to services."""

from handmade import (
    Q4,
    case,
    expect,
    figure,
    hit,
    miss,
    out,
    procedure,
    timeframe,
)

Q1 = timeframe("2024-Q1")  # P = 15/12/2023-14/03/2024
Q2 = timeframe("2024-Q2")  # P = 15/03/2024-14/06/2024


def approved(day: str, requested: str | None = None):
    return procedure(process_approved_on=day, portal_requested_on=requested)


def test_portal_request_within_three_working_days() -> None:
    # Approved on Thursday 12/9: Friday 13, Monday 16, Tuesday 17 is the last allowed day.
    expect(
        "A.I.1",
        on_the_third_working_day=hit(approved("2024-09-12", "2024-09-17")),
        on_the_day_of_approval=hit(approved("2024-09-12", "2024-09-12")),
        on_the_fourth_working_day=miss(approved("2024-09-12", "2024-09-18")),
        never=miss(approved("2024-09-12")),
        process_not_approved=out(procedure(portal_requested_on="2024-10-01")),
    )


def test_portal_request_counts_in_the_period_of_its_due_date() -> None:
    # P is 15/9 (a Sunday) to 14/12 (a Saturday), so the due dates next to its ends are working days.
    expect(
        "A.I.1",
        Q4,
        due_friday_13_september=out(approved("2024-09-10", "2024-09-11")),
        due_monday_16_september=hit(approved("2024-09-11", "2024-09-12")),
        due_friday_13_december=hit(approved("2024-12-10", "2024-12-13")),
        due_monday_16_december_is_after_d=out(approved("2024-12-11", "2024-12-12")),
    )
    expect(
        "A.I.1",
        timeframe("2024-Q4", as_of="2024-12-12"),
        due_on_the_as_of_day=hit(approved("2024-12-09", "2024-12-12")),
        due_the_day_after=out(approved("2024-12-10", "2024-12-11")),
    )


def test_portal_request_follows_the_vietnamese_calendar() -> None:
    # Approved on Friday 26/4: 27 and 28 weekend, 29 swapped off, 30/4 and 1/5 holidays; Thursday 2, Friday 3 and the
    # worked Saturday 4/5 are the three working days.
    expect(
        "A.I.1",
        Q2,
        on_the_worked_saturday=hit(approved("2024-04-26", "2024-05-04")),
        on_the_sunday_after=miss(approved("2024-04-26", "2024-05-05")),
    )
    # Approved on Tuesday 6/2: Wednesday 7; Tet 8-14/2; Thursday 15 and Friday 16.
    expect(
        "A.I.1",
        Q1,
        after_tet=hit(approved("2024-02-06", "2024-02-16")),
        a_day_later=miss(approved("2024-02-06", "2024-02-17")),
    )


def test_approval_long_before_the_period_is_not_computed() -> None:
    # No deadline of three working days reaches over 31 days; the calendar need not know those years.
    expect(
        "A.I.1",
        before_the_calendar_begins=out(approved("2019-12-30", "2020-01-02")),
        thirty_two_days_before=out(approved("2024-08-14", "2024-08-15")),
        within_the_period=hit(approved("2024-10-01", "2024-10-02")),
    )


def test_event_after_the_as_of_day_reads_as_blank() -> None:
    # Approved after D: there is no approval yet, so nothing is due. (D = 30/11.)
    inside = timeframe("2024-Q4", as_of="2024-11-30")
    expect("A.I.1", inside, approved_after_d=out(approved("2024-12-02", "2024-12-03")))


def test_portal_target_is_all() -> None:
    all_in_time = [approved("2024-10-01", "2024-10-02"), approved("2024-10-01", "2024-10-04")]
    assert figure("A.I.1", *all_in_time)["status"] == "met"
    late = figure("A.I.1", *all_in_time, approved("2024-10-01", "2024-10-07"))
    assert (late["numerator"], late["denominator"], late["status"]) == (2, 3, "not_met")


def test_online_and_postal_cases_need_no_visit() -> None:
    expect(
        "A.I.3",
        online=hit(case(received="2024-10-01", channel="online")),
        by_post=hit(case(received="2024-10-01", channel="postal")),
        at_the_counter=miss(case(received="2024-10-01", channel="in_person")),
        received_before_and_finished_in_the_period=out(
            case(received="2024-09-14", channel="online", finished="2024-10-01")
        ),
    )


def test_cases_without_visit_are_watched_only() -> None:
    row = figure("A.I.3", case(received="2024-10-01", channel="online"))
    assert (row["value"], row["target"], row["comparator"], row["status"]) == (1.0, None, None, None)
