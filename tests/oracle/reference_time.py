"""Oracle, part time: reporting periods, windows and the Vietnamese working calendar, in plain Python.

Written from the specification alone and never from the package: agreement between the two is the test.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)

# Public holidays and days off (month, day), weekends included where the announcement names them.
DAYS_OFF: dict[int, list[tuple[int, int]]] = {
    2023: [
        (1, 1), (1, 2),
        (1, 20), (1, 21), (1, 22), (1, 23), (1, 24), (1, 25), (1, 26),
        (4, 29), (4, 30), (5, 1), (5, 2), (5, 3),
        (9, 1), (9, 2), (9, 4),
    ],
    2024: [
        (1, 1),
        (2, 8), (2, 9), (2, 10), (2, 11), (2, 12), (2, 13), (2, 14),
        (4, 18), (4, 29), (4, 30), (5, 1),
        (9, 2), (9, 3),
    ],
    2025: [
        (1, 1),
        (1, 27), (1, 28), (1, 29), (1, 30), (1, 31), (2, 1),
        (4, 7), (4, 30), (5, 1), (5, 2),
        (9, 1), (9, 2),
    ],
    2026: [
        (1, 1), (1, 2),
        (2, 16), (2, 17), (2, 18), (2, 19), (2, 20),
        (4, 26), (4, 27), (4, 30), (5, 1),
        (8, 31), (9, 1), (9, 2), (11, 24),
    ],
}  # fmt: skip

# Saturdays worked instead of a swapped day off.
WORKED_SATURDAYS = {date(2024, 5, 4), date(2025, 4, 26), date(2026, 1, 10), date(2026, 8, 22)}


class UnconfirmedYear(Exception):
    """A working-day computation reached a year that has no confirmed calendar."""


def is_working(day: date) -> bool:
    """Whether offices work on the day."""
    if day.year not in DAYS_OFF:
        raise UnconfirmedYear(day.year)
    if day in WORKED_SATURDAYS:
        return True
    if day.weekday() >= 5:
        return False
    return (day.month, day.day) not in DAYS_OFF[day.year]


def plus_working_days(event: date, days: int) -> date:
    """The day on which `days` working days, counted from the day after the event, are over."""
    day = event
    while days > 0:
        day += ONE_DAY
        if is_working(day):
            days -= 1
    return day


def last_day_of_month(year: int, month: int) -> date:
    """The month's last calendar day."""
    return date(year + month // 12, month % 12 + 1, 1) - ONE_DAY


@dataclass(frozen=True)
class Window:
    """`start` = the window's first day, `as_of` = D, `plan_year`; P is start..as_of."""

    start: date
    end: date
    as_of: date
    plan_year: int

    def in_p(self, day: date | None) -> bool:
        """The day lies in P."""
        return day is not None and self.start <= day <= self.as_of

    def in_y(self, day: date | None) -> bool:
        """The day lies in Y: 1 January of the plan year to D."""
        return day is not None and date(self.plan_year, 1, 1) <= day <= self.as_of


def months_of(period: str) -> tuple[int, int, int]:
    """(year, first month, last month) of a canonical period that is not a week."""
    year = int(period[:4])
    rest = period[5:]
    if rest == "":
        return year, 1, 12
    if rest == "H1":
        return year, 1, 6
    if rest == "9M":
        return year, 1, 9
    if re.fullmatch(r"Q[1-4]", rest):
        last = 3 * int(rest[1])
        return year, last - 2, last
    if re.fullmatch(r"0[1-9]|1[0-2]", rest):
        return year, int(rest), int(rest)
    raise ValueError(period)


def window_of(period: str, window: str = "decree09", as_of: date | None = None) -> Window:
    """The reporting window of a period; `as_of` outside it is an error."""
    if "-W" in period:
        year = int(period[:4])
        start = date.fromisocalendar(year, int(period[6:]), 1)
        end = start + 6 * ONE_DAY
    else:
        year, first, last = months_of(period)
        if window == "calendar":
            start, end = date(year, first, 1), last_day_of_month(year, last)
        elif window == "decree09":
            start = date(year - 1, 12, 15) if first == 1 else date(year, first - 1, 15)
            end = date(year, last, 14)
        else:
            raise ValueError(window)
    if as_of is not None and not start <= as_of <= end:
        raise ValueError(f"{as_of} outside {start}..{end}")
    return Window(start, end, as_of or end, year)


ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4}


def last_month_of_label(label: str, plan_year: int) -> tuple[int, int] | None:
    """(year, last month) of a reporting period as registers write it; None if it cannot be read."""
    text = label.strip()
    if re.fullmatch(r"\d{4}(-(H1|9M|Q[1-4]|0[1-9]|1[0-2]))?", text):
        year, _, last = months_of(text)
        return year, last
    if re.fullmatch(r"\d{4}-W\d{2}", text):
        last_day = window_of(text).end
        return last_day.year, last_day.month
    found = re.fullmatch(r"(?P<name>.*?)(?:[ /]+(?:năm )?(?P<year>\d{4}))?", text)
    assert found
    name = found["name"].strip().casefold()
    year = int(found["year"]) if found["year"] else plan_year
    if name == "năm":
        return year, 12
    if name == "6 tháng":
        return year, 6
    if name == "9 tháng":
        return year, 9
    quarter = re.fullmatch(r"quý (i|ii|iii|iv|[1-4])", name)
    if quarter:
        number = ROMAN.get(quarter[1].upper()) or int(quarter[1])
        return year, 3 * number
    month = re.fullmatch(r"tháng (\d{1,2})", name)
    if month and 1 <= int(month[1]) <= 12:
        return year, int(month[1])
    return None
