"""The register of plan tasks, reports and decisions: due, done, evidence; what falls due; internal deadlines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from chiso.indicators.deliverables import STATES, of_plan_year, state
from chiso.indicators.measure import in_period, in_year
from chiso.messages import text
from chiso.notebook.charts import timeline
from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.notebook.lists.listing import listing, missing
from chiso.reporting.charts import Chart
from chiso.reporting.report import Column, Table
from chiso.reporting.tables import deliverables_table


def register(context: Context, *items: str, any_year: bool = False) -> pl.DataFrame | None:
    """Return the plan year's deliverables of plan items (all, if none is named) with ``state``.

    None where there is no register, or it does not record what was done. ``any_year``: whatever their plan year.
    """
    frame = context.view("deliverables", needs=["done_on", "evidence"])
    if frame is None:
        return None
    if items:
        frame = frame.filter(pl.col("plan_item").is_in(items))
    rank = pl.col("state").replace_strict(STATES, range(len(STATES)), return_dtype=pl.Int8)
    return (
        frame.filter(any_year or of_plan_year(context.catalogue, context.timeframe))
        .with_columns(state=state(context.timeframe))
        .sort(rank, "due", "deliverable_id", nulls_last=True)
    )


def deliverables(context: Context, ledger: Ledger, items: tuple[str, ...]) -> Table:
    """Return the deliverables of plan items: due, done, evidence, state."""
    rows = register(context, *items)
    id, named = f"deliverables-{'-'.join(items).replace('.', '-')}", ", ".join(items)
    if rows is None:
        return missing(id, text("notebook.register.title_missing", items=named), "deliverables")
    table = deliverables_table(context.sources, items, context.unit)
    title = text("notebook.register.title", items=named, count=table.frame.height)
    table = replace(table, id=id, title=title)
    for item in items:
        _expect(context, ledger, rows.filter(pl.col("plan_item") == item), item)
    return table if len(items) > 1 else table.without("plan_item")


def _expect(context: Context, ledger: Ledger, rows: pl.DataFrame, item: str) -> None:
    """Let the list agree with the register indicators of its item."""
    windows = {
        "year": pl.col("plan_year") == context.timeframe.plan_year,
        "due_in_year": in_year("due", context.timeframe),
        "due_in_period": in_period("due", context.timeframe),
    }
    for indicator in context.catalogue.of_item(item):
        if not indicator.function.startswith("deliverables."):
            continue
        counted = rows.filter(windows[indicator.arguments["rows"]].fill_null(False))
        hits = pl.col("completed") if indicator.function == "deliverables.completed" else pl.col("state") == "on_time"
        ledger.expect_figure(indicator.id, counted.height, "denominator")
        ledger.expect_figure(indicator.id, counted.filter(hits).height)


def show_timeline(context: Context, items: tuple[str, ...]) -> Chart:
    """Draw due against done of the deliverables of plan items over the plan year."""
    rows = register(context, *items)
    t = context.timeframe
    title = text("notebook.register.timeline_none")
    if rows is None:
        title = text("notebook.register.timeline_missing")
        frame = pl.DataFrame(schema={"name": pl.String, "due": pl.Date, "done": pl.Date, "overdue": pl.Boolean})
    else:
        late = rows.filter(pl.col("state").is_in(["late", "overdue"])).height
        done = rows.filter("completed").height
        key = "timeline_late" if late else "timeline"
        if rows.height:
            title = text(f"notebook.register.{key}", late=late, count=rows.height, done=done)
        unit = pl.col("unit_code").replace(context.unit_names).fill_null("–")
        twice = pl.col("title").is_duplicated()
        frame = rows.sort("due", "deliverable_id", nulls_last=True).select(
            name=pl.when(twice).then(pl.format("{} – {}", "title", unit)).otherwise("title"),
            due="due",
            done="done_on",
            overdue=pl.col("state") == "overdue",
        )
    return timeline(frame, title=title, start=t.year_start, end=t.year_end, as_of=t.as_of)


def due_soon(context: Context, days: int) -> Table:
    """Return the open deliverables that fall due within some days of the as-of day."""
    last = context.timeframe.as_of + timedelta(days=days)
    title, rows = text("notebook.register.soon", days=days), register(context, any_year=True)
    if rows is None:
        return missing("due-soon", title, "deliverables")
    soon = rows.filter(
        pl.col("state").is_in(["open", "no_evidence"])
        & (pl.col("due") >= context.timeframe.as_of)
        & (pl.col("due") <= last)
    ).sort("due", "plan_item", "deliverable_id")
    soon = soon.with_columns(days=(pl.col("due") - context.timeframe.as_of).dt.total_days())
    more = [
        Column("due", text("notebook.column.due"), "date"),
        Column("days", text("notebook.column.days_left"), "integer"),
    ]
    return listing(
        context,
        "deliverables",
        soon,
        ["plan_item", "title", "unit_code"],
        id="due-soon",
        title=title,
        more=more,
        empty=text("notebook.register.none_soon", days=days),
    )


def overdue(context: Context) -> Table:
    """Return the deliverables that are overdue, or done without evidence."""
    title, rows = text("notebook.register.overdue_title"), register(context, any_year=True)
    if rows is None:
        return missing("register-overdue", title, "deliverables")
    words = {state: text(f"tables.register.{state}") for state in STATES}
    late = rows.filter(pl.col("state").is_in(["overdue", "no_evidence"])).with_columns(
        state=pl.col("state").replace(words), days=(context.timeframe.as_of - pl.col("due")).dt.total_days().clip(0)
    )
    more = [
        Column("due", text("notebook.column.due"), "date"),
        Column("days", text("notebook.column.late_days"), "integer"),
        Column("state", text("notebook.column.state")),
    ]
    names = ["plan_item", "title", "kind", "unit_code"]
    return listing(
        context,
        "deliverables",
        late,
        names,
        id="register-overdue",
        title=title,
        more=more,
        empty=text("notebook.register.none_overdue"),
    )


def alerts(context: Context, days: int) -> Table:
    """Return the deadlines inside the department that fall within some days of the as-of day."""
    day = context.timeframe.as_of
    found: set[tuple[date, str, str, str, str]] = set()
    for alert in context.catalogue.alerts:
        for month in _months(day, days):
            due = alert.due_on(month.year, month.month)
            if due is not None and day <= due <= day + timedelta(days=days):
                found.add((due, alert.item, alert.sender, alert.recipient, alert.what))
    schema = {"due": pl.Date, "item": pl.String, "sender": pl.String, "recipient": pl.String, "what": pl.String}
    frame = pl.DataFrame(sorted(found), schema=schema, orient="row")
    frame = frame.with_columns(days=(pl.col("due") - day).dt.total_days())
    columns = (
        Column("item", text("notebook.column.item")),
        Column("what", text("notebook.alerts.what")),
        Column("sender", text("notebook.alerts.sender")),
        Column("recipient", text("notebook.alerts.recipient")),
        Column("due", text("notebook.column.due"), "date"),
        Column("days", text("notebook.column.days_left"), "integer"),
    )
    return Table(
        "alerts",
        text("notebook.alerts.title", days=days),
        columns,
        frame,
        row_header="what",
        empty=text("notebook.alerts.none", days=days),
    )


def _months(day: date, days: int) -> list[date]:
    """Return the first days of the last months of a reporting quarter from a day on."""
    months = {(day + timedelta(days=n)).replace(day=1) for n in range(days + 1)}
    return sorted(m for m in months if m.month % 3 == 0)
