"""When a pending indicator is at risk, and how a probability is put into words."""

from __future__ import annotations

import polars as pl

#: A pending indicator whose probability of meeting its target by the deadline is below this is at risk. By back-test
#: (docs/forecasts.md) the wrong calls hardly change between 0.3 and 0.6; of these, 0.5 overlooks the fewest misses with
#: the fewest false alarms, and it says what it means: more likely missed than met.
AT_RISK_BELOW = 0.5

#: From which probability an outlook holds, highest first.
OUTLOOKS = ((0.8, "high"), (0.5, "middle"), (0.2, "low"), (0.0, "very_low"))


def outlook(probability: float) -> str:
    """Return the outlook of a probability.

    >>> [outlook(p) for p in (1.0, 0.5, 0.49, 0.0)]
    ['high', 'middle', 'low', 'very_low']
    """
    return next(name for start, name in OUTLOOKS if probability >= start)


def at_risk() -> pl.Expr:
    """Expression over ``status`` and ``probability``: true or false for pending rows that could be forecast.

    Null where the row is not pending (met, missed, no data and no target stay what they are) or has no forecast.
    """
    return pl.when(pl.col("status") == "pending").then(pl.col("probability") < AT_RISK_BELOW)
