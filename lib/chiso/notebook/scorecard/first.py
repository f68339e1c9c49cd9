"""What to do first, and what if."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from chiso.messages import text
from chiso.notebook.context import Context
from chiso.notebook.ledger import Fresh, Ledger
from chiso.reporting import formats
from chiso.reporting.html import Block, Prose
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables.scores import gap_text, index_name, priorities_table, sized
from chiso.scoring import scores
from chiso.scoring.priorities import gaps, priorities
from chiso.scoring.whatif import Change, WhatIf, WhatIfError, what_if

#: What a key result names, and what the standing example of "what if" attains.
TOP = 3


def rows_of(context: Context) -> pl.DataFrame:
    """Return the gaps of the report's unit, the largest gain first."""
    return priorities(context.indicators.drop("withheld"), context.catalogue).filter(context.own)


def told(context: Context, ledger: Ledger) -> list[str]:
    """Return in words what to do first."""
    rows = rows_of(context).head(TOP)
    if rows.is_empty():
        return []
    _expect(context, ledger, rows)
    names = [
        text("scores.told_first_one", name=context.indicator(r["indicator"]).name, gain=formats.number(r["gain"]))
        for r in rows.iter_rows(named=True)
    ]
    return [text("scores.told_first", names="; ".join(names))]


def _expect(context: Context, ledger: Ledger, rows: pl.DataFrame) -> None:
    """Enter gaps and gains; each gain must be what the score itself gains when the target is attained."""
    for row in rows.iter_rows(named=True):
        ledger.expect(f"{row['indicator']}, gain", row["gain"], _gained(context, row))
    ledger.take(rows, "value", "status", unit_code=context.unit)


def _gained(context: Context, row: Mapping[str, Any]) -> Any:
    def find(fresh: Fresh) -> float | None:
        mine = fresh.results.indicators.filter(context.own)
        attained = pl.when(pl.col("indicator") == row["indicator"]).then(1.0).otherwise("attainment")
        tables = (scores(mine.with_columns(attainment=attained), context.catalogue), fresh.scores(context.catalogue))
        then, now = (t.filter(context.own, level="total", code=row["index"])["percent"][0] for t in tables)
        return float(then - now)

    return find


def table(context: Context, ledger: Ledger, limit: int | None = None) -> Table:
    """Return every indicator below target with its gap in real units and what attaining it would bring."""
    rows = rows_of(context)
    shown = rows if limit is None else rows.head(limit)
    _expect(context, ledger, shown)
    return priorities_table(shown, context.catalogue).with_notes(
        *_outside(context, ledger, rows["indicator"].to_list())
    )


def _outside(context: Context, ledger: Ledger, told: list[str]) -> list[str]:
    """Say which indicators below target are in neither attainment, so that nothing in the table tells of them."""
    rows = gaps(context.indicators.filter(context.own, pl.col("status").is_not_null()), context.catalogue)
    rows = rows.filter(~pl.col("indicator").is_in(told))
    if rows.is_empty():
        return []
    ledger.take(rows, "value", "status", unit_code=context.unit)
    entries = [(context.indicator(r["indicator"]), r) for r in rows.iter_rows(named=True)]
    one = [text("scores.first.outside_one", name=i.name, id=i.id, gap=gap_text(i, r)) for i, r in entries]
    return [text("scores.first.outside", names="; ".join(one))]


# -- what if


def suppose(
    context: Context,
    ledger: Ledger,
    values: Mapping[str, float] | None = None,
    targets: Mapping[str, float] | None = None,
    unit: str | None = None,
) -> Block | Prose:
    """Return figures, statuses, scores and ranks as they would be with other values or targets.

    Args:
        context: the report's.
        ledger: where the figures of today are entered.
        values: new values by indicator (shares of 1, counts); none and no target: the :data:`TOP` targets with the
            largest gain are attained.
        targets: new targets by indicator, for every unit.
        unit: whose values; None: the report's own.

    Raises:
        WhatIfError: all that cannot be supposed.
    """
    given = [g for g in (values, targets) if g is not None]
    if not all(isinstance(g, Mapping) and all(isinstance(v, int | float) for v in g.values()) for g in given):
        raise WhatIfError(text("scores.suppose.form"))
    whose = unit or context.unit
    changes = [Change(i, whose, value=v) for i, v in (values or {}).items()]
    changes += [Change(i, whose, target=v) for i, v in (targets or {}).items()]
    top = not changes
    if top:
        best = rows_of(context).head(TOP)
        changes = [Change(r["indicator"], whose, value=_attained(r)) for r in best.iter_rows(named=True)]
    if not changes:
        return Prose((text("scores.suppose.none"),), "note")
    found = what_if(context.indicators.drop("withheld"), context.catalogue, changes)
    what = text("scores.suppose.top", count=len(changes)) if top else "; ".join(_told(context, c) for c in changes)
    shown = found.changed_indicators.filter(
        pl.col("unit_code").eq_missing(pl.lit(whose, pl.String)) | pl.lit(targets is not None)
    ).filter(pl.col("value").is_not_null())
    ledger.take(shown.select("indicator", "unit_code", value="value_before", status="status_before"), "value", "status")
    return Block((_figures(context, shown, what), _scores(context, found, what)))


