"""Forecasts by run-rate: shares and counts that grow through the plan year, and levels that each period shows anew."""

from __future__ import annotations

import numpy as np
import scipy

from chiso.scoring.forecast import chances, rates
from chiso.scoring.forecast.outcome import Outcome, least_hits, reached
from chiso.scoring.forecast.series import Floats, Series

#: Fewest periods a rate, and fewest errors of past forecasts a level, must rest on.
FEWEST_PERIODS = 2
FEWEST_ERRORS = 3
#: Fewest complete plan years before the present one that show a season.
SEASON_YEARS = 2
#: How much further shares drift than the errors of one period tell: a month's move goes on in the next ones more often
#: than chance would have it. Found by back-test (docs/forecasts.md); of quarters nothing of the kind was seen.
PERSISTENCE = {"month": 2.0}
#: How far a level follows a new value; a state (what is public, what is overdue) is taken as it is.
FOLLOW_INDEX, FOLLOW_STATE = 0.8, 1.0
#: An index that never moved is still not known better than this share of its scale.
LEAST_ERROR = 0.005


def expected(series: Series, amounts: Floats, left: Floats) -> tuple[rates.Rate, Floats]:
    """Return the rate of what is added and how much more comes in the days left.

    With :data:`SEASON_YEARS` complete plan years before, the season says it: what came after this period, relative to
    what had come until then, in those years together. Otherwise the rate of the recent periods goes on.
    """
    added = series.added(amounts)
    learnt = rates.rate(added, series.days, series.ages)
    more = learnt.per_day * left
    here, numbers = series.numbers[-1], series.numbers
    before = [y for y in np.unique(series.years) if y < series.years[-1] and _complete(series, int(y))]
    if len(before) >= SEASON_YEARS:
        past = np.isin(series.years, before)
        until, after = (added[:, past & where].sum(axis=1) for where in (numbers <= here, numbers > here))
        so_far = series.so_far(amounts)
        usable = (until > 0) & (so_far > 0) & ~np.isnan(after)
        more = np.where(usable, so_far * np.divide(after, until, out=np.zeros(len(after)), where=usable), more)
    return learnt, np.maximum(more, 0.0)


def _complete(series: Series, year: int) -> bool:
    last = {"month": 12, "quarter": 4}.get(series.kind, 0)
    return bool(last) and sorted(series.numbers[series.years == year]) == list(range(1, last + 1))


def flow(series: Series, left: Floats, level: float) -> Outcome:
    """Shares: n and N so far, and hits among those still to come (beta-binomial)."""
    n, whole = series.so_far(series.numerator), series.so_far(series.denominator)
    _, more = expected(series, series.denominator, left)
    hits, trials = series.added(series.numerator), series.added(series.denominator)
    opened = np.roll(series.denominator - series.numerator, 1, axis=1)
    opened[:, series.numbers == 1] = 0.0
    trials = np.where(series.catching_up[:, None], trials + opened, trials)
    learnt = rates.share(hits, trials, float(np.median(series.days)))
    new: Floats = np.nan_to_num(more).round()
    total = whole + new
    coming: Floats = new + np.where(series.catching_up, np.nan_to_num(whole - n), 0.0)
    ahead: Floats = np.maximum(left / np.median(series.days), 1.0)
    result = _of_hits(series, n, total, coming, learnt, ahead, level)
    result.now = _ratio(n, whole)
    result.refuse(np.isnan(n) | np.isnan(whole), "year_begins_before")
    result.refuse(learnt.periods < FEWEST_PERIODS, "few_periods")
    result.refuse(total == 0, "no_cases")
    return _closed(result, series, left, n, whole)


