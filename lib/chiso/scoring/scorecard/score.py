"""The engine: points, maxima, totals, percent, ranks and coverage of every row of a scorecard."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chiso.scoring.ranking import ranks
from chiso.scoring.scorecard.model import Scorecard
from chiso.scoring.scorecard.rules import points
from chiso.scoring.scorecard.values import MISSING, NOT_APPLICABLE, OK, Values

Floats = NDArray[np.float64]
SCHEMA = {
    "period": pl.String,
    "unit": pl.String,
    "level": pl.String,
    "code": pl.String,
    "points": pl.Float64,
    "max_points": pl.Float64,
    "percent": pl.Float64,
    "rank": pl.Int64,
    "coverage": pl.Float64,
}


@dataclass(frozen=True)
class Scored:
    """A scorecard applied to values.

    Attributes:
        card, values: what was scored.
        earned: points by period, unit and criterion, shape (P, U, C); 0 where missing, NaN where not applicable.
            Penalties are negative.
        maximum: the same shape: what counts into the maximum; 0 where not applicable and for bonus and penalty.
    """

    card: Scorecard
    values: Values
    earned: Floats
    maximum: Floats

    def sums(self, parts: tuple[int, ...]) -> tuple[Floats, Floats]:
        """Return points and maximum of the criteria at ``parts`` together, each (P, U); NaN where none applies."""
        chosen = list(parts)
        applies = (self.values.status[..., chosen] != NOT_APPLICABLE).any(axis=-1)
        earned = np.where(applies, np.nansum(self.earned[..., chosen], axis=-1), np.nan)
        return earned, np.where(applies, self.maximum[..., chosen].sum(axis=-1), np.nan)

    def percent(self, parts: tuple[int, ...]) -> Floats:
        """Return 100 × points / maximum of the criteria at ``parts``, (P, U); NaN where there is no maximum."""
        earned, maximum = self.sums(parts)
        if len(parts) == 1 and self.card.criteria[parts[0]].kind != "normal":
            maximum = np.full_like(maximum, self.card.criteria[parts[0]].max_points)
        return np.divide(100 * earned, maximum, out=np.full_like(earned, np.nan), where=maximum > 0)

    @cached_property
    def total_percent(self) -> Floats:
        """Percent of the whole scorecard, shape (P, U)."""
        return self.percent(self.card.nodes[-1].parts)

    @cached_property
    def total_rank(self) -> Floats:
        """Rank of each unit within its period by the whole scorecard, shape (P, U)."""
        return ranks(self.total_percent)

    def table(self) -> pl.DataFrame:
        """Return one row a period, unit and row of the scorecard (columns of :data:`SCHEMA`).

        ``percent`` is 0–100 and null where nothing applies; ``rank`` orders the units of a period by unrounded
        percent; ``coverage`` is the share of the applicable criteria that have a value.
        """
        nodes = self.card.nodes
        shape = (len(self.values.periods), len(self.values.units), len(nodes))
        columns = {name: np.full(shape, np.nan) for name in ("points", "max_points", "percent", "rank", "coverage")}
        for at, node in enumerate(nodes):
            status = self.values.status[..., list(node.parts)]
            applicable = (status != NOT_APPLICABLE).sum(axis=-1)
            share = np.divide(
                (status == OK).sum(axis=-1), applicable, where=applicable > 0, out=np.full(shape[:2], np.nan)
            )
            percent = self.percent(node.parts)
            earned, maximum = self.sums(node.parts)
            for name, found in zip(columns, (earned, maximum, percent, ranks(percent), share), strict=True):
                columns[name][..., at] = found
        periods, units, places = (grid.ravel() for grid in np.indices(shape))
        labels = {
            "period": [self.values.periods[i] for i in periods],
            "unit": [self.values.units[i] for i in units],
            "level": [nodes[i].level for i in places],
            "code": [nodes[i].code for i in places],
        }
        frame = pl.DataFrame(labels | {name: column.ravel() for name, column in columns.items()})
        frame = frame.with_columns(pl.col(*columns).fill_nan(None))
        return frame.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def score(card: Scorecard, values: Values) -> Scored:
    """Apply a scorecard.

    Args:
        card: C criteria, without faults.
        values: of the same criteria in the same order.

    Raises:
        ValueError: the values are of other criteria (a defect of the caller).

    >>> from chiso.scoring.scorecard import Criterion
    >>> card = Scorecard("t", "T", tuple(Criterion(code=c, max_points=5, rule="manual") for c in "12"), ("I", "I"))
    >>> cells = {("2024", "A", "1"): 4.0, ("2024", "A", "2"): "not_applicable", ("2024", "B", "1"): 5.0}
    >>> found = score(card, Values.of(card.codes, cells))
    >>> found.total_percent.tolist(), found.total_rank.tolist()
    ([[80.0, 50.0]], [[1.0, 2.0]])
    """
    if values.codes != card.codes:
        raise ValueError(f"values of {values.codes} for a scorecard of {card.codes}")
    earned = np.empty(values.value.shape)
    maximum = np.zeros(values.value.shape)
    for at, criterion in enumerate(card.criteria):
        found = points(criterion, values.value[..., at])
        earned[..., at] = 0.0 - found if criterion.kind == "penalty" else found
        if criterion.kind == "normal":
            maximum[..., at] = criterion.max_points
    earned = np.where(values.status == MISSING, 0.0, earned)
    not_applicable = values.status == NOT_APPLICABLE
    return Scored(card, values, np.where(not_applicable, np.nan, earned), np.where(not_applicable, 0.0, maximum))
