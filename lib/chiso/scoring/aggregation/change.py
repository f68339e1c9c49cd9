"""What moved a composite score between two periods: by indicator, group and cause, adding up exactly.

For arithmetic means the root's score is Σ e x over the indicators, e the weight of an indicator in the root among
those that have a value. As in :mod:`chiso.scoring.scorecard.change`, three causes (values x, given weights, coverage)
are split by Shapley's value, and parts are measured from the mean of the two scores. For geometric means the same holds
of logarithms, for harmonic means of reciprocals: they are split there, and the parts brought back to points by one
factor, the change of the score over that of its logarithm (the logarithmic mean, as in LMDI) or of its reciprocal.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chiso.scoring.aggregation.model import Composite
from chiso.scoring.aggregation.tree import Tree
from chiso.scoring.shapley import split_causes

Floats = NDArray[np.float64]
CAUSES = ("value", "weight", "coverage")
#: What the parts of each mean add up in.
_TURNED: dict[str, Callable[[Floats], Floats]] = {
    "arithmetic": lambda x: x,
    "geometric": np.log,
    "harmonic": lambda x: 1.0 / x,
}
#: Below this a change of logarithms or reciprocals is none.
STILL = 1e-12
SCHEMA = {
    "unit": pl.String,
    "code": pl.String,
    "score_before": pl.Float64,
    "score": pl.Float64,
    "contribution": pl.Float64,
    "by_value": pl.Float64,
    "by_weight": pl.Float64,
    "by_coverage": pl.Float64,
}


def compare(before: Composite, after: Composite) -> pl.DataFrame:
    """Return the movement of every node's part in the root's score (columns of :data:`SCHEMA`).

    Args:
        before, after: the same bodies and the same tree, other values, weights or normalisation. With min–max each
            period has its own range, and a range that moves is part of ``value``: use goalposts to compare periods.

    Returns:
        A row a body and node; ``contribution`` in points of the root's score, the sum of the three causes; those of
        the indicators add up to those of their groups, and the root's is its change.

    Raises:
        ValueError: other bodies or another tree, or means that are not the same one throughout.
    """
    tree = after.tree
    same = before.units == after.units and [n[:2] for n in before.tree.nodes] == [n[:2] for n in tree.nodes]
    mean = after.method
    if not same or before.method != mean or not isinstance(mean, str) or before.least_known or after.least_known:
        raise ValueError("two composites of the same bodies and tree with one and the same mean are needed")
    turn = _TURNED[mean]
    scaled = [turn(before.normalised()), turn(after.normalised())]
    there = [~np.isnan(x) for x in scaled]
    # Where an indicator has a value in one period only, its value did not change: its coverage did.
    values = [np.nan_to_num(np.where(there[at], scaled[at], scaled[1 - at])) for at in (0, 1)]
    weights = [before.tree.weights, tree.weights]
    roots = [c.scores().scores[:, -1] for c in (before, after)]
    turned = [turn(root) for root in roots]
    level = (turned[0] + turned[1])[:, None] / 2
    moved = turned[1] - turned[0]
    back = np.divide(roots[1] - roots[0], moved, out=_slope(mean, roots[1]), where=np.abs(moved) > STILL)

    def total(value: bool, weight: bool, coverage: bool) -> Floats:
        return _effective(tree, weights[weight], there[coverage]) * (values[value] - level)

    split = split_causes(total) * back[:, None]
    parts = np.stack([split[..., list(tree.leaves_under(code))].sum(axis=-1) for code in tree.codes], axis=-1)
    frame = pl.DataFrame(
        {
            "unit": np.repeat(after.units, len(tree.codes)),
            "code": np.tile(tree.codes, len(after.units)),
            "score_before": before.scores().scores.ravel(),
            "score": after.scores().scores.ravel(),
            "contribution": parts.sum(axis=0).ravel(),
            **{f"by_{cause}": parts[at].ravel() for at, cause in enumerate(CAUSES)},
        }
    )
    return frame.with_columns(pl.col(pl.Float64).fill_nan(None)).cast(SCHEMA)  # type: ignore[arg-type]


def _slope(mean: str, root: Floats) -> Floats:
    """How far a score moves with its logarithm or reciprocal, where it hardly moves."""
    return {"arithmetic": np.ones_like(root), "geometric": root.copy(), "harmonic": -(root**2)}[mean]


def _effective(tree: Tree, weights: Floats, there: NDArray[np.bool_]) -> Floats:
    """Weight of each indicator in the root among those that are there, (bodies, L); NaN where none is."""
    alive = np.zeros((len(there), len(tree.nodes)), dtype=bool)
    alive[:, : tree.leaves] = there
    for at, children in tree.children:
        alive[:, at] = (alive[:, list(children)] & (weights[list(children)] > 0)).any(axis=1)
    effective = np.where(alive[:, -1:], 1.0, np.nan) * np.ones(alive.shape)
    for at, children in reversed(tree.children):
        places = list(children)
        own = weights[places] * alive[:, places]
        sums = own.sum(axis=1, keepdims=True)
        shares = np.divide(own, sums, out=np.zeros_like(own), where=sums > 0)
        effective[:, places] = effective[:, [at]] * shares
    return effective[:, : tree.leaves]
