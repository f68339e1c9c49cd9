"""Feedback and personnel: answered late, complaints, appointments, training, records; nobody is named."""

from __future__ import annotations

from typing import Literal

import polars as pl

from chiso.indicators.measure import done_by, in_period, in_year
from chiso.messages import text
from chiso.notebook.charts import stacked
from chiso.notebook.context import Context, known
from chiso.notebook.ledger import Ledger
from chiso.notebook.lists.listing import listing, missing, with_total
from chiso.reporting import theme
from chiso.reporting.charts import Chart
from chiso.reporting.report import Column, Table
from chiso.reporting.tables.source import in_words

_ANSWERED = ["feedback_id", "kind", "source", "unit_code", "received_on", "due_on", "answered_on"]


def feedback_late(context: Context, ledger: Ledger, limit: int | None) -> Table:
    """Return feedback due in the period that was not answered, or whose sender was not told, in time."""
    told = done_by("answered_on", "due_on") & done_by("sender_informed_on", "due_on")
    return _due_feedback(
        context,
        ledger,
        "A.V.1b",
        pl.col("kind") != "praise",
        told,
        [*_ANSWERED, "sender_informed_on"],
        "feedback-late",
        limit,
    )


def petitions_late(context: Context, ledger: Ledger, limit: int | None) -> Table:
    """Return petitions on rules and procedures due in the period that were not answered in time."""
    regulation = pl.col("kind") == "regulation"
    return _due_feedback(
        context,
        ledger,
        "B.III.10a",
        regulation,
        done_by("answered_on", "due_on"),
        [*_ANSWERED, "published_on"],
        "petitions-late",
        limit,
    )


def _due_feedback(
    context: Context,
    ledger: Ledger,
    indicator: str,
    among: pl.Expr,
    hit: pl.Expr,
    names: list[str],
    id: str,
    limit: int | None,
) -> Table:
    title, frame = text(f"notebook.feedback.{id.replace('-', '_')}"), context.view("feedback", indicator)
    if frame is None:
        return missing(id, title, "feedback")
    due = frame.filter(among & in_period("due_on", context.timeframe))
    rows = due.filter(~hit.fill_null(False)).sort("due_on", "feedback_id")
    ledger.expect_figure(indicator, due.height, "denominator")
    ledger.expect_figure(indicator, due.height - rows.height)
    return listing(
        context,
        "feedback",
        rows,
        names,
        id=id,
        title=title,
        limit=limit,
        empty=text("notebook.feedback.none_late", count=due.height),
    )


def feedback_by(context: Context, by: Literal["kind", "source", "unit_code"]) -> Table:
    """Return feedback received in the period by kind, source or unit: answered, late, still open and overdue."""
    id, title = f"feedback-by-{by.replace('_', '-')}", text(f"notebook.feedback.by_{by}")
    frame = context.view("feedback", needs=["received_on", by])
    if frame is None:
        return missing(id, title, "feedback")
    t = context.timeframe
    answered = pl.col("answered_on").is_not_null()
    rows = (
        frame.filter(in_period("received_on", t))
        .group_by(by)
        .agg(
            pl.len().cast(pl.Int64).alias("received"),
            *context.counts(
                "feedback",
                named=pl.col("officer_named"),
                answered=answered,
                late=answered & (pl.col("answered_on") > pl.col("due_on")),
                overdue=~answered & (pl.col("due_on") < t.as_of),
            ),
        )
    )
    counts = ["received", "named", "answered", "late", "overdue"]
    rows = in_words("feedback", rows.sort("received", by, descending=[True, False]), context.unit_names)
    rows = with_total(rows.with_columns(pl.col(by).fill_null(text("notebook.list.blank"))), by, known(rows, counts))
    columns = [Column(by, text(f"notebook.feedback.{by}"))]
    columns += [Column(c, text(f"notebook.feedback.{c}"), "integer") for c in counts]
    return Table(id, title, tuple(columns), rows, row_kind="row_kind")


def complaints(context: Context, ledger: Ledger, limit: int | None) -> Table:
    """Return the period's complaints about conduct, or that name an official; who is named is in no table."""
    title, frame = text("notebook.feedback.complaints"), context.view("feedback", "A.III.1")
    if frame is None:
        return missing("complaints", title, "feedback")
    kind = pl.col("kind")
    about = (kind == "conduct") | (pl.col("officer_named").fill_null(False) & (kind != "praise"))
    rows = frame.filter(in_period("received_on", context.timeframe) & about).sort("received_on", "feedback_id")
    ledger.expect_figure("A.III.1", rows.height)
    return listing(
        context,
        "feedback",
        rows,
        [*_ANSWERED, "officer_named"],
        id="complaints",
        title=title,
        limit=limit,
        empty=text("notebook.list.none"),
    )


