"""The sheets beside the one to fill in: what to do, what each column means, the values of the drop-downs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

from chiso.messages import text
from chiso.reporting import excel
from chiso.reporting.report import Column, Table
from chiso.sources.contract import TableContract
from chiso.templates.choices import Choice, hint_of, kind_of


def add_guide(
    workbook: Workbook,
    table: TableContract,
    title: str,
    steps: Sequence[str],
    chosen: Mapping[str, Choice],
    band: str = "",
) -> None:
    """Add the sheet with the instructions: steps as notes below a table of the columns."""
    names = ("label", "required", "kind", "hint")
    frame = pl.DataFrame(
        [
            (
                column.label,
                text("templates.yes") if column.required else "",
                kind_of(column, chosen),
                hint_of(table, column, chosen),
            )
            for column in table.columns
        ],
        schema=dict.fromkeys(names, pl.String()),
        orient="row",
    )
    widths = {"label": 28.0, "required": 11.0, "kind": 34.0, "hint": 62.0}
    columns = tuple(Column(n, text(f"templates.guide.{n}"), "text", width=widths[n], missing="") for n in names)
    sheet = workbook.create_sheet(text("templates.sheet.guide"))
    for number, name in enumerate(names, 1):
        sheet.column_dimensions[get_column_letter(number)].width = widths[name]
    at = excel.add_heading(sheet, excel.Heading(title=title, band=band), len(names)) - 1
    total = sum(widths.values())
    for step in steps:
        cell = sheet.cell(at, 1)
        excel.write_text(cell, step)
        sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=len(names))
        cell.font, cell.alignment = excel.font(), Alignment("left", "top", wrap_text=True)
        excel.set_height(sheet, at, excel.text_lines(step, total))
        at += 1
    end = excel.add_table(sheet, Table("guide", title, columns, frame), at + 1)
    sheet.auto_filter.ref = None
    sheet.freeze_panes = None
    excel.set_page(sheet, landscape=True, columns=len(names), rows=end - 1, band=band)
    sheet.protection.sheet = True


def add_choices(workbook: Workbook, table: TableContract, chosen: Mapping[str, Choice]) -> dict[str, str]:
    """Add the sheet with the values of the drop-downs; return where each column's values stand, as a formula."""
    sheet = workbook.create_sheet(text("templates.sheet.choices"))
    ranges: dict[str, str] = {}
    at, deepest = 1, 1
    for name, choice in chosen.items():
        heads = [text("templates.choices.values", label=table.column(name).label)]
        heads += [text("templates.choices.meanings")] if choice.meanings else []
        for offset, (head, values) in enumerate(zip(heads, (choice.values, choice.meanings), strict=False)):
            wide = max(14.0, min(60.0, max(map(len, values)) + 3.0))
            sheet.column_dimensions[get_column_letter(at + offset)].width = wide
            excel.write_text(sheet.cell(1, at + offset), head)
            excel.style_header(sheet.cell(1, at + offset))
            for row, value in enumerate(values, 2):
                cell = sheet.cell(row, at + offset)
                excel.write_text(cell, value)
                cell.font, cell.border = excel.font(), excel.BOX
                cell.alignment = Alignment(vertical="top", wrap_text=True)
                if wide == 60.0:
                    excel.set_height(sheet, row, excel.text_lines(value, wide))
        letter = get_column_letter(at)
        ranges[name] = f"{excel.quoted(sheet.title)}!${letter}$2:${letter}${len(choice.values) + 1}"
        deepest = max(deepest, len(choice.values) + 1)
        at += len(heads)
    excel.set_height(sheet, 1, 3)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    excel.set_page(sheet, landscape=True, columns=max(at - 1, 1), rows=deepest)
    sheet.protection.sheet = True
    return ranges
