"""The Excel files of a period: an appendix for each index, and the rejected rows to hand back."""

from __future__ import annotations

from pathlib import Path

from chiso.indicators import Results
from chiso.reporting.rejected import rejected_workbook
from chiso.reporting.workbook import Material, appendix_workbook
from chiso.runs.files import write_bytes
from chiso.runs.plan import Plan
from chiso.sources import Dataset

#: File name of each index's appendix.
APPENDICES = {"A": "phu-luc-SIPAS-{period}.xlsx", "B": "phu-luc-PAR-INDEX-{period}.xlsx"}
REJECTED = "rejected.xlsx"


def write_workbooks(plan: Plan, dataset: Dataset, results: Results) -> list[Path]:
    """Write the workbooks and return those there are; without rejected rows there is none of them.

    Raises:
        OutputError: a file cannot be written, or is open in Excel.
    """
    material = Material(results, dataset, plan.catalogue, plan.timeframe, plan.request.unit)
    written = []
    for index in plan.catalogue.indices:
        target = plan.folder / APPENDICES[index.id].format(period=plan.timeframe.period)
        written.append(write_bytes(target, appendix_workbook(material, index.id)))
    if (content := rejected_workbook(dataset)) is not None:
        written.append(write_bytes(plan.folder / REJECTED, content))
    return written
