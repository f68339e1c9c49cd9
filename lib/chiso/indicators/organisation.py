"""B.IV – reform of the organisation."""

from __future__ import annotations

import polars as pl

from chiso.indicators.measure import Measure, in_year, indicator, share, sum_share
from chiso.worktime import Timeframe


@indicator
def decentralisation_inspections(t: Timeframe) -> Measure:
    """Planned inspections of decentralised tasks that were held."""
    return share(
        "inspections",
        (pl.col("kind") == "decentralisation") & in_year("planned_on", t),
        pl.col("inspected_on").is_not_null(),
    )


@indicator
def findings_resolved(t: Timeframe) -> Measure:
    """Findings of those inspections that were resolved.

    Without a recorded number of findings there is no denominator for the row, so it has no numerator either.
    """
    held = (pl.col("kind") == "decentralisation") & in_year("inspected_on", t)
    findings = pl.col("findings")
    return sum_share(
        "inspections",
        held & findings.is_not_null(),
        pl.col("findings_resolved"),
        findings,
        left_out={"no_findings": held & findings.is_null()},
    )
