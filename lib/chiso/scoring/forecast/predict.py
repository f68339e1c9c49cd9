"""The forecast of every indicator to its deadline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from chiso.catalogue import Catalogue
from chiso.scoring.forecast import budget as by_curve
from chiso.scoring.forecast import flows
from chiso.scoring.forecast import register as by_register
from chiso.scoring.forecast.outcome import Outcome
from chiso.scoring.forecast.risk import at_risk
from chiso.scoring.forecast.series import Floats, Series, series_of
from chiso.worktime import Period, Timeframe

#: Level of the intervals.
LEVEL = 0.8

SCHEMA = {
    "indicator": pl.String,
    "component": pl.String,
    "unit_code": pl.String,
    "measure": pl.String,
    "comparator": pl.String,
    "target": pl.Float64,
    "status": pl.String,
    "deadline": pl.Date,
    "value_now": pl.Float64,
    "forecast": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "level": pl.Float64,
    "probability": pl.Float64,
    "method": pl.String,
    "reason": pl.String,
    "at_risk": pl.Boolean,
}

_FLOWS: dict[str, Callable[[Series, Floats, float], Outcome]] = {
    "flow": flows.flow,
    "count": flows.count,
    "units": flows.units,
    "level": flows.level,
    "level_count": flows.level_count,
}


def forecast(
    history: pl.DataFrame,
    catalogue: Catalogue,
    timeframe: Timeframe,
    *,
    register: pl.DataFrame | None = None,
    budget: pl.DataFrame | None = None,
    level: float = LEVEL,
    until: date | None = None,
) -> pl.DataFrame:
    """Forecast every indicator, for the department and each unit, to its deadline.

    Args:
        history: the result table's columns and ``period``, the present period and those before it, of one kind
            (:func:`chiso.runs.history.history`); periods of other kinds and later ones are not used.
        catalogue: the plan year's indicators.
        timeframe: the present period.
        register: view ``deliverables`` (with ``due`` and ``completed``); without it deliverables have no forecast.
        budget: accepted rows of the budget table; without it budget shares have no forecast.
        level: of the intervals, 0 to 1.
        until: forecast all to this day instead (back-tests).

    Returns:
        Columns of :data:`SCHEMA`, a row for each row of the present period, sorted by indicator and unit. ``deadline``:
        the catalogue's, or the last day of the plan year's reporting window where there is none. ``value_now``,
        ``forecast``, ``low``, ``high``: the plan year's figure so far and on the deadline (sums over the periods, or
        the latest state; unit of the value: shares 0-1, counts, indices of their scale). ``probability``: of meeting
        the target on that day; null without a target. ``method`` says how, ``reason`` why there is none
        (texts ``forecast.method.*``, ``forecast.reason.*``). ``status`` is the present period's, untouched;
        ``at_risk`` speaks of pending rows alone (:mod:`chiso.scoring.forecast.risk`).
    """
    end = Period(timeframe.plan_year, "year").window(timeframe.rule)[1]
    frames = []
    for kind, series in series_of(history, catalogue, timeframe).items():
        year = timeframe.plan_year
        deadlines = [until or catalogue.indicator(r["indicator"]).deadline_on(year) or end for r in series.rows]
        left = np.array([timeframe.days_left(d) for d in deadlines], float)
        if kind == "register":
            found = by_register.register(series, left, level, register, catalogue, timeframe)
        elif kind == "budget":
            found = by_curve.budget(series, left, level, budget, catalogue, timeframe)
        else:
            found = _FLOWS[kind](series, left, level)
        frames.append(_frame(series, found, deadlines, level))
    table = pl.concat(frames) if frames else pl.DataFrame(schema=SCHEMA)
    return table.sort("indicator", "unit_code", nulls_last=False)


def _frame(series: Series, found: Outcome, deadlines: list[date], level: float) -> pl.DataFrame:
    given = ("indicator", "component", "unit_code", "measure", "comparator", "target", "status")
    columns: dict[str, Any] = {name: [row[name] for row in series.rows] for name in given}
    columns |= {
        "deadline": deadlines,
        "value_now": found.now,
        "forecast": found.forecast,
        "low": found.low,
        "high": found.high,
        "level": [level] * len(deadlines),
        "probability": found.probability,
        "method": found.method,
        "reason": found.reason,
        "at_risk": [None] * len(deadlines),
    }
    frame = pl.DataFrame(columns, schema=SCHEMA).with_columns(pl.col(pl.Float64).fill_nan(None))
    # A distribution's mean may lie outside a narrow interval of whole hits; the interval then reaches to it.
    low, high = pl.min_horizontal("low", "forecast"), pl.max_horizontal("high", "forecast")
    known = pl.col("forecast").is_not_null()
    frame = frame.with_columns(low=pl.when(known).then(low), high=pl.when(known).then(high))
    return frame.with_columns(at_risk=at_risk())
