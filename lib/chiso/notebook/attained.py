"""Attainment of the plan's targets by index, now and in the periods before, each answered for in the ledger."""

from __future__ import annotations

from typing import Any

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.results import of_unit
from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.runs.plan import catalogue_for
from chiso.worktime import Period


class Attained:
    """Attainment by index and component, see :mod:`chiso.scoring.attainment`."""

    def __init__(self, context: Context, ledger: Ledger) -> None:
        self.context, self.ledger = context, ledger

    def points(self, code: str, period: Period | None = None) -> float | None:
        """Return the attainment (0–1) of an index (``A``, ``B``) or a component, by the plan of the period's year.

        Args:
            code: of the index or component.
            period: by default the reported one.
        """
        score = self._score(code, period)
        value: float | None = score["points"] if score else None
        catalogue, when = self._catalogue(period), str(period or self.context.period)
        unit = self.context.unit
        self.ledger.expect(
            f"{code}, {when}",
            value,
            lambda fresh: by_definition(
                fresh.results.indicators if period in (None, self.context.period) else _of(fresh.history, when),
                catalogue,
                unit,
                code,
            ),
        )
        return value

    def coverage(self, code: str) -> float:
        """Return the share of items that have data."""
        score = self._score(code, None)
        return float(score["coverage"]) if score else 0.0

    def _catalogue(self, period: Period | None) -> Catalogue:
        if period is None or period == self.context.period:
            return self.context.catalogue
        return catalogue_for(self.context.dataset.body, period.year)

    def _score(self, code: str, period: Period | None) -> dict[str, Any] | None:
        if period is None or period == self.context.period:
            frame = self.context.scores
        else:
            frame = self.context.scores_of(period, self._catalogue(period))
        found = frame.filter(self.context.own & (pl.col("code") == code) & pl.col("level").is_in(["area", "total"]))
        return found.row(0, named=True) if found.height else None


def _of(history: pl.DataFrame, period: str) -> pl.DataFrame:
    return history.filter(pl.col("period") == period)


def by_definition(indicators: pl.DataFrame, catalogue: Catalogue, unit: str | None, code: str) -> float | None:
    """The attainment by definition: items as means of indicators, components of items, the index of components."""
    targeted = [i.id for i in catalogue.indicators if i.target is not None and i.plan_item]
    own = indicators.filter(
        of_unit(unit),
        pl.col("indicator").is_in(targeted),
        pl.col("component") == code if "." in code else pl.col("component").str.starts_with(f"{code}."),
    )
    areas = (
        own.group_by("component", "plan_item")
        .agg(pl.col("attainment").mean())
        .group_by("component")
        .agg(pl.col("attainment").mean())
    )
    return areas["attainment"].mean()  # type: ignore[return-value]
