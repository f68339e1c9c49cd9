"""Indicators shown: scorecard, trend, units compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from chiso.catalogue import Indicator
from chiso.messages import text
from chiso.notebook import survey
from chiso.notebook.context import Context
from chiso.notebook.key_results import SHOWN
from chiso.notebook.ledger import Ledger
from chiso.notebook.provenance import ANCHOR
from chiso.notebook.scorecard import ahead
from chiso.reporting import formats, wording
from chiso.reporting.charts import Chart, compare_units, trend
from chiso.reporting.html import Block
from chiso.reporting.report import Column, Table
from chiso.reporting.tables import scorecard_table
from chiso.worktime import Period

#: Shares over fewer rows move by ten points and more with a single case.
SMALL = 10
TREND = 8


def window_text(context: Context) -> str:
    """Return the window's days up to the as-of day: ``15/9/2024–14/12/2024``."""
    return formats.days(context.timeframe.start, context.timeframe.as_of)


def earlier(context: Context) -> list[Period]:
    """Return the periods of the trend, oldest first, the reported one last."""
    return [p for p in context.periods if p in {context.period.previous(n) for n in range(TREND)}]


def scorecard(context: Context, ledger: Ledger, component: str) -> Table:
    """Return a component's indicators against their targets, with the last periods drawn in."""
    table = scorecard_table(
        context.rows([i.id for i in context.catalogue.of_component(component)]),
        context.catalogue,
        component,
        context.unit,
        context.timeframe.as_of,
        weighting=context.results.weighting,
    )
    pending = table.frame.filter(pl.col("status").is_in(["pending", "at_risk"]))["indicator"].to_list()
    table = table.with_notes(*ahead.beside(context, ledger, pending))
    return _led_home(with_past(context, ledger, table.without("item")))


def _led_home(table: Table) -> Table:
    """Return a table whose codes lead to the folds of the page."""
    columns = (replace(c, anchor=ANCHOR) if c.name == "indicator" else c for c in table.columns)
    return replace(table, columns=tuple(columns))


def lines(context: Context, ledger: Ledger, indicators: Sequence[Indicator], title: str, id: str) -> Table:
    """Return some indicators, of whatever components, in the columns of a scorecard."""
    shown = context.rows([i.id for i in indicators])
    tables = {
        c: scorecard_table(shown, context.catalogue, c, context.unit) for c in sorted({i.component for i in indicators})
    }
    rows = [tables[i.component].frame.filter(pl.col("indicator") == i.id) for i in indicators]
    any_table = next(iter(tables.values()), None) or scorecard_table(shown, context.catalogue, "A")
    frame = pl.concat(rows) if rows else any_table.frame.clear()
    table = replace(any_table, id=id, title=title, frame=frame, notes=(), empty=text("notebook.list.none"))
    return with_past(context, ledger, table.without("item"))


def with_past(context: Context, ledger: Ledger, table: Table) -> Table:
    """Return a scorecard with the last periods as a line and, for a unit, the department's value."""
    frame = table.frame
    ledger.take(frame, *SHOWN, unit_code=context.unit)
    past = [[context.figure(i, p, context.unit)["value"] for p in earlier(context)] for i in frame["indicator"]]
    frame = frame.with_columns(past=pl.Series(past, dtype=pl.List(pl.Float64)))
    columns = list(table.columns)
    at = [c.name for c in columns].index("status") + 1
    columns.insert(at, Column("past", text("notebook.column.past"), "sparkline"))
    if context.unit:
        whole = [context.figure(i)["value"] for i in frame["indicator"]]
        frame = frame.with_columns(whole=pl.Series(whole, dtype=pl.Float64))
        shown = frame.select("indicator", value="whole").filter(pl.col("value").is_not_null())
        ledger.take(shown, "value", unit_code=None)
        columns.insert(at - 2, Column("whole", text("notebook.column.whole"), "number", "value_format"))
    return replace(table, columns=tuple(columns), frame=frame)


def show_trend(context: Context, ledger: Ledger, indicator: Indicator) -> Chart | Block:
    """Draw the last eight periods against target or reference line; for a unit with the department's values below."""
    rows = [context.figure(indicator.id, p, context.unit) | {"period": str(p)} for p in earlier(context)]
    ledger.take(rows, "value")
    labels = [p.label for p in earlier(context)]
    frame = pl.DataFrame(
        {"label": labels, "value": [row["value"] for row in rows]}, schema={"label": pl.String, "value": pl.Float64}
    )
    now, before = rows[-1], rows[-2] if len(rows) > 1 else {"value": None}
    moved = ""
    if indicator.window in wording.COMPARABLE and context.comparable(indicator.id, context.period.previous()):
        moved = wording.change(indicator, now["value"], before["value"], context.period.previous())
    title = text(
        "notebook.trend.title",
        name=indicator.name,
        value=wording.value(indicator, now["value"]),
        period=context.period.label,
        change=f", {moved}" if moved else "",
    )
    goal = now["target"]
    percent = indicator.as_percent
    notes = [] if indicator.window in wording.COMPARABLE else [text(f"notebook.trend.window_{indicator.window}")]
    if any(row.get("withheld") for row in rows):
        notes.append(text("notebook.note.withheld_periods", minimum=5))
    chart = trend(
        frame,
        title=title,
        target=goal if goal is not None else indicator.reference_line,
        comparator=indicator.comparator,
        reference=goal is None,
        percent=percent,
        notes=tuple(notes),
    )
    return Block((chart, _beside(context, ledger, indicator, rows))) if context.unit else chart


