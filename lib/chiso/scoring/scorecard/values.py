"""The values a scorecard is applied to: one figure a period, body and criterion, with its status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Status = Literal["ok", "missing", "not_applicable"]
STATUSES: tuple[Status, ...] = ("ok", "missing", "not_applicable")
OK, MISSING, NOT_APPLICABLE = range(3)


@dataclass(frozen=True)
class Values:
    """Values by period, body (unit) and criterion.

    Attributes:
        periods, units, codes: labels of the axes (P, U, C).
        value: shape (P, U, C); NaN where the status is not ok.
        status: shape (P, U, C): 0 ok, 1 missing, 2 not applicable.
    """

    periods: tuple[str, ...]
    units: tuple[str, ...]
    codes: tuple[str, ...]
    value: Floats
    status: NDArray[np.int8]

    @classmethod
    def empty(cls, periods: tuple[str, ...], units: tuple[str, ...], codes: tuple[str, ...]) -> Values:
        """Return values of which all are missing."""
        shape = (len(periods), len(units), len(codes))
        return cls(periods, units, codes, np.full(shape, np.nan), np.full(shape, MISSING, dtype=np.int8))

    @classmethod
    def of(cls, codes: tuple[str, ...], cells: Mapping[tuple[str, str, str], float | Status]) -> Values:
        """Return values of some cells, by (period, unit, code), all others missing; periods and units as they come.

        >>> Values.of(("1", "2"), {("2024", "A", "1"): 0.5, ("2024", "A", "2"): "not_applicable"}).status.tolist()
        [[[0, 2]]]
        """
        periods, units = (tuple(dict.fromkeys(key[at] for key in cells)) for at in (0, 1))
        return cls.empty(periods, units, codes).changed(cells)

    def changed(self, changes: Mapping[tuple[str, str, str], float | Status]) -> Values:
        """Return a copy with other values or statuses.

        Args:
            changes: by (period, unit, code): the new value, or ``"missing"`` or ``"not_applicable"``.

        Raises:
            KeyError: no such period, unit or criterion (the argument names the label).
        """
        value, status = self.value.copy(), self.status.copy()
        for (period, unit, code), new in changes.items():
            place = (_at(self.periods, period), _at(self.units, unit), _at(self.codes, code))
            if isinstance(new, str):
                value[place], status[place] = np.nan, STATUSES.index(new)
            else:
                value[place], status[place] = float(new), OK
        return replace(self, value=value, status=status)

    def of_period(self, period: str) -> Values:
        """Return the values of one period.

        Raises:
            KeyError: no such period.
        """
        at = _at(self.periods, period)
        return replace(self, periods=(period,), value=self.value[at : at + 1], status=self.status[at : at + 1])


def _at(labels: tuple[str, ...], label: str) -> int:
    if label not in labels:
        raise KeyError(label)
    return labels.index(label)
