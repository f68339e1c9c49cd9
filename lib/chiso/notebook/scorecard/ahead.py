"""What will miss its target: forecasts with intervals, how right they were, what falls due."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import polars as pl

from chiso.messages import text
from chiso.notebook.context import Context
from chiso.notebook.ledger import Fresh, Ledger
from chiso.notebook.lists import register
from chiso.reporting import formats
from chiso.reporting.charts import Chart
from chiso.reporting.charts.ahead import forecasts as forecast_chart
from chiso.reporting.html import Block, Prose
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables.scores import forecast_table, sized
from chiso.runs.outlook import tested as back_test
from chiso.runs.reads import RESULT
from chiso.runs.results import BACKTEST, read_backtest
from chiso.scoring.forecast import AT_RISK_BELOW, LEVEL, TESTED, due_list, sentence, summary
from chiso.scoring.forecast.due import NEXT
from chiso.worktime import Period, Timeframe

#: Rows of the chart, and the probability from which a target needs no picture.
DRAWN, LIKELY = 10, 0.9
SHOWN = ("value_now", "forecast", "low", "high", "probability")
_GROUPS = ("overdue", "no_evidence", "due_soon", "due_next")


def _expect(context: Context, ledger: Ledger, rows: pl.DataFrame) -> None:
    """Enter forecasts; they must come out of the history read or computed anew."""
    for row in rows.iter_rows(named=True):
        for column in SHOWN:
            ledger.expect(f"{row['indicator']}, {column}", row[column], _again(row, column))


def _again(row: dict[str, Any], column: str) -> Any:
    def find(fresh: Fresh) -> float | None:
        found = fresh.forecasts.filter(
            pl.col("indicator") == row["indicator"], pl.col("unit_code").eq_missing(pl.lit(row["unit_code"], pl.String))
        )
        return found[column][0] if found.height == 1 else None

    return find


def _open(context: Context) -> pl.DataFrame:
    """Forecasts of the report's unit with a target and a deadline still to come, the least likely first."""
    day = context.timeframe.as_of
    rows = context.forecasts.filter(
        context.own, pl.col("target").is_not_null(), pl.col("deadline") > day, pl.col("status") != "no_data"
    )
    judged = [i.id for i in context.catalogue.indicators if i.judged]
    return rows.filter(pl.col("indicator").is_in(judged)).sort(
        pl.col("status") != "pending", pl.col("status") == "met", "probability", "indicator", nulls_last=True
    )


def _risky(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("at_risk").fill_null(False))


def told(context: Context, ledger: Ledger) -> list[str]:
    """Return in words which pending targets are at risk, each with its forecast."""
    rows = _open(context)
    risky = _risky(rows)
    _expect(context, ledger, risky)
    if risky.is_empty():
        return [text("scores.told_no_risk")]
    names = "; ".join(f"{context.indicator(i).name} ({i})" for i in risky["indicator"])
    found = [text("scores.told_risk", count=risky.height, names=names)]
    return found + [
        text("scores.ahead.beside_one", id=r["indicator"], said=sentence(r, formats))
        for r in risky.iter_rows(named=True)
    ]


def beside(context: Context, ledger: Ledger, indicators: list[str]) -> list[str]:
    """Return the sentences that stand beside pending figures of some indicators: forecast and interval, or why none."""
    rows = context.forecasts_of(indicators).filter(context.own, pl.col("status") == "pending")
    _expect(context, ledger, rows)
    found = {r["indicator"]: r for r in rows.iter_rows(named=True)}
    return [text("scores.ahead.beside_one", id=i, said=sentence(found[i], formats)) for i in indicators if i in found]


def table(context: Context, ledger: Ledger) -> Table:
    """Return the forecasts of every target still open, the least likely first, and which have none and why."""
    rows = _open(context)
    known = rows.filter(pl.col("method").is_not_null())
    _expect(context, ledger, known)
    limits = {"level": formats.percent(LEVEL, trim=True), "limit": formats.percent(AT_RISK_BELOW, trim=True)}
    notes = [Note(text("scores.ahead.note", **limits))]
    silent = rows.filter(pl.col("method").is_null())
    if silent.height:
        reasons = []
        for (reason,), group in silent.group_by("reason", maintain_order=True):
            values = {"reason": text(f"forecast.reason.{reason}"), "ids": ", ".join(group["indicator"])}
            reasons.append(text("scores.ahead.unforecast_one", **values))
        notes.append(Note(text("scores.ahead.unforecast", reasons="; ".join(reasons)), "caveat"))
    title = text("scores.ahead.title", count=rows.height) if rows.height else text("scores.ahead.title_none")
    return forecast_table(known, context.catalogue, title, tuple(notes))


def chart(context: Context, ledger: Ledger) -> Chart:
    """Draw the shares that will hardly reach their targets."""
    rows = _open(context).filter(pl.col("method").is_not_null(), pl.col("status") != "met")
    shares = [i.id for i in context.catalogue.indicators if i.as_percent]
    hard = pl.col("probability") < LIKELY
    rows = rows.filter(hard, pl.col("indicator").is_in(shares)).head(DRAWN)
    _expect(context, ledger, rows)
    frame = rows.select(
        name=pl.Series([f"{i} {context.indicator(i).name}" for i in rows["indicator"]], dtype=pl.String),
        now="value_now",
        value="forecast",
        low="low",
        high="high",
        target="target",
        risk=pl.col("at_risk").fill_null(False),
    )
    title = text("scores.ahead.chart", count=rows.height) if rows.height else text("scores.ahead.chart_none")
    return forecast_chart(frame, title=title, notes=(text("scores.ahead.chart_note"),) if rows.height else ())