#: Indicator function, kinds and window of each group of personnel events.
_GROUPS = {
    "appointment": ("civil_service.appointments", ("appointment", "reappointment")),
    "training": ("civil_service.training_attended", ("training",)),
    "record_change": ("civil_service.records_updated", ("record_change",)),
}
Group = Literal["appointment", "training", "record_change"]


def _personnel(context: Context, group: Group) -> pl.DataFrame | None:
    """Events due in the indicator's window, with ``due`` and ``fulfilled``."""
    own = [i.id for i in context.catalogue.indicators if i.function == _GROUPS[group][0]]
    frame = context.view("personnel", *own)
    if frame is None:
        return None
    due = "record_due" if group == "record_change" else "due_on"
    window = in_period if group == "record_change" else in_year
    in_time = done_by("done_on", due)
    fulfilled = {
        "appointment": pl.col("compliant") & in_time,
        "training": pl.col("done_on").is_not_null(),
        "record_change": in_time,
    }[group]
    rows = frame.filter(pl.col("kind").is_in(_GROUPS[group][1]) & window(due, context.timeframe))
    return rows.with_columns(due=pl.col(due), fulfilled=fulfilled.fill_null(False))


def _expect(context: Context, ledger: Ledger, group: Group, due: int, fulfilled: int) -> None:
    for indicator in context.catalogue.indicators:
        if indicator.function == _GROUPS[group][0]:
            ledger.expect_figure(indicator.id, due, "denominator")
            ledger.expect_figure(indicator.id, fulfilled)


def personnel_chart(context: Context, ledger: Ledger, group: Group) -> Chart:
    """Draw the events of a group as fulfilled and not, by unit."""
    rows, parts = _personnel(context, group), ("done", "missed")
    if rows is None:
        counts = pl.DataFrame(schema={"name": pl.String, "done": pl.Int64, "missed": pl.Int64})
    else:
        done = pl.col("fulfilled").sum().cast(pl.Int64)
        counts = rows.group_by("unit_code").agg(done=done, missed=pl.len().cast(pl.Int64) - done)
        counts = counts.with_columns(name=pl.col("unit_code").replace(context.unit_names).fill_null("–"))
        counts = counts.sort("missed", "name", descending=[True, False])
        _expect(context, ledger, group, rows.height, int(counts["done"].sum()))
    missed, done_all = int(counts["missed"].sum()), int(counts["done"].sum())
    total = missed + done_all
    key = "none" if not total else "missed" if missed else "all"
    title = text(
        f"notebook.personnel.chart_{key}", what=text(f"notebook.personnel.{group}"), missed=missed, total=total
    )
    labels = [text(f"notebook.personnel.label_{p}") for p in parts]
    return stacked(counts, parts, labels, (theme.PUNCTUALITY[1], theme.PUNCTUALITY[2]), title=title)


def personnel_missed(context: Context, ledger: Ledger, group: Group, limit: int | None) -> Table:
    """Return the events of a group that were not fulfilled, by their number; people are not named."""
    id, title = f"personnel-{group.replace('_', '-')}", text(f"notebook.personnel.missed_{group}")
    rows = _personnel(context, group)
    if rows is None:
        return missing(id, title, "personnel")
    missed = rows.filter(~pl.col("fulfilled")).sort("due", "event_id")
    _expect(context, ledger, group, rows.height, rows.height - missed.height)
    names = ["event_id", "kind", "unit_code", "event_on", "done_on", *(["compliant"] if group == "appointment" else [])]
    return listing(
        context,
        "personnel",
        missed,
        names,
        id=id,
        title=title,
        limit=limit,
        more=[Column("due", text("notebook.column.due"), "date")],
        empty=text("notebook.personnel.none_missed", count=rows.height),
    )


def discipline(context: Context, ledger: Ledger) -> Table:
    """Return how many events of discipline there were this year by level, without unit or person."""
    title, frame = text("notebook.personnel.discipline"), context.view("personnel", "B.V.4")
    if frame is None:
        return missing("discipline", title, "personnel")
    rows = frame.filter((pl.col("kind") == "discipline") & in_year("event_on", context.timeframe))
    people = rows["staff_id"].drop_nulls().n_unique() + rows["staff_id"].null_count()
    ledger.expect_figure("B.V.4", people)
    counts = rows.group_by(pl.col("level").fill_null(text("notebook.list.blank"))).agg(events=pl.len().cast(pl.Int64))
    columns = (
        Column("level", text("notebook.personnel.level")),
        Column("events", text("notebook.personnel.events"), "integer"),
    )
    return Table("discipline", title, columns, counts.sort("level"), empty=text("notebook.personnel.no_discipline"))
