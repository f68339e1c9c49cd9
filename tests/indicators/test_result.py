"""A.IV – results and pace of settlement; B.III.8 is the same rule as A.IV.1a."""

import pytest
from handmade import Q4_INSIDE, case, expect, figure, hit, miss, noted, out


def finished(day: str, due: str | None = "2024-10-10", **values: object):
    return case(due=due, finished=day, **values)


@pytest.mark.parametrize("indicator", ["A.IV.1a", "B.III.8"])
def test_on_time_is_on_or_before_the_due_date(indicator: str) -> None:
    expect(
        indicator,
        day_before=hit(finished("2024-10-09")),
        due_day=hit(finished("2024-10-10")),
        day_after=miss(finished("2024-10-11")),
        without_due_date_leaves_the_share=out(finished("2024-10-11", due=None)),
        overdue_and_open_is_not_here=out(case(due="2024-10-10")),
    )


@pytest.mark.parametrize("indicator", ["A.IV.1a", "B.III.8"])
def test_on_time_compares_dates_not_hours(indicator: str) -> None:
    expect(
        indicator,
        later_hour_of_the_due_day=hit(finished("2024-10-10T17:30:00", due="2024-10-10T08:00:00")),
        first_minute_of_the_next_day=miss(finished("2024-10-11T00:00:00", due="2024-10-10T23:59:59")),
    )


@pytest.mark.parametrize("indicator", ["A.IV.1a", "B.III.8"])
def test_every_outcome_counts_as_finished(indicator: str) -> None:
    expect(
        indicator,
        granted=hit(finished("2024-10-10", outcome="granted")),
        refused=hit(finished("2024-10-10", outcome="refused")),
        withdrawn=hit(finished("2024-10-10", outcome="withdrawn")),
        not_recorded=hit(finished("2024-10-10", outcome=None)),
    )


@pytest.mark.parametrize("indicator", ["A.IV.1a", "B.III.8"])
def test_finished_in_p_whatever_the_due_date(indicator: str) -> None:
    expect(
        indicator,
        due_after_d=hit(finished("2024-10-10", due="2025-03-01")),
        due_long_before=miss(finished("2024-10-10", due="2023-01-01")),
        finished_early_before_the_period=out(finished("2024-09-14", due="2024-10-10")),
    )


@pytest.mark.parametrize("indicator", ["A.IV.1a", "B.III.8"])
def test_finished_after_the_as_of_day_is_not_finished(indicator: str) -> None:
    expect(
        indicator,
        Q4_INSIDE,
        on_d=hit(finished("2024-11-30", due="2024-12-01")),
        after_d_within_the_quarter=out(finished("2024-12-01", due="2024-12-01")),
    )


def test_early_is_before_the_due_date() -> None:
    expect(
        "A.IV.1b",
        day_before=hit(finished("2024-10-09")),
        due_day_is_on_time_not_early=miss(finished("2024-10-10")),
        earlier_hour_of_the_due_day_is_not_early=miss(finished("2024-10-10T08:00:00", due="2024-10-10T17:00:00")),
        late=miss(finished("2024-10-11")),
        without_due_date=out(finished("2024-10-09", due=None)),
    )


def test_more_than_two_visits() -> None:
    expect(
        "A.IV.1c",
        three=hit(finished("2024-10-10", visits=3)),
        two=miss(finished("2024-10-10", visits=2)),
        none=miss(finished("2024-10-10", visits=0)),
        not_recorded=miss(finished("2024-10-10", visits=None)),
        without_due_date_still_counts=hit(finished("2024-10-10", due=None, visits=3)),
        open=out(case(visits=3)),
    )


def test_only_cases_without_due_date_is_no_data() -> None:
    row = figure("B.III.8", finished("2024-10-10", due=None))
    assert (row["numerator"], row["denominator"], row["value"], row["status"]) == (0, 0, None, "no_data")


@pytest.mark.parametrize("indicator", ["A.IV.1a", "A.IV.1b", "B.III.8"])
def test_cases_without_due_date_are_counted_apart(indicator: str) -> None:
    rows = [
        finished("2024-10-10", due=None),
        finished("2024-10-11", due=None),
        finished("2024-10-10"),
        finished("2024-09-14", due=None),  # not of the period: not left out of it either
    ]
    assert noted(indicator, *rows) == {"no_due": 2}
