"""The register by urgency: what is done, overdue, due within 7 and 30 days, and whose it is."""

from __future__ import annotations

from datetime import date

import polars as pl

from chiso.scoring.forecast.register import known_on

#: A row falls due "soon" or "next" up to so many days ahead.
SOON, NEXT = 7, 30
#: Groups, most pressing first.
GROUPS = ("overdue", "no_evidence", "due_soon", "due_next", "later", "no_due", "done")


def due_list(register: pl.DataFrame, as_of: date, plan_year: int | None = None) -> pl.DataFrame:
    """Return the deliverables by urgency.

    Args:
        register: view ``deliverables`` (deliverable_id, plan_item, title, unit_code, plan_year, due, done_on,
            completed).
        as_of: the as-of day; what was done later is not done.
        plan_year: only rows of this plan year; None: all.

    Returns:
        deliverable_id, plan_item, title, unit_code, due, done_on, days_left (negative: overdue), group (of
        :data:`GROUPS`), sorted by group, due date, id. Due on the as-of day and open is due soon, not overdue.
    """
    rows = known_on(register, as_of)
    if plan_year is not None:
        rows = rows.filter(pl.col("plan_year") == plan_year)
    left = (pl.col("due") - pl.lit(as_of)).dt.total_days()
    group = (
        pl.when("completed")
        .then(pl.lit("done"))
        .when(pl.col("done_on").is_not_null())
        .then(pl.lit("no_evidence"))
        .when(left.is_null())
        .then(pl.lit("no_due"))
        .when(left < 0)
        .then(pl.lit("overdue"))
        .when(left <= SOON)
        .then(pl.lit("due_soon"))
        .when(left <= NEXT)
        .then(pl.lit("due_next"))
        .otherwise(pl.lit("later"))
    )
    chosen = rows.select(
        "deliverable_id", "plan_item", "title", "unit_code", "due", "done_on", days_left=left, group=group
    )
    order = pl.col("group").replace_strict(GROUPS, list(range(len(GROUPS))), return_dtype=pl.Int8)
    return chosen.sort(order, "due", "deliverable_id", nulls_last=True)
