"""From aggregations over a view to figures, and from figures to rows of the result table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl

from chiso.catalogue import Indicator
from chiso.indicators import judge, survey
from chiso.indicators.judge import Figure
from chiso.indicators.measure import Definition, FactorIndex, Measure, Part
from chiso.indicators.views import VIEWS, MissingTable, Sources
from chiso.sources import load_contract
from chiso.worktime import Timeframe

Unit = str | None
Figures = dict[Unit, Figure]


def aggregations(view: str, group: Mapping[str, Measure]) -> Iterable[pl.Expr]:
    """Yield what is summed over a view for its measures; :func:`figure` finds it by its names."""
    for key, measure in group.items():
        yield measure.rows.sum().alias(f"{key}|rows")
        yield measure.numerator.alias(f"{key}|n")
        if measure.denominator is not None:
            yield measure.denominator.alias(f"{key}|d")
        if "/" in key:
            continue
        for reason, condition in measure.left_out.items():
            yield condition.fill_null(False).sum().alias(f"{key}|left_out|{reason}")
        for column, condition in measure.blanks.items():
            if _recorded(view, column):
                yield condition.fill_null(False).sum().alias(f"{key}|blank|{column}")


def _recorded(view: str, column: str) -> bool:
    """Whether a column holds a flag, count or code: a blank date means "not done", a blank flag "not recorded"."""
    table, source = VIEWS[view].origins(column)[0]
    return column == source and load_contract()[table].column(column).type in ("bool", "int", "enum")


def figure(totals: Mapping[str, float], key: str, measure: Measure) -> Figure:
    """Return the figure of a measure from the aggregations of its view."""
    numerator, rows = totals[f"{key}|n"], int(totals[f"{key}|rows"])
    if measure.denominator is None:
        return Figure(numerator, None, float(numerator), rows)
    denominator = totals[f"{key}|d"]
    return Figure(numerator, denominator, numerator / denominator if denominator else None, rows)


def points_index(
    indicator: str, parts: Mapping[str, Part], figures: Mapping[str, Figures]
) -> tuple[Figures, list[dict[str, object]]]:
    """Points earned over points assessable, and the points by part; parts without data are not applicable."""
    units = {u for code in parts for u in figures.get(f"{indicator}/{code}", {})}
    found: Figures = {}
    earned_by_part: list[dict[str, object]] = []
    for unit in sorted(units, key=lambda u: u or ""):
        points, assessable, rows = 0.0, 0.0, 0
        for code, part in parts.items():
            of_part = figures.get(f"{indicator}/{code}", {}).get(unit)
            if of_part is None or of_part.value is None:
                continue
            earned = min(of_part.value / part.full_from, 1.0) * part.max_points
            points, assessable, rows = points + earned, assessable + part.max_points, rows + of_part.rows
            earned_by_part.append(
                {
                    "indicator": indicator,
                    "unit_code": unit,
                    "code": code,
                    "share": of_part.value,
                    "points": earned,
                    "max_points": part.max_points,
                }
            )
        value = 100 * points / assessable if assessable else None
        found[unit] = Figure(points, assessable, value, rows)
    return found, earned_by_part


def counted_zero(indicator: Indicator, figures: Figures, definition: Definition) -> Figure:
    """Return the figure of a unit none of whose rows is there: a count over a table with data is 0, a share 0/0."""
    if indicator.measure == "count":
        return Figure(0.0, None, 0.0) if None in figures else Figure(None, None, None)
    if isinstance(definition, FactorIndex) and definition.factor is None:
        return Figure(None, float(len(survey.FACTORS)), None)
    return Figure(0.0, 0.0, None)


def _window(indicator: Indicator, t: Timeframe) -> tuple[date, date]:
    match indicator.window:
        case "period":
            return t.start, t.as_of
        case "year":
            return t.year_start, t.year_end
        case "as_of":
            return t.as_of, t.as_of
        case _:  # of the year to date, and of the budget year
            return t.year_start, t.as_of


def result_row(indicator: Indicator, unit: Unit, found: Figure, t: Timeframe) -> dict[str, object]:
    """Return the row of the result table for one figure, judged against its target."""
    start, end = _window(indicator, t)
    target = judge.target_of(indicator, unit)
    return {
        "indicator": indicator.id,
        "plan_item": indicator.plan_item,
        "component": indicator.component,
        "unit_code": unit,
        "numerator": found.numerator,
        "denominator": found.denominator,
        "value": found.value,
        "measure": indicator.measure,
        "comparator": indicator.comparator if target is not None else None,
        "target": target,
        "status": judge.status(indicator, found, unit, t.as_of, t.plan_year),
        "attainment": judge.attainment(indicator, found, unit),
        "window": indicator.window,
        "window_start": start,
        "window_end": end,
        "as_of": t.as_of,
        "deadline": indicator.deadline_on(t.plan_year) if target is not None else None,
        "verified": indicator.verified,
    }


def active_units(s: Sources) -> set[str]:
    """Return the units active on any day of P."""
    t = s.timeframe
    try:
        units = s.as_of("units")
    except MissingTable:
        return set()
    active = (pl.col("active_from") <= t.as_of).fill_null(True) & (pl.col("active_to") >= t.start).fill_null(True)
    return set(units.filter(active).select("unit_code").collect()["unit_code"])
