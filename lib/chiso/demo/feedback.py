"""Petitions, complaints and praise."""

from __future__ import annotations

import numpy as np
import polars as pl

from chiso.demo.clock import NEVER, Clock, keys, pick, stream
from chiso.demo.department import Department

KINDS = ("regulation", "conduct", "case_handling", "praise", "other")
SHARES = (0.30, 0.09, 0.33, 0.16, 0.12)
SOURCES = ("hotline", "portal", "website", "direct")
#: Working days allowed for an answer, by kind.
ALLOWED = np.array([15, 7, 7, 10, 10])


def make_feedback(department: Department, clock: Clock, seed: int, count: int, cases: pl.DataFrame) -> pl.DataFrame:
    """Generate ``count`` rows; those about a case name one of ``cases`` (``case_id``, ``unit_code``, ``day``)."""
    rng = stream(seed, "feedback")
    kind = rng.choice(len(KINDS), count, p=SHARES)
    about_case = (kind == 2) & (rng.random(count) < 0.85)
    case = rng.integers(0, len(cases), count)
    handlers = [f.unit for f in department.fields] + ["VP"]
    unit = pick(handlers, rng.integers(0, len(handlers), count))
    received = clock.on_or_after(clock.first + rng.integers(2, clock.last - clock.first - 2, count))
    case_day = cases["day"].to_numpy()[case]
    # A person writes about a case two to eight weeks after handing it in.
    received = np.where(
        about_case, clock.on_or_after(np.minimum(case_day + rng.integers(14, 56, count), clock.last)), received
    )
    received = np.minimum(received, clock.add(np.array([clock.last]), 0)[0])
    allowed = ALLOWED[kind]
    due = clock.add(received, allowed)
    draw = rng.random(count)
    pace = 0.3 + 0.7 * rng.random(count)
    taken = np.where(draw < 0.05, allowed + rng.integers(1, 9, count), np.maximum((allowed * pace).astype(np.int64), 1))
    answered = np.where(draw > 0.985, NEVER, clock.add(received, taken))
    answered = np.where(answered > clock.last, NEVER, answered)
    known = answered > NEVER
    at = np.where(known, answered, clock.first)
    informed = np.where(known & (rng.random(count) < 0.96), clock.add(at, rng.integers(0, 2, count)), NEVER)
    lag = np.where(rng.random(count) < 0.9, rng.integers(1, 3, count), 5)
    published = np.where(known & (kind == 0) & (rng.random(count) < 0.97), clock.add(at, lag), NEVER)
    frame = pl.DataFrame(
        {
            "kind": pick(KINDS, kind),
            "source": pick(SOURCES, rng.choice(4, count, p=[0.34, 0.36, 0.18, 0.12])),
            "unit_code": cases["unit_code"].gather(case).zip_with(pl.Series(about_case), unit),
            "officer_named": (
                rng.random(count) < np.where(kind == 1, 0.5, np.where(kind == 2, 0.05, 0.2 * (kind == 3)))
            ),
            "case_id": cases["case_id"].gather(case).set(pl.Series(~about_case), None),
            "received_on": clock.dates(received),
            "due_on": clock.any_dates(np.where(rng.random(count) < 0.04, NEVER, due)),
            "answered_on": clock.dates(answered),
            "sender_informed_on": clock.dates(informed),
            "published_on": clock.dates(published),
        }
    ).sort("received_on", maintain_order=True)
    return frame.insert_column(0, keys("PA", count).alias("feedback_id"))
