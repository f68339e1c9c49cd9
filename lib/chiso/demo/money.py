"""Budget snapshots, cumulative within a budget year."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from chiso.demo.clock import Clock, stream
from chiso.demo.department import Department

MILLION = 1_000_000
#: Share of the year's investment disbursed by each snapshot (14th of each month, 31/12) of a year that reaches 1.
_INVESTED = np.array([0.0, 0.02, 0.06, 0.12, 0.19, 0.27, 0.36, 0.46, 0.56, 0.67, 0.80, 0.965, 1.0])
#: Share of the year's administrative spending done by then.
_SPENT = np.array([0.03, 0.10, 0.18, 0.26, 0.34, 0.43, 0.51, 0.59, 0.67, 0.75, 0.83, 0.93, 1.0])
#: Share of the plan disbursed, and of the administrative budget saved, at the end of each year in turn.
_REACHED = (0.822, 0.884)
_SAVED = (0.092, 0.112)


def make_budget(department: Department, clock: Clock, seed: int) -> pl.DataFrame:
    """Generate one row a line and snapshot: projects with investment money, running costs of every unit."""
    rng = stream(seed, "budget")
    frames = []
    for y, year in enumerate(department.years):
        snapshots = [date(year, month, 14) for month in range(1, 13)] + [date(year, 12, 31)]
        units = department.active(date(year, 12, 31))
        owners = ["VP", "LTLS", "VTLT", "TDKT", "BTG", "LTLS"]
        for i, owner in enumerate(owners, 1):
            allocated = int(rng.integers(8, 60)) * 100 * MILLION
            reached = np.clip(_REACHED[y] + 0.05 * (rng.random() - 0.5) - 0.12 * (owner == "BTG"), 0.4, 0.995)
            paid = np.minimum.accumulate((allocated * reached * _INVESTED ** (0.9 + 0.2 * rng.random()))[::-1])[::-1]
            frames.append(_line(f"MP-DT-{year}-{i:02d}", snapshots, year, owner, "investment", allocated, paid))
        for i, unit in enumerate(units, 1):
            planned = unit.staff * int(rng.integers(46, 60)) * MILLION
            saved = _SAVED[y] + 0.04 * (rng.random() - 0.5) - 0.03 * (unit.code == "BTG")
            paid = planned * (1 - saved) * np.clip(_SPENT + 0.01 * (rng.random() - 0.5) * (_SPENT < 1), 0, 1)
            frames.append(_line(f"MP-HC-{year}-{i:02d}", snapshots, year, unit.code, "admin", planned, paid))
    frame = pl.concat(frames).filter(pl.col("as_of") <= department.last)
    # One unit's spending of one month was never entered: a blank amount is not a zero.
    blank = (pl.col("line_id") == f"MP-HC-{department.years[-1]}-03") & (pl.col("as_of").dt.month() == 9)
    spent = pl.when(~blank).then(pl.col("spent_vnd"))
    return frame.with_columns(spent).sort("as_of", "line_id")


def _line(
    line: str, snapshots: list[date], year: int, unit: str, kind: str, amount: int, paid: np.ndarray
) -> pl.DataFrame:
    money = pl.Series((paid / MILLION).round().astype(np.int64) * MILLION)
    amounts = pl.Series([amount] * len(snapshots), dtype=pl.Int64)
    empty = pl.Series([None] * len(snapshots), dtype=pl.Int64)
    investment = kind == "investment"
    return pl.DataFrame(
        {
            "line_id": line,
            "as_of": snapshots,
            "budget_year": pl.Series([year] * len(snapshots), dtype=pl.Int64),
            "unit_code": unit,
            "kind": kind,
            "planned_vnd": empty if investment else amounts,
            "allocated_vnd": amounts if investment else empty,
            "disbursed_vnd": money if investment else empty,
            "spent_vnd": empty if investment else money,
        }
    )
