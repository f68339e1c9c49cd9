"""Source rows as a table: labels, formats and names from the table contracts."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from chiso.messages import text
from chiso.notebook.context import Context
from chiso.reporting import formats
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables.source import in_words, source_columns, unavailable
from chiso.sources import load_contract


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
    return Table(id, caption, columns, in_words(table, shown, context.unit_names), tuple(told), empty=empty or None)


def missing(id: str, title: str, table: str) -> Table:
    """Return the empty table that stands for rows that could not be had."""
    return unavailable(id, title, text("notebook.list.missing", table=load_contract()[table].label))


def with_total(frame: pl.DataFrame, label: str, sums: Sequence[str]) -> pl.DataFrame:
    """Return a frame with a total row of the ``sums`` columns below; column ``row_kind`` marks it."""
    total = frame.select(
        pl.lit(text("notebook.list.total")).alias(label), *[pl.col(c).sum() for c in sums], row_kind=pl.lit("total")
    )
    return pl.concat([frame.with_columns(row_kind=pl.lit("")), total], how="diagonal_relaxed")
