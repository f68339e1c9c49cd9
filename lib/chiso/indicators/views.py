"""The prepared frames: accepted tables as they stood on the as-of day.

Nothing that happened after the as-of day may change a figure. So each table is cut first: rows whose own date is
later are not there, later event dates read as blank; due dates, plan dates and units' validity are read as written.
Timestamps become calendar dates of the body's time zone. Then each view adds the columns its indicators share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from chiso.catalogue import Catalogue
from chiso.sources import Dataset, load_contract
from chiso.worktime import Period, PeriodError, Timeframe, WorkCalendar

#: Working-day deadlines are counted for events not older than this before the period: no holiday is that long.
LOOK_BACK = timedelta(days=31)
PORTAL_WORKING_DAYS = 3
PUBLISH_WORKING_DAYS = 2


@dataclass(frozen=True)
class Sources:
    """What the views are made from.

    ``within``: columns of all tables within which keys are unique, where several bodies' tables lie in one.
    """

    dataset: Dataset
    catalogue: Catalogue
    timeframe: Timeframe
    within: tuple[str, ...] = ()

    def as_of(self, table: str) -> pl.LazyFrame:
        """The table as it stood on the as-of day, timestamps as dates under the same name.

        Raises:
            MissingTable: the table has no accepted row.
        """
        frame = self.dataset.scan(table)
        if frame is None:
            raise MissingTable(table)
        day = pl.lit(self.timeframe.as_of)
        for column in load_contract()[table].columns:
            if column.type not in ("date", "datetime"):
                continue
            value = pl.col(column.name)
            if column.type == "datetime":
                frame = frame.with_columns(value.dt.date())
            if column.own_date:
                frame = frame.filter(value <= day)
            elif not column.as_written:
                frame = frame.with_columns(pl.when(value <= day).then(value).alias(column.name))
        return frame


class MissingTable(LookupError):
    """A table that a view needs has no accepted row."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


