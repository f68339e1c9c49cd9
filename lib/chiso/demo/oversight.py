"""Inspections and initiatives: few rows, told one by one."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from chiso.demo.clock import NEVER, Clock, keys, pick, stream
from chiso.demo.department import Department

#: Kind, units of each year in turn (decentralisation: the unit that leads it), first and last month planned.
_PLANS = (
    ("par", (("BTG", "XDCQ", "TDKT", "CCVC"), ("VP", "BTG", "TCBC", "LTLS", "VTLT", "XDCQ")), 7, 11),
    ("discipline", (("BTG", "TCBC", "VTLT", "CCVC"), ("XDCQ", "BTG", "TDKT", "DLS", "LTLS")), 3, 11),
    ("decentralisation", (("TTR", "TCBC", "XDCQ", "TTR", "BTG"), ("TTR", "XDCQ", "TCBC", "TTR", "BTG", "VTLT")), 4, 11),
)


def make_inspections(department: Department, clock: Clock, seed: int) -> pl.DataFrame:
    """Generate the inspections of both years; now and then one is not held, or its findings stay open."""
    rng = stream(seed, "inspections")
    rows = [
        (kind, unit, clock.day(date(year, first, 5)), clock.day(date(year, last, 20)))
        for year, turn in zip(department.years, (0, 1), strict=True)
        for kind, units, first, last in _PLANS
        for unit in units[turn]
    ]
    n = len(rows)
    span = np.array([last - first for *_, first, last in rows])
    planned = clock.on_or_after(np.array([first for *_, first, _ in rows]) + (span * rng.random(n)).astype(np.int64))
    is_par = np.array([kind == "par" for kind, *_ in rows])
    held = clock.add(planned, rng.integers(0, 8, n))
    held = np.where(~is_par & (rng.random(n) < 0.06), NEVER, held)
    at = np.where(held > NEVER, held, clock.first)
    concluded = np.where(held > NEVER, clock.add(at, rng.integers(10, 22, n)), NEVER)
    findings = rng.integers(1, 9, n)
    resolved = np.maximum(findings - (rng.random(n) < 0.3) * rng.integers(1, 4, n), 0)
    open_yet = pl.Series(held == NEVER)
    frame = pl.DataFrame(
        {
            "kind": [kind for kind, *_ in rows],
            "unit_code": [unit for _, unit, *_ in rows],
            "planned_on": clock.any_dates(planned),
            "inspected_on": clock.dates(held),
            "concluded_on": clock.dates(concluded),
            "findings": pl.Series(findings).set(open_yet, None),
            "findings_resolved": pl.Series(resolved).set(open_yet, None),
        }
    ).sort("planned_on", maintain_order=True)
    return frame.insert_column(0, keys("KT", n).alias("inspection_id"))


def make_initiatives(department: Department, clock: Clock, seed: int) -> pl.DataFrame:
    """Generate initiatives: applied for in spring and summer, most recognised in autumn, the last ones pending."""
    rng = stream(seed, "initiatives")
    titles = department.initiatives.titles
    n = len(titles)
    year = np.arange(n) * len(department.years) // n
    start = np.array([clock.day(date(y, 1, 1)) for y in department.years])[year]
    applied = clock.on_or_after(start + rng.integers(60, 230, n))
    recognised = clock.on_or_after(start + 270 + rng.integers(0, 60, n))
    recognised = np.where(np.arange(n) % 4 == 3, NEVER, recognised)
    codes = ["CCHC", "TDKT", "VTLT", "CCVC", "VP"]
    number = [f"{int(k)}/QĐ-SNV" for k in rng.integers(300, 900, n)]
    return pl.DataFrame(
        {
            "initiative_id": keys("SK", n),
            "title": pick(titles, np.arange(n)),
            "unit_code": pick(codes, rng.integers(0, len(codes), n)),
            "applied_on": clock.dates(applied),
            "recognised_on": clock.dates(recognised),
            "decision_no": pl.Series(number).set(pl.Series(recognised == NEVER), None),
        }
    )
