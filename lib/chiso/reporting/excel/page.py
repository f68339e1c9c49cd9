"""Sheets on paper: A4, one page wide, margins and page numbers as Decree 30/2020/NĐ-CP has them; names of sheets."""

from __future__ import annotations

import re

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from chiso.messages import text
from chiso.reporting import theme

_INCH = 25.4
#: Margins in mm: top, right, bottom, left.
PORTRAIT, LANDSCAPE = (20, 15, 20, 30), (20, 15, 20, 20)


def set_page(
    ws: Worksheet, *, landscape: bool, columns: int, rows: int, band: str = "", name: str = "", about: str = ""
) -> None:
    """Set a sheet up for print: A4, one page wide, page numbers from 1 on every sheet, the band on every page.

    Args:
        ws: the sheet.
        landscape: across the page.
        columns: how many are printed.
        rows: how many are printed.
        band: of a workbook with synthetic data, else empty.
        name: what the page numbers belong to ("Phụ lục V"), may be empty.
        about: left in the footer: period and cut-off, may be empty.
    """
    ws.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    ws.page_setup.orientation = "landscape" if landscape else "portrait"
    ws.page_setup.fitToWidth, ws.page_setup.fitToHeight = 1, 0
    ws.page_setup.firstPageNumber, ws.page_setup.useFirstPageNumber = 1, True
    ws.sheet_properties.pageSetUpPr.fitToPage = True
    sides = ("top", "right", "bottom", "left")
    for side, millimetres in zip(sides, LANDSCAPE if landscape else PORTRAIT, strict=True):
        setattr(ws.page_margins, side, round(millimetres / _INCH, 3))
    ws.page_margins.header = ws.page_margins.footer = round(10 / _INCH, 3)
    ws.print_options.horizontalCentered = True
    ws.print_area = f"A1:{get_column_letter(columns)}{max(rows, 1)}"
    page = text("workbook.print.page", name=plain(name)) if name else text("reporting.workbook.page")
    ws.oddFooter.center.text = page
    ws.oddFooter.center.size = 10
    if about:
        ws.oddFooter.left.text, ws.oddFooter.left.size = plain(about), 9
        ws.oddFooter.right.text, ws.oddFooter.right.size = text("workbook.print.pages"), 9
    if band:
        ws.oddHeader.center.text = plain(band)
        ws.oddHeader.center.size, ws.oddHeader.center.color = 9, theme.BAND.lstrip("#").upper()
    ws.sheet_view.showGridLines = False
    ws.sheet_view.zoomScale = 100


def plain(words: str) -> str:
    """Return words for a header or footer, in which ``&`` begins a code."""
    return words.replace("&", "&&")


def sheet_name(workbook: Workbook, name: str) -> str:
    """Return a name that Excel takes: no ``[]:*?/\\``, at most 31 characters, not used yet."""
    clean = re.sub(r"[\x00-\x1f\[\]:*?/\\]", " ", name).strip("' ")[:31].strip("' ") or "Sheet"
    taken = {n.casefold() for n in workbook.sheetnames}
    found, number = clean, 2
    while found.casefold() in taken:
        found, number = f"{clean[:28].strip()} {number}", number + 1
    return found
