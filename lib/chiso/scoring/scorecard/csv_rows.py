"""Rows of a CSV file as text, with their line numbers; headers checked."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from chiso.messages import text
from chiso.messages.system import reason
from chiso.scoring.scorecard.faults import Faults

#: Above any amount of money in đồng; beyond it sums are no longer exact to a point.
LARGEST = 1e18
_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+")


class Row(NamedTuple):
    """One row: its line in the file, its cells by column (blank ones are empty strings)."""

    line: int
    cells: dict[str, str]


def read_rows(file: Path, required: tuple[str, ...], optional: tuple[str, ...], faults: Faults) -> list[Row]:
    """Read a CSV file (UTF-8, comma or semicolon); what is wrong with it as a file goes to ``faults``.

    Args:
        file: the file.
        required: columns that must be there.
        optional: columns that may be there; any other one is noted and not read.

    Returns:
        The rows that are not blank; none if the file or its header cannot be used.
    """
    try:
        content = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return _refused(faults, file, "encoding")
    except OSError as error:
        return _refused(faults, file, "unreadable", why=reason(error))
    first = content.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        lines = _lines(content, delimiter)
    except csv.Error as error:
        return _refused(faults, file, "not_csv", why=error)
    if not lines:
        return _refused(faults, file, "no_rows")
    header = [name.strip().lower() for name in lines[0][1]]
    if not _usable(file, header, required, optional, faults):
        return []
    rows = []
    for line, cells in lines[1:]:
        if any(cell.strip() for cell in cells[len(header) :]):
            faults.add(_place(file, line), "too_many_cells", found=len(cells), expected=len(header))
            continue
        padded = [_cell(cell) for cell in cells] + [""] * (len(header) - len(cells))
        rows.append(Row(line, dict(zip(header, padded, strict=False))))
    if not rows:
        faults.add(file.name, "no_rows")
    return rows


def _lines(content: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Rows that are not blank, with the line each starts on."""
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    found, start = [], 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            found.append((start, cells))
        start = reader.line_num + 1
    return found


def _usable(
    file: Path, header: list[str], required: tuple[str, ...], optional: tuple[str, ...], faults: Faults
) -> bool:
    known = (*required, *optional)
    missing = [name for name in required if name not in header]
    for name in missing:
        near = difflib.get_close_matches(name, [h for h in header if h not in known], n=1)
        hint = text("scoring.fault.instead", name=near[0]) if near else ""
        faults.add(file.name, "column_missing", column=name, hint=hint)
    for name, count in Counter(header).items():
        if name in known and count > 1:
            faults.add(file.name, "column_twice", column=name)
        elif name not in known and name:
            near = difflib.get_close_matches(name, [k for k in optional if k not in header], n=1)
            hint = text("scoring.note.meant", name=near[0]) if near else ""
            faults.note(file.name, "column_unknown", column=name, hint=hint)
    return not missing and all(header.count(name) < 2 for name in known)


def _cell(cell: str) -> str:
    """Without blanks around; ``NA``, as R writes it, is an empty cell."""
    stripped = cell.strip()
    return "" if stripped == "NA" else stripped


def number(cell: str) -> float | None:
    """Read a number written 0.5 or 0,5; None for anything else, also for what no score can be counted with.

    >>> number("0,5"), number("1e3"), number("nan"), number("1.234,5")
    (0.5, 1000.0, None, None)
    """
    if _COMMA_NUMBER.fullmatch(cell):
        cell = cell.replace(",", ".")
    if "_" in cell:
        return None
    try:
        found = float(cell)
    except ValueError:
        return None
    return found if abs(found) < LARGEST else None  # false for infinite and not-a-number


def _place(file: Path, line: int) -> str:
    return text("scoring.place.row", file=file.name, line=line)


def _refused(faults: Faults, file: Path, key: str, **values: object) -> list[Row]:
    faults.add(file.name, key, **values)
    return []
