"""The register of plan tasks, reports and decisions with their evidence."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from chiso.indicators.deliverables import STATES, of_plan_year, state
from chiso.indicators.views import VIEWS, MissingTable, Sources
from chiso.messages import text
from chiso.reporting.report import Column, Table
from chiso.reporting.tables.source import in_words, source_columns, unavailable, unit_names
from chiso.worktime import Period, PeriodError


def deliverables_table(sources: Sources, items: Sequence[str], unit: str | None = None) -> Table:
    """Return the plan year's deliverables of plan items: due, done, evidence, state; in the plan's order.

    Args:
        sources: accepted tables as of the as-of day.
        items: ids of plan items.
        unit: code; None for the whole department.
    """
    title = text("tables.register.title", year=sources.timeframe.plan_year)
    try:
        frame = VIEWS["deliverables"].build(sources)
    except MissingTable:
        return unavailable("deliverables", title, text("tables.register.missing"))
    own = pl.col("plan_item").is_in(list(items)) & of_plan_year(sources.catalogue, sources.timeframe)
    if unit is not None:
        own &= pl.col("unit_code") == unit
    order = pl.col("plan_item").replace_strict(list(items), range(len(items)), default=None, return_dtype=pl.Int32)
    rows = (
        frame.filter(own)
        .with_columns(state=state(sources.timeframe))
        .collect()
        .sort(order, "due", "deliverable_id", nulls_last=True)
    )
    rows = rows.with_columns(
        state=pl.col("state").replace_strict({s: text(f"tables.register.{s}") for s in STATES}, return_dtype=pl.String),
        period=pl.col("period").map_elements(_period, return_dtype=pl.String),
    )
    widths = {"plan_item": 10.5, "title": 44, "kind": 12, "unit_code": 25, "period": 12}
    columns = (
        *source_columns("deliverables", list(widths), widths),
        Column("due", text("tables.register.due"), "date", width=12),
        Column("done_on", text("tables.register.done"), "date", width=12),
        Column("evidence", text("tables.register.evidence"), width=25),
        Column("state", text("tables.register.state"), width=16),
    )
    frame_shown = in_words("deliverables", rows, unit_names(sources.dataset)).select(c.name for c in columns)
    table = Table("deliverables", title, columns, frame_shown, row_header="title", empty=text("tables.register.none"))
    lacking = text("tables.register.no_evidence") in frame_shown["state"]
    return table.with_notes(text("tables.register.note")) if lacking else table


def _period(value: str) -> str:
    try:
        return Period.parse(value).label
    except PeriodError:
        return value
