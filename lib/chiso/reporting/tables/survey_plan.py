"""The plan of the next survey as tables: how many to ask, where, and the quotas to hand to the interviewers."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from chiso.indicators.survey_planning import SurveyPlan
from chiso.messages import text
from chiso.reporting import formats
from chiso.reporting.report import Column, HeaderCell, Note, Table
from chiso.sources import load_contract


def sizes_table(plan: SurveyPlan) -> Table:
    """Return the sample size by the published formula beside the exact one."""
    wish = plan.wish
    frame = plan.sizes.with_columns(
        name=pl.col("method").replace({m: text(f"survey_plan.method_{m}") for m in plan.sizes["method"]}),
        told=pl.Series([text("survey_plan.enough" if e else "survey_plan.not_enough") for e in plan.sizes["enough"]]),
    )
    columns = (
        Column("name", text("survey_plan.formula"), width=46),
        Column("n", text("survey_plan.answers"), "integer", width=16),
        Column("ask", text("survey_plan.ask"), "integer", width=16),
        Column("margin", text("survey_plan.margin"), "percent", width=16),
        Column("told", text("survey_plan.possible"), width=26),
    )
    known = ""
    if plan.last_deff and plan.last:
        known = text("survey_plan.last_deff", period=plan.last.label, deff=formats.number(plan.last_deff, 2))
    reckoned = text(
        "survey_plan.reckoned",
        population=formats.number(plan.population),
        frame=plan.frame_period.label,
        margin=formats.percent(wish.margin, trim=True),
        level=formats.percent(wish.level, trim=True),
        share=formats.percent(wish.share, trim=True),
        response=formats.percent(wish.response, trim=True),
        deff=formats.number(plan.deff, 2),
        known=known,
    )
    notes = (Note(reckoned), Note(text("survey_plan.sizes_note")))
    return Table("survey-sizes", text("survey_plan.sizes", period=plan.period.label), columns, frame, notes)


def allocation_table(plan: SurveyPlan, units: Mapping[str, str]) -> Table:
    """Return how the answers are shared out among units: proportional beside Neyman."""
    rows = plan.units.with_columns(
        unit=pl.col("unit_code").replace(units), row_kind=pl.lit(""), format=pl.lit(None, pl.String)
    )
    sums = ("population", "proportional", "neyman", "n", "ask")
    total = rows.select(
        pl.lit(text("survey_plan.total")).alias("unit"),
        *(pl.col(c).sum() for c in sums),
        pl.lit("total").alias("row_kind"),
    )
    frame = pl.concat([rows, total], how="diagonal_relaxed")
    columns = (
        Column("unit", text("tables.column.unit"), width=40),
        Column("population", text("survey_plan.population"), "integer", width=16),
        Column("proportional", text("survey_plan.proportional"), "integer", width=14),
        Column("neyman", text("survey_plan.neyman"), "integer", width=14),
        Column("n", text("survey_plan.chosen"), "integer", width=14),
        Column("ask", text("survey_plan.ask"), "integer", width=14),
        Column("margin", text("survey_plan.unit_margin"), "percent", width=16),
    )
    last = "neyman_note" if plan.last else "neyman_none"
    period = plan.last.label if plan.last else ""
    notes = [
        Note(text(f"survey_plan.chosen_{plan.wish.method}", minimum=formats.number(plan.wish.minimum))),
        Note(text(f"survey_plan.{last}", period=period)),
    ]
    if plan.last and not plan.units["own_spread"].all():
        names = "; ".join(rows.filter(~pl.col("own_spread"))["unit"])
        notes.append(Note(text("survey_plan.no_spread", units=names)))
    title = text("survey_plan.allocation", n=formats.number(plan.answers))
    return Table("survey-allocation", title, columns, frame, tuple(notes), row_kind="row_kind")


def quotas_table(plan: SurveyPlan, units: Mapping[str, str]) -> Table:
    """Return the interviews of each unit by groups of respondents, as they are handed to the interviewers."""
    contract = load_contract()["survey_responses"]
    keys = plan.quotas.select("characteristic", "group").unique(maintain_order=True).rows()
    wide = plan.units.select("unit_code", "n")
    columns = [
        Column("unit", text("tables.column.unit"), width=36),
        Column("n", text("survey_plan.interviews"), "integer", width=12),
    ]
    for place, (characteristic, group) in enumerate(keys):
        own = plan.quotas.filter((pl.col("characteristic") == characteristic) & (pl.col("group") == group))
        wide = wide.join(own.select("unit_code", pl.col("n").alias(f"q{place}")), on="unit_code", how="left")
        columns.append(Column(f"q{place}", group, "integer", width=12))
    wide = wide.sort("unit_code").with_columns(unit=pl.col("unit_code").replace(units), row_kind=pl.lit(""))
    numbers = ["n", *(f"q{place}" for place in range(len(keys)))]
    total = wide.select(
        pl.lit(text("survey_plan.total")).alias("unit"), pl.col(numbers).sum(), row_kind=pl.lit("total")
    )
    above = [HeaderCell(columns[0].label, rows=2), HeaderCell(columns[1].label, rows=2)]
    for characteristic in dict.fromkeys(c for c, _ in keys):
        groups = sum(c == characteristic for c, _ in keys)
        above.append(HeaderCell(contract.column(characteristic).label, columns=groups))
    header = (tuple(above), tuple(HeaderCell(group) for _, group in keys)) if keys else ()
    notes = [Note(text("survey_plan.quotas_note"))]
    if plan.last:
        notes.append(Note(text("survey_plan.quotas_from", period=plan.last.label)))
    return Table(
        "survey-quotas",
        text("survey_plan.quotas", period=plan.period.label),
        tuple(columns),
        pl.concat([wide, total], how="diagonal_relaxed"),
        tuple(notes),
        header_rows=header,
        row_kind="row_kind",
    )
