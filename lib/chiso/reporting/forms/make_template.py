"""Makes the shipped template ``bieu-mau.xlsx``: form II.06a/VPCP/KSTT and the statistical appendix of the report.

``python -m chiso.reporting.forms.make_template`` writes it anew. An office changes a copy of the file in Excel; this is
only for those who change what is shipped. The statistical appendix follows the plan's components, as its official
layout could not be read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from chiso.messages import LANGUAGES, text, use
from chiso.reporting import excel, theme
from chiso.reporting.excel.cells import span
from chiso.reporting.forms.markers import FORM, FORM_NOTE
from chiso.reporting.forms.template import shipped

_FORM_WIDTHS = (5.5, 32.0, 12.0, 10.0, 12.0, 10.0, 12.5, 10.0, 10.0, 10.0, 12.0, 10.0, 10.0)
#: First row, first column, rows, columns of each header cell of form II.06a, by its text.
_FORM_HEADER = (
    ("no", 0, 0, 3, 1), ("field", 0, 1, 3, 1), ("group_received", 0, 2, 1, 4), ("group_finished", 0, 6, 1, 4),
    ("group_open", 0, 10, 1, 3), ("total", 1, 2, 2, 1), ("in_period", 1, 3, 1, 2), ("carried_over", 1, 5, 2, 1),
    ("finished", 1, 6, 2, 1), ("early", 1, 7, 2, 1), ("on_time", 1, 8, 2, 1), ("late", 1, 9, 2, 1),
    ("open", 1, 10, 2, 1), ("open_in_time", 1, 11, 2, 1), ("open_overdue", 1, 12, 2, 1),
    ("received_online", 2, 3, 1, 1), ("received_direct", 2, 4, 1, 1),
)  # fmt: skip
_NUMBERS = ("(1)", "(2)", "(3)=\n(4)+(5)+(6)", "(4)", "(5)", "(6)", "(7)=\n(8)+(9)+(10)", "(8)", "(9)", "(10)",
            "(11)=\n(12)+(13)", "(12)", "(13)")  # fmt: skip
_LIST = {"stt": 6.0, "ma": 13.0, "ten": 46.0, "don_vi_tinh": 9.0, "tu_so": 17.0, "mau_so": 17.0, "ket_qua": 11.0,
         "muc_tieu": 11.0, "tinh_trang": 17.0, "ghi_chu": 18.0}  # fmt: skip
_TEXTS = ("ma", "ten", "ghi_chu")


def make_template() -> bytes:
    """Return the template."""
    workbook = Workbook()
    excel.set_default_font(workbook)
    _form(workbook.active)
    _list(workbook.create_sheet())
    workbook.properties.title = text("workbook.forms.title")
    return excel.to_bytes(workbook, dt.date(2024, 1, 1))


def _form(ws: Worksheet) -> None:
    """Form II.06a: thirteen columns under a header of three rows and the columns' numbers."""
    ws.title = text("workbook.forms.sheet_form")
    _columns(ws, _FORM_WIDTHS)
    _band(ws, 13)
    _line(ws, 2, 1, 3, text("workbook.forms.form_number"), bold=True)
    _line(ws, 3, 1, 3, text("workbook.forms.form_basis"), italic=True)
    _line(ws, 2, 4, 6, text("workbook.forms.form_title"), size=14, bold=True, rows=2)
    _line(ws, 4, 4, 6, text("workbook.forms.period"), italic=True, size=13)
    for row, key in ((2, "reporting"), (3, "receiving")):
        _line(ws, row, 10, 4, text(f"workbook.forms.{key}"), align="left", rows=1 if row == 2 else 2)
    _line(ws, 6, 1, 13, text("workbook.measured_in.balance"), italic=True, align="right")
    top = 7
    for key, r, c, rows, columns in _FORM_HEADER:
        excel.write_text(ws.cell(top + r, c + 1), text(f"tables.balance.{key}"))
        span(ws, top + r, c + 1, rows, columns)
    for c, number in enumerate(_NUMBERS, 1):
        excel.write_text(ws.cell(top + 3, c), number)
    for r in range(top, top + 4):
        for c in range(1, 14):
            excel.style_header(ws.cell(r, c))
            if r == top + 3:
                ws.cell(r, c).font = excel.font(9, italic=True)
    ws.row_dimensions[top + 2].height = 52.0
    ws.row_dimensions[top + 3].height = 26.0
    row = top + 4
    names = ("stt", "ten", *FORM)
    for c, name in enumerate(names, 1):
        for at, words in ((row, f"{{{{linh_vuc.{name}}}}}"), (row + 1, f"{{{{tong.{name}}}}}")):
            cell = ws.cell(at, c)
            cell.value = words if at == row or c > 2 else None
            cell.border, cell.font = excel.BOX, excel.font(bold=at > row)
            align = "center" if c == 1 else "left" if c == 2 else "right"
            cell.alignment = Alignment(align, "top", wrap_text=c == 2, indent=1 if c == 2 else 0)
            cell.number_format = "#,##0" if c != 2 else "General"
    excel.write_text(ws.cell(row + 1, 2), text("tables.balance.total_row"))
    _line(ws, row + 2, 1, 13, f"{{{{{FORM_NOTE}}}}}", italic=True, size=11, align="left")
    end = excel.add_signatures(ws, row + 3, _FORM_WIDTHS)
    _page(ws, 13, end, top, top + 3)
    _name(ws, "bieu_II_06a", f"$A${top + 3}:$M${row + 1}")


