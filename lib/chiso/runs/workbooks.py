"""The office files of a period: an appendix for each index, the Word draft, the rejected rows to hand back."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from chiso.indicators import Results
from chiso.reporting.rejected import rejected_workbook
from chiso.reporting.word import own_template, word_draft
from chiso.reporting.workbook import Material, appendix_workbook
from chiso.runs.files import write_bytes
from chiso.runs.plan import Plan
from chiso.sources import Dataset

#: File name of each index's appendix.
APPENDICES = {"A": "phu-luc-SIPAS-{period}.xlsx", "B": "phu-luc-PAR-INDEX-{period}.xlsx"}
#: File name of the Word draft of the report.
DRAFT = "bao-cao-{period}.docx"
REJECTED = "rejected.xlsx"


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
    draft = word_draft(material, names, history, own_template(plan.data))
    written.append(write_bytes(plan.folder / DRAFT.format(period=period), draft))
    if (content := rejected_workbook(dataset)) is not None:
        written.append(write_bytes(plan.folder / REJECTED, content))
    return written
