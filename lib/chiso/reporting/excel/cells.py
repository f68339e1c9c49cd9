"""One cell: numbers and dates raw with a number format, formulas only where they are meant, text always text."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from openpyxl.cell import Cell as ExcelCell
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from chiso.reporting import formats, theme
from chiso.reporting.excel.style import font

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
#: What a text begins with that a program might take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
#: The most characters an Excel cell holds.
_LONGEST = 32_767


def write(cell: ExcelCell, value: Any, how: str = "text", missing: str = formats.MISSING) -> None:
    """Write a value: numbers and dates raw with a number format, everything else as text that is never a formula."""
    if how == "status":
        value = value or "none"
    if how in ("bool", "status") or formats.is_missing(value) or not isinstance(value, int | float | dt.date):
        write_text(cell, formats.show(value, how, missing))
        return
    cell.value = value
    cell.number_format = formats.excel_format(value, how)


def write_text(cell: ExcelCell, value: str) -> None:
    """Write a string as a string, whatever it begins with; control characters become visible marks."""
    shown = clean(value)
    if not shown:
        return
    cell.value = shown
    cell.data_type = "s"  # openpyxl takes "=…" for a formula
    if shown.startswith(FORMULA):
        cell.quotePrefix = True  # stays text when a person edits the cell


def clean(value: str) -> str:
    """Return a text as a workbook can hold it: control characters become visible marks, what is too long is cut."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)[:_LONGEST]


def write_link(cell: ExcelCell, value: str, sheet: str) -> None:
    """Write a text that leads to the top of another sheet."""
    write_text(cell, value)
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"{quoted(sheet)}!A1", display=clean(value))
    cell.font = font(colour=theme.ACCENT)


def span(ws: Worksheet, row: int, column: int, rows: int, columns: int) -> None:
    """Merge cells, where they are several."""
    if rows > 1 or columns > 1:
        ws.merge_cells(start_row=row, end_row=row + rows - 1, start_column=column, end_column=column + columns - 1)


def quoted(sheet: str) -> str:
    """Return a sheet's name as references write it."""
    return quote_sheetname(sheet)
