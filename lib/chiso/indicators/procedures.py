"""B.III – reform of administrative procedures."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from chiso.indicators.measure import (
    Measure,
    WorkingDays,
    count,
    done_by,
    in_period,
    in_year,
    indicator,
    share,
)
from chiso.indicators.views import PUBLISH_WORKING_DAYS
from chiso.worktime import Timeframe


@indicator
def announcement_proposed(t: Timeframe) -> Measure:
    """Proposals to announce procedures within 20 days of the ministry's decision."""
    return share("procedures", in_year("proposal_due", t), done_by("proposal_submitted_on", "proposal_due"))


@indicator
def workflow_proposed(t: Timeframe) -> Measure:
    """Workflow proposals within 30 days of the announcement."""
    return share("procedures", in_period("workflow_due", t), done_by("workflow_submitted_on", "workflow_due"))


@indicator
def workflow_sent_to_onestop(t: Timeframe) -> Measure:
    """Workflows sent to the one-stop system within 3 days of approval."""
    return share("procedures", in_period("onestop_due", t), done_by("onestop_requested_on", "onestop_due"))


@indicator
def procedures_public(t: Timeframe) -> Measure:
    """Procedures in force that are public on the website."""
    return share("procedures", pl.col("active"), pl.col("website_published_on").is_not_null())


@indicator
def progress_public(t: Timeframe) -> Measure:
    """Received cases whose progress is public."""
    return share("cases", in_period("received_at", t), pl.col("progress_published"))


@indicator
def result_public(t: Timeframe) -> Measure:
    """Finished cases whose result is public."""
    return share("cases", in_period("finished_at", t), pl.col("result_published"))


@indicator
def supplement_by_form(t: Timeframe) -> Measure:
    """Finished, supplemented cases with a form for each request."""
    requests = pl.col("supplement_requests")
    return share("cases", in_period("finished_at", t) & (requests >= 1), pl.col("supplement_forms") >= requests)


@indicator
def one_supplement_at_most(t: Timeframe) -> Measure:
    """Finished cases with at most one supplement request."""
    return share("cases", in_period("finished_at", t), pl.col("supplement_requests") <= 1)


@indicator
def refusal_by_form(t: Timeframe) -> Measure:
    """Refused cases with the form of refusal."""
    refused = in_period("finished_at", t) & (pl.col("outcome") == "refused")
    return share("cases", refused, pl.col("refusal_form"))


@indicator
def apology_for_delay(t: Timeframe) -> Measure:
    """Cases that became late in P and got an apology with a new date.

    A case becomes late on the day after its due date, so P shifts back by a day.
    """
    day = timedelta(days=1)
    due, finished = pl.col("due_at"), pl.col("finished_at")
    became_late = due.is_between(pl.lit(t.start - day), pl.lit(t.as_of - day)) & (finished.is_null() | (finished > due))
    return share("cases", became_late, pl.col("apology_forms") >= 1)


@indicator
def result_electronic(t: Timeframe) -> Measure:
    """Granted cases whose result was issued electronically."""
    granted = in_period("finished_at", t) & (pl.col("outcome") == "granted")
    return share("cases", granted, pl.col("result_electronic"))


@indicator
def digitised(t: Timeframe) -> Measure:
    """Received cases whose dossier is digitised."""
    return share("cases", in_period("received_at", t), pl.col("digitised"))


@indicator
def data_reused(t: Timeframe) -> Measure:
    """Received cases that reuse digitised data."""
    return share("cases", in_period("received_at", t), pl.col("data_reused"))


@indicator
def overdue_open(t: Timeframe) -> Measure:
    """Cases overdue and open on the as-of day."""
    return count("cases", (pl.col("due_at") < pl.lit(t.as_of)) & pl.col("finished_at").is_null())


@indicator
def petitions_answered(t: Timeframe) -> Measure:
    """Petitions on rules and procedures answered on or before the due date."""
    regulation = pl.col("kind") == "regulation"
    no_due = regulation & in_period("received_on", t) & pl.col("due_on").is_null()
    return share(
        "feedback",
        regulation & in_period("due_on", t),
        done_by("answered_on", "due_on"),
        left_out={"no_due": no_due},
    )


@indicator
def answers_published(t: Timeframe) -> Measure:
    """Answers to petitions published within 2 working days."""
    regulation = pl.col("kind") == "regulation"
    return share(
        "feedback",
        regulation & in_period("publish_due", t),
        done_by("published_on", "publish_due"),
        working_days=WorkingDays("answered_on", PUBLISH_WORKING_DAYS, regulation),
    )
