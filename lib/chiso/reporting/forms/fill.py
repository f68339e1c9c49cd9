"""The forms filled in: rows put in, markers replaced, totals and shares as formulas with their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from openpyxl.cell import Cell
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from chiso.catalogue import Indicator
from chiso.messages import text
from chiso.reporting import excel, formats, theme
from chiso.reporting.excel.page import plain
from chiso.reporting.forms.markers import COMPONENT, FIELD, FIGURES, FORM, FORM_NOTE, INDICATOR, MARKER, TOTAL
from chiso.reporting.forms.rows import expand
from chiso.reporting.forms.template import marked, open_forms, repeated
from chiso.reporting.tables.cases import case_balance_table
from chiso.reporting.tables.scorecard import component_title, entry, figures_of
from chiso.reporting.workbook import Material, band_of

#: A value and how it is shown.
Values = dict[str, tuple[Any, str]]


def forms_workbook(material: Material, template: Path | None = None) -> bytes:
    """Return the filled forms. The same material and template give the same bytes.

    Args:
        material: what the appendices are made from.
        template: the office's own; None: the shipped one.

    Raises:
        ChisoError: the template cannot be used; the message says why.
    """
    workbook = open_forms(template, material.catalogue)
    lines, totals, note = _fields(material)
    whole = _heads(material) | _single_figures(material) | {FORM_NOTE: (note or None, "text")}
    told = any(FORM_NOTE in markers for ws in workbook.worksheets for _, markers in marked(ws))
    for ws in workbook.worksheets:
        # Whatever is put in is not read again: what stands once first, then the lowest rows.
        for cell, markers in list(marked(ws)):
            _put(cell, whole)
            if FORM_NOTE in markers:
                _grow(ws, cell.row)
        rows = sorted(((next(iter(found)), kind) for kind, found in repeated(ws).items()), reverse=True)
        above = next((row for row, kind in rows if kind == COMPONENT), None)
        for row, kind in rows:
            if kind == FIELD:
                _fill_form(ws, row, lines, totals)
                if note and not told:
                    _add_note(ws, row + max(len(lines), 1), note)
            elif kind == INDICATOR:
                _fill_indicators(ws, row, above, material)
        if band := band_of(material.dataset):
            ws.oddHeader.center.text = plain(band)
            ws.oddHeader.center.size, ws.oddHeader.center.color = 9, theme.BAND.lstrip("#").upper()
    workbook.properties.title = text("workbook.forms.title")
    return excel.to_bytes(workbook, material.timeframe.as_of)


def _heads(material: Material) -> Values:
    t, body = material.timeframe, material.dataset.body
    parent = text("word.parent", province=body.province).upper() if body.province else text("workbook.forms.parent")
    return {
        "co_quan_chu_quan": (body.name.upper() if material.unit else parent, "text"),
        "co_quan": (material.subject, "text"),
        "ky_bao_cao": (t.period.label, "text"),
        "tu_ngay": (t.start, "date"),
        "den_ngay": (min(t.end, t.as_of), "date"),
        "ngay_chot": (t.as_of, "date"),
        "ke_hoach": (material.catalogue.title, "text"),
        "mo_phong": (band_of(material.dataset), "text"),
    }


def _figures(indicator: Indicator, row: Mapping[str, Any], material: Material) -> Values:
    found = entry(indicator, row, material.catalogue)
    how = {
        "numerator": "number",
        "denominator": "number",
        "value": found["value_format"],
        "target": found["target_format"],
        "status": "status",
        "deadline": "date",
    }
    return {name: (found[column], how[column]) for name, column in FIGURES.items()}


def _single_figures(material: Material) -> Values:
    rows = figures_of(material.indicators, material.unit)
    return {
        f"{i.id}.{name}": value
        for i in material.catalogue.indicators
        for name, value in _figures(i, rows.get(i.id, {}), material).items()
    }


def _fields(material: Material) -> tuple[list[Values], Values, str]:
    """Return the lines of form II.06a, their totals and the note below, as the appendix has them."""
    table = case_balance_table(material.results.case_balance, material.unit)
    lines: list[Values] = []
    totals: Values = {f"{TOTAL}.{name}": (None, "integer") for name in FORM}
    note = " ".join(note.text for note in table.notes)
    if "row_kind" not in table.frame.columns:
        return lines, totals, note
    for row in table.frame.iter_rows(named=True):
        if row["row_kind"] == "total":
            totals = {f"{TOTAL}.{name}": (row[column], "integer") for name, column in FORM.items()}
        else:
            own: Values = {f"{FIELD}.stt": (row["no"], "integer"), f"{FIELD}.ten": (row["field"], "text")}
            lines.append(own | {f"{FIELD}.{name}": (row[column], "integer") for name, column in FORM.items()})
    return lines, totals, note


_SUMS = {
    "tong_tiep_nhan": ("truc_tuyen", "truc_tiep", "ky_truoc"),
    "tong_da_giai_quyet": ("truoc_han", "dung_han", "qua_han"),
    "tong_dang_giai_quyet": ("trong_han", "dang_qua_han"),
}


def _fill_form(ws: Worksheet, row: int, lines: list[Values], totals: Values) -> None:
    letters = {m: cell.column_letter for cell, ms in marked(ws) if cell.row == row for m in ms}
    for cell, markers in list(marked(ws)):
        if markers[0] not in totals or cell.row == row:
            continue
        alone = MARKER.fullmatch(cell.value.strip())
        _put(cell, totals)
        name = f"{FIELD}.{markers[0].partition('.')[2]}"
        if alone and lines and totals[markers[0]][0] == sum(values[name][0] for values in lines):
            cell.value = f"=SUM({letters[name]}{row}:{letters[name]}{row})"  # grows with the rows
    expand(ws, row, row, [row] * max(len(lines), 1))
    none: Values = dict.fromkeys(letters, (None, "text")) | {f"{FIELD}.ten": (text("workbook.forms.nothing"), "text")}
    for at, values in enumerate(lines or [none], row):
        for cell in _cells(ws, at):
            _put(cell, values)
        for result, parts in _SUMS.items():
            numbers = [values.get(f"{FIELD}.{name}", (None, ""))[0] for name in (result, *parts)]
            if None not in numbers and numbers[0] == sum(numbers[1:]):  # cases without a due date are in no part
                cells = [f"{letters[f'{FIELD}.{name}']}{at}" for name in parts]
                ws[f"{letters[f'{FIELD}.{result}']}{at}"].value = f"={'+'.join(cells)}"
        _grow(ws, at)


def _fill_indicators(ws: Worksheet, row: int, above: int | None, material: Material) -> None:
    """Put in a row an indicator, under a row a component where the template has one directly above."""
    rows = figures_of(material.indicators, material.unit)
    groups: dict[str, list[Indicator]] = {}
    for indicator in material.catalogue.indicators:
        groups.setdefault(indicator.component, []).append(indicator)
    headed = above is not None and above == row - 1
    plan: list[int] = []
    put: list[Values] = []
    number = 0
    for component, indicators in groups.items():
        if headed:
            plan.append(row - 1)
            title = component_title(material.catalogue, component).removeprefix(f"{component}. ")
            put.append({f"{COMPONENT}.ma": (component, "text"), f"{COMPONENT}.ten": (title, "text")})
        for indicator in indicators:
            number += 1
            plan.append(row)
            values = _figures(indicator, rows.get(indicator.id, {}), material)
            more: Values = {
                "stt": (number, "integer"),
                "ma": (indicator.id, "text"),
                "ten": (indicator.name, "text"),
                "don_vi_tinh": (_unit(indicator), "text"),
                "ghi_chu": ("" if indicator.verified else text("workbook.forms.unverified"), "text"),
            }
            put.append({f"{INDICATOR}.{name}": value for name, value in (values | more).items()})
    first = row - headed
    letters = {m.partition(".")[2]: c.column_letter for c, ms in marked(ws) if c.row == row for m in ms}
    expand(ws, first, row, plan)
    for at, values in enumerate(put, first):
        for cell in _cells(ws, at):
            _put(cell, values)
        _share(ws, at, letters, values)
        _grow(ws, at)


def _unit(indicator: Indicator) -> str:
    if indicator.as_percent:
        return "%"
    return text("workbook.forms.points" if indicator.measure == "index" else "workbook.forms.count")


def _share(ws: Worksheet, at: int, letters: Mapping[str, str], values: Values) -> None:
    """Make a share a formula where numerator and denominator stand beside it and give it."""
    if not {"tu_so", "mau_so", "ket_qua"} <= letters.keys():
        return
    n, whole, share = (values.get(f"{INDICATOR}.{name}", (None, ""))[0] for name in ("tu_so", "mau_so", "ket_qua"))
    if n is not None and whole and share is not None and abs(n / whole - share) < 1e-12:
        ws[f"{letters['ket_qua']}{at}"].value = f"={letters['tu_so']}{at}/{letters['mau_so']}{at}"


def _cells(ws: Worksheet, row: int) -> Iterator[Cell]:
    yield from [cell for (r, _), cell in sorted(ws._cells.items()) if r == row]


def _put(cell: Cell, values: Values) -> None:
    """Replace the markers of a cell that have a value: alone in it the value itself, else words."""
    if not isinstance(cell.value, str) or not (names := MARKER.findall(cell.value)):
        return
    if not set(names) <= values.keys():
        return  # of another row or of the report as a whole: their turn comes
    if len(names) == 1 and MARKER.fullmatch(cell.value.strip()):
        value, how = values[names[0]]
        cell.value = None
        if value is None and how == "text":
            return
        excel.write(cell, value, how)
        return
    shown = MARKER.sub(lambda found: formats.show(*values[found[1]]), cell.value)
    cell.value = None
    excel.write_text(cell, shown)


def _add_note(ws: Worksheet, row: int, note: str) -> None:
    """Write what the form has no column for into the first free row below its lines, where no marker asks for it."""
    while any(cell.value is not None for cell in _cells(ws, row)) or not _is_one_line(ws, row):
        row += 1
    cell = ws.cell(row, 1)
    excel.write_text(cell, note)
    cell.font, cell.alignment = excel.font(11, italic=True), Alignment("left", "top", wrap_text=True)
    if not _merged(ws, row):
        ws.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(FORM) + 2)
    _grow(ws, row)


def _merged(ws: Worksheet, row: int) -> list[CellRange]:
    return [merged for merged in ws.merged_cells.ranges if merged.min_row <= row <= merged.max_row]


def _is_one_line(ws: Worksheet, row: int) -> bool:
    """Return whether nothing is merged in a row but, perhaps, the row itself from its first cell on."""
    found = [(merged.min_row, merged.max_row, merged.min_col) for merged in _merged(ws, row)]
    return found in ([], [(row, row, 1)])


def _grow(ws: Worksheet, row: int) -> None:
    """Make a row high enough for what was put into it; never lower than the template has it."""
    lines = 1
    for cell in _cells(ws, row):
        if isinstance(cell.value, str) and cell.data_type == "s" and cell.alignment.wrap_text:
            merged = next((r for r in ws.merged_cells.ranges if cell.coordinate in r), None)
            columns = range(cell.column, (merged.max_col if merged else cell.column) + 1)
            width = sum(ws.column_dimensions[get_column_letter(c)].width or 9 for c in columns)
            lines = max(lines, excel.text_lines(cell.value, width - 1, bold=bool(cell.font.bold)))
    before = ws.row_dimensions[row].height or 0
    excel.set_height(ws, row, lines)
    ws.row_dimensions[row].height = max(before, ws.row_dimensions[row].height)
