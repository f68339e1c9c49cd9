"""The default score: how far the plan's targets are attained.

The plan gives targets and no points. So an item is the mean of its indicators that have a target and data, a component
the mean of its items, the PAR-INDEX attainment the mean of B.I to B.VII; the action items of A stand beside the
satisfaction index, and there is no grand total over both. Equal weights. Coverage is the share of items that
have data.
"""

from __future__ import annotations

import polars as pl

from chiso.catalogue import Catalogue
from chiso.scoring.ranking import ranks

SCORECARD = "attainment"
SCHEMA = {
    "scorecard": pl.String,
    "unit_code": pl.String,
    "level": pl.String,
    "code": pl.String,
    "points": pl.Float64,
    "max_points": pl.Float64,
    "percent": pl.Float64,
    "rank": pl.Int64,
    "coverage": pl.Float64,
}
_INDICES = ("A", "B")


def scores(indicators: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Attainment by plan item (``criterion``), component (``area``) and index (``total``: A actions, B).

    Args:
        indicators: result table of one timeframe.
        catalogue: gives the items that have a target (others are in no score).

    Returns:
        One row a unit, level and code; ``points`` of ``max_points`` 1, ``percent`` 0-100, null without data.
        ``rank`` orders units of the same kind of row (whole department aside) by unrounded points, ties (as in
        :mod:`chiso.scoring.ranking`) sharing the smaller rank.
    """
    targeted = [i for i in catalogue.indicators if i.target is not None]
    of_department = {i.plan_item for i in targeted}
    of_units = {i.plan_item for i in targeted if i.target_for_units}
    items = [item for item in catalogue.items if item.id in of_department and item.component[0] in _INDICES]
    judged = indicators.filter(pl.col("plan_item").is_in([i.id for i in items]))
    found = judged.group_by("unit_code", "plan_item").agg(pl.col("attainment").mean())
    by_item = {(row["unit_code"], row["plan_item"]): row["attainment"] for row in found.iter_rows(named=True)}
    rows: list[dict[str, object]] = []
    units = indicators["unit_code"].unique().to_list()
    for unit in sorted(units, key=lambda u: u or ""):
        areas: dict[str, list[float | None]] = {}
        for item in items:
            if unit is not None and item.id not in of_units:
                continue
            value = by_item.get((unit, item.id))
            areas.setdefault(item.component, []).append(value)
            rows.append(_row(unit, "criterion", item.id, [value]))
        for area, values in areas.items():
            rows.append(_row(unit, "area", area, values))
        for index in _INDICES:
            of_index = [values for area, values in areas.items() if area.startswith(f"{index}.")]
            every_item = [value for values in of_index for value in values]
            rows.append(_row(unit, "total", index, [_mean(values) for values in of_index], every_item))
    table = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    ranked = pl.col("points").map_batches(_ranks, return_dtype=pl.Int64).over("level", "code")
    units_only = table.filter(pl.col("unit_code").is_not_null()).with_columns(rank=ranked)
    return pl.concat([table.filter(pl.col("unit_code").is_null()), units_only])


def _ranks(points: pl.Series) -> pl.Series:
    """Ranks with the tolerance of all ranks: means of the same figures in another order are a tie."""
    found = ranks(points.cast(pl.Float64).fill_null(float("nan")).to_numpy())
    return pl.Series(found).fill_nan(None).cast(pl.Int64)


def _mean(values: list[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) / len(known) if known else None


def _row(
    unit: str | None,
    level: str,
    code: str,
    values: list[float | None],
    items: list[float | None] | None = None,
) -> dict[str, object]:
    """One score: the mean of ``values``, with coverage over ``items`` (the same, unless given)."""
    mean = _mean(values)
    items = values if items is None else items
    known = sum(v is not None for v in items)
    return {
        "scorecard": SCORECARD,
        "unit_code": unit,
        "level": level,
        "code": code,
        "points": mean,
        "max_points": None if mean is None else 1.0,
        "percent": None if mean is None else 100 * mean,
        "rank": None,
        "coverage": known / len(items) if items else 0.0,
    }
