"""Tasks of the plan and of the province: what is overdue, what falls due next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from chiso.indicators.deliverables import state
from chiso.indicators.views import VIEWS, MissingTable, Sources
from chiso.messages import text
from chiso.reporting.report import Column, Table
from chiso.reporting.workbook import Material
from chiso.worktime import PeriodError

#: Rows of a table in the draft; the appendices have them all.
MOST = 30
_SCHEMA = {"item": pl.String, "task": pl.String, "unit": pl.String, "due": pl.Date, "state": pl.String, "id": pl.String}


@dataclass(frozen=True)
class Work:
    """Open tasks of the subject, most pressing first; None where neither list of tasks is there.

    ``state``: ``overdue``, ``no_evidence`` or ``open``; ``last`` is the last day looked ahead to.
    """

    tasks: pl.DataFrame | None
    as_of: date
    last: date

    @property
    def overdue(self) -> pl.DataFrame | None:
        """Tasks overdue, or done without evidence."""
        return None if self.tasks is None else self.tasks.filter(pl.col("state") != "open")

    @property
    def due(self) -> pl.DataFrame | None:
        """Open tasks that fall due until the last day."""
        if self.tasks is None:
            return None
        return self.tasks.filter((pl.col("state") == "open") & (pl.col("due") <= self.last))


def work_of(material: Material) -> Work:
    """Return the open tasks of a material's subject; looks ahead to the end of the next period of the same length."""
    t = material.timeframe
    try:
        last = t.previous(-1).end
    except PeriodError:  # after the last year there is
        last = t.end
    sources = Sources(material.dataset, material.catalogue, t)
    found = [frame for frame in (_deliverables(sources), _assigned(sources)) if frame is not None]
    if not found:
        return Work(None, t.as_of, last)
    names = pl.col("unit").replace(material.units)
    tasks = pl.concat(found)
    if material.unit is not None:
        tasks = tasks.filter(pl.col("unit") == material.unit)
    return Work(tasks.with_columns(names).sort("due", "item", "id", nulls_last=True), t.as_of, last)


def _deliverables(sources: Sources) -> pl.DataFrame | None:
    if not {"done_on", "evidence", "unit_code"} <= sources.dataset.columns("deliverables"):
        return None
    try:
        frame = VIEWS["deliverables"].build(sources)
    except MissingTable:
        return None
    return (
        frame.with_columns(state=state(sources.timeframe))
        .filter(pl.col("state").is_in(["overdue", "no_evidence", "open"]))
        .select(item="plan_item", task="title", unit="unit_code", due="due", state="state", id="deliverable_id")
        .collect()
        .cast(_SCHEMA)  # type: ignore[arg-type]
    )


def _assigned(sources: Sources) -> pl.DataFrame | None:
    if not {"completed_on", "assigned_by", "unit_code"} <= sources.dataset.columns("assigned_tasks"):
        return None
    try:
        frame = VIEWS["tasks"].build(sources)
    except MissingTable:
        return None
    open_ = (pl.col("assigned_by") == "province") & pl.col("completed_on").is_null() & pl.col("due_on").is_not_null()
    late = pl.col("due_on") < sources.timeframe.as_of
    return (
        frame.filter(open_)
        .select(
            item=pl.lit(text("word.column.province")),
            task="title",
            unit="unit_code",
            due="due_on",
            state=pl.when(late).then(pl.lit("overdue")).otherwise(pl.lit("open")),
            id="task_id",
        )
        .collect()
        .cast(_SCHEMA)  # type: ignore[arg-type]
    )


def overdue_table(work: Work, rows: pl.DataFrame) -> Table:
    """Return the tasks that are overdue or lack evidence."""
    words = [
        text("word.column.overdue", days=(work.as_of - due).days)
        if found == "overdue"
        else text("tables.register.no_evidence")
        for due, found in rows.select("due", "state").rows()
    ]
    shown = rows.with_columns(state=pl.Series(words, dtype=pl.String))
    columns = (*_columns(), Column("state", text("word.column.state"), width=17))
    return _table("word-overdue", text("word.shortcomings.tasks_title"), columns, shown)


def due_table(rows: pl.DataFrame, title: str) -> Table:
    """Return the tasks that fall due."""
    return _table("word-due", title, _columns(), rows)


def _columns() -> tuple[Column, ...]:
    return (
        Column("no", text("word.column.no"), "integer", align="center", width=6),
        Column("task", text("word.column.task"), width=46),
        Column("item", text("word.column.item"), width=13),
        Column("unit", text("word.column.unit"), width=24),
        Column("due", text("word.column.due"), "date", width=13),
    )


def _table(id: str, title: str, columns: tuple[Column, ...], rows: pl.DataFrame) -> Table:
    frame = rows.with_row_index("no", 1).with_columns(pl.col("no").cast(pl.Int64))
    return Table(id, title, columns, frame, row_header="task").head(MOST)
