"""Changes since earlier periods: what the answers allow to say."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from chiso.messages import text
from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.notebook.survey.access import CODES, LINE, expect, table, with_names
from chiso.reporting import privacy
from chiso.reporting.charts import Chart, intervals
from chiso.reporting.html import Block, Prose
from chiso.reporting.report import Column, Note, Table
from chiso.survey import verdict_text
from chiso.worktime import Period


def changes(context: Context, ledger: Ledger, codes: Sequence[str] = CODES) -> Block | Prose:
    """Draw and list the changes of satisfaction figures since the period before and the year before."""
    rows = table(context, "changes").filter(
        context.own & pl.col("code").is_in(codes) & pl.col("difference").is_not_null()
    )
    return _changes(context, ledger, rows, "code") or Prose((text("sipas.changes_none"),), "note")


def unit_changes(context: Context, ledger: Ledger) -> Block | Prose:
    """Draw and list the changes of the units' overall index."""
    rows = table(context, "changes").filter(
        pl.col("unit_code").is_not_null() & (pl.col("code") == privacy.OVERALL) & pl.col("difference").is_not_null()
    )
    rows = rows.filter(context.own) if context.unit else rows
    return _changes(context, ledger, rows, "unit_code") or Prose((text("sipas.changes_none"),), "note")


def _changes(context: Context, ledger: Ledger, rows: pl.DataFrame, by: str) -> Block | None:
    parts: list[Chart | Table] = []
    for (before,), group in rows.group_by("before", maintain_order=True):
        label = Period.parse(str(before)).label
        keys = ("before", *LINE)
        expect(
            ledger, "changes", group, keys, "share_before", "share_after", "difference", "ci_low", "ci_high", "p_holm"
        )
        named = with_names(context, group)
        if by == "unit_code":
            named = named.with_columns(name=pl.col("unit_code").replace(context.unit_names))
        named = named.with_columns(
            told=pl.Series([verdict_text(v) for v in named["verdict"]], dtype=pl.String),
            side=pl.col("verdict").replace_strict({"higher": "above", "lower": "below"}, default=""),
        )
        clear = named.filter(pl.col("side") != "")["name"].to_list()
        title = text("sipas.changes_chart", period=label, names="; ".join(clear))
        if not clear:
            title = text("sipas.changes_chart_none", period=label)
        frame = named.select(
            "name", value="difference", low="ci_low", high="ci_high", n=pl.lit(None, pl.Int64), verdict="side"
        )
        if frame.height > 1:
            label_of = text("sipas.no_change")
            parts.append(intervals(frame, title=title, line=0.0, line_label=label_of, difference=True))
        notes = [Note(text("sipas.changes_note"))]
        if not group["all_items"][0]:
            notes.append(Note(text("sipas.changes_items", count=group["items_compared"][0])))
        columns = (
            Column("name", text("notebook.column.unit" if by == "unit_code" else "sipas.line")),
            Column("share_before", label[:1].upper() + label[1:], "percent"),
            Column("share_after", text("sipas.after"), "percent"),
            Column("difference", text("sipas.difference"), "points"),
            Column("ci_low", text("sipas.low"), "points"),
            Column("ci_high", text("sipas.high"), "points"),
            Column("told", text("sipas.verdict")),
        )
        key = "changes_units" if by == "unit_code" else "changes"
        code = "-".join(named["code"].unique(maintain_order=True)).replace(".", "-")
        id = f"{key.replace('_', '-')}-{group['against'][0].replace('_', '-')}-{code}"
        parts.append(Table(id, text(f"sipas.{key}", period=label), columns, named, tuple(notes)))
    return Block(tuple(parts)) if parts else None
