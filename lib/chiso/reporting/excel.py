"""Tables as Excel sheets: numbers as numbers, text never a formula, ready to print, the same bytes every time."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell as ExcelCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from chiso.messages import text
from chiso.reporting import formats, theme
from chiso.reporting.packing import repacked
from chiso.reporting.report import Cell, Column, Placed, Table, header_of

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
#: The most characters an Excel cell holds.
_LONGEST = 32_767
_WIDTHS = {"integer": 11.0, "number": 12.0, "percent": 11.0, "points": 14.0, "date": 12.0, "datetime": 17.0,
           "bool": 10.0, "status": 18.0}  # fmt: skip
#: Width from which a sheet is printed across the page (characters in Times New Roman 12).
_PORTRAIT = 96.0
_LINE = 16.0
#: The greatest height of a row that Excel takes, in points.
_TALLEST = 409.0

_THIN = Side(style="thin", color=theme.argb("#9aa5b0"))
BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD = PatternFill("solid", fgColor=theme.argb(theme.ACCENT_SOFT))
_TOTAL = PatternFill("solid", fgColor=theme.argb(theme.SURFACE))
_BAND = PatternFill("solid", fgColor=theme.argb(theme.BAND))
_STATUS_FONT = {s: Font(name=theme.EXCEL_FONT, size=12, color=theme.argb(c)) for s, c in theme.STATUS.items()}
_STATUS_FILL = {s: PatternFill("solid", fgColor=theme.argb(c)) for s, c in theme.STATUS_SOFT.items()}


@cache
def font(size: float = 12, *, bold: bool = False, italic: bool = False, colour: str = theme.INK) -> Font:
    """Return the workbook's type."""
    return Font(name=theme.EXCEL_FONT, size=size, bold=bold, italic=italic, color=theme.argb(colour))


def set_default_font(workbook: Workbook) -> None:
    """Make the workbook's own type that of all cells: Excel reckons column widths and empty rows in it."""
    workbook._named_styles["Normal"].font = font()  # openpyxl has no public way
    workbook._fonts[0] = font()


def style_header(cell: ExcelCell) -> None:
    """Give a cell the look of a table's header."""
    cell.font, cell.fill, cell.border = font(bold=True), _HEAD, BOX
    cell.alignment = Alignment("center", "center", wrap_text=True)


def quoted(sheet: str) -> str:
    """Return a sheet's name as references write it."""
    return quote_sheetname(sheet)


@dataclass(frozen=True)
class Heading:
    """The lines above a sheet's table, as Decree 30/2020/NĐ-CP sets an appendix.

    Attributes:
        appendix: "Phụ lục I"; empty for a sheet that is none.
        title: as it is to stand there (of an appendix: in capitals).
        attached: "(Kèm theo …)", in italics.
        scope: whose figures, which days.
        band: of a workbook with synthetic data, else empty.
    """

    title: str
    appendix: str = ""
    attached: str = ""
    scope: str = ""
    band: str = ""


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
    clean = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)[:_LONGEST]
    if not clean:
        return
    cell.value = clean
    cell.data_type = "s"  # openpyxl takes "=…" for a formula
    if clean.startswith(FORMULA):
        cell.quotePrefix = True  # stays text when a person edits the cell


def add_table(ws: Worksheet, table: Table, row: int = 1) -> int:
    """Write a table from a row on: header, body, notes.

    Args:
        ws: the sheet.
        table: drawn columns (sparklines) are left out.
        row: first row of the header.

    Returns:
        The first free row below.
    """
    columns = tuple(c for c in table.columns if c.format not in formats.DRAWN)
    width = len(columns)
    header, depth = header_of(table if width == len(table.columns) else _narrow(table, columns))
    for placed in header:
        cell = ws.cell(row + placed.row, placed.column + 1)
        write_text(cell, placed.cell.label)
        _span(ws, row + placed.row, placed.column + 1, placed.cell.rows, placed.cell.columns)
    for r in range(row, row + depth):
        for c in range(1, width + 1):
            style_header(ws.cell(r, c))
    widths = column_widths(table)
    _header_heights(ws, header, widths, row, depth)
    first = at = row + depth
    for record in table.rows():
        cells = [c for c in record.cells if c.column.format not in formats.DRAWN]
        _write_row(ws, at, record.kind, cells, widths)
        at += 1
    last = at - 1
    if last < first:
        _merged(ws, at, width, table.empty_text, font(italic=True), "center")
        at += 1
    else:
        _name_range(ws, table, row + depth - 1, last, width)
        if not any(kind in ("section", "subtotal") for kind in _kinds(table)):
            bottom = last - (list(_kinds(table))[-1:] == ["total"])
            ws.auto_filter.ref = f"A{first - 1}:{get_column_letter(width)}{max(bottom, first)}"
    ws.print_title_rows = f"{row}:{first - 1}"
    ws.freeze_panes = ws.cell(first, 1)
    for note in table.notes:
        _merged(ws, at, width, note.text, font(11, italic=True, colour=theme.MUTED), "left")
        at += 1
    return at


