"""B.VI – reform of public finance."""

from __future__ import annotations

import polars as pl

from chiso.indicators.measure import Measure, indicator, sum_share
from chiso.worktime import Timeframe


def _ratio(kind: str, numerator: pl.Expr, denominator: pl.Expr) -> Measure:
    """Over the latest snapshot of each line; a line with a blank amount leaves both sums."""
    of_kind = pl.col("kind") == kind
    blank = numerator.is_null() | denominator.is_null()
    return sum_share("budget", of_kind & ~blank, numerator, denominator, left_out={"blank_amount": of_kind & blank})


@indicator
def administrative_savings(t: Timeframe) -> Measure:
    """Planned less spent, over planned, of administrative spending."""
    planned = pl.col("planned_vnd")
    return _ratio("admin", planned - pl.col("spent_vnd"), planned)


@indicator
def disbursement(t: Timeframe) -> Measure:
    """Disbursed over allocated, of the investment plan."""
    return _ratio("investment", pl.col("disbursed_vnd"), pl.col("allocated_vnd"))
