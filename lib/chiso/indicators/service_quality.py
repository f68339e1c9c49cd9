"""B.III.9 – the service-quality index "766", as far as the department's own data can tell.

Sub-indices, maxima and thresholds are data (``service_quality.toml``); the two shares that no other indicator
measures stand here.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

import polars as pl

from chiso.indicators.measure import (
    Measure,
    Part,
    PointsIndex,
    define,
    done_by,
    in_period,
    indicator,
    share,
)
from chiso.worktime import Timeframe


@cache
def points_table() -> dict[str, Any]:
    """The shipped table of sub-indices: groups, parts with maximum and function, ratings, legal basis."""
    file = resources.files(__package__) / "service_quality.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def rating(value: float) -> str:
    """Vietnamese rating of a value on 0-100."""
    return next(name for floor, name in points_table()["rating"] if value >= floor or floor == 0)


@indicator
def index(t: Timeframe) -> PointsIndex:
    """Points earned over points assessable, on 0-100."""
    parts = {
        part["code"]: Part(_measure(part["function"], t), part["max"], part.get("full_from", 1.0))
        for part in points_table()["parts"]
        if "function" in part
    }
    return PointsIndex(parts)


def _measure(function: str, t: Timeframe) -> Measure:
    own = {"service_quality.progress": progress, "service_quality.online_full": online_full}
    measure = own[function](t) if function in own else define(function, t, {})
    assert isinstance(measure, Measure)
    return measure


def progress(t: Timeframe) -> Measure:
    """Cases finished in P on time or open in time, with at most one supplement request (sub-index 2.1)."""
    finished_at, due = pl.col("finished_at"), pl.col("due_at")
    counted = (in_period("finished_at", t) | finished_at.is_null()) & due.is_not_null()
    in_time = pl.when(finished_at.is_null()).then(due >= t.as_of).otherwise(done_by("finished_at", "due_at"))
    return share("cases", counted, in_time & (pl.col("supplement_requests") <= 1))


def online_full(t: Timeframe) -> Measure:
    """Cases of fully online procedures that were filed online."""
    rows = in_period("received_at", t) & (pl.col("online_level") == "full")
    return share("cases_with_procedure", rows, pl.col("channel") == "online")
