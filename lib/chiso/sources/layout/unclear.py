"""Cells that leave open what they hold: blank parts of a merged cell, columns whose header stands twice.

Neither is guessed. What a merged cell says holds for all its rows where the mapping declares it (``fill_merged``); a
column that stands twice is read where both say the same. Any other such cell is a fault, and its row a reject.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from chiso.sources.layout.header import Header
from chiso.sources.mapping.model import SourceMapping
from chiso.sources.parse import clean
from chiso.sources.readers import FAULTS, ROW, Sheet


def settle_unclear(sheet: Sheet, header: Header, mapping: SourceMapping) -> Sheet:
    """Return the sheet with merged cells filled as the mapping declares, and with the faults of the others.

    Faults: ``merged_cell``, a blank cell of a known column within a merged one that has text; ``two_columns``, a cell
    that another column of the same header contradicts.
    """
    filled: dict[str, pl.Series] = {}
    faults = [sheet.faults]
    for name, cell in header.columns.items() if sheet.merged else ():
        for open_, said in _merged_into(sheet, cell, header.position):
            if name in mapping.fill_merged:
                filled[cell] = sheet.frame[cell].clone().scatter(open_, said)
            else:
                faults.append(_faults(sheet, cell, open_, "merged_cell"))
    sheet = replace(sheet, frame=sheet.frame.with_columns(series.alias(cell) for cell, series in filled.items()))
    for cell, others in header.doubles.items():
        own = clean(sheet.frame[cell])
        for other in others:
            second = clean(sheet.frame[other])
            differs = (second.is_not_null() & own.ne_missing(second)).arg_true()
            faults.append(_faults(sheet, cell, differs, "two_columns"))
    return replace(sheet, faults=pl.concat(faults).unique([ROW, "cell"], keep="first", maintain_order=True))


def _merged_into(sheet: Sheet, cell: str, header_row: int) -> Iterator[tuple[pl.Series, pl.Series]]:
    """Yield once the places of a column's blank cells below the header that a merged cell with text covers, and what
    that says; nothing where there are none."""
    ranges = np.asarray(sheet.merged, dtype=np.int64)
    ranges = ranges[(ranges[:, 1] <= sheet.cells.index(cell)) & (sheet.cells.index(cell) <= ranges[:, 3])]
    rows = sheet.frame[ROW].to_numpy()
    said: list[str | None] = [None] * sheet.frame.height
    for top, left, bottom, _ in ranges.tolist():
        first, end = np.searchsorted(rows, [top, bottom + 1]).tolist()
        text = sheet.frame[sheet.cells[left]][first] if first < len(rows) and rows[first] == top else None
        if first > header_row and text and text.strip():
            said[first:end] = [text] * (end - first)
    told = pl.Series(said, dtype=pl.String)
    places = (told.is_not_null() & clean(sheet.frame[cell]).is_null()).arg_true()
    if places.len():
        yield places, told.gather(places)


def _faults(sheet: Sheet, cell: str, places: pl.Series, rule: str) -> pl.DataFrame:
    found = sheet.frame[ROW].gather(places).to_frame().with_columns(cell=pl.lit(cell), rule=pl.lit(rule))
    return found.cast(FAULTS)
