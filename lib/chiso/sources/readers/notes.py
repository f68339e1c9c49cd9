"""What is told about a workbook's sheets: hidden rows, columns and sheets are read, but never silently."""

from __future__ import annotations

from collections.abc import Iterable

from chiso.messages import text
from chiso.sources.readers.sheet import EPOCH_1904, Note, Sheet

#: Rows or columns named in a message; the others are counted.
_NAMED = 5


def sheet_notes(sheet: Sheet) -> tuple[Note, ...]:
    """Return what the marks of a sheet are to be told as; none for a sheet without cells."""
    if not sheet.frame.height:
        return ()
    notes: list[tuple[str, str, dict[str, object]]] = []
    last = sheet.frame.height
    rows = sorted(row for row in sheet.hidden_rows if row <= last)
    columns = sorted(place for place in sheet.hidden_columns if 0 <= place < len(sheet.cells))
    if sheet.hidden:
        notes.append(("warning", "hidden_sheet", {}))
    if rows:
        notes.append(("warning", "hidden_rows", _named(rows, map(str, rows))))
    if columns:
        notes.append(("warning", "hidden_columns", _named(columns, map(letters, columns))))
    if sheet.epoch == EPOCH_1904:
        notes.append(("info", "epoch_1904", {}))
    label = sheet.name or ""
    return tuple(
        Note(severity, rule, text(f"sources.finding.{rule}", sheet=label, **values))  # type: ignore[arg-type]
        for severity, rule, values in notes
    )


def letters(place: int) -> str:
    """Return the letters of a column.

    >>> letters(0), letters(25), letters(26), letters(16383)
    ('A', 'Z', 'AA', 'XFD')
    """
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def column_place(name: str) -> int:
    """Return the place of a column from its letters.

    >>> column_place("A"), column_place("XFD")
    (0, 16383)
    """
    place = 0
    for letter in name:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def _named(places: list[int], names: Iterable[str]) -> dict[str, object]:
    shown = ", ".join(name for name, _ in zip(names, range(_NAMED), strict=False))
    return {"count": len(places), "places": shown + (" …" if len(places) > _NAMED else "")}
