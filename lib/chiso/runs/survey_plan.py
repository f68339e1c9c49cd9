"""The plan of the next survey as a workbook: sample size, allocation, quotas for the interviewers."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook

from chiso.errors import ChisoError
from chiso.indicators.survey_planning import SurveyPlan, Wish, plan_survey
from chiso.messages import text
from chiso.reporting import excel, formats
from chiso.reporting.tables.source import unit_names
from chiso.reporting.tables.survey_plan import allocation_table, quotas_table, sizes_table
from chiso.reporting.workbook import band_of
from chiso.runs.data import open_dataset
from chiso.runs.files import write_bytes
from chiso.runs.plan import OUT, catalogue_for
from chiso.sources import Dataset
from chiso.worktime import Period, Timeframe

#: File name where none is given.
FILE = "phuong-an-khao-sat-{period}.xlsx"


def plan_into(period: str, data: Path, wish: Wish, out: Path | None = None) -> str:
    """Plan the survey of a period, write the workbook and say in a few sentences what it holds.

    Args:
        period: any spelling of the period to be surveyed.
        data: data folder: its frame, and the last survey.
        wish: what the survey must give.
        out: the workbook to write; None: :data:`FILE` in the output folder.

    Raises:
        ChisoError: no such period, no frame, a wish that cannot be carried out, or no place to write to.
    """
    wanted = Period.parse(period)
    if not data.is_dir():
        raise ChisoError(text("runs.no_data_folder", folder=data))
    target = out or OUT / FILE.format(period=wanted)
    if target.suffix.lower() != ".xlsx":
        raise ChisoError(text("survey_plan.not_xlsx", file=target))
    dataset = open_dataset(data)
    catalogue = catalogue_for(dataset.body, wanted.year)
    rule = catalogue.settings.reporting.window
    plan = plan_survey(dataset, catalogue, wanted, wish, rule=rule)
    content = plan_workbook(plan, dataset, Timeframe(wanted, rule))
    write_bytes(target, content)
    size = dict(plan.sizes.select("method", "n").rows())
    ask = plan.sizes.filter(method="exact")["ask"][0]
    number = formats.number
    told = (
        text(
            "survey_plan.summary",
            period=wanted.label,
            population=number(plan.population),
            frame=plan.frame_period.label,
        ),
        text(
            "survey_plan.summary_sizes",
            simple=number(size["simple"]),
            exact=number(size["exact"]),
            ask=number(ask),
            answers=number(plan.answers),
            units=number(plan.units.height),
        ),
        text("survey_plan.written", file=target),
    )
    return "\n".join(told)


def plan_workbook(plan: SurveyPlan, dataset: Dataset, timeframe: Timeframe) -> bytes:
    """Return the workbook of a plan: the same plan gives the same bytes.

    Args:
        plan: the plan.
        dataset: whose survey it is.
        timeframe: of the period surveyed; its end dates the file.
    """
    units = unit_names(dataset)
    workbook = Workbook()
    excel.set_default_font(workbook)
    workbook.remove(workbook.active)
    sheets = {
        "sizes": sizes_table(plan),
        "allocation": allocation_table(plan, units),
        "quotas": quotas_table(plan, units),
    }
    scope = text("survey_plan.scope", body=dataset.body.name, period=plan.period.label)
    for name, table in sheets.items():
        heading = excel.Heading(table.title, scope=scope, band=band_of(dataset))
        excel.add_sheet(workbook, text(f"survey_plan.sheet_{name}"), heading, table)
    workbook.properties.title = text("survey_plan.title")
    return excel.to_bytes(workbook, timeframe.end)
