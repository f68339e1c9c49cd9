"""The table of values of a scorecard: long rows in, one array by period, unit and criterion out."""

from __future__ import annotations

import difflib
from collections import defaultdict
from datetime import date
from pathlib import Path

from chiso.messages import text
from chiso.scoring.scorecard.criterion import Criterion
from chiso.scoring.scorecard.csv_rows import Row, number, read_rows
from chiso.scoring.scorecard.faults import Faults
from chiso.scoring.scorecard.values import MISSING, OK, STATUSES, Values
from chiso.worktime.periods import Period, PeriodError

REQUIRED = ("period", "unit", "code", "value")
OPTIONAL = ("status",)
Key = tuple[str, str, str]


def read_values(
    file: Path, criteria: tuple[Criterion, ...], faults: Faults, codes: frozenset[str] | None = None
) -> Values | None:
    """Read values and check them against the criteria; faults and notes go to ``faults``.

    Args:
        file: CSV with period, unit, code, value, status.
        criteria: of the scorecard.
        faults: where faults are recorded.
        codes: every code of the scorecard, also of criteria with faults; empty: codes are not checked, because the
            scorecard could not be read. None: those of ``criteria``.

    Returns:
        The values in the order of ``criteria``; a criterion without a row is missing. None if nothing could be read.
    """
    rows = read_rows(file, REQUIRED, OPTIONAL, faults)
    known = frozenset(c.code for c in criteria) if codes is None else codes
    lines: dict[Key, int] = {}
    read: dict[Key, tuple[float | None, int]] = {}
    for row in rows:
        key = _key(file, row, known, faults)
        if key is None:
            continue
        if key in lines:
            place = _place(file, row)
            faults.add(place, "value_twice", period=key[0], unit=key[1], code=key[2], line=lines[key])
            continue
        lines[key] = row.line
        cell = _cell(file, row, faults)
        if cell is not None:
            read[key] = cell
    if not rows:
        return None
    given = {code for _, _, code in lines}
    for criterion in criteria:
        if criterion.code not in given:
            faults.add(file.name, "criterion_without_data", code=criterion.code)
    _check_shares(file, criteria, read, faults)
    return _arranged(file, criteria, read, lines, faults)


def _key(file: Path, row: Row, known: frozenset[str], faults: Faults) -> Key | None:
    blank = [name for name in ("period", "unit", "code") if not row.cells[name]]
    for name in blank:
        faults.add(_place(file, row), "blank", column=name)
    code = row.cells["code"]
    if code and known and code not in known:
        near = difflib.get_close_matches(code, sorted(known), n=1)
        hint = text("scoring.fault.instead", name=near[0]) if near else ""
        faults.add(_place(file, row), "code_unknown", code=code, hint=hint)
        return None
    return None if blank else (row.cells["period"], row.cells["unit"], code)


def _cell(file: Path, row: Row, faults: Faults) -> tuple[float | None, int] | None:
    """Value and status of a row; None, and the fault told, where they cannot be read."""
    told, cell = row.cells.get("status", "").lower(), row.cells["value"]
    if told and told not in STATUSES:
        values = {"value": row.cells["status"], "known": ", ".join(STATUSES)}
        faults.add(_place(file, row), "status_unknown", **values)
        return None
    if told in ("missing", "not_applicable"):
        if cell:
            faults.note(_place(file, row), "value_ignored", value=cell, status=told)
        return None, STATUSES.index(told)
    value = number(cell) if cell else None
    if cell and value is None:
        faults.add(_place(file, row), "not_a_number", column="value", value=cell)
        return None
    if value is None:
        if told == "ok":
            faults.note(_place(file, row), "ok_without_value")
        return None, MISSING
    return value, OK


def _check_shares(
    file: Path, criteria: tuple[Criterion, ...], read: dict[Key, tuple[float | None, int]], faults: Faults
) -> None:
    """Check values against their rule: a share without a target is out of 1, entered points end at the maximum."""
    by_code: dict[str, list[float]] = defaultdict(list)
    for (_, _, code), (value, status) in read.items():
        if status == OK and value is not None:
            by_code[code].append(value)
    for c in criteria:
        found = by_code.get(c.code, [])
        if c.rule == "proportional" and c.target is None and any(value > 1 for value in found):
            faults.add(file.name, "share_above_one", code=c.code, value=f"{max(found):.15g}")
        if c.rule == "manual" and any(not 0 <= value <= c.max_points for value in found):
            worst = next(value for value in found if not 0 <= value <= c.max_points)
            faults.note(file.name, "points_outside", code=c.code, value=f"{worst:.15g}", max=f"{c.max_points:.15g}")


def _arranged(
    file: Path,
    criteria: tuple[Criterion, ...],
    read: dict[Key, tuple[float | None, int]],
    lines: dict[Key, int],
    faults: Faults,
) -> Values:
    periods = in_time({period for period, _, _ in lines})
    units = tuple(sorted({unit for _, unit, _ in lines}))
    values = Values.empty(periods, units, tuple(c.code for c in criteria))
    places = [{label: at for at, label in enumerate(labels)} for labels in (periods, units, values.codes)]
    for key, (value, status) in read.items():
        if key[2] not in places[2]:
            continue
        at = tuple(place[label] for place, label in zip(places, key, strict=True))
        values.status[at] = status
        if value is not None:
            values.value[at] = value
    told = {key[:2] for key in lines}
    for period in periods:
        for unit in units:
            if (period, unit) not in told:
                faults.note(file.name, "unit_without_rows", period=period, unit=unit)
    return values


def in_time(periods: set[str]) -> tuple[str, ...]:
    """Return periods from the earliest; texts that are no periods in alphabetical order.

    >>> in_time({"2024-Q2", "2023-Q4", "2024-Q1"})
    ('2023-Q4', '2024-Q1', '2024-Q2')
    """

    def order(label: str) -> tuple[date, str]:
        try:
            return Period.parse(label).calendar_days()[1], label
        except PeriodError:
            return date.min, label

    return tuple(sorted(periods, key=order))


def _place(file: Path, row: Row) -> str:
    return text("scoring.place.row", file=file.name, line=row.line)