def _beside(context: Context, ledger: Ledger, indicator: Indicator, rows: list[dict[str, Any]]) -> Table:
    whole = [context.figure(indicator.id, p) | {"period": str(p)} for p in earlier(context)]
    ledger.take(whole, "value")
    how = "percent" if indicator.as_percent else "number"
    frame = pl.DataFrame(
        {
            "label": [p.label for p in earlier(context)],
            **{c: [row[c] for row in rows] for c in ("numerator", "denominator", "value")},
            "whole": [row["value"] for row in whole],
        },
        schema_overrides=dict.fromkeys(("numerator", "denominator", "value", "whole"), pl.Float64),
    )
    columns = (
        Column("label", text("notebook.column.period")),
        Column("numerator", text("notebook.column.numerator"), "number"),
        Column("denominator", text("notebook.column.denominator"), "number"),
        Column("value", context.subject, how),  # type: ignore[arg-type]
        Column("whole", text("notebook.column.whole"), how),  # type: ignore[arg-type]
    )
    return Table(f"trend-{_slug(indicator.id)}", text("notebook.trend.beside", name=indicator.name), columns, frame)


def show_units(context: Context, ledger: Ledger, indicator: Indicator) -> Chart:
    """Draw the units by an indicator, with n/N; units over few rows and withheld ones are named below."""
    if indicator.id in context.survey_codes:
        return survey.unit_intervals(context, ledger, indicator.id)
    rows = context.rows([indicator.id]).filter(pl.col("unit_code").is_not_null()).sort("unit_code")
    # A count of zero says something only where a target asks for zero.
    counted = pl.col("value").is_not_null() & ((pl.col("measure") != "count") | (pl.col("value") > 0))
    known = rows.filter(counted)
    ledger.take(known, "value", "numerator", "denominator")
    notes = _unit_notes(context, indicator, rows, known)
    frame = known.select(
        unit=pl.col("unit_code").map_elements(lambda code: _unit_label(context, code), return_dtype=pl.String),
        value="value",
        n=pl.lit(None, pl.Float64) if indicator.measure == "count" else pl.col("numerator"),
        d=pl.lit(None, pl.Float64) if indicator.measure == "count" else pl.col("denominator"),
        status="status",
    )
    goal = known["target"].drop_nulls()
    line = goal[0] if goal.len() else indicator.reference_line
    return compare_units(
        frame,
        title=_units_title(context, indicator, known),
        target=line,
        comparator=indicator.comparator,
        better=indicator.better,
        reference=not goal.len(),
        percent=indicator.as_percent,
        notes=tuple(notes),
    )


def _units_title(context: Context, indicator: Indicator, known: pl.DataFrame) -> str:
    names = context.unit_names
    ranked = known.sort("value", "unit_code", descending=[indicator.better == "higher", False])
    if not ranked.height:
        return text("notebook.units.none", name=indicator.name)
    best, worst = ranked.row(0, named=True), ranked.row(-1, named=True)
    ends = {
        "best": names.get(best["unit_code"], best["unit_code"]),
        "best_value": wording.value(indicator, best["value"]),
        "worst": names.get(worst["unit_code"], worst["unit_code"]),
        "worst_value": wording.value(indicator, worst["value"]),
    }
    judged = ranked.filter(pl.col("status").is_in(["met", "not_met", "pending", "at_risk"]))
    missed = ranked.filter(pl.col("status").is_in(["not_met", "pending", "at_risk"])).height
    if judged.height:
        key = "missed" if missed else "all_met"
        return text(
            f"notebook.units.{key}",
            name=indicator.name,
            missed=missed,
            count=judged.height,
            target=wording.target(indicator),
            **ends,
        )
    return text("notebook.units.one" if ranked.height == 1 else "notebook.units.range", name=indicator.name, **ends)


def _unit_notes(context: Context, indicator: Indicator, rows: pl.DataFrame, known: pl.DataFrame) -> list[str]:
    notes = []
    small = known.filter(pl.col("denominator") < SMALL) if indicator.measure == "share" else known.clear()
    if small.height:
        listed = [
            f"{context.unit_names.get(u, u)} ({formats.number(d)})"
            for u, d in small.select("unit_code", "denominator").rows()
        ]
        notes.append(text("notebook.units.small", limit=SMALL, units=", ".join(listed)))
    out = rows.filter("withheld")["unit_code"].to_list()
    if out:
        names = ", ".join(context.unit_names.get(u, u) for u in out)
        notes.append(text("notebook.note.withheld_units", minimum=5, units=names))
    empty = rows.height - known.height - len(out)
    if empty:
        key = "zero" if indicator.measure == "count" else "empty"
        notes.append(text(f"notebook.units.{key}", count=empty))
    return notes


def _unit_label(context: Context, code: str) -> str:
    name = context.unit_names.get(code, code)
    return text("notebook.units.own", name=name) if code == context.unit else name


def _slug(indicator: str) -> str:
    return indicator.replace(".", "-")
