"""A table as a sheet: the lines above it, header, body, notes, signatures; ready to be read, filtered and printed."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from openpyxl import Workbook
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment as Aligned
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from chiso.messages import text
from chiso.reporting import formats, theme
from chiso.reporting.excel.cells import quoted, span, write, write_text
from chiso.reporting.excel.formulas import formulas
from chiso.reporting.excel.page import set_page, sheet_name
from chiso.reporting.excel.style import (
    BAND,
    BOX,
    LINE,
    TALLEST,
    TOTAL,
    alignment,
    column_widths,
    font,
    set_height,
    style_header,
    text_lines,
)
from chiso.reporting.report import Cell, Column, Placed, Table, header_of

#: Width from which a sheet is printed across the page (characters in Times New Roman 12).
_PORTRAIT = 96.0
#: Columns up to the one that names the row stay in view where they are not wider than this.
_FROZEN = 60.0


@dataclass(frozen=True)
class Heading:
    """The lines above a sheet's table, as Decree 30/2020/NĐ-CP sets an appendix.

    Attributes:
        title: as it is to stand there (of an appendix: in capitals).
        appendix: "Phụ lục I"; empty for a sheet that is none.
        attached: "(Kèm theo …)", in italics.
        scope: whose figures, which days.
        band: of a workbook with synthetic data, else empty.
        measured_in: "Đơn vị tính: …", may be empty.
        about: left in the page's footer, may be empty.
        signed: a block for signatures closes the sheet.
    """

    title: str
    appendix: str = ""
    attached: str = ""
    scope: str = ""
    band: str = ""
    measured_in: str = ""
    about: str = ""
    signed: bool = False


@dataclass(frozen=True)
class Written:
    """Where a table stands.

    Attributes:
        ws: the sheet.
        table: what stands there.
        first: row of its first record.
        last: row of its last record; before ``first`` where it has none.
        end: the first free row below.
        letters: column letter of each column.
    """

    ws: Worksheet
    table: Table
    first: int
    last: int
    end: int
    letters: dict[str, str] = field(default_factory=dict)

    def cells(self, column: str, first: int, last: int) -> str:
        """Return a reference to cells of a column; rows are those of the frame, from 0."""
        letter = self.letters[column]
        return f"{quoted(self.ws.title)}!${letter}${self.first + first}:${letter}${self.first + last}"


def add_table(ws: Worksheet, table: Table, row: int = 1) -> int:
    """Write a table from a row on and return the first free row below; see :func:`write_table`."""
    return write_table(ws, table, row).end


def write_table(ws: Worksheet, table: Table, row: int = 1) -> Written:
    """Write a table from a row on: header, body, notes.

    Args:
        ws: the sheet.
        table: drawn columns (sparklines) are left out.
        row: first row of the header.
    """
    columns = tuple(c for c in table.columns if c.format not in formats.DRAWN)
    width = len(columns)
    header, depth = header_of(table if width == len(table.columns) else _narrow(table, columns))
    for placed in header:
        cell = ws.cell(row + placed.row, placed.column + 1)
        write_text(cell, placed.cell.label)
        span(ws, row + placed.row, placed.column + 1, placed.cell.rows, placed.cell.columns)
    for r in range(row, row + depth):
        for c in range(1, width + 1):
            style_header(ws.cell(r, c))
    widths = column_widths(table)
    _header_heights(ws, header, widths, row, depth)
    first = at = row + depth
    live = formulas(table, first)
    for number, record in enumerate(table.rows()):
        cells = [c for c in record.cells if c.column.format not in formats.DRAWN]
        _write_row(ws, at, record.kind, cells, widths)
        for column, cell in enumerate(cells, 1):
            if formula := live.get((number, cell.column.name)):
                ws.cell(at, column).value = formula
        at += 1
    last = at - 1
    letters = {c.name: get_column_letter(n) for n, c in enumerate(columns, 1)}
    if last < first:
        _merged(ws, at, width, table.empty_text, font(italic=True), "center")
        at += 1
    else:
        _name_range(ws, table, row + depth - 1, last, width)
        _mark_statuses(ws, columns, first, last)
        kinds = table.frame[table.row_kind].fill_null("").to_list() if table.row_kind else []
        if not {"section", "subtotal"}.intersection(kinds):
            bottom = last - (kinds[-1:] == ["total"])
            ws.auto_filter.ref = f"A{first - 1}:{get_column_letter(width)}{max(bottom, first)}"
    ws.print_title_rows = f"{row}:{first - 1}"
    named = [c.name for c in columns].index(table.header) + 1 if table.header in letters else 0
    ws.freeze_panes = f"{get_column_letter(named + 1 if sum(widths[:named]) <= _FROZEN else 1)}{first}"
    for note in table.notes:
        _merged(ws, at, width, note.text, font(11, italic=True, colour=theme.MUTED), "left")
        at += 1
    return Written(ws, table, first, last, at, letters)


def _narrow(table: Table, columns: tuple[Column, ...]) -> Table:
    return Table(table.id, table.title, columns, table.frame)


def _write_row(ws: Worksheet, at: int, kind: str, cells: Sequence[Cell], widths: Sequence[float]) -> None:
    if kind == "section":
        write_text(ws.cell(at, 1), str(cells[0].value))
        span(ws, at, 1, 1, len(cells))
        for c in range(1, len(cells) + 1):
            ws.cell(at, c).border, ws.cell(at, c).fill = BOX, TOTAL
        ws.cell(at, 1).font = font(bold=True)
        ws.cell(at, 1).alignment = alignment("left")
        set_height(ws, at, text_lines(str(cells[0].value), sum(widths), bold=True))
        return
    strong = kind in ("total", "subtotal")
    lines = 1
    for c, (item, width) in enumerate(zip(cells, widths, strict=True), 1):
        cell = ws.cell(at, c)
        write(cell, item.value, item.format, item.column.missing)
        align = item.column.alignment
        cell.font, cell.border, cell.alignment = font(bold=strong), BOX, alignment(align)
        if align != "right":
            lines = max(lines, text_lines(str(cell.value or ""), width - (align == "left"), bold=strong))
        if kind == "total":
            cell.fill = TOTAL
    set_height(ws, at, lines)


def _mark_statuses(ws: Worksheet, columns: Sequence[Column], first: int, last: int) -> None:
    """Colour statuses by what stands in the cell: mark and word tell them apart, the colour only helps."""
    for number, column in enumerate(columns, 1):
        if column.format != "status":
            continue
        letter = get_column_letter(number)
        for status, colour in theme.STATUS.items():
            shown = formats.show(status, "status").replace('"', '""')
            fill = PatternFill("solid", bgColor=theme.argb(theme.STATUS_SOFT[status]))
            rule = CellIsRule(operator="equal", formula=[f'"{shown}"'], font=Font(color=theme.argb(colour)), fill=fill)
            ws.conditional_formatting.add(f"{letter}{first}:{letter}{last}", rule)


def _merged(ws: Worksheet, row: int, width: int, value: str, style: Font, align: str, column: int = 1) -> None:
    """Write a line across columns; merged cells do not grow by themselves, so the height is reckoned."""
    cell = ws.cell(row, column)
    write_text(cell, value)
    span(ws, row, column, 1, width)
    cell.font = style
    cell.alignment = Aligned(align, "center" if align == "center" else "top", wrap_text=True)
    room = sum(ws.column_dimensions[get_column_letter(c)].width or 9 for c in range(column, column + width))
    per_char = (style.size or 12) / 12 * (1.12 if style.bold else 1.0)
    lines = max(sum(math.ceil(len(part) * per_char * 0.95 / max(room, 1)) for part in value.split("\n")), 1)
    height = lines * LINE * max((style.size or 12) / 12, 1) + 3
    ws.row_dimensions[row].height = min(max(height, ws.row_dimensions[row].height or 0), TALLEST)


def _header_heights(ws: Worksheet, header: Sequence[Placed], widths: Sequence[float], row: int, depth: int) -> None:
    """Give every header row the height that its labels take."""
    heights = [1.0] * depth
    for placed in sorted(header, key=lambda p: p.cell.rows):
        room = sum(widths[placed.column : placed.column + placed.cell.columns])
        lines = text_lines(placed.cell.label, room, bold=True)
        rows = range(placed.row, placed.row + placed.cell.rows)
        lacking = lines - sum(heights[r] for r in rows)
        for r in rows:
            heights[r] += max(lacking, 0) / placed.cell.rows
    for r, height in enumerate(heights):
        ws.row_dimensions[row + r].height = min(height * LINE + 4, TALLEST)


def _name_range(ws: Worksheet, table: Table, top: int, bottom: int, width: int) -> None:
    """Name the table's range after its id, for those who calculate on."""
    assert ws.parent is not None
    base = name = re.sub(r"\W", "_", table.id)
    number = 2
    while name in ws.parent.defined_names:
        name, number = f"{base}_{number}", number + 1
    reference = f"{quoted(ws.title)}!$A${top}:${get_column_letter(width)}${bottom}"
    ws.parent.defined_names[name] = DefinedName(name, attr_text=reference)


