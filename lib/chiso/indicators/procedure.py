"""A.II – administrative procedures as the applicant meets them."""

from __future__ import annotations

import polars as pl

from chiso.indicators.measure import Measure, count, in_period, in_year, indicator, share
from chiso.worktime import Timeframe


@indicator
def supplemented(t: Timeframe) -> Measure:
    """Finished cases that had to be supplemented."""
    return share("cases", in_period("finished_at", t), pl.col("supplement_requests") >= 1)


@indicator
def refused_after_acceptance(t: Timeframe) -> Measure:
    """Finished cases that were refused after having been accepted."""
    return share("cases", in_period("finished_at", t), pl.col("outcome") == "refused")


@indicator
def simplification_proposals(t: Timeframe) -> Measure:
    """Procedures for which a simplification was proposed in the year."""
    return count("procedures", in_year("simplification_proposed_on", t))
