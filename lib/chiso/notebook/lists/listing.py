"""Source rows as a table: labels, formats and names from the table contracts."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from chiso.messages import text
from chiso.notebook.context import Context
from chiso.reporting import formats
from chiso.reporting.report import Column, Format, Note, Table
from chiso.sources import load_contract

FORMATS: dict[str, Format] = {
    "date": "date",
    "datetime": "date",
    "int": "integer",
    "float": "number",
    "bool": "bool",
}
#: Codes of people: never in a report, whatever it lists.
PERSONAL = frozenset({"officer_id", "staff_id", "comment"})


def source_columns(table: str, names: Sequence[str]) -> list[Column]:
    """Return table columns for contract columns, labelled and formatted as the contract says.

    Raises:
        ValueError: a column that names people.
    """
    if personal := PERSONAL.intersection(names):
        raise ValueError(f"{sorted(personal)} must not be published")
    contract = load_contract()[table]
    found = []
    for name in names:
        column = contract.column(name)
        label = text("notebook.column.unit") if name == "unit_code" else column.label
        found.append(Column(name, label, FORMATS.get(column.type, "text")))
    return found


def in_words(context: Context, table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows with unit names for codes and Vietnamese labels for enum codes."""
    changed = [
        pl.col(c.name).replace(c.values)
        for c in load_contract()[table].columns
        if c.type == "enum" and c.name in frame.columns
    ]
    if "unit_code" in frame.columns:
        changed.append(pl.col("unit_code").replace(context.unit_names))
    return frame.with_columns(changed)


def listing(
    context: Context,
    table: str,
    frame: pl.DataFrame,
    names: Sequence[str],
    *,
    id: str,
    title: str,
    more: Sequence[Column] = (),
    limit: int | None = None,
    notes: Sequence[str] = (),
    empty: str = "",
) -> Table:
    """Return source rows as a table.

    Args:
        context: gives the units' names.
        table: contract the rows come from.
        frame: the rows, in order.
        names: contract columns to show.
        id: of the table.
        title: caption; ``{count}`` in it is the number of rows.
        more: further columns of the frame, after the contract's.
        limit: rows shown; a note tells how many there are.
        notes: remarks below.
        empty: what stands there when there is no row.
    """
    shown = frame if limit is None else frame.head(limit)
    told = [Note(note) for note in notes]
    if shown.height < frame.height:
        told.insert(0, Note(text("notebook.list.shortened", shown=shown.height, all=formats.number(frame.height))))
    columns = (*source_columns(table, names), *more)
    caption = title.format(count=formats.number(frame.height))
    return Table(id, caption, columns, in_words(context, table, shown), tuple(told), empty=empty or None)


def missing(id: str, title: str, table: str) -> Table:
    """Return the empty table that stands for rows that could not be had."""
    label = load_contract()[table].label
    column = Column("none", label)
    frame = pl.DataFrame(schema={"none": pl.String})
    return Table(id, title, (column,), frame, empty=text("notebook.list.missing", table=label))


def with_total(frame: pl.DataFrame, label: str, sums: Sequence[str]) -> pl.DataFrame:
    """Return a frame with a total row of the ``sums`` columns below; column ``row_kind`` marks it."""
    total = frame.select(
        pl.lit(text("notebook.list.total")).alias(label), *[pl.col(c).sum() for c in sums], row_kind=pl.lit("total")
    )
    return pl.concat([frame.with_columns(row_kind=pl.lit("")), total], how="diagonal_relaxed")
