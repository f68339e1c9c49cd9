"""The register of plan tasks, reports, decisions, publications: one function, asked in a few ways.

"Due in" windows take the rows by due date alone; the window "year" takes all rows of the plan year, whenever due.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.measure import Measure, done_by, in_period, in_year, indicator, share
from chiso.worktime import Timeframe

Rows = Literal["year", "due_in_year", "due_in_period"]


def _register(t: Timeframe, item: str, rows: Rows, hit: pl.Expr) -> Measure:
    of_item = pl.col("plan_item") == item
    if rows == "year":
        return share("deliverables", of_item & (pl.col("plan_year") == t.plan_year), hit)
    due = in_year("due", t) if rows == "due_in_year" else in_period("due", t)
    no_due = of_item & (pl.col("plan_year") == t.plan_year) & pl.col("due").is_null()
    return share("deliverables", of_item & due, hit, left_out={"no_due": no_due})


@indicator
def completed(t: Timeframe, *, item: str, rows: Rows) -> Measure:
    """Rows of a plan item done by the as-of day, with evidence."""
    return _register(t, item, rows, pl.col("completed"))


@indicator
def on_time(t: Timeframe, *, item: str, rows: Rows) -> Measure:
    """Rows of a plan item done with evidence on or before the due date."""
    return _register(t, item, rows, pl.col("completed") & done_by("done_on", "due"))


def of_plan_year(catalogue: Catalogue, t: Timeframe) -> pl.Expr:
    """The register rows that a report of the plan year is about.

    These are the rows of the plan year, and those of another year that an indicator counts because they fall due in
    its window (a quarter's window begins in the December before).
    """
    found = pl.col("plan_year") == t.plan_year
    windows = {"due_in_year": in_year("due", t), "due_in_period": in_period("due", t)}
    for entry in catalogue.indicators:
        if entry.function in ("deliverables.completed", "deliverables.on_time") and entry.arguments["rows"] in windows:
            due = windows[entry.arguments["rows"]].fill_null(False)
            found |= (pl.col("plan_item") == entry.arguments["item"]) & due
    return found


def state(t: Timeframe) -> pl.Expr:
    """How a row stands on the as-of day; ``no_evidence``: done, but nothing shows it."""
    due, done, complete = pl.col("due"), pl.col("done_on"), pl.col("completed")
    return (
        pl.when(done.is_not_null() & ~complete)
        .then(pl.lit("no_evidence"))
        .when(complete & due.is_null())
        .then(pl.lit("done_no_due"))
        .when(complete & (done <= due))
        .then(pl.lit("on_time"))
        .when(complete)
        .then(pl.lit("late"))
        .when(due.is_null())
        .then(pl.lit("no_due"))
        .when(due < t.as_of)
        .then(pl.lit("overdue"))
        .otherwise(pl.lit("open"))
    )


#: States of a row, most pressing first.
STATES = ("overdue", "no_evidence", "open", "no_due", "late", "on_time", "done_no_due")
