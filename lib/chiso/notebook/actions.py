"""Who must do what by when: targets missed or still open with their gap, deliverables overdue or due soon."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import polars as pl

from chiso.catalogue import Indicator
from chiso.messages import text
from chiso.notebook.context import Context
from chiso.notebook.key_results import SHOWN, respondents
from chiso.notebook.ledger import Ledger
from chiso.notebook.lists.listing import missing
from chiso.notebook.lists.register import register
from chiso.notebook.provenance import ANCHOR
from chiso.reporting import formats
from chiso.reporting.asks import asked, gaps_of
from chiso.reporting.html import Block
from chiso.reporting.report import Column, Note, Table
from chiso.worktime import Period, PeriodError, Timeframe

Row = dict[str, Any]
#: Deliverables that fall due within so many days are told.
SOON = 60
_OPEN = ("not_met", "at_risk", "pending")
_SCHEMA = {"code": pl.String, "what": pl.String, "who": pl.String, "by": pl.Date, "left": pl.Int64,
           "state": pl.String}  # fmt: skip


def actions_of(context: Context, ledger: Ledger, component: str) -> Block:
    """Return what is to be done in a component, by whom, by when: for its targets, and for its deliverables."""
    return Block((targets_table(context, ledger, component), deliverables_table(context, component)))


def targets_table(context: Context, ledger: Ledger, component: str) -> Table:
    """Return the targets missed, at risk or still open with what each lacks; the earliest deadline first."""
    own, told = context.catalogue.of_component(component), []
    gaps = gaps_of(context.rows([i.id for i in own]), context.catalogue, context.unit)
    for indicator in own:
        row = context.figure(indicator.id, unit=context.unit)
        if row["status"] not in _OPEN or row["value"] is None:
            continue
        ledger.take([row], *SHOWN)
        order = (row["deadline"] or date.max, _OPEN.index(row["status"]), row["attainment"], indicator.id)
        told.append((order, _indicator(context, indicator, row, gaps.get(indicator.id))))
    rows = [row for _, row in sorted(told, key=lambda one: one[0])]
    frame = pl.DataFrame(rows, schema=_SCHEMA)
    columns = (Column("code", text("notebook.column.indicator"), width=11, anchor=ANCHOR), *_columns("status"))
    following = _next_period(context.timeframe)
    notes: tuple[Note, ...] = ()
    if following is not None and any(order[0] == date.max for order, _ in told):
        notes = (Note(text("actions.next_period", period=following.label)),)
    title = text("actions.targets", count=formats.number(len(rows))) if rows else text("actions.no_targets")
    return Table("actions", title, columns, frame, notes, row_header="what", empty=text("actions.no_targets"))


def deliverables_table(context: Context, component: str) -> Table:
    """Return the deliverables that are overdue, lack evidence or fall due soon; the earliest due date first."""
    items = [i.id for i in context.catalogue.items if i.component == component]
    frame, none = register(context, *items, any_year=True), text("actions.no_deliverables", days=SOON)
    if frame is None:
        return missing("actions-due", text("actions.deliverables_missing"), "deliverables")
    day = context.timeframe.as_of
    left = (pl.col("due") - day).dt.total_days()
    soon = (pl.col("state") == "open") & (left <= SOON)
    rows = frame.filter(pl.col("state").is_in(["overdue", "no_evidence"]) | soon)
    words = [
        {
            "code": row["plan_item"],
            "what": text(f"actions.{'evidence' if row['state'] == 'no_evidence' else 'finish'}", title=row["title"]),
            "who": context.unit_names.get(row["unit_code"], row["unit_code"]),
            "by": row["due"],
            "left": row["left"],
            "state": text(f"tables.register.{row['state']}"),
        }
        for row in rows.with_columns(left=left).sort("due", "deliverable_id", nulls_last=True).iter_rows(named=True)
    ]
    columns = (Column("code", text("notebook.column.item"), width=11), *_columns("text"))
    late = any(row["left"] is not None and row["left"] < 0 for row in words)
    notes = (Note(text("actions.negative")),) if late else ()
    count = formats.number(len(words))
    title = text("actions.deliverables", count=count, days=SOON) if words else none
    shown = pl.DataFrame(words, schema=_SCHEMA)
    return Table("actions-due", title, columns, shown, notes, row_header="what", empty=none)


def _columns(state: Literal["status", "text"]) -> tuple[Column, ...]:
    return (
        Column("what", text("actions.what"), width=58),
        Column("who", text("actions.who"), width=26),
        Column("by", text("actions.by"), "date", width=13),
        Column("left", text("actions.left"), "integer", width=9),
        Column("state", text("actions.state"), state, width=17),
    )


def _indicator(context: Context, indicator: Indicator, row: Row, gap: Mapping[str, Any] | None) -> Row:
    by = row["deadline"] or _next_end(context.timeframe)
    item = context.catalogue.item(indicator.plan_item) if indicator.plan_item else None
    return {
        "code": indicator.id,
        "what": asked(indicator, row, gap, respondents(context, indicator.id, context.unit)),
        "who": item.owner if item else None,
        "by": by,
        "left": None if by is None else (by - context.timeframe.as_of).days,
        "state": row["status"],
    }


def _next_period(t: Timeframe) -> Period | None:
    try:
        return t.period.previous(-1)
    except PeriodError:  # after the last year there is
        return None


def _next_end(t: Timeframe) -> date | None:
    following = _next_period(t)
    return None if following is None else Timeframe(following, t.rule).end
