"""Hand-made rows for the indicator tests.

A test writes a row and what it must count for, side by side::

    expect("B.III.8",
        finished_on_the_due_day=hit(case(due="2024-10-01", finished="2024-10-01")),
        finished_a_day_late=miss(case(due="2024-10-01", finished="2024-10-02")),
        finished_after_the_period=out(case(due="2024-12-20", finished="2024-12-15")),
    )

Each row lies in a unit named after it, so the figures of that unit are what this row alone contributes; the figures of
the department must be the sum. Unless a test says otherwise the period is 2024-Q4 by the default window:
P = 15/09/2024-14/12/2024, Y = 01/01/2024-14/12/2024, D = 14/12/2024.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from chiso.catalogue import Catalogue, load_catalogue
from chiso.indicators import Results, compute
from chiso.sources import load_contract
from chiso.worktime import Period, Timeframe

Value = Any
_numbers = itertools.count(1)


def timeframe(period: str, window: str = "decree09", as_of: str | None = None) -> Timeframe:
    return Timeframe(Period.parse(period), window, date.fromisoformat(as_of) if as_of else None)


Q4 = timeframe("2024-Q4")
Q4_INSIDE = timeframe("2024-Q4", as_of="2024-11-30")
Q4_CALENDAR = timeframe("2024-Q4", "calendar")
Q1 = timeframe("2024-Q1")
YEAR = timeframe("2024")
YEAR_END = timeframe("2024", "calendar")


# ------------------------------------------------------------------------------------------------ in-memory dataset


def _typed(value: Value, kind: str) -> Value:
    if isinstance(value, str) and kind == "date":
        return date.fromisoformat(value)
    if isinstance(value, str) and kind == "datetime":
        return datetime.fromisoformat(value)
    return value


class Rows:
    """A dataset made of plain rows: what the engine uses of ``chiso.sources.Dataset``, and no files.

    Args:
        tables: rows by table; columns a row does not name are blank. A table without rows is missing.
        absent: columns that no file had, as "table.column".
        items: survey items (``access_1`` …) are columns as soon as a row names them.
    """

    folder = Path("no such folder")

    def __init__(self, tables: Mapping[str, list[dict[str, Value]]], absent: Iterable[str] = ()) -> None:
        self.absent = {tuple(name.split(".")) for name in absent}
        self._frames = {name: self._frame(name, rows) for name, rows in tables.items() if rows}

    @staticmethod
    def _frame(table: str, rows: list[dict[str, Value]]) -> pl.DataFrame:
        contract = load_contract()[table]
        columns = {column.name: column for column in contract.columns}
        for name in itertools.chain.from_iterable(rows):
            columns.setdefault(name, contract.column(name))  # survey items; KeyError for a column that is not one
        data = {n: [_typed(row.get(n), c.type) for row in rows] for n, c in columns.items()}
        return pl.DataFrame(data, schema={n: c.dtype for n, c in columns.items()})

    def scan(self, table: str) -> pl.LazyFrame | None:
        frame = self._frames.get(table)
        if frame is None:
            return None
        gone = [column for t, column in self.absent if t == table]
        return frame.lazy().with_columns(pl.lit(None, frame.schema[c]).alias(c) for c in gone)

    def columns(self, table: str) -> frozenset[str]:
        frame = self._frames.get(table)
        return frozenset() if frame is None else frozenset(c for c in frame.columns if (table, c) not in self.absent)

    def accepted(self, table: str) -> int:
        return self._frames[table].height if table in self._frames else 0


@cache
def plan() -> Catalogue:
    return load_catalogue(2024)


@cache
def only(*indicators: str) -> Catalogue:
    """The catalogue cut down to some indicators, so that a test computes nothing else."""
    found = plan()
    quality = found.service_quality
    if "B.III.9" in indicators:  # made of others: keep those
        indicators += tuple(i.id for i in found.indicators if i.id in {c.source for c in quality.criteria})
    else:
        quality = quality.model_copy(update={"criteria": ()})
    wanted = tuple(i for i in found.indicators if i.id in indicators)
    return found.model_copy(update={"indicators": wanted, "service_quality": quality})


# ------------------------------------------------------------------------------------------------------------- rows


@dataclass(frozen=True)
class Row:
    """A row of a table, and what it is expected to count for: (numerator, denominator), or a number for counts."""

    table: str
    values: dict[str, Value]
    expected: tuple[float, float] | None = None

    def of(self, unit: str) -> Row:
        return replace(self, values=self.values | {"unit_code": unit})


def hit(row: Row) -> Row:
    """In the denominator and in the numerator; of a count: counted."""
    return replace(row, expected=(1, 1))


def miss(row: Row) -> Row:
    """In the denominator only."""
    return replace(row, expected=(0, 1))


def out(row: Row) -> Row:
    """In neither."""
    return replace(row, expected=(0, 0))


def adds(numerator: float, denominator: float, row: Row) -> Row:
    """Adds amounts to two sums."""
    return replace(row, expected=(numerator, denominator))


def _row(table: str, key: str, defaults: dict[str, Value], values: dict[str, Value], short: dict[str, str]) -> Row:
    named = {short.get(name, name): value for name, value in values.items()}
    return Row(table, {key: f"{table}-{next(_numbers):04d}", "unit_code": "U1"} | defaults | named)


_CASE = {
    "id": "case_id",
    "procedure": "procedure_code",
    "unit": "unit_code",
    "officer": "officer_id",
    "received": "received_at",
    "due": "due_at",
    "finished": "finished_at",
}


def case(**values: Value) -> Row:
    """A case of procedure P1, filed in person; received on the day before the period unless given."""
    defaults = {"procedure_code": "P1", "channel": "in_person", "received_at": "2024-09-14"}
    return _row("cases", "case_id", defaults, values, _CASE)


def procedure(code: str | None = None, **values: Value) -> Row:
    values = values | ({"procedure_code": code} if code else {})
    short = {"unit": "unit_code"}
    defaults = {"procedure_name": "…", "field": "F1", "online_level": "none", "has_fee": False}
    return _row("procedures", "procedure_code", defaults, values, short)


def feedback(kind: str, **values: Value) -> Row:
    short = {"received": "received_on", "due": "due_on", "answered": "answered_on", "informed": "sender_informed_on"}
    short |= {"published": "published_on", "unit": "unit_code"}
    defaults = {"kind": kind, "source": "portal", "received_on": "2024-08-01"}
    return _row("feedback", "feedback_id", defaults, values, short)


def task(**values: Value) -> Row:
    """A task assigned by the province."""
    short = {"assigned": "assigned_on", "due": "due_on", "completed": "completed_on", "unit": "unit_code"}
    defaults = {"assigned_by": "province", "assigned_on": "2024-01-02"}
    return _row("assigned_tasks", "task_id", defaults, values, short)


def deliverable(item: str, **values: Value) -> Row:
    """A register row of plan year 2024."""
    short = {"due": "due_on", "done": "done_on", "unit": "unit_code"}
    defaults = {"plan_year": 2024, "plan_item": item, "kind": "report", "title": "…"}
    return _row("deliverables", "deliverable_id", defaults, values, short)


def document(direction: str, registered: str, **values: Value) -> Row:
    defaults = {"direction": direction, "registered_on": registered}
    return _row("documents", "document_id", defaults, values, {"unit": "unit_code"})


def work_file(opened: str, **values: Value) -> Row:
    return _row("work_files", "file_id", {"opened_on": opened}, values, {"unit": "unit_code"})


def event(kind: str, **values: Value) -> Row:
    """A personnel event."""
    short = {"on": "event_on", "due": "due_on", "done": "done_on", "staff": "staff_id", "unit": "unit_code"}
    return _row("personnel", "event_id", {"kind": kind, "event_on": "2024-01-02"}, values, short)


def budget(kind: str, line: str, as_of: str, **values: Value) -> Row:
    """A snapshot of a budget line; amounts in VND."""
    short = {"planned": "planned_vnd", "allocated": "allocated_vnd", "disbursed": "disbursed_vnd"}
    short |= {"spent": "spent_vnd", "unit": "unit_code"}
    defaults = {"kind": kind, "line_id": line, "as_of": as_of, "budget_year": 2024}
    return _row("budget", "line_id", defaults, values, short)


def inspection(kind: str, **values: Value) -> Row:
    short = {"planned": "planned_on", "inspected": "inspected_on", "unit": "unit_code"}
    return _row("inspections", "inspection_id", {"kind": kind, "planned_on": "2024-01-02"}, values, short)


def initiative(**values: Value) -> Row:
    short = {"applied": "applied_on", "recognised": "recognised_on", "unit": "unit_code"}
    return _row("initiatives", "initiative_id", {"title": "…"}, values, short)


def unit(code: str, **values: Value) -> Row:
    defaults = {"unit_code": code, "unit_name": code, "kind": "division"}
    return _row("units", "unit_code", defaults, values, {})


def answer(answered: str = "2024-10-01", **values: Value) -> Row:
    """A survey response; items as ``access_1=5``."""
    return _row("survey_responses", "response_id", {"answered_on": answered}, values, {"unit": "unit_code"})


def stratum(unit: str, population: int, period: str = "2024-Q4") -> Row:
    values = {"unit_code": unit, "population": population, "period": period}
    return _row("survey_frame", "unit_code", {}, values, {})


# ------------------------------------------------------------------------------------------------------------ asking


def dataset(*rows: Row, absent: Iterable[str] = ()) -> Rows:
    tables: dict[str, list[dict[str, Value]]] = defaultdict(list)
    for row in rows:
        tables[row.table].append(row.values)
    return Rows(tables, absent)


def run(
    *rows: Row, frame: Timeframe = Q4, absent: Iterable[str] = (), indicators: Iterable[str] | None = None
) -> Results:
    """All results of some rows; all indicators, unless some are named."""
    catalogue = plan() if indicators is None else only(*indicators)
    return compute(dataset(*rows, absent=absent), catalogue, frame)  # type: ignore[arg-type]


def line(results: Results, indicator: str, unit: str | None = None) -> dict[str, Value]:
    """The one row of an indicator and unit."""
    of_unit = pl.col("unit_code").is_null() if unit is None else pl.col("unit_code") == unit
    return results.indicators.filter(pl.col("indicator") == indicator, of_unit).row(0, named=True)


def figure(
    indicator: str, *rows: Row, frame: Timeframe = Q4, unit: str | None = None, absent: Iterable[str] = ()
) -> dict[str, Value]:
    """The result row of one indicator for the department, or for ``unit``."""
    return line(run(*rows, frame=frame, absent=absent, indicators=[indicator]), indicator, unit)


def fraction(indicator: str, *rows: Row, frame: Timeframe = Q4, unit: str | None = None) -> tuple[Value, Value]:
    """(numerator, denominator) of one indicator."""
    found = figure(indicator, *rows, frame=frame, unit=unit)
    return found["numerator"], found["denominator"]


def noted(indicator: str, *rows: Row, frame: Timeframe = Q4) -> dict[str, int]:
    """How many rows the indicator's notes speak of, by reason ("blank" with its column)."""
    notes = run(*rows, frame=frame, indicators=[indicator]).notes
    mine = notes.filter(pl.col("indicator") == indicator, pl.col("rows").is_not_null())
    return {f"blank {n['column']}" if n["reason"] == "blank" else n["reason"]: n["rows"] for n in mine.rows(named=True)}


