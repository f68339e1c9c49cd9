"""The office files of a period: an appendix for each index, forms, the Word draft, the rejected rows to hand back."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from chiso.indicators import Results
from chiso.reporting.forms import forms_workbook, own_forms
from chiso.reporting.rejected import rejected_workbook
from chiso.reporting.scorecard_book import CardSheet, scorecard_book
from chiso.reporting.word import own_template, word_draft
from chiso.reporting.workbook import Material, appendix_workbook
from chiso.runs.cards import assessed_card, filled_cards
from chiso.runs.files import write_bytes
from chiso.runs.plan import Plan
from chiso.scoring.scorecard.points_file import WHOLE
from chiso.sources import Dataset

#: File name of each index's appendix.
APPENDICES = {"A": "phu-luc-SIPAS-{period}.xlsx", "B": "phu-luc-PAR-INDEX-{period}.xlsx"}
#: File name of the forms handed in as they are: II.06a and the statistical appendix.
FORMS = "bieu-mau-{period}.xlsx"
#: File name of the Word draft of the report.
DRAFT = "bao-cao-{period}.docx"
REJECTED = "rejected.xlsx"
#: File name of the scorecard with formulas.
SCORECARD = "bang-diem-{period}.xlsx"


def write_workbooks(plan: Plan, dataset: Dataset, results: Results, history: pl.DataFrame, run: str = "") -> list[Path]:
    """Write the workbooks and the draft and return those there are; without rejected rows there is none of them.

    Args:
        plan: the run's plan.
        dataset: accepted tables.
        results: figures of the period.
        history: indicators of this and earlier periods, unsuppressed: the course, and what the draft compares with.
        run: id of the run, for the covers.

    Raises:
        OutputError: a file cannot be written, or is open in Excel or Word.
    """
    material = Material(results, dataset, plan.catalogue, plan.timeframe, plan.request.unit, history, run)
    written, period = [], plan.timeframe.period
    names: dict[str, str] = {index.id: APPENDICES[index.id].format(period=period) for index in plan.catalogue.indices}
    for index, name in names.items():
        written.append(write_bytes(plan.folder / name, appendix_workbook(material, index)))
    forms = forms_workbook(material, own_forms(plan.data))
    written.append(write_bytes(plan.folder / FORMS.format(period=period), forms))
    draft = word_draft(material, names, history, own_template(plan.data))
    written.append(write_bytes(plan.folder / DRAFT.format(period=period), draft))
    written.append(write_bytes(plan.folder / SCORECARD.format(period=period), _scorecard(plan, material)))
    if (content := rejected_workbook(dataset)) is not None:
        written.append(write_bytes(plan.folder / REJECTED, content))
    return written


def _scorecard(plan: Plan, material: Material) -> bytes:
    """Return the scorecard workbook: attainment, and the data folder's own scorecards in force."""
    period, unit = plan.timeframe.period, plan.request.unit or WHOLE
    sheets = []
    for one in filled_cards(plan.data, period, {i.id for i in plan.catalogue.indicators}):
        scored = assessed_card(one, material.indicators, period)
        if one.in_force(plan.timeframe.plan_year) and unit in scored["self"].values.units:
            evidence = {code: words for (whose, code), words in one.points.evidence.items() if whose == unit}
            sheets.append(CardSheet(one.card, scored, unit, evidence))
    heading = material.heading("")
    return scorecard_book(
        material.indicators,
        plan.catalogue,
        sheets,
        unit=plan.request.unit,
        scope=heading.scope,
        dated=plan.timeframe.as_of,
        band=heading.band,
    )