# -- how right forecasts were


def tested(context: Context) -> pl.DataFrame:
    """Return the back-test of the plan years in the history whose last window is over; no row where there is none."""
    if context.folder is not None and (context.folder / f"{BACKTEST}.parquet").is_file():
        context.reads.add(f"{RESULT}{BACKTEST}")
        return read_backtest(context.folder)
    return back_test(context.dataset, context.catalogue, context.timeframe, context.history.drop("withheld"))


def _summed(found: pl.DataFrame) -> pl.DataFrame:
    rows = found.filter(pl.col("indicator") != "B.III.9")
    return summary(rows, ["family", "measure"]).filter(pl.col("forecasts") > 0)


def _expect_errors(context: Context, ledger: Ledger, summed: pl.DataFrame) -> None:
    """Enter the errors; they must come out of the back-test read anew."""
    again = cache(lambda: _summed(tested(context)))

    def find(family: str, measure: str, column: str, _: Fresh) -> float | None:
        found = again().filter(pl.col("family") == family, pl.col("measure") == measure)
        return found[column][0] if found.height == 1 else None

    for row in summed.iter_rows(named=True):
        kind = row["family"], row["measure"]
        for column in ("forecasts", "mae", "naive_mae", "coverage"):
            ledger.expect(f"{BACKTEST}, {kind[0]}, {column}", row[column], partial(find, *kind, column))


def tried(context: Context, ledger: Ledger) -> Block | Prose:
    """Return the back-test as a table beside the naive forecast, and how often calls of "at risk" were right."""
    found = tested(context) if context.unit is None else pl.DataFrame(schema=TESTED)
    rows = found.filter(pl.col("indicator") != "B.III.9")
    if rows.is_empty():
        return Prose((text("scores.ahead.backtest_none"),), "note")
    summed = _summed(found)
    if context.folder is not None:
        _expect_errors(context, ledger, summed)
    words = [text(f"scores.ahead.family_{f}_{m}") for f, m in summed.select("family", "measure").rows()]
    share = pl.col("measure") != "count"
    frame = summed.with_columns(
        name=pl.Series(words, dtype=pl.String),
        error_format=pl.when(share).then(pl.lit("percent")).otherwise(pl.lit("number")),
    )
    columns = sized(
        Column("name", text("scores.ahead.family"), width=34),
        Column("forecasts", text("scores.ahead.forecasts"), "integer"),
        Column("mae", text("scores.ahead.mae"), "number", "error_format"),
        Column("naive_mae", text("scores.ahead.naive_mae"), "number", "error_format"),
        Column("coverage", text("scores.ahead.inside"), "percent"),
    )
    years = ", ".join(rows["period"].str.slice(0, 4).unique().sort())
    ends = [Timeframe(Period.parse(f"{y}-Q4"), context.timeframe.rule).as_of for y in years.split(", ")]
    note = Note(text("scores.ahead.backtest_note", level=formats.percent(LEVEL, trim=True)))
    until = Note(text("scores.ahead.backtest_until", days=", ".join(formats.day(d) for d in ends)))
    title = text("scores.ahead.backtest", years=years)
    return Block((Table("backtest", title, columns, frame, (until, note)), Prose((_calls(rows),), "note")))


def _calls(rows: pl.DataFrame) -> str:
    pending = rows.filter(pl.col("status") == "pending").drop_nulls(["probability", "met"])
    called = pending.filter(pl.col("probability") < AT_RISK_BELOW)
    right = called.filter(~pl.col("met")).height
    missed = pending.filter(~pl.col("met")).height - right
    values = {"count": pending.height, "called": called.height, "right": right, "missed": missed}
    return text("scores.ahead.backtest_calls", **{k: formats.number(v) for k, v in values.items()})


# -- what falls due


def due(context: Context) -> Table | Prose:
    """Return the deliverables overdue, without evidence, due within 7 and 30 days, and whose they are."""
    rows = register.register(context, any_year=True)
    if rows is None:
        return Prose((text("scores.ahead.due_missing"),), "caveat")
    listed = due_list(rows, context.timeframe.as_of).filter(pl.col("group").is_in(_GROUPS))
    frames = []
    for group in _GROUPS:
        mine = listed.filter(group=group)
        if mine.height:
            label = text("scores.ahead.due_group", group=text(f"forecast.group.{group}"), count=mine.height)
            frames += [
                pl.DataFrame({"title": [label], "row_kind": ["section"]}),
                mine.with_columns(row_kind=pl.lit("")),
            ]
    empty = listed.with_columns(row_kind=pl.lit(""))
    frame = pl.concat(frames, how="diagonal") if frames else empty
    frame = frame.with_columns(pl.col("unit_code").replace(context.unit_names))
    columns = sized(
        Column("title", text("scores.ahead.product"), width=52),
        Column("plan_item", text("scores.code"), missing=""),
        Column("unit_code", text("scores.ahead.who"), width=30),
        Column("due", text("scores.ahead.due_on"), "date"),
        Column("days_left", text("scores.ahead.days"), "integer"),
    )
    title = text("scores.ahead.due", days=NEXT)
    return Table("due", title, columns, frame, row_kind="row_kind", empty=text("scores.ahead.due_none"))
