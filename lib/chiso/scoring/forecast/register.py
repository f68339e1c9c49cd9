"""Forecasts of deliverables: what is done, what is still due, and how often what was due came in time before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

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
        groups = _Rows.by_item(table)
        for i, row in enumerate(series.rows):
            of_item = groups.get(catalogue.indicator(row["indicator"]).arguments["item"], _NO_ROWS)
            mine = of_item if row["unit_code"] is None else of_item.where(of_item.unit == row["unit_code"])
            _one(result, i, row, mine, chance, catalogue, t, t.as_of + timedelta(days=max(0, int(left[i]))), level)
    return _closed(result, series, left, n, whole)


@dataclass(frozen=True)
class _Rows:
    """Rows of the register as arrays, shape (rows,): an indicator of a unit has few, and there are many of those.

    Attributes:
        unit: codes, None where there is none.
        year: plan year, NaN where there is none.
        due, done: days, NaN where there is none.
        completed: whether done, with evidence.
    """

    unit: NDArray[np.object_]
    year: Floats
    due: Floats
    done: Floats
    completed: NDArray[np.bool_]

    @classmethod
    def by_item(cls, table: pl.DataFrame) -> dict[str, _Rows]:
        """Return the rows of each plan item, in their order."""
        due, done, year = (
            table[c].cast(pl.Int32).cast(pl.Float64).fill_null(np.nan).to_numpy()
            for c in ("due", "done_on", "plan_year")
        )
        unit = np.array(table["unit_code"].to_list() + [None], object)[:-1]
        whole = cls(unit, year, due, done, table["completed"].to_numpy().astype(bool))
        places = table.with_row_index("_place").group_by("plan_item").agg("_place")
        return {str(item): whole.where(np.sort(np.array(found))) for item, found in places.rows()}

    def where(self, chosen: NDArray[Any]) -> _Rows:
        """Return some of the rows, by mask or by place."""
        columns = (self.unit, self.year, self.due, self.done, self.completed)
        return _Rows(*(column[chosen] for column in columns))


_NO_ROWS = _Rows(np.empty(0, object), np.empty(0), np.empty(0), np.empty(0), np.empty(0, bool))


class _Chances:
    """How often rows that fell due were done in time, and how often late ones were still done."""

    def __init__(self, table: pl.DataFrame, day: date) -> None:
        past = table.filter(pl.col("due") < day, pl.col("due") >= day - LOOK_BACK)
        punctual = (pl.col("completed") & (pl.col("done_on") <= pl.col("due"))).fill_null(False)
        items = past.group_by("plan_item", maintain_order=True).agg(punctual.sum().alias("x"), pl.len().alias("n"))
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
    mine: _Rows,
    chance: _Chances,
    catalogue: Catalogue,
    t: Timeframe,
    until: date,
    level: float,
) -> None:
    entry = catalogue.indicator(str(row["indicator"]))
    completed, mode = entry.function == "deliverables.completed", entry.arguments["rows"]
    first = {"due_in_year": t.year_start, "due_in_period": Period(t.plan_year, "year").window(t.rule)[0]}
    today, last = _day(t.as_of), _day(until)
    if mode == "year":
        counted = mine.where(mine.year == t.plan_year)
    else:
        counted = mine.where((mine.due >= _day(first[mode])) & (mine.due <= last))
    total = len(counted.due)
    if not total:
        result.reason[i] = "no_cases"
        return
    done = counted.completed if completed else counted.completed & (counted.done <= counted.due)
    lost = np.zeros(total, bool) if completed else counted.completed | (counted.due < today)
    rest = counted.due[~done & ~lost]
    if np.isnan(rest).any():
        result.reason[i] = "no_due"
        return
    hits = int(done.sum())
    if len(rest) and chance.due < FEWEST_DUE:
        result.reason[i] = "few_due"
        return
    parts = [(int(((rest >= today) & (rest <= last)).sum()), *chance.of_item(entry.arguments["item"], completed))]
    overdue, later = rest[rest < today], rest[rest > last]
    if len(overdue):
        parts.append((len(overdue), *_beta(chance.still_to_come(today - overdue))))
    if len(later):
        parts.append((len(later), *_beta(chance.ahead_of_time(later - last))))
    mass = _sum_of(parts)
    below = np.cumsum(mass)
    median = int((below < 0.5 - 1e-12).sum())
    least = least_hits(row["target"], row["comparator"], total) - hits
    result.forecast[i] = (hits + median) / total
    result.low[i] = (hits + int((below < (0.5 - level / 2) * (1 - 1e-12)).sum())) / total
    result.high[i] = (hits + min(int((below < 0.5 + level / 2 - 1e-12).sum()), len(mass) - 1)) / total
    result.probability[i] = np.nan if np.isnan(least) else float(mass[max(0, int(least)) :].sum())
    result.method[i] = "register"


def _day(day: date) -> int:
    """Return a day as polars counts them: from 1 January 1970."""
    return (day - date(1970, 1, 1)).days


def _beta(mean: float) -> tuple[float, float]:
    return STRENGTH * mean, STRENGTH * (1 - mean)


def _sum_of(parts: Iterable[tuple[int, float, float]]) -> Floats:
    mass = np.ones(1)
    for n, a, b in parts:
        mass = np.convolve(mass, chances.beta_binomial(n, a, b))
    return mass
