"""The office files of a period by name: an appendix for each index, forms, the Word draft, the rejected rows."""

from __future__ import annotations

from chiso.runs.plan import Plan

#: File name of each index's appendix.
APPENDICES = {"A": "phu-luc-SIPAS-{period}.xlsx", "B": "phu-luc-PAR-INDEX-{period}.xlsx"}
#: File name of the forms handed in as they are: II.06a and the statistical appendix.
FORMS = "bieu-mau-{period}.xlsx"
#: File name of the Word draft of the report.
DRAFT = "bao-cao-{period}.docx"
REJECTED = "rejected.xlsx"
#: File name of the scorecard with formulas.
SCORECARD = "bang-diem-{period}.xlsx"


def office_files(plan: Plan) -> dict[str, str]:
    """Return the name of each office file of a period, by what it is called in records."""
    period = plan.timeframe.period
    found = {f"appendix_{index.id}": APPENDICES[index.id].format(period=period) for index in plan.catalogue.indices}
    found |= {"forms": FORMS.format(period=period), "draft": DRAFT.format(period=period)}
    return found | {"scores": SCORECARD.format(period=period), "rejected": REJECTED}
