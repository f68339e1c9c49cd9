"""What a method says of its rows, and the target in whole hits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass
class Outcome:
    """Forecast of some rows; all arrays of shape (rows,), NaN where there is none and ``reason`` says why."""

    now: Floats
    forecast: Floats
    low: Floats
    high: Floats
    probability: Floats
    method: list[str | None]
    reason: list[str | None]

    @classmethod
    def empty(cls, rows: int, reason: str | None = None) -> Outcome:
        """No forecast for any row."""
        now, forecast, low, high, chance = (np.full(rows, np.nan) for _ in range(5))
        return cls(now, forecast, low, high, chance, [None] * rows, [reason] * rows)

    def refuse(self, where: NDArray[np.bool_], reason: str) -> None:
        """Take the forecast back where it would not be honest; the first reason stays."""
        for column in (self.forecast, self.low, self.high, self.probability):
            column[where] = np.nan
        for row in np.flatnonzero(where):
            self.method[row] = None
            self.reason[row] = self.reason[row] or reason

    def close(self, where: NDArray[np.bool_], reached: Floats) -> None:
        """The deadline has passed: what stands, stands."""
        for column in (self.forecast, self.low, self.high):
            column[where] = self.now[where]
        self.probability[where] = reached[where]
        for row in np.flatnonzero(where):
            self.method[row], self.reason[row] = "closed", None


def least_hits(target: float | None, comparator: str | None, whole: float) -> float:
    """Return the fewest whole hits out of ``whole`` that reach a share's target; NaN without a target.

    >>> least_hits(0.4, ">=", 10.0), least_hits(0.4, ">", 10.0), least_hits(1.0, "==", 10.0)
    (4.0, 5.0, 10.0)
    """
    if target is None or np.isnan(whole):
        return float("nan")
    wanted = target * whole
    return float(np.floor(wanted + 1e-9) + 1) if comparator == ">" else float(np.ceil(wanted - 1e-9))


def reached(value: Floats, target: float | None, comparator: str | None) -> Floats:
    """1.0 where a value reaches the target, 0.0 where not, NaN without target or value."""
    if target is None:
        return np.full(value.shape, np.nan)
    if comparator == ">":
        found = value > target + 1e-12
    elif comparator == ">=":
        found = value >= target - 1e-12
    else:
        found = np.abs(value - target) <= 1e-12
    return np.where(np.isnan(value), np.nan, found.astype(float))
