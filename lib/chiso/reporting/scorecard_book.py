"""The scorecard as a workbook with live formulas: who changes a value or a point sees criterion, area and total change.

A sheet for the attainment of each index, one for every scorecard with points. Cells to change are yellow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from openpyxl import Workbook
from openpyxl.styles import Alignment, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from chiso.catalogue import Catalogue, Indicator
from chiso.indicators.results import of_unit
from chiso.messages import text
from chiso.reporting import excel, formats, theme
from chiso.reporting.tables.scores import index_name
from chiso.scoring.scorecard.criterion import Criterion
from chiso.scoring.scorecard.model import Scorecard
from chiso.scoring.scorecard.score import Scored
from chiso.scoring.scorecard.values import MISSING, NOT_APPLICABLE, OK

INPUT = PatternFill("solid", fgColor="FFFFF7D6")
SUBTOTAL = PatternFill("solid", fgColor=theme.argb(theme.SURFACE))
_PERCENT, _POINTS, _NUMBER = "0.0\\ %", "+0.0\\ %;-0.0\\ %;0.0\\ %", "#,##0.00"


@dataclass(frozen=True)
class CardSheet:
    """A scorecard of one period and body.

    Attributes:
        card: the scorecard.
        scored: of :func:`chiso.scoring.scorecard.assessment.assessed`.
        unit: label of the body in ``scored``.
        evidence: by criterion.
    """

    card: Scorecard
    scored: Mapping[str, Scored]
    unit: str
    evidence: Mapping[str, str]


def scorecard_book(
    indicators: pl.DataFrame,
    catalogue: Catalogue,
    cards: Sequence[CardSheet],
    *,
    unit: str | None,
    scope: str,
    dated: date,
    band: str = "",
) -> bytes:
    """Return the workbook.

    Args:
        indicators: result table of the period, withheld figures blanked.
        catalogue: tree of the indices.
        cards: scorecards with points.
        unit: code; None for the whole department.
        scope: whose figures, which period and days, for the heading.
        dated: stands for the time of writing.
        band: of a workbook with synthetic data, else empty.
    """
    workbook = Workbook()
    excel.set_default_font(workbook)
    workbook.remove(workbook.worksheets[0])
    for sheet in cards:
        _card_sheet(workbook, sheet, excel.Heading(sheet.card.name.upper(), scope=scope, band=band))
    own = of_unit(unit)
    rows = {r["indicator"]: r for r in indicators.filter(own).iter_rows(named=True)}
    for index in ("B", "A"):
        heading = excel.Heading(index_name(index).upper(), scope=scope, band=band)
        _attainment_sheet(workbook, catalogue, index, rows, heading)
    return excel.to_bytes(workbook, dated)


# -- attainment


def _attainment_sheet(
    workbook: Workbook, catalogue: Catalogue, index: str, rows: Mapping[str, Mapping[str, Any]], heading: excel.Heading
) -> None:
    """Value over target, mean of an item's indicators, of a component's items, of the components, as formulas."""
    names = ("code", "name", "value", "target", "attainment", "change")
    widths = (11.0, 62.0, 14.0, 12.0, 14.0, 16.0)
    ws, at = _sheet(workbook, text("scores.book.sheet_index", index=index), heading, names, widths)
    first = at
    at += 1
    areas: list[int] = []
    before: dict[int, float | None] = {}
    for component in (c for c in catalogue.components if c.index == index):
        items = []
        entries = [(i, _targeted(catalogue, i.id, rows)) for i in catalogue.items if i.component == component.id]
        entries = [(item, own) for item, own in entries if own]
        if not entries:
            continue
        area, at = at, at + 1
        for item, own in entries:
            place = at
            for offset, indicator in enumerate(own, 1):
                _indicator_row(ws, place + offset, indicator, rows[indicator.id], before)
            at = place + len(own) + 1
            _mean_row(ws, place, item.id, item.name, range(place + 1, at), before, style="item")
            items.append(place)
        _mean_row(ws, area, component.id, component.name, items, before, style="area")
        areas.append(area)
    _mean_row(ws, first, index, index_name(index), areas, before, style="total")
    for row, value in before.items():
        cell = ws.cell(row, 6)
        cell.value = f'=IF(E{row}="","",E{row}-{value!r})' if value is not None else f"=E{row}"
        cell.number_format = _POINTS
    for column in ("G", "H"):  # what the means add up and count: a blank is no zero
        ws.column_dimensions[column].hidden = True
    _close(ws, at, ("scores.book.note_input", "scores.book.note_index"), len(names), heading.band)


def _targeted(catalogue: Catalogue, item: str, rows: Mapping[str, Mapping[str, Any]]) -> list[Indicator]:
    return [i for i in catalogue.of_item(item) if i.id in rows and rows[i.id]["target"] is not None]


def _indicator_row(
    ws: Worksheet, row: int, indicator: Indicator, figure: Mapping[str, Any], before: dict[int, float | None]
) -> None:
    shown = "percent" if indicator.as_percent else "number"
    excel.write_text(ws.cell(row, 1), indicator.id)
    excel.write_text(ws.cell(row, 2), indicator.name)
    value, target = ws.cell(row, 3), ws.cell(row, 4)
    if figure["value"] is not None:
        value.value = figure["value"]
    value.number_format = _PERCENT if indicator.as_percent else _NUMBER
    excel.write(target, figure["target"], f"{figure['comparator'] or '=='} {shown}")
    limit = 1 if indicator.as_percent else 100 if indicator.measure == "index" else 10**9
    check = DataValidation("decimal", operator="between", formula1="0", formula2=str(limit), allow_blank=True)
    check.errorTitle, check.error = text("templates.error_title"), text("scores.book.error", top=formats.number(limit))
    check.add(value.coordinate)
    ws.add_data_validation(check)
    ratio = f"IF(D{row}=0,IF(C{row}=0,1,0),MAX(0,MIN(1,C{row}/D{row})))"
    _attained(ws, row, f'=IF(C{row}="","",{ratio})')
    before[row] = figure["attainment"]
    _style(ws, row, 6, inputs=(3, 4))


def _mean_row(
    ws: Worksheet,
    row: int,
    code: str,
    name: str,
    parts: Sequence[int] | range,
    before: dict[int, float | None],
    style: str,
) -> None:
    excel.write_text(ws.cell(row, 1), code)
    excel.write_text(ws.cell(row, 2), name)
    sums, counts = (",".join(f"{column}{p}" for p in parts) for column in ("G", "H"))
    _attained(ws, row, f'=IF(SUM({counts})=0,"",SUM({sums})/SUM({counts}))')
    known = [before[p] for p in parts if before[p] is not None]
    before[row] = sum(known) / len(known) if known else None  # type: ignore[arg-type]
    _style(ws, row, 6, bold=style != "item", filled=style != "item")


def _attained(ws: Worksheet, row: int, formula: str) -> None:
    ws.cell(row, 5).value = formula
    ws.cell(row, 5).number_format = _PERCENT
    ws.cell(row, 7).value = f'=IF(E{row}="",0,E{row})'
    ws.cell(row, 8).value = f'=IF(E{row}="",0,1)'


# -- points


def _card_sheet(workbook: Workbook, sheet: CardSheet, heading: excel.Heading) -> None:
    """Points by rule from the figures, points given by others, what counts, sums by area and in all, as formulas."""
    names = ("code", "criterion", "maximum", "value", "status", "self", "appraisal", "survey", "final", "counted",
             "percent", "evidence")  # fmt: skip
    widths = (9.0, 48.0, 10.0, 13.0, 17.0, 11.0, 11.0, 11.0, 11.0, 12.0, 10.0, 34.0)
    ws, at = _sheet(workbook, sheet.card.code, heading, names, widths)
    head = at
    places: dict[int, int] = {}
    sums: list[tuple[int, str, str, tuple[int, ...], str]] = []
    for node in sheet.card.nodes:
        if node.level == "area":
            row, at = at, at + 1
            sums.append((row, node.code, node.name, node.parts, "area"))
            for inner in sheet.card.nodes:
                if inner.level in ("area", "total") or not set(inner.parts) <= set(node.parts):
                    continue
                if inner.level == "criterion" and inner.code not in sheet.card.codes:
                    sums.append((at, inner.code, inner.name, inner.parts, "group"))
                else:
                    places[inner.parts[0]] = at
                    _criterion_row(ws, at, sheet, inner.parts[0])
                at += 1
    whole = sheet.card.nodes[-1]
    sums.append((at, "", text("scores.quality.total"), whole.parts, "total"))
    for row, code, name, parts, style in sums:
        _sum_row(ws, row, code, name, [places[p] for p in parts], style)
    total = at
    at += 1
    if sheet.card.ratings:
        excel.write_text(ws.cell(at, 2), text("scores.card.rating_column"))
        measured = f"ROUND(I{total},9)" if sheet.card.rated_by == "points" else f"ROUND(100*K{total},9)"
        rating = '""'
        for grade in reversed(sheet.card.ratings):
            rating = f"IF({measured}>={grade.start!r},{_quoted(grade.name)},{rating})"
        ws.cell(at, 9).value = f'=IF(K{total}="","",{rating})'
        _style(ws, at, len(names), bold=True)
        at += 1
    statuses = [text(f"scoring.points.state_{s}") for s in ("ok", "missing", "not_applicable")]
    check = DataValidation("list", formula1='"' + ",".join(statuses) + '"', allow_blank=False)
    check.add(f"E{head}:E{total - 1}")
    ws.add_data_validation(check)
    _close(ws, at, ("scores.book.note_input", "scores.book.note_card"), len(names), heading.band)


def _criterion_row(ws: Worksheet, row: int, sheet: CardSheet, place: int) -> None:
    c = sheet.card.criteria[place]
    own, unit = sheet.scored["self"], sheet.scored["self"].values.units.index(sheet.unit)
    excel.write_text(ws.cell(row, 1), c.code)
    excel.write_text(ws.cell(row, 2), c.name)
    ws.cell(row, 3).value = c.max_points
    status, value = int(own.values.status[0, unit, place]), float(own.values.value[0, unit, place])
    if status == OK:
        ws.cell(row, 4).value = value
    names = {OK: "ok", MISSING: "missing", NOT_APPLICABLE: "not_applicable"}
    excel.write_text(ws.cell(row, 5), text(f"scoring.points.state_{names[status]}"))
    sign = "-" if c.kind == "penalty" else ""
    out = f"E{row}={_quoted(text('scoring.points.state_not_applicable'))}"
    lacking = f"E{row}={_quoted(text('scoring.points.state_missing'))}"
    earned = f'IF({lacking},0,IF(D{row}="",0,{sign}{rule_formula(c, f"D{row}")}))'
    ws.cell(row, 6).value = f'=IF({out},"",{earned})'
    for column, name in ((7, "appraisal"), (8, "survey")):
        given = sheet.scored.get(name)
        if given is not None and given.values.status[0, unit, place] == OK:
            ws.cell(row, column).value = float(given.values.value[0, unit, place])
        check = DataValidation(
            "decimal", operator="between", formula1="0", formula2=repr(c.max_points), allow_blank=True
        )
        check.errorTitle = text("templates.error_title")
        check.error = text("scores.book.error", top=formats.number(c.max_points))
        check.add(ws.cell(row, column).coordinate)
        ws.add_data_validation(check)
    judge = f"{'H' if c.judged_by == 'survey' else 'G'}{row}"
    ws.cell(row, 9).value = f'=IF({out},"",IF({judge}="",F{row},{sign}{judge}))'
    ws.cell(row, 10).value = f"=IF({out},0,{'C' + str(row) if c.kind == 'normal' else 0})"
    ws.cell(row, 11).value = f'=IF(I{row}="","",I{row}/C{row})'
    excel.write_text(ws.cell(row, 12), sheet.evidence.get(c.code, c.evidence))
    _numbers(ws, row)
    _style(ws, row, 12, inputs=(4, 5, 7, 8))


def rule_formula(c: Criterion, cell: str) -> str:
    """Return a criterion's rule as a formula of the cell with its value; see :mod:`chiso.scoring.scorecard.rules`."""
    most = repr(c.max_points)
    if c.rule == "manual":
        return f"MAX(0,MIN({most},{cell}))"
    if c.rule == "binary":
        return f"IF({cell}<=0,{most},0)" if c.full_at == 0 else f"IF({cell}>={c.full_at!r},{most},0)"
    if c.rule == "proportional":
        earned = f"{most}*MAX(0,MIN(1,{cell}/{c.full_at!r}))"
        return earned if c.floor is None else f"IF({cell}<{c.floor!r},0,{earned})"
    if c.rule == "steps":
        found = "0"
        for step in sorted(c.steps):
            found = f"IF({cell}>={step.threshold!r},{step.points!r},{found})"
        return found
    if c.rule == "count":
        each = c.max_points / c.full_at if c.per_unit is None else c.per_unit
        return f"MAX(0,MIN({most},{cell}*{each!r}))"
    if c.rule == "deduct":
        return f"MAX(0,MIN({most},{most}-{cell}*{c.per_unit!r}))"
    assert c.best is not None and c.worst is not None
    return f"{most}*MAX(0,MIN(1,({c.worst!r}-{cell})/({c.worst!r}-{c.best!r})))"


