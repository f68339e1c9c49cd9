"""Confidence intervals for shares, vectorised; t quantiles with the design's degrees of freedom.

Formulas (each with its source in the function): ``logit``, ``wilson``, ``beta``, ``mean``, ``asin``.
Whatever the method: no interval without degrees of freedom; the exact interval of Clopper and Pearson (1934) on Kish's
effective n where the share is 0 or 1; the share itself where its variance is zero (a stratum asked whole); never
outside 0–1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import scipy

from chiso.survey.frames import fail

Interval = Literal["logit", "wilson", "beta", "mean", "asin"]


def t_quantile(df: np.ndarray, level: float) -> np.ndarray:
    """Return the two-sided quantile of t for ``level``; infinite ``df``: the normal's; NaN where ``df`` <= 0."""
    df = np.asarray(df, dtype=float)
    return np.where(df > 0, -scipy.special.stdtrit(np.where(df > 0, df, np.nan), (1 - level) / 2), np.nan)


def _logit(p: np.ndarray, se: np.ndarray, t: np.ndarray, **_: object) -> tuple[np.ndarray, np.ndarray]:
    """expit(logit p ± t se / (p (1 - p))): ``svyciprop(method="logit")``; Agresti 2013, section 3.1."""
    half = t * se / (p * (1 - p))
    return scipy.special.expit(scipy.special.logit(p) - half), scipy.special.expit(scipy.special.logit(p) + half)


def _wilson(p: np.ndarray, se: np.ndarray, t: np.ndarray, **_: object) -> tuple[np.ndarray, np.ndarray]:
    """Score interval on n* = p(1-p)/se², t in place of z: ``svyciprop(method="wilson")``; Wilson 1927, Kott 1998.

    (p + t²/2n* ± t/2n* √(4 n* p(1-p) + t²)) / (1 + t²/n*)
    """
    n = p * (1 - p) / se**2
    root = t / (2 * n) * np.sqrt(4 * n * p * (1 - p) + t**2)
    centre, below = p + t**2 / (2 * n), 1 + t**2 / n
    return (centre - root) / below, (centre + root) / below


def _beta(
    p: np.ndarray, se: np.ndarray, t: np.ndarray, n: np.ndarray, level: float, **_: object
) -> tuple[np.ndarray, np.ndarray]:
    """Korn and Graubard 1998: beta quantiles on n* = p(1-p)/se² · (t(n-1)/t(df))²: ``svyciprop(method="beta")``."""
    effective = p * (1 - p) / se**2 * (t_quantile(n - 1, level) / t) ** 2
    return clopper_pearson(p, effective, level)


def _mean(p: np.ndarray, se: np.ndarray, t: np.ndarray, **_: object) -> tuple[np.ndarray, np.ndarray]:
    """p ± t se, cut at 0 and 1."""
    return p - t * se, p + t * se


def _asin(p: np.ndarray, se: np.ndarray, t: np.ndarray, **_: object) -> tuple[np.ndarray, np.ndarray]:
    """sin²(asin √p ± t se / (2 √(p(1-p)))), the angle kept in 0 … π/2: ``svyciprop(method="asin")``."""
    angle, half = np.arcsin(np.sqrt(p)), t * se / (2 * np.sqrt(p * (1 - p)))
    low, high = np.clip(angle - half, 0, np.pi / 2), np.clip(angle + half, 0, np.pi / 2)
    return np.sin(low) ** 2, np.sin(high) ** 2


_METHODS: dict[str, Callable[..., tuple[np.ndarray, np.ndarray]]] = {
    "logit": _logit,
    "wilson": _wilson,
    "beta": _beta,
    "mean": _mean,
    "asin": _asin,
}


def clopper_pearson(p: np.ndarray, n: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Exact binomial interval for share ``p`` of ``n`` answers (n need not be whole).

    Examples:
        >>> low, high = clopper_pearson(np.array([0.0]), np.array([10.0]), 0.95)
        >>> low.round(4).tolist(), high.round(4).tolist()
        ([0.0], [0.3085])
    """
    a = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low = scipy.special.betaincinv(n * p, n * (1 - p) + 1, a)
        high = scipy.special.betaincinv(n * p + 1, n * (1 - p), 1 - a)
    return np.where(p == 0, 0.0, low), np.where(p == 1, 1.0, high)


def interval(
    share: np.ndarray,
    se: np.ndarray,
    df: np.ndarray,
    *,
    n: np.ndarray,
    n_effective: np.ndarray | None = None,
    method: Interval = "logit",
    level: float = 0.95,
    census: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lower ends, upper ends and the method used for each share.

    Args:
        share: estimated shares, 0–1 (NaN: none).
        se: their standard errors.
        df: degrees of freedom; infinite for the normal quantile.
        n: answers, for ``beta``.
        n_effective: Kish's effective n, for the exact interval at 0 and 1; default ``n``.
        method: ``logit``, ``wilson``, ``beta``, ``mean`` or ``asin``.
        level: confidence level, between 0 and 1.
        census: where everyone was asked, so that a share of 0 or 1 is certain.

    Returns:
        low, high (NaN: no interval) and method: the one asked for, ``exact``, ``fixed`` (variance zero) or ``none``.

    Raises:
        SurveyError: unknown method, or a level outside 0–1.

    Examples:
        >>> low, high, used = interval(np.array([0.8]), np.array([0.04]), np.array([99]), n=np.array([100]))
        >>> low.round(4).tolist(), high.round(4).tolist(), used.tolist()
        ([0.7089], [0.8679], ['logit'])
    """
    if method not in _METHODS:
        fail("unknown_choice", name="interval", value=method, choices=", ".join(_METHODS))
    if not 0 < level < 1:
        fail("level_outside", value=level)
    share, se, df, n = (np.asarray(a, dtype=float) for a in (share, se, df, n))
    effective = n if n_effective is None else np.asarray(n_effective, dtype=float)
    some = ~np.isnan(share) & ~np.isnan(se) & (df > 0)
    edge = some & ((share <= 0) | (share >= 1))
    # rounding leaves a variance of 1e-34 where all units agree
    fixed = some & ((~edge & (se <= 1e-14)) | (edge & (np.zeros_like(edge) if census is None else census)))
    edge &= ~fixed
    low, high = np.full(share.shape, np.nan), np.full(share.shape, np.nan)
    usual = some & ~edge & ~fixed
    if usual.any():
        found = _METHODS[method](share[usual], se[usual], t=t_quantile(df[usual], level), n=n[usual], level=level)
        low[usual], high[usual] = (np.clip(f, 0, 1) for f in found)
    if edge.any():
        low[edge], high[edge] = clopper_pearson(np.round(share[edge]), effective[edge], level)
    low[fixed], high[fixed] = share[fixed], share[fixed]
    used = np.select([usual, edge, fixed], [method, "exact", "fixed"], "none")
    return low, high, used
