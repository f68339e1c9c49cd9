"""What the figures of a run will come to: forecasts to the deadline, and the status ``at_risk`` that rests on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators import Results
from chiso.indicators.views import VIEWS, MissingTable, Sources
from chiso.runs.history import history
from chiso.scoring.forecast import forecast
from chiso.sources import Dataset
from chiso.worktime import Timeframe


@dataclass(frozen=True)
class Outlook:
    """The figures of a period with what lies before and ahead of them.

    Attributes:
        results: as computed, pending rows that will probably be missed marked ``at_risk``.
        history: indicators of this and earlier periods (:func:`chiso.runs.history.history`), marked likewise.
        forecasts: columns of :data:`chiso.scoring.forecast.SCHEMA`, a row for each row of the period.
    """

    results: Results
    history: pl.DataFrame
    forecasts: pl.DataFrame


def look_ahead(
    dataset: Dataset, catalogue_of: Callable[[int], Catalogue], timeframe: Timeframe, results: Results
) -> Outlook:
    """Forecast the indicators of a period to their deadlines.

    Nothing after the as-of day is read: earlier periods end before it, the register and the budget are cut to it.

    Args:
        dataset: accepted tables.
        catalogue_of: gives the catalogue of a plan year.
        timeframe: the reported period.
        results: its figures, as :func:`chiso.indicators.compute` gives them.
    """
    catalogue = catalogue_of(timeframe.plan_year)
    past = history(dataset, catalogue_of, timeframe, results)
    register = _register(Sources(dataset, catalogue, timeframe))
    budget = dataset.scan("budget")
    known = None if budget is None else budget.filter(pl.col("as_of") <= timeframe.as_of).collect()
    found = forecast(past, catalogue, timeframe, register=register, budget=known)
    # Where a table or a column is missing, there is no figure that could be carried on.
    lacking = results.notes.filter(pl.col("severity") != "info")["indicator"].unique()
    found = found.filter(~pl.col("indicator").is_in(lacking.implode()))
    judged = replace(results, indicators=_judged(results.indicators, found))
    now = str(timeframe.period)
    earlier = past.filter(pl.col("period") != now)
    present = judged.indicators.select(pl.lit(now).alias("period"), pl.all())
    return Outlook(judged, pl.concat([earlier, present]), found)


def _register(sources: Sources) -> pl.DataFrame | None:
    try:
        return VIEWS["deliverables"].build(sources).collect()
    except MissingTable:
        return None


def _judged(indicators: pl.DataFrame, forecasts: pl.DataFrame) -> pl.DataFrame:
    """Mark the pending rows that the forecast sees missed."""
    risky = forecasts.select("indicator", "unit_code", "at_risk")
    joined = indicators.join(risky, on=["indicator", "unit_code"], how="left", nulls_equal=True, maintain_order="left")
    marked = pl.when(pl.col("at_risk").fill_null(False)).then(pl.lit("at_risk")).otherwise("status")
    return joined.with_columns(status=marked).drop("at_risk")