def _sum_row(ws: Worksheet, row: int, code: str, name: str, parts: Sequence[int], style: str) -> None:
    excel.write_text(ws.cell(row, 1), code)
    excel.write_text(ws.cell(row, 2), name)
    for column in ("C", "F", "G", "H", "I", "J"):
        source = "J" if column == "C" else column
        ws[f"{column}{row}"].value = "=" + "+".join(
            f"SUM({source}{first}:{source}{last})" for first, last in _runs(parts)
        )
    ws[f"K{row}"].value = f'=IF(J{row}=0,"",I{row}/J{row})'
    _numbers(ws, row)
    _style(ws, row, 12, bold=True, filled=style != "group")


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Return runs of rows that follow each other: a blank among them counts nothing in a sum of a range."""
    found: list[tuple[int, int]] = []
    for row in sorted(rows):
        if found and row == found[-1][1] + 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found


def _quoted(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'


# -- the look


def _sheet(
    workbook: Workbook, name: str, heading: excel.Heading, columns: Sequence[str], widths: Sequence[float]
) -> tuple[Worksheet, int]:
    ws = workbook.create_sheet(excel.sheet_name(workbook, name))
    for number, width in enumerate(widths, 1):
        ws.column_dimensions[get_column_letter(number)].width = width
    top = excel.add_heading(ws, heading, len(columns))
    labels = [text(f"scores.book.{c}") for c in columns]
    for number, label in enumerate(labels, 1):
        excel.write_text(ws.cell(top, number), label)
        excel.style_header(ws.cell(top, number))
    excel.set_height(ws, top, max(excel.text_lines(b, w, bold=True) for b, w in zip(labels, widths, strict=True)))
    ws.freeze_panes = ws.cell(top + 1, 3)
    ws.print_title_rows = f"{top}:{top}"
    return ws, top + 1


def _numbers(ws: Worksheet, row: int) -> None:
    for column in (3, 4, 6, 7, 8, 9, 10):
        ws.cell(row, column).number_format = _NUMBER if column != 4 else "General"
    ws.cell(row, 11).number_format = _PERCENT


def _style(
    ws: Worksheet, row: int, width: int, *, bold: bool = False, filled: bool = False, inputs: Sequence[int] = ()
) -> None:
    lines = 1
    for column in range(1, width + 1):
        cell = ws.cell(row, column)
        words = isinstance(cell.value, str) and not cell.value.startswith("=")
        cell.font, cell.border = excel.font(bold=bold), excel.BOX
        cell.alignment = Alignment("left" if words else "right", "top", wrap_text=words)
        if column in inputs:
            cell.fill = INPUT
        elif filled:
            cell.fill = SUBTOTAL
        if words:
            room = ws.column_dimensions[get_column_letter(column)].width
            lines = max(lines, excel.text_lines(str(cell.value), room, bold=bold))
    excel.set_height(ws, row, lines)


def _close(ws: Worksheet, at: int, notes: Sequence[str], width: int, band: str) -> None:
    for key in notes:
        at += 1
        cell = ws.cell(at, 1)
        words = text(key)
        excel.write_text(cell, words)
        ws.merge_cells(start_row=at, end_row=at, start_column=1, end_column=width)
        cell.font, cell.alignment = excel.font(11, italic=True), Alignment("left", "top", wrap_text=True)
        room = sum(ws.column_dimensions[get_column_letter(c)].width for c in range(1, width + 1))
        excel.set_height(ws, at, excel.text_lines(words, room))
    excel.set_page(ws, landscape=True, columns=width, rows=at, band=band)
