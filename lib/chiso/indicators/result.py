"""A.IV – results and pace of settlement."""

from __future__ import annotations

import polars as pl

from chiso.indicators.measure import Measure, done_by, in_period, indicator, share
from chiso.worktime import Timeframe


def _finished_with_due(t: Timeframe, hit: pl.Expr) -> Measure:
    finished, due = in_period("finished_at", t), pl.col("due_at")
    return share("cases", finished & due.is_not_null(), hit, left_out={"no_due": finished & due.is_null()})


@indicator
def on_time(t: Timeframe) -> Measure:
    """Finished cases settled on or before the due date (all outcomes)."""
    return _finished_with_due(t, done_by("finished_at", "due_at"))


@indicator
def early(t: Timeframe) -> Measure:
    """Finished cases settled before the due date."""
    return _finished_with_due(t, pl.col("finished_at") < pl.col("due_at"))


@indicator
def repeat_visits(t: Timeframe) -> Measure:
    """Finished cases for which the applicant came more than twice."""
    return share("cases", in_period("finished_at", t), pl.col("visits") > 2)
