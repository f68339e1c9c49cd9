"""B.VII – digital government."""

from __future__ import annotations

import polars as pl

from chiso.indicators.measure import Measure, distinct_share, in_period, indicator, share
from chiso.worktime import Timeframe


def _documents(t: Timeframe, direction: str, hit: pl.Expr) -> Measure:
    return share("documents", (pl.col("direction") == direction) & in_period("registered_on", t), hit)


@indicator
def incoming_processed(t: Timeframe) -> Measure:
    """Incoming documents digitised and processed online."""
    return _documents(t, "incoming", pl.col("digitised") & pl.col("processed_online"))


@indicator
def outgoing_approved(t: Timeframe) -> Measure:
    """Outgoing documents drafted and approved online."""
    return _documents(t, "outgoing", pl.col("approved_online"))


@indicator
def outgoing_signed(t: Timeframe) -> Measure:
    """Outgoing documents signed digitally."""
    return _documents(t, "outgoing", pl.col("signed_digitally"))


@indicator
def work_files_electronic(t: Timeframe) -> Measure:
    """Work files opened that are kept electronically."""
    return share("work_files", in_period("opened_on", t), pl.col("electronic"))


def _online_procedures(t: Timeframe) -> pl.Expr:
    return in_period("received_at", t) & (pl.col("online_level") != "none")


def _fee_procedures(t: Timeframe) -> pl.Expr:
    return in_period("received_at", t) & pl.col("has_fee")


@indicator
def filed_online(t: Timeframe) -> Measure:
    """Cases of procedures offered online that were filed online."""
    return share("cases_with_procedure", _online_procedures(t), pl.col("channel") == "online")


@indicator
def procedures_used_online(t: Timeframe) -> Measure:
    """Procedures offered online, with cases, that had an online case."""
    return distinct_share(
        "cases_with_procedure", _online_procedures(t), pl.col("channel") == "online", "procedure_code"
    )


@indicator
def fee_procedures_paid_online(t: Timeframe) -> Measure:
    """Procedures with a fee, with cases, that had an online payment."""
    return distinct_share("cases_with_procedure", _fee_procedures(t), pl.col("paid_online"), "procedure_code")


@indicator
def fee_cases_paid_online(t: Timeframe) -> Measure:
    """Cases of procedures with a fee that were paid online."""
    return share("cases_with_procedure", _fee_procedures(t), pl.col("paid_online"))
