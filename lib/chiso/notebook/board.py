"""The board of plan items for the overview: each item's figure, course and report, and how each unit stands on it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from chiso.messages import text
from chiso.notebook import figures
from chiso.notebook.answers import report_link
from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.reporting import formats
from chiso.reporting.filter_board import FilterBoard, UnitFigure
from chiso.reporting.report import Column
from chiso.reporting.tables import board_table


def items(context: Context, ledger: Ledger) -> FilterBoard:
    """Return the board; the report of a unit has no other units to choose."""
    table = board_table(context.indicators, context.catalogue, context.timeframe.as_of, context.unit)
    own = table.frame
    ledger.take(own, "value", "status", unit_code=context.unit)
    past = [
        [context.figure(i, p, context.unit) | {"period": str(p)} for p in figures.earlier(context)]
        for i in own["indicator"]
    ]
    for rows in past:
        ledger.take(rows, "value")
    own = own.with_columns(past=pl.Series([[r["value"] for r in rows] for rows in past], dtype=pl.List(pl.Float64)))
    names = {c.id: c.name for c in context.catalogue.components}
    sections = []
    for component in own["component"].unique(maintain_order=True):
        title = f"{component}. {names[component]}"
        head = pl.DataFrame({"item": [title], "component": [component], "row_kind": ["section"]})
        sections += [head, own.filter(pl.col("component") == component).with_columns(row_kind=pl.lit(""))]
    columns = (*table.columns, Column("past", text("notebook.column.past"), "sparkline"))
    frame = pl.concat(sections, how="diagonal")
    shown = replace(table, columns=columns, frame=frame, row_kind="row_kind").without("days_left", "met", "targeted")
    links = {item: report_link(context, indicator) for item, indicator in own.select("item", "indicator").rows()}
    if context.unit is not None:
        return FilterBoard(shown, links)
    return FilterBoard(shown, links, *_by_unit(context, ledger))


def _by_unit(context: Context, ledger: Ledger) -> tuple[tuple[tuple[str, str], ...], dict[str, dict[str, UnitFigure]]]:
    """Return the units that have a figure of their own, by name, and those figures by item and unit."""
    found: dict[str, dict[str, UnitFigure]] = {}
    units = []
    for code, name in sorted(context.unit_names.items(), key=lambda pair: (pair[1], pair[0])):
        rows = board_table(context.indicators, context.catalogue, context.timeframe.as_of, code).frame
        rows = rows.filter(pl.col("value").is_not_null())
        ledger.take(rows, "value", "status", unit_code=code)
        for row in rows.iter_rows(named=True):
            found.setdefault(row["item"], {})[code] = UnitFigure(
                row["indicator"],
                formats.show(row["value"], row["value_format"]),
                formats.show(row["target"], row["target_format"]),
                row["status"],
            )
        if rows.height:
            units.append((code, name))
    return tuple(units), found
