"""What each officer handled: for the internal sheet alone, no indicator and no report rests on it."""

from __future__ import annotations

import polars as pl

from chiso.indicators.measure import in_period
from chiso.indicators.views import MissingTable, Sources

COUNTS = ("handled", "early", "on_time", "late", "overdue", "median", "supplements", "complaints")


def officers(sources: Sources) -> pl.DataFrame:
    """Return a row an officer and unit, by unit and code: columns officer, unit_code and :data:`COUNTS`.

    Cases finished in the period early, on time and late by their due dates; open ones overdue on the as-of day; median
    days from receipt to the end; requests for supplements to the cases finished; feedback received in the period that
    names one of the officer's cases and is no praise. Officers with nothing of it in the period have no row.
    """
    t = sources.timeframe
    cases = sources.as_of("cases").filter(pl.col("officer_id").is_not_null()).collect()
    done = in_period("finished_at", t).fill_null(False)
    due, end = pl.col("due_at"), pl.col("finished_at")
    open_late = end.is_null() & (due < t.as_of).fill_null(False)
    days = (end - pl.col("received_at")).dt.total_days()
    complained = _complaints(sources)
    marked = cases.join(complained, on="case_id", how="left").with_columns(pl.col("complaints").fill_null(0))
    counted = marked.group_by(officer="officer_id", unit_code="unit_code").agg(
        handled=done.sum(),
        early=(done & (end < due)).sum(),
        on_time=(done & (end == due)).sum(),
        late=(done & (end > due)).sum(),
        overdue=open_late.sum(),
        median=days.filter(done).median(),
        supplements=pl.col("supplement_requests").filter(done).fill_null(0).sum(),
        complaints=pl.col("complaints").sum(),
    )
    some = pl.any_horizontal(pl.col(c) > 0 for c in ("handled", "overdue", "complaints"))
    return counted.filter(some).sort("unit_code", "officer")


def _complaints(sources: Sources) -> pl.DataFrame:
    """Feedback received in the period by the case it names."""
    empty = pl.DataFrame(schema={"case_id": pl.String, "complaints": pl.UInt32})
    try:
        feedback = sources.as_of("feedback")
    except MissingTable:
        return empty
    rows = feedback.filter(
        pl.col("case_id").is_not_null(), pl.col("kind") != "praise", in_period("received_on", sources.timeframe)
    )
    return rows.group_by("case_id").agg(complaints=pl.len()).collect()
