"""Forecasts of deliverables: what is done, what is still due, and how often what was due came in time before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from chiso.catalogue import Catalogue
from chiso.scoring.forecast import chances
from chiso.scoring.forecast.flows import _closed, _ratio
from chiso.scoring.forecast.outcome import Outcome, least_hits
from chiso.scoring.forecast.series import Floats, Series
from chiso.worktime import Period, Timeframe

#: How far back due dates teach the chance of the next ones, and the fewest of them.
LOOK_BACK = timedelta(days=730)
FEWEST_DUE = 10
#: Prior trials that the chance of an overdue row, or of one done ahead of time, is worth.
STRENGTH = 8.0


def known_on(register: pl.DataFrame, day: date) -> pl.DataFrame:
    """The register as it stood on a day: what was done later is not done."""
    done = pl.col("done_on") <= day
    return register.with_columns(
        done_on=pl.when(done).then(pl.col("done_on")), completed=(pl.col("completed") & done).fill_null(False)
    )


def register(
    series: Series, left: Floats, level: float, rows: pl.DataFrame | None, catalogue: Catalogue, t: Timeframe
) -> Outcome:
    """Forecast the shares of deliverables completed, or completed in time.

    Args:
        series: rows of the family.
        left: days to the deadline, shape (rows,).
        level: of the interval.
        rows: the register with ``due`` and ``completed`` (view ``deliverables``); None: nothing can be said.
        catalogue: which rows of the register an indicator counts.
        t: the present period.
    """
    n, whole = series.so_far(series.numerator), series.so_far(series.denominator)
    result = Outcome.empty(len(n))
    result.now = _ratio(n, whole)
    if rows is None:
        result.refuse(np.full(len(n), True), "no_register")
    else:
        table = known_on(rows, t.as_of)
        chance = _Chances(table, t.as_of)
        groups = {str(k[0]): g for k, g in table.group_by("plan_item")}
        for i, row in enumerate(series.rows):
            of_item = groups.get(catalogue.indicator(row["indicator"]).arguments["item"], table.clear())
            mine = of_item if row["unit_code"] is None else of_item.filter(unit_code=row["unit_code"])
            _one(result, i, row, mine, chance, catalogue, t, t.as_of + timedelta(days=max(0, int(left[i]))), level)
    return _closed(result, series, left, n, whole)


class _Chances:
    """How often rows that fell due were done in time, and how often late ones were still done."""

    def __init__(self, table: pl.DataFrame, day: date) -> None:
        past = table.filter(pl.col("due") < day, pl.col("due") >= day - LOOK_BACK)
        punctual = (pl.col("completed") & (pl.col("done_on") <= pl.col("due"))).fill_null(False)
        items = past.group_by("plan_item").agg(punctual.sum().alias("x"), pl.len().alias("n"))
        x, n = (items[c].to_numpy().astype(float) for c in ("x", "n"))
        self.due = int(n.sum())
        self.punctual = (x.sum() + 0.5) / (n.sum() + 1)
        days = past.with_columns(
            late=(pl.col("done_on") - pl.col("due")).dt.total_days(), age=(pl.lit(day) - pl.col("due")).dt.total_days()
        ).with_columns(late=pl.when("completed").then("late"))
        # Days after the due date on which a row was done (not a number: not yet), and how long ago it was due.
        self.late, self.age = (days[c].cast(pl.Float64).fill_null(np.nan).to_numpy() for c in ("late", "age"))
        self.made_good = self.still_to_come(np.zeros(1))
        # How unlike the items are (moments), as prior trials of each item's own record.
        pq = self.punctual * (1 - self.punctual)
        excess, pairs = ((x - n * self.punctual) ** 2 - n * pq).sum(), (n * (n - 1)).sum() * pq
        correlation = float(np.clip(excess / pairs if pairs > 0 else 0.05, 0.02, 0.5))
        self.prior = 1 / correlation - 1
        self.own = {item: (a, b) for item, a, b in zip(items["plan_item"], x, n, strict=True)}

    def still_to_come(self, overdue: Floats) -> float:
        """Mean chance that rows so many days overdue will still be done: as many as others that were that late."""
        beaten = self.late[None, :] > overdue[:, None]
        waiting = beaten | (np.isnan(self.late) & (self.age >= overdue[:, None]))
        return float(((beaten.sum(axis=1) + 0.5) / (waiting.sum(axis=1) + 1)).mean())

    def ahead_of_time(self, days: Floats) -> float:
        """Mean chance that rows are done so many days before they are due."""
        early = (self.late[None, :] <= -days[:, None]).sum(axis=1)
        return float(((early + 0.5) / (self.due + 1)).mean())

    def of_item(self, item: str, completed: bool) -> tuple[float, float]:
        """Parameters of the beta of an open row's chance to count."""
        x, n = self.own.get(item, (0.0, 0.0))
        a, b = x + self.prior * self.punctual, n - x + self.prior * (1 - self.punctual)
        if completed:  # what is late may still count
            a, b = a + b * self.made_good, b * (1 - self.made_good)
        return max(a, 0.05), max(b, 0.05)


