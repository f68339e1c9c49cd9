"""A.V – feedback received and answered."""

from __future__ import annotations

import polars as pl

from chiso.indicators.measure import Measure, done_by, in_period, indicator, share
from chiso.worktime import Timeframe


@indicator
def answered_and_told(t: Timeframe) -> Measure:
    """Feedback answered, and the sender told, on or before the due date (praise aside)."""
    wanted = pl.col("kind") != "praise"
    no_due = wanted & in_period("received_on", t) & pl.col("due_on").is_null()
    return share(
        "feedback",
        wanted & in_period("due_on", t),
        done_by("answered_on", "due_on") & done_by("sender_informed_on", "due_on"),
        left_out={"no_due": no_due},
    )
