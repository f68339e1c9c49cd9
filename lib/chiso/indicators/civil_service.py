"""B.V – reform of the civil service."""

from __future__ import annotations

import polars as pl

from chiso.indicators.measure import Measure, distinct_count, done_by, in_period, in_year, indicator, share
from chiso.worktime import Timeframe


@indicator
def appointments(t: Timeframe) -> Measure:
    """Appointments and reappointments that comply and were made on time."""
    kind = pl.col("kind").is_in(["appointment", "reappointment"])
    no_due = kind & in_year("event_on", t) & pl.col("due_on").is_null()
    return share(
        "personnel",
        kind & in_year("due_on", t),
        pl.col("compliant") & done_by("done_on", "due_on"),
        left_out={"no_due": no_due},
    )


@indicator
def training_attended(t: Timeframe) -> Measure:
    """Training calls of the year that were attended."""
    kind = pl.col("kind") == "training"
    no_due = kind & in_year("event_on", t) & pl.col("due_on").is_null()
    return share(
        "personnel",
        kind & in_year("due_on", t),
        pl.col("done_on").is_not_null(),
        left_out={"no_due": no_due},
    )


@indicator
def officials_disciplined(t: Timeframe) -> Measure:
    """Officials disciplined in the year, whatever the level; a person counts once."""
    return distinct_count("personnel", (pl.col("kind") == "discipline") & in_year("event_on", t), "staff_id")


@indicator
def records_updated(t: Timeframe) -> Measure:
    """Changes of staff records entered within 5 days."""
    return share(
        "personnel",
        (pl.col("kind") == "record_change") & in_period("record_due", t),
        done_by("done_on", "record_due"),
    )
