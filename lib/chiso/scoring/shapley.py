"""Shapley's split of a difference between its causes: exact, and the same in whatever order the causes are told."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def shapley(evaluate: Callable[[tuple[bool, ...]], Floats], causes: int) -> Floats:
    """Split ``evaluate(all new) - evaluate(all old)`` between causes.

    Each cause gets its mean effect over all orders in which the causes can change from old to new (Shapley 1953,
    "A value for n-person games"); the parts add up to the difference.

    Args:
        evaluate: value with each cause old (False) or new (True); any shape, the same each time.
        causes: how many causes, K; needs 2 to the K evaluations.

    Returns:
        Shape (K, ...): the part of each cause.

    >>> area = lambda new: np.array(((5.0, 6.0)[new[0]]) * ((2.0, 4.0)[new[1]]))
    >>> shapley(area, 2).tolist()  # from 5 x 2 to 6 x 4
    [3.0, 11.0]
    """
    found: dict[frozenset[int], Floats] = {}
    for size in range(causes + 1):
        for chosen in combinations(range(causes), size):
            found[frozenset(chosen)] = np.asarray(evaluate(tuple(i in chosen for i in range(causes))), dtype=float)
    parts = []
    for cause in range(causes):
        part = np.zeros_like(found[frozenset()])
        for already in found:
            if cause in already:
                continue
            weight = factorial(len(already)) * factorial(causes - len(already) - 1) / factorial(causes)
            part = part + weight * (found[already | {cause}] - found[already])
        parts.append(part)
    return np.stack(parts)


def split_causes(evaluate: Callable[[bool, bool, bool], Floats]) -> Floats:
    """Split the movement of every body's parts between value, weight and coverage.

    Args:
        evaluate: parts (bodies, k) with value, weight and coverage each old (False) or new (True); NaN for a body to
            which nothing applies in that mixture.

    Returns:
        Shape (3, bodies, k). Where the weights of one period with the coverage of the other leave nothing that applies,
        the two cannot be told apart: both go to coverage. NaN only where a body has no score in one of the periods.
    """
    split = shapley(lambda new: evaluate(new[0], new[1], new[2]), 3)
    value, rest = shapley(lambda new: evaluate(new[0], new[1], new[1]), 2)
    mixed = np.isnan(split).any(axis=(0, 2), keepdims=True)
    return np.where(mixed, np.stack([value, np.zeros_like(rest), rest]), split)
