"""Money and documents: budget lines and the course of the year, documents not processed online, work files."""

from __future__ import annotations

from datetime import date
from typing import Literal

import polars as pl

from chiso.indicators.measure import in_period
from chiso.messages import text
from chiso.notebook.context import Context, known
from chiso.notebook.ledger import Ledger
from chiso.notebook.lists.listing import listing, missing, with_total
from chiso.reporting import wording
from chiso.reporting.charts import Chart, trend
from chiso.reporting.report import Column, Table

Kind = Literal["investment", "admin"]
#: Indicator function and the amounts of its share, whole first.
_MONEY = {
    "investment": ("public_finance.disbursement", "allocated_vnd", "disbursed_vnd"),
    "admin": ("public_finance.administrative_savings", "planned_vnd", "spent_vnd"),
}


def _share(kind: Kind, whole: pl.Expr, part: pl.Expr) -> pl.Expr:
    """Share disbursed of an investment; share saved of administrative costs."""
    return part / whole if kind == "investment" else (whole - part) / whole


def _indicators(context: Context, kind: Kind) -> list[str]:
    return [i.id for i in context.catalogue.indicators if i.function == _MONEY[kind][0]]


def budget_lines(context: Context, ledger: Ledger, kind: Kind) -> Table:
    """Return the budget lines of a kind at their latest snapshot, the weakest share first, with the total."""
    id, title = f"budget-{kind}", text(f"notebook.budget.{kind}")
    frame = context.view("budget", *_indicators(context, kind))
    if frame is None:
        return missing(id, title, "budget")
    function, whole, part = _MONEY[kind]
    of_kind = frame.filter(pl.col("kind") == kind)
    counted = of_kind.filter(pl.col(whole).is_not_null() & pl.col(part).is_not_null())
    share = _share(kind, pl.col(whole), pl.col(part))
    rows = counted.with_columns(pl.col("unit_code").replace(context.unit_names)).drop("kind")
    rows = rows.sort(share, "line_id", nulls_last=True)
    rows = with_total(rows.select("line_id", "unit_code", "as_of", whole, part), "line_id", [whole, part]).with_columns(
        share=share
    )
    total = rows.row(-1, named=True)
    for indicator in context.catalogue.indicators:
        if indicator.function == function:
            ledger.expect_figure(indicator.id, total[whole], "denominator")
            used = total[part] if kind == "investment" else total[whole] - total[part]
            ledger.expect_figure(indicator.id, used)
    million = [(pl.col(c) / 1e6).alias(c) for c in (whole, part)]
    columns = (
        Column("line_id", text("notebook.budget.line")),
        Column("unit_code", text("notebook.column.unit"), missing=""),
        Column("as_of", text("notebook.budget.as_of"), "date", missing=""),
        Column(whole, text(f"notebook.budget.{whole}"), "number"),
        Column(part, text(f"notebook.budget.{part}"), "number"),
        Column("share", text(f"notebook.budget.share_{kind}"), "percent"),
    )
    table = Table(id, title, columns, rows.with_columns(million), row_kind="row_kind")
    blank = of_kind.height - counted.height
    return table.with_notes(text("notebook.budget.blank", count=blank)) if blank else table


def budget_course(context: Context, ledger: Ledger, kind: Kind) -> Chart:
    """Draw the cumulative share over the year's snapshots against the target."""
    function, whole, part = _MONEY[kind]
    indicator = next(i for i in context.catalogue.indicators if i.function == function)
    frame = context.dataset.scan("budget")
    points = pl.DataFrame(schema={"label": pl.String, "value": pl.Float64})
    if frame is not None and not context.uncomputed.intersection(_indicators(context, kind)):
        t = context.timeframe
        rows = frame.filter(pl.col("budget_year") == t.plan_year, pl.col("as_of") <= t.as_of).collect()
        days = rows["as_of"].unique().sort().to_list()
        shares = [_share_on(rows, day, kind, context.unit) for day in days]
        if not any(share is not None for share in shares):
            days, shares = [], []
        points = pl.DataFrame({"label": [f"{d.day}/{d.month}" for d in days], "value": shares}, schema=points.schema)
        if shares:
            unit = context.unit
            ledger.expect(f"{indicator.id}, {days[-1]}", shares[-1], lambda fresh: fresh.figure(indicator.id, unit))
    last = points["value"][-1] if points.height else None
    title = text(
        f"notebook.budget.course_{kind}", value=wording.value(indicator, last), target=wording.target(indicator)
    )
    return trend(
        points,
        title=title,
        target=indicator.target,
        comparator=indicator.comparator,
        last=13,
        notes=(text("notebook.budget.course_note"),),
    )


