"""Numbers that are numbers in the file: written so that no convention for typed text can misread them."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from chiso.sources.layout.header import Header
from chiso.sources.mapping.model import WIDE, SourceMapping
from chiso.sources.readers import Sheet

#: Texts that a number with decimals and a typed number with a thousands separator share (``80.125``).
_EITHER = r"^[+-]?[1-9]\d{0,2}\.\d{3}$"
_WITH_POINT = r"^[+-]?\d+\.\d+$"


def settle_numbers(sheet: Sheet, header: Header, mapping: SourceMapping) -> Sheet:
    """Return a sheet in which cells with decimals read the same by the convention declared for typed text.

    ``80.125`` that is a number in the file becomes ``80,125`` where the source writes numbers the Vietnamese way, and
    ``80.1250`` where no way is declared; typed text stays. Only columns of numbers that hold such a cell are looked at.
    """
    if sheet.decimals is None or mapping.numbers in ("en", "plain"):
        return sheet
    sign = _WITH_POINT if mapping.numbers == "vi" else _EITHER
    changed = []
    for cell in _number_cells(header, mapping):
        series = sheet.frame[cell] if cell in sheet.frame.columns else pl.Series([], dtype=pl.String)
        doubtful = series.str.contains(sign).fill_null(False)
        if not doubtful.any():
            continue
        certain = doubtful & sheet.decimals(cell)
        settled = series.str.replace(".", ",", literal=True) if mapping.numbers == "vi" else series + "0"
        changed.append(settled.zip_with(certain, series).alias(cell) if certain.any() else series)
    return replace(sheet, frame=sheet.frame.with_columns(changed)) if changed else sheet


def _number_cells(header: Header, mapping: SourceMapping) -> list[str]:
    """Return the columns of cells that hold numbers of the table, those of a wide sheet with them."""
    cells = []
    for name, cell in header.columns.items():
        column = mapping.unpivot.value if name.startswith(WIDE) and mapping.unpivot else name
        try:
            kind = mapping.contract.column(column).type
        except KeyError:
            continue
        if kind in ("int", "float"):
            cells.append(cell)
    return cells
