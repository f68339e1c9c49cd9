"""Means of a group: arithmetic, geometric, harmonic, or a function of one's own; missing values leave the mean.

As in COINr: weights are relative, a missing value takes its weight with it, a group without any value has none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from chiso.errors import ChisoError
from chiso.messages import text

Floats = NDArray[np.float64]
Mean = Literal["arithmetic", "geometric", "harmonic"]


class AggregationError(ChisoError):
    """Values that a mean is not defined for."""


@dataclass(frozen=True)
class Custom:
    """An aggregation function of one's own.

    It gets the children's values, shape (..., bodies, k) with NaN where missing, and gives back (..., bodies).
    Weights, shape (..., k), are given to it only with ``weighted=True``: a function that does not ask for weights never
    receives them by accident.

    >>> worst = Custom(lambda values: values.min(axis=-1))
    """

    function: Callable[..., Any]
    weighted: bool = False


Method = Mean | Custom


def weighted_mean(values: Floats, weights: Floats) -> Floats:
    """Return Σ w x / Σ w over the values that are there; NaN where there is none or no weight.

    Args:
        values: (bodies, k), or (draws, bodies, k).
        weights: (k,), or (draws, k).

    Returns:
        (bodies,) or (draws, bodies).

    >>> weighted_mean(np.array([[1.0, 3.0], [np.nan, 3.0]]), np.array([1.0, 1.0])).tolist()
    [2.0, 3.0]
    """
    there = ~np.isnan(values)
    full = bool(there.all())
    total = _products(values if full else np.where(there, values, 0.0), weights)
    weight = weights.sum(axis=-1)[..., None] if full else _products(there.astype(float), weights)
    if weight.all():
        return total / weight
    return np.divide(total, weight, out=np.full(total.shape, np.nan), where=np.broadcast_to(weight != 0, total.shape))


def _products(values: Floats, weights: Floats) -> Floats:
    """Σ w x over the last axis, with draws in the values, in the weights, in both or in neither."""
    if values.ndim == 2:  # too small to share among threads, which the matrix product would
        return np.einsum("...k,uk->...u", weights, values)
    return np.matmul(values, weights[..., None])[..., 0]


def aggregate_group(method: Method, values: Floats, weights: Floats, codes: tuple[str, ...]) -> Floats:
    """Aggregate one group.

    Args:
        method: how.
        values: of its k children, (bodies, k) or (draws, bodies, k).
        weights: (k,) or (draws, k).
        codes: of the children, for messages.

    Raises:
        AggregationError: a geometric mean of values that are not positive, a harmonic mean of zeros.
    """
    if isinstance(method, Custom):
        result = method.function(values, weights) if method.weighted else method.function(values)
        found = np.asarray(result, dtype=float)
        if found.shape != values.shape[:-1]:
            raise AggregationError(text("scoring.means.custom", found=found.shape, expected=values.shape[:-1]))
        return found
    if method == "arithmetic":
        return weighted_mean(values, weights)
    if method == "geometric":
        _refuse(values <= 0, codes, "geometric")
        return np.exp(weighted_mean(np.log(values), weights))
    _refuse(values == 0, codes, "harmonic")
    return 1.0 / weighted_mean(1.0 / values, weights)


def _refuse(bad: NDArray[np.bool_], codes: tuple[str, ...], method: str) -> None:
    if bad.any():
        named = [code for code, column in zip(codes, np.moveaxis(bad, -1, 0), strict=True) if column.any()]
        raise AggregationError(text(f"scoring.means.{method}", codes=", ".join(named)))
