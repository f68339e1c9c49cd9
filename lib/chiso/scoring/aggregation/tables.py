"""A composite from two tables, as COINr takes them: values by body, and the structure of the index."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from chiso.messages import text
from chiso.scoring.aggregation.model import Composite
from chiso.scoring.aggregation.tree import Node, Tree, TreeError

STRUCTURE = ("iCode", "Parent", "Weight", "Direction")
KINDS = ("Indicator", "Aggregate")


def composite_of(values: pl.DataFrame, structure: pl.DataFrame, unit: str = "uCode") -> Composite:
    """Make a composite with min–max to 0–100 and arithmetic means; replace those to change them.

    Args:
        values: a row a body: ``unit`` and a numeric column an indicator; other columns are not read.
        structure: a row an indicator or group: ``iCode``, ``Parent`` (null for the root), ``Weight``, ``Direction``
            (1 or -1). With a column ``Type``, only "Indicator" and "Aggregate" rows count.

    Raises:
        TreeError: all faults of both tables: missing columns, an indicator without a column or without any value, a
            column that holds no numbers, a body twice, a direction that is neither 1 nor -1, and those of the tree.

    >>> values = pl.DataFrame({"uCode": ["A", "B"], "x": [1.0, 3.0]})
    >>> structure = pl.DataFrame(
    ...     {"iCode": ["x", "all"], "Parent": ["all", None], "Weight": [1.0, 1.0], "Direction": [-1, 1]}
    ... )
    >>> composite_of(values, structure).scores().of("all").tolist()
    [100.0, 0.0]
    """
    columns = [text("scoring.tree.column", column=c) for c in STRUCTURE if c not in structure.columns]
    columns += [text("scoring.tree.column", column=unit)] if unit not in values.columns else []
    _stop(columns)
    if "Type" in structure.columns:
        structure = structure.filter(pl.col("Type").is_in(KINDS))
    rows = structure.with_columns(pl.col("Weight", "Direction").cast(pl.Float64, strict=False)).select(STRUCTURE).rows()
    faults, tree = [], None
    try:
        tree = Tree.of(
            Node(code, parent or None, np.nan if weight is None else weight) for code, parent, weight, _ in rows
        )
    except TreeError as error:
        faults = [line.removeprefix("  - ") for line in str(error).splitlines()[1:]]
    groups = {parent for _, parent, _, _ in rows}
    directions = {code: direction for code, _, _, direction in rows if code not in groups}
    _stop(faults + list(_faults(values, directions, unit)))
    assert tree is not None
    leaves = tree.codes[: tree.leaves]
    table = values.select(pl.col(code).cast(pl.Float64) for code in leaves).to_numpy()
    return Composite(
        tuple(str(u) for u in values[unit]), tree, table.astype(float), np.array([directions[code] for code in leaves])
    )


def _faults(values: pl.DataFrame, directions: dict[str, float | None], unit: str) -> Iterator[str]:
    for body in values.filter(pl.col(unit).is_duplicated())[unit].unique(maintain_order=True):
        yield f"{body}: {text('scoring.tree.unit_twice')}"
    for code, direction in directions.items():
        if direction not in (1, -1):
            yield f"{code}: {text('scoring.tree.direction', direction=direction)}"
        if code not in values.columns:
            yield f"{code}: {text('scoring.tree.no_column')}"
        elif not (values[code].dtype.is_numeric() or values[code].dtype == pl.Null):
            yield f"{code}: {text('scoring.tree.no_numbers')}"
        elif values[code].drop_nulls().is_empty():
            yield f"{code}: {text('scoring.tree.no_values')}"


def _stop(faults: list[str]) -> None:
    if faults:
        listed = "\n".join(f"  - {fault}" for fault in faults)
        raise TreeError(f"{text('scoring.tree.head', count=len(faults))}\n{listed}")
