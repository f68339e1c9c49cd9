"""Everything at a glance: all plan items, the components summed up."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.results import of_unit
from chiso.messages import text
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables.scorecard import SCHEMA, entry, figures_of, label

#: Statuses of an item's indicators, worst first. One without data says nothing as long as others have some.
WORST_FIRST = ("not_met", "at_risk", "pending", "met", "no_data", "withheld", None)


def index_of(component: str) -> str:
    """Return the index whose workbook a component belongs to; running the plan (P) goes with PAR-INDEX."""
    return "A" if component.startswith("A") else "B"


def board_table(
    indicators: pl.DataFrame,
    catalogue: Catalogue,
    as_of: date | None = None,
    unit: str | None = None,
    *,
    index: str | None = None,
) -> Table:
    """Return every plan item at a glance: status, value against target, days left, who is responsible.

    An item's status is the worst of its indicators that have a target and data; among equals the one farthest from
    its target speaks; value, target and deadline are that
    indicator's, days left are told until it is met. The frame also has ``component`` and, of all of an item's
    indicators that are not met, the nearest deadline with its indicator and days (``next_…``).

    Args:
        indicators: result table of one timeframe, withheld figures blanked.
        catalogue: items in the plan's order.
        as_of: the as-of day; by default that of the rows.
        unit: code; None for the whole department.
        index: ``A`` or ``B`` (with the items on running the plan) for the items of one index; None: all.
    """
    rows = figures_of(indicators, unit)
    day = as_of or next((row["as_of"] for row in rows.values()), None)
    items = [i for i in catalogue.items if index is None or index_of(i.component) == index]
    entries = []
    for item in items:
        found = [entry(i, rows.get(i.id, {}), catalogue) for i in catalogue.of_item(item.id)]
        # Without any target (all only watched, or a unit whose targets hold for the department) the first one speaks.
        targeted = [e for e in found if e["target"] is not None]
        worst = min(targeted or found, key=lambda e: _badness(e["status"], rows.get(e["indicator"], {})))
        open_ones = [e for e in targeted if e["deadline"] and e["status"] not in ("met", "withheld")]
        nearest = min(open_ones, key=lambda e: (e["deadline"], e is not worst), default=None)
        more = {
            "item": item.id,
            "component": item.component,
            "task": item.name,
            "owner": item.owner,
            "days_left": (worst["deadline"] - day).days
            if day and worst["deadline"] and worst["status"] != "met"
            else None,
            "met": sum(e["status"] == "met" for e in targeted),
            "targeted": len(targeted),
            "next_indicator": nearest["indicator"] if nearest else None,
            "next_deadline": nearest["deadline"] if nearest else None,
            "next_days": (nearest["deadline"] - day).days if nearest and day else None,
        }
        entries.append(worst | more)
    counts = dict.fromkeys(("days_left", "met", "targeted", "next_days"), pl.Int64)
    words = dict.fromkeys(("component", "task", "next_indicator"), pl.String)
    schema: dict[str, Any] = {**SCHEMA, **words, **counts, "next_deadline": pl.Date}
    columns = (
        Column("item", label("item"), width=10.5),
        Column("task", label("task"), width=44),
        Column("status", label("status"), "status", width=18),
        Column("indicator", label("indicator"), width=11),
        Column("value", label("value"), "number", "value_format", width=10),
        Column("target", label("target"), "number", "target_format", width=10),
        Column("met", label("met"), "integer", align="center", width=8),
        Column("targeted", label("targeted"), "integer", align="center", width=10),
        Column("deadline", label("deadline"), "date", width=12),
        Column("days_left", label("days_left"), "integer", align="center", width=9),
        Column("owner", label("owner"), width=28),
    )
    title = text("tables.board.title", count=len(items))
    if index is not None:
        short = next(i.short for i in catalogue.indices if i.id == index)
        title = text("tables.board.title_index", count=len(items), index=short)
    frame = pl.DataFrame(entries, schema=schema)
    return Table("board", title, columns, frame, (Note(text("tables.board.note")),), row_header="task")


def _badness(status: str | None, row: dict[str, Any]) -> tuple[int, float]:
    """Order of an item's indicators: the worst status first, among equals the one farthest from its target."""
    attained = row.get("attainment")
    return WORST_FIRST.index(status), 1.0 if attained is None else attained


def summary_table(
    indicators: pl.DataFrame, scores: pl.DataFrame, catalogue: Catalogue, index: str, unit: str | None = None
) -> Table:
    """Return the components of an index: attainment, coverage, statuses counted and, for SIPAS, their index.

    Args:
        indicators: result table, withheld figures blanked.
        scores: see :func:`chiso.scoring.scores`.
        catalogue: names and order.
        index: ``A`` or ``B``.
        unit: code; None for the whole department.
    """
    rows = figures_of(indicators, unit)
    scored = {row["code"]: row for row in scores.filter(of_unit(unit)).iter_rows(named=True)}
    levels = [(c.id, f"{c.id}. {c.name}", "") for c in catalogue.components if c.index == index]
    levels.append((index, text("tables.summary.whole"), "total"))
    survey = {i.component: i.id for i in catalogue.indicators if i.function.startswith("satisfaction.")}
    statuses = ("met", "not_met", "at_risk", "pending", "no_data")
    judged = [i for i in catalogue.indicators if i.judged]
    entries = []
    for code, name, kind in levels:
        own = [i for i in judged if i.component == code or kind and i.component.split(".")[0] == index]
        found = [row["status"] for row in (rows[i.id] for i in own if i.id in rows) if row["target"] is not None]
        entries.append(
            {
                "component": name,
                "row_kind": kind,
                "index": rows.get(survey.get(code, ""), {}).get("value"),
                "attainment": scored.get(code, {}).get("points"),
                "coverage": scored.get(code, {}).get("coverage"),
                "targeted": len(found),
                **{status: found.count(status) for status in statuses},
            }
        )
    shown = [s for s in statuses if s != "at_risk" or any(e["at_risk"] for e in entries)]
    schema: dict[str, Any] = {"component": pl.String, "row_kind": pl.String}
    schema |= dict.fromkeys(("index", "attainment", "coverage"), pl.Float64)
    schema |= dict.fromkeys(("targeted", *statuses), pl.Int64)
    columns = [
        Column("component", label("component"), width=50),
        Column("index", text("tables.summary.index_value"), "percent", width=12),
        Column("attainment", text("tables.summary.attainment"), "percent", width=13),
        Column("coverage", text("tables.summary.coverage"), "percent", width=14),
        Column("targeted", label("targeted"), "integer", align="center", width=12),
        *[Column(s, text(f"reporting.status.{s}.word"), "integer", width=11) for s in shown],
    ]
    title = text("tables.summary.title", index=next(i.short for i in catalogue.indices if i.id == index))
    frame, note = pl.DataFrame(entries, schema=schema), Note(text("tables.summary.note"))
    table = Table(f"summary-{index}", title, tuple(columns), frame, (note,), row_kind="row_kind")
    return table if index == "A" else table.without("index")
