"""Run-rates with memory: how much comes a day, which share of it is good, and how far past forecasts were off.

Every period's figure is forecast from the periods before it; what these forecasts missed by, beyond chance alone, is
the spread that the next forecast is given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Of a rate of counts, a period this many days older counts half (chosen by back-test, docs/forecasts.md).
HALF_LIFE = 365.0
#: Spread assumed beyond chance before the data speak, worth :data:`PRIOR_PERIODS` periods: squared relative error of a
#: rate from one period to the next; drift of a share in :data:`DRIFT_DAYS` days, relative to p (1 - p).
RATE_SPREAD = 0.05
SHARE_DRIFT = 0.05
DRIFT_DAYS = 91.0
PRIOR_PERIODS = 2.0


@dataclass(frozen=True)
class Rate:
    """Rate of a count; shape (rows,). ``events``: weighted events behind it; ``spread``: variance of the rate itself
    relative to its square; ``periods``: how many periods it was learnt from."""

    per_day: Floats
    events: Floats
    spread: Floats
    periods: NDArray[np.int64]


@dataclass(frozen=True)
class Share:
    """Probability of a hit; shape (rows,). ``p``: the run-rate; ``trials``: what it is worth in trials; ``drift``: how
    far it moves from one period to the next (variance relative to p (1 - p)); ``periods``: how many had trials."""

    p: Floats
    trials: Floats
    drift: Floats
    periods: NDArray[np.int64]


def rate(counts: Floats, days: Floats, ages: Floats) -> Rate:
    """Learn daily rates of counts.

    Args:
        counts: what each period added, shape (rows, periods), NaN where not known; below zero counts as zero.
        days, ages: of the periods, shape (periods,); the last period has age 0.

    >>> found = rate(np.array([[30.0, 30.0]]), np.array([30.0, 30.0]), np.array([30.0, 0.0]))
    >>> found.per_day.round(2).tolist(), found.periods.tolist()
    ([1.0], [2])
    """
    known = ~np.isnan(counts)
    n = np.maximum(np.where(known, counts, 0.0), 0.0)
    rows = len(n)
    excess, expected = np.zeros(rows), np.zeros(rows)
    events, exposure = np.zeros(rows), np.zeros(rows)
    seen = np.zeros(rows, np.int64)
    for t in range(n.shape[1]):
        fade = 0.5 ** ((ages[t - 1] - ages[t]) / HALF_LIFE) if t else 1.0
        events, exposure = events * fade, exposure * fade
        ready = known[:, t] & (exposure > 0)
        mean = np.where(ready, days[t] * events / np.maximum(exposure, 1e-9), 0.0)
        excess += np.where(ready, (n[:, t] - mean) ** 2 - mean - mean**2 / np.maximum(events, 0.5), 0.0)
        expected += mean**2
        events, exposure = events + np.where(known[:, t], n[:, t], 0.0), exposure + np.where(known[:, t], days[t], 0.0)
        seen += known[:, t]
    spread = _shrunk(excess, expected, np.maximum(seen - 1, 0), RATE_SPREAD, 4.0)
    per_day = np.divide(events, exposure, out=np.full(rows, np.nan), where=exposure > 0)
    return Rate(per_day, events, spread, seen)


def share(hits: Floats, trials: Floats, days: float) -> Share:
    """Learn shares from hits and trials by period, both shape (rows, periods), NaN where not known.

    A local level: every period may move the share by a drift, so that many trials make the last period count most and
    few trials make all periods count alike. The drift is learnt from the errors of one period's forecast for the next,
    in a first pass with the assumed drift, and used in a second.

    Args:
        hits, trials: by period, oldest first.
        days: usual length of a period.

    >>> found = share(np.array([[8.0, 9.0]]), np.array([[10.0, 10.0]]), 91.0)
    >>> found.p.round(3).tolist(), found.trials.round(1).tolist()
    ([0.857], [17.5])
    """
    known = ~(np.isnan(hits) | np.isnan(trials))
    d = np.maximum(np.where(known, trials, 0.0), 0.0)
    n = np.clip(np.where(known, hits, 0.0), 0.0, d)
    assumed = np.full(len(n), SHARE_DRIFT * days / DRIFT_DAYS)
    *_, excess, expected, seen = _filtered(n, d, assumed)
    drift = _shrunk(excess, expected, np.maximum(seen - 1, 0), float(assumed[0]) if len(n) else 0.0, 0.5)
    good, all_, *_ = _filtered(n, d, drift)
    p = np.divide(good, all_, out=np.full(len(n), np.nan), where=all_ > 0)
    return Share(p, all_, drift, seen)


def _filtered(n: Floats, d: Floats, drift: Floats) -> tuple[Floats, Floats, Floats, Floats, NDArray[np.int64]]:
    """Good and all trials remembered at the end; squared one-period errors beyond chance and their scale; periods."""
    rows = len(n)
    good, all_ = np.zeros(rows), np.zeros(rows)
    excess, expected = np.zeros(rows), np.zeros(rows)
    for t in range(n.shape[1]):
        fade = 1 / (1 + all_ * drift)
        good, all_ = good * fade, all_ * fade
        p, worth = (good + 0.5) / (all_ + 1), np.where(all_ > 0, all_, 1.0)
        pq = np.where((d[:, t] > 0) & (all_ > 0), p * (1 - p), 0.0)
        raw = np.divide(good, all_, out=np.zeros(rows), where=all_ > 0)
        missed = np.where(pq > 0, (n[:, t] - d[:, t] * raw) ** 2, 0.0)
        # The memory's own uncertainty without the drift that it was faded by.
        excess += missed - pq * d[:, t] * (1 + d[:, t] * np.maximum(1 / worth - drift, 0))
        expected += pq * d[:, t] ** 2
        good, all_ = good + n[:, t], all_ + d[:, t]
    return good, all_, excess, expected, (d > 0).sum(axis=1)


def _shrunk(excess: Floats, expected: Floats, periods: NDArray[np.int64], prior: float, most: float) -> Floats:
    """The spread beyond chance, drawn towards ``prior`` where few periods speak; between 0 and ``most``."""
    own = np.divide(excess, expected, out=np.zeros(len(excess)), where=expected > 0)
    weight = np.where(expected > 0, periods, 0.0)
    return np.clip((weight * np.clip(own, 0, most) + PRIOR_PERIODS * prior) / (weight + PRIOR_PERIODS), 0.0, most)


def levels(values: Floats, follow: float) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Smooth a level and return it with the mean square of its one-period errors and their number.

    Args:
        values: shape (rows, periods), NaN where not known.
        follow: how far the level moves to each new value, 0 to 1; 1 is "as last period".
    """
    level = np.full(len(values), np.nan)
    squares, errors = np.zeros(len(values)), np.zeros(len(values), np.int64)
    for t in range(values.shape[1]):
        now = values[:, t]
        new, begun = ~np.isnan(now), ~np.isnan(level)
        error = np.where(new & begun, now - level, 0.0)
        squares += error**2
        errors += new & begun
        level = np.where(begun, level + follow * error, now)
    return level, np.divide(squares, errors, out=np.full(len(values), np.nan), where=errors > 0), errors
