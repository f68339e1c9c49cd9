"""Type, borders and colours of cells; how wide and how high a text is."""

from __future__ import annotations

from functools import cache

from openpyxl import Workbook
from openpyxl.cell import Cell as ExcelCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from chiso.reporting import formats, theme
from chiso.reporting.report import Table

_WIDTHS = {"integer": 11.0, "number": 12.0, "decimal": 12.0, "percent": 11.0, "points": 14.0, "date": 12.0,
           "datetime": 17.0, "bool": 10.0, "status": 18.0}  # fmt: skip
LINE = 16.0
"""Height of a line of text in points."""
TALLEST = 409.0
"""No row of Excel is higher, in points."""

_THIN = Side(style="thin", color=theme.argb("#9aa5b0"))
BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
HEAD = PatternFill("solid", fgColor=theme.argb(theme.ACCENT_SOFT))
TOTAL = PatternFill("solid", fgColor=theme.argb(theme.SURFACE))
BAND = PatternFill("solid", fgColor=theme.argb(theme.BAND))


@cache
def font(size: float = 12, *, bold: bool = False, italic: bool = False, colour: str = theme.INK) -> Font:
    """Return the workbook's type."""
    return Font(name=theme.EXCEL_FONT, size=size, bold=bold, italic=italic, color=theme.argb(colour))


@cache
def alignment(align: str) -> Alignment:
    """Return how a table's cell is aligned: text wraps, numbers do not."""
    return Alignment(align, "top", wrap_text=align != "right", indent=1 if align == "left" else 0)


def set_default_font(workbook: Workbook) -> None:
    """Make the workbook's own type that of all cells: Excel reckons column widths and empty rows in it."""
    workbook._named_styles["Normal"].font = font()  # openpyxl has no public way
    workbook._fonts[0] = font()


def style_header(cell: ExcelCell) -> None:
    """Give a cell the look of a table's header."""
    cell.font, cell.fill, cell.border = font(bold=True), HEAD, BOX
    cell.alignment = Alignment("center", "center", wrap_text=True)


def set_height(ws: Worksheet, row: int, lines: int) -> None:
    """Make a row as high as some lines of text take; not every program does so by itself."""
    ws.row_dimensions[row].height = min(lines * LINE + 3, TALLEST)


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
