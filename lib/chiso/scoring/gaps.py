"""How far an indicator is from its target, in cases: how many more (or fewer) would reach it."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor


def cases_to_target(
    numerator: float, denominator: float | None, target: float, comparator: str, growing: bool = False
) -> int | None:
    """Return the smallest whole number of cases with which the target is reached; 0 if it is reached already.

    Args:
        numerator: n; of a count: the count.
        denominator: N; None for a count.
        target: of n / N, or of the count.
        comparator: ``>=``, ``>`` or ``==``. A share ``== 1`` wants all; a count ``== 0`` wants none, and the answer is
            how many there are too many.
        growing: False: cases that are in N already must turn good, N stays ("of the cases there are, k more").
            True: new cases come in and all of them are good, n and N both grow ("the next k cases").

    Returns:
        The number; None where no number is enough (N is 0, a share above 1 is asked, or, growing, all cases ever must
        be good and some are not).

    >>> cases_to_target(60, 100, 0.8, ">="), cases_to_target(60, 100, 0.8, ">=", growing=True)
    (20, 100)
    >>> cases_to_target(99, 100, 1, "==", growing=True) is None
    True
    """
    n, t = Fraction(str(numerator)), Fraction(str(target))
    if denominator is None:
        return int(abs(t - n)) if comparator == "==" else _least(t - n, comparator)
    whole = Fraction(str(denominator))
    if whole <= 0 or t > 1 or (t == 1 and comparator == ">"):
        return None
    # For a share, "= 1" is the same as "at least 1".
    missing = t * whole - n
    if _least(missing, comparator) == 0:
        return 0
    if not growing:
        found = _least(missing, comparator)
        return found if n + found <= whole else None
    return None if t == 1 else _least(missing / (1 - t), comparator)


def _least(missing: Fraction, comparator: str) -> int:
    """Return the smallest whole k with k ≥ missing (k > missing where the target must be exceeded), at least 0."""
    return max(0, floor(missing) + 1 if comparator == ">" else ceil(missing))
