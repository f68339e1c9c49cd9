"""How many people to ask, and where: sample sizes, allocation to strata, quota table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Literal

import numpy as np
import polars as pl
import scipy

from chiso.survey.frames import Frame, fail, need, numbers, some, to_polars


def sample_size(
    population: float,
    margin: float = 0.05,
    *,
    level: float = 0.95,
    share: float = 0.5,
    deff: float = 1.0,
    response: float = 1.0,
) -> pl.DataFrame:
    """Sample size by the published formula beside the exact one.

    Args:
        population: people in the population, N.
        margin: half width e of the interval wanted, a share.
        level: confidence level.
        share: share expected, p; 0.5 is the safest.
        deff: design effect expected.
        response: share of those asked who will answer.

    Returns:
        Two rows: ``method`` (``simple``: n = N / (1 + N e²), for which z = 2 and p = 0.5; ``exact``: n₀ = z² p(1-p) /
        e² times deff, in a finite population n = n₀ / (1 + (n₀ - 1) / N)), ``n`` (answers needed, rounded up, at most
        N), ``ask`` (people to ask, n / response rounded up), ``margin`` that ``n`` answers give by the exact formula,
        ``enough`` (whether the population has as many people as must be asked).

    Raises:
        SurveyError: a figure outside its range.

    Source:
        Yamane 1967; Cochran 1977, section 4.4; deff by Kish 1965.

    Examples:
        >>> sample_size(10_000, 0.05).select("method", "n").rows()
        [('simple', 385), ('exact', 370)]
    """
    _inside("margin", margin, 0, 1)
    _inside("level", level, 0, 1)
    _inside("share", share, 0, 1)
    if not (np.isfinite(population) and population >= 1):
        fail("plan_population", value=population)
    if not deff > 0:
        fail("plan_number", name="deff", value=deff)
    if not 0 < response <= 1:
        fail("plan_number", name="response", value=response)
    z = -scipy.special.ndtri((1 - level) / 2)
    plain = z**2 * share * (1 - share) / margin**2 * deff
    sizes = {
        "simple": population / (1 + population * margin**2),
        "exact": plain / (1 + (plain - 1) / population),
    }
    rows = []
    for method, size in sizes.items():
        n = min(ceil(size - 1e-9), ceil(population))
        left = max(0.0, (population - n) / max(population - 1, 1))
        got = z * np.sqrt(deff * share * (1 - share) / n * left)
        ask = ceil(n / response - 1e-9)
        rows.append({"method": method, "n": n, "ask": ask, "margin": float(got), "enough": ask <= population})
    return pl.DataFrame(rows)


def allocate(
    strata: Frame | Mapping[str, float],
    n: int,
    *,
    method: Literal["proportional", "neyman", "equal"] = "proportional",
    spread: str | float = "share",
    minimum: int = 2,
) -> pl.DataFrame:
    """Share ``n`` interviews among strata; the numbers add up to ``n``.

    Args:
        strata: stratum → population, or a frame with ``stratum``, ``population`` and for Neyman the column ``spread``.
        n: interviews.
        method: ``proportional`` (to N_h), ``neyman`` (to N_h √(p_h (1-p_h)), or N_h S_h), ``equal``.
        spread: for Neyman: the column of expected shares (all within 0–1) ``share``, or any other column of standard
            deviations.
        minimum: at least so many in each stratum (but never more than its population).

    Returns:
        ``stratum``, ``population``, ``n``, ``fraction`` (n / population), ``weight`` (population / n).

    Raises:
        SurveyError: a population that is not a positive whole number, minimums that need more than ``n``, ``n`` larger
            than the population, no spread to allocate by.

    Source:
        Neyman 1934; Cochran 1977, section 5.5; rounding by largest remainders, strata that reach a bound stay there and
        the rest is shared again.

    Examples:
        >>> allocate({"A": 600, "B": 300, "C": 10}, 91)["n"].to_list()
        [59, 30, 2]
    """
    data = _strata(strata)
    size = numbers(data, "population")
    if (np.isnan(size) | (size < 1) | (size % 1 != 0)).any():
        fail("plan_strata", strata=some(data["stratum"].filter(np.isnan(size) | (size < 1) | (size % 1 != 0))))
    low = np.minimum(minimum, size)
    if n < low.sum() or n > size.sum() or minimum < 0:
        fail("plan_n", n=n, least=int(low.sum()), most=int(size.sum()))
    if method == "proportional":
        measure = size
    elif method == "equal":
        measure = np.ones(size.size)
    elif method == "neyman":
        measure = size * _spread(data, spread)
    else:
        fail("unknown_choice", name="method", value=method, choices="proportional, neyman, equal")
    given = _round(_bounded(measure, low, size, n), low, size, n)
    return data.select("stratum", "population").with_columns(
        n=pl.Series(given),
        fraction=pl.Series(given / size),
        weight=pl.Series(np.where(given > 0, size / np.maximum(given, 1), np.nan)).fill_nan(None),
    )


def quota_table(
    allocation: pl.DataFrame,
    quotas: Mapping[str, Mapping[str, float]],
) -> pl.DataFrame:
    """Split each stratum's interviews by respondents' groups, for the interviewers.

    Args:
        allocation: from :func:`allocate`.
        quotas: characteristic → (group → share or number in the population), such as gender; each is split on its own.

    Returns:
        ``stratum``, ``characteristic``, ``group``, ``n``; within a stratum the groups of a characteristic add up to its
        interviews.

    Raises:
        SurveyError: a quota that is negative, or a characteristic without any.

    Examples:
        >>> quota_table(allocate({"A": 90, "B": 10}, 11), {"sex": {"f": 51, "m": 49}}).rows()
        [('A', 'sex', 'f', 5), ('A', 'sex', 'm', 4), ('B', 'sex', 'f', 1), ('B', 'sex', 'm', 1)]
    """
    need(allocation, ["stratum", "n"])
    rows = []
    for stratum, n in allocation.select("stratum", "n").rows():
        for characteristic, groups in quotas.items():
            parts = np.array([float(v) for v in groups.values()])
            if parts.size == 0 or not (np.isfinite(parts) & (parts >= 0)).all() or parts.sum() <= 0:
                fail("plan_quota", name=characteristic)
            found = _round(n * parts / parts.sum(), np.zeros(parts.size), np.full(parts.size, n), n)
            rows += [(stratum, characteristic, g, int(v)) for g, v in zip(groups, found, strict=True)]
    return pl.DataFrame(rows, schema=["stratum", "characteristic", "group", "n"], orient="row")


def _strata(strata: Frame | Mapping[str, float]) -> pl.DataFrame:
    if isinstance(strata, Mapping):
        strata = pl.DataFrame({"stratum": list(strata), "population": [float(v) for v in strata.values()]})
    data = to_polars(strata)
    need(data, ["stratum", "population"])
    if data["stratum"].is_duplicated().any():
        fail("stratum_twice", strata=some(data["stratum"].filter(data["stratum"].is_duplicated()).unique().sort()))
    return data


def _spread(data: pl.DataFrame, spread: str | float) -> np.ndarray:
    if not isinstance(spread, str):
        return np.full(data.height, float(spread))
    found = numbers(data, spread)
    if spread == "share":
        if not ((found >= 0) & (found <= 1)).all():
            fail("plan_spread", column=spread)
        found = np.sqrt(found * (1 - found))
    if not (found >= 0).all() or found.sum() <= 0:
        fail("plan_spread", column=spread)
    return found


def _bounded(measure: np.ndarray, low: np.ndarray, high: np.ndarray, n: int) -> np.ndarray:
    """Share n by ``measure`` within bounds: the multiple of ``measure`` that, cut at the bounds, adds up to n."""
    weight = np.maximum(measure, measure.sum() * 1e-12)
    a, b = 0.0, float((high / weight).max())
    for _ in range(200):
        middle = (a + b) / 2
        if np.clip(weight * middle, low, high).sum() < n:
            a = middle
        else:
            b = middle
    return np.clip(weight * b, low, high)


def _round(wanted: np.ndarray, low: np.ndarray, high: np.ndarray, n: int) -> np.ndarray:
    """Round to whole numbers that add up to n, largest remainders first (ties: earlier strata)."""
    down = np.floor(wanted + 1e-9)
    remainder = wanted - down
    order = np.lexsort((np.arange(wanted.size), -np.round(remainder, 9)))
    short = n - int(down.sum())
    for _ in range(2):
        for i in order:
            if short > 0 and down[i] < high[i]:
                down[i] += 1
                short -= 1
    for i in order[::-1]:
        while short < 0 and down[i] > low[i]:
            down[i] -= 1
            short += 1
    return down.astype(int)


def _inside(name: str, value: float, low: float, high: float) -> None:
    if not low < value < high:
        fail("plan_number", name=name, value=value)


__all__: Sequence[str] = ["allocate", "quota_table", "sample_size"]
