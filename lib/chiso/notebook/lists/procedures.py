"""Procedures: workflows sent late, not public, without online cases or payments; the service-quality index."""

from __future__ import annotations

import polars as pl

from chiso.errors import ChisoError
from chiso.indicators.measure import in_period, in_year
from chiso.messages import text
from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.notebook.lists.listing import listing, missing
from chiso.reporting import formats
from chiso.reporting.report import Column, Table

#: Start, due and done column and the window, by the function of the indicator.
_STEPS = {
    "access.workflow_sent_to_portal": ("process_approved_on", "portal_due", "portal_requested_on", in_period),
    "procedures.announcement_proposed": ("central_decision_on", "proposal_due", "proposal_submitted_on", in_year),
    "procedures.workflow_proposed": ("announced_on", "workflow_due", "workflow_submitted_on", in_period),
    "procedures.workflow_sent_to_onestop": ("process_approved_on", "onestop_due", "onestop_requested_on", in_period),
}


def steps_late(context: Context, ledger: Ledger, indicator: str) -> Table:
    """Return the procedures whose step missed its day.

    Raises:
        ChisoError: the indicator is about no such step.
    """
    entry = context.indicator(indicator)
    if entry.function not in _STEPS:
        known = ", ".join(i.id for i in context.catalogue.indicators if i.function in _STEPS)
        raise ChisoError(text("notebook.no_indicator", indicator=indicator, known=known))
    start, due, done, window = _STEPS[entry.function]
    id, title = f"late-{indicator.replace('.', '-')}", text("notebook.procedures.late", name=entry.name)
    frame = context.view("procedures", indicator)
    if frame is None:
        return missing(id, title, "procedures")
    due_now = frame.filter(window(due, context.timeframe))
    missed = due_now.filter(~(pl.col(done) <= pl.col(due)).fill_null(False)).sort(due, "procedure_code")
    ledger.expect_figure(indicator, due_now.height, "denominator")
    ledger.expect_figure(indicator, due_now.height - missed.height)
    return listing(
        context,
        "procedures",
        missed,
        ["procedure_code", "procedure_name", "unit_code", start, done],
        id=id,
        title=title,
        more=[Column(due, text("notebook.column.due"), "date")],
        empty=text("notebook.procedures.none_late", count=due_now.height),
    )


def unpublished(context: Context, ledger: Ledger) -> Table:
    """Return the procedures in force that are not on the website."""
    id, title, frame = "unpublished", text("notebook.procedures.unpublished"), context.view("procedures", "B.III.4a")
    if frame is None:
        return missing(id, title, "procedures")
    active = frame.filter("active")
    rows = active.filter(pl.col("website_published_on").is_null()).sort("announced_on", "procedure_code")
    ledger.expect_figure("B.III.4a", active.height - rows.height)
    names = ["procedure_code", "procedure_name", "field", "unit_code", "announced_on"]
    return listing(context, "procedures", rows, names, id=id, title=title, empty=text("notebook.list.none"))


def simplifications(context: Context, ledger: Ledger) -> Table:
    """Return the procedures proposed for simplification this year."""
    id, title, frame = "simplifications", text("notebook.procedures.simplified"), context.view("procedures", "A.II.1c")
    if frame is None:
        return missing(id, title, "procedures")
    rows = frame.filter(in_year("simplification_proposed_on", context.timeframe))
    ledger.expect_figure("A.II.1c", rows.height)
    names = ["procedure_code", "procedure_name", "field", "unit_code", "simplification_proposed_on"]
    return listing(
        context,
        "procedures",
        rows.sort("simplification_proposed_on", "procedure_code"),
        names,
        id=id,
        title=title,
        empty=text("notebook.list.none"),
    )


def without_online_case(context: Context, ledger: Ledger, limit: int | None) -> Table:
    """Return the procedures offered online that had cases but none filed online, most cases first."""
    offered = pl.col("online_level") != "none"
    hit = (pl.col("channel") == "online").fill_null(False)
    return _unused(context, ledger, "B.VII.4b", offered, hit, "unused-online", "online", limit)


