"""Forecasts of the budget: this year's amounts go on as last years' cumulative curve did from the same day on."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import scipy

from chiso.catalogue import Catalogue
from chiso.scoring.forecast.flows import _close_values, _ratio
from chiso.scoring.forecast.outcome import Outcome, reached
from chiso.scoring.forecast.series import Floats, Series
from chiso.worktime import Timeframe

#: function -> kind of line, amount that grows, amount it is set against, sign of the growing amount in the value.
RATIOS = {
    "public_finance.disbursement": ("investment", "disbursed_vnd", "allocated_vnd", 1.0),
    "public_finance.administrative_savings": ("admin", "spent_vnd", "planned_vnd", -1.0),
}
#: A past year whose last snapshot is older than this before the deadline does not show its end.
STALE_DAYS = 45
#: How unlike years are, relative to what still comes, before the years themselves show it; worth so many years.
#: One past year cannot show it at all: this is an assumption, and the back-test says how it fared.
YEAR_SPREAD = 0.10
YEARS_ASSUMED = 2


def shares_on(lines: pl.DataFrame, day: date, amount: str, against: str) -> pl.DataFrame:
    """The latest snapshot of each line up to a day: columns line_id, unit_code, share's parts ``x`` and ``w``."""
    seen = lines.filter(pl.col("as_of") <= day).sort("line_id", "as_of")
    last = seen.unique("line_id", keep="last", maintain_order=True)
    return last.select("line_id", "unit_code", x=pl.col(amount).cast(pl.Float64), w=pl.col(against).cast(pl.Float64))


def growth(lines: pl.DataFrame, now: date, deadline: date, amount: str, against: str) -> pl.DataFrame:
    """How much of its whole each line of a past year grew by between two days: line_id, unit_code, ``grown``, ``w``.

    A later snapshot may be lower than an earlier one (a correction): then the line grew by less than nothing.
    """
    end = shares_on(lines, deadline, amount, against)
    begin = shares_on(lines, now, amount, against).select("line_id", begin="x")
    found = end.join(begin, on="line_id", how="left", maintain_order="left").filter(
        (pl.col("w") > 0) & pl.col("x").is_not_null()
    )
    return found.select("line_id", "unit_code", "w", grown=(pl.col("x") - pl.col("begin").fill_null(0)) / pl.col("w"))


def budget(
    series: Series, left: Floats, level: float, snapshots: pl.DataFrame | None, catalogue: Catalogue, t: Timeframe
) -> Outcome:
    """Forecast budget shares: value now ± what the whole department's lines grew by from this day on in past years.

    The interval (Student's t) is the spread of single lines around that or, where it is larger, the spread from year to
    year: lines share the year's luck, so their spread is not divided by their number.

    Args:
        series: rows of the family.
        left: days to the deadline, shape (rows,).
        level: of the interval.
        snapshots: the budget table's accepted rows; None: nothing can be said.
        catalogue: which amounts an indicator compares.
        t: the present period.
    """
    n, whole = series.numerator[:, -1], series.denominator[:, -1]
    result = Outcome.empty(len(n))
    result.now = _ratio(n, whole)
    tails = 0.5 + level / 2
    curves: dict[tuple[str, int], tuple[float, float, int] | None] = {}
    for i, row in enumerate(series.rows):
        name, days = catalogue.indicator(row["indicator"]).function, int(left[i])
        if snapshots is None or name not in RATIOS:
            result.reason[i] = "no_budget"
            continue
        if (name, days) not in curves:
            curves[name, days] = _curve(snapshots, name, t, days)
        curve = curves[name, days]
        if np.isnan(result.now[i]):
            result.reason[i] = "no_data"
        elif curve is None:
            result.reason[i] = "no_past_year"
        else:
            grown, spread, freedom = curve
            value = result.now[i] + RATIOS[name][3] * grown
            half = float(scipy.special.stdtrit(freedom, tails)) * spread
            top = max(1.0, result.now[i])
            result.forecast[i] = np.clip(value, 0, top) if RATIOS[name][3] > 0 else min(value, 1.0)
            low, high = value - half, min(value + half, top)
            result.low[i], result.high[i] = (max(low, 0.0) if RATIOS[name][3] > 0 else low), high
            if row["target"] is not None:
                above = float(scipy.special.stdtr(freedom, (value - row["target"]) / spread)) if spread > 0 else np.nan
                sure = reached(np.array([value]), row["target"], row["comparator"])[0]
                result.probability[i] = sure if spread == 0 else above
            result.method[i] = "budget_curve"
    _close_values(result, series, left)
    return result


def _same_day(day: date, year: int) -> date:
    return day.replace(year=year, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=year)


def _curve(snapshots: pl.DataFrame, name: str, t: Timeframe, days: int) -> tuple[float, float, int] | None:
    """Mean growth from today's day of the year to the deadline, its spread, and the spread's degrees of freedom."""
    kind, amount, against, _ = RATIOS[name]
    known = snapshots.filter(pl.col("kind") == kind, pl.col("as_of") <= t.as_of)
    deadline = date.fromordinal(t.as_of.toordinal() + max(days, 0))
    means: list[float] = []
    lines: list[float] = []
    heights: list[int] = []
    for year in sorted(y for y in known["budget_year"].drop_nulls().unique() if y < t.plan_year):
        mine = known.filter(pl.col("budget_year") == year)
        offset = year - t.plan_year
        now, end = _same_day(t.as_of, t.as_of.year + offset), _same_day(deadline, deadline.year + offset)
        last = mine.filter(pl.col("as_of") <= end)["as_of"].max()
        if not isinstance(last, date) or (end - last).days > STALE_DAYS:
            continue
        grown = growth(mine, now, end, amount, against)
        if grown.height < 2:
            continue
        g, w = grown["grown"].to_numpy(), grown["w"].to_numpy()
        means.append(float(np.average(g, weights=w)))
        lines.append(float(np.sqrt(np.average((g - means[-1]) ** 2, weights=w) * len(g) / (len(g) - 1))))
        heights.append(grown.height)
    if not means:
        return None
    mean = float(np.mean(means))
    years = YEARS_ASSUMED * (YEAR_SPREAD * mean) ** 2 + sum((m - mean) ** 2 for m in means)
    between = float(np.sqrt(years / (YEARS_ASSUMED + len(means) - 1)))
    return mean, max(float(np.mean(lines)), between), max(min(heights) - 1, 3)
