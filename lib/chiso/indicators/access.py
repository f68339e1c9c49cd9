"""A.I – access to services."""

from __future__ import annotations

import polars as pl

from chiso.indicators.measure import Measure, WorkingDays, done_by, in_period, indicator, share
from chiso.indicators.views import PORTAL_WORKING_DAYS
from chiso.worktime import Timeframe


@indicator
def workflow_sent_to_portal(t: Timeframe) -> Measure:
    """Workflow data sent to the provincial portal within 3 working days of approval."""
    return share(
        "procedures",
        in_period("portal_due", t),
        done_by("portal_requested_on", "portal_due"),
        working_days=WorkingDays("process_approved_on", PORTAL_WORKING_DAYS),
    )


@indicator
def filed_without_visit(t: Timeframe) -> Measure:
    """Cases received online or by post."""
    return share("cases", in_period("received_at", t), pl.col("channel").is_in(["online", "postal"]))