def without_online_payment(context: Context, ledger: Ledger, limit: int | None) -> Table:
    """Return the procedures with a fee that had cases but no online payment, most cases first."""
    hit = pl.col("paid_online").fill_null(False)
    return _unused(context, ledger, "B.VII.4c", pl.col("has_fee"), hit, "unused-payment", "payment", limit)


def _unused(
    context: Context, ledger: Ledger, indicator: str, among: pl.Expr, hit: pl.Expr, id: str, key: str, limit: int | None
) -> Table:
    title, cases = text(f"notebook.procedures.unused_{key}"), context.view("cases_with_procedure", indicator)
    procedures = context.dataset.scan("procedures")
    if cases is None or procedures is None:
        return missing(id, title, "procedures")
    of_them = cases.filter(in_period("received_at", context.timeframe) & among.fill_null(False))
    found = of_them.group_by("procedure_code").agg(cases=pl.len().cast(pl.Int64), hits=hit.sum())
    rows = found.filter(pl.col("hits") == 0)
    ledger.expect_figure(indicator, found.height, "denominator")
    ledger.expect_figure(indicator, found.height - rows.height)
    names = procedures.select("procedure_code", "procedure_name", "field", "unit_code").collect()
    rows = rows.join(names, on="procedure_code", how="left").sort("cases", "procedure_code", descending=[True, False])
    shown = ["procedure_code", "procedure_name", "field", "unit_code"]
    return listing(
        context,
        "procedures",
        rows,
        shown,
        id=id,
        title=title,
        limit=limit,
        more=[Column("cases", text("notebook.cases.received"), "integer")],
        empty=text("notebook.list.none"),
    )


def service_quality(context: Context, ledger: Ledger) -> Table:
    """Return the points of each criterion of the service-quality index; those from other systems are left blank."""
    own = context.results.points
    own = own.filter(context.own)
    points = {row["code"]: row for row in own.iter_rows(named=True)}
    quality, rows = context.catalogue.service_quality, []
    for criterion in quality.criteria:
        row = points.get(criterion.code, {})
        rows.append(
            {
                "code": criterion.code,
                "name": criterion.name,
                "share": row.get("share"),
                "points": row.get("points"),
                "max_points": criterion.max_points,
                "state": text(
                    f"notebook.quality766.{'assessed' if row else 'own' if criterion.source else 'elsewhere'}"
                ),
                "row_kind": "",
            }
        )
    earned, assessable = float(own["points"].sum()), float(own["max_points"].sum())
    ledger.expect_figure("B.III.9", earned)
    ledger.expect_figure("B.III.9", assessable, "denominator")
    rows.append(
        {
            "code": text("notebook.quality766.total"),
            "name": "",
            "share": earned / assessable if assessable else None,
            "points": earned,
            "max_points": assessable,
            "state": "",
            "row_kind": "total",
        }
    )
    frame = pl.DataFrame(rows, schema_overrides={"share": pl.Float64, "points": pl.Float64, "max_points": pl.Float64})
    columns = (
        Column("code", text("notebook.quality766.code")),
        Column("name", text("notebook.quality766.name")),
        Column("share", text("notebook.quality766.share"), "percent"),
        Column("points", text("notebook.quality766.points"), "number"),
        Column("max_points", text("notebook.quality766.max"), "number"),
        Column("state", text("notebook.quality766.state")),
    )
    value = 100 * earned / assessable if assessable else None
    notes = [text("notebook.quality766.unverified", basis=quality.legal_basis)]
    if value is not None:
        rated = {
            "value": formats.number(value, 1),
            "rating": quality.rating(value),
            "points": formats.number(earned),
            "max": formats.number(assessable),
        }
        notes.insert(0, text("notebook.quality766.rating", **rated))
    table = Table(
        "service-quality", text("notebook.quality766.title"), columns, frame, row_kind="row_kind", row_header="name"
    )
    return table.with_notes(*notes)
