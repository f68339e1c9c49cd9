"""What every reader gives back: the cells of one sheet as text, and what the file says about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import polars as pl

#: Rows looked at from the top of a file to find the header.
HEAD = 60
ROW = "_row"
#: Whether a line of a CSV has filled cells beyond the header's width, or quotes that do not match. The text of such
#: cells may be anything a person wrote: it is never kept.
OVERFLOW = "_overflow"
#: Number of cells of a line of a CSV; null where it cannot be counted.
CELL_COUNT = "_cell_count"

Row = list[str | None]
#: Number of known columns that the best header row among the given rows has.
HeaderScore = Callable[[Iterable[Row]], int]
#: Cells that hold no value a person gave: row number, cell column, and the rule (`formula`: never calculated;
#: `cell_error`: an error value such as #REF!; of layout.unclear: `merged_cell`, `two_columns`).
FAULTS = pl.Schema({ROW: pl.Int64(), "cell": pl.String(), "rule": pl.String()})

EPOCH_1900 = date(1899, 12, 30)
EPOCH_1904 = date(1904, 1, 1)


class UnreadableError(Exception):
    """A file that cannot be read as a table; the message says which format it has and what to do."""


@dataclass(frozen=True)
class Note:
    """Something to tell about a file that could be read: hidden rows, another encoding than UTF-8."""

    severity: Literal["warning", "info"]
    rule: str
    message: str


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet as text: columns ``c0, c1 …``, the row number; for CSV `OVERFLOW` and `CELL_COUNT`.

    Attributes:
        name: the sheet's name; None for formats without sheets.
        frame: the cells; `ROW` is the number the row has in the file, from 1.
        header: names of the columns, in formats whose columns have names of their own (Parquet).
        merged: merged cells as (first row, first column, last row, last column): rows as `ROW` counts them, columns
            as the places of ``c0, c1 …``; only the first cell of a range has the text.
        hidden_rows: numbers of the hidden rows, as `ROW` counts them.
        hidden_columns: places of the hidden columns.
        hidden: whether the sheet itself is hidden.
        epoch: the day that Excel's serial number 0 stands for; None in formats without serial numbers.
        fonts: names of the fonts the file uses, where the format has them: fonts of the old encodings (.VnTime, VNI-…)
            tell how the letters are to be read.
        decimals: gives for a column which cells are numbers with decimals in the file, not typed text; None in formats
            that have only text. It may read the column once more: ask where a text can be read in two ways.
        cell_fonts: (row as `ROW` counts, place of the column) -> font, for cells in fonts of the old encodings, where
            the format tells.
        faults: cells without a value of their own (`FAULTS`); the cell's text is the formula or the error value.
        notes: what is to be told about the file or the sheet.
    """

    name: str | None
    frame: pl.DataFrame
    header: Row | None = None
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    hidden: bool = False
    epoch: date | None = None
    fonts: frozenset[str] = frozenset()
    decimals: Callable[[str], pl.Series] | None = None
    cell_fonts: Mapping[tuple[int, int], str] = field(default_factory=dict)
    faults: pl.DataFrame = field(default_factory=FAULTS.to_frame)
    notes: tuple[Note, ...] = ()

    @property
    def cells(self) -> list[str]:
        """Return the names of the columns with cells."""
        return [name for name in self.frame.columns if name not in (ROW, OVERFLOW, CELL_COUNT)]

    def head(self) -> list[Row]:
        """Return the first rows, where a header is looked for."""
        return [list(row) for row in self.frame.head(HEAD).select(self.cells).rows()]
