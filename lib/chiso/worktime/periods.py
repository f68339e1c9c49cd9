"""Reporting periods and their windows.

A period is a name (`2024-Q4`); a timeframe is a period made definite: the first and last day of its window, the
as-of day, and the part of the plan year that lies before it. Everything that counts takes a timeframe.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

from chiso.errors import ChisoError
from chiso.messages import locales, text

Kind = Literal["week", "month", "quarter", "half", "nine_months", "year"]
WindowRule = Literal["decree09", "calendar"]

#: Official reports close their figures on this day of the period's last month (Decree 09/2019/ND-CP art. 12, not
#: read in the text itself).
CLOSING_DAY = 14

_LAST_MONTH_LENGTH = {"month": 1, "quarter": 3, "half": 6, "nine_months": 9, "year": 12}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_CANONICAL: tuple[tuple[str, Kind], ...] = (
    (r"(\d{4})-w(\d{1,2})", "week"),
    (r"(\d{4})-(\d{1,2})", "month"),
    (r"(\d{4})-q(\d)", "quarter"),
    (r"(\d{4})-h(\d)", "half"),
    (r"(\d{4})-9m", "nine_months"),
    (r"(\d{4})", "year"),
)
# Labels after accents are taken off: "quy iv/2024", "6 thang dau nam 2024", "nam 2024".
_JOIN = r"\s*(?:/|-|,|nam)?\s*(?:nam\s*)?"
_LABELS: tuple[tuple[str, Kind], ...] = (
    (rf"tuan\s*(?P<n>\d{{1,2}}){_JOIN}(?P<y>\d{{4}})", "week"),
    (rf"thang\s*(?P<n>\d{{1,2}}){_JOIN}(?P<y>\d{{4}})", "month"),
    (rf"quy\s*(?P<n>iv|iii|ii|i|[1-4]){_JOIN}(?P<y>\d{{4}})", "quarter"),
    (rf"0?6\s*thang(?:\s*dau)?(?:\s*nam)?{_JOIN}(?P<y>\d{{4}})", "half"),
    (rf"0?9\s*thang(?:\s*dau)?(?:\s*nam)?{_JOIN}(?P<y>\d{{4}})", "nine_months"),
    (r"(?:ca\s*)?nam\s*(?P<y>\d{4})", "year"),
)


class PeriodError(ChisoError):
    """A period, window rule or as-of day that does not exist."""


def _plain(value: str) -> str:
    """Lower case without accents and doubled spaces, for matching labels only."""
    folded = unicodedata.normalize("NFD", value.strip().casefold()).replace("đ", "d")
    return " ".join("".join(c for c in folded if not unicodedata.combining(c)).split())


def _weeks(year: int) -> int:
    return date(year, 12, 28).isocalendar().week


@dataclass(frozen=True, order=True)
class Period:
    """A reporting period, from a week to a year; its year is the plan year.

    >>> str(Period.parse("Quý IV/2024"))
    '2024-Q4'
    >>> Period.parse("2024-Q1").previous()
    Period(year=2023, kind='quarter', number=4)
    """

    year: int
    kind: Kind
    number: int = 1

    def __post_init__(self) -> None:
        limits = {"week": _weeks(self.year) if 1 <= self.year <= 9998 else 52, "month": 12, "quarter": 4}
        last = limits.get(self.kind, 1)
        why = None
        if not 1900 <= self.year <= 2999:
            why = text("worktime.why_year")
        elif not 1 <= self.number <= last:
            why = text(f"worktime.why_{self.kind}", year=self.year, last=last)
        if why:
            raise PeriodError(text("worktime.period_range", value=str(self), why=why))

    @classmethod
    def parse(cls, value: str) -> Period:
        """Read a canonical name or a Vietnamese label.

        Raises:
            PeriodError: the text names no period, or one that does not exist (a 14th month, a 2nd half).
        """
        plain = _plain(value)
        for pattern, kind in _CANONICAL:
            if found := re.fullmatch(pattern, plain):
                number = int(found[2]) if found.re.groups > 1 else 1
                return cls(int(found[1]), kind, number)
        for pattern, kind in _LABELS:
            if found := re.fullmatch(pattern, plain):
                raw = found.groupdict().get("n") or "1"
                return cls(int(found["y"]), kind, _ROMAN.get(raw) or int(raw))
        raise PeriodError(text("worktime.period_unknown", value=value))

    def __str__(self) -> str:
        return {
            "week": f"{self.year}-W{self.number:02d}",
            "month": f"{self.year}-{self.number:02d}",
            "quarter": f"{self.year}-Q{self.number}",
            "half": f"{self.year}-H{self.number}",
            "nine_months": f"{self.year}-9M",
            "year": f"{self.year}",
        }[self.kind]

    @property
    def label(self) -> str:
        """Name within a sentence, such as "quý IV/2024"."""
        roman = ("I", "II", "III", "IV")[self.number - 1] if self.kind == "quarter" else ""
        month = locales.locale().months[self.number - 1] if self.kind == "month" else ""
        return text(f"worktime.label_{self.kind}", number=self.number, year=self.year, roman=roman, month=month)

    @property
    def last_month(self) -> int:
        """Number (1-12) of the month the period ends in."""
        if self.kind == "week":
            return self.calendar_days()[1].month
        return self.number * _LAST_MONTH_LENGTH[self.kind]

    def calendar_days(self) -> tuple[date, date]:
        """First and last calendar day."""
        if self.kind == "week":
            monday = date.fromisocalendar(self.year, self.number, 1)
            return monday, monday + timedelta(days=6)
        last = self.last_month
        first = last - _LAST_MONTH_LENGTH[self.kind] + 1
        return date(self.year, first, 1), date(self.year, last, calendar.monthrange(self.year, last)[1])

    def window(self, rule: WindowRule = "decree09") -> tuple[date, date]:
        """First and last day of the reporting window.

        ``decree09`` runs from the 15th of the month before the first month to the 14th of the last month;
        ``calendar`` is the calendar dates. A week is Monday to Sunday in both.
        """
        first, last = self.calendar_days()
        if rule == "calendar" or self.kind == "week":
            return first, last
        return (first - timedelta(days=1)).replace(day=CLOSING_DAY + 1), last.replace(day=CLOSING_DAY)

    def previous(self, n: int = 1) -> Period:
        """The period of the same kind, ``n`` before this one (after it, where ``n`` is negative)."""
        if self.kind == "week":
            monday = date.fromisocalendar(self.year, self.number, 1) - timedelta(weeks=n)
            return Period(monday.isocalendar().year, "week", monday.isocalendar().week)
        per_year = {"month": 12, "quarter": 4}.get(self.kind, 1)
        index = self.year * per_year + self.number - 1 - n
        return Period(index // per_year, self.kind, index % per_year + 1)

    def year_before(self) -> Period:
        """The same period one year earlier (the last week, where that year has fewer weeks)."""
        number = min(self.number, _weeks(self.year - 1)) if self.kind == "week" else self.number
        return Period(self.year - 1, self.kind, number)


@dataclass(frozen=True)
class Timeframe:
    """A period made definite. P is ``start`` to ``as_of``, Y is ``year_start`` to ``as_of``.

    Args:
        period: the reporting period.
        rule: window rule, ``decree09`` or ``calendar``.
        as_of: the as-of day D; the window's last day unless an earlier one is asked for.

    Raises:
        PeriodError: unknown rule, or an as-of day outside the window.
    """

    period: Period
    rule: WindowRule = "decree09"
    as_of: date = field(default=None)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.rule not in ("decree09", "calendar"):
            raise PeriodError(text("worktime.window_unknown", value=self.rule))
        if self.as_of is None:
            object.__setattr__(self, "as_of", self.end)
        if not self.start <= self.as_of <= self.end:
            days = {k: locales.day(d) for k, d in (("as_of", self.as_of), ("start", self.start), ("end", self.end))}
            raise PeriodError(text("worktime.as_of_outside", period=self.period, **days))

    @cached_property
    def _window(self) -> tuple[date, date]:
        return self.period.window(self.rule)

    @property
    def start(self) -> date:
        """First day of the window."""
        return self._window[0]

    @property
    def end(self) -> date:
        """Last day of the window (not before the as-of day)."""
        return self._window[1]

    @property
    def plan_year(self) -> int:
        """Year of the plan the period belongs to."""
        return self.period.year

    @property
    def year_start(self) -> date:
        """1 January of the plan year."""
        return date(self.plan_year, 1, 1)

    @property
    def year_end(self) -> date:
        """31 December of the plan year."""
        return date(self.plan_year, 12, 31)

    def days_left(self, deadline: date) -> int:
        """Days from the as-of day to a deadline; negative once it has passed."""
        return (deadline - self.as_of).days

    def previous(self, n: int = 1) -> Timeframe:
        """The whole window of the period ``n`` before, by the same rule."""
        return Timeframe(self.period.previous(n), self.rule)