def _share_on(rows: pl.DataFrame, day: date, kind: Kind, unit: str | None) -> float | None:
    """Share on a day from each line's latest snapshot, of the lines that the unit (None: any) then has."""
    _, whole, part = _MONEY[kind]
    latest = rows.filter(pl.col("as_of") <= day).sort("line_id", "as_of").unique("line_id", keep="last")
    if unit is not None:
        latest = latest.filter(pl.col("unit_code") == unit)
    counted = latest.filter((pl.col("kind") == kind) & pl.col(whole).is_not_null() & pl.col(part).is_not_null())
    if not counted[whole].sum():
        return None
    return counted.select(_share(kind, pl.col(whole).sum(), pl.col(part).sum())).item()


def documents_by_unit(context: Context, ledger: Ledger) -> Table:
    """Return incoming and outgoing documents and work files of the period by unit, with what was not done online."""
    title, frame = text("notebook.documents.title"), context.view("documents", needs=["registered_on", "direction"])
    if frame is None:
        return missing("documents", title, "documents")
    t = context.timeframe
    new = frame.filter(in_period("registered_on", t))
    incoming, outgoing = pl.col("direction") == "incoming", pl.col("direction") == "outgoing"
    processed = (pl.col("digitised") & pl.col("processed_online")).fill_null(False)
    rows = new.group_by("unit_code").agg(
        context.counts(
            "documents",
            incoming=incoming,
            not_processed=incoming & ~processed,
            outgoing=outgoing,
            not_approved=outgoing & ~pl.col("approved_online").fill_null(False),
            not_signed=outgoing & ~pl.col("signed_digitally").fill_null(False),
        )
    )
    counts = ["incoming", "not_processed", "outgoing", "not_approved", "not_signed"]
    files = context.view("work_files", needs=["opened_on"])
    if files is not None:
        opened = (
            files.filter(in_period("opened_on", t))
            .group_by("unit_code")
            .agg(
                pl.len().cast(pl.Int64).alias("files"),
                *context.counts("work_files", on_paper=~pl.col("electronic").fill_null(False)),
            )
        )
        rows = rows.join(opened, on="unit_code", how="full", coalesce=True, nulls_equal=True)
        counts += ["files", "on_paper"]
    recorded = known(rows, counts)
    rows = rows.with_columns(pl.col(recorded).fill_null(0))
    missed = pl.sum_horizontal(c for c in recorded if c.startswith(("not_", "on_")))
    rows = rows.sort(missed, "unit_code", descending=[True, False]).with_columns(
        pl.col("unit_code").replace(context.unit_names)
    )
    rows = with_total(rows, "unit_code", recorded)
    total = rows.row(-1, named=True)
    for indicator, whole, not_done in (
        ("B.VII.2a", "incoming", "not_processed"),
        ("B.VII.2b", "outgoing", "not_approved"),
        ("B.VII.2c", "outgoing", "not_signed"),
        ("B.VII.3", "files", "on_paper"),
    ):
        if not_done in recorded:
            ledger.expect_figure(indicator, total[whole], "denominator")
            ledger.expect_figure(indicator, total[whole] - total[not_done])
    columns = [Column("unit_code", text("notebook.column.unit"))]
    columns += [Column(c, text(f"notebook.documents.{c}"), "integer") for c in counts]
    return Table("documents", title, tuple(columns), rows, row_kind="row_kind")


def documents_missed(context: Context, direction: Literal["incoming", "outgoing"], limit: int | None) -> Table:
    """Return the period's documents that were not processed (incoming) or approved (outgoing) online, oldest first."""
    id, title = f"documents-{direction}", text(f"notebook.documents.missed_{direction}")
    frame = context.view("documents", "B.VII.2a", "B.VII.2b")
    if frame is None:
        return missing(id, title, "documents")
    flags = {"incoming": ["digitised", "processed_online"], "outgoing": ["approved_online", "signed_digitally"]}[
        direction
    ]
    needed = flags if direction == "incoming" else flags[:1]
    hit = pl.all_horizontal(pl.col(f).fill_null(False) for f in needed)
    rows = frame.filter(in_period("registered_on", context.timeframe) & (pl.col("direction") == direction) & ~hit)
    return listing(
        context,
        "documents",
        rows.sort("registered_on", "document_id"),
        ["document_id", "unit_code", "registered_on", *flags],
        id=id,
        title=title,
        limit=limit,
        empty=text("notebook.list.none"),
    )
