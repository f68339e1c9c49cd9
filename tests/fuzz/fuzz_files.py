"""Grids of cells written as files: CSV, Excel, OpenDocument, and HTML tables under the name of an Excel file."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime
from html import escape
from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

Cell = str | int | float | bool | date | datetime | None


@dataclass(frozen=True)
class Formula:
    """A formula that nobody has calculated, or an Excel error."""

    written: str


@dataclass
class Grid:
    """Rows of cells, merged ranges (zero-based: first row, first column, last row, last column), hidden rows, columns.

    ``cover``: rows of a sheet before this one; ``mac``: days are counted from 1904.
    """

    rows: list[list[Cell | Formula]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    cover: tuple[tuple[str, ...], ...] = ()
    mac: bool = False

    @property
    def width(self) -> int:
        return max((len(row) for row in self.rows), default=0)


def write_csv(grid: Grid, path: Path, encoding: str, delimiter: str, newline: str) -> list[int]:
    """Write a CSV; returns the line on which each row begins."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline)
    starts, line = [], 1
    for row in grid.rows:
        cells = ["" if cell is None else str(cell) for cell in row]
        cells += [""] * (grid.width - len(cells))
        starts.append(line)
        line += 1 + sum(cell.count("\n") for cell in cells)
        writer.writerow(cells)
    path.write_bytes(out.getvalue().encode(encoding))
    return starts


def write_xlsx(grid: Grid, path: Path, sheet: str) -> list[int]:
    """Write a workbook; dates are real ones."""
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904 if grid.mac else CALENDAR_WINDOWS_1900
    ws = book.active
    if grid.cover:
        ws.title = "Bìa"
        for line in grid.cover:
            ws.append(line)
        ws = book.create_sheet()
    ws.title = sheet
    for i, row in enumerate(grid.rows, 1):
        for j, value in enumerate(row, 1):
            if value is None:
                continue
            cell = ws.cell(i, j)
            if isinstance(value, Formula):
                cell.value = value.written
                cell.data_type = "e" if value.written.startswith("#") else "f"
            else:
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
    for top, left, bottom, right in grid.merged:
        ws.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    for index in grid.hidden:
        ws.row_dimensions[index + 1].hidden = True
    for index in grid.hidden_columns:
        ws.column_dimensions[get_column_letter(index + 1)].hidden = True
    book.save(path)
    return list(range(1, len(grid.rows) + 1))


def write_html(grid: Grid, path: Path) -> list[int]:
    """Write a page with one table, as systems do that call it Excel."""
    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in grid.merged}
    covered = {
        (i, j)
        for top, left, bottom, right in grid.merged
        for i in range(top, bottom + 1)
        for j in range(left, right + 1)
        if (i, j) != (top, left)
    }
    lines = ['<html><head><meta charset="utf-8"></head><body><table border="1">']
    for i, row in enumerate(grid.rows):
        cells = []
        for j in range(grid.width):
            if (i, j) in covered:
                continue
            down, across = spans.get((i, j), (1, 1))
            value = row[j] if j < len(row) else None
            shown = "" if value is None else escape(str(value)).replace("\n", "<br>")
            cells.append(f'<td rowspan="{down}" colspan="{across}">{shown}</td>')
        lines.append(f"<tr>{''.join(cells)}</tr>")
    lines.append("</table></body></html>")
    path.write_text("\n".join(lines), encoding="utf-8")
    return list(range(1, len(grid.rows) + 1))


_ODS = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    "<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body></office:document-content>"
)
_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def write_ods(grid: Grid, path: Path, sheet: str) -> list[int]:
    """Write an OpenDocument table."""
    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in grid.merged}
    rows = []
    for i, row in enumerate(grid.rows):
        shown = ' table:visibility="collapse"' if i in grid.hidden else ""
        cells = [_ods_cell(row[j] if j < len(row) else None, spans.get((i, j))) for j in range(grid.width)]
        rows.append(f"<table:table-row{shown}>{''.join(cells)}</table:table-row>")
    table = f'<table:table table:name="{escape(sheet)}">{"".join(rows)}</table:table>'
    if grid.cover:
        lines = (
            f"<table:table-row>{''.join(_ods_cell(c, None) for c in line)}</table:table-row>" for line in grid.cover
        )
        table = f'<table:table table:name="Bìa">{"".join(lines)}</table:table>{table}'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED
        )
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr("content.xml", _ODS.format(table=table))
    return list(range(1, len(grid.rows) + 1))


def _ods_cell(value: Cell | Formula, span: tuple[int, int] | None) -> str:
    joined = ""
    if span:
        joined = f' table:number-rows-spanned="{span[0]}" table:number-columns-spanned="{span[1]}"'
    if value is None:
        return f"<table:table-cell{joined}/>"
    if isinstance(value, bool):
        kind = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value}"'
    elif isinstance(value, datetime | date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    else:
        kind = 'office:value-type="string"'
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
    return f"<table:table-cell {kind}{joined}>{lines}</table:table-cell>"
