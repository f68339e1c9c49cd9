"""What to do first: every indicator below its target with its gap in cases and what full attainment would bring."""

from __future__ import annotations

from typing import Any

import polars as pl

from chiso.catalogue import Catalogue, Indicator
from chiso.scoring.gaps import cases_to_target

SCHEMA = {
    "unit_code": pl.String,
    "indicator": pl.String,
    "plan_item": pl.String,
    "component": pl.String,
    "index": pl.String,
    "value": pl.Float64,
    "target": pl.Float64,
    "comparator": pl.String,
    "status": pl.String,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "gap": pl.Float64,
    "counted": pl.String,
    "cases": pl.Int64,
    "cases_growing": pl.Int64,
    "gain": pl.Float64,
    "gain_per_case": pl.Float64,
    "order_by_gain": pl.Int64,
    "order_by_case": pl.Int64,
}


def effective_weights(indicators: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return what each indicator with target and data weighs in the attainment of its index, 0 to 1.

    The weights follow :func:`chiso.scoring.attainment.scores`: equal components, equal items in a component, equal
    indicators in an item, each only among those with data; those of a unit and index add up to 1.

    Args:
        indicators: result table of one timeframe.
        catalogue: gives targets, items and components.

    Returns:
        Columns unit_code, indicator, plan_item, component, index, weight.
    """
    component = {i.id: i.component for i in catalogue.items if i.component[0] in ("A", "B")}
    targeted = {i.id: i.plan_item for i in catalogue.indicators if i.target is not None and i.plan_item in component}
    rows = indicators.filter(pl.col("indicator").is_in(list(targeted)) & pl.col("attainment").is_not_null()).select(
        "unit_code",
        "indicator",
        "plan_item",
        component=pl.col("plan_item").replace_strict(component, return_dtype=pl.String),
    )
    rows = rows.with_columns(index=pl.col("component").str.slice(0, 1))
    areas = pl.col("component").n_unique().over("unit_code", "index")
    items = pl.col("plan_item").n_unique().over("unit_code", "component")
    alike = pl.len().over("unit_code", "plan_item")
    return rows.with_columns(weight=1 / (areas * items * alike))


def priorities(indicators: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return the indicators below target with gap and gain, the largest gain first (columns of :data:`SCHEMA`).

    ``gap``: target minus value, in the value's unit. ``cases``: how many of the cases there are must turn good (of a
    count: how many more; of a count that must be zero: how many too many). ``cases_growing``: how many new good cases
    would be needed instead; null where no number is enough. Both are null for indices. ``counted``: what they count,
    "cases" or "money" (amounts of the budget). ``gain``: percent points of the index's attainment if this target alone
    were attained in full. ``gain_per_case``: gain / cases, null for money. Orders count within a unit, equal ones share
    the smaller number.

    Args:
        indicators: result table of one timeframe.
        catalogue: gives targets, comparators and the tree of the index.
    """
    weighted = effective_weights(indicators, catalogue)
    rows = weighted.join(
        indicators.drop("plan_item", "component"),
        on=["unit_code", "indicator"],
        nulls_equal=True,
        maintain_order="left",
    )
    found = [one for row in rows.iter_rows(named=True) if (one := _gap(row, catalogue.indicator(row["indicator"])))]
    frame = pl.DataFrame(found, schema=SCHEMA)
    by_gain = pl.col("gain").rank("min", descending=True).over("unit_code").cast(pl.Int64)
    by_case = pl.col("gain_per_case").rank("min", descending=True).over("unit_code").cast(pl.Int64)
    return frame.with_columns(order_by_gain=by_gain, order_by_case=by_case).sort(
        "unit_code", "order_by_gain", "indicator", nulls_last=False, maintain_order=True
    )


def gaps(indicators: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return the gap of every indicator below target, also of those in no attainment (``sipas``, ``P.III.2``).

    Columns of :data:`SCHEMA`, in the order of the rows; what attaining it would bring is null
    (:func:`priorities` tells it).

    Args:
        indicators: result table of one timeframe.
        catalogue: gives targets and comparators.
    """
    targeted = {i.id: i for i in catalogue.indicators if i.target is not None}
    rows = indicators.filter(pl.col("indicator").is_in(list(targeted)) & pl.col("attainment").is_not_null())
    found = [one for row in rows.iter_rows(named=True) if (one := _gap(row, targeted[row["indicator"]]))]
    return pl.DataFrame(found, schema=SCHEMA)


def _gap(row: dict[str, Any], indicator: Indicator) -> dict[str, Any] | None:
    """Gap of a row of the results, with its weight also the gain; None where the target is reached."""
    value, target, comparator = row["value"], row["target"], row["comparator"]
    cases = growing = counted = None
    if indicator.measure == "index":
        reached = value > target if comparator == ">" else value >= target
    else:
        n, whole = (row["numerator"], row["denominator"]) if indicator.measure == "share" else (value, None)
        cases = cases_to_target(n, whole, target, comparator)
        growing = cases_to_target(n, whole, target, comparator, growing=True)
        counted = "money" if "budget" in indicator.tables else "cases"
        reached = cases == 0
    if reached:
        return None
    gain = 100 * row["weight"] * (1 - row["attainment"]) if "weight" in row else None
    return {name: row.get(name) for name in SCHEMA} | {
        "gap": target - value,
        "counted": counted,
        "cases": cases,
        "cases_growing": growing,
        "gain": gain,
        "gain_per_case": gain / cases if gain is not None and cases and counted == "cases" else None,
    }
