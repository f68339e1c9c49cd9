"""Indicators of the periods before: computed once a run, so that no report has to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators import Results, compute
from chiso.runs.checks import is_empty
from chiso.sources import Dataset
from chiso.sources.kept import NO_SHELVES, Kept
from chiso.worktime import Period, PeriodError, Timeframe

#: Periods of a trend, the reported one included.
LENGTH = 8


def periods(current: Period) -> list[Period]:
    """Return the periods of the trend and the same period a year before, oldest first.

    Of months also the plan year's first ones: a forecast of the year's figure needs what the year began with.

    >>> [str(p) for p in periods(Period.parse("2024-H1"))][-2:]
    ['2023-H1', '2024-H1']
    """
    back = max(LENGTH, current.number) if current.kind == "month" else LENGTH
    wanted: list[Callable[[], Period]] = [partial(current.previous, n) for n in range(1, back)]
    found = {current}
    for earlier in (*wanted, current.year_before):
        with suppress(PeriodError):  # before the first year there is
            found.add(earlier())
    return sorted(found, key=lambda p: (p.year, p.number))


def history(
    dataset: Dataset,
    catalogue_of: Callable[[int], Catalogue],
    timeframe: Timeframe,
    results: Results,
    kept: Kept = NO_SHELVES,
) -> pl.DataFrame:
    """Compute the indicators of earlier periods, whole windows, each by the plan of its own year.

    Args:
        dataset: accepted tables, as known today.
        catalogue_of: gives the catalogue of a plan year.
        timeframe: the reported period, whose own figures are taken from ``results``.
        results: figures of the reported period.
        kept: what was computed before.

    Returns:
        The columns of the result table and ``period``, oldest period first. A period of which the data knows
        nothing has no counts: it lies before the records begin, and its zeros would be read as a change.
    """
    frames = []
    for period in periods(timeframe.period):
        if period == timeframe.period:
            frame = results.indicators
        else:
            then = Timeframe(period, timeframe.rule)
            with kept.shelf(shelf_name(then)) as shelf:
                earlier = compute(dataset, catalogue_of(period.year), then, statistics=False, shelf=shelf)
            frame = _without_counts(earlier.indicators) if is_empty(earlier) else earlier.indicators
        frames.append(frame.select(pl.lit(str(period)).alias("period"), pl.all()))
    return pl.concat(frames)


def shelf_name(timeframe: Timeframe) -> str:
    """Return the name of the shelf that the figures of a timeframe are kept on."""
    return f"{timeframe.period}-{timeframe.rule}-{timeframe.as_of:%Y%m%d}"


def _without_counts(indicators: pl.DataFrame) -> pl.DataFrame:
    count = pl.col("measure") == "count"
    blank = [pl.when(~count).then(pl.col(c)).alias(c) for c in ("numerator", "value", "attainment")]
    return indicators.with_columns(*blank, status=pl.when(count).then(pl.lit("no_data")).otherwise("status"))
