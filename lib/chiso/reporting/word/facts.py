"""What the draft tells: tables of the appendices, figures of this period and the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from chiso.catalogue import Indicator
from chiso.indicators.views import Sources
from chiso.messages import text
from chiso.reporting import privacy, wording
from chiso.reporting.report import Table
from chiso.reporting.tables.scorecard import figures_of
from chiso.reporting.workbook import Material, roman
from chiso.worktime import Period, PeriodError, Timeframe

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

    def change(self, indicator: Indicator) -> str:
        """Return the change since the period before (a figure that accumulates: since the year before), or nothing."""
        period = self._compared(indicator)
        if period is None:
            return ""
        before = self._past(period).get(indicator.id, {}).get("value")
        return wording.change(indicator, self.row(indicator.id)["value"], before, period)

    def respondents(self, indicator: Indicator) -> int | None:
        """Return how many answered, where an indicator rests on the questionnaire and may be published."""
        code = privacy.survey_codes(self.material.catalogue).get(indicator.id)
        if code is None or self.row(indicator.id)["value"] is None:
            return None
        unit = self.material.unit
        own = pl.col("unit_code").is_null() if unit is None else pl.col("unit_code") == unit
        table = self.material.results.satisfaction
        found = table.filter(own & pl.col("level").is_in(["factor", "overall"]) & (pl.col("code") == code))
        return found["n"][0] if found.height else None

    def _compared(self, indicator: Indicator) -> Period | None:
        period = self.material.timeframe.period
        try:
            return period.previous() if indicator.window in wording.COMPARABLE else period.year_before()
        except PeriodError:  # before the first year there is
            return None

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
                sources = Sources(m.dataset, m.catalogue, Timeframe(period, m.timeframe.rule))
                frame = privacy.blank(frame, privacy.hidden(sources), codes)
            self._earlier[period] = figures_of(frame, m.unit)
        return self._earlier[period]
