"""Back-test: forecasts of past periods, each from what was known then, against what came and the naive forecast."""

from __future__ import annotations

import numpy as np
import polars as pl
import scipy

from chiso.catalogue import Catalogue
from chiso.scoring.forecast.outcome import Outcome
from chiso.scoring.forecast.predict import LEVEL, SCHEMA, forecast
from chiso.scoring.forecast.series import Floats, Series, series_of
from chiso.worktime import Period, Timeframe, WindowRule

#: Columns of a back-test.
TESTED = {
    **SCHEMA,
    "actual": pl.Float64,
    "met": pl.Boolean,
    "family": pl.String,
    **dict.fromkeys(("naive", "naive_low", "naive_high"), pl.Float64),
    "period": pl.String,
    "ahead": pl.Int32,
}
_LAST = {"month": 12, "quarter": 4}


def backtest(
    history: pl.DataFrame,
    catalogue: Catalogue,
    *,
    rule: WindowRule = "decree09",
    register: pl.DataFrame | None = None,
    budget: pl.DataFrame | None = None,
    level: float = LEVEL,
) -> pl.DataFrame:
    """Forecast the last period of every plan year in the history from each period before it in that year.

    Every forecast sees only the periods up to its own, the register and the budget as they stood then.

    Args:
        history: as for :func:`chiso.scoring.forecast.predict.forecast`; months or quarters.
        catalogue: the indicators, taken for all years.
        rule: window rule of the history.
        register, budget: as for the forecast.
        level: of the intervals.

    Returns:
        A row for each forecast with an outcome: the forecast's columns and ``period`` (it was made in), ``ahead``
        (periods to the end), ``family``, ``actual`` (the plan year's figure at the end), ``met`` (its target, at the
        end), ``naive``, ``naive_low``, ``naive_high`` (every period to come is as the last one; interval of a random
        walk, from three changes on).
    """
    periods = sorted({Period.parse(p) for p in history["period"].unique()})
    frames = []
    for last in (p for p in periods if p.number == _LAST.get(p.kind)):
        end = Timeframe(last, rule)
        truth = forecast(history, catalogue, end, register=register, budget=budget, until=end.as_of)
        truth = truth.filter(pl.col("method") == "closed").select(
            "indicator", "unit_code", actual="value_now", met=pl.col("probability") > 0.5
        )
        for origin in (p for p in periods if p.year == last.year and p.kind == last.kind and p < last):
            t = Timeframe(origin, rule)
            seen = history.filter(pl.col("period").is_in([str(p) for p in periods if p <= origin]))
            made = forecast(seen, catalogue, t, register=register, budget=budget, level=level, until=end.as_of)
            naive = _naive(seen, catalogue, t, (end.as_of - t.as_of).days, level)
            key = ["indicator", "unit_code"]
            joined = made
            for other in (truth, naive):
                joined = joined.join(other, on=key, nulls_equal=True, maintain_order="left")
            frames.append(joined.with_columns(period=pl.lit(str(origin)), ahead=pl.lit(last.number - origin.number)))
    return pl.concat(frames) if frames else pl.DataFrame(schema=TESTED)


def _naive(history: pl.DataFrame, catalogue: Catalogue, t: Timeframe, left: int, level: float) -> pl.DataFrame:
    frames = []
    for kind, series in series_of(history, catalogue, t).items():
        found = _as_last(kind, series, left / series.days[-1], level)
        frames.append(
            pl.DataFrame(
                {
                    "indicator": [r["indicator"] for r in series.rows],
                    "unit_code": [r["unit_code"] for r in series.rows],
                    "family": kind,
                    "naive": found.forecast,
                    "naive_low": found.low,
                    "naive_high": found.high,
                },
                schema_overrides={"unit_code": pl.String},
            )
        )
    return pl.concat(frames).with_columns(pl.col(pl.Float64).fill_nan(None))


def _as_last(kind: str, series: Series, ahead: float, level: float) -> Outcome:
    result = Outcome.empty(len(series.rows))
    steps = np.arange(1, max(1, round(ahead)) + 1)
    z = float(scipy.special.ndtri(0.5 + level / 2))
    if kind in ("level", "level_count"):
        spread = z * _walk(series.value) * np.sqrt(len(steps))
        result.forecast = series.value[:, -1].copy()
        result.low, result.high = result.forecast - spread, result.forecast + spread
        if kind == "level_count":
            result.low = np.maximum(result.low, 0)
        return result
    # The mean of the coming steps of a random walk varies by this much more than one step.
    growth = np.sqrt((steps[::-1] ** 2).sum()) / len(steps)
    n, added = series.so_far(series.numerator), series.added(series.numerator)
    if kind == "count":
        mean, spread = added[:, -1], z * _walk(added) * growth
        result.forecast = n + ahead * mean
        result.low, result.high = n + np.maximum(ahead * (mean - spread), 0), n + ahead * (mean + spread)
        return result
    fixed = kind in ("units", "budget")
    whole = series.denominator[:, -1] if fixed else series.so_far(series.denominator)
    more = np.zeros(len(n)) if fixed else ahead * np.maximum(series.added(series.denominator)[:, -1], 0)
    total = np.where(whole + more > 0, whole + more, np.nan)
    if fixed or kind == "register":
        mean, spread = ahead * added[:, -1], z * _walk(added) * growth * ahead
    else:
        trials = series.added(series.denominator)
        share = np.divide(added, trials, out=np.full(added.shape, np.nan), where=trials > 0)
        filled = pl.DataFrame(share.T).fill_nan(None).select(pl.all().forward_fill()).to_numpy().T.astype(float)
        mean, spread = filled[:, -1] * more, z * _walk(filled) * growth * more
        mean, spread = np.where(more > 0, mean, 0.0), np.where(more > 0, spread, 0.0)
    for name, shift in (("forecast", 0.0), ("low", -1.0), ("high", 1.0)):
        band = shift * spread if shift else 0.0
        setattr(result, name, np.clip((n + mean + band) / total, 0, 1))
    return result


def _walk(values: Floats) -> Floats:
    """Root mean square of the changes from one period to the next; NaN with fewer than three."""
    steps = np.diff(values, axis=1)
    known = (~np.isnan(steps)).sum(axis=1)
    squares = np.nansum(steps**2, axis=1)
    return np.sqrt(np.divide(squares, known, out=np.full(len(values), np.nan), where=known >= 3))


def summary(tested: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Summarise a back-test by some of its columns, over the rows that both ways could forecast.

    Returns:
        ``by``, ``forecasts``, ``mae`` and ``naive_mae`` (mean absolute errors, unit of the value), ``coverage`` and
        ``naive_coverage`` (share of outcomes inside the intervals), ``width`` and ``naive_width`` (their means).
    """
    both = tested.drop_nulls(["forecast", "naive", "actual"])
    inside = pl.col("actual").is_between(pl.col("low") - 1e-9, pl.col("high") + 1e-9)
    naive_inside = pl.col("actual").is_between(pl.col("naive_low") - 1e-9, pl.col("naive_high") + 1e-9)
    return (
        both.group_by(by, maintain_order=True)
        .agg(
            forecasts=pl.len(),
            mae=(pl.col("forecast") - pl.col("actual")).abs().mean(),
            naive_mae=(pl.col("naive") - pl.col("actual")).abs().mean(),
            coverage=inside.mean(),
            naive_coverage=naive_inside.mean(),
            width=(pl.col("high") - pl.col("low")).mean(),
            naive_width=(pl.col("naive_high") - pl.col("naive_low")).mean(),
        )
        .sort(by)
    )
