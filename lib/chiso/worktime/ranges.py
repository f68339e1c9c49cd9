"""Several periods in one word: ``2023-Q1..2024-Q4``, ``2024-Q1,2024-Q3``, or both."""

from __future__ import annotations

import re

from chiso.messages import text
from chiso.worktime.periods import Period, PeriodError

#: No command is about more periods than this: ten years of months.
MOST = 120
_RANGE = re.compile(r"\s*(?:\.\.+|…)\s*")


def parse_periods(value: str) -> tuple[Period, ...]:
    """Read one period, a range from the first to the last one, or a list of both; the oldest comes first.

    A period that is named twice is there once. Labels with a comma of their own ("quý IV, 2024") stand alone.

    >>> [str(p) for p in parse_periods("2024-Q4..2025-Q1, 2024")]
    ['2024', '2024-Q4', '2025-Q1']

    Raises:
        PeriodError: a text that names no period; ends of different kinds, or in the wrong order; too many periods.
    """
    try:
        return (Period.parse(value),)
    except PeriodError:
        parts = [part for part in re.split(r"[,;]", value) if part.strip()]
        if len(parts) == 1 and not _RANGE.search(value):
            raise
    found: set[Period] = set()
    for part in parts:
        found |= set(_range(part))
        if len(found) > MOST:
            raise PeriodError(text("worktime.too_many_periods", value=value, most=MOST))
    if not found:
        raise PeriodError(text("worktime.period_unknown", value=value))
    return tuple(sorted(found, key=lambda period: (period.calendar_days()[1], period.calendar_days())))


def _range(part: str) -> list[Period]:
    ends = _RANGE.split(part.strip())
    if len(ends) == 1:
        return [Period.parse(part)]
    if len(ends) > 2 or not all(ends):
        raise PeriodError(text("worktime.range_unclear", value=part.strip()))
    first, last = (Period.parse(end) for end in ends)
    if first.kind != last.kind:
        kinds = {"first_kind": text(f"worktime.kind_{first.kind}"), "last_kind": text(f"worktime.kind_{last.kind}")}
        raise PeriodError(text("worktime.range_kinds", first=first, last=last, **kinds))
    if last < first:
        raise PeriodError(text("worktime.range_backwards", first=first, last=last))
    found = [first]
    while found[-1] != last:
        if len(found) == MOST:
            raise PeriodError(text("worktime.too_many_periods", value=part.strip(), most=MOST))
        found.append(found[-1].previous(-1))
    return found