def _one(
    result: Outcome,
    i: int,
    row: dict[str, Any],
    mine: pl.DataFrame,
    chance: _Chances,
    catalogue: Catalogue,
    t: Timeframe,
    until: date,
    level: float,
) -> None:
    entry = catalogue.indicator(str(row["indicator"]))
    completed, mode = entry.function == "deliverables.completed", entry.arguments["rows"]
    first = {"due_in_year": t.year_start, "due_in_period": Period(t.plan_year, "year").window(t.rule)[0]}
    of_year = pl.col("plan_year") == t.plan_year
    counted = mine.filter(of_year if mode == "year" else pl.col("due").is_between(first[mode], until))
    total = counted.height
    if not total:
        result.reason[i] = "no_cases"
        return
    done = pl.col("completed") if completed else pl.col("completed") & (pl.col("done_on") <= pl.col("due"))
    lost = pl.lit(False) if completed else pl.col("completed") | (pl.col("due") < t.as_of)
    rest = counted.filter(~done.fill_null(False) & ~lost.fill_null(False))
    open_rows = rest.filter((pl.col("due") >= t.as_of) & (pl.col("due") <= until))
    overdue, undated = rest.filter(pl.col("due") < t.as_of), rest.filter(pl.col("due").is_null())
    if undated.height:
        result.reason[i] = "no_due"
        return
    hits = counted.filter(done.fill_null(False)).height
    if rest.height and chance.due < FEWEST_DUE:
        result.reason[i] = "few_due"
        return
    parts = [(open_rows.height, *chance.of_item(entry.arguments["item"], completed))]
    if overdue.height:
        parts.append((overdue.height, *_beta(chance.still_to_come(_days(pl.lit(t.as_of) - pl.col("due"), overdue)))))
    later = rest.filter(pl.col("due") > until)
    if later.height:
        parts.append((later.height, *_beta(chance.ahead_of_time(_days(pl.col("due") - pl.lit(until), later)))))
    mass = _sum_of(parts)
    below = np.cumsum(mass)
    median = int((below < 0.5 - 1e-12).sum())
    least = least_hits(row["target"], row["comparator"], total) - hits
    result.forecast[i] = (hits + median) / total
    result.low[i] = (hits + int((below < (0.5 - level / 2) * (1 - 1e-12)).sum())) / total
    result.high[i] = (hits + min(int((below < 0.5 + level / 2 - 1e-12).sum()), len(mass) - 1)) / total
    result.probability[i] = np.nan if np.isnan(least) else float(mass[max(0, int(least)) :].sum())
    result.method[i] = "register"


def _days(gap: pl.Expr, rows: pl.DataFrame) -> Floats:
    return rows.select(gap.dt.total_days().cast(pl.Float64)).to_series().to_numpy()


def _beta(mean: float) -> tuple[float, float]:
    return STRENGTH * mean, STRENGTH * (1 - mean)


def _sum_of(parts: Iterable[tuple[int, float, float]]) -> Floats:
    mass = np.ones(1)
    for n, a, b in parts:
        mass = np.convolve(mass, chances.beta_binomial(n, a, b))
    return mass
