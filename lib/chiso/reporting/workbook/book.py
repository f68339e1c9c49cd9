"""The workbook of an index: cover, contents and notes, then one appendix a table."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from chiso.messages import text
from chiso.reporting import excel, formats
from chiso.reporting.excel.charts import place
from chiso.reporting.tables.board import index_of
from chiso.reporting.workbook.charts import picture
from chiso.reporting.workbook.material import Material, band_of
from chiso.reporting.workbook.notes import notes_table
from chiso.reporting.workbook.sheets import roman, tab_name


def appendix_workbook(material: Material, index: str) -> bytes:
    """Return the workbook of an index: cover, contents, notes, appendices. The same material gives the same bytes."""
    workbook = Workbook()
    excel.set_default_font(workbook)
    cover, contents = workbook.active, workbook.create_sheet(text("workbook.sheet.contents"))
    cover.title = text("workbook.sheet.cover")
    notes = notes_table(material, index)
    told = excel.add_sheet(workbook, text("workbook.sheet.notes"), material.heading(notes.title), notes)
    _back(told.ws, contents.title)
    entries: list[tuple[str, str, int | None, str]] = [("", notes.title, None, told.ws.title)]
    places: dict[str, excel.Written] = {}
    for number, sheet in enumerate(material.sheets(index), 1):
        appendix = text("workbook.appendix", number=roman(number))
        written = excel.add_sheet(workbook, tab_name(number, sheet), sheet.heading(material, appendix), sheet.table)
        places[sheet.key] = written
        entries.append((appendix, sheet.table.title, sheet.table.frame.height, written.ws.title))
    for key, written in places.items():
        if (drawn := picture(key, places)) is not None:
            widths = excel.column_widths(written.table)
            last = place(written.ws, drawn, written.end + 1, widths)
            written.ws.print_area = f"A1:{get_column_letter(len(widths))}{last}"
        _back(written.ws, contents.title)
    _cover(cover, material, index, contents.title)
    _contents(contents, material, entries)
    workbook.properties.title = text(f"workbook.title_{index}")
    return excel.to_bytes(workbook, material.timeframe.as_of)


def _back(ws: Worksheet, contents: str) -> None:
    """Put a link to the contents beside the table, outside what is printed."""
    gap = ws.max_column + 1
    ws.column_dimensions[get_column_letter(gap)].width = 3
    ws.column_dimensions[get_column_letter(gap + 1)].width = 14
    excel.write_link(ws.cell(1, gap + 1), text("workbook.back"), contents)


def _cover(ws: Worksheet, material: Material, index: str, contents: str) -> None:
    body, catalogue, t, files = (
        material.dataset.body,
        material.catalogue,
        material.timeframe,
        material.dataset.tallies,
    )
    ws.column_dimensions["A"].width, ws.column_dimensions["B"].width = 26, 66
    row = excel.add_heading(ws, material.heading(text(f"workbook.title_{index}")), 2)
    own = [i for i in catalogue.indicators if index_of(i.component) == index]
    sums = {name: formats.number(int(files[name].sum())) for name in ("read", "accepted", "rejected")}
    exported = files["exported_on"].drop_nulls()
    facts = {
        "body": body.name,
        "subject": material.subject,
        "period": t.period.label,
        "window": text("workbook.window", days=formats.days(t.start, t.end), rule=text(f"worktime.window_{t.rule}")),
        "as_of": formats.day(t.as_of),
        "plan": f"{catalogue.title} ({catalogue.source}, {catalogue.issuer})",
        "catalogue": text("workbook.version", year=catalogue.year, version=catalogue.version),
        "unverified": text("workbook.unverified", count=sum(not i.verified for i in own), all=len(own)),
        "data": text("workbook.data", files=formats.number(files.height), **sums),
        "exported": formats.days(exported.min(), exported.max()),  # type: ignore[arg-type]
        "own_id": material.own_id(),
        "notice": body.notice or "",
    }
    for key, value in facts.items():
        if not value:
            continue
        for column, shown in ((1, text(f"workbook.cover.{key}")), (2, value)):
            cell = ws.cell(row, column)
            excel.write_text(cell, shown)
            cell.font, cell.border = excel.font(bold=column == 1), excel.BOX
            cell.alignment = Alignment("left", "top", wrap_text=True)
        excel.set_height(ws, row, excel.text_lines(value, 66))
        row += 1
    excel.write_link(ws.cell(row + 1, 1), text("workbook.to_contents"), contents)
    excel.set_page(ws, landscape=False, columns=2, rows=row + 1, band=band_of(material.dataset))


def _contents(ws: Worksheet, material: Material, entries: Sequence[tuple[str, str, int | None, str]]) -> None:
    for letter, width in zip("ABC", (17, 72, 10), strict=True):
        ws.column_dimensions[letter].width = width
    row = top = excel.add_heading(ws, material.heading(text("workbook.sheet.contents")), 3)
    for column, name in enumerate(("appendix", "content", "rows"), 1):
        cell = ws.cell(row, column)
        excel.write_text(cell, text(f"workbook.column.{name}"))
        excel.style_header(cell)
    for appendix, title, rows, name in entries:
        row += 1
        if appendix:
            excel.write_link(ws.cell(row, 1), appendix, name)
        excel.write_link(ws.cell(row, 2), title, name)
        if rows is not None:
            excel.write(ws.cell(row, 3), rows, "integer")
        ws.cell(row, 3).font = excel.font()
        excel.set_height(ws, row, excel.text_lines(title, 72))
        for column in (1, 2, 3):
            ws.cell(row, column).border = excel.BOX
            ws.cell(row, column).alignment = Alignment("right" if column == 3 else "left", "top", wrap_text=column == 2)
    ws.print_title_rows, ws.freeze_panes = f"{top}:{top}", f"A{top + 1}"
    excel.set_page(ws, landscape=False, columns=3, rows=row, band=band_of(material.dataset), about=material.about)
