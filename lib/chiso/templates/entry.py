"""The sheet to fill in: header with notes, drop-downs, checks of what is typed, the rows known beforehand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.worksheet import Worksheet

from chiso.messages import text
from chiso.reporting import excel
from chiso.sources.contract import ColumnContract, TableContract
from chiso.templates.choices import Choice, hint_of, is_money, is_year, kind_of

#: Rows below the header that are checked as they are typed.
ROWS = 2000
_LAST_COLUMN = 16_384
_FIRST_DAY = dt.date(2000, 1, 1)
_LARGEST = 10**15  # Excel keeps 15 digits
_WIDTHS = {"date": 16.0, "bool": 12.0, "int": 12.0, "float": 12.0, "enum": 20.0, "text": 22.0}
_WIDE = {"title": 50.0, "plan": 30.0, "evidence": 28.0, "period": 21.0, "plan_item": 11.0, "unit_code": 12.0}
_OPEN, _LOCKED = Protection(locked=False), Protection(locked=True)

Cells = Mapping[str, object]


def add_entry_sheet(
    workbook: Workbook,
    name: str,
    table: TableContract,
    title: str,
    rows: Sequence[Cells],
    chosen: Mapping[str, Choice],
    ranges: Mapping[str, str],
    band: str = "",
) -> Worksheet:
    """Add the sheet that people fill in.

    Args:
        workbook: where to.
        name: of the sheet.
        table: its columns are the sheet's.
        title: line above the header.
        rows: cells by column name, known beforehand.
        chosen: values of the columns with a drop-down.
        ranges: where these values stand in the workbook, as formulas.
        band: warning above the title, may be empty.
    """
    ws = workbook.create_sheet(excel.sheet_name(workbook, name))
    for number, column in enumerate(table.columns, 1):
        _open_column(ws, number, number, width(column), number_format(column), _alignment(column))
    _open_column(ws, len(table.columns) + 1, _LAST_COLUMN, 9.0, "General", Alignment())
    heading = excel.Heading(title=title, scope=text("templates.scope"), band=band)
    top = excel.add_heading(ws, heading, len(table.columns)) - 1
    for number, column in enumerate(table.columns, 1):
        _head(ws, top, number, table, column, chosen)
    labels = [excel.text_lines(c.label, width(c), bold=True) for c in table.columns]
    excel.set_height(ws, top, max(labels))
    for at, row in enumerate(rows, top + 1):
        _write(ws, at, table, row)
    last = top + ROWS
    for number, column in enumerate(table.columns, 1):
        letter = get_column_letter(number)
        _check(ws, f"{letter}{top + 1}:{letter}{last}", column, ranges)
    edge = get_column_letter(len(table.columns))
    filled = FormulaRule(formula=[f"COUNTA($A{top + 1}:${edge}{top + 1})>0"], border=excel.BOX)
    ws.conditional_formatting.add(f"A{top + 1}:{edge}{last}", filled)
    ws.auto_filter.ref = f"A{top}:{edge}{max(top + len(rows), top + 1)}"
    ws.freeze_panes = ws.cell(top + 1, 2)
    excel.set_page(ws, landscape=True, columns=len(table.columns), rows=top + ROWS, band=band)
    ws.print_area = None
    ws.print_title_rows = f"{top}:{top}"
    ws.sheet_view.showGridLines = True
    _lock(ws, top, len(table.columns))
    return ws


def width(column: ColumnContract) -> float:
    """Return the width of a column in characters."""
    return _WIDE.get(column.name) or (18.0 if is_money(column) else _WIDTHS[column.type])


def number_format(column: ColumnContract) -> str:
    """Return how Excel shows a column; codes are text, so that leading zeros stay."""
    if column.type == "date":
        return "dd/mm/yyyy"
    if column.type == "int":
        return "#,##0" if is_money(column) else "0"
    return "0.00" if column.type == "float" else "@"


def _alignment(column: ColumnContract) -> Alignment:
    amount = column.type == "float" or (column.type == "int" and not is_year(column))
    across = "right" if amount else ("left" if column.type in ("text", "enum") else "center")
    return Alignment(across, "top", wrap_text=column.type == "text")


def _open_column(ws: Worksheet, first: int, last: int, wide: float, shown: str, alignment: Alignment) -> None:
    """Make the empty cells of columns ready to be filled in, down to the last row."""
    letter = get_column_letter(first)
    column = ColumnDimension(ws, index=letter, min=first, max=last, width=wide, customWidth=True)
    column.font, column.protection, column.number_format = excel.font(), _OPEN, shown
    column.alignment = alignment
    ws.column_dimensions[letter] = column


def _head(
    ws: Worksheet,
    row: int,
    number: int,
    table: TableContract,
    column: ColumnContract,
    chosen: Mapping[str, Choice],
) -> None:
    cell = ws.cell(row, number)
    excel.write_text(cell, column.label)
    excel.style_header(cell)
    cell.protection = _LOCKED
    if not column.required:
        cell.font = excel.font()
    lines = [text("templates.required" if column.required else "templates.optional"), kind_of(column, chosen)]
    if hint := hint_of(table, column, chosen):
        lines.append(hint)
    note = Comment("\n".join(lines), text("templates.author"))
    note.width = 300
    note.height = 24 + 18 * sum(excel.text_lines(line, 42) for line in lines)
    cell.comment = note


def _write(ws: Worksheet, at: int, table: TableContract, row: Cells) -> None:
    lines = 1
    for number, column in enumerate(table.columns, 1):
        cell, value = ws.cell(at, number), row.get(column.name)
        if isinstance(value, str):
            excel.write_text(cell, value)
            lines = max(lines, excel.text_lines(value, width(column)))
        elif value is not None:
            cell.value = value
        cell.font, cell.protection, cell.number_format = excel.font(), _OPEN, number_format(column)
        cell.alignment = _alignment(column)
    excel.set_height(ws, at, lines)


def _check(ws: Worksheet, cells: str, column: ColumnContract, ranges: Mapping[str, str]) -> None:
    """Refuse what the import would reject, in Vietnamese, while it is typed."""
    if column.name in ranges:
        check = DataValidation(type="list", formula1=ranges[column.name])
        rule = "list"
    elif column.type == "date":
        check = DataValidation(type="date", operator="greaterThanOrEqual", formula1=str(_serial(_FIRST_DAY)))
        rule = "date"
    elif column.type == "int":
        least, most = (2000, 2100) if is_year(column) else (0 if column.nonnegative else -_LARGEST, _LARGEST)
        check = DataValidation(type="whole", operator="between", formula1=str(least), formula2=str(most))
        rule = "year" if is_year(column) else ("count" if column.nonnegative else "whole")
    else:
        return
    check.allow_blank = True
    check.showErrorMessage, check.errorStyle = True, "stop"
    check.errorTitle = text("templates.error_title")
    check.error = text(f"templates.error.{rule}", label=column.label)
    check.add(cells)
    ws.add_data_validation(check)


def _serial(day: dt.date) -> int:
    """Return a day as Excel counts days."""
    return (day - dt.date(1899, 12, 30)).days


def _lock(ws: Worksheet, top: int, columns: int) -> None:
    """Protect what stands above the data; rows may be added, taken out, sorted and filtered. There is no password."""
    for row in ws.iter_rows(min_row=1, max_row=top, max_col=columns):
        for cell in row:
            cell.protection = _LOCKED
    lock = ws.protection
    lock.sheet = True
    for allowed in ("insertRows", "deleteRows", "sort", "autoFilter", "formatRows", "formatColumns", "formatCells"):
        setattr(lock, allowed, False)
