"""The rules: how many points a value earns. Every edge is written down in ``docs/scorecards.md``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chiso.scoring.scorecard.criterion import Criterion

Floats = NDArray[np.float64]


def points(criterion: Criterion, values: Any) -> Floats:
    """Return the points of ``values``, 0 to the criterion's maximum; NaN where the value is NaN.

    Args:
        criterion: rule and parameters, without faults.
        values: any shape, in the unit of the criterion's thresholds.

    >>> half = Criterion(code="1", max_points=4, rule="proportional", target=0.8, floor=0.4)
    >>> points(half, [0.39, 0.4, 0.8, 0.9]).tolist()
    [0.0, 2.0, 4.0, 4.0]
    """
    x = np.asarray(values, dtype=float)
    with np.errstate(over="ignore"):  # beyond all numbers is beyond the maximum
        return np.where(np.isnan(x), np.nan, _RULES[criterion.rule](criterion, x))


def _binary(c: Criterion, x: Floats) -> Floats:
    # "= 0" is a target of its own: nothing of the kind may happen.
    reached = x <= 0 if c.full_at == 0 else x >= c.full_at
    return np.where(reached, c.max_points, 0.0)


def _proportional(c: Criterion, x: Floats) -> Floats:
    earned = c.max_points * np.clip(x / c.full_at, 0.0, 1.0)
    return earned if c.floor is None else np.where(x < c.floor, 0.0, earned)


def _steps(c: Criterion, x: Floats) -> Floats:
    rising = sorted(c.steps)
    reached = np.searchsorted([step.threshold for step in rising], x, side="right")
    return np.array([0.0, *(step.points for step in rising)])[reached]


def _count(c: Criterion, x: Floats) -> Floats:
    each = c.max_points / c.full_at if c.per_unit is None else c.per_unit
    return np.clip(x * each, 0.0, c.max_points)


def _deduct(c: Criterion, x: Floats) -> Floats:
    assert c.per_unit is not None
    return np.clip(c.max_points - x * c.per_unit, 0.0, c.max_points)


def _linear_lower(c: Criterion, x: Floats) -> Floats:
    assert c.best is not None and c.worst is not None
    return c.max_points * np.clip((c.worst - x) / (c.worst - c.best), 0.0, 1.0)


def _manual(c: Criterion, x: Floats) -> Floats:
    return np.clip(x, 0.0, c.max_points)


_RULES: dict[str, Callable[[Criterion, Floats], Floats]] = {
    "binary": _binary,
    "proportional": _proportional,
    "steps": _steps,
    "count": _count,
    "deduct": _deduct,
    "linear_lower": _linear_lower,
    "manual": _manual,
}
