"""The abstract report: tables whose numbers stay numbers until a writer formats them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import polars as pl

from chiso.messages import text
from chiso.reporting.formats import MISSING, NUMERIC, Format
from chiso.sources import PERSONAL

Align = Literal["left", "right", "center"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: column of the frame.
        label: header, for readers.
        format: how values are shown, see :data:`chiso.reporting.formats.Format`.
        format_from: a frame column (not shown) that holds each row's own format; ``format`` where it is null.
        align: by default right for numbers, centre for dates and statuses, else left.
        width: Excel width in characters; by default from the format.
        missing: what stands for null.
        anchor: where in the same page a value leads to: this and the value; empty: nowhere. HTML alone.
    """

    name: str
    label: str
    format: Format = "text"
    format_from: str | None = None
    align: Align | None = None
    width: float | None = None
    missing: str = MISSING
    anchor: str = ""

    @property
    def alignment(self) -> Align:
        """The alignment that applies."""
        if self.align:
            return self.align
        if self.format in NUMERIC:
            return "right"
        return "center" if self.format in ("date", "datetime", "bool") else "left"


@dataclass(frozen=True)
class HeaderCell:
    """One cell of a header of several rows; spans count columns and rows."""

    label: str
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Note:
    """A remark under a table: a definition, a caveat, what was left out and why."""

    text: str
    kind: Literal["info", "caveat"] = "info"


@dataclass(frozen=True)
class Cell:
    """One value with the way it is shown."""

    column: Column
    value: Any
    format: str


@dataclass(frozen=True)
class Row:
    """One row: ``kind`` is ``""``, ``total`` or ``section`` (its first value stands across the table)."""

    kind: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A table of the report, independent of any output format.

    Attributes:
        id: ASCII name, unique in a report; anchor in HTML, defined name in Excel.
        title: caption.
        columns: what is shown, in order.
        frame: the values; may hold further columns (row kinds, formats, sort keys), but none of people's codes and
            words: those are dropped, for a table is written to files that are passed on.
        notes: remarks under the table.
        header_rows: a header of several rows, all of it; by default one row of the columns' labels.
        row_kind: a frame column with each row's kind.
        row_header: the column that names the row (``<th scope="row">``); by default the first.
        empty: what stands there when the frame has no row.

    Raises:
        ValueError: a column that names people or that the frame lacks, or header rows that do not fill the table's
            width.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    frame: pl.DataFrame
    notes: tuple[Note, ...] = ()
    header_rows: tuple[tuple[HeaderCell, ...], ...] = ()
    row_kind: str | None = None
    row_header: str | None = None
    empty: str | None = None

    def __post_init__(self) -> None:
        needed = [c.name for c in self.columns] + [c.format_from for c in self.columns if c.format_from]
        needed += [name for name in (self.row_kind, self.row_header) if name]
        if personal := sorted(PERSONAL.intersection(needed)):
            raise ValueError(f"table {self.id!r}: {personal} must not be published")
        object.__setattr__(self, "frame", self.frame.drop(PERSONAL.intersection(self.frame.columns)))
        lacking = sorted(set(needed) - set(self.frame.columns))
        if lacking:
            raise ValueError(f"table {self.id!r}: the frame lacks {lacking}")
        if self.header_rows:
            header_grid(self.header_rows, len(self.columns))

    def __repr__(self) -> str:
        # Kept in executed notebooks beside the HTML: it must not hold what the HTML leaves out.
        return f"Table({self.id!r}, {self.frame.height} rows)"

    def rows(self) -> Iterator[Row]:
        """Yield the rows with the format of each value."""
        for record in self.frame.iter_rows(named=True):
            cells = tuple(
                Cell(c, record[c.name], (record[c.format_from] if c.format_from else None) or c.format)
                for c in self.columns
            )
            yield Row((record[self.row_kind] if self.row_kind else None) or "", cells)

    @property
    def header(self) -> str:
        """Name of the column that names each row."""
        return self.row_header or self.columns[0].name

    @property
    def empty_text(self) -> str:
        """What stands in a table without rows."""
        return self.empty or text("reporting.table.empty")

    def with_notes(self, *notes: str | Note) -> Table:
        """Return the table with further notes."""
        added = tuple(Note(note) if isinstance(note, str) else note for note in notes)
        return replace(self, notes=self.notes + added)

    def without(self, *names: str) -> Table:
        """Return the table without some of its columns."""
        return replace(self, columns=tuple(c for c in self.columns if c.name not in names))

    def head(self, rows: int) -> Table:
        """Return the first rows, with a note that says how many there are in all."""
        if self.frame.height <= rows:
            return self
        note = text("reporting.table.shortened", shown=rows, all=self.frame.height)
        return replace(self, frame=self.frame.head(rows)).with_notes(note)

    def _repr_html_(self) -> str:
        from chiso.reporting.html import table_html  # the writer knows the table, not the other way round

        return table_html(self)


@dataclass(frozen=True)
class Placed:
    """A header cell with its place, counted from 0."""

    row: int
    column: int
    cell: HeaderCell


def header_grid(rows: Sequence[Sequence[HeaderCell]], width: int) -> list[Placed]:
    """Return each header cell with its row and column.

    Raises:
        ValueError: the spans leave a hole, overlap or run over the edge.
    """
    taken: set[tuple[int, int]] = set()
    placed = []
    for r, cells in enumerate(rows):
        column = 0
        for cell in cells:
            while (r, column) in taken:
                column += 1
            area = {(r + i, column + j) for i in range(cell.rows) for j in range(cell.columns)}
            if area & taken:
                raise ValueError(f"header cell {cell.label!r} overlaps another")
            taken |= area
            placed.append(Placed(r, column, cell))
    if taken != {(r, c) for r in range(len(rows)) for c in range(width)}:
        raise ValueError(f"the header does not fill {len(rows)} rows of {width} columns")
    return placed


def header_of(table: Table) -> tuple[list[Placed], int]:
    """Return the header cells of a table in their places and the number of header rows."""
    rows = table.header_rows or (tuple(HeaderCell(c.label) for c in table.columns),)
    return header_grid(rows, len(table.columns)), len(rows)
