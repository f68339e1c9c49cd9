"""The office files of a period: an appendix for each index, forms, the Word draft, the rejected rows to hand back."""

from __future__ import annotations

from functools import partial

from chiso.reporting.forms import forms_workbook, own_forms
from chiso.reporting.rejected import rejected_workbook
from chiso.reporting.scorecard_book import CardSheet, scorecard_book
from chiso.reporting.word import own_template, word_draft
from chiso.reporting.workbook import Material, appendix_workbook
from chiso.runs import inputs
from chiso.runs.cards import assessed_card, filled_cards
from chiso.runs.data import open_dataset
from chiso.runs.fingerprint import together
from chiso.runs.office import office_files
from chiso.runs.parts import of_office_file
from chiso.runs.plan import Plan
from chiso.runs.prepare import Prepared
from chiso.runs.reads import FIGURES, RecordedDataset, RecordedResults
from chiso.runs.results import read_history, read_results
from chiso.scoring.scorecard.points_file import WHOLE


def office_file(which: str, plan: Plan, prepared: Prepared) -> tuple[bytes | None, dict[str, str]]:
    """Return an office file and what it rests on; None for a file where there is nothing to tell: no rejected rows.

    Args:
        which: key of :func:`office_files`.
        plan: the run's plan.
        prepared: figures and what they rest on.

    Raises:
        OtherData: the data has changed.
    """
    dataset, results = open_dataset(plan.data), prepared.results
    now = inputs.of_data(plan.catalogue, dataset) | inputs.templates(plan.data)
    inputs.require_same(prepared.inputs, now, results, plan.data)
    dataset = RecordedDataset.of(dataset)
    rests = partial(of_office_file, prepared, dataset.reads)
    if which == "rejected":
        return rejected_workbook(dataset), rests()
    history = read_history(results)
    dataset.reads.add(FIGURES)
    figures = RecordedResults.of(read_results(results), dataset.reads)
    own = (plan.catalogue, plan.timeframe, plan.request.unit)
    material = Material(figures, dataset, *own, history, lambda: together(rests()))
    return _made(which, plan, material), rests()


def _made(which: str, plan: Plan, material: Material) -> bytes:
    if which == "forms":
        return forms_workbook(material, own_forms(plan.data))
    if which == "draft":
        names = office_files(plan)
        appendices: dict[str, str] = {index.id: names[f"appendix_{index.id}"] for index in plan.catalogue.indices}
        return word_draft(material, appendices, material.history, own_template(plan.data))
    if which == "scores":
        return _scorecard(plan, material)
    return appendix_workbook(material, which.removeprefix("appendix_"))


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
