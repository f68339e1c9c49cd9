"""The workbook of rejected rows: each row as its file has it, the cells to correct marked, ready to be handed back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from chiso.messages import has, text
from chiso.reporting import excel, formats, theme
from chiso.reporting.workbook import band_of
from chiso.sources import Dataset, RejectedSheet, TableContract
from chiso.sources.rejected.hand_back import BEFORE, PLACE, as_shown, comparable, label

#: Excel's limits.
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
#: Notes on cells in a sheet: with more of them Excel becomes slow. Reason and remedy stand in each row anyway.
MOST_NOTES = 2_000
#: Rows whose height is reckoned; further rows are left to the program that opens the file.
MOST_HEIGHTS = 20_000
#: The other rows of a key that a reason names.
MOST_PARTNERS = 3
_WIDTHS = {"row": 14.0, "reason": 46.0, "remedy": 52.0}
_NARROWEST, _WIDEST = 12.0, 34.0
_EDGE = Side(style="medium", color=theme.argb(theme.STATUS["not_met"]))
_FAULT = PatternFill("solid", fgColor=theme.argb("#ffd9cf"))
_STEPS = ("open", "correct", "keep", "save", "again")


@dataclass(frozen=True)
class _Faults:
    """Why rows of a sheet are rejected: reasons and remedies by row number, and those of each column.

    ``hidden``: rows with a fault in a column that is not shown.
    """

    rows: dict[int, tuple[str, str]]
    cells: dict[int, dict[str, list[tuple[str, str]]]]
    hidden: frozenset[int] = frozenset()


def rejected_workbook(dataset: Dataset) -> bytes | None:
    """Return the rejected rows to be corrected and handed back; None where there are none.

    First what to do; then a sheet a source file and sheet (several where Excel's limit of rows is reached): the rows as
    they are, in all columns of the file but those about single persons, with reason and remedy; above them what the
    sheet is about, by which :mod:`chiso.sources.rejected.corrections` knows it again.
    """
    sheets = dataset.rejected_sheets()
    if dataset.rejects.is_empty() or not sheets:
        return None
    workbook, band = Workbook(write_only=True), band_of(dataset)
    excel.set_default_font(workbook)
    guide = workbook.create_sheet(text("workbook.rejected.guide"))
    different = _differing_cells(dataset, sheets)
    told = []
    for sheet in sheets:
        faults = _faults(dataset, sheet, different)
        parts = list(_parts(sheet))
        for number, rows in enumerate(parts, 1):
            part = (number, len(parts)) if len(parts) > 1 else None
            name = sheet.file if sheet.sheet is None else f"{sheet.sheet} {sheet.file}"
            ws = workbook.create_sheet(excel.sheet_name(workbook, f"{number} {name}" if part else name))
            _write_sheet(ws, replace(sheet, frame=rows), dataset.contracts[sheet.table], faults, band, part)
            told.append((ws.title, sheet, rows.height))
    labels = {name: contract.label for name, contract in dataset.contracts.items()}
    _write_guide(guide, told, labels, band)
    workbook.properties.title = text("workbook.title_rejected")
    days = dataset.exported_days  # none where no file name tells the day
    return excel.to_bytes(workbook, days[-1] if days else date(1980, 1, 1))


def _parts(sheet: RejectedSheet) -> Iterator[pl.DataFrame]:
    """Yield the rows of a sheet in pieces that Excel takes, some lines left for the head."""
    yield from sheet.frame.sort("row").iter_slices(MOST_ROWS - 20)


def _faults(dataset: Dataset, sheet: RejectedSheet, different: _Different) -> _Faults:
    own = (pl.col("table") == sheet.table) & (pl.col("file") == sheet.file)
    rejects = dataset.rejects.filter(own & pl.col("sheet").eq_missing(pl.lit(sheet.sheet, pl.String)))
    reasons: dict[int, dict[tuple[str, str], None]] = defaultdict(dict)
    cells: dict[int, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    shown = {column.name for column in sheet.columns} | set(sheet.absent)
    hidden: set[int] = set()
    contract = dataset.contracts[sheet.table]
    wanted = rejects.select("row", "column", "rule", "reason", "remedy", "value")
    for row, column, rule, reason, remedy, value in wanted.iter_rows():
        names: list[str] = column.split(", ") if column else []
        if rule == "conflict":
            partners = different.partners.get((sheet.table, value), ())
            others = [place for place in partners if place != (sheet.file, sheet.sheet, row)]
            if others:
                named = "; ".join(_named(place, sheet) for place in others[:MOST_PARTNERS])
                more = " …" if len(others) > MOST_PARTNERS else ""
                reason = text("workbook.rejected.partners", reason=reason, others=named + more)
            names += different.columns.get((sheet.table, value), ())
        elif names and shown.isdisjoint(names):
            hidden.add(row)
            label = ", ".join(contract.column(name).label for name in names)
            remedy = text("workbook.rejected.hidden", column=label, remedy=remedy)
        elif has(f"workbook.rejected.remedy_{rule}"):
            remedy = text(f"workbook.rejected.remedy_{rule}")
        reasons[row][reason, remedy] = None
        for name in dict.fromkeys(names):
            cells[row][name].append((reason, remedy))
    return _Faults({row: _joined(list(told)) for row, told in reasons.items()}, cells, frozenset(hidden))


def _named(place: tuple[str, str | None, int], sheet: RejectedSheet) -> str:
    file, name, row = place
    if (file, name) == (sheet.file, sheet.sheet):
        return text("workbook.rejected.row", row=row)
    where = file if name is None else f"{file} [{name}]"
    return text("workbook.rejected.row_of", row=row, file=where)


def _joined(told: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Return reasons and remedies as two texts, numbered alike where there are several."""
    if len(told) == 1:
        return told[0]
    reasons, remedies = zip(*told, strict=True)
    return tuple("\n".join(f"{n}) {part}" for n, part in enumerate(p, 1)) for p in (reasons, remedies))  # type: ignore[return-value]


@dataclass(frozen=True)
class _Different:
    """Of each key whose rows contradict one another: where its rows stand, and the columns in which they differ."""

    partners: dict[tuple[str, str], tuple[tuple[str, str | None, int], ...]]
    columns: dict[tuple[str, str], tuple[str, ...]]


def _differing_cells(dataset: Dataset, sheets: Sequence[RejectedSheet]) -> _Different:
    at = ["file", "sheet", "row"]
    conflicts = dataset.rejects.filter(pl.col("rule") == "conflict").select("table", *at, key="value").unique()
    partners: dict[tuple[str, str], tuple[tuple[str, str | None, int], ...]] = {}
    columns: dict[tuple[str, str], tuple[str, ...]] = {}
    for (table,), places in conflicts.sort("table", *at).group_by("table", maintain_order=True):
        own = pl.concat([s.canonical() for s in sheets if s.table == table], how="diagonal")
        rows = places.join(own, on=at, how="left", nulls_equal=True, maintain_order="left")
        names = [name for name in own.columns if name not in at]
        rows = rows.with_columns(comparable(rows[name]).alias(name) for name in names)
        counts = rows.group_by("key", maintain_order=True).agg(
            pl.struct(at).alias("places"), *[pl.col(name).n_unique() for name in names]
        )
        for record in counts.iter_rows(named=True):
            key = (str(table), record["key"])
            partners[key] = tuple((p["file"], p["sheet"], p["row"]) for p in record["places"])
            columns[key] = tuple(name for name in names if record[name] > 1)
    return _Different(partners, columns)


class _Styles:
    """Cells of one sheet, each in a look that is worked out once; a text stays a text whatever it begins with."""

    def __init__(self, ws: WriteOnlyWorksheet) -> None:
        self.ws = ws
        self.known: dict[tuple[str, bool], Any] = {}

    def cell(self, value: object, look: str) -> WriteOnlyCell:
        """Return a cell; looks: ``source``, ``fault``, ``told``, ``row``, ``head``, ``label``, ``plain``."""
        formula = isinstance(value, str) and value.startswith(excel.FORMULA)
        cell = WriteOnlyCell(self.ws, value)
        if isinstance(value, str):
            cell.data_type = "s"  # openpyxl takes "=…" for a formula
        if (look, formula) not in self.known:
            self.known[look, formula] = self._style(look, formula)
        cell._style = self.known[look, formula]
        return cell

    def _style(self, look: str, formula: bool) -> Any:
        cell = WriteOnlyCell(self.ws, None)
        cell.font = excel.font(bold=look in ("fault", "label", "title"), size=13 if look == "title" else 12)
        wrap = look not in ("row", "plain", "label", "title")
        cell.alignment = Alignment("right" if look == "row" else "left", "top", wrap_text=wrap)
        if look in ("source", "fault"):
            cell.number_format = "@"  # what a person types stays as it is typed: 007, 01/02/2024
        if look in ("source", "told", "row"):
            cell.border = excel.BOX
        if look == "fault":
            cell.border, cell.fill = Border(_EDGE, _EDGE, _EDGE, _EDGE), _FAULT
            cell.protection = Protection(locked=False)
        if look == "head":
            excel.style_header(cell)
        if look == "band":
            cell.font, cell.alignment = excel.font(bold=True, colour=theme.BAND), Alignment("left", "center")
        if formula:
            cell.quotePrefix = True
        return cell._style


def _write_sheet(
    ws: WriteOnlyWorksheet,
    sheet: RejectedSheet,
    contract: TableContract,
    faults: _Faults,
    band: str,
    part: tuple[int, int] | None,
) -> None:
    """Write one sheet: what it is about, the header, the rows."""
    shown = list(sheet.columns)[: MOST_COLUMNS - BEFORE - len(sheet.absent)]
    at_fault = {name for cells in faults.cells.values() for name in cells}
    absent = [name for name in sheet.absent if name in at_fault]
    headers = [column.header for column in shown] + [contract.column(name).file_label for name in absent]
    place = {
        "table": f"{contract.label} ({sheet.table})",
        "file": sheet.file,
        "sheet": sheet.sheet or "",
        "sha256": sheet.sha256,
        "round": str(sheet.round),
    }
    notes = [text("workbook.rejected.how")]
    if part:
        notes.append(text("workbook.rejected.part", number=part[0], all=part[1]))
    if sheet.withheld:
        notes.append(text("workbook.rejected.withheld", columns=", ".join(sheet.withheld)))
    if left := len(sheet.columns) - len(shown):
        notes.append(text("workbook.rejected.columns_left", count=left))
    if broken := int(sheet.frame["broken"].sum()):
        notes.append(text("workbook.rejected.broken", count=broken))
    top = len(PLACE) + len(notes) + bool(band) + 2
    widths = [*_WIDTHS.values(), *_column_widths(sheet, headers, len(shown))]
    for number, width in enumerate(widths, 1):
        ws.column_dimensions[get_column_letter(number)].width = width
    last = get_column_letter(BEFORE + len(headers))
    ws.freeze_panes = f"B{top + 1}"
    ws.auto_filter.ref = f"A{top}:{last}{top + sheet.frame.height}"
    ws.print_title_rows = f"{top}:{top}"
    excel.set_page(ws, landscape=True, columns=BEFORE + len(headers), rows=top + sheet.frame.height, band=band)
    ws.sheet_view.showGridLines = True
    style = _Styles(ws)
    if band:
        ws.append([style.cell(band, "band")])
    title = text(
        "workbook.rejected.title", place=sheet.file if sheet.sheet is None else f"{sheet.file} [{sheet.sheet}]"
    )
    ws.append([style.cell(title, "title")])
    for note in notes:
        ws.append([style.cell(note, "plain")])
    for key in PLACE:
        ws.append([style.cell(label(key), "label"), style.cell(place[key], "plain")])
    own = [label("row"), text("workbook.rejected.reason"), text("workbook.rejected.remedy")]
    lines = max(excel.text_lines(h, w, bold=True) for h, w in zip([*own, *headers], widths, strict=True))
    excel.set_height(ws, top, lines)
    ws.append([style.cell(header, "head") for header in [*own, *headers]])
    _write_rows(
        ws, style, sheet, faults, [*((c.cell, c.name) for c in shown), *((None, n) for n in absent)], widths, top
    )


def _write_rows(
    ws: WriteOnlyWorksheet,
    style: _Styles,
    sheet: RejectedSheet,
    faults: _Faults,
    columns: Sequence[tuple[str | None, str | None]],
    widths: Sequence[float],
    top: int,
) -> None:
    frame = sheet.frame.select("row", *(as_shown(sheet.frame[cell]) for cell, _ in columns if cell))
    heights: dict[tuple[str, str], int] = {}
    notes = 0
    for at, record in enumerate(frame.iter_rows(), top + 1):
        row, values = record[0], record[1:]
        told = faults.rows.get(row, ("", ""))
        if told not in heights:
            heights[told] = max(excel.text_lines(t, w) for t, w in zip(told, widths[1:BEFORE], strict=True))
        why = "fault" if row in faults.hidden else "told"
        cells = [style.cell(row, "row"), style.cell(told[0], why), style.cell(told[1], "told")]
        bad, lines = faults.cells.get(row, {}), heights[told]
        for i, (_, name) in enumerate(columns):
            value = values[i] if i < len(values) else None
            if value is not None and len(value) > widths[BEFORE + i] - 1:
                lines = max(lines, excel.text_lines(value, widths[BEFORE + i]))
            cell = style.cell(value, "fault" if name in bad else "source")
            if name in bad and notes < MOST_NOTES:
                cell.comment, notes = _note(bad[name]), notes + 1
            cells.append(cell)
        if at - top <= MOST_HEIGHTS:
            excel.set_height(ws, at, lines)
        ws.append(cells)
        ws.row_dimensions.pop(at, None)


def _note(told: Sequence[tuple[str, str]]) -> Comment:
    said = "\n".join(text("workbook.rejected.note", reason=reason, remedy=remedy) for reason, remedy in told)
    return Comment(said, "chiso", width=320, height=40 + 18 * excel.text_lines(said, 46))


def _column_widths(sheet: RejectedSheet, headers: Sequence[str], shown: int) -> list[float]:
    longest = [sheet.frame[column.cell].str.len_chars().max() or 0 for column in sheet.columns[:shown]]
    longest += [0] * (len(headers) - shown)
    words = [max(map(len, header.split() or [""])) * 1.15 + 4 for header in headers]
    return [min(max(_NARROWEST, float(n) + 2, word), _WIDEST) for n, word in zip(longest, words, strict=True)]  # type: ignore[arg-type]


def _write_guide(
    ws: WriteOnlyWorksheet, told: Sequence[tuple[str, RejectedSheet, int]], labels: Mapping[str, str], band: str
) -> None:
    """Write the first sheet: what to do, and what sheets there are."""
    widths = (34.0, 34.0, 30.0, 34.0, 12.0)
    for number, width in enumerate(widths, 1):
        ws.column_dimensions[get_column_letter(number)].width = width
    excel.set_page(ws, landscape=True, columns=len(widths), rows=len(told) + 14, band=band)
    style = _Styles(ws)
    if band:
        ws.append([style.cell(band, "band")])
    ws.append([style.cell(text("workbook.title_rejected"), "title")])
    for number, step in enumerate(_STEPS, 1):
        ws.append([style.cell(f"{number}. {text(f'workbook.rejected.step_{step}')}", "plain")])
    ws.append([style.cell(text("workbook.rejected.legend"), "fault")])
    ws.append([])
    keys = ("tab", "file", "sheet", "table", "rows")
    ws.append([style.cell(text(f"workbook.rejected.column_{key}"), "head") for key in keys])
    for tab, sheet, rows in told:
        values = (tab, sheet.file, sheet.sheet or "", labels[sheet.table])
        ws.append([*[style.cell(value, "told") for value in values], style.cell(rows, "row")])
    total = sum(rows for _, _, rows in told)
    ws.append([style.cell(text("workbook.rejected.total", count=formats.number(total)), "label")])
