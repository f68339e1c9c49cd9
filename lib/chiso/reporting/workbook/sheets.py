"""Which sheets the appendices have, in their order."""

from __future__ import annotations

from dataclasses import dataclass

from chiso.indicators.views import Sources
from chiso.messages import has, text
from chiso.reporting import tables
from chiso.reporting.excel import Heading
from chiso.reporting.report import Table
from chiso.reporting.tables.board import index_of
from chiso.reporting.workbook import survey
from chiso.reporting.workbook.material import Material
from chiso.reporting.workbook.trend import trend_table
from chiso.scoring import scores

#: Cases listed one by one; beyond, the sheet says how many there are.
MOST_CASES = 10_000
#: Sheets closed by a block for signatures, as the form has it.
SIGNED = ("balance",)


@dataclass(frozen=True)
class Sheet:
    """One sheet: what it is called in the code and on its tab, and its table."""

    key: str
    name: str
    table: Table

    def heading(self, material: Material, appendix: str) -> Heading:
        """Return the lines above the table."""
        unit = f"workbook.measured_in.{self.key}"
        return material.heading(self.table.title, appendix, text(unit) if has(unit) else "", signed=self.key in SIGNED)


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
    found += [(component, _scorecard(m, component)) for component in components]
    if (trend := trend_table(m, index)) is not None:
        found.append(("trend", trend))
    if unit is None:
        found.append(("units", tables.units_table(m.indicators, c, components, m.units)))
    if index == "A":
        found.append(("survey_units", tables.survey_table(m.results.satisfaction, c, m.units, m.hidden, unit)))
        found += [(key, table) for key, table in survey.survey_tables(m) if table is not None]
        details = m.results.statistics["satisfaction_details"]
        found.append(("survey_details", tables.details_table(details, c, m.units, m.hidden, unit, m.texts)))
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
    return [Sheet(key, key if key in components else text(f"workbook.sheet.{key}"), table) for key, table in found]


def _scorecard(material: Material, component: str) -> Table:
    m = material
    weighting = m.results.weighting
    day = m.timeframe.as_of
    return tables.scorecard_table(m.indicators, m.catalogue, component, m.unit, day, weighting=weighting)


def tab_name(number: int, sheet: Sheet) -> str:
    """Return what a sheet's tab is called: ``V. B.III``."""
    return f"{roman(number)}. {sheet.name}"


def roman(number: int) -> str:
    """Return a number from 1 to 89 in Roman numerals."""
    tens, ones = divmod(number, 10)
    low = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]
    return ("", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX")[tens] + low
