"""B.I – direction of the reform."""

from __future__ import annotations

import polars as pl

from chiso.indicators.measure import Measure, count, in_year, indicator, share
from chiso.worktime import Timeframe


@indicator
def units_inspected(t: Timeframe) -> Measure:
    """Units active on the as-of day that had a reform inspection in the year."""
    return share("units", pl.col("active"), pl.col("par_inspected"))


def _provincial(t: Timeframe) -> pl.Expr:
    return (pl.col("assigned_by") == "province") & in_year("due_on", t)


@indicator
def tasks_completed(t: Timeframe) -> Measure:
    """Tasks assigned by the province, due in the year, completed with the result attached."""
    done = pl.col("completed_on").is_not_null() & pl.col("result_attached")
    return share("tasks", _provincial(t), done)


@indicator
def tasks_early(t: Timeframe) -> Measure:
    """The same tasks completed before their due date."""
    return share("tasks", _provincial(t), pl.col("completed_on") < pl.col("due_on"))


@indicator
def tasks_late(t: Timeframe) -> Measure:
    """The same tasks completed late, or overdue on the as-of day."""
    return count("tasks", _provincial(t) & pl.col("late"))


@indicator
def initiatives_recognised(t: Timeframe) -> Measure:
    """Initiatives recognised in the year."""
    return count("initiatives", in_year("recognised_on", t))
