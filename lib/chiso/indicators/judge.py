"""Status and attainment of one figure against its target."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache

from chiso.catalogue import Indicator


@dataclass(frozen=True)
class Figure:
    """A figure of one indicator for the department (``unit`` None) or a unit.

    ``rows`` is how many source rows it counts; ``value`` is null where there is nothing to divide by.
    """

    numerator: float | None
    denominator: float | None
    value: float | None
    rows: int = 0


def target_of(indicator: Indicator, unit: str | None) -> float | None:
    """The target that applies; some are set for the department only."""
    return indicator.target if unit is None or indicator.target_for_units else None


def _reached(indicator: Indicator, figure: Figure, target: float) -> bool:
    """Whether the target is reached; shares of whole numbers are compared as fractions, never rounded."""
    left, right = Fraction(0), _exact(target)
    if indicator.measure == "share" and figure.denominator:
        left, right = Fraction(figure.numerator or 0), right * Fraction(figure.denominator)
    else:
        left = Fraction(figure.value or 0)
        if indicator.measure == "index":  # a mean of ratios: equality must not hang on the last binary digit
            return _compare(indicator.comparator, round(float(left), 12), target)
    return _compare(indicator.comparator, left, right)


@cache
def _exact(target: float) -> Fraction:
    """Return a target as it was written: 0.87 is 87/100."""
    return Fraction(str(target))


def _compare(comparator: str | None, left: Fraction | float, right: Fraction | float) -> bool:
    if comparator == ">=":
        return left >= right
    if comparator == ">":
        return left > right
    return left == right


def status(indicator: Indicator, figure: Figure, unit: str | None, as_of: date, year: int) -> str | None:
    """``met``, ``not_met``, ``pending``, ``no_data``; None where there is no target or the rule is not verified."""
    if figure.value is None:
        return "no_data"
    target = target_of(indicator, unit)
    if target is None or not indicator.judged:
        return None
    deadline = indicator.deadline_on(year)
    open_still = deadline is not None and deadline > as_of
    if indicator.pending_until_deadline and open_still:
        return "pending"
    if _reached(indicator, figure, target):
        return "met"
    return "pending" if open_still else "not_met"


def attainment(indicator: Indicator, figure: Figure, unit: str | None) -> float | None:
    """How far the target is attained, 0 to 1; a count that must be zero is attained or not."""
    target = target_of(indicator, unit)
    if target is None or figure.value is None:
        return None
    if target == 0:
        return float(figure.value == 0)
    return max(0.0, min(1.0, figure.value / target))
