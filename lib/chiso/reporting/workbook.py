"""The Excel appendices of a period: one workbook an index, cover and contents first, then one sheet a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl
from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from chiso.catalogue import Catalogue
from chiso.indicators import Results
from chiso.indicators.views import Sources
from chiso.messages import text
from chiso.reporting import excel, formats, privacy, tables, theme
from chiso.reporting.excel import Heading
from chiso.reporting.report import Table
from chiso.reporting.tables.board import index_of
from chiso.reporting.tables.source import unit_names
from chiso.scoring import scores
from chiso.sources import Dataset
from chiso.worktime import Timeframe

#: Cases listed one by one; beyond, the sheet says how many there are.
MOST_CASES = 10_000


@dataclass(frozen=True)
class Material:
    """What the appendices are made from.

    Attributes:
        results: figures of the timeframe: internal, unsuppressed.
        dataset: accepted tables and the account of the import.
        catalogue: the plan the figures are measured by.
        timeframe: period, window, as-of day.
        unit: code of the unit the appendices are about; None for the whole department.
    """

    results: Results
    dataset: Dataset
    catalogue: Catalogue
    timeframe: Timeframe
    unit: str | None = None

    @cached_property
    def indicators(self) -> pl.DataFrame:
        """The result table with the figures blanked that may not be published."""
        return privacy.blank(self.results.indicators, self.hidden, privacy.survey_codes(self.catalogue))

    @cached_property
    def hidden(self) -> privacy.Hidden:
        """Cells of the questionnaire that may not be published."""
        return privacy.hidden(Sources(self.dataset, self.catalogue, self.timeframe))

    @cached_property
    def texts(self) -> dict[str, str]:
        """Questions of the survey by item code, where the data folder brings its form."""
        return tables.item_texts(self.dataset)

    @cached_property
    def units(self) -> dict[str, str]:
        """Name of each unit by code."""
        return unit_names(self.dataset)

    @property
    def subject(self) -> str:
        """Whose figures they are."""
        return self.units.get(self.unit, self.unit) if self.unit else self.dataset.body.name

    @cached_property
    def _sheets(self) -> dict[str, list[Sheet]]:
        return {}

    def sheets(self, index: str) -> list[Sheet]:
        """Return the sheets of an index's appendices, made once: the Word draft shows some of their tables."""
        if index not in self._sheets:
            self._sheets[index] = appendix_sheets(self, index)
        return self._sheets[index]

    def heading(self, title: str, appendix: str = "") -> Heading:
        """Return the lines above a table."""
        t, body = self.timeframe, self.dataset.body
        scope = text(
            "workbook.scope",
            subject=self.subject,
            period=t.period.label,
            days=formats.days(t.start, t.end),
            as_of=formats.day(t.as_of),
            year=self.catalogue.year,
            version=self.catalogue.version,
        )
        attached = text("workbook.attached", body=body.name) if appendix else ""
        return Heading(title.upper(), appendix, attached, scope, band_of(self.dataset))


def band_of(dataset: Dataset) -> str:
    """Return what every sheet of synthetic data says; empty for real data."""
    return text("workbook.synthetic") if dataset.body.synthetic else ""


@dataclass(frozen=True)
class Sheet:
    """One sheet: what its tab is called, and its table."""

    name: str
    table: Table


def appendix_sheets(material: Material, index: str) -> list[Sheet]:
    """Return the sheets of an index's workbook in their order.

    Args:
        material: results and data.
        index: ``A`` (SIPAS) or ``B`` (PAR-INDEX, with the items on running the plan).
    """
    m, c, unit = material, material.catalogue, material.unit
    sources = Sources(m.dataset, c, m.timeframe)
    components = [p.id for p in c.components if index_of(p.id) == index]
    items = [i.id for i in c.items if i.component in components]
    attained = scores(m.results.indicators, c)
    found: list[tuple[str, Table]] = [
        ("summary", tables.summary_table(m.indicators, attained, c, index, unit)),
        ("board", tables.board_table(m.indicators, c, m.timeframe.as_of, unit, index=index)),
    ]
    if index == "A":
        found.append(("survey_index", _scorecard(m, "A")))
        found.append(("survey_units", tables.survey_table(m.results.satisfaction, c, m.units, m.hidden, unit)))
        details = m.results.statistics["satisfaction_details"]
        found.append(("survey_details", tables.details_table(details, c, m.units, m.hidden, unit, m.texts)))
    found += [(component, _scorecard(m, component)) for component in components]
    if unit is None:
        found.append(("units", tables.units_table(m.indicators, c, components, m.units)))
    balance = m.results.case_balance
    found.append(("balance", tables.case_balance_table(balance, unit)))
    if unit is None:
        found.append(("balance_units", tables.case_balance_table(balance, by="unit_code", units=m.units)))
    definitions = tables.definitions_table(c, *(["A"] if index == "A" else []), *components)
    found += [
        ("overdue", tables.overdue_cases_table(sources, unit, MOST_CASES)),
        ("register", tables.deliverables_table(sources, items, unit)),
        ("account", tables.account_table(m.dataset)),
        ("rejects", tables.rejects_table(m.dataset)),
        ("findings", tables.findings_table(m.dataset, m.results.notes)),
        ("cells", tables.cells_table(m.dataset)),
        ("differences", tables.differences_table(m.dataset)),
        *([("corrections", tables.corrections_table(m.dataset))] if m.dataset.corrections.height else []),
        ("definitions", definitions),
        ("documents", tables.documents_table(c)),
        ("not_measured", tables.not_measured_table(c, index)),
    ]
    return [Sheet(name if name in components else text(f"workbook.sheet.{name}"), table) for name, table in found]