@dataclass(frozen=True)
class View:
    """A prepared frame.

    Attributes:
        table: the table whose rows it has.
        others: further tables it needs.
        keys: columns without which it cannot be made, as ``(table, column)`` pairs.
        build: makes the frame; every view has the column ``unit_code``.
        derived: columns it adds, and the ``(table, column)`` pairs that each rests on.
    """

    table: str
    others: tuple[str, ...]
    build: Callable[[Sources], pl.LazyFrame]
    derived: dict[str, tuple[tuple[str, str], ...]]
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table it reads."""
        return (self.table, *self.others)

    def origins(self, column: str) -> tuple[tuple[str, str], ...]:
        """Source columns behind a column of the view."""
        return self.derived.get(column, ((self.table, column),))


def _plain(table: str) -> View:
    return View(table, (), lambda s: s.as_of(table), {})


def _cases(s: Sources) -> pl.LazyFrame:
    return s.as_of("cases")


def _cases_with_procedure(s: Sources) -> pl.LazyFrame:
    key = [*s.within, "procedure_code"]
    procedures = s.as_of("procedures").select(*key, "field", "online_level", "has_fee")
    return s.as_of("cases").join(procedures, on=key, how="left")


def recent(column: str, t: Timeframe) -> pl.Expr:
    """The date where a working-day deadline that starts on it can fall into P, else null."""
    day = pl.col(column)
    return pl.when(day.is_between(pl.lit(t.start - LOOK_BACK), pl.lit(t.as_of))).then(day)


def _working_due(column: str, n: int, t: Timeframe) -> pl.Expr:
    return WorkCalendar.load().add_working_days_expr(recent(column, t), n)


def _procedures(s: Sources) -> pl.LazyFrame:
    t = s.timeframe
    announced, abolished = pl.col("announced_on"), pl.col("abolished_on")
    return s.as_of("procedures").with_columns(
        proposal_due=pl.col("central_decision_on") + timedelta(days=20),
        workflow_due=announced + timedelta(days=30),
        onestop_due=pl.col("process_approved_on") + timedelta(days=3),
        portal_due=_working_due("process_approved_on", PORTAL_WORKING_DAYS, t),
        active=(announced <= t.as_of).fill_null(False) & (abolished > t.as_of).fill_null(True),
    )


def _feedback(s: Sources) -> pl.LazyFrame:
    return s.as_of("feedback").with_columns(publish_due=_working_due("answered_on", PUBLISH_WORKING_DAYS, s.timeframe))


def _deliverables(s: Sources) -> pl.LazyFrame:
    """Register rows with ``due``: the source's due date, else the catalogue's rule for the item."""
    frame = s.as_of("deliverables")
    months = {}
    for value in frame.select(pl.col("period").drop_nulls().unique()).collect()["period"]:
        try:
            period = Period.parse(value)
        except PeriodError:
            continue
        months[value] = (period.year, period.last_month)
    keys = list(months)
    year = pl.col("period").replace_strict(keys, [months[k][0] for k in keys], default=None, return_dtype=pl.Int32)
    month = pl.col("period").replace_strict(keys, [months[k][1] for k in keys], default=None, return_dtype=pl.Int8)
    supplied = pl.lit(None, pl.Date)  # general rules first: the most specific one is applied last and stays
    for rule in sorted(s.catalogue.due_rules, key=lambda r: (r.item != "*", r.subtype is not None)):
        if rule.day_of_last_month is not None:
            due = pl.when(month.is_not_null()).then(pl.date(year, month, rule.day_of_last_month))
        elif rule.month_day is not None:
            due = pl.when(True).then(pl.date(pl.col("plan_year"), *map(int, rule.month_day.split("-"))))
        else:
            due = pl.when(True).then(pl.lit(None, pl.Date))
        applies = pl.lit(True) if rule.item == "*" else pl.col("plan_item") == rule.item
        if rule.subtype is not None:
            applies &= pl.col("subtype") == rule.subtype
        supplied = pl.when(applies).then(due).otherwise(supplied)
    return frame.with_columns(
        due=pl.coalesce("due_on", supplied),
        completed=pl.col("done_on").is_not_null() & (pl.col("evidence").fill_null("") != ""),
    )


def _tasks(s: Sources) -> pl.LazyFrame:
    done, due = pl.col("completed_on"), pl.col("due_on")
    late = (done > due).fill_null(False) | (done.is_null() & (due < s.timeframe.as_of))
    return s.as_of("assigned_tasks").with_columns(late=late)


def _personnel(s: Sources) -> pl.LazyFrame:
    return s.as_of("personnel").with_columns(record_due=pl.coalesce("due_on", pl.col("event_on") + timedelta(days=5)))


def _budget(s: Sources) -> pl.LazyFrame:
    """One row a budget line: its latest snapshot of the plan year up to the as-of day."""
    return (
        s.as_of("budget")
        .filter(pl.col("budget_year") == s.timeframe.plan_year)
        .sort("line_id", "as_of")
        .unique("line_id", keep="last", maintain_order=True)
    )


def _units(s: Sources) -> pl.LazyFrame:
    t = s.timeframe
    inspected = (
        s.as_of("inspections")
        .filter(pl.col("kind") == "par", pl.col("inspected_on").is_between(t.year_start, t.as_of))
        .select("unit_code", par_inspected=True)
        .unique()
    )
    day = pl.lit(t.as_of)
    active = (pl.col("active_from") <= day).fill_null(True) & (pl.col("active_to") >= day).fill_null(True)
    return (
        s.as_of("units")
        .with_columns(active=active)
        .join(inspected, on="unit_code", how="left")
        .with_columns(pl.col("par_inspected").fill_null(False))
    )


def _from(table: str, *columns: str) -> tuple[tuple[str, str], ...]:
    return tuple((table, c) for c in columns)


VIEWS: dict[str, View] = {
    "cases": View("cases", (), _cases, {}),
    "cases_with_procedure": View(
        "cases",
        ("procedures",),
        _cases_with_procedure,
        {c: _from("procedures", c) for c in ("field", "online_level", "has_fee")},
        (("cases", "procedure_code"),),
    ),
    "procedures": View(
        "procedures",
        (),
        _procedures,
        {
            "proposal_due": _from("procedures", "central_decision_on"),
            "workflow_due": _from("procedures", "announced_on"),
            "onestop_due": _from("procedures", "process_approved_on"),
            "portal_due": _from("procedures", "process_approved_on"),
            "active": _from("procedures", "announced_on"),
        },
    ),
    "feedback": View("feedback", (), _feedback, {"publish_due": _from("feedback", "answered_on")}),
    "deliverables": View(
        "deliverables",
        (),
        _deliverables,
        {
            "due": _from("deliverables", "plan_item"),
            "completed": _from("deliverables", "done_on", "evidence"),
        },
    ),
    "tasks": View("assigned_tasks", (), _tasks, {"late": _from("assigned_tasks", "due_on", "completed_on")}),
    "personnel": View("personnel", (), _personnel, {"record_due": _from("personnel", "event_on")}),
    "budget": View("budget", (), _budget, {}, (("budget", "budget_year"),)),
    "units": View(
        "units",
        ("inspections",),
        _units,
        {
            "active": _from("units", "unit_code"),
            "par_inspected": _from("inspections", "inspected_on", "kind", "unit_code"),
        },
    ),
    "inspections": _plain("inspections"),
    "initiatives": _plain("initiatives"),
    "documents": _plain("documents"),
    "work_files": _plain("work_files"),
}
