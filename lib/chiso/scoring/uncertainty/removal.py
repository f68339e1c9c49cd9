"""Leave one out: scores and ranks of a composite without each indicator, or without each group of a level."""

from __future__ import annotations

import numpy as np
import polars as pl

from chiso.scoring.aggregation import Composite
from chiso.scoring.ranking import ranks

SCHEMA = {
    "removed": pl.String,
    "unit": pl.String,
    "score": pl.Float64,
    "rank": pl.Int64,
    "rank_change": pl.Int64,
}


def leave_out(composite: Composite, level: int = 1) -> pl.DataFrame:
    """Return the root's scores and ranks without each node of a level (columns of :data:`SCHEMA`).

    As COINr's ``remove_elements``: the node's weight becomes zero, its siblings share it.

    Args:
        composite: what is scored.
        level: 1 for indicators, 2 for the groups above them, … below the root's.

    Returns:
        A row a removed node and body; ``rank_change`` is the full rank minus the rank without the node.

    >>> from chiso.scoring.aggregation import Node, Tree
    >>> tree = Tree.of([Node("a", "all"), Node("b", "all", 2), Node("all", None)])
    >>> found = leave_out(Composite(("A", "B"), tree, np.array([[2.0, 3.0], [1.0, 9.0]]), np.ones(2)))
    >>> found.select("removed", "unit", "rank", "rank_change").rows()
    [('a', 'A', 2, 0), ('a', 'B', 1, 0), ('b', 'A', 1, 1), ('b', 'B', 2, -1)]
    """
    tree = composite.tree
    removed = [at for at, own in enumerate(tree.levels) if own == level and at != len(tree.nodes) - 1]
    weights = np.tile(tree.weights, (len(removed), 1))
    weights[np.arange(len(removed)), removed] = 0.0
    whole = composite.scores().ranks[:, -1]
    # Without indicators there is no score at all; the fold gives (removed, U) as soon as weights have a first axis.
    scores = composite.fold(composite.normalised(), weights)[-1]
    found = ranks(scores)
    frame = pl.DataFrame(
        {
            "removed": np.repeat([tree.codes[at] for at in removed], len(composite.units)),
            "unit": np.tile(composite.units, len(removed)),
            "score": scores.ravel(),
            "rank": found.ravel(),
            "rank_change": (whole - found).ravel(),
        }
    )
    return frame.with_columns(pl.col("score", "rank", "rank_change").fill_nan(None)).cast(SCHEMA)  # type: ignore[arg-type]
