"""A – satisfaction indices of the questionnaire (points only; the rules are in :mod:`chiso.indicators.survey`)."""

from __future__ import annotations

from chiso.indicators.measure import FactorIndex, indicator
from chiso.worktime import Timeframe


@indicator
def overall(t: Timeframe) -> FactorIndex:
    """Overall satisfaction index."""
    return FactorIndex(None)


@indicator
def factor(t: Timeframe, *, factor: str) -> FactorIndex:
    """Satisfaction index of one factor: access, procedure, staff, result or feedback."""
    return FactorIndex(factor)