def _scorecard(material: Material, component: str) -> Table:
    m = material
    weighting = m.results.weighting
    day = m.timeframe.as_of
    return tables.scorecard_table(m.indicators, m.catalogue, component, m.unit, day, weighting=weighting)


def appendix_workbook(material: Material, index: str) -> bytes:
    """Return the workbook of an index: cover, contents, appendices. The same material gives the same bytes."""
    workbook = Workbook()
    excel.set_default_font(workbook)
    cover, contents = workbook.active, workbook.create_sheet(text("workbook.sheet.contents"))
    cover.title = text("workbook.sheet.cover")
    entries = []
    for number, sheet in enumerate(material.sheets(index), 1):
        appendix = text("workbook.appendix", number=roman(number))
        ws = excel.add_sheet(
            workbook, f"{roman(number)}. {sheet.name}", material.heading(sheet.table.title, appendix), sheet.table
        ).ws
        _back(ws, contents.title)
        entries.append((appendix, sheet.table.title, sheet.table.frame.height, ws.title))
    _cover(cover, material, index, contents.title)
    _contents(contents, material, entries)
    workbook.properties.title = text(f"workbook.title_{index}")
    return excel.to_bytes(workbook, material.timeframe.as_of)


def roman(number: int) -> str:
    """Return a number from 1 to 89 in Roman numerals."""
    tens, ones = divmod(number, 10)
    low = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]
    return ("", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX")[tens] + low


def _link(ws: Worksheet, row: int, column: int, value: str, sheet: str) -> None:
    cell = ws.cell(row, column)
    excel.write_text(cell, value)
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"{excel.quoted(sheet)}!A1", display=value)
    cell.font = excel.font(colour=theme.ACCENT)


def _back(ws: Worksheet, contents: str) -> None:
    """Put a link to the contents beside the table, outside what is printed."""
    gap = ws.max_column + 1
    ws.column_dimensions[get_column_letter(gap)].width = 3
    ws.column_dimensions[get_column_letter(gap + 1)].width = 14
    _link(ws, 1, gap + 1, text("workbook.back"), contents)


def _cover(ws: Worksheet, material: Material, index: str, contents: str) -> None:
    body, catalogue, t, files = (
        material.dataset.body,
        material.catalogue,
        material.timeframe,
        material.dataset.files,
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
    _link(ws, row + 1, 1, text("workbook.to_contents"), contents)
    excel.set_page(ws, landscape=False, columns=2, rows=row + 1, band=band_of(material.dataset))


def _contents(ws: Worksheet, material: Material, entries: Sequence[tuple[str, str, int, str]]) -> None:
    for letter, width in zip("ABC", (16, 72, 10), strict=True):
        ws.column_dimensions[letter].width = width
    row = top = excel.add_heading(ws, material.heading(text("workbook.sheet.contents")), 3)
    for column, name in enumerate(("appendix", "content", "rows"), 1):
        cell = ws.cell(row, column)
        excel.write_text(cell, text(f"workbook.column.{name}"))
        excel.style_header(cell)
    for appendix, title, rows, name in entries:
        row += 1
        _link(ws, row, 1, appendix, name)
        _link(ws, row, 2, title, name)
        excel.write(ws.cell(row, 3), rows, "integer")
        ws.cell(row, 3).font = excel.font()
        excel.set_height(ws, row, excel.text_lines(title, 72))
        for column in (1, 2, 3):
            ws.cell(row, column).border = excel.BOX
            ws.cell(row, column).alignment = Alignment("right" if column == 3 else "left", "top", wrap_text=column == 2)
    ws.print_title_rows, ws.freeze_panes = f"{top}:{top}", ws.cell(top + 1, 1)
    excel.set_page(ws, landscape=False, columns=3, rows=row, band=band_of(material.dataset))
