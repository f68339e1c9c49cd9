"""Days as numbers, and random streams: the two things every part of the generator counts with.

A day is its offset in days from the calendar's first day, so that whole columns of dates are integer arrays.
"""

from __future__ import annotations

import zlib
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from chiso.demo.department import Department
from chiso.worktime import WorkCalendar

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: A date that is not there.
NEVER = np.iinfo(np.int64).min // 4
_US_PER_SECOND = 1_000_000
_US_PER_DAY = 86_400 * _US_PER_SECOND


class Clock:
    """The span of the sample on the Vietnamese working calendar.

    Attributes:
        first: offset of the sample's first day.
        last: offset of its last day; nothing that happens later is known.
    """

    def __init__(self, department: Department) -> None:
        self.calendar = WorkCalendar.load()
        self.origin = self.calendar.first
        self.first = self.day(department.first)
        self.last = self.day(department.last)
        self._before = np.concatenate(([0], self.calendar.cumulative))

    def day(self, value: date) -> int:
        """Offset of a date."""
        return (value - self.origin).days

    def date(self, offset: int) -> date:
        """Date of an offset."""
        return self.origin + timedelta(days=int(offset))

    def working(self, days: Ints) -> Bools:
        """Whether each day is a working day."""
        return self._before[days + 1] > self._before[days]

    def add(self, days: Ints, n: Ints | int) -> Ints:
        """The ``n``-th working day after each day (``n`` = 0: the last working day up to it)."""
        return self.calendar.position[self.calendar.cumulative[days] + n - 1]

    def on_or_after(self, days: Ints) -> Ints:
        """Each day, or the next working day where nobody works."""
        return self.calendar.position[self._before[days]]

    def months(self) -> list[tuple[int, int]]:
        """First and last offset of each month of the span."""
        starts = [self.first]
        while (following := self._next_month(starts[-1])) <= self.last:
            starts.append(following)
        return list(zip(starts, [s - 1 for s in starts[1:]] + [self.last], strict=True))

    def progress(self, days: Ints) -> Floats:
        """How far along the span each day lies, 0 to 1."""
        return np.clip((days - self.first) / (self.last - self.first), 0.0, 1.0)

    def month_of(self, days: Ints) -> Ints:
        """Calendar month (1 to 12) of each day."""
        months = (np.datetime64(self.origin, "D") + days).astype("datetime64[M]")
        return months.astype(np.int64) % 12 + 1

    def dates(self, days: Ints) -> pl.Series:
        """Date column; :data:`NEVER` and whatever lies after the span's last day read as blank."""
        return self.any_dates(np.where(days > self.last, NEVER, days))

    def any_dates(self, days: Ints) -> pl.Series:
        """Date column of days that may lie ahead (deadlines); :data:`NEVER` reads as blank."""
        epoch = (self.origin - date(1970, 1, 1)).days
        known = days > NEVER // 2
        values = pl.Series(np.where(known, days + epoch, 0).astype(np.int32)).cast(pl.Date)
        return values.set(~pl.Series(known), None)

    def moments(self, days: Ints, seconds: Ints) -> pl.Series:
        """Datetime column (microseconds, local time) from days and seconds of the day; blanks as :meth:`dates`."""
        epoch = (self.origin - date(1970, 1, 1)).days
        known = days > NEVER // 2
        micros = np.where(known, (days + epoch) * _US_PER_DAY + seconds * _US_PER_SECOND, 0)
        return pl.Series(micros).cast(pl.Datetime("us")).set(~pl.Series(known), None)

    def _next_month(self, offset: int) -> int:
        day = self.date(offset)
        return self.day(date(day.year + day.month // 12, day.month % 12 + 1, 1))


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """A random stream of its own for each part, so that one part's draws never shift another's."""
    words = [seed, *(zlib.crc32(name.encode()) if isinstance(name, str) else name for name in names)]
    return np.random.default_rng(words)


def pick(labels: list[str] | tuple[str, ...], codes: Ints) -> pl.Series:
    """Text column from positions in ``labels``."""
    return pl.Series(list(labels), dtype=pl.String).gather(codes)


def keys(prefix: str, count: int) -> pl.Series:
    """Keys ``MP-<prefix>-00001`` …; MP (mô phỏng) marks every row as simulated."""
    return pl.Series([f"MP-{prefix}-{i:05d}" for i in range(1, count + 1)], dtype=pl.String)
