"""What became of the data: rows by file, reasons for rejecting, findings, cells left out."""

from __future__ import annotations

import polars as pl

from chiso.messages import text
from chiso.reporting.report import Column, Note, Table
from chiso.sources import PERSONAL, Dataset

#: Where a rule is about a whole row, its cells don't stand under their own headers: any may hold anything.
ROW = ("table", "file", "sheet", "row")
COUNTS = ("read", "accepted", "merged", "superseded", "rejected", "layout")


def account_table(dataset: Dataset) -> Table:
    """Return the row account: what became of every row read, by file and sheet, with the total.

    Files that could not be read stand there too, without counts.
    """
    counts = [*COUNTS, *(["corrected"] if dataset.tallies["corrected"].sum() else [])]
    rows = _labelled(dataset.tallies, dataset).select(
        "table", "file", "sheet", "exported_on", *counts, row_kind=pl.lit("")
    )
    total = rows.select(
        table=pl.lit(text("tables.balance.total_row")), **{c: pl.col(c).sum() for c in counts}, row_kind=pl.lit("total")
    )
    unread = _labelled(dataset.findings, dataset).filter(pl.col("rule") == "unreadable")
    unread = unread.select("table", "file", row_kind=pl.lit("")).unique(maintain_order=True)
    columns = (
        Column("table", _column("table"), width=30),
        Column("file", _column("file"), width=34),
        Column("sheet", _column("sheet"), width=26),
        Column("exported_on", text("tables.quality.exported_on"), "date", width=12),
        Column("read", text("tables.quality.read"), "integer", width=15, missing=text("tables.quality.unreadable")),
        *[Column(c, text(f"tables.quality.{c}"), "integer", width=11) for c in counts if c != "read"],
    )
    parts = [*([unread] if unread.height else []), rows, *([total] if rows.height else [])]
    frame = pl.concat(parts, how="diagonal").select(rows.columns)
    notes = [Note(text("tables.quality.account_note"))]
    if "corrected" in counts:
        notes.append(Note(text("tables.quality.corrected_note")))
    return Table("row-account", text("tables.quality.account"), columns, frame, tuple(notes), row_kind="row_kind")


def rejects_table(dataset: Dataset) -> Table:
    """Return the reasons for which rows were rejected, with their numbers, by file and column."""
    keys = ("table", "file", "sheet", "header", "reason", "remedy")
    found = _headed(dataset.rejects, dataset)
    rows = found.group_by(keys).agg(rows=pl.col("row").n_unique().cast(pl.Int64))
    rows = rows.sort("table", "file", "rows", "header", "reason", descending=[False, False, True, False, False])
    columns = (
        Column("table", _column("table"), width=26),
        Column("file", _column("file"), width=32),
        Column("header", text("tables.quality.column"), width=22),
        Column("reason", text("tables.quality.reason"), width=48),
        Column("remedy", text("tables.quality.remedy"), width=48),
        Column("rows", text("tables.quality.rows"), "integer", width=9),
    )
    note = (Note(text("tables.quality.rejects_note")),) if rows.height else ()
    empty = text("tables.quality.no_rejects")
    return Table("rejects", text("tables.quality.rejects"), columns, _labelled(rows, dataset), note, empty=empty)


def publishable(rejects: pl.DataFrame) -> pl.DataFrame:
    """Return reasons for rejecting, without the values that may be a person's code or words.

    Those are the values of such columns, and all values of a row whose cells are not under their headers (a reason
    without a column).

    Args:
        rejects: as :attr:`chiso.sources.Dataset.rejects`.
    """
    personal = pl.any_horizontal(pl.col("column").str.split(", ").list.contains(name) for name in sorted(PERSONAL))
    shifted = pl.col("column").is_null().any().over(ROW)
    return rejects.with_columns(value=pl.when(~(personal.fill_null(True) | shifted)).then("value"))


def findings_table(dataset: Dataset, notes: pl.DataFrame) -> Table:
    """Return what there is to tell about files, then about indicators (rows they could not use and why).

    Args:
        dataset: gives the findings of the import.
        notes: notes of the computation (indicator, severity, message).
    """
    files = _labelled(dataset.findings, dataset).select(
        "severity", about=pl.coalesce("file", "table"), message="message"
    )
    figures = notes.select("severity", about="indicator", message="message")
    rank = pl.col("severity").replace_strict({"error": 0, "warning": 1, "info": 2}, default=3, return_dtype=pl.Int8)
    rows = pl.concat([files, figures]).with_columns(rank=rank).sort("rank", maintain_order=True)
    words = {s: text(f"tables.quality.severity_{s}") for s in ("error", "warning", "info")}
    columns = (
        Column("severity", text("tables.quality.severity"), width=12),
        Column("about", text("tables.quality.about"), width=34),
        Column("message", _column("message"), width=96),
    )
    frame = rows.with_columns(pl.col("severity").replace(words))
    return Table("findings", text("tables.quality.findings"), columns, frame, empty=text("tables.quality.no_findings"))


def cells_table(dataset: Dataset) -> Table:
    """Return cells without a usable value, counted by column and reason (don't-know answers, dropped personal data)."""
    keys = ("table", "header", "reason")
    found = _headed(dataset.cells, dataset)
    rows = found.group_by(keys).agg(count=pl.col("count").fill_null(1).sum().cast(pl.Int64)).sort(keys)
    columns = (
        Column("table", _column("table"), width=34),
        Column("header", text("tables.quality.column"), width=34),
        Column("reason", text("tables.quality.reason"), width=60),
        Column("count", text("tables.quality.count"), "integer", width=12),
    )
    return Table(
        "cells", text("tables.quality.cells"), columns, _labelled(rows, dataset), empty=text("tables.quality.no_cells")
    )


def _headed(frame: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Fill in the contract's label where a file's own header is not known, or is the column's English name."""
    pairs = frame.select("table", "column").drop_nulls().unique().sort("table", "column").rows()
    # A key of several columns is told as one: "line_id, as_of".
    known_tables = dataset.contracts
    labels = [(t, c, ", ".join(known_tables[t].column(name).label for name in c.split(", "))) for t, c in pairs]
    known = pl.DataFrame(labels, schema=dict.fromkeys(("table", "column", "label"), pl.String), orient="row")
    joined = frame.join(known, on=["table", "column"], how="left", maintain_order="left")
    own = pl.when(pl.col("header") != pl.col("column")).then("header")
    return joined.with_columns(header=pl.coalesce(own, "label", "column")).drop("label")


def _labelled(frame: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    return frame.with_columns(pl.col("table").replace({name: c.label for name, c in dataset.contracts.items()}))


def _column(name: str) -> str:
    return text(f"tables.column.{name}")
