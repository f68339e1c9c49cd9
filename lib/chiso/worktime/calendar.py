"""The Vietnamese working calendar and deadlines.

The table beside this module lists days off and make-up working days by year, with their sources. A year that the
table does not confirm is an error: a deadline counted without Tết would be wrong by a week and look right.
"""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt
import polars as pl

from chiso.errors import ChisoError
from chiso.messages import text

_FILE = "calendar_vn"


class CalendarError(ChisoError):
    """A computation reaches into a year whose working days are not confirmed."""


@dataclass(frozen=True)
class WorkCalendar:
    """Working days of a run of confirmed years.

    Attributes:
        first: first day the calendar knows (1 January of the first confirmed year).
        cumulative: ``cumulative[i]`` = working days up to and including ``first + i`` days.
        position: ``position[k]`` = offset in days of the working day number ``k + 1``.
        names: Vietnamese name of each listed day.
    """

    first: date
    cumulative: npt.NDArray[np.int64]
    position: npt.NDArray[np.int64]
    names: dict[date, str]

    @classmethod
    def build(cls, off: dict[date, str], work: dict[date, str], years: list[int]) -> WorkCalendar:
        """Make a calendar from days off, make-up working days and the confirmed years (consecutive)."""
        if years != list(range(min(years), max(years) + 1)):
            raise CalendarError(text("worktime.calendar_invalid", why=f"{years}"))
        first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
        days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
        working = np.array([d in work or (d.weekday() < 5 and d not in off) for d in days])
        return cls(first, np.cumsum(working), np.flatnonzero(working), off | work)

    @classmethod
    @cache
    def load(cls) -> WorkCalendar:
        """Read the table shipped with the package.

        Raises:
            CalendarError: a listed day lies outside the confirmed years, or a make-up day is not on a weekend.
        """
        folder = resources.files(__package__)
        confirmed = [
            int(y["year"])
            for y in tomllib.loads((folder / f"{_FILE}.toml").read_text(encoding="utf-8"))["years"]
            if y["confirmed"]
        ]
        listed: dict[str, dict[date, str]] = {"off": {}, "work": {}}
        for row in csv.DictReader((folder / f"{_FILE}.csv").read_text(encoding="utf-8").splitlines()):
            day = date.fromisoformat(row["date"])
            if day.year not in confirmed or (row["kind"] == "work" and day.weekday() < 5):
                raise CalendarError(text("worktime.calendar_invalid", why=f"{_FILE}.csv: {day:%d/%m/%Y}"))
            listed[row["kind"]][day] = row["name"]
        return cls.build(listed["off"], listed["work"], sorted(confirmed))

    @property
    def last(self) -> date:
        """Last day the calendar knows."""
        return self.first + timedelta(days=len(self.cumulative) - 1)

    def is_working(self, day: date) -> bool:
        """Whether offices work on that day."""
        offset = self._offset(day)
        return bool(self.cumulative[offset] - (self.cumulative[offset - 1] if offset else 0))

    def add_working_days(self, day: date, n: int) -> date:
        """The ``n``-th working day after ``day`` (``n`` ≥ 1; the event's own day is not counted).

        The day before the first confirmed year is known too: all days counted from it lie in that year.
        """
        eve = (day - self.first).days == -1
        number = n if eve else int(self.cumulative[self._offset(day)]) + n
        if number > len(self.position):
            raise self._unknown(self.last.year + 1)
        return self.first + timedelta(days=int(self.position[number - 1]))

    def add_working_days_expr(self, day: pl.Expr, n: int | pl.Expr) -> pl.Expr:
        """As :meth:`add_working_days` for columns of dates and numbers; null where the calendar does not reach.

        Callers check the range first with :meth:`require`: an unknown year must not become a blank.
        """
        offset = (day - pl.lit(self.first)).dt.total_days()
        number = pl.when(offset == -1).then(0).otherwise(_lookup(self.cumulative, offset)) + (n - 1)
        return pl.lit(self.first) + pl.duration(days=_lookup(self.position, number))

    def require(self, days: pl.Series, n: int) -> None:
        """Raise unless ``n`` working days after each of ``days`` (nulls aside) can be counted.

        Raises:
            CalendarError: names the year that is missing.
        """
        for day in (days.min(), days.max()):
            if isinstance(day, date):
                self.add_working_days(day, n)

    def _offset(self, day: date) -> int:
        offset = (day - self.first).days
        if not 0 <= offset < len(self.cumulative):
            raise self._unknown(day.year)
        return offset

    @staticmethod
    def _unknown(year: int) -> CalendarError:
        return CalendarError(text("worktime.calendar_year", year=year))


def _lookup(values: npt.NDArray[np.int64], index: pl.Expr) -> pl.Expr:
    """Values at an index column; null where the index is null or past the end."""
    table = pl.Series("values", values)
    within = pl.when((index >= 0) & (index < len(values))).then(index)
    return within.map_batches(lambda i: table.gather(i), return_dtype=pl.Int64)
