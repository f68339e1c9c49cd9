"""What the figures of a run will come to: forecasts to the deadline, and the status ``at_risk`` that rests on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators import Results, compute
from chiso.indicators.pieces import Pieces
from chiso.indicators.views import VIEWS, MissingTable, Sources
from chiso.runs.backtest import back_test, content_of
from chiso.runs.history import history, shelf_name
from chiso.scoring.forecast import forecast
from chiso.sources import Dataset
from chiso.sources.kept import NO_SHELVES, Kept
from chiso.worktime import Timeframe


@dataclass(frozen=True)
class Outlook:
    """The figures of a period with what lies before and ahead of them.

    Attributes:
        results: as computed, pending rows that will probably be missed marked ``at_risk``.
        history: indicators of this and earlier periods (:func:`chiso.runs.history.history`), marked likewise.
        forecasts: columns of :data:`chiso.scoring.forecast.SCHEMA`, a row for each row of the period.
        backtest: how right forecasts of the years that are over were (:func:`chiso.runs.backtest.back_test`); None
            where it was not asked for.
    """

    results: Results
    history: pl.DataFrame
    forecasts: pl.DataFrame
    backtest: pl.DataFrame | None = None


def figures(
    dataset: Dataset, catalogue_of: Callable[[int], Catalogue], timeframe: Timeframe, kept: Kept = NO_SHELVES
) -> Outlook:
    """Compute the figures of a period, what lies before and ahead of them, and how right forecasts were.

    Args:
        dataset: accepted tables.
        catalogue_of: gives the catalogue of a plan year.
        timeframe: the reported period.
        kept: what was computed before (:attr:`chiso.sources.Dataset.kept`): what reads none of the rows that changed
            is not made again, and the figures are the same to the last digit.

    Raises:
        BalanceError: the case balance does not close.
    """
    with kept.shelf(shelf_name(timeframe)) as shelf:
        results = compute(dataset, catalogue_of(timeframe.plan_year), timeframe, shelf=shelf)
    return look_ahead(dataset, catalogue_of, timeframe, results, kept, tested=True)


def look_ahead(
    dataset: Dataset,
    catalogue_of: Callable[[int], Catalogue],
    timeframe: Timeframe,
    results: Results,
    kept: Kept = NO_SHELVES,
    *,
    tested: bool = False,
) -> Outlook:
    """Forecast the indicators of a period to their deadlines.

    Nothing after the as-of day is read: earlier periods end before it, the register and the budget are cut to it.

    Args:
        dataset: accepted tables.
        catalogue_of: gives the catalogue of a plan year.
        timeframe: the reported period.
        results: its figures, as :func:`chiso.indicators.compute` gives them.
        kept: what was computed before.
        tested: also back-test the forecasts.
    """
    catalogue_of = cache(catalogue_of)  # read once a year of the trend, not once a period
    catalogue = catalogue_of(timeframe.plan_year)
    past = history(dataset, catalogue_of, timeframe, results, kept)
    register, budget = _register(Sources(dataset, catalogue, timeframe)), _budget(dataset, timeframe)
    with kept.shelf(f"ahead-{shelf_name(timeframe)}") as shelf:
        pieces = Pieces(shelf, dataset, catalogue, timeframe)
        found = pieces.frames(
            lambda: {"": forecast(past, catalogue, timeframe, register=register, budget=budget)},
            *("forecast", ("deliverables", "budget"), content_of(past)),
        )[""]
        # Where a table or a column is missing, there is no figure that could be carried on.
        lacking = results.notes.filter(pl.col("severity") != "info")["indicator"].unique()
        found = found.filter(~pl.col("indicator").is_in(lacking.implode()))
        judged = replace(results, indicators=_judged(results.indicators, found))
        now = str(timeframe.period)
        earlier = past.filter(pl.col("period") != now)
        present = judged.indicators.select(pl.lit(now).alias("period"), pl.all())
        whole = pl.concat([earlier, present])
        back = None
        if tested:
            back = back_test(dataset, catalogue, timeframe, whole, register=register, budget=budget, shelf=shelf)
    return Outlook(judged, whole, found, back)


def tested(dataset: Dataset, catalogue: Catalogue, timeframe: Timeframe, history: pl.DataFrame) -> pl.DataFrame:
    """Back-test the forecasts of a history, see :func:`chiso.runs.backtest.back_test`."""
    register, budget = _register(Sources(dataset, catalogue, timeframe)), _budget(dataset, timeframe)
    return back_test(dataset, catalogue, timeframe, history, register=register, budget=budget)


def _budget(dataset: Dataset, timeframe: Timeframe) -> pl.DataFrame | None:
    budget = dataset.scan("budget")
    return None if budget is None else budget.filter(pl.col("as_of") <= timeframe.as_of).collect()


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