def _of_hits(
    series: Series, n: Floats, total: Floats, coming: Floats, learnt: rates.Share, ahead: Floats, level: float
) -> Outcome:
    result = Outcome.empty(len(n))
    targets = zip(series.rows, np.nan_to_num(total), strict=True)
    least = np.array([least_hits(r["target"], r["comparator"], t) for r, t in targets]) - np.nan_to_num(n)
    # Variance of the mean of the coming steps of a random walk, in steps of one period.
    drift = PERSISTENCE.get(series.kind, 1.0) * learnt.drift * (ahead + 1.0) * (2.0 * ahead + 1.0) / (6.0 * ahead)
    correlation = np.clip(1 / (learnt.trials + 2) + drift, 1e-6, 0.9)
    likely = (np.nan_to_num(learnt.p) * learnt.trials + 0.5) / (learnt.trials + 1)  # Jeffreys
    tails = (0.5 - level / 2, 0.5 + level / 2)
    low, high, chance = chances.hits(np.nan_to_num(coming), likely, correlation, least, tails)
    result.forecast = _ratio(n + np.nan_to_num(learnt.p) * coming, total)
    result.low, result.high, result.probability = _ratio(n + low, total), _ratio(n + high, total), chance
    result.method = ["share"] * len(n)
    return result


def count(series: Series, left: Floats, level: float) -> Outcome:
    """Counts: the number so far and those still to come (negative binomial)."""
    n = series.so_far(series.numerator)
    learnt, more = expected(series, series.numerator, left)
    result = Outcome.empty(len(n))
    half_event = 0.5 * np.maximum(left, 0) / series.days.sum()
    _of_count(result, series, n, np.nan_to_num(more), half_event, _spread(learnt), level)
    result.now, result.method = n.copy(), ["count"] * len(n)
    result.refuse(np.isnan(n), "no_data")
    result.refuse(learnt.periods < FEWEST_PERIODS, "few_periods")
    _close_values(result, series, left)
    return result


def _spread(learnt: rates.Rate) -> Floats:
    return 1 / (learnt.events + 0.5) + learnt.spread


def _of_count(
    result: Outcome, series: Series, n: Floats, more: Floats, least_mean: Floats, spread: Floats, level: float
) -> None:
    """Fill in a count; ``least_mean``: what may still come although none came so far (half an event)."""
    tails = (0.5 - level / 2, 0.5 + level / 2)
    result.forecast = n + more
    likely = np.maximum(more, least_mean)
    result.low, result.high = (n + chances.negative_binomial(likely, spread, tail) for tail in tails)
    target = np.array([np.nan if r["target"] is None else r["target"] for r in series.rows])
    exact = np.array([r["comparator"] == "==" for r in series.rows])
    above = np.array([r["comparator"] == ">" for r in series.rows])
    wanted = np.nan_to_num(target - n + above)
    chance = chances.count_at_least(likely, spread, wanted)
    no_more = np.where(wanted < 0, 0.0, chance - chances.count_at_least(likely, spread, wanted + 1))
    result.probability = np.where(np.isnan(target), np.nan, np.clip(np.where(exact, no_more, chance), 0, 1))


def units(series: Series, left: Floats, level: float) -> Outcome:
    """How many of a fixed number have had their turn: a count that cannot pass the whole."""
    n, whole = series.so_far(series.numerator), series.denominator[:, -1]
    learnt, more = expected(series, series.numerator, left)
    room = np.maximum(np.nan_to_num(whole - n), 0.0)
    more, spread = np.minimum(np.nan_to_num(more), room), _spread(learnt)
    likely = np.minimum(np.maximum(more, 0.5 * np.maximum(left, 0) / series.days.sum()), room)
    result = Outcome.empty(len(n))
    least = [least_hits(r["target"], r["comparator"], w) for r, w in zip(series.rows, whole, strict=True)]
    wanted = np.array(least) - n
    tails = (0.5 - level / 2, 0.5 + level / 2)
    low, high = (np.minimum(chances.negative_binomial(likely, spread, tail), room) for tail in tails)
    result.now, result.forecast = _ratio(n, whole), _ratio(n + more, whole)
    result.low, result.high = _ratio(n + low, whole), _ratio(n + high, whole)
    chance = np.where(wanted > room, 0.0, chances.count_at_least(likely, spread, np.nan_to_num(wanted)))
    result.probability = np.where(np.isnan(wanted), np.nan, chance)
    result.method = ["units"] * len(n)
    result.refuse(np.isnan(n) | ~(whole > 0), "no_cases")
    result.refuse(learnt.periods < FEWEST_PERIODS, "few_periods")
    return _closed(result, series, left, n, whole)


