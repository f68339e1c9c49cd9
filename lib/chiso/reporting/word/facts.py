"""What the draft tells: tables of the appendices, figures of this period and the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from chiso.catalogue import Indicator
from chiso.indicators.results import of_unit
from chiso.indicators.survey_comparisons import same_form
from chiso.messages import text
from chiso.reporting import privacy, sentences
from chiso.reporting.asks import gaps_of
from chiso.reporting.evidence import evidence
from chiso.reporting.report import Table
from chiso.reporting.sentences import Change
from chiso.reporting.tables.scorecard import figures_of
from chiso.reporting.workbook import Material, roman
from chiso.survey import verdict_text
from chiso.worktime import Period

Row = dict[str, Any]


@dataclass(frozen=True)
class Reference:
    """A table of an appendix, and how the draft refers to it."""

    table: Table
    appendix: str
    sheet: str
    file: str

    @property
    def words(self) -> str:
        """Return the sentence that sends the reader there."""
        return text("word.appendix", appendix=self.appendix, sheet=self.sheet, file=self.file)


@dataclass(frozen=True)
class Facts:
    """The material of the appendices, their names, and earlier figures.

    Attributes:
        material: what the appendices are made from.
        files: name of each index's workbook, by index.
        history: indicators of earlier periods (column ``period``): internal, unsuppressed; None: none are told.
    """

    material: Material
    files: Mapping[str, str]
    history: pl.DataFrame | None = None

    @cached_property
    def references(self) -> dict[str, Reference]:
        """Each table of the appendices by its id; of one that stands in both, that of PAR-INDEX."""
        found: dict[str, Reference] = {}
        for index, file in sorted(self.files.items(), reverse=True):
            for number, sheet in enumerate(self.material.sheets(index), 1):
                appendix, name = text("workbook.appendix", number=roman(number)), f"{roman(number)}. {sheet.name}"
                found.setdefault(sheet.table.id, Reference(sheet.table, appendix, name, file))
        return found

    @cached_property
    def rows(self) -> dict[str, Row]:
        """The published figures of the subject by indicator."""
        return figures_of(self.material.indicators, self.material.unit)

    @cached_property
    def gaps(self) -> dict[str, Mapping[str, Any]]:
        """What each of the subject's indicators lacks to its target, by indicator."""
        return gaps_of(self.material.indicators, self.material.catalogue, self.material.unit)

    def row(self, indicator: str) -> Row:
        """Return the published figures of an indicator; blank where there are none."""
        columns = [*self.material.indicators.columns, "withheld"]
        return self.rows.get(indicator) or dict.fromkeys(columns)

    def status(self, indicator: Indicator) -> str | None:
        """Return how an indicator stands: its status, ``withheld``, ``no_data``, or None where nothing is judged."""
        row = self.row(indicator.id)
        if row["withheld"]:
            return "withheld"
        return "no_data" if row["value"] is None else row["status"]

    def targeted(self, indicator: Indicator) -> bool:
        """Return whether the plan sets the subject a target that is judged."""
        row = self.row(indicator.id)
        return indicator.judged and row["target"] is not None

    def changes(self, indicator: Indicator) -> list[Change]:
        """Return the movements since the period before (not of a figure that accumulates) and the year before."""
        current, found = self.material.timeframe.period, []
        surveyed = privacy.survey_codes(self.material.catalogue)
        forms = self.material.results.statistics.get("satisfaction_changes")
        for period in sentences.predecessors(indicator, current):
            if indicator.id in surveyed and not same_form(forms, str(period)):
                continue  # the form had other items
            before = self._past(period).get(indicator.id, {})
            verdict = self._verdict(indicator, period)
            moved = sentences.change(
                indicator, self.row(indicator.id), before, sentences.since(period, current), verdict
            )
            found += [moved] if moved else []
        return found

    def evidence(self, indicator: Indicator) -> str:
        """Return the interval of a satisfaction figure and what it allows to conclude; empty for other figures."""
        code = privacy.survey_codes(self.material.catalogue).get(indicator.id)
        if code is None or self.row(indicator.id)["value"] is None:
            return ""
        details, goal = (self._statistics(name, code) for name in ("details", "target"))
        return evidence(details, goal, self.material.catalogue.settings.sipas.confidence) if details else ""

    def _statistics(self, name: str, code: str) -> Row | None:
        """Return the row of a table of the survey; the figure itself may be published, so this may."""
        frame = self.material.results.statistics.get(f"satisfaction_{name}")
        if frame is None:
            return None
        found = frame.filter(self._own & (pl.col("code") == code))
        return found.row(0, named=True) if found.height else None

    def _verdict(self, indicator: Indicator, period: Period) -> str:
        code = privacy.survey_codes(self.material.catalogue).get(indicator.id)
        frame = self.material.results.statistics.get("satisfaction_changes")
        if code is None or frame is None:
            return ""
        rows = frame.filter(self._own & (pl.col("code") == code) & (pl.col("before") == str(period)))
        return verdict_text(rows["verdict"][0]) if rows.height else ""

    @property
    def _own(self) -> pl.Expr:
        return of_unit(self.material.unit)

    def respondents(self, indicator: Indicator) -> int | None:
        """Return how many answered, where an indicator rests on the questionnaire and may be published."""
        code = privacy.survey_codes(self.material.catalogue).get(indicator.id)
        if code is None or self.row(indicator.id)["value"] is None:
            return None
        table = self.material.results.satisfaction
        found = table.filter(self._own & pl.col("level").is_in(["factor", "overall"]) & (pl.col("code") == code))
        return found["n"][0] if found.height else None

    @cached_property
    def _earlier(self) -> dict[Period, dict[str, Row]]:
        return {}

    def _past(self, period: Period) -> dict[str, Row]:
        """Return the published figures of an earlier period by indicator."""
        if self.history is None:
            return {}
        if period not in self._earlier:
            m = self.material
            frame = self.history.filter(pl.col("period") == str(period))
            codes = privacy.survey_codes(m.catalogue)
            answered = frame.filter(pl.col("indicator").is_in(list(codes)) & pl.col("value").is_not_null())
            if answered.height:
                frame = privacy.blank(frame, m.hidden_of(period), codes)
            self._earlier[period] = figures_of(frame, m.unit)
        return self._earlier[period]
