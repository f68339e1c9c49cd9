"""The list of administrative procedures and the way of each new one from the ministry's decision to the website."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from chiso.demo.clock import NEVER, Clock, Floats, Ints, pick, stream
from chiso.demo.department import Batch, Department

#: Days that the rules allow for a step.
ALLOWED = {"proposal": 20, "workflow": 30, "onestop": 3, "portal": 3}


@dataclass(frozen=True)
class Procedures:
    """The table, and what the case generator needs to know about each row (arrays of the same length)."""

    table: pl.DataFrame
    field: Ints
    unit: Ints
    days: Ints
    weight: Floats
    fee: Ints
    online: Floats  # share filed online at the span's end
    opens: Ints  # first and last day on which a case can come in
    closes: Ints


def make_procedures(department: Department, clock: Clock, seed: int) -> Procedures:
    """Generate the procedures: most announced long ago, batches of new ones, a few abolished."""
    rng = stream(seed, "procedures")
    rows = [(f, p) for f, field in enumerate(department.fields) for p in field.procedures]
    n = len(rows)
    field = np.array([f for f, _ in rows])
    level = [p[2] for _, p in rows]
    fee = np.array([p[4] for _, p in rows])
    code = [f"MP-{entry.code}-{i:03d}" for entry in department.fields for i in range(1, len(entry.procedures) + 1)]
    # Announced between 02/2020 and 06/2022: far enough back that no deadline of theirs falls in the span.
    announced = clock.day(date(2020, 2, 3)) + rng.integers(0, 870, n)
    never = np.full(n, NEVER)
    lags = {"announced": 0, "website": 5, "workflow": 20, "approved": 30, "onestop": 32, "portal": 33}
    steps = {step: _weekday(announced + lag) for step, lag in lags.items()}
    steps |= {"central": never.copy(), "proposal": never.copy()}
    opens = np.full(n, clock.first)
    taken: dict[int, int] = {}
    for batch in department.batches:
        _announce(department, clock, batch, field, steps, taken, opens)
    # Two procedures that never reached the website; four abolished; proposals to simplify, mostly before 15/9.
    steps["website"][rng.choice(np.flatnonzero(opens == clock.first), 2, replace=False)] = NEVER
    abolished = never.copy()
    old = rng.choice(np.flatnonzero(opens == clock.first), 4, replace=False)
    abolished[old] = clock.on_or_after(rng.integers(clock.first + 90, clock.last - 60, 4))
    simplified = never.copy()
    which = rng.choice(n, 17, replace=False)
    simplified[which] = clock.on_or_after(clock.first + np.where(np.arange(17) % 2, 365, 0) + rng.integers(60, 270, 17))
    table = pl.DataFrame(
        {
            "procedure_code": code,
            "procedure_name": [p[0] for _, p in rows],
            "field": pick([f.name for f in department.fields], field),
            "unit_code": pick([f.unit for f in department.fields], field),
            "online_level": level,
            "has_fee": fee > 0,
            "central_decision_on": clock.dates(steps["central"]),
            "proposal_submitted_on": clock.dates(steps["proposal"]),
            "announced_on": clock.dates(steps["announced"]),
            "workflow_submitted_on": clock.dates(steps["workflow"]),
            "process_approved_on": clock.dates(steps["approved"]),
            "portal_requested_on": clock.dates(steps["portal"]),
            "onestop_requested_on": clock.dates(steps["onestop"]),
            "website_published_on": clock.dates(steps["website"]),
            "simplification_proposed_on": clock.dates(simplified),
            "abolished_on": clock.dates(abolished),
        }
    )
    unit = np.array([department.unit_index[department.fields[f].unit] for f in field])
    share = {"full": 0.80, "partial": 0.62, "none": 0.0}
    online = np.array([share[name] for name in level]) * rng.choice([0.12, 0.85, 1.0, 1.1], n, p=[0.1, 0.3, 0.4, 0.2])
    closes = np.where(abolished > NEVER, abolished - 1, clock.last)
    weight = np.array([p[3] for _, p in rows], dtype=float) * (0.6 + 0.8 * rng.random(n))
    return Procedures(table, field, unit, np.array([p[1] for _, p in rows]), weight, fee, online, opens, closes)


def _announce(
    department: Department,
    clock: Clock,
    batch: Batch,
    field: Ints,
    steps: dict[str, Ints],
    taken: dict[int, int],
    opens: Ints,
) -> None:
    """Write the dates of one batch into ``steps``: the field's next procedures from the end of its list.

    A lag longer than allowed befalls every other procedure of the batch. Offices act on working days: a step that
    falls on a day off is taken on the working day before it.
    """
    number = next(i for i, f in enumerate(department.fields) if f.code == batch.field)
    last = int(np.flatnonzero(field == number)[-1]) + 1 - taken.get(number, 0)
    rows = slice(last - batch.count, last)
    taken[number] = taken.get(number, 0) + batch.count
    slow = np.arange(batch.count) % 2 == 0

    def lag(step: str) -> Ints:
        days = batch.lags[step]
        return np.where(slow, days, min(days, ALLOWED.get(step, days)))

    central = np.full(batch.count, clock.day(batch.central))
    proposal = clock.add(central + lag("proposal"), 0)
    announced = clock.add(np.full(batch.count, proposal.max() + batch.lags["announced"]), 0)
    workflow = clock.add(announced + lag("workflow"), 0)
    approved = clock.add(np.full(batch.count, workflow.max() + batch.lags["approved"]), 0)
    done = {"central": central, "proposal": proposal, "announced": announced, "workflow": workflow}
    done |= {"approved": approved, "onestop": clock.add(approved + lag("onestop"), 0)}
    done |= {"portal": clock.add(approved, lag("portal")), "website": clock.add(announced + lag("website"), 0)}
    for step, days in done.items():
        steps[step][rows] = days
    opens[rows] = announced + 10


def _weekday(days: Ints) -> Ints:
    """Each day, or the Friday before where it is a Saturday or Sunday (before the calendar's first year)."""
    return days - np.choose(days % 7, [2, 0, 0, 0, 0, 0, 1])
