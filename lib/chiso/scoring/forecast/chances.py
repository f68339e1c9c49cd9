"""The distributions of what is still to come: quantiles and the chance to end on the right side of the target."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Up to this many trials the beta-binomial is summed exactly; above, a beta of the same mean and variance stands in.
EXACT = 400


def negative_binomial(mean: Floats, spread: Floats, quantile: float) -> Floats:
    """Quantile of a count of given mean and variance mean + spread × mean².

    >>> negative_binomial(np.array([0.0, 10.0]), np.array([0.1, 0.1]), 0.5).tolist()
    [0.0, 9.0]
    """
    size = 1 / np.maximum(spread, 1e-9)
    p = size / (size + np.maximum(mean, 1e-12))
    reached = np.ceil(scipy.special.nbdtrik(quantile, size, p))  # of a real-valued inverse: it may be one too many
    before = np.maximum(reached - 1, 0)
    enough = scipy.special.betainc(size, before + 1, p) >= quantile
    return np.where(mean > 0, np.where(enough, before, reached), 0.0)


def count_at_least(mean: Floats, spread: Floats, least: Floats) -> Floats:
    """Chance that a count (as in :func:`negative_binomial`) is ``least`` or more."""
    size = 1 / np.maximum(spread, 1e-9)
    above = scipy.special.betaincc(size, np.maximum(np.ceil(least), 1), size / (size + np.maximum(mean, 1e-12)))
    return np.where(least <= 0, 1.0, np.where(mean > 0, above, 0.0))


def beta_binomial(n: int, a: float, b: float) -> Floats:
    """Probabilities of 0 … n hits.

    >>> beta_binomial(2, 1.0, 1.0).round(3).tolist()
    [0.333, 0.333, 0.333]
    """
    k = np.arange(n + 1)
    choose = scipy.special.gammaln(n + 1) - scipy.special.gammaln(k + 1) - scipy.special.gammaln(n - k + 1)
    return np.asarray(np.exp(choose + scipy.special.betaln(k + a, n - k + b) - scipy.special.betaln(a, b)))


def hits(
    trials: Floats, p: Floats, correlation: Floats, least: Floats, tails: tuple[float, float]
) -> tuple[Floats, Floats, Floats]:
    """Low and high quantile of the hits in ``trials``, and the chance of ``least`` hits or more.

    Args:
        trials: whole numbers, shape (rows,).
        p: mean share of hits, inside 0 to 1.
        correlation: of two trials (beta-binomial), inside 0 to 1.
        least: hits wanted; NaN where no target is set.
        tails: probabilities of the two quantiles.
    """
    strength = 1 / correlation - 1
    a, b = p * strength, (1 - p) * strength
    low, high, chance = np.zeros(len(p)), np.zeros(len(p)), np.full(len(p), np.nan)
    small = trials <= EXACT
    if small.any():
        low[small], high[small], chance[small] = _exact(trials[small], a[small], b[small], least[small], tails)
    if not small.all():
        n, wanted = trials[~small], least[~small]
        variance = correlation[~small] + (1 - correlation[~small]) / n
        strong = 1 / np.minimum(variance, 0.99) - 1
        wide = p[~small] * strong, (1 - p[~small]) * strong
        low[~small], high[~small] = (np.round(scipy.special.betaincinv(*wide, tail) * n) for tail in tails)
        found = scipy.special.betaincc(*wide, np.clip((wanted - 0.5) / n, 0, 1))
        all_of_them = np.exp(
            scipy.special.betaln(a[~small] + n, b[~small]) - scipy.special.betaln(a[~small], b[~small])
        )
        found = np.where(wanted == n, all_of_them, found)
        chance[~small] = np.where(np.isnan(wanted), np.nan, found)
    chance = np.where(least <= 0, 1.0, np.where(least > trials, 0.0, chance))
    return low, high, np.where(np.isnan(least), np.nan, chance)


def _exact(n: Floats, a: Floats, b: Floats, least: Floats, tails: tuple[float, float]) -> tuple[Floats, Floats, Floats]:
    k = np.arange(int(n.max()) + 1)
    rest = np.maximum(n[:, None] - k, 0)
    log = scipy.special.gammaln(n + 1)[:, None] - scipy.special.gammaln(k + 1) - scipy.special.gammaln(rest + 1)
    log = log + scipy.special.betaln(k + a[:, None], rest + b[:, None]) - scipy.special.betaln(a, b)[:, None]
    mass = np.where(k <= n[:, None], np.exp(log), 0.0)
    below = np.cumsum(mass, axis=1)
    low, high = ((below < tail * (1 - 1e-12)).sum(axis=1) for tail in tails)
    chance = np.where(k >= least[:, None], mass, 0.0).sum(axis=1)
    return low.astype(float), np.minimum(high, n).astype(float), np.clip(chance, 0, 1)
