"""What overall satisfaction goes with: LMG (Shapley) shares of R², Johnson's relative weights, betas and VIF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Literal

import numpy as np
import polars as pl

from chiso.survey.frames import Frame, fail, need, numbers, rows_of, some, to_polars

MOST = 20


@dataclass(frozen=True)
class Drivers:
    """Importance of predictors of one answer.

    Attributes:
        r_squared: share of the answer's variance the predictors explain together.
        n: complete rows used.
        n_left_out: rows with a blank in the answer, a predictor or the weight.
        table: one row a predictor: ``driver``, ``lmg`` (mean rise of R² over all orders of entering; they sum to R²),
            ``lmg_share`` (they sum to 1), ``relative_weight`` (Johnson; sum to R²), ``relative_weight_share``, ``beta``
            (standardised coefficient), ``correlation`` (with the answer), ``first`` (R² alone), ``last`` (rise of R²
            when entered last), ``vif`` (variance inflation factor), ``rank`` (by LMG, ties share the smaller).
    """

    r_squared: float
    n: int
    n_left_out: int
    table: pl.DataFrame


def drivers(frame: Frame, outcome: str, predictors: Sequence[str], *, weight: str | None = None) -> Drivers:
    """Split R² of the linear regression of ``outcome`` on ``predictors`` among the predictors.

    Args:
        frame: one row a respondent; rows with a blank are left out (complete cases) and counted.
        outcome: numeric column, such as the direct question.
        predictors: at least two numeric columns, such as the respondents' factor means; at most 20.
        weight: column of weights; none: equal.

    Raises:
        SurveyError: unknown column, fewer complete rows than predictors + 2, a column without variance, predictors that
            determine each other, a weight that is negative.

    Source:
        Lindeman, Merenda and Gold 1980 and Grömping 2006, all 2^p subsets, from the weighted covariance matrix, as
        ``calc.relimp(type="lmg")`` of R's `relaimpo`; Johnson 2000.

    Examples:
        >>> import polars as pl
        >>> answers = pl.DataFrame({"y": [1, 2, 3, 4, 5, 5], "a": [1, 2, 2, 4, 5, 4], "b": [2, 1, 3, 3, 4, 5]})
        >>> found = drivers(answers, "y", ["a", "b"])
        >>> round(found.r_squared, 4), found.table["lmg"].round(4).to_list()
        (0.9643, [0.5571, 0.4071])
    """
    data = to_polars(frame)
    need(data, [outcome, *predictors])
    if len(predictors) < 2:
        fail("drivers_too_few")
    if len(predictors) > MOST:
        fail("drivers_too_many", most=MOST, given=len(predictors))
    x = np.stack([numbers(data, c) for c in (outcome, *predictors)], axis=1)
    w = numbers(data, weight) if weight else np.ones(data.height)
    if (w < 0).any():
        fail("weight_not_positive", column=weight, value=f"{w[w < 0][0]:g}", rows=rows_of(w < 0))
    complete = ~np.isnan(x).any(axis=1) & (np.nan_to_num(w) > 0)
    x, w = x[complete], w[complete]
    if x.shape[0] < len(predictors) + 2:
        fail("drivers_few_rows", rows=x.shape[0], need=len(predictors) + 2)
    r = _correlation(x, w, [outcome, *predictors])
    rxx, rxy = r[1:, 1:], r[1:, 0]
    if np.linalg.eigvalsh(rxx)[0] < 1e-10:
        fail("drivers_collinear", names=some(predictors))
    inverse = np.linalg.inv(rxx)
    beta, vif = inverse @ rxy, np.diag(inverse)
    whole, lmg = _lmg(rxx, rxy)
    johnson = _johnson(rxx, rxy)
    table = pl.DataFrame(
        {
            "driver": list(predictors),
            "lmg": lmg,
            "lmg_share": lmg / lmg.sum(),
            "relative_weight": johnson,
            "relative_weight_share": johnson / johnson.sum(),
            "beta": beta,
            "correlation": rxy,
            "first": rxy**2,
            "last": beta**2 / vif,
            "vif": vif,
            "rank": [1 + int((lmg > v + 1e-12).sum()) for v in lmg],
        }
    )
    return Drivers(whole, int(x.shape[0]), int((~complete).sum()), table)


def importance_performance(
    importance: pl.DataFrame,
    performance: pl.DataFrame,
    *,
    cut: Literal["mean", "median"] | tuple[float, float] = "mean",
    importance_column: str = "lmg_share",
    performance_column: str = "share",
) -> pl.DataFrame:
    """Place items by importance and performance, with the lines that cut the grid.

    Args:
        importance: a frame with ``driver`` and ``importance_column``, such as :attr:`Drivers.table`.
        performance: a frame with ``code`` (the same names) and ``performance_column``, such as a table of shares.
        cut: where the lines stand: the mean or the median of the items in the grid, or (importance, performance).
        importance_column: what counts as importance.
        performance_column: what counts as performance.

    Returns:
        ``code``, ``importance``, ``performance``, ``importance_cut``, ``performance_cut``, ``cut`` and ``quadrant``:
        ``improve_first`` (important, low), ``keep_up`` (important, high), ``low_priority``, ``possible_overkill``. On a
        line counts as high.

    Raises:
        SurveyError: a column is missing, or no name is in both frames.

    Source:
        Martilla and James 1977.

    Examples:
        >>> import polars as pl
        >>> a = pl.DataFrame({"driver": ["q1", "q2"], "lmg_share": [0.7, 0.3]})
        >>> b = pl.DataFrame({"code": ["q1", "q2"], "share": [0.6, 0.9]})
        >>> importance_performance(a, b)["quadrant"].to_list()
        ['improve_first', 'possible_overkill']
    """
    need(importance, ["driver", importance_column])
    need(performance, ["code", performance_column])
    grid = importance.select(code="driver", importance=importance_column).join(
        performance.select("code", performance=performance_column), on="code", maintain_order="left"
    )
    if grid.is_empty():
        fail("nothing_in_both", columns="driver, code")
    if isinstance(cut, tuple):
        lines, name = [pl.lit(float(c)) for c in cut], "given"
    elif cut in ("mean", "median"):
        lines, name = [getattr(pl.col(c), cut)() for c in ("importance", "performance")], cut
    else:
        fail("unknown_choice", name="cut", value=cut, choices="mean, median")
    grid = grid.with_columns(importance_cut=lines[0], performance_cut=lines[1], cut=pl.lit(name))
    important = pl.col("importance") >= pl.col("importance_cut")
    good = pl.col("performance") >= pl.col("performance_cut")
    return grid.with_columns(
        quadrant=pl.when(important & ~good)
        .then(pl.lit("improve_first"))
        .when(important & good)
        .then(pl.lit("keep_up"))
        .when(~important & ~good)
        .then(pl.lit("low_priority"))
        .when(~important & good)
        .then(pl.lit("possible_overkill"))
    )


def _correlation(x: np.ndarray, w: np.ndarray, names: Sequence[str]) -> np.ndarray:
    w = w / w.sum()
    centred = x - w @ x
    c = centred.T @ (centred * w[:, None])
    spread = np.sqrt(np.diag(c))
    if (flat := spread <= 1e-12 * np.maximum(np.abs(x).max(axis=0), 1)).any():
        fail("drivers_flat", names=some(n for n, f in zip(names, flat, strict=True) if f))
    return c / np.outer(spread, spread)


def _lmg(rxx: np.ndarray, rxy: np.ndarray) -> tuple[float, np.ndarray]:
    """R² and its LMG split: each predictor's mean rise of R² over all orders, from all 2^p subsets."""
    p = rxy.size
    r2 = np.zeros(1 << p)
    for size in range(1, p + 1):
        subsets = np.array(list(combinations(range(p), size)))
        for part in np.array_split(subsets, max(1, len(subsets) // 20_000)):
            b = np.linalg.solve(rxx[part[:, :, None], part[:, None, :]], rxy[part][:, :, None])[:, :, 0]
            r2[(1 << part).sum(axis=1)] = (b * rxy[part]).sum(axis=1)
    masks = np.arange(1 << p)
    chosen = np.array([int(m).bit_count() for m in masks])
    found = np.empty(p)
    for j in range(p):
        without = masks[(masks >> j) & 1 == 0]
        weight = np.array([1 / (p * comb(p - 1, s)) for s in range(p)])[chosen[without]]
        found[j] = (weight * (r2[without | (1 << j)] - r2[without])).sum()
    return float(r2[-1]), found


def _johnson(rxx: np.ndarray, rxy: np.ndarray) -> np.ndarray:
    """Relative weights (Johnson 2000): through the orthogonal variables nearest to the predictors."""
    values, vectors = np.linalg.eigh(rxx)
    root = vectors @ np.diag(np.sqrt(values)) @ vectors.T
    return root**2 @ np.linalg.solve(root, rxy) ** 2