def _narrow(table: Table, columns: tuple[Column, ...]) -> Table:
    return Table(table.id, table.title, columns, table.frame)


def _kinds(table: Table) -> list[str]:
    return table.frame[table.row_kind].fill_null("").to_list() if table.row_kind else [""] * table.frame.height


def _write_row(ws: Worksheet, at: int, kind: str, cells: Sequence[Cell], widths: Sequence[float]) -> None:
    if kind == "section":
        write_text(ws.cell(at, 1), str(cells[0].value))
        _span(ws, at, 1, 1, len(cells))
        for c in range(1, len(cells) + 1):
            ws.cell(at, c).border, ws.cell(at, c).fill = BOX, _TOTAL
        ws.cell(at, 1).font = font(bold=True)
        return
    strong = kind in ("total", "subtotal")
    lines = 1
    for c, (item, width) in enumerate(zip(cells, widths, strict=True), 1):
        cell = ws.cell(at, c)
        write(cell, item.value, item.format, item.column.missing)
        align = item.column.alignment
        cell.font, cell.border, cell.alignment = font(bold=strong), BOX, _alignment(align)
        if align != "right":
            lines = max(lines, text_lines(str(cell.value or ""), width - (align == "left"), bold=strong))
        if item.format == "status":
            status = item.value or "none"
            cell.font, cell.fill = _STATUS_FONT[status], _STATUS_FILL[status]
        elif kind == "total":
            cell.fill = _TOTAL
    set_height(ws, at, lines)


@cache
def _alignment(align: str) -> Alignment:
    return Alignment(align, "top", wrap_text=align != "right", indent=1 if align == "left" else 0)


def _span(ws: Worksheet, row: int, column: int, rows: int, columns: int) -> None:
    if rows > 1 or columns > 1:
        ws.merge_cells(start_row=row, end_row=row + rows - 1, start_column=column, end_column=column + columns - 1)


def _merged(ws: Worksheet, row: int, width: int, value: str, style: Font, align: str) -> None:
    """Write a line across the table; merged cells do not grow by themselves, so the height is reckoned."""
    cell = ws.cell(row, 1)
    write_text(cell, value)
    _span(ws, row, 1, 1, width)
    cell.font = style
    cell.alignment = Alignment(align, "center" if align == "center" else "top", wrap_text=True)
    room = sum(ws.column_dimensions[get_column_letter(c)].width or 9 for c in range(1, width + 1))
    per_char = (style.size or 12) / 12 * (1.12 if style.bold else 1.0)
    lines = max(math.ceil(len(value) * per_char * 0.95 / max(room, 1)), 1)
    ws.row_dimensions[row].height = lines * _LINE * max((style.size or 12) / 12, 1) + 3


def _header_heights(ws: Worksheet, header: Sequence[Placed], widths: Sequence[float], row: int, depth: int) -> None:
    """Give every header row the height that its labels take."""
    heights = [1.0] * depth
    for placed in sorted(header, key=lambda p: p.cell.rows):
        room = sum(widths[placed.column : placed.column + placed.cell.columns])
        lines = text_lines(placed.cell.label, room, bold=True)
        span = range(placed.row, placed.row + placed.cell.rows)
        lacking = lines - sum(heights[r] for r in span)
        for r in span:
            heights[r] += max(lacking, 0) / placed.cell.rows
    for r, height in enumerate(heights):
        ws.row_dimensions[row + r].height = height * _LINE + 4


def set_height(ws: Worksheet, row: int, lines: int) -> None:
    """Make a row as high as some lines of text take; not every program does so by itself."""
    ws.row_dimensions[row].height = min(lines * _LINE + 3, _TALLEST)


def text_lines(label: str, width: float, *, bold: bool = False) -> int:
    """Return how many lines a text takes in a column, reckoned for a type a little wider than it is."""
    room, lines = max(width - 1, 1), 0
    for paragraph in label.split("\n"):
        used, lines = 0.0, lines + 1
        for word in paragraph.split(" "):
            size = len(word) * (1.12 if bold else 0.95)
            if used and used + 1 + size > room:
                lines, used = lines + 1, 0.0
            used += size + (1 if used else 0)
            while used > room:  # a word longer than the column is broken
                lines, used = lines + 1, used - room
    return lines


