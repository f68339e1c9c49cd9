"""Rows of a template put in as often as there is something to put into them; what refers to rows below follows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from copy import copy

from openpyxl import Workbook
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token
from openpyxl.formula.translate import Translator
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

_REFERENCE = re.compile(r"(\$?)([A-Z]{1,3})(\$?)([0-9]+)")


def expand(ws: Worksheet, first: int, last: int, plan: Sequence[int]) -> None:
    """Replace rows by copies of them.

    Formulas, merged cells, names, print areas, filters and conditional formats that reach into the rows or lie below
    them follow; a range that ends in the rows ends with their last copy.

    Args:
        ws: the sheet.
        first: first row that is replaced.
        last: last row that is replaced.
        plan: for each new row the row it is a copy of; at least one.
    """
    delta = len(plan) - (last - first + 1)
    kept = {row: {c: cell for (r, c), cell in ws._cells.items() if r == row} for row in range(first, last + 1)}
    heights = {row: d.height for row, d in ws.row_dimensions.items() if d.height is not None}
    merged = [CellRange(str(r)) for r in ws.merged_cells.ranges]
    for r in merged:
        ws.unmerge_cells(str(r))
    below = sorted((key for key in ws._cells if key[0] > last), reverse=True)
    moved = {key: ws._cells.pop(key) for key in below}
    for row in range(first, last + 1):
        for column in kept[row]:
            ws._cells.pop((row, column), None)
    for (row, column), cell in moved.items():
        cell.row = row + delta
        ws._cells[row + delta, column] = cell
    for row in list(ws.row_dimensions):
        ws.row_dimensions[row].height = None
    for row, height in heights.items():
        if not first <= row <= last:
            ws.row_dimensions[row + delta if row > last else row].height = height
    for at, origin in enumerate(plan, first):
        ws.row_dimensions[at].height = heights.get(origin)
        for column, cell in kept[origin].items():
            new = ws.cell(at, column)
            new._style = copy(cell._style)
            new.value = cell.value
            if cell.data_type == "f":
                new.value = Translator(str(cell.value), cell.coordinate).translate_formula(new.coordinate)
    for r in merged:
        if first <= r.min_row == r.max_row <= last:
            for at, origin in enumerate(plan, first):
                if origin == r.min_row:
                    ws.merge_cells(start_row=at, end_row=at, start_column=r.min_col, end_column=r.max_col)
        else:
            ws.merge_cells(_shifted(str(r), first, last, delta))
    copies = range(first, first + len(plan))
    _follow(ws, copies, lambda reference: _shifted(reference, first, last, delta))


def _shifted(reference: str, first: int, last: int, delta: int) -> str:
    """Return a reference without sheet (``B4``, ``$A$3:$F$9``) after the rows ``first`` … ``last`` grew by delta."""
    ends = reference.split(":")

    def end(found: re.Match[str], *, closing: bool) -> str:
        row = int(found[4])
        if row > last or (closing and first <= row <= last):
            row += delta
        return f"{found[1]}{found[2]}{found[3]}{row}"

    shifted = [
        _REFERENCE.sub(lambda m, closing=n == 1: end(m, closing=closing), part)  # type: ignore[misc]
        for n, part in enumerate(ends)
    ]
    return ":".join(shifted)


def _follow(ws: Worksheet, copies: range, shift: Callable[[str], str]) -> None:
    workbook: Workbook = ws.parent
    for other in workbook.worksheets:
        for (row, _), cell in other._cells.items():
            if cell.data_type == "f" and isinstance(cell.value, str) and not (other is ws and row in copies):
                cell.value = _formula(cell.value, ws.title, other.title, shift)
    for name in workbook.defined_names.values():
        name.attr_text = _formula(f"={name.attr_text}", ws.title, "", shift)[1:]
    if ws.print_area:
        areas = ws.print_area if isinstance(ws.print_area, str) else ",".join(ws.print_area)
        ws.print_area = ",".join(shift(area.rpartition("!")[2]) for area in areas.split(","))
    if ws.auto_filter.ref:
        ws.auto_filter.ref = shift(ws.auto_filter.ref)
    formats = [(str(entry.sqref), entry.rules) for entry in ws.conditional_formatting]
    ws.conditional_formatting = ConditionalFormattingList()
    for cells, rules in formats:
        for rule in rules:
            ws.conditional_formatting.add(" ".join(shift(part) for part in cells.split()), rule)


def _formula(formula: str, sheet: str, home: str, shift: Callable[[str], str]) -> str:
    """Return a formula with its references to a sheet shifted; ``home`` is the sheet it stands on."""
    tokens = Tokenizer(formula)
    for token in tokens.items:
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            place, mark, cells = token.value.rpartition("!")
            name = place[1:-1].replace("''", "'") if place.startswith("'") else place or home
            if name == sheet:
                token.value = place + mark + shift(cells)
    return "=" + "".join(token.value for token in tokens.items)
