"""What the appendices, the forms and the Word draft are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators import Results
from chiso.indicators.views import Sources
from chiso.messages import text
from chiso.reporting import formats, privacy, tables
from chiso.reporting.excel import Heading
from chiso.reporting.tables.source import unit_names
from chiso.sources import Dataset
from chiso.worktime import Period, Timeframe

if TYPE_CHECKING:
    from chiso.reporting.workbook.sheets import Sheet


@dataclass(frozen=True)
class Material:
    """What the appendices are made from.

    Attributes:
        results: figures of the timeframe: internal, unsuppressed.
        dataset: accepted tables and the account of the import.
        catalogue: the plan the figures are measured by.
        timeframe: period, window, as-of day.
        unit: code of the unit the appendices are about; None for the whole department.
        history: indicators of this and earlier periods (column ``period``): internal, unsuppressed; None: no course.
        own_id: gives the id of what is made, once all of it has been read; may be empty.
    """

    results: Results
    dataset: Dataset
    catalogue: Catalogue
    timeframe: Timeframe
    unit: str | None = None
    history: pl.DataFrame | None = None
    own_id: Callable[[], str] = str

    @cached_property
    def indicators(self) -> pl.DataFrame:
        """The result table with the figures blanked that may not be published."""
        return privacy.blank(self.results.indicators, self.hidden, privacy.survey_codes(self.catalogue))

    @cached_property
    def hidden(self) -> privacy.Hidden:
        """Cells of the questionnaire that may not be published."""
        return self.hidden_of(self.timeframe.period)

    @cached_property
    def _hidden(self) -> dict[Period, privacy.Hidden]:
        return {}

    def hidden_of(self, period: Period) -> privacy.Hidden:
        """Return the cells of a period's questionnaire that may not be published."""
        if period not in self._hidden:
            t = self.timeframe
            frame = t if period == t.period else Timeframe(period, t.rule)
            self._hidden[period] = privacy.hidden(Sources(self.dataset, self.catalogue, frame))
        return self._hidden[period]

    def past(self, period: Period) -> pl.DataFrame | None:
        """Return the indicators of a period of the history, figures blanked that may not be published; None without."""
        if self.history is None:
            return None
        frame = self.history.filter(pl.col("period") == str(period))
        codes = privacy.survey_codes(self.catalogue)
        answered = frame.filter(pl.col("indicator").is_in(list(codes)) & pl.col("value").is_not_null())
        return privacy.blank(frame, self.hidden_of(period) if answered.height else set(), codes)

    @cached_property
    def texts(self) -> dict[str, str]:
        """Questions of the survey by item code, where the data folder brings its form."""
        return tables.item_texts(self.dataset, self.timeframe.plan_year)

    @cached_property
    def units(self) -> dict[str, str]:
        """Name of each unit by code."""
        return unit_names(self.dataset)

    @property
    def subject(self) -> str:
        """Whose figures they are."""
        return self.units.get(self.unit, self.unit) if self.unit else self.dataset.body.name

    @cached_property
    def _sheets(self) -> dict[str, list[Sheet]]:
        return {}

    def sheets(self, index: str) -> list[Sheet]:
        """Return the sheets of an index's appendices, made once: the Word draft shows some of their tables."""
        from chiso.reporting.workbook.sheets import appendix_sheets  # made of this

        if index not in self._sheets:
            self._sheets[index] = appendix_sheets(self, index)
        return self._sheets[index]

    @property
    def about(self) -> str:
        """Return period and cut-off, as pages name them in their footer."""
        t = self.timeframe
        label = t.period.label
        return text("workbook.print.about", period=label[:1].upper() + label[1:], as_of=formats.day(t.as_of))

    def heading(self, title: str, appendix: str = "", measured_in: str = "", *, signed: bool = False) -> Heading:
        """Return the lines above a table."""
        t, body = self.timeframe, self.dataset.body
        scope = text(
            "workbook.scope",
            subject=self.subject,
            period=t.period.label,
            days=formats.days(t.start, t.end),
            as_of=formats.day(t.as_of),
            year=self.catalogue.year,
            version=self.catalogue.version,
        )
        attached = text("workbook.attached", body=body.name) if appendix else ""
        band = band_of(self.dataset)
        return Heading(title.upper(), appendix, attached, scope, band, measured_in, self.about, signed)


def band_of(dataset: Dataset) -> str:
    """Return what every sheet of synthetic data says; empty for real data."""
    return text("workbook.synthetic") if dataset.body.synthetic else ""
