"""Ranks: the highest score is first, ties share the smaller rank, no score has no rank."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Scores nearer than this share of the largest one are a tie: sums of equal parts differ in their last binary digits.
TIE = 1e-12


def ranks(scores: Any) -> Floats:
    """Return the ranks within the last axis, from unrounded scores.

    Args:
        scores: shape (..., bodies); NaN where a body has no score.

    Returns:
        The same shape; 1 is the highest score. Bodies whose scores are equal (to the last binary digits, see
        :data:`TIE`) share the smaller rank, the next rank is left out; NaN stays NaN.

    >>> ranks([90.0, 95.0, 95.0, float("nan"), 80.0]).tolist()
    [3.0, 1.0, 1.0, nan, 4.0]
    """
    table = np.asarray(scores, dtype=float)
    order = np.argsort(-table, axis=-1, kind="stable")
    ordered = np.take_along_axis(table, order, axis=-1)
    finite = np.where(np.isnan(ordered), 0.0, np.abs(ordered))
    tolerance = TIE * finite.max(axis=-1, keepdims=True, initial=0.0)
    place = np.arange(table.shape[-1])
    opens = np.ones(table.shape, dtype=bool)
    opens[..., 1:] = ordered[..., :-1] - ordered[..., 1:] > tolerance
    first = np.maximum.accumulate(np.where(opens, place, 0), axis=-1)
    result = np.empty(table.shape)
    np.put_along_axis(result, order, first + 1.0, axis=-1)
    return np.where(np.isnan(table), np.nan, result)
