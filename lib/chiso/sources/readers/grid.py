"""Collects the rows of a sheet from readers that go cell by cell, within the limits, without holding them twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from chiso.sources.readers.limits import check_merged, check_size
from chiso.sources.readers.notes import sheet_notes
from chiso.sources.readers.sheet import FAULTS, ROW, Row, Sheet
from chiso.sources.readers.values import Decimal

#: Rows held as Python objects before they go into a frame.
_CHUNK = 20_000


class Grid:
    """The rows of one sheet on their way in.

    Rows are added in their order with their numbers; rows left out are blank, and blank rows at the end are dropped.
    """

    def __init__(self) -> None:
        self.merged: list[tuple[int, int, int, int]] = []
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.cell_fonts: dict[tuple[int, int], str] = {}
        self._decimals: dict[str, list[int]] = {}
        self._faults: list[tuple[int, str, str]] = []
        self._rows: list[Row] = []
        self._frames: list[pl.DataFrame] = []
        self._height = 0
        self._width = 0

    def add(self, number: int, row: Row) -> None:
        """Add row ``number`` (from 1).

        Raises:
            UnreadableError: the sheet grows beyond the limits.
        """
        while row and not row[-1]:
            row.pop()
        if not row:
            return
        self._width = max(self._width, len(row))
        check_size(number, self._width)
        while self._height < number - 1:
            self._push([])
        self._push(row)

    def fault(self, number: int, place: int, rule: str) -> None:
        """Mark a cell that holds no value: ``formula`` or ``cell_error``."""
        self._faults.append((number, f"c{place}", rule))

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Enter a range of merged cells.

        Raises:
            UnreadableError: more ranges than the limit.
        """
        self.merged.append((top, left, bottom, right))
        check_merged(len(self.merged))

    def sheet(
        self, name: str | None, *, hidden: bool = False, epoch: date | None = None, fonts: frozenset[str] = frozenset()
    ) -> Sheet:
        """Return the sheet with its notes."""
        self._flush()
        frame = pl.concat(self._frames, how="diagonal") if self._frames else pl.DataFrame()
        cells = [f"c{i}" for i in range(self._width)]
        frame = frame.select(cells).with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW))
        sheet = Sheet(
            name,
            frame if cells else pl.DataFrame(schema={ROW: pl.Int64}),
            merged=tuple(m for m in self.merged if m[0] <= self._height and m[1] < self._width),
            hidden_rows=frozenset(self.hidden_rows),
            hidden_columns=frozenset(self.hidden_columns),
            hidden=hidden,
            epoch=epoch,
            fonts=fonts,
            decimals=self._is_decimal,
            cell_fonts=self.cell_fonts,
            faults=pl.DataFrame(self._faults, schema=FAULTS, orient="row"),
        )
        return replace(sheet, notes=sheet_notes(sheet))

    def _push(self, row: Row) -> None:
        for place, cell in enumerate(row):
            if type(cell) is Decimal:
                self._decimals.setdefault(f"c{place}", []).append(self._height)
        self._rows.append(row)
        self._height += 1
        if len(self._rows) >= _CHUNK:
            self._flush()

    def _is_decimal(self, cell: str) -> pl.Series:
        """Return which cells of a column are numbers with decimals."""
        places = self._decimals.get(cell, [])
        return pl.Series([False]).new_from_index(0, self._height).scatter(places, [True] * len(places))

    def _flush(self) -> None:
        if not self._rows:
            return
        width = max(map(len, self._rows))
        columns = {
            f"c{i}": pl.Series([row[i] if i < len(row) else None for row in self._rows], dtype=pl.String)
            for i in range(max(width, 1))
        }
        self._frames.append(pl.DataFrame(columns))
        self._rows = []
