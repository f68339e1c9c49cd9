"""Workbooks made in memory for the tests of the readers."""

from __future__ import annotations

import io

import openpyxl


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for i, row in enumerate(rows, start=1):
            for j, value in enumerate(row, start=1):
                sheet.cell(i, j, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
