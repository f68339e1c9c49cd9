"""Finding the header row by its labels, and telling known columns, extra ones and personal data apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chiso.sources.config import SourceMapping
from chiso.sources.contract import TableContract, fold
from chiso.sources.readers import Row, Sheet
from chiso.sources.words import load_words


@dataclass(frozen=True)
class Header:
    """Where the columns of a table stand in a sheet.

    ``columns``: contract column -> cell column (``c3``); ``titles``: contract column -> the file's own header;
    ``extra`` and ``personal``: the file's header -> cell column. ``position`` is the header's place among the rows,
    -1 where the names are not a row.
    """

    position: int
    columns: dict[str, str]
    titles: dict[str, str]
    extra: dict[str, str]
    personal: dict[str, str]


def match_row(row: Row, mapping: SourceMapping) -> dict[str, int]:
    """Return contract column -> index of the cell that names it.

    A header declared in the mapping goes first; then a column's name goes before its label, a label before a synonym.
    """
    table = mapping.contract
    declared: dict[str, list[str]] = {}
    for name, title in mapping.columns.items():
        declared.setdefault(fold(title), []).append(name)
    found: dict[str, tuple[int, int]] = {}
    for index, cell in enumerate(row):
        if not cell or not (title := fold(cell)):
            continue
        for name in declared.get(title, []):
            found.setdefault(name, (-1, index))
        matched = table.match(cell) if title not in declared else None
        if matched is None or matched in mapping.columns or matched in mapping.constants:
            continue
        rank = _rank(table, matched, title)
        if matched not in found or rank < found[matched][0]:
            found[matched] = (rank, index)
    return {name: index for name, (_, index) in found.items()}


def header_score(rows: Iterable[Row], mapping: SourceMapping) -> int:
    """Return how many columns the best header row among ``rows`` names; 0 where none is a header."""
    return max((_score(row, mapping) for row in rows), default=0)


def find_header(sheet: Sheet, mapping: SourceMapping) -> Header | None:
    """Return the header of a sheet: the row that names the most columns, the first of equals; None without one."""
    if sheet.header is not None:
        return _header(sheet.header, -1, sheet, mapping) if _score(sheet.header, mapping) else None
    rows = sheet.head()
    best = header_score(rows, mapping)
    if not best:
        return None
    position = next(i for i, row in enumerate(rows) if _score(row, mapping) == best)
    return _header(rows[position], position, sheet, mapping)


def _score(row: Row, mapping: SourceMapping) -> int:
    """Return the number of columns named; one alone counts only where the row has no other cell (a title does)."""
    named = len(match_row(row, mapping))
    filled = sum(1 for cell in row if cell and cell.strip())
    return named if named >= 2 or named == filled else 0


def _header(row: Row, position: int, sheet: Sheet, mapping: SourceMapping) -> Header:
    places = match_row(row, mapping)
    titles = {name: " ".join((row[index] or "").split()) for name, index in places.items()}
    extra: dict[str, str] = {}
    personal: dict[str, str] = {}
    for index, cell in enumerate(row):
        if index in places.values() or not cell or not cell.strip() or fold(cell) in load_words().numbering:
            continue
        kind = personal if fold(cell) in load_words().personal else extra
        kind[" ".join(cell.split())] = sheet.cells[index]
    columns = {name: sheet.cells[index] for name, index in places.items()}
    return Header(position, columns, titles, extra, personal)


def _rank(table: TableContract, name: str, title: str) -> int:
    column = table.column(name)
    return [fold(column.name), fold(column.label), title].index(title)
