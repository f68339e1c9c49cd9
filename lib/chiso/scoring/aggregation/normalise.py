"""Normalisation: indicators with their own units and directions onto one scale on which more is better.

Min–max and goalposts follow COINr (``n_minmax``, ``n_goalposts``): a negative direction turns the values round first;
the default scale is 0–100. A geometric or harmonic mean needs values above zero: a scale such as 1–100.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chiso.scoring.scorecard.model import Scorecard
from chiso.scoring.scorecard.rules import points
from chiso.scoring.scorecard.values import MISSING, NOT_APPLICABLE

Floats = NDArray[np.float64]

#: Values (..., bodies, indicators), directions (indicators,), factors of the thresholds: values on one scale.
Normalisation = Callable[[Floats, Floats, Any], Floats]


@dataclass(frozen=True)
class MinMax:
    """From the worst body at ``low`` to the best at ``high``; no score where all bodies have the same value."""

    low: float = 0.0
    high: float = 100.0

    def __call__(self, values: Floats, directions: Floats, factors: Any = 1.0) -> Floats:
        """Normalise; the bodies' own range is the threshold, so ``factors`` have no effect.

        >>> MinMax()(np.array([[1.0, 5.0], [3.0, 1.0], [np.nan, 2.0]]), np.array([1, -1])).round(1).tolist()
        [[0.0, 0.0], [100.0, 100.0], [nan, 75.0]]
        """
        turned = values * directions
        known = ~np.isnan(turned)
        least = np.where(known, turned, np.inf).min(axis=-2, keepdims=True, initial=np.inf)
        most = np.where(known, turned, -np.inf).max(axis=-2, keepdims=True, initial=-np.inf)
        span = most - least
        usable = np.isfinite(span) & (span > 0)
        scaled = np.divide(turned - least, span, out=np.full(turned.shape, np.nan), where=usable & known)
        return scaled * (self.high - self.low) + self.low


@dataclass(frozen=True)
class Goalposts:
    """From ``lower`` at ``low`` to ``upper`` at ``high``, turned round where less is better.

    ``lower`` and ``upper`` (indicators,) are in the indicator's own unit, ``lower`` below ``upper`` in both directions.
    With ``truncate`` (as COINr does) values beyond a goalpost get the goalpost's score.
    """

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    low: float = 0.0
    high: float = 100.0
    truncate: bool = True

    def __call__(self, values: Floats, directions: Floats, factors: Any = 1.0) -> Floats:
        """Normalise; ``factors`` multiply both goalposts.

        >>> Goalposts((0.0, 0.0), (10.0, 10.0))(np.array([[2.0, 2.0], [12.0, 12.0]]), np.array([1, -1])).tolist()
        [[20.0, 80.0], [100.0, 0.0]]
        """
        lower, upper = np.array(self.lower) * factors, np.array(self.upper) * factors
        share = np.where(directions < 0, upper - values, values - lower) / (upper - lower)
        if self.truncate:
            share = np.clip(share, 0.0, 1.0)
        return share * (self.high - self.low) + self.low


@dataclass(frozen=True)
class Rules:
    """The rules of a scorecard: share of the maximum in percent; missing counts zero, not applicable is left out."""

    card: Scorecard
    status: NDArray[np.int8]

    def __call__(self, values: Floats, directions: Floats, factors: Any = 1.0) -> Floats:
        """Normalise; ``factors`` multiply the thresholds of a rule, not points that were entered by hand."""
        scaled = values / factors
        share = np.empty(np.broadcast_shapes(values.shape, scaled.shape))
        for at, criterion in enumerate(self.card.criteria):
            own = values if criterion.rule == "manual" else scaled
            share[..., at] = 100 * points(criterion, own[..., at]) / criterion.max_points
        share = np.where(self.status == MISSING, 0.0, share)
        return np.where(self.status == NOT_APPLICABLE, np.nan, share)