def column_widths(table: Table) -> list[float]:
    """Return the widths of the columns in characters; numbers and dates always have room."""
    columns = [c for c in table.columns if c.format not in formats.DRAWN]
    widths = {c.name: c.width or _WIDTHS.get(c.format, 24.0) for c in columns}
    for row in table.rows():
        for cell in row.cells:
            if cell.format in formats.NUMERIC or cell.format in ("date", "datetime"):
                needed = len(formats.show(cell.value, cell.format, cell.column.missing)) + 2.0
                widths[cell.column.name] = max(widths[cell.column.name], needed)
    return [widths[c.name] for c in columns]


def _name_range(ws: Worksheet, table: Table, top: int, bottom: int, width: int) -> None:
    """Name the table's range after its id, for those who calculate on."""
    name = re.sub(r"\W", "_", f"{table.id}")
    reference = f"{quote_sheetname(ws.title)}!$A${top}:${get_column_letter(width)}${bottom}"
    if ws.parent is not None and name not in ws.parent.defined_names:
        ws.parent.defined_names[name] = DefinedName(name, attr_text=reference)


def add_sheet(workbook: Workbook, name: str, heading: Heading, table: Table) -> Worksheet:
    """Add a sheet with its heading and one table, set up for print on A4.

    Args:
        workbook: where to.
        name: of the sheet; made fit for Excel and unique.
        heading: lines above the table.
        table: what it shows.
    """
    ws = workbook.create_sheet(sheet_name(workbook, name))
    widths = column_widths(table)
    for c, width in enumerate(widths, 1):
        ws.column_dimensions[get_column_letter(c)].width = width
    at = add_heading(ws, heading, len(widths))
    end = add_table(ws, table, at)
    set_page(ws, landscape=sum(widths) > _PORTRAIT, columns=len(widths), rows=end - 1, band=heading.band)
    return ws


def add_heading(ws: Worksheet, heading: Heading, width: int) -> int:
    """Write the lines above a table; return the row the table starts in."""
    row = 1
    if heading.band:
        _merged(ws, row, width, heading.band, font(12, bold=True, colour="#ffffff"), "center")
        ws.cell(row, 1).fill = _BAND
        row += 1
    lines = (
        (heading.appendix, font(14, bold=True)),
        (heading.title, font(13, bold=True)),
        (heading.attached, font(13, italic=True)),
        (heading.scope, font(12, colour=theme.MUTED)),
    )
    for value, style in lines:
        if value:
            _merged(ws, row, width, value, style, "center")
            row += 1
    return row + 1


def set_page(ws: Worksheet, *, landscape: bool, columns: int, rows: int, band: str = "") -> None:
    """Set a sheet up for print: A4, one page wide, page numbers, the band on every page."""
    ws.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    ws.page_setup.orientation = "landscape" if landscape else "portrait"
    ws.page_setup.fitToWidth, ws.page_setup.fitToHeight = 1, 0
    ws.sheet_properties.pageSetUpPr.fitToPage = True
    ws.page_margins.left = ws.page_margins.right = 0.5
    ws.page_margins.top, ws.page_margins.bottom = 0.7, 0.7
    ws.print_options.horizontalCentered = True
    ws.print_area = f"A1:{get_column_letter(columns)}{max(rows, 1)}"
    ws.oddFooter.center.text = text("reporting.workbook.page")
    ws.oddFooter.center.size = 10
    if band:
        ws.oddHeader.center.text = band.replace("&", "&&")
        ws.oddHeader.center.size, ws.oddHeader.center.color = 9, theme.BAND.lstrip("#").upper()
    ws.sheet_view.showGridLines = False
    ws.sheet_view.zoomScale = 100


def sheet_name(workbook: Workbook, name: str) -> str:
    """Return a name that Excel takes: no ``[]:*?/\\``, at most 31 characters, not used yet."""
    clean = re.sub(r"[\[\]:*?/\\]", " ", name).strip("' ")[:31].strip() or "Sheet"
    taken = {n.casefold() for n in workbook.sheetnames}
    found, number = clean, 2
    while found.casefold() in taken:
        found, number = f"{clean[:28].strip()} {number}", number + 1
    return found


def to_bytes(workbook: Workbook, dated: dt.date) -> bytes:
    """Return the file of a workbook: the same bytes whenever and wherever it is written.

    Args:
        workbook: finished.
        dated: stands for the time of writing (the day the figures are of).
    """
    moment = dt.datetime(dated.year, dated.month, dated.day)
    workbook.properties.creator = "chiso"
    workbook.properties.created = workbook.properties.modified = moment
    raw = io.BytesIO()
    workbook.save(raw)
    stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}".encode()
    with zipfile.ZipFile(raw) as old:
        core = old.read("docProps/core.xml")  # openpyxl puts the clock's time there when it saves
    core = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, core)
    return repacked(raw.getvalue(), {"docProps/core.xml": core})
