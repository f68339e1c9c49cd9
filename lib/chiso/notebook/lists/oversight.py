"""Direction and oversight: assigned tasks, inspections, initiatives."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from chiso.indicators.measure import in_year
from chiso.messages import text
from chiso.notebook.charts import stacked
from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.notebook.lists.listing import listing, missing
from chiso.reporting import theme
from chiso.reporting.charts import Chart
from chiso.reporting.report import Column, Table

_TASK_STATES = ("early", "on_time", "late")
_INSPECTION_STATES = ("planned", "not_held", "no_conclusion", "not_recorded", "unresolved", "closed")


def _tasks(context: Context) -> pl.DataFrame | None:
    """Tasks of the province due in the year so far, with ``state``; due on the as-of day and open counts as none."""
    frame = context.view("tasks", "B.I.5b", "B.I.5c")
    if frame is None:
        return None
    done, due = pl.col("completed_on"), pl.col("due_on")
    state = (
        pl.when("late")
        .then(pl.lit("late"))
        .when(done < due)
        .then(pl.lit("early"))
        .when(done == due)
        .then(pl.lit("on_time"))
        .otherwise(pl.lit("open"))
    )
    provincial = (pl.col("assigned_by") == "province") & in_year("due_on", context.timeframe)
    return frame.filter(provincial.fill_null(False)).with_columns(state=state)


def tasks_chart(context: Context, ledger: Ledger) -> Chart:
    """Draw the province's tasks as early, on time and late, by unit."""
    tasks, parts = _tasks(context), (*_TASK_STATES, "open")
    if tasks is None:
        rows = pl.DataFrame(schema={"name": pl.String} | dict.fromkeys(parts, pl.Int64))
    else:
        counts = [(pl.col("state") == s).sum().cast(pl.Int64).alias(s) for s in parts]
        rows = (
            tasks.group_by("unit_code")
            .agg(counts)
            .with_columns(name=pl.col("unit_code").replace(context.unit_names).fill_null("–"))
        )
        rows = rows.sort("late", "name", descending=[True, False])
        ledger.expect_figure("B.I.5c", rows["late"].sum())
        ledger.expect_figure("B.I.5b", rows["early"].sum())
    late, total = rows["late"].sum(), sum(rows[p].sum() for p in parts)
    key = "none" if not total else "late" if late else "all"
    share = {"late": late, "total": total, "early": rows["early"].sum()}
    labels = [text(f"notebook.tasks.{p}") for p in parts]
    colours = (theme.PUNCTUALITY[0], theme.PUNCTUALITY[1], theme.PUNCTUALITY[2], theme.PUNCTUALITY[3])
    return stacked(rows, parts, labels, colours, title=text(f"notebook.tasks.chart_{key}", **share))


def tasks_late(context: Context, ledger: Ledger, limit: int | None) -> Table:
    """Return the province's tasks done late or overdue, longest first, then those done without a result attached."""
    title, tasks = text("notebook.tasks.late_title"), _tasks(context)
    if tasks is None:
        return missing("tasks-late", title, "assigned_tasks")
    ended = pl.col("completed_on").fill_null(context.timeframe.as_of)
    late = tasks.filter(pl.col("state") == "late")
    ledger.expect_figure("B.I.5c", late.height)
    unattached = (
        (pl.col("state") != "late") & pl.col("completed_on").is_not_null() & ~pl.col("result_attached").fill_null(False)
    )
    if "B.I.5a" in context.uncomputed:  # whether a result is attached is not recorded
        unattached = pl.lit(False)
    rows = tasks.filter((pl.col("state") == "late") | unattached)
    rows = rows.with_columns(late_days=(ended - pl.col("due_on")).dt.total_days().clip(0))
    rows = rows.sort("late_days", "task_id", descending=[True, False])
    names = ["task_id", "title", "unit_code", "assigned_on", "due_on", "completed_on", "result_attached"]
    return listing(
        context,
        "assigned_tasks",
        rows,
        names,
        id="tasks-late",
        title=title,
        limit=limit,
        more=[Column("late_days", text("notebook.column.late_days"), "integer")],
        empty=text("notebook.tasks.none_late"),
    )


def tasks_due(context: Context, days: int) -> Table:
    """Return the open tasks of the province that fall due within some days of the as-of day, the nearest first."""
    title, tasks = text("notebook.tasks.soon", days=days), context.view("tasks", needs=["completed_on", "assigned_by"])
    if tasks is None:
        return missing("tasks-due", text("notebook.tasks.soon_missing", days=days), "assigned_tasks")
    day, due = context.timeframe.as_of, pl.col("due_on")
    near = (pl.col("assigned_by") == "province") & pl.col("completed_on").is_null()
    rows = tasks.filter(near & due.is_between(day, day + timedelta(days=days))).sort("due_on", "task_id")
    return listing(
        context,
        "assigned_tasks",
        rows.with_columns(days=(due - day).dt.total_days()),
        ["task_id", "title", "unit_code", "due_on"],
        id="tasks-due",
        title=title,
        more=[Column("days", text("notebook.column.days_left"), "integer")],
        empty=text("notebook.tasks.none_soon", days=days),
    )


