"""The working calendar: swapped days, holidays, ends of the table, and a cross-check."""

from datetime import date, timedelta

import holidays
import polars as pl
import pytest

from chiso.worktime import CalendarError, WorkCalendar

CALENDAR = WorkCalendar.load()


def test_swapped_days_of_2024() -> None:
    assert not CALENDAR.is_working(date(2024, 4, 29))
    assert CALENDAR.is_working(date(2024, 5, 4))
    assert not CALENDAR.is_working(date(2024, 5, 5))
    # Friday 26/4, then 27/4-1/5 off, 2/5, 3/5, and Saturday 4/5 worked.
    assert CALENDAR.add_working_days(date(2024, 4, 26), 3) == date(2024, 5, 4)


def test_tet_and_the_first_day_not_counted() -> None:
    # Wednesday 7/2/2024: 8-14/2 are Tết.
    assert CALENDAR.add_working_days(date(2024, 2, 7), 1) == date(2024, 2, 15)
    assert CALENDAR.add_working_days(date(2024, 2, 10), 1) == date(2024, 2, 15)


def test_column_agrees_with_scalar_over_all_days() -> None:
    days = [CALENDAR.first + timedelta(days=i) for i in range((CALENDAR.last - CALENDAR.first).days - 10)]
    frame = pl.DataFrame({"d": days}).select(
        "d",
        a=CALENDAR.add_working_days_expr(pl.col("d"), 2),
        b=CALENDAR.add_working_days_expr(pl.col("d"), 3),
    )
    for day, two, three in frame.rows():
        assert two == CALENDAR.add_working_days(day, 2)
        assert three == CALENDAR.add_working_days(day, 3)
        assert CALENDAR.is_working(two)
        assert day < two < three


def test_a_step_by_step_count_agrees() -> None:
    for start in (
        date(2023, 1, 18),
        date(2023, 4, 28),
        date(2024, 12, 30),
        date(2025, 4, 25),
        date(2026, 1, 1),
    ):
        day, left = start, 5
        while left:
            day += timedelta(days=1)
            left -= CALENDAR.is_working(day)
        assert CALENDAR.add_working_days(start, 5) == day


@pytest.mark.parametrize("day", [date(2022, 12, 30), date(2027, 1, 1)])
def test_unconfirmed_year_is_an_error(day: date) -> None:
    with pytest.raises(CalendarError, match=str(day.year)):
        CALENDAR.is_working(day)
    with pytest.raises(CalendarError, match=str(day.year)):
        CALENDAR.require(pl.Series([date(2024, 1, 2), day, None]), 2)


def test_the_eve_of_the_first_year_counts_only_known_days() -> None:
    # Saturday 31/12/2022; 1-2/1/2023 off.
    assert CALENDAR.add_working_days(date(2022, 12, 31), 2) == date(2023, 1, 4)
    frame = pl.DataFrame({"d": [date(2022, 12, 31), date(2022, 12, 30)]})
    assert frame.select(CALENDAR.add_working_days_expr(pl.col("d"), 2)).to_series().to_list() == [
        date(2023, 1, 4),
        None,
    ]
    with pytest.raises(CalendarError, match="2022"):
        CALENDAR.add_working_days(date(2022, 12, 30), 2)


def test_counting_past_the_last_year_is_an_error() -> None:
    assert CALENDAR.add_working_days(date(2026, 12, 30), 1) == date(2026, 12, 31)
    with pytest.raises(CalendarError, match="2027"):
        CALENDAR.add_working_days(date(2026, 12, 30), 2)
    assert CALENDAR.require(pl.Series([None], dtype=pl.Date), 2) is None


def test_against_the_holidays_package() -> None:
    """The package is a cross-check; where the two differ, the table is right and the day is listed here."""
    known = {date(2026, 1, 2)}  # day off swapped with Saturday 10/01/2026, missing in the package
    package = holidays.country_holidays("VN", years=range(2023, 2027))
    days = [CALENDAR.first + timedelta(days=i) for i in range((CALENDAR.last - CALENDAR.first).days + 1)]
    weekdays = [d for d in days if d.weekday() < 5]
    assert {d for d in weekdays if CALENDAR.is_working(d) == (d in package)} == known
    worked = {d for d in days if d.weekday() >= 5 and CALENDAR.is_working(d)}
    assert worked == {date(2024, 5, 4), date(2025, 4, 26), date(2026, 1, 10), date(2026, 8, 22)}
