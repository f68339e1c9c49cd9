"""Monte Carlo: scores and ranks of all bodies under many draws of the uncertain assumptions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chiso.scoring.aggregation import Composite
from chiso.scoring.ranking import ranks
from chiso.scoring.uncertainty.inputs import Input, evaluate, make_draws, widths

Floats = NDArray[np.float64]
BAND = (0.05, 0.5, 0.95)
#: Numbers an intermediate array of one chunk may hold: a few megabytes, near a processor's cache.
CHUNK = 300_000
SCHEMA = {
    "unit": pl.String,
    "score": pl.Float64,
    "score_5": pl.Float64,
    "score_50": pl.Float64,
    "score_95": pl.Float64,
    "rank": pl.Int64,
    "mean_rank": pl.Float64,
    "rank_5": pl.Float64,
    "rank_50": pl.Float64,
    "rank_95": pl.Float64,
    "p_first": pl.Float64,
    "p_last": pl.Float64,
}


@dataclass(frozen=True)
class Uncertain:
    """Draws of a composite's root.

    Attributes:
        units: U bodies.
        score, rank: of the composite as it stands, (U,).
        scores, ranks: (draws, U).
    """

    units: tuple[str, ...]
    score: Floats
    rank: Floats
    scores: Floats
    ranks: Floats

    def table(self) -> pl.DataFrame:
        """Return the statistics of each body (columns of :data:`SCHEMA`).

        ``…_5``, ``…_50``, ``…_95`` are percentiles over the draws (linear between order statistics, as R and NumPy do
        by default), ``p_first`` the share of draws in which the body is first or shares the first place, ``p_last``
        last or shares the last. A body without a score has null.
        """
        scored = ~np.isnan(self.score)
        columns = {"score": self.score, "rank": self.rank}
        columns |= {name: np.full(len(self.units), np.nan) for name in SCHEMA if name not in ("unit", *columns)}
        if scored.any():
            own_scores, own_ranks = self.scores[:, scored], self.ranks[:, scored]
            # A draw may leave nobody a score: a min–max of indicators that are the same for all.
            last = own_ranks == np.fmax.reduce(own_ranks, axis=1, keepdims=True)
            for name, found in (("score", own_scores), ("rank", own_ranks)):
                for share, column in zip(BAND, np.nanquantile(found, BAND, axis=0), strict=True):
                    columns[f"{name}_{round(100 * share)}"][scored] = column
            columns["mean_rank"][scored] = np.nanmean(own_ranks, axis=0)
            columns["p_first"][scored] = (own_ranks == 1).mean(axis=0)
            columns["p_last"][scored] = last.mean(axis=0)
        frame = pl.DataFrame({"unit": list(self.units)} | columns).with_columns(pl.col(pl.Float64).fill_nan(None))
        return frame.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def draws_at_a_time(composite: Composite, inputs: tuple[Input, ...]) -> int:
    """Return how many draws keep the intermediate arrays near :data:`CHUNK` numbers."""
    width = sum(widths(composite, inputs).values())
    by_draw = any(item.by_draw for item in inputs)
    return max(1, CHUNK // (width + len(composite.units) * (len(composite.tree.nodes) if by_draw else 8)))


def monte_carlo(composite: Composite, inputs: tuple[Input, ...], draws: int = 1000, seed: int = 1) -> Uncertain:
    """Draw the uncertain inputs together and score the composite in each draw.

    Args:
        composite: what is scored.
        inputs: what is uncertain; at least one.
        draws: how many.
        seed: the same seed gives the same draws, whatever the size of memory or machine.

    Raises:
        AggregationError: a mean that some normalised values do not allow.

    >>> from chiso.scoring.aggregation import Node, Tree
    >>> from chiso.scoring.uncertainty import WeightNoise
    >>> tree = Tree.of([Node("a", "all"), Node("b", "all"), Node("all", None)])
    >>> best_in_both = Composite(("A", "B"), tree, np.array([[2.0, 9.0], [1.0, 3.0]]), np.ones(2))
    >>> monte_carlo(best_in_both, (WeightNoise(0.5),), 100).table()["p_first"].to_list()
    [1.0, 0.0]
    """
    generator = np.random.default_rng(seed)
    width = sum(widths(composite, inputs).values())
    step = draws_at_a_time(composite, inputs)
    scores = np.empty((draws, len(composite.units)))
    ranked = np.empty_like(scores)
    for start in range(0, draws, step):
        rows = slice(start, min(start + step, draws))
        uniform = generator.random((rows.stop - start, width))
        scores[rows] = evaluate(composite, make_draws(composite, inputs, uniform))
        ranked[rows] = ranks(scores[rows])
    score = composite.scores().scores[:, -1]
    return Uncertain(composite.units, score, ranks(score), scores, ranked)
