"""What changed between two periods: the movement of the total split by criterion, area and cause, adding up exactly.

The total in percent is 100 × Σ w r / Σ w over the applicable criteria: w the maximum of a criterion, r its share of the
maximum (0 where missing). Three things can move it: the values (r), the weights (w, when the scorecard itself changed),
and the coverage (what is missing or not applicable). The three are split by Shapley's value. A criterion's part is
measured from the mean total R of the two periods, w (r − R) / Σ w, so that a criterion that drops out is blamed for how
far it lay from the rest and not for its whole weight; as R is the same for both periods, the parts still add up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chiso.scoring.scorecard.score import Scored
from chiso.scoring.scorecard.values import NOT_APPLICABLE, OK
from chiso.scoring.shapley import split_causes

Floats = NDArray[np.float64]
CAUSES = ("value", "weight", "coverage")
SCHEMA = {
    "from_period": pl.String,
    "period": pl.String,
    "unit": pl.String,
    "level": pl.String,
    "code": pl.String,
    "points_change": pl.Float64,
    "percent_change": pl.Float64,
    "rank_change": pl.Int64,
    "contribution": pl.Float64,
    "by_value": pl.Float64,
    "by_weight": pl.Float64,
    "by_coverage": pl.Float64,
}


class _State(NamedTuple):
    """One period: by unit and criterion of both scorecards together, shape (U, C); ``normal`` and ``weight`` (C,)."""

    share: Floats
    weight: Floats
    applies: NDArray[np.bool_]
    measured: NDArray[np.bool_]
    normal: NDArray[np.bool_]


def changes(scored: Scored) -> pl.DataFrame:
    """Return the movement from each period to the next (columns of :data:`SCHEMA`), no row with one period only."""
    periods = scored.values.periods
    frames = [pl.DataFrame(schema=SCHEMA)]
    for at in range(1, len(periods)):
        frames.append(compare(of_period(scored, periods[at - 1]), of_period(scored, periods[at])))
    return pl.concat(frames)


def compare(before: Scored, after: Scored) -> pl.DataFrame:
    """Return the movement between two scores of one period each; their scorecards may differ.

    Args:
        before, after: with one period each; bodies in only one of them are left out.

    Returns:
        A row a unit and row of the later scorecard, and of criteria only the earlier one had. ``points_change`` and
        ``percent_change`` are of the row itself (null where it has none in one of the two periods); ``rank_change`` is
        earlier minus later rank (positive: rose). ``contribution`` is the row's part, in percent points, of the
        change of the total; it is the sum of ``by_value``, ``by_weight`` and ``by_coverage``. Those of the criteria
        add up to those of the areas, those to that of the total, and that one is the total's ``percent_change``.

    >>> from chiso.scoring.scorecard import Criterion, Scorecard, Values, score
    >>> card = Scorecard("t", "T", tuple(Criterion(code=c, max_points=5, rule="manual") for c in "12"), ("I", "I"))
    >>> old = score(card, Values.of(card.codes, {("2023", "A", "1"): 4.0, ("2023", "A", "2"): "missing"}))
    >>> new = score(card, Values.of(card.codes, {("2024", "A", "1"): 3.0, ("2024", "A", "2"): 5.0}))
    >>> compare(old, new).select("code", pl.col("by_value", "by_coverage").round(9)).rows()
    [('1', -10.0, 0.0), ('2', 0.0, 50.0), ('I', -10.0, 50.0), ('total', -10.0, 50.0)]
    """
    units = tuple(u for u in before.values.units if u in after.values.units)
    codes = (*after.card.codes, *(c for c in before.card.codes if c not in after.card.codes))
    old, new = (_state(s, units, codes) for s in (before, after))
    parts = _split(old, new)
    tables = [s.table().filter(pl.col("unit").is_in(units)) for s in (before, after)]
    key = ["unit", "level", "code"]
    merged = tables[1].join(tables[0], on=key, how="full", coalesce=True, suffix="_before", maintain_order="left_right")
    part = {(u, c): parts[:, i, j] for i, u in enumerate(units) for j, c in enumerate(codes)}
    members = {(n.level, n.code): [s.card.codes[i] for i in n.parts] for s in (before, after) for n in s.card.nodes}
    for card in (before.card, after.card):  # an area or total holds what it held in either period
        for node in card.nodes:
            held = members[node.level, node.code]
            held += [card.codes[i] for i in node.parts if card.codes[i] not in held]
    causes = np.array(
        [sum(part[unit, c] for c in members[level, code]) for unit, level, code in merged.select(key).iter_rows()]
    ).reshape(-1, len(CAUSES))
    split = {f"by_{cause}": causes[:, i] for i, cause in enumerate(CAUSES)}
    return merged.select(
        pl.lit(before.values.periods[0]).alias("from_period"),
        pl.lit(after.values.periods[0]).alias("period"),
        *key,
        (pl.col("points") - pl.col("points_before")).alias("points_change"),
        (pl.col("percent") - pl.col("percent_before")).alias("percent_change"),
        (pl.col("rank_before") - pl.col("rank")).alias("rank_change"),
        pl.Series("contribution", causes.sum(axis=1)).fill_nan(None),
        *(pl.Series(name, column).fill_nan(None) for name, column in split.items()),
    ).cast(SCHEMA)  # type: ignore[arg-type]


def of_period(scored: Scored, period: str) -> Scored:
    """Return the scores of one period."""
    at = scored.values.periods.index(period)
    chosen = slice(at, at + 1)
    return Scored(scored.card, scored.values.of_period(period), scored.earned[chosen], scored.maximum[chosen])


def _state(scored: Scored, units: tuple[str, ...], codes: tuple[str, ...]) -> _State:
    """Bring one period to common units and criteria; a criterion that the scorecard lacks has no weight."""
    rows = [scored.values.units.index(unit) for unit in units]
    shape = (len(units), len(codes))
    share, weight = np.full(shape, np.nan), np.zeros(len(codes))
    applies, measured = np.ones(shape, dtype=bool), np.zeros(shape, dtype=bool)
    normal = np.ones(len(codes), dtype=bool)
    for at, code in enumerate(codes):
        if code not in scored.card.codes:
            measured[:, at] = True
            continue
        place = scored.card.position(code)
        criterion = scored.card.criteria[place]
        status = scored.values.status[0, rows, place]
        weight[at], normal[at] = criterion.max_points, criterion.kind == "normal"
        applies[:, at], measured[:, at] = status != NOT_APPLICABLE, status == OK
        share[:, at] = np.where(status == OK, scored.earned[0, rows, place] / criterion.max_points, np.nan)
    return _State(share, weight, applies, measured, normal)


def _split(old: _State, new: _State) -> Floats:
    """Return the part of each cause, unit and criterion in the change of the total, shape (3, U, C)."""
    share = [np.nan_to_num(np.where(np.isnan(a), b, a)) for a, b in ((old.share, new.share), (new.share, old.share))]
    # What a scorecard does not hold has no status of its own: its coming or going is a change of weights.
    held = [state.weight > 0 for state in (old, new)]
    applies = [np.where(h, s.applies, o.applies) for h, s, o in ((held[0], old, new), (held[1], new, old))]
    measured = [np.where(h, s.measured, o.measured) for h, s, o in ((held[0], old, new), (held[1], new, old))]
    normal = np.where(held[1], new.normal, old.normal)

    def total(new_value: bool, new_weight: bool, new_coverage: bool, level: Floats | float) -> Floats:
        weight = (old, new)[new_weight].weight * applies[new_coverage]
        earned = share[new_value] * measured[new_coverage]
        whole = (weight * normal).sum(axis=1, keepdims=True)
        scaled = np.divide(weight, whole, out=np.full_like(weight, np.nan), where=whole > 0)
        return 100 * scaled * (earned - normal * level)

    before = total(False, False, False, 0.0).sum(axis=1, keepdims=True)
    after = total(True, True, True, 0.0).sum(axis=1, keepdims=True)
    level = (before + after) / 200
    return split_causes(lambda value, weight, coverage: total(value, weight, coverage, level))
