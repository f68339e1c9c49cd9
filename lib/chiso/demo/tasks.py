"""Tasks assigned in the reminder software, and the register of what the plan asks for."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from chiso.demo.clock import NEVER, Clock, keys, pick, stream
from chiso.demo.department import Department, Entry, Unit
from chiso.worktime import Period

_LAST_MONTH = {"Q1": 3, "Q2": 6, "Q3": 9, "Q4": 12, "H1": 6, "9M": 9, "year": 12}


def make_tasks(department: Department, clock: Clock, seed: int, count: int) -> pl.DataFrame:
    """Generate ``count`` tasks; the province's are late more rarely than the department's own."""
    rng = stream(seed, "tasks")
    assigned = np.sort(clock.on_or_after(clock.first + rng.integers(2, clock.last - clock.first - 5, count)))
    province = rng.random(count) < 0.6
    allowed = rng.integers(6, 34, count)
    due = clock.add(assigned, allowed)
    codes = [[u.code for u in department.active(clock.date(day))] for day in assigned]
    unit = [names[i % len(names)] for names, i in zip(codes, rng.integers(0, 10**6, count), strict=True)]
    slack = np.array([department.units[department.unit_index[code]].discipline for code in unit])
    late = rng.random(count) < np.where(province, 0.022, 0.05) - 0.5 * np.minimum(slack, 0)
    early = rng.random(count) < 0.46
    spare = np.maximum((allowed * (0.1 + 0.5 * rng.random(count))).astype(np.int64), 1)
    needed = np.where(late, allowed + rng.integers(1, 12, count), np.where(early, allowed - spare, allowed))
    completed = clock.add(assigned, needed)
    completed = np.where(late & (rng.random(count) < 0.15), NEVER, completed)
    titles = department.tasks.titles
    return pl.DataFrame(
        {
            "task_id": keys("NV", count),
            "title": pick(titles, rng.integers(0, len(titles), count)),
            "unit_code": unit,
            "assigned_by": pick(["department", "province"], province.astype(np.int64)),
            "assigned_on": clock.dates(assigned),
            "due_on": clock.any_dates(due),
            "completed_on": clock.dates(completed),
            "result_attached": (completed > NEVER) & (completed <= clock.last) & (rng.random(count) < 0.985),
        }
    )


def make_deliverables(department: Department, clock: Clock, seed: int) -> pl.DataFrame:
    """Generate the register of both plan years: every item; some lines late, undone or without evidence."""
    rng = stream(seed, "deliverables")
    rows = [row for year in department.years for row in _lines(department, year)]
    due = np.array([clock.day(row["due"]) for row in rows])
    shift = np.array([row["unit"].discipline for row in rows])
    growth = np.array([0.01 * (row["plan_year"] - department.years[0]) for row in rows])
    draw = rng.random(len(rows)) - shift - growth
    before = clock.add(due, 0)  # the last working day up to the due date
    done = clock.add(due, -rng.integers(0, 9, len(rows)))
    done = np.where(draw > 0.905, clock.add(due, rng.integers(1, 25, len(rows))), np.minimum(done, before))
    done = np.where(draw > 0.97, NEVER, done)
    done = np.where(done > clock.last, NEVER, done)
    bare = (rng.random(len(rows)) < 0.022) & (done > NEVER)
    # Numbers of official documents run through the year.
    number = np.where(
        done > NEVER, 20 + 9 * (clock.progress(done) * 730 % 366).astype(int) + rng.integers(0, 9, len(rows)), 0
    )
    forms = department.plan.evidence
    evidence = [
        None if day == NEVER or missing else forms[row["kind"]].format(number=n)
        for row, day, missing, n in zip(rows, done, bare, number, strict=True)
    ]
    written = pl.Series([row["written"] for row in rows])
    return pl.DataFrame(
        {
            "deliverable_id": keys("SP", len(rows)),
            "plan_year": [row["plan_year"] for row in rows],
            "plan_item": [row["plan_item"] for row in rows],
            "plan": pl.Series([row["plan"] for row in rows], dtype=pl.String),
            "subtype": pl.Series([row["subtype"] for row in rows], dtype=pl.String),
            "kind": [row["kind"] for row in rows],
            "title": [row["title"] for row in rows],
            "unit_code": [row["unit"].code for row in rows],
            "period": pl.Series([row["period"] for row in rows], dtype=pl.String),
            "due_on": clock.any_dates(due).set(~written, None),
            "done_on": clock.dates(done),
            "evidence": pl.Series(evidence, dtype=pl.String),
        }
    )


def _lines(department: Department, year: int) -> Iterator[dict]:
    """Rows of the register for one plan year, before what became of them."""
    for entry in department.plan.entries:
        units = [department.units[department.unit_index[code]] for code in entry.units]
        if entry.monthly:
            for month in range(1, 13):
                yield _line(entry, year, month, f"{year}-{month:02d}", units[(month - 1) % len(units)])
        for period in entry.periods:
            name = str(year) if period == "year" else f"{year}-{period}"
            for unit in units:
                yield _line(entry, year, _LAST_MONTH[period], name, unit)
        if not entry.periods and not entry.monthly:
            for unit in units:
                yield _line(entry, year, 12, None, unit)


def _line(entry: Entry, year: int, month: int, period: str | None, unit: Unit) -> dict:
    kind, _, day = entry.deadline.rpartition("-")
    due_month = month if kind in ("period", "month") else int(kind)
    due = date(year, due_month, min(int(day), calendar.monthrange(year, due_month)[1]))
    label = Period.parse(period).label if period else ""
    words = {"year": year, "next": year + 1, "month": month, "period": label}
    return {
        "plan_year": year,
        "plan_item": entry.item,
        "plan": entry.plan.format(**words) if entry.plan else None,
        "subtype": entry.subtype,
        "kind": entry.kind,
        "title": entry.title.format(**words),
        "unit": unit,
        "period": period,
        "due": due,
        "written": entry.written,
    }
