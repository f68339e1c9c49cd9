"""The result tables of a computation and their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from chiso.indicators.survey_tables import empty

SCHEMA = {
    "indicator": pl.String,
    "plan_item": pl.String,
    "component": pl.String,
    "unit_code": pl.String,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "value": pl.Float64,
    "measure": pl.String,
    "comparator": pl.String,
    "target": pl.Float64,
    "status": pl.String,
    "attainment": pl.Float64,
    "window": pl.String,
    "window_start": pl.Date,
    "window_end": pl.Date,
    "as_of": pl.Date,
    "deadline": pl.Date,
    "verified": pl.Boolean,
}
NOTES_SCHEMA = {
    "indicator": pl.String,
    "severity": pl.String,
    "reason": pl.String,
    "table": pl.String,
    "column": pl.String,
    "rows": pl.Int64,
    "message": pl.String,
}
POINTS_SCHEMA = {
    "indicator": pl.String,
    "unit_code": pl.String,
    "code": pl.String,
    "share": pl.Float64,
    "points": pl.Float64,
    "max_points": pl.Float64,
}

_FRAMES = ("indicators", "case_balance", "satisfaction", "points", "notes", "recency", "recording")
_STATISTICS = "statistics/"


def of_unit(unit: str | None) -> pl.Expr:
    """Return the condition for a unit's rows of a result table; None: the whole department's, which name no unit."""
    return pl.col("unit_code").is_null() if unit is None else pl.col("unit_code") == unit


@dataclass(frozen=True)
class Results:
    """What a computation gives.

    Attributes:
        indicators: one row an indicator and unit (null = whole department), columns of :data:`SCHEMA`.
        case_balance: form II.06 with margins.
        satisfaction: shares by item, factor and overall.
        points: parts of the service-quality index (indicator, unit_code, code, share, points, max_points).
        notes: what an indicator could not use and why, with row counts.
        recency: the newest day in each table (:data:`chiso.indicators.recording.RECENCY`).
        recording: columns that are not recorded any more (:data:`chiso.indicators.recording.SCHEMA`).
        units: codes of the units that have rows.
        weighting: how survey answers were weighted.
        statistics: the survey's tables beside ``satisfaction``, by name (:mod:`chiso.indicators.survey_tables`).
    """

    indicators: pl.DataFrame
    case_balance: pl.DataFrame
    satisfaction: pl.DataFrame
    points: pl.DataFrame
    notes: pl.DataFrame
    recency: pl.DataFrame
    recording: pl.DataFrame
    units: tuple[str, ...]
    weighting: str
    statistics: Mapping[str, pl.DataFrame] = field(default_factory=empty)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Return everything as frames; :meth:`of_frames` makes the results of them again."""
        plain = {name: getattr(self, name) for name in _FRAMES}
        of_survey = {f"{_STATISTICS}{name}": frame for name, frame in self.statistics.items()}
        units = pl.DataFrame({"unit_code": self.units}, schema={"unit_code": pl.String})
        return plain | of_survey | {"units": units, "weighting": pl.DataFrame({"weighting": [self.weighting]})}

    @staticmethod
    def of_frames(frames: Mapping[str, pl.DataFrame]) -> Results:
        """Return the results that :meth:`frames` took apart."""
        return Results(
            **{name: frames[name] for name in _FRAMES},
            units=tuple(frames["units"]["unit_code"]),
            weighting=str(frames["weighting"].item()),
            statistics={n.removeprefix(_STATISTICS): f for n, f in frames.items() if n.startswith(_STATISTICS)},
        )

    @property
    def failed(self) -> bool:
        """Whether an indicator could not be computed for another reason than missing data."""
        return "error" in self.notes["severity"]
