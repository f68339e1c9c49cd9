"""Leave one out: how percent and rank move when a criterion or an area is taken away."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

from chiso.scoring.ranking import ranks
from chiso.scoring.scorecard.score import Scored

SCHEMA = {
    "period": pl.String,
    "unit": pl.String,
    "level": pl.String,
    "code": pl.String,
    "percent": pl.Float64,
    "percent_change": pl.Float64,
    "rank": pl.Int64,
    "rank_change": pl.Int64,
}


def leave_one_out(
    scored: Scored, levels: tuple[Literal["criterion", "area"], ...] = ("criterion", "area")
) -> pl.DataFrame:
    """Return the total without each criterion and each area (columns of :data:`SCHEMA`).

    ``percent`` and ``rank`` are of the total without the row's ``code``, its points and its maximum gone for every
    body; ``percent_change`` is that percent minus the full one, ``rank_change`` the full rank minus that rank
    (positive: the body would stand higher). Null where nothing else applies.

    >>> from chiso.scoring.scorecard import Criterion, Scorecard, Values, score
    >>> card = Scorecard("t", "T", tuple(Criterion(code=c, max_points=5, rule="manual") for c in "12"), ("I", "I"))
    >>> scored = score(card, Values.of(card.codes, {("2024", "A", "1"): 4.0, ("2024", "A", "2"): 2.0}))
    >>> leave_one_out(scored, ("criterion",)).select("code", "percent", "percent_change").rows()
    [('1', 40.0, -20.0), ('2', 80.0, 20.0)]
    """
    rows = [node for node in scored.card.nodes if node.level in levels]
    everything = range(len(scored.card.criteria))
    shape = (len(scored.values.periods), len(scored.values.units), len(rows))
    percent, rank = np.empty(shape), np.empty(shape)
    for at, node in enumerate(rows):
        rest = tuple(i for i in everything if i not in node.parts)
        percent[..., at] = scored.percent(rest)
        rank[..., at] = ranks(percent[..., at])
    periods, units, places = (grid.ravel() for grid in np.indices(shape))
    frame = pl.DataFrame(
        {
            "period": [scored.values.periods[i] for i in periods],
            "unit": [scored.values.units[i] for i in units],
            "level": [rows[i].level for i in places],
            "code": [rows[i].code for i in places],
            "percent": percent.ravel(),
            "percent_change": (percent - scored.total_percent[..., None]).ravel(),
            "rank": rank.ravel(),
            "rank_change": (scored.total_rank[..., None] - rank).ravel(),
        }
    )
    return frame.with_columns(pl.col("percent", "percent_change", "rank", "rank_change").fill_nan(None)).cast(SCHEMA)  # type: ignore[arg-type]
