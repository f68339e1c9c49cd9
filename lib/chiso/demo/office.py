"""The electronic office: documents, work files and events in the staff's records."""

from __future__ import annotations

import numpy as np
import polars as pl

from chiso.demo.clock import NEVER, Clock, Floats, Ints, keys, pick, stream
from chiso.demo.department import Department


def _units_and_days(
    department: Department, clock: Clock, rng: np.random.Generator, count: int
) -> tuple[Ints, Ints, Floats]:
    """Working days in order, an active unit for each (by its staff), and the unit's head start in things digital."""
    days = np.sort(clock.on_or_after(clock.first + rng.integers(2, clock.last - clock.first - 1, count)))
    days = np.minimum(days, clock.add(np.array([clock.last]), 0)[0])
    opens = np.array([clock.day(u.active_from) if u.active_from else NEVER for u in department.units])
    closes = np.array([clock.day(u.active_to) if u.active_to else clock.last for u in department.units])
    staff = np.array([u.staff for u in department.units], dtype=float)
    unit = rng.choice(len(staff), count, p=staff / staff.sum())
    office = department.unit_index["VP"]  # takes the work of a unit that does not exist yet or any more
    unit = np.where((days < opens[unit]) | (days > closes[unit]), office, unit)
    return unit, days, np.array([u.digital for u in department.units])[unit]


def make_documents(department: Department, clock: Clock, seed: int, count: int) -> pl.DataFrame:
    """Generate incoming and outgoing documents; flags that do not apply to a direction stay blank."""
    rng = stream(seed, "documents")
    unit, days, digital = _units_and_days(department, clock, rng, count)
    t = clock.progress(days)
    outgoing = rng.random(count) < 0.42

    def flag(share: Floats, applies: np.ndarray) -> pl.Series:
        return pl.Series(rng.random(count) < share).set(pl.Series(~applies), None)

    return pl.DataFrame(
        {
            "document_id": keys("VB", count),
            "direction": pick(["incoming", "outgoing"], outgoing.astype(np.int64)),
            "unit_code": pick([u.code for u in department.units], unit),
            "registered_on": clock.dates(days),
            "digitised": flag(0.90 + 0.098 * t + 0.3 * digital, ~outgoing),
            "processed_online": flag(0.94 + 0.058 * t + 0.2 * digital, ~outgoing),
            "approved_online": flag(0.92 + 0.075 * t + 0.2 * digital, outgoing),
            "signed_digitally": flag(0.80 + 0.18 * t + 0.4 * digital, outgoing),
        }
    )


def make_work_files(department: Department, clock: Clock, seed: int, count: int) -> pl.DataFrame:
    """Generate work files; more and more of them electronic."""
    rng = stream(seed, "work_files")
    unit, days, digital = _units_and_days(department, clock, rng, count)
    return pl.DataFrame(
        {
            "file_id": keys("HSCV", count),
            "unit_code": pick([u.code for u in department.units], unit),
            "opened_on": clock.dates(days),
            "electronic": rng.random(count) < 0.78 + 0.2 * clock.progress(days) + 0.5 * digital,
        }
    )


#: Kind, events a year, days to the due date (0: the rule's own deadline), share done in time.
_EVENTS = (
    ("appointment", 9, 45, 0.97),
    ("reappointment", 7, 60, 0.97),
    ("training", 84, 30, 0.985),
    ("rotation", 11, 30, 0.95),
    ("record_change", 120, 0, 0.95),
)


def make_personnel(department: Department, clock: Clock, seed: int) -> pl.DataFrame:
    """Generate events of the staff's records; the disciplinary ones are told in ``department.toml``."""
    rng = stream(seed, "personnel")
    labels = [u.code for u in department.units]
    kind = np.repeat(np.arange(len(_EVENTS)), [2 * per_year for _, per_year, _, _ in _EVENTS])
    n = len(kind)
    unit, days, _ = _units_and_days(department, clock, rng, n)
    kind = rng.permutation(kind)
    allowed = np.array([days for _, _, days, _ in _EVENTS])[kind]
    in_time = rng.random(n) < np.array([share for *_, share in _EVENTS])[kind]
    ruled = np.where(allowed > 0, allowed, 5)
    lag = np.where(in_time, (ruled * rng.random(n)).astype(np.int64), ruled + rng.integers(1, 12, n))
    done = clock.add(days + lag, 0)
    done = np.where(~in_time & (kind == 2), NEVER, np.maximum(done, days))  # a course that was missed stays missed
    person = rng.integers(1, 13, n) + np.cumsum([0, *(u.staff for u in department.units)])[unit]
    frame = pl.DataFrame(
        {
            "kind": pick([name for name, *_ in _EVENTS], kind),
            "unit_code": pick(labels, unit),
            "staff_id": pick([f"NS{i:03d}" for i in range(200)], person),
            "event_on": clock.dates(days),
            "due_on": clock.any_dates(np.where(allowed > 0, days + allowed, NEVER)),
            "done_on": clock.dates(done),
            "compliant": pl.Series(rng.random(n) < 0.985).set(pl.Series(kind > 1), None),
            "level": pl.Series([None] * n, dtype=pl.String),
        }
    )
    discipline = pl.DataFrame(
        {
            "kind": "discipline",
            "unit_code": [case.unit for case in department.discipline],
            "staff_id": [case.staff for case in department.discipline],
            "event_on": [case.on for case in department.discipline],
            "level": [case.level for case in department.discipline],
        }
    )
    frame = pl.concat([frame, discipline], how="diagonal").sort("event_on", maintain_order=True)
    return frame.insert_column(0, keys("CB", len(frame)).alias("event_id"))
