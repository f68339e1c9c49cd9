"""Where we stand: attainment of both indices, what changed and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from chiso.messages import text
from chiso.notebook.context import Context
from chiso.notebook.ledger import Fresh, Ledger
from chiso.reporting import formats, wording
from chiso.reporting.charts import Chart
from chiso.reporting.charts.waterfall import waterfall
from chiso.reporting.html import Block, Prose
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables.scores import attainment_table, index_name, sized
from chiso.scoring.aggregation.change import compare
from chiso.scoring.league import alongside, league_composite
from chiso.worktime import Period

#: Indicators that a movement names one by one; the others are added up.
NAMED = 10
#: Parts smaller than this (percent points) moved nothing.
NOTHING = 5e-4
_WHOLE = "\N{BULLET}"  # stands for the whole department, which has no code


def of_period(context: Context, period: Period) -> pl.DataFrame:
    """Return the result rows of this period or an earlier one."""
    if period == context.period:
        return context.indicators
    return context.history.filter(pl.col("period") == str(period)).drop("period")


def earlier(context: Context) -> list[Period]:
    """Return the periods to compare with: the one before, the same one of the year before; those that have data."""
    wanted = dict.fromkeys((context.period.previous(), context.period.year_before()))
    return [p for p in wanted if _total(context, p, "B") is not None or _total(context, p, "A") is not None]


def _total(context: Context, period: Period, index: str) -> float | None:
    found = context.scores_of(period, context.catalogue).filter(context.own, level="total", code=index)
    return found["points"][0] if found.height else None


def attained(context: Context, ledger: Ledger, level: str, code: str, value: float | None) -> None:
    """Enter a score of this period; it must come out of the result table read anew."""
    ledger.expect(f"{level} {code}", value, _again(context, level, code))


def _again(context: Context, level: str, code: str) -> Callable[[Fresh], float | None]:
    def find(fresh: Fresh) -> float | None:
        found = fresh.scores(context.catalogue).filter(context.own, level=level, code=code)
        return found["points"][0] if found.height else None

    return find


def standing(context: Context, ledger: Ledger, index: str) -> Table:
    """Return the attainment of an index down to its items, beside the period before."""
    periods = earlier(context)
    before = context.scores_of(periods[0], context.catalogue) if periods else None
    label = periods[0].label if periods else ""
    table = attainment_table(context.indicators, context.scores, context.catalogue, index, context.unit, before, label)
    for row in table.frame.iter_rows(named=True):
        level = {"total": "total", "subtotal": "area"}.get(row["row_kind"], "criterion")
        attained(context, ledger, level, row["code"], row["attainment"])
    return table


def told(context: Context, ledger: Ledger, index: str) -> str:
    """Return one sentence on an index: attainment, change, coverage."""
    found = context.scores.filter(context.own, level="total", code=index)
    if not found.height or found["points"][0] is None:
        return ""
    row = found.row(0, named=True)
    attained(context, ledger, "total", index, row["points"])
    change = ""
    if periods := earlier(context):
        past = _total(context, periods[0], index)
        if past is not None:
            moved = row["points"] - past
            key = "same" if abs(moved) < NOTHING / 100 else "up" if moved > 0 else "down"
            size = formats.points(abs(moved)).lstrip("+")
            change = text(f"scores.told_change_{key}", size=size, period=periods[0].label)
    values = {"value": formats.percent(row["points"]), "coverage": formats.percent(row["coverage"], trim=True)}
    return text("scores.told_index", index=index_name(index), change=change, **values)


# -- what changed


def movement(context: Context, ledger: Ledger, index: str, period: Period) -> pl.DataFrame | None:
    """Return the movement of an index since an earlier period by indicator, item, component and cause.

    Columns of :data:`chiso.scoring.aggregation.change.SCHEMA` in percent points, with ``level``. None where one of the
    two periods has no score. The parts are entered: they must add up to the difference of the two scores read anew.
    """
    sides = []
    for one in (context.period, period):
        rows = of_period(context, one).filter(context.own).with_columns(unit_code=pl.lit(_WHOLE))
        try:
            sides.append(league_composite(rows, context.catalogue, index))
        except ValueError:
            return None
    after, before = alongside(*sides)
    found = compare(before, after)
    if found["contribution"].null_count():
        return None
    level = [{1: "indicator", 2: "item", 3: "area", 4: "total"}[at] for at in after.tree.levels]
    found = found.with_columns(level=pl.Series(level), code=pl.col("code").str.strip_suffix("/"))
    moved = found.filter(level="total")["contribution"][0]

    def again(fresh: Fresh) -> float | None:
        tables = (fresh.scores(context.catalogue), fresh.scores(context.catalogue, str(period)))
        now, then = (t.filter(context.own, level="total", code=index)["percent"][0] for t in tables)
        return float(now - then)

    label = f"{index}, {period}"
    ledger.expect(f"{label}, total", moved, again)
    for part in ("area", "indicator"):
        ledger.expect(f"{label}, {part}", found.filter(level=part)["contribution"].sum(), again)
    causes = sum(found.filter(level="area")[f"by_{c}"].sum() for c in ("value", "weight", "coverage"))
    ledger.expect(f"{label}, causes", causes, again)
    return found


def changes(context: Context, ledger: Ledger, index: str) -> Block | Prose:
    """Return what moved an index since the period before and the year before: chart, areas by cause, indicators."""
    parts: list[Any] = []
    periods = earlier(context)
    for period in periods:
        found = movement(context, ledger, index, period)
        if found is None:
            continue
        if not parts:
            parts.append(_chart(context, index, period, found))
        parts.append(_areas(context, index, period, found))
        if period == periods[0]:
            parts.append(_indicators(context, index, period, found))
    if not parts:
        return Prose((text("scores.move.none", period=context.period.previous().label),), "note")
    return Block(tuple(parts))


def _chart(context: Context, index: str, period: Period, found: pl.DataFrame) -> Chart:
    total = found.filter(level="total").row(0, named=True)
    areas = found.filter(level="area").sort("code").rows(named=True)
    moved = total["contribution"]
    key = "same" if abs(moved) < NOTHING else "up" if moved > 0 else "down"
    ranked = sorted(areas, key=lambda r: (r["contribution"], r["code"]))
    names = {c.id: f"{c.id}. {c.name}" for c in context.catalogue.components}
    values = {"best": names[ranked[-1]["code"]], "worst": names[ranked[0]["code"]], "period": period.label}
    size = formats.points(abs(moved) / 100).lstrip("+")
    title = text(f"scores.move.chart_{key}", index=index_name(index), size=size, **values)
    return waterfall(
        (text("scores.move.start", period=period.label), total["score_before"] / 100),
        [(names[r["code"]], r["contribution"] / 100) for r in areas],
        (text("scores.move.end", period=context.period.label), total["score"] / 100),
        title=title,
    )


def _areas(context: Context, index: str, period: Period, found: pl.DataFrame) -> Table:
    rows = found.filter(pl.col("level").is_in(["area", "total"])).sort(pl.col("level") == "total", "code")
    names = {c.id: f"{c.id}. {c.name}" for c in context.catalogue.components} | {index: text("scores.move.total")}
    frame = _shares(rows).with_columns(
        name=pl.col("code").replace(names),
        row_kind=pl.when(pl.col("level") == "total").then(pl.lit("total")).otherwise(pl.lit("")),
    )
    columns = sized(
        Column("name", text("scores.name"), width=48),
        Column("score_before", wording.capital(period.label), "percent"),
        Column("score", wording.capital(context.period.label), "percent"),
        *_causes(rows),
    )
    title = text("scores.move.areas", index=index_name(index), period=period.label)
    moved = _moved_by(found.filter(level="indicator"))
    only = [Note(text(f"scores.move.only_{moved[0]}"))] if len(moved) == 1 else []
    of_year = period.year == context.period.year
    grows = [Note(text("scores.move.accumulates"), "caveat")] if of_year else []
    note = (Note(text("scores.move.note")), *only, *grows)
    return Table(f"movement-{index}-{period}", title, columns, frame, note, row_kind="row_kind")


def _indicators(context: Context, index: str, period: Period, found: pl.DataFrame) -> Table:
    size = pl.col("contribution").abs()
    rows = found.filter(level="indicator").sort(size, "code", descending=[True, False])
    rows = rows.filter(size >= NOTHING)
    named, rest = rows.head(NAMED), rows.slice(NAMED)
    if rest.height:
        sums = {c: rest[c].sum() for c in ("contribution", "by_value", "by_weight", "by_coverage")}
        named = pl.concat([named, pl.DataFrame([{"code": "", **sums}])], how="diagonal")
    entries = {i.id: i for i in context.catalogue.indicators}
    past = {r["indicator"]: r["value"] for r in of_period(context, period).filter(context.own).iter_rows(named=True)}
    now = {r["indicator"]: r["value"] for r in context.indicators.filter(context.own).iter_rows(named=True)}
    frame = _shares(named).with_columns(
        name=pl.Series([entries[c].name if c else text("scores.move.rest") for c in named["code"]], dtype=pl.String),
        before=pl.Series([past.get(c) for c in named["code"]], dtype=pl.Float64),
        after=pl.Series([now.get(c) for c in named["code"]], dtype=pl.Float64),
        value_format=pl.Series(
            ["percent" if c and entries[c].as_percent else "number" for c in named["code"]], dtype=pl.String
        ),
    )
    columns = sized(
        Column("code", text("scores.indicator_code")),
        Column("name", text("scores.indicator"), width=44),
        Column("before", wording.capital(period.label), "number", "value_format"),
        Column("after", wording.capital(context.period.label), "number", "value_format"),
        *_causes(rows),
    )
    title = text("scores.move.indicators", index=index_name(index), period=period.label)
    return Table(f"movers-{index}-{period}", title, columns, frame, row_header="name")


def _shares(rows: pl.DataFrame) -> pl.DataFrame:
    columns = ("score_before", "score", "contribution", "by_value", "by_weight", "by_coverage")
    return rows.with_columns(pl.col(c) / 100 for c in columns)


def _causes(rows: pl.DataFrame) -> list[Column]:
    """Columns of the contribution and its causes; a cause that moved nothing at all has no column."""
    moved = _moved_by(rows)
    causes = [Column(c, text(f"scores.move.{c}"), "points") for c in moved if len(moved) > 1]
    return [Column("contribution", text("scores.move.contribution"), "points"), *causes]


def _moved_by(rows: pl.DataFrame) -> list[str]:
    causes = ("by_value", "by_weight", "by_coverage")
    return [c for c in causes if rows.filter(pl.col(c).abs() >= NOTHING).height]
