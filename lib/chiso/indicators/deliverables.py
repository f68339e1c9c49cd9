"""The register of plan tasks, reports, decisions, publications: one function, asked in a few ways.

"Due in" windows take the rows by due date alone; the window "year" takes all rows of the plan year, whenever due.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

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