def expect(indicator: str, frame: Timeframe = Q4, *, given: Iterable[Row] = (), additive: bool = True, **rows: Row):
    """Assert what each row contributes, and that the department's figure is their sum.

    Args:
        indicator: id.
        frame: period, window and as-of day.
        given: further rows that are there (procedures of the cases …), in no row's unit.
        additive: whether the department is the sum of its units (not of distinct counts).
        rows: name -> row with its expectation (:func:`hit`, :func:`miss`, :func:`out`, :func:`adds`).
    """
    found = run(*given, *(row.of(name) for name, row in rows.items()), frame=frame, indicators=[indicator])
    is_count = plan().indicator(indicator).measure == "count"
    lines = {row["unit_code"]: row for row in found.indicators.iter_rows(named=True)}

    def contribution(name: str | None) -> tuple[float, float | None]:
        row = lines.get(name)
        empty = (0, None) if is_count else (0, 0)
        return empty if row is None else (row["numerator"], row["denominator"])

    wanted = {}
    for name, row in rows.items():
        assert row.expected is not None, f"{name}: wrap the row in hit, miss, out or adds"
        wanted[name] = (row.expected[0], None) if is_count else row.expected
    assert {name: contribution(name) for name in rows} == wanted
    if additive:
        total = sum(n for n, _ in wanted.values()), None if is_count else sum(d for _, d in wanted.values())
        assert contribution(None) == total