def _list(ws: Worksheet) -> None:
    """The statistical appendix: a heading a component, a line an indicator."""
    ws.title = text("workbook.forms.sheet_list")
    widths = tuple(_LIST.values())
    _columns(ws, widths)
    _band(ws, len(widths))
    for row, key, style in (
        (2, "list_appendix", {"size": 14, "bold": True}),
        (3, "list_title", {"size": 13, "bold": True}),
        (4, "list_attached", {"size": 13, "italic": True}),
        (5, "list_scope", {"size": 12, "italic": True}),
    ):
        _line(ws, row, 1, len(widths), text(f"workbook.forms.{key}"), **style)  # type: ignore[arg-type]
    top = 7
    for c, name in enumerate(_LIST, 1):
        cell = ws.cell(top, c)
        excel.write_text(cell, text(f"workbook.forms.column_{name}"))
        excel.style_header(cell)
    ws.row_dimensions[top].height = 36.0
    words = text("workbook.forms.component")
    excel.write_text(ws.cell(top + 1, 1), words)
    span(ws, top + 1, 1, 1, len(widths))
    for c, name in enumerate(_LIST, 1):
        head, cell = ws.cell(top + 1, c), ws.cell(top + 2, c)
        head.border = cell.border = excel.BOX
        head.font, cell.font = excel.font(bold=True), excel.font()
        head.alignment = Alignment("left", "top", wrap_text=True, indent=1)
        cell.value = f"{{{{chi_so.{name}}}}}"
        centred = name in ("stt", "don_vi_tinh")
        align = "left" if name in (*_TEXTS, "tinh_trang") else "center" if centred else "right"
        cell.alignment = Alignment(align, "top", wrap_text=name in _TEXTS, indent=1 if align == "left" else 0)
    _line(ws, top + 3, 1, len(widths), text("workbook.forms.list_note"), italic=True, size=11, align="left")
    end = excel.add_signatures(ws, top + 5, widths)
    _page(ws, len(widths), end, top, top)
    _name(ws, "phu_luc_thong_ke", f"$A${top}:${get_column_letter(len(widths))}${top + 2}")
    ws.freeze_panes = f"C{top + 1}"


def _columns(ws: Worksheet, widths: Sequence[float]) -> None:
    for c, width in enumerate(widths, 1):
        ws.column_dimensions[get_column_letter(c)].width = width


def _band(ws: Worksheet, columns: int) -> None:
    _line(ws, 1, 1, columns, "{{mo_phong}}", bold=True, colour=theme.BAND)


def _line(
    ws: Worksheet,
    row: int,
    column: int,
    columns: int,
    words: str,
    *,
    size: float = 12,
    bold: bool = False,
    italic: bool = False,
    align: str = "center",
    rows: int = 1,
    colour: str = theme.INK,
) -> None:
    cell = ws.cell(row, column)
    excel.write_text(cell, words)
    span(ws, row, column, rows, columns)
    cell.font = excel.font(size, bold=bold, italic=italic, colour=colour)
    cell.alignment = Alignment(align, "center", wrap_text=True)
    width = sum(ws.column_dimensions[get_column_letter(c)].width for c in range(column, column + columns))
    lines = excel.text_lines(words, width * 12 / size, bold=bold)
    height = (lines * 16 * max(size / 12, 1) + 4) / rows
    for r in range(row, row + rows):
        ws.row_dimensions[r].height = max(height, ws.row_dimensions[r].height or 0)


def _page(ws: Worksheet, columns: int, end: int, first: int, last: int) -> None:
    about = text("workbook.forms.footer")
    excel.set_page(ws, landscape=True, columns=columns, rows=end - 1, name=about)
    ws.print_title_rows = f"{first}:{last}"


def _name(ws: Worksheet, name: str, cells: str) -> None:
    assert ws.parent is not None
    ws.parent.defined_names[name] = DefinedName(name, attr_text=f"{excel.quoted(ws.title)}!{cells}")


if __name__ == "__main__":
    for spoken in LANGUAGES:
        use(spoken)
        shipped().write_bytes(make_template())
