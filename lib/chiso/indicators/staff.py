"""A.III – conduct of officials."""

from __future__ import annotations

import polars as pl

from chiso.indicators.measure import Measure, count, in_period, in_year, indicator, share
from chiso.worktime import Timeframe


@indicator
def conduct_complaints(t: Timeframe) -> Measure:
    """Feedback on conduct, or naming an official and not praise."""
    kind, named = pl.col("kind"), pl.col("officer_named")
    received = in_period("received_on", t)
    about_staff = (kind == "conduct") | (named.fill_null(False) & (kind != "praise"))
    perhaps = received & ~kind.is_in(["conduct", "praise"]) & named.is_null()
    return count("feedback", received & about_staff, blanks={"officer_named": perhaps})


@indicator
def discipline_inspections(t: Timeframe) -> Measure:
    """Planned discipline inspections that were held."""
    return share(
        "inspections",
        (pl.col("kind") == "discipline") & in_year("planned_on", t),
        pl.col("inspected_on").is_not_null(),
    )