def add_sheet(workbook: Workbook, name: str, heading: Heading, table: Table) -> Written:
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
    written = write_table(ws, table, add_heading(ws, heading, len(widths)))
    end = add_signatures(ws, written.end + 1, widths) if heading.signed else written.end
    landscape = sum(widths) > _PORTRAIT
    set_page(
        ws,
        landscape=landscape,
        columns=len(widths),
        rows=end - 1,
        band=heading.band,
        name=heading.appendix,
        about=heading.about,
    )
    return Written(ws, table, written.first, written.last, end, written.letters)


def add_heading(ws: Worksheet, heading: Heading, width: int) -> int:
    """Write the lines above a table; return the row the table starts in."""
    row = 1
    if heading.band:
        _merged(ws, row, width, heading.band, font(12, bold=True, colour="#ffffff"), "center")
        ws.cell(row, 1).fill = BAND
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
    if heading.measured_in:
        _merged(ws, row, width, heading.measured_in, font(12, italic=True), "right")
        return row + 1
    return row + 1


def add_signatures(ws: Worksheet, row: int, widths: Sequence[float]) -> int:
    """Write place and date, who drew the form up and who signs it, all to be filled in; return the first row below."""
    half, left = sum(widths) / 2, 1
    while left < len(widths) - 1 and sum(widths[: left + 1]) <= half:
        left += 1
    right = len(widths) - left
    _merged(ws, row, right, text("workbook.sign.place"), font(13, italic=True), "center", left + 1)
    for key, style in (("role", font(13, bold=True)), ("how", font(12, italic=True))):
        row += 1
        _merged(ws, row, left, text(f"workbook.sign.author_{key}"), style, "center")
        _merged(ws, row, right, text(f"workbook.sign.head_{key}"), style, "center", left + 1)
    return row + 5
