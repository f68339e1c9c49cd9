"""The Excel files of a period: an appendix for each index, and the rejected rows to hand back."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators import Results
from chiso.reporting import privacy
from chiso.runs.files import write_bytes
from chiso.runs.plan import Plan
from chiso.sources import Dataset

#: File name of each index's appendix.
APPENDICES = {"A": "phu-luc-SIPAS-{period}.xlsx", "B": "phu-luc-PAR-INDEX-{period}.xlsx"}
REJECTED = "rejected.xlsx"
_FACTOR, _OVERALL = "satisfaction.factor", "satisfaction.overall"


def write_workbooks(plan: Plan, dataset: Dataset, results: Results) -> list[Path]:
    """Write the workbooks and return those there are; without rejected rows there is none of them.

    Raises:
        OutputError: a file cannot be written, or is open in Excel.
    """
    from chiso.reporting.workbook import Material, appendix_workbook, rejected_workbook

    catalogue, timeframe = plan.catalogue, plan.timeframe
    figures = published(results, catalogue)
    material = Material(figures, results.case_balance, dataset, catalogue, timeframe, plan.request.unit)
    written = []
    for index in catalogue.indices:
        target = plan.folder / APPENDICES[index.id].format(period=timeframe.period)
        written.append(write_bytes(target, appendix_workbook(material, index.id)))
    if (content := rejected_workbook(dataset, timeframe)) is not None:
        written.append(write_bytes(plan.folder / REJECTED, content))
    return written


def published(results: Results, catalogue: Catalogue) -> pl.DataFrame:
    """Return the result table with the figures blanked that may not be published."""
    codes = {i.id: i.id.removesuffix(".index") for i in catalogue.indicators if i.function == _FACTOR}
    codes |= {i.id: privacy.OVERALL for i in catalogue.indicators if i.function == _OVERALL}
    return privacy.blank(results.indicators, privacy.hidden(results.satisfaction), codes)
