"""Scores as tables: attainment, movement, forecasts, what to do first, units ranked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from chiso.catalogue import Catalogue, Indicator
from chiso.indicators.results import of_unit
from chiso.messages import text
from chiso.reporting import formats, sentences
from chiso.reporting.report import Column, Note, Table
from chiso.scoring.priorities import effective_weights

MILLION = 1e6


def index_name(index: str) -> str:
    """Return how the reports name the attainment of an index: of the actions for satisfaction (A), of PAR-INDEX (B)."""
    return text(f"scores.index_{index}")


_WIDTHS = {"integer": 9.0, **dict.fromkeys(("number", "decimal", "percent"), 11.0), "points": 14.0, "date": 12.0}


def sized(*columns: Column) -> tuple[Column, ...]:
    """Return columns that all have a width: where only some have, the others would take an average one."""
    return tuple(c if c.width else replace(c, width=_WIDTHS.get(c.format, 16.0)) for c in columns)


def attainment_table(
    indicators: pl.DataFrame,
    scores: pl.DataFrame,
    catalogue: Catalogue,
    index: str,
    unit: str | None = None,
    before: pl.DataFrame | None = None,
    label: str = "",
) -> Table:
    """Return the attainment of an index, its components and items, what each weighs and what is missing.

    Args:
        indicators: result table of the period.
        scores: of :func:`chiso.scoring.scores`.
        catalogue: names and order.
        index: ``A`` or ``B``.
        unit: code; None for the whole department.
        before: scores of an earlier period, with which to compare; ``label`` is its name.
    """
    own = of_unit(unit)
    weights = effective_weights(indicators, catalogue).filter(own, index=index)
    by_item = dict(weights.group_by("plan_item").agg(pl.col("weight").sum()).rows())
    by_area = dict(weights.group_by("component").agg(pl.col("weight").sum()).rows())
    now, then = ({(r["level"], r["code"]): r for r in f.filter(own).iter_rows(named=True)} if f is not None else {}
                 for f in (scores, before))  # fmt: skip
    rows = [_scored("total", index, index_name(index), 1.0, "total", now, then)]
    for area in (c for c in catalogue.components if c.index == index and ("area", c.id) in now):
        rows.append(_scored("area", area.id, area.name, by_area.get(area.id), "subtotal", now, then))
        for item in (i for i in catalogue.items if i.component == area.id and ("criterion", i.id) in now):
            rows.append(_scored("criterion", item.id, item.name, by_item.get(item.id), "", now, then))
    columns = [
        Column("code", text("scores.code"), width=10),
        Column("name", text("scores.name"), width=52),
        Column("attainment", text("scores.attainment"), "percent", width=12),
        Column("coverage", text("scores.coverage"), "percent", width=14),
        Column("weight", text("scores.weight"), "percent", width=12),
        Column("missing", text("scores.missing"), "decimal", width=12),
    ]
    if before is not None:
        columns.append(Column("change", text("scores.change", period=label), "points", width=15))
    schema = dict.fromkeys(("code", "name", "row_kind"), pl.String)
    schema |= dict.fromkeys(("attainment", "coverage", "weight", "missing", "change"), pl.Float64)  # type: ignore[arg-type]
    title = text("scores.standing_title", index=index_name(index))
    frame = pl.DataFrame(rows, schema=schema)
    note = Note(text("scores.standing_note"))
    return Table(f"attainment-{index}", title, sized(*columns), frame, (note,), row_kind="row_kind", row_header="name")


def _scored(
    level: str, code: str, name: str, weight: float | None, kind: str, now: Mapping[Any, Any], then: Mapping[Any, Any]
) -> dict[str, Any]:
    row, old = now.get((level, code), {}), then.get((level, code), {})
    points, past = row.get("points"), old.get("points")
    return {
        "code": code,
        "name": name,
        "row_kind": kind,
        "attainment": points,
        "coverage": row.get("coverage"),
        "weight": weight if points is not None else None,
        "missing": 100 * weight * (1 - points) if weight is not None and points is not None else None,
        "change": points - past if points is not None and past is not None else None,
    }


def forecast_table(rows: pl.DataFrame, catalogue: Catalogue, title: str, notes: tuple[Note, ...] = ()) -> Table:
    """Return forecasts as a table, in the order of the rows.

    Args:
        rows: of :func:`chiso.scoring.forecast.forecast`, forecast ones alone.
        catalogue: names.
        title: caption.
        notes: remarks.
    """
    entries = [catalogue.indicator(i) for i in rows["indicator"]]
    frame = rows.with_columns(
        name=pl.Series([i.name for i in entries], dtype=pl.String),
        value_format=pl.Series(["percent" if i.as_percent else _count(i) for i in entries], dtype=pl.String),
        target_format=pl.Series(
            [f"{c or '=='} {'percent' if i.as_percent else 'number'}"
             for i, c in zip(entries, rows["comparator"], strict=True)], dtype=pl.String),
        method=pl.Series([text(f"scores.ahead.method_{m}") for m in rows["method"]], dtype=pl.String),
        status=pl.when(pl.col("at_risk").fill_null(False)).then(pl.lit("at_risk")).otherwise("status"),
    )  # fmt: skip
    columns = sized(
        Column("indicator", text("scores.indicator_code"), width=10),
        Column("name", text("scores.indicator"), width=40),
        Column("value_now", text("scores.ahead.now"), "number", "value_format", width=10),
        Column("forecast", text("scores.ahead.forecast"), "number", "value_format", width=10),
        Column("low", text("scores.ahead.low"), "number", "value_format", width=10),
        Column("high", text("scores.ahead.high"), "number", "value_format", width=10),
        Column("target", text("scores.ahead.target"), "number", "target_format", width=10),
        Column("probability", text("scores.ahead.probability"), "percent", width=10),
        Column("status", text("scores.ahead.status"), "status", width=16),
        Column("deadline", text("scores.ahead.deadline"), "date", width=12),
        Column("method", text("scores.ahead.method"), width=18),
    )
    return Table("forecasts", title, columns, frame, notes, row_header="name", empty=text("scores.ahead.none"))


def _count(indicator: Indicator) -> str:
    return "integer" if indicator.measure == "count" else "number"


def priorities_table(rows: pl.DataFrame, catalogue: Catalogue, id: str = "priorities") -> Table:
    """Return what to do first, in the order of the rows (of :func:`chiso.scoring.priorities.priorities`)."""
    entries = [catalogue.indicator(i) for i in rows["indicator"]]
    owners = {i.id: i.owner for i in catalogue.items}
    records = list(rows.iter_rows(named=True))
    frame = rows.with_columns(
        name=pl.Series([i.name for i in entries], dtype=pl.String),
        who=pl.Series([owners.get(r["plan_item"]) for r in records], dtype=pl.String),
        gap=pl.Series([gap_text(i, r) for i, r in zip(entries, records, strict=True)], dtype=pl.String),
        growing=pl.Series([_growing(i, r) for i, r in zip(entries, records, strict=True)], dtype=pl.String),
        value_format=pl.Series(["percent" if i.as_percent else "number" for i in entries], dtype=pl.String),
        target_format=pl.Series(
            [f"{r['comparator']} {'percent' if i.as_percent else 'number'}"
             for i, r in zip(entries, records, strict=True)], dtype=pl.String),
    )  # fmt: skip
    # A column of nothing but "not enough" tells nothing: it stands only where new cases alone can do for some target.
    enough = any(_by_new(i, r) and r["cases_growing"] is not None for i, r in zip(entries, records, strict=True))
    growing = [Column("growing", text("scores.first.growing"), width=18, missing="")] if enough else []
    columns = sized(
        Column("order_by_gain", text("scores.first.order"), "integer", width=8),
        Column("indicator", text("scores.indicator_code"), width=10),
        Column("name", text("scores.indicator"), width=40),
        Column("value", text("tables.column.value"), "number", "value_format", width=10),
        Column("target", text("tables.column.target"), "number", "target_format", width=10),
        Column("status", text("tables.column.status"), "status", width=16),
        Column("gap", text("scores.first.gap"), width=18),
        *growing,
        Column("gain", text("scores.first.gain"), "decimal", width=10),
        Column("gain_per_case", text("scores.first.per_case"), "decimal", width=12),
        Column("order_by_case", text("scores.first.order_case"), "integer", width=10),
        Column("who", text("scores.first.who"), width=26),
    )
    title = text("scores.first.title", count=rows.height) if rows.height else text("scores.first.title_none")
    notes = (Note(text("scores.first.note")), Note(text("scores.first.no_units")))
    return Table(id, title, columns, frame, notes, row_header="name", empty=text("scores.first.title_none"))


def gap_text(indicator: Indicator, row: Mapping[str, Any]) -> str:
    """Return the gap in real units: "thêm 26 hồ sơ", "bớt 8 hồ sơ", "thêm 210,5 triệu đồng", "thêm 0,1 điểm %"."""
    if row["counted"] is None:
        shown = formats.points(row["gap"]) if indicator.as_percent else formats.number(row["gap"])
        return text("scores.first.points", points=shown.lstrip("+"))
    less = indicator.measure == "count" and row["gap"] < 0
    if row["counted"] == "money":
        key = "money_less" if less else "money"
        return text(f"scores.first.{key}", amount=formats.number(row["cases"] / MILLION, 1))
    noun = sentences.noun(indicator) or text("scores.first.noun")
    return text(f"scores.first.{'fewer' if less else 'more'}", count=formats.number(row["cases"]), noun=noun)


def _by_new(indicator: Indicator, row: Mapping[str, Any]) -> bool:
    """Whether new cases say more than the gap: of shares of cases, not of deliverables or money."""
    return indicator.measure == "share" and row["counted"] == "cases"


def _growing(indicator: Indicator, row: Mapping[str, Any]) -> str | None:
    """The same by new cases alone; nothing where it says no more, or for deliverables and money."""
    if not _by_new(indicator, row):
        return None
    if row["cases_growing"] is None:
        return text("scores.first.impossible")
    noun = sentences.noun(indicator) or text("scores.first.noun")
    return text("scores.first.more", count=formats.number(row["cases_growing"]), noun=noun)
