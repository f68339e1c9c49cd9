"""What a report says about itself: header, what was left out and why, definitions and their legal basis."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from chiso.catalogue import Indicator
from chiso.indicators.measure import FactorIndex, Measure, define
from chiso.indicators.views import VIEWS
from chiso.messages import text
from chiso.notebook.context import Context
from chiso.reporting import formats, wording
from chiso.reporting.html import Block, Facts, Prose, Style
from chiso.reporting.report import Column, Table
from chiso.sources import load_contract

#: Facts that the head of a run's page has already.
_FRAMED = ("synthetic", "body", "report", "period", "as_of", "catalogue")


def header(context: Context, title: str) -> Block:
    """Return whose report it is, of which window, on which data and catalogue; says so where the data is synthetic."""
    t, body = context.timeframe, context.dataset.body
    rows = [
        ("synthetic", (body.notice or text("notebook.header.synthetic_default")) if body.synthetic else ""),
        ("body", body.name),
        ("unit", context.subject if context.unit else ""),
        ("report", title),
        (
            "period",
            text(
                "notebook.header.window",
                period=wording.capital(context.period.label),
                days=formats.days(t.start, t.end),
                rule=text(f"worktime.window_{t.rule}"),
            ),
        ),
        ("as_of", formats.day(t.as_of)),
        ("exported", _exported(context)),
        (
            "catalogue",
            text(
                "notebook.header.catalogue_value",
                source=context.catalogue.source,
                year=context.catalogue.year,
                version=context.catalogue.version,
            ),
        ),
    ]
    if context.catalogue.year != t.plan_year:
        other = text("notebook.header.other_year", year=context.catalogue.year, plan_year=t.plan_year)
        rows.append(("note", other))
    if context.folder:  # a run's pages say these at their head
        rows = [(key, value) for key, value in rows if key not in _FRAMED]
    facts = Facts(tuple((text(f"notebook.header.{key}"), value) for key, value in rows if value))
    return Block((facts,) if context.folder else (Style(), facts))


def _exported(context: Context) -> str:
    days = context.dataset.exported_days
    if not days:
        return text("notebook.header.no_export")
    if len(days) == 1:
        return formats.day(days[0])
    return text("notebook.header.exports", first=formats.day(days[0]), last=formats.day(days[-1]))


def tables_of(context: Context, indicators: Sequence[Indicator]) -> list[str]:
    """Return the source tables that some indicators read, in the contract's order."""
    used: set[str] = set()
    for indicator in indicators:
        definition = define(indicator.function, context.timeframe, indicator.arguments)
        if isinstance(definition, Measure):
            view = VIEWS[definition.view]
            used |= {view.table, *view.others}
        elif isinstance(definition, FactorIndex):
            used.add("survey_responses")
        else:
            used |= {"cases", "procedures"}
    return [name for name in load_contract() if name in used]


def exclusions(context: Context, indicators: Sequence[Indicator]) -> Table:
    """Return what the figures left out and why."""
    ids = {i.id for i in indicators} | ({"case_balance"} if "cases" in tables_of(context, indicators) else set())
    notes = context.notes(ids)
    frame = notes.group_by("message", "rows", maintain_order=True).agg(pl.col("indicator").str.join(", "))
    names = pl.col("indicator").str.replace_all("case_balance", text("notebook.exclusions.balance"))
    columns = (
        Column("indicator", text("notebook.column.indicator")),
        Column("message", text("notebook.exclusions.why")),
        Column("rows", text("notebook.exclusions.rows"), "integer"),
    )
    left_out = Table(
        "exclusions",
        text("notebook.exclusions.title"),
        columns,
        frame.with_columns(names),
        empty=text("notebook.exclusions.none"),
    )
    return left_out.with_notes(text("notebook.exclusions.whole")) if context.unit else left_out


def not_measured(context: Context, component: str) -> Prose | None:
    """Return what the plan asks for in a component that no table can show; None where there is nothing."""
    items = {i.id: i for i in context.catalogue.items if i.component == component}
    told = [
        text("notebook.definitions.not_measured_one", what=n.what, item=n.item, why=n.why)
        for n in context.catalogue.not_measured
        if n.item in items
    ]
    if not told:
        return None
    return Prose((text("notebook.definitions.not_measured", names="; ".join(told)),), "note")
