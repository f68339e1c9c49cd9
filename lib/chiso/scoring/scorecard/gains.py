"""What to do first: what full attainment of each criterion would bring, one at a time."""

from __future__ import annotations

import numpy as np
import polars as pl

from chiso.scoring.ranking import TIE
from chiso.scoring.scorecard.score import Scored
from chiso.scoring.scorecard.values import NOT_APPLICABLE

SCHEMA = {
    "period": pl.String,
    "unit": pl.String,
    "code": pl.String,
    "points": pl.Float64,
    "max_points": pl.Float64,
    "gain_points": pl.Float64,
    "gain_percent": pl.Float64,
    "percent_after": pl.Float64,
    "rank": pl.Int64,
    "rank_after": pl.Int64,
    "order": pl.Int64,
}


def gains(scored: Scored) -> pl.DataFrame:
    """Return what each criterion still holds, the largest gain of a body first (columns of :data:`SCHEMA`).

    ``gain_points``: points to the maximum (to no penalty, for a penalty); ``gain_percent``: what that adds to the
    percent of the total; ``percent_after`` and ``rank_after``: of the total, if this body alone gains this criterion
    alone and all others stay as they are. Criteria that do not apply are not listed. ``order`` is 1 for the largest
    gain; equal gains share it.

    >>> from chiso.scoring.scorecard import Criterion, Scorecard, Values, score
    >>> card = Scorecard("t", "T", tuple(Criterion(code=c, max_points=5, rule="manual") for c in "12"), ("I", "I"))
    >>> found = gains(score(card, Values.of(card.codes, {("2024", "A", "1"): 4.0, ("2024", "A", "2"): 2.0})))
    >>> found.select("code", "gain_points", "percent_after").rows()
    [('2', 3.0, 90.0), ('1', 1.0, 70.0)]
    """
    most = np.array([0.0 if c.kind == "penalty" else c.max_points for c in scored.card.criteria])
    gain = np.maximum(most - scored.earned, 0.0)
    whole = scored.maximum.sum(axis=-1, keepdims=True)
    added = np.divide(100 * gain, whole, out=np.full_like(gain, np.nan), where=whole > 0)
    total = scored.total_percent
    after = total[..., None] + added
    others = np.where(np.isnan(total), -np.inf, total)[:, None, None, :]
    near = TIE * np.maximum(np.abs(others), 1.0)
    ahead = others > after[..., None] + np.where(np.isinf(others), 0.0, near)
    ahead &= ~np.eye(len(scored.values.units), dtype=bool)[None, :, None, :]
    frame = pl.DataFrame(
        {
            "period": np.repeat(scored.values.periods, gain[0].size),
            "unit": np.tile(np.repeat(scored.values.units, len(scored.card.codes)), len(gain)),
            "code": np.tile(scored.card.codes, gain[..., 0].size),
            "points": scored.earned.ravel(),
            "max_points": np.broadcast_to([c.max_points for c in scored.card.criteria], gain.shape).ravel(),
            "gain_points": gain.ravel(),
            "gain_percent": added.ravel(),
            "percent_after": after.ravel(),
            "rank": np.repeat(scored.total_rank.ravel(), len(scored.card.codes)),
            "rank_after": (ahead.sum(axis=-1) + 1.0).ravel(),
        }
    )
    frame = frame.filter(pl.Series((scored.values.status != NOT_APPLICABLE).ravel()))
    order = pl.col("gain_points").round(12).rank("min", descending=True).over("period", "unit")
    return (
        frame.with_columns(pl.col(pl.Float64).fill_nan(None))
        .with_columns(order=order)
        .cast(SCHEMA)  # type: ignore[arg-type]
        .sort("period", "unit", "order", maintain_order=True)
    )
