"""What drives a ranking: Sobol indices of the uncertain inputs of a composite."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chiso.scoring.aggregation import Composite
from chiso.scoring.ranking import ranks
from chiso.scoring.uncertainty.inputs import Input, evaluate, make_draws, widths
from chiso.scoring.uncertainty.montecarlo import draws_at_a_time
from chiso.scoring.uncertainty.sobol import sobol_indices

Floats = NDArray[np.float64]
SCHEMA = {
    "result": pl.String,
    "unit": pl.String,
    "input": pl.String,
    "first": pl.Float64,
    "total": pl.Float64,
    "first_5": pl.Float64,
    "first_95": pl.Float64,
    "total_5": pl.Float64,
    "total_95": pl.Float64,
}


def sensitivity(
    composite: Composite, inputs: tuple[Input, ...], samples: int = 1024, seed: int = 1, bootstrap: int = 100
) -> pl.DataFrame:
    """Return first-order and total indices of each input (columns of :data:`SCHEMA`).

    For the ranking as a whole (``result`` "rank_shift": mean absolute change of the bodies' ranks, COINr's measure;
    unit null) and for the score of each body (``result`` "score"). ``samples``, ``seed`` and ``bootstrap`` as in
    :func:`chiso.scoring.uncertainty.sobol.sobol_indices`.
    """
    own = composite.scores().scores[:, -1]
    rank, step = ranks(own), draws_at_a_time(composite, inputs)

    def results(uniform: Floats) -> Floats:
        """Rank shift and scores, (n, 1 + U); a body without a score is constant."""
        found = np.empty((len(uniform), 1 + len(own)))
        for start in range(0, len(uniform), step):
            rows = slice(start, start + step)
            scores = evaluate(composite, make_draws(composite, inputs, uniform[rows]))
            moved = np.abs(ranks(scores) - rank)
            # A draw that leaves nobody a score moves no rank.
            known = np.maximum((~np.isnan(moved)).sum(axis=1), 1)
            found[rows, 0] = np.nansum(moved, axis=1) / known
            found[rows, 1:] = np.nan_to_num(scores)
        return found

    indices = sobol_indices(results, widths(composite, inputs), samples, seed, bootstrap)
    frames = []
    for at, unit in enumerate((None, *composite.units)):
        columns = {
            "first": indices.first[:, at],
            "total": indices.total[:, at],
            "first_5": indices.first_low[:, at],
            "first_95": indices.first_high[:, at],
            "total_5": indices.total_low[:, at],
            "total_95": indices.total_high[:, at],
        }
        label = {"result": "rank_shift" if unit is None else "score", "unit": unit, "input": list(indices.names)}
        frames.append(pl.DataFrame(label | columns, schema=SCHEMA))
    return pl.concat(frames).with_columns(pl.col(pl.Float64).fill_nan(None))