def inspections(context: Context, ledger: Ledger, kind: str) -> Table:
    """Return the inspections of a kind planned or held this year, with findings and what was resolved.

    Args:
        context: the report's.
        ledger: takes the sums that must agree with the indicators.
        kind: ``par``, ``discipline`` or ``decentralisation``.
    """
    id, title = f"inspections-{kind}", text(f"notebook.inspections.{kind}")
    own = {
        "par": ("B.I.2a",),
        "discipline": ("A.III.2",),
        "decentralisation": ("B.IV.5a", "B.IV.5b"),
    }[kind]
    frame = context.view("inspections", *own)
    if frame is None:
        return missing(id, title, "inspections")
    t = context.timeframe
    year = pl.col("planned_on").is_between(t.year_start, t.year_end) | in_year("inspected_on", t)
    rows = frame.filter((pl.col("kind") == kind) & year).sort("planned_on", "inspection_id")
    due, held = rows.filter(in_year("planned_on", t)), rows.filter(in_year("inspected_on", t))
    for indicator, function in ((i.id, i.function) for i in context.catalogue.indicators):
        if function == {
            "discipline": "staff.discipline_inspections",
            "decentralisation": "organisation.decentralisation_inspections",
        }.get(kind):
            ledger.expect_figure(indicator, due.height, "denominator")
            ledger.expect_figure(indicator, due["inspected_on"].count())
        if function == "organisation.findings_resolved" and kind == "decentralisation":
            counted = held.filter(pl.col("findings").is_not_null())
            ledger.expect_figure(indicator, counted["findings"].sum(), "denominator")
            ledger.expect_figure(indicator, counted["findings_resolved"].sum())
    resolved = pl.lit(context.recorded("inspections", "findings_resolved"))
    state = (
        pl.when(pl.col("inspected_on").is_null() & (pl.col("planned_on") > t.as_of))
        .then(pl.lit("planned"))
        .when(pl.col("inspected_on").is_null())
        .then(pl.lit("not_held"))
        .when(pl.lit(context.recorded("inspections", "concluded_on")) & pl.col("concluded_on").is_null())
        .then(pl.lit("no_conclusion"))
        .when(pl.col("findings").is_null() | ((pl.col("findings") > 0) & ~resolved))
        .then(pl.lit("not_recorded"))
        .when(pl.col("findings_resolved").fill_null(0) < pl.col("findings"))
        .then(pl.lit("unresolved"))
        .otherwise(pl.lit("closed"))
    )
    words = {s: text(f"notebook.inspections.{s}") for s in _INSPECTION_STATES}
    rows = rows.with_columns(state=state.replace_strict(words))
    names = [
        "inspection_id",
        "unit_code",
        "planned_on",
        "inspected_on",
        "concluded_on",
        "findings",
        "findings_resolved",
    ]
    return listing(
        context,
        "inspections",
        rows,
        names,
        id=id,
        title=title,
        more=[Column("state", text("notebook.column.state"))],
        empty=text("notebook.inspections.none"),
    )


def units_inspected(context: Context, ledger: Ledger) -> Table:
    """Return the units active on the as-of day: inspected on administrative reform this year, or not yet."""
    title, units, held = (
        text("notebook.inspections.units"),
        context.view("units", "B.I.2a"),
        context.view("inspections", "B.I.2a"),
    )
    if units is None or held is None:
        return missing("units-inspected", title, "inspections")
    active = units.filter("active")
    ledger.expect_figure("B.I.2a", active.height, "denominator")
    ledger.expect_figure("B.I.2a", active["par_inspected"].sum())
    days = (
        held.filter((pl.col("kind") == "par") & in_year("inspected_on", context.timeframe))
        .group_by("unit_code")
        .agg(
            inspected=pl.col("inspected_on").max(),
            findings=pl.when(pl.col("findings").count() > 0).then(pl.col("findings").sum()),
            resolved=pl.when(pl.col("findings_resolved").count() > 0).then(pl.col("findings_resolved").sum()),
        )
    )
    rows = active.join(days, on="unit_code", how="left").sort("par_inspected", "unit_code")
    columns = (
        Column("unit_name", text("notebook.column.unit")),
        Column("par_inspected", text("notebook.inspections.inspected"), "bool"),
        Column("inspected", text("notebook.inspections.day"), "date"),
        Column("findings", text("notebook.inspections.findings"), "integer"),
        Column("resolved", text("notebook.inspections.resolved"), "integer"),
    )
    return Table("units-inspected", title, columns, rows)


def initiatives(context: Context, ledger: Ledger) -> Table:
    """Return this year's initiatives, recognised ones first."""
    title, frame = text("notebook.initiatives.title"), context.view("initiatives", "B.I.6")
    if frame is None:
        return missing("initiatives", title, "initiatives")
    t = context.timeframe
    recognised = in_year("recognised_on", t).fill_null(False)
    pending = pl.col("recognised_on").is_null() & in_year("applied_on", t)
    ledger.expect_figure("B.I.6", frame.filter(recognised).height)
    rows = frame.filter(recognised | pending).sort("recognised_on", "initiative_id", nulls_last=True)
    names = ["initiative_id", "title", "unit_code", "applied_on", "recognised_on", "decision_no"]
    return listing(context, "initiatives", rows, names, id="initiatives", title=title, empty=text("notebook.list.none"))
