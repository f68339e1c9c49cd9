"""From the result tables of past periods to series: what each period added, and what the plan year has so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chiso.catalogue import Catalogue, Indicator
from chiso.indicators.measure import Measure, define
from chiso.worktime import Period, Timeframe

Floats = NDArray[np.float64]

#: Functions whose earlier misses may be made good later: a task that was not done when it fell due is done after all.
CATCHING_UP = frozenset(
    {
        "direction.tasks_completed",
        "staff.discipline_inspections",
        "organisation.decentralisation_inspections",
        "organisation.findings_resolved",
        "civil_service.training_attended",
    }
)

#: Windows whose figures hold all of the plan year so far; the others hold one period.
CUMULATED = frozenset({"year_to_date", "year", "budget_year"})


def family(indicator: Indicator, timeframe: Timeframe) -> str:
    """Return how an indicator is forecast.

    ``register``: rows with due dates. ``budget``: the curve of past years. ``flow``: numerator and denominator grow
    through the year. ``count``: a number that grows through the year. ``units``: a number that grows over a fixed
    whole. ``level``: a state or index that each period shows anew; ``level_count``: the same for a number.
    """
    if indicator.function.startswith("deliverables."):
        return "register"
    if indicator.window == "budget_year":
        return "budget"
    definition = define(indicator.function, timeframe, indicator.arguments)
    if not isinstance(definition, Measure):
        return "level"
    if definition.denominator is None:
        return "level_count" if indicator.window == "as_of" else "count"
    if definition.view == "units":
        return "units"
    return "level" if indicator.window == "as_of" or not definition.additive else "flow"


@dataclass(frozen=True)
class Series:
    """Rows of one family by period, oldest first; the last period is the present one.

    Attributes:
        kind: of the periods, such as "quarter".
        rows: the result table's rows of the present period, as dicts; shape (rows,).
        numerator, denominator, value: as in the result table, shape (rows, periods); NaN where there is none.
        starts, ends: first and last day of each period.
        years, numbers: plan year and number within it of each period.
        cumulated: which rows are cumulated within the plan year.
        catching_up: which rows can make good earlier misses.
    """

    kind: str
    rows: list[dict[str, Any]]
    numerator: Floats
    denominator: Floats
    value: Floats
    starts: tuple[date, ...]
    ends: tuple[date, ...]
    years: NDArray[np.int64]
    numbers: NDArray[np.int64]
    cumulated: NDArray[np.bool_]
    catching_up: NDArray[np.bool_]

    @property
    def days(self) -> Floats:
        """Length of each period in days."""
        return np.array([(end - start).days + 1 for start, end in zip(self.starts, self.ends, strict=True)], float)

    @property
    def ages(self) -> Floats:
        """Days from the middle of each period to the as-of day."""
        return np.array([(self.ends[-1] - end).days for end in self.ends], float)

    @property
    def this_year(self) -> NDArray[np.bool_]:
        """The periods of the present plan year."""
        return self.years == self.years[-1]

    def added(self, amounts: Floats) -> Floats:
        """What each period added; NaN where the period before is not known but needed."""
        before = np.roll(amounts, 1, axis=1)
        first = self.numbers == 1
        follows = np.zeros(len(first), bool)
        follows[1:] = (np.diff(self.years) == 0) & (np.diff(self.numbers) == 1)
        step = np.where(first, amounts, np.where(follows, amounts - before, np.nan))
        return np.where(self.cumulated[:, None], step, amounts)

    def so_far(self, amounts: Floats) -> Floats:
        """What the plan year has up to now, shape (rows,); NaN where the year's beginning is not in the history."""
        mine = self.this_year
        whole = sorted(self.numbers[mine]) == list(range(1, int(self.numbers[-1]) + 1))
        total = np.where(whole, amounts[:, mine].sum(axis=1), np.nan)
        return np.where(self.cumulated, amounts[:, -1], total)


def series_of(history: pl.DataFrame, catalogue: Catalogue, timeframe: Timeframe) -> dict[str, Series]:
    """Return the series by family, of the rows that the present period has.

    Args:
        history: the result table's columns and ``period``; periods of the timeframe's kind, none after it.
        catalogue: what the indicators are.
        timeframe: the present period.
    """
    known = {i.id: i for i in catalogue.indicators}
    kinds = {name: family(i, timeframe) for name, i in known.items()}
    periods = [Period.parse(p) for p in history["period"].unique().to_list()]
    periods = sorted(p for p in periods if p.kind == timeframe.period.kind and p <= timeframe.period)
    if not periods or periods[-1] != timeframe.period:
        return {}
    names = [str(p) for p in periods]
    windows = [Timeframe(p, timeframe.rule) for p in periods[:-1]] + [timeframe]
    usable = history.filter(pl.col("indicator").is_in(list(known)), pl.col("period").is_in(names))
    present = usable.filter(pl.col("period") == names[-1]).sort("indicator", "unit_code", nulls_last=False)
    found = {}
    for kind in sorted(set(kinds.values())):
        mine = present.filter(pl.col("indicator").is_in([k for k, f in kinds.items() if f == kind]))
        if mine.is_empty():
            continue
        rows = mine.to_dicts()
        keys = mine.select("indicator", "unit_code").with_row_index("_row")
        cells = usable.join(keys, on=["indicator", "unit_code"], nulls_equal=True)
        at = cells["_row"].to_numpy(), cells["period"].replace_strict(names, list(range(len(names)))).to_numpy()
        matrices = {}
        for column in ("numerator", "denominator", "value"):
            matrices[column] = np.full((len(rows), len(names)), np.nan)
            matrices[column][at] = cells[column].cast(pl.Float64).to_numpy()
        found[kind] = Series(
            timeframe.period.kind,
            rows,
            matrices["numerator"],
            matrices["denominator"],
            matrices["value"],
            tuple(w.start for w in windows),
            tuple(w.as_of for w in windows),
            np.array([p.year for p in periods]),
            np.array([p.number for p in periods]),
            np.array([r["window"] in CUMULATED for r in rows]),
            np.array([known[r["indicator"]].function in CATCHING_UP for r in rows]),
        )
    return found
