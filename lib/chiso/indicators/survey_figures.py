"""The survey's part of a computation, as frames that can be kept: figures, tables, and what is noted with them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import polars as pl

from chiso.indicators import survey, survey_tables
from chiso.indicators.figures import Figures
from chiso.indicators.judge import Figure
from chiso.indicators.measure import FactorIndex
from chiso.indicators.notes import Notes
from chiso.indicators.pieces import SURVEY, Pieces
from chiso.indicators.views import Sources

#: Figures of each factor and of all (`factor` null), by unit; `responses`: of the unit.
_FIGURES = {
    "unit_code": pl.String,
    "factor": pl.String,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "value": pl.Float64,
    "responses": pl.Int64,
}


class SurveyFigures:
    """Satisfaction of one timeframe; computed anew only where the answers, their frame or the form have changed."""

    def __init__(self, sources: Sources, pieces: Pieces, units: Sequence[str]) -> None:
        self._sources, self._pieces, self._units = sources, pieces, units
        self.answered = bool(sources.dataset.accepted(SURVEY[0]))
        self._found = pieces.frames(self._figures, "survey", SURVEY, units) if self.answered else {}

    @cached_property
    def _estimated(self) -> survey.Satisfaction:
        found = survey.estimate(self._sources, self._sources.catalogue, self._units)
        assert found is not None, "asked only where there are answers"
        return found

    def _figures(self) -> dict[str, pl.DataFrame]:
        found, rows = self._estimated, []
        for unit, responses in found.respondents.items():
            for factor in (None, *survey.FACTORS):
                index = found.overall[unit] if factor is None else found.factors[unit, factor]
                numerator = index.numerator if factor is None else (index.numerator or 0.0)
                rows.append((unit, factor, numerator, index.denominator, index.value, responses))
        figures = pl.DataFrame(rows, schema=_FIGURES, orient="row")
        weighting = pl.DataFrame({"weighting": [found.weighting]})
        return {"figures": figures, "satisfaction": found.table, "weighting": weighting}

    @property
    def weighting(self) -> str:
        """How answers were weighted."""
        return str(self._found["weighting"].item()) if self.answered else "none"

    @property
    def units(self) -> set[str]:
        """Units that have a row; none where nobody was asked."""
        return set(self._found["figures"]["unit_code"].drop_nulls()) if self.answered else set()

    def figures(self, definition: FactorIndex) -> Figures:
        """Return the figures of one factor, or of all."""
        rows = self._found["figures"].filter(pl.col("factor").eq_missing(pl.lit(definition.factor, pl.String)))
        columns = ("unit_code", "numerator", "denominator", "value", "responses")
        return {unit: Figure(*cells) for unit, *cells in rows.select(columns).iter_rows()}

    def tables(self, statistics: bool) -> dict[str, pl.DataFrame]:
        """Return ``satisfaction``, the tables beside it (empty without ``statistics``), and ``notes``."""
        plain = {"notes": Notes().frame(), **survey_tables.empty()}
        if not self.answered:
            return {"satisfaction": pl.DataFrame(schema=survey.SCHEMA), **plain}
        if not statistics:
            return {"satisfaction": self._found["satisfaction"], **plain}
        return dict(self._pieces.frames(self._uncertainty, "survey_statistics", SURVEY, self._units))

    def _uncertainty(self) -> dict[str, pl.DataFrame]:
        """Intervals and comparisons of the satisfaction figures; notes where a rule had to bend."""
        found, notes = self._estimated, Notes()
        added = survey_tables.with_uncertainty(self._sources, self._sources.catalogue, found)
        answers = found.answers
        for reason, columns in (("form_absent", answers.asked.absent), ("form_extra", answers.asked.extra)):
            if columns:
                notes.add(survey.OVERALL, reason, table="survey_responses", items=", ".join(columns))
        if answers.asked.other:
            names = ", ".join(c for group in answers.asked.other.values() for c in group)
            notes.add(survey.OVERALL, "form_other", table="survey_responses", items=names)
        if answers.outside:
            notes.add(survey.OVERALL, "form_outside", rows=answers.outside, table="survey_responses")
        if added.short:
            notes.add(survey.OVERALL, "frame_short", table="survey_frame", units=", ".join(added.short))
        if added.zero:
            notes.add(survey.OVERALL, "weight_zero", rows=added.zero, table="survey_responses", column="weight")
        return {"satisfaction": added.satisfaction, "notes": notes.frame(), **added.tables}
