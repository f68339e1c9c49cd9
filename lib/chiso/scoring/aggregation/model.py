"""A composite: values of several bodies, a tree, how to normalise and to aggregate; anything can be changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chiso.scoring.aggregation.means import Method, aggregate_group
from chiso.scoring.aggregation.normalise import MinMax, Normalisation, Rules
from chiso.scoring.aggregation.tree import Node, Tree
from chiso.scoring.ranking import ranks
from chiso.scoring.scorecard.model import TOTAL
from chiso.scoring.scorecard.score import Scored
from chiso.scoring.scorecard.values import MISSING

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Composite:
    """What a composite score is made of; every step can be replaced (``dataclasses.replace``).

    Attributes:
        units: bodies, U of them.
        tree: L indicators and the groups over them, N nodes.
        values: shape (U, L), in the indicators' own units; NaN where missing.
        directions: (L,): 1 more is better, -1 less is better.
        normalisation: how values come onto one scale.
        method: mean of every group, or by the group's code (``"*"`` for all others).
        least_known: share of a group's children that must have a value, else the group has none (COINr's
            ``dat_thresh``); 0 takes what there is.
    """

    units: tuple[str, ...]
    tree: Tree
    values: Floats
    directions: Floats
    normalisation: Normalisation = field(default_factory=MinMax)
    method: Method | Mapping[str, Method] = "arithmetic"
    least_known: float = 0.0

    def __post_init__(self) -> None:
        expected = (len(self.units), self.tree.leaves)
        if self.values.shape != expected or self.directions.shape != expected[1:]:
            raise ValueError(f"values {self.values.shape}, directions {self.directions.shape}, expected {expected}")

    def normalised(self, values: Floats | None = None, factors: Any = 1.0) -> Floats:
        """Return the values on one scale, (U, L); or of other values, (draws, U, L)."""
        return self.normalisation(self.values if values is None else values, self.directions, factors)

    def fold(
        self, normalised: Floats, weights: Floats, method: Method | Mapping[str, Method] | None = None
    ) -> list[Floats]:
        """Return the score of each node, (U,) or (draws, U) each.

        Args:
            normalised: (U, L) or (draws, U, L).
            weights: of all nodes, (N,) or (draws, N).
            method: in place of the composite's.
        """
        chosen = self.method if method is None else method
        scores = [normalised[..., at] for at in range(self.tree.leaves)]
        scores += [np.empty(0)] * (len(self.tree.nodes) - self.tree.leaves)
        for at, children in self.tree.children:
            places = list(children)
            together = normalised[..., places] if max(places) < self.tree.leaves else _stacked(scores, places)
            code = self.tree.codes[at]
            mean = chosen.get(code, chosen.get("*", "arithmetic")) if isinstance(chosen, Mapping) else chosen
            found = aggregate_group(mean, together, weights[..., places], tuple(self.tree.codes[i] for i in places))
            if self.least_known > 0:
                known = (~np.isnan(together)).mean(axis=-1)
                found = np.where(known < self.least_known, np.nan, found)
            scores[at] = found
        return scores

    def scores(self) -> Scores:
        """Return scores and ranks of every node.

        >>> tree = Tree.of([Node("a", "all", 3), Node("b", "all", 1), Node("all", None)])
        >>> table = Composite(("A", "B"), tree, np.array([[1.0, 9.0], [2.0, 3.0]]), np.array([1, -1])).scores()
        >>> table.of("all").tolist(), table.ranks[:, -1].tolist()
        ([0.0, 100.0], [2.0, 1.0])
        """
        found = np.stack(self.fold(self.normalised(), self.tree.weights), axis=-1)
        return Scores(self.units, self.tree.codes, found, ranks(found.T).T)

    @classmethod
    def of_scorecard(cls, scored: Scored, period: str) -> Composite:
        """Return one period of a scorecard as a composite, to study how sure its ranking is.

        The total is one group: criteria weighted by their maximum, scored by their rules, so that its score is the
        scorecard's percent. Bonus and penalty are not part of it.

        Raises:
            ValueError: no such period.
        """
        at = scored.values.periods.index(period)
        normal = [i for i, c in enumerate(scored.card.criteria) if c.kind == "normal"]
        card = scored.card.only(normal)
        nodes = [Node(c.code, TOTAL, c.max_points) for c in card.criteria]
        status = scored.values.status[at][:, normal]
        return cls(
            scored.values.units,
            Tree.of([*nodes, Node(TOTAL, None)]),
            np.where(status == MISSING, np.nan, scored.values.value[at][:, normal]),
            np.ones(len(normal)),
            Rules(card, status),
        )


@dataclass(frozen=True)
class Scores:
    """Scores (U, N) and ranks (U, N) of every node; NaN where a node has no value."""

    units: tuple[str, ...]
    codes: tuple[str, ...]
    scores: Floats
    ranks: Floats

    def of(self, code: str) -> Floats:
        """Return the scores of one node, (U,)."""
        return self.scores[:, self.codes.index(code)]

    def table(self) -> pl.DataFrame:
        """Return one row a unit and node: unit, code, score, rank."""
        return pl.DataFrame(
            {
                "unit": np.repeat(self.units, len(self.codes)),
                "code": np.tile(self.codes, len(self.units)),
                "score": self.scores.ravel(),
                "rank": self.ranks.ravel(),
            }
        ).with_columns(pl.col("score").fill_nan(None), pl.col("rank").fill_nan(None).cast(pl.Int64))


def _stacked(scores: list[Floats], places: list[int]) -> Floats:
    """Children of different levels side by side; those without draws are the same in every draw."""
    widest = np.broadcast_shapes(*(scores[at].shape for at in places))
    return np.stack([np.broadcast_to(scores[at], widest) for at in places], axis=-1)
