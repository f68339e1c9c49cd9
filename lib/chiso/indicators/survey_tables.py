"""The survey's tables of a run: the points with their intervals, and what rests on them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators import survey_comments, survey_groups
from chiso.indicators import survey_comparisons as comparisons
from chiso.indicators import survey_statistics as statistics
from chiso.indicators.survey import Satisfaction, read_answers
from chiso.indicators.views import Sources
from chiso.worktime import Period, PeriodError, Timeframe

#: Tables beside ``satisfaction``, with their columns.
SCHEMAS: dict[str, dict[str, Any]] = {
    "satisfaction_details": statistics.DETAILS,
    "satisfaction_target": statistics.TARGET,
    "satisfaction_groups": survey_groups.GROUPS,
    "satisfaction_units": comparisons.UNITS,
    "satisfaction_changes": comparisons.CHANGES,
    "satisfaction_scale": statistics.SCALE,
    "satisfaction_drivers": statistics.DRIVERS,
    "satisfaction_comments": survey_comments.COMMENTS,
}
#: Shares counted in two ways may differ by rounding.
_CLOSE = 1e-12


def empty() -> dict[str, pl.DataFrame]:
    """Return the tables without rows."""
    return {name: pl.DataFrame(schema=schema) for name, schema in SCHEMAS.items()}


@dataclass(frozen=True)
class Uncertainty:
    """What sampling adds to the points.

    Attributes:
        satisfaction: the points with se, interval and method where there are degrees of freedom.
        tables: by name, columns of :data:`SCHEMAS`.
        short: units with more respondents than their frame has people.
        zero: respondents with weight zero.
    """

    satisfaction: pl.DataFrame
    tables: Mapping[str, pl.DataFrame] = field(default_factory=empty)
    short: tuple[str, ...] = ()
    zero: int = 0


def with_uncertainty(s: Sources, catalogue: Catalogue, found: Satisfaction) -> Uncertainty:
    """Add standard errors, intervals and comparisons to a period's points.

    Args:
        s: the run's sources, for the earlier periods.
        catalogue: conventions; those of this year hold for the earlier periods too.
        found: the points.

    Raises:
        ArithmeticError: a share estimated here differs from the counted one (a defect of the program).
    """
    sipas, period = catalogue.settings.sipas, s.timeframe.period
    sample = statistics.sample_of(found.answers)
    told = {"satisfaction_comments": survey_comments.count_comments(found.answers.responses, str(period))}
    if sample is None:
        return Uncertainty(found.table, empty() | told)
    details = statistics.details(sample, sipas, str(period))
    tables = empty() | {
        **told,
        "satisfaction_details": details,
        "satisfaction_groups": survey_groups.groups(sample, sipas, str(period)),
        "satisfaction_units": comparisons.units(sample, sipas, str(period)),
        "satisfaction_scale": statistics.scale(found.answers, sipas, str(period)),
        "satisfaction_drivers": statistics.drivers_of(sample, details, sipas, str(period)),
    }
    goals = [i for i in catalogue.indicators if i.function == "satisfaction.overall"]
    if goals:
        tables["satisfaction_target"] = statistics.target(details, goals[0], sipas)
    changes = []
    for against, earlier in _earlier(period).items():
        answers = read_answers(replace(s, timeframe=Timeframe(earlier, s.timeframe.rule)))
        before = statistics.sample_of(answers) if answers else None
        if before:
            changes.append(comparisons.changes(sample, before, sipas, str(period), str(earlier), against))
    if changes:
        tables["satisfaction_changes"] = pl.concat(changes)
    return Uncertainty(_filled(found.table, details), tables, sample.short, sample.zero)


def _earlier(period: Period) -> dict[str, Period]:
    """Return the period before and the same of the year before; once, where they are one."""
    found: dict[str, Period] = {}
    with suppress(PeriodError):  # before the first year there is
        found["previous"] = period.previous()
        if period.year_before() != found["previous"]:
            found["year_before"] = period.year_before()
    return found


def _filled(points: pl.DataFrame, details: pl.DataFrame) -> pl.DataFrame:
    """Return the points with the estimates' uncertainty, after a look whether both counted the same."""
    keys, added = ["unit_code", "level", "code"], ["se", "ci_low", "ci_high", "method"]
    joined = points.drop(added).join(
        details.select(*keys, *added, _share="share"), on=keys, how="left", nulls_equal=True, maintain_order="left"
    )
    apart = joined.filter(((pl.col("share") - pl.col("_share")).abs() > _CLOSE).fill_null(False))
    lost = joined.filter(pl.col("share").is_null() != pl.col("_share").is_null())
    if apart.height or lost.height:
        raise ArithmeticError(
            f"shares counted and estimated differ: {pl.concat([apart, lost]).select(keys).rows()[:5]}"
        )
    return joined.select(points.columns)
