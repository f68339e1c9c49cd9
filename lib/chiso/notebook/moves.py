"""What moved since the period before: figures better or worse, targets newly met and newly missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from chiso.catalogue import Indicator
from chiso.messages import text
from chiso.notebook import survey
from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.reporting import formats, wording
from chiso.reporting.report import Column, Table

Direction = Literal["better", "worse", "same"]
#: Statuses from which a target is newly met, and newly missed.
_UNMET, _UNMISSED = ("not_met", "pending", "at_risk"), ("met", "pending", "at_risk")
#: What the verdict on a change of the questionnaire's figures means; where it cannot be compared, nothing.
_SURVEY: dict[str | None, Direction] = {"higher": "better", "lower": "worse", "no_clear_difference": "same"}


@dataclass(frozen=True)
class Move:
    """An indicator now and in the period before; ``turned`` is its new status where that status is new."""

    indicator: Indicator
    now: Mapping[str, Any]
    before: Mapping[str, Any]
    direction: Direction | None
    turned: Literal["met", "not_met"] | None


def moves(context: Context, ledger: Ledger) -> list[Move]:
    """Return the indicators that can be compared with the period before, in the plan's order.

    Figures that accumulate over the year are not better or worse for time having passed: of them only statuses are
    compared, and only within a plan year. A figure of the questionnaire moved only where its change is clear.
    """
    previous = context.period.previous()
    found = []
    for indicator in context.catalogue.indicators:
        now = context.figure(indicator.id, unit=context.unit)
        before = context.figure(indicator.id, previous, context.unit)
        comparable = indicator.window in wording.COMPARABLE
        direction = _direction(context, indicator, now, before) if comparable else None
        turned = _turned(indicator, now, before) if comparable or previous.year == context.period.year else None
        if direction is None and turned is None:
            continue
        ledger.take([{**before, "period": str(previous)}, now], "value", "status")
        found.append(Move(indicator, now, before, direction, turned))
    return found


def _direction(
    context: Context, indicator: Indicator, now: Mapping[str, Any], before: Mapping[str, Any]
) -> Direction | None:
    if now["value"] is None or before["value"] is None:
        return None
    if indicator.id in context.survey_codes:
        return _SURVEY.get(_verdict(context, indicator.id))
    if wording.value(indicator, now["value"]) == wording.value(indicator, before["value"]):
        return "same"
    return "better" if (now["value"] > before["value"]) == (indicator.better == "higher") else "worse"


def _verdict(context: Context, indicator: str) -> str | None:
    rows = survey.table(context, "changes").filter(
        context.own
        & (pl.col("code") == context.survey_codes[indicator])
        & (pl.col("before") == str(context.period.previous()))
    )
    return rows["verdict"][0] if rows.height else None


def _turned(
    indicator: Indicator, now: Mapping[str, Any], before: Mapping[str, Any]
) -> Literal["met", "not_met"] | None:
    if indicator.target is None or not indicator.judged:
        return None
    if now["status"] == "met" and before["status"] in _UNMET:
        return "met"
    return "not_met" if now["status"] == "not_met" and before["status"] in _UNMISSED else None


def moves_table(context: Context, found: list[Move]) -> Table:
    """Return what moved: newly missed, newly met, worse, better; the same is only counted in the title."""
    previous = context.period.previous()
    order = {"not_met": 0, "met": 1, "worse": 2, "better": 3}
    shown = sorted(
        (m for m in found if m.turned or m.direction in ("better", "worse")),
        key=lambda m: order[m.turned or str(m.direction)],
    )
    rows = [
        {
            "indicator": m.indicator.id,
            "name": m.indicator.name,
            "before": m.before["value"],
            "value": m.now["value"],
            "value_format": "percent" if m.indicator.as_percent else "number",
            "change": _difference(m),
            "status_before": m.before["status"],
            "status": m.now["status"],
            "owner": context.catalogue.item(m.indicator.plan_item).owner if m.indicator.plan_item else None,
        }
        for m in shown
    ]
    floats = dict.fromkeys(("before", "value"), pl.Float64)
    names = ("indicator", "name", "value_format", "change", "status_before", "status", "owner")
    frame = pl.DataFrame(rows, schema={**dict.fromkeys(names, pl.String), **floats})
    columns = (
        Column("indicator", text("notebook.column.indicator"), width=11),
        Column("name", text("notebook.column.name"), width=42),
        Column("before", wording.capital(previous.label), "number", "value_format", width=11),
        Column("value", wording.capital(context.period.label), "number", "value_format", width=11),
        Column("change", text("overview.moves.change"), align="right", width=13),
        Column("status_before", text("overview.moves.status_before"), "status", width=17),
        Column("status", text("overview.moves.status"), "status", width=17),
        Column("owner", text("tables.column.owner"), width=28),
    )
    counted = {d: sum(m.direction == d for m in found) for d in ("better", "worse", "same")}
    title = text("overview.moves.title", period=previous.label, **counted)
    empty = text("overview.moves.none" if found else "overview.moves.no_predecessor", period=previous.label)
    table = Table("moves", title if found else empty, columns, frame, row_header="name", empty=empty)
    return table.with_notes(text("overview.moves.note"), text("changes.unrounded"))


def _difference(move: Move) -> str | None:
    if move.direction is None or move.now["value"] is None or move.before["value"] is None:
        return None
    difference = move.now["value"] - move.before["value"]
    if move.indicator.as_percent:
        return formats.points(difference)
    sign = "+" if difference > 0 else "−" if difference < 0 else ""
    return sign + formats.number(abs(difference))