def _attained(row: Mapping[str, Any]) -> float:
    """The least value that attains a target; of one that must be exceeded, a little more."""
    target = float(row["target"])
    return min(1.0, target + 0.001) if row["comparator"] == ">" else target


def _told(context: Context, change: Change) -> str:
    indicator = context.indicator(change.indicator)
    show = formats.percent if indicator.as_percent else formats.number
    key, value = ("change", change.value) if change.target is None else ("change_target", change.target)
    return text(f"scores.suppose.{key}", indicator=change.indicator, value=show(value))


def _figures(context: Context, rows: pl.DataFrame, what: str) -> Table:
    entries = [context.indicator(i) for i in rows["indicator"]]
    percent = [i.as_percent for i in entries]
    frame = rows.with_columns(
        name=pl.Series([i.name for i in entries], dtype=pl.String),
        unit=pl.col("unit_code").replace(context.unit_names).fill_null(text("scores.whole")),
        value_format=pl.Series(["percent" if p else "number" for p in percent], dtype=pl.String),
        target_format=pl.Series(
            [f"{i.comparator or '=='} {'percent' if p else 'number'}" for i, p in zip(entries, percent, strict=True)],
            dtype=pl.String,
        ),
    )
    columns = sized(
        Column("indicator", text("scores.indicator_code")),
        Column("name", text("scores.indicator"), width=40),
        Column("unit", text("scores.unit")),
        Column("value_before", text("scores.suppose.before"), "number", "value_format"),
        Column("value", text("scores.suppose.after"), "number", "value_format"),
        Column("target", text("scores.suppose.target"), "number", "target_format"),
        Column("status_before", text("scores.suppose.status_before"), "status"),
        Column("status", text("scores.suppose.status_after"), "status"),
    )
    notes = (Note(text("scores.suppose.note")),)
    return Table("suppose", text("scores.suppose.title", what=what), columns, frame, notes, row_header="name")


def _scores(context: Context, found: WhatIf, what: str) -> Table | Prose:
    rows = found.changed_scores
    rows = rows.filter(context.own | (pl.col("rank").ne_missing(pl.col("rank_before"))) | (pl.col("level") == "total"))
    if rows.is_empty():
        return Prose((text("scores.suppose.same"),), "note")
    items = {i.id: i.name for i in context.catalogue.items} | {c.id: c.name for c in context.catalogue.components}
    items |= {i: text("scores.suppose.whole_index", name=index_name(i)) for i in ("A", "B")}
    order = pl.col("level").replace_strict({"total": 0, "area": 1, "criterion": 2}, return_dtype=pl.Int8)
    frame = rows.sort(pl.col("unit_code").is_not_null(), order, "unit_code", "code").with_columns(
        name=pl.format("{} {}", "code", pl.col("code").replace(items)),
        unit=pl.col("unit_code").replace(context.unit_names).fill_null(text("scores.whole")),
        before=pl.col("percent_before") / 100,
        after=pl.col("percent") / 100,
        change=(pl.col("percent") - pl.col("percent_before")) / 100,
    )
    columns = [
        Column("name", text("scores.name"), width=44),
        Column("unit", text("scores.unit")),
        Column("before", text("scores.suppose.before"), "percent"),
        Column("after", text("scores.suppose.after"), "percent"),
        Column("change", text("scores.suppose.change_column"), "points"),
    ]
    if rows["rank"].count():
        columns += [
            Column("rank_before", text("scores.suppose.rank_before"), "integer"),
            Column("rank", text("scores.suppose.rank_after"), "integer"),
        ]
    return Table("suppose-scores", text("scores.suppose.scores", what=what), sized(*columns), frame)