def level(series: Series, left: Floats, level: float) -> Outcome:
    """Levels: the smoothed level goes on; its interval (Student's t) comes from its own past errors."""
    state = np.array([r["window"] == "as_of" for r in series.rows])
    result = Outcome.empty(len(state))
    scale = np.array([100.0 if np.nanmax(v, initial=0.0) > 1 else 1.0 for v in series.value])
    ahead = np.maximum(left / np.median(series.days), 1.0)
    for mine, follow in ((state, FOLLOW_STATE), (~state, FOLLOW_INDEX)):
        smooth, square, errors = rates.levels(series.value[mine], follow)
        floor = (LEAST_ERROR * scale[mine]) ** 2
        whole = np.where(series.denominator[mine, -1] > 0, series.denominator[mine, -1], np.nan)
        whole = np.where(scale[mine] > 1, np.nan, whole)
        jeffreys = (smooth * whole + 0.5) / (whole + 1)
        chance = jeffreys * (1 - jeffreys) / whole
        few = np.fmax(floor, np.where(state[mine], chance, 0.0))
        variance = np.fmax(square, few) * (1 + (ahead[mine] - 1) * follow**2)
        spread, freedom = np.sqrt(variance), np.maximum(errors, 1)
        half = scipy.special.stdtrit(freedom, 0.5 + level / 2) * spread
        result.forecast[mine] = smooth
        result.low[mine] = np.clip(smooth - half, 0, scale[mine])
        result.high[mine] = np.clip(smooth + half, 0, scale[mine])
        result.probability[mine] = _above(series, mine, smooth, spread, freedom, scale, whole)
        enough = np.zeros(len(state), bool)
        enough[mine] = errors < FEWEST_ERRORS
        result.refuse(enough, "few_periods")
    result.now = series.value[:, -1].copy()
    result.method = [None if why else "level" for why in result.reason]
    result.refuse(np.isnan(result.now), "no_data")
    _close_values(result, series, left)
    return result


def _above(
    series: Series, mine: np.ndarray, smooth: Floats, spread: Floats, freedom: np.ndarray, scale: Floats, whole: Floats
) -> Floats:
    """Chance that the level reaches its target; all that is possible counts from half a case below it."""
    target = np.array([np.nan if r["target"] is None else r["target"] for r in series.rows])[mine]
    half_case = np.where(target >= scale[mine], np.nan_to_num(0.5 / whole, nan=LEAST_ERROR), 0.0)
    return np.asarray(scipy.special.stdtr(freedom, -(target - half_case - smooth) / spread))


def level_count(series: Series, left: Floats, level: float) -> Outcome:
    """A number that each period shows anew (negative binomial around the smoothed number)."""
    smooth, _, errors = rates.levels(series.value, FOLLOW_INDEX)
    equal = np.ones(series.value.shape[1])
    learnt = rates.rate(series.value, equal, series.ages)
    result = Outcome.empty(len(smooth))
    half_event = np.full(len(smooth), 0.5 / len(equal))
    _of_count(result, series, np.zeros(len(smooth)), np.nan_to_num(smooth), half_event, _spread(learnt), level)
    result.now, result.method = series.value[:, -1].copy(), ["level"] * len(smooth)
    result.refuse(np.isnan(result.now), "no_data")
    result.refuse(errors < FEWEST_ERRORS, "few_periods")
    _close_values(result, series, left)
    return result


def _ratio(n: Floats, whole: Floats) -> Floats:
    return np.divide(n, whole, out=np.full(len(n), np.nan), where=whole > 0)


def _closed(result: Outcome, series: Series, left: Floats, n: Floats, whole: Floats) -> Outcome:
    """Close the rows whose deadline has passed, by whole hits."""
    least = [least_hits(r["target"], r["comparator"], w) for r, w in zip(series.rows, whole, strict=True)]
    met = np.where(np.isnan(least), np.nan, (n >= np.array(least)).astype(float))
    result.close((left <= 0) & ~np.isnan(result.now), met)
    return result


def _close_values(result: Outcome, series: Series, left: Floats) -> None:
    met = [reached(result.now[i], r["target"], r["comparator"]) for i, r in enumerate(series.rows)]
    result.close((left <= 0) & ~np.isnan(result.now), np.array(met, dtype=float))
