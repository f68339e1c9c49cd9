"""Units side by side: ranks with their bands, strengths and weaknesses, what the ranking rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from chiso.messages import text
from chiso.notebook.context import Context
from chiso.notebook.ledger import Fresh, Ledger
from chiso.reporting import formats
from chiso.reporting.charts import Chart
from chiso.reporting.html import Prose
from chiso.reporting.report import Table
from chiso.reporting.tables.league import (
    areas_table,
    drivers_table,
    league_chart,
    league_table,
    profile_table,
    without_table,
)
from chiso.scoring.aggregation import Composite
from chiso.scoring.league import bands, drivers, league_composite, profiles, without_areas

INDEX = "B"


@dataclass
class Ranking:
    """The units of a department by the attainment of PAR-INDEX; what needs two units says so where there are fewer."""

    context: Context
    ledger: Ledger

    @cached_property
    def composite(self) -> Composite | None:
        """The units' scores as a composite; None where fewer than two units have one."""
        try:
            found = league_composite(self.context.indicators, self.context.catalogue, INDEX)
        except ValueError:
            return None
        known = self.table_of(found)["rank"].count()
        return found if known > 1 else None

    @staticmethod
    def table_of(composite: Composite) -> pl.DataFrame:
        """Return the units' scores and ranks."""
        return composite.scores().table().filter(pl.col("code") == INDEX)

    @cached_property
    def bands(self) -> pl.DataFrame:
        """Score, rank, band and probabilities of every unit; empty where there is no ranking."""
        if self.composite is None:
            return pl.DataFrame()
        found = bands(self.composite, self.context.indicators)
        for row in found.filter(pl.col("rank").is_not_null()).iter_rows(named=True):
            for column, name in (("score", "percent"), ("rank", "rank")):
                self.ledger.expect(f"{row['unit']}, {name}", row[column], _score(self.context, row["unit"], name))
        return found

    def told(self) -> list[str]:
        """Return in words where the report's unit stands."""
        unit = self.context.unit
        if self.composite is None or unit is None:
            return []
        mine = self.bands.filter(pl.col("unit") == unit, pl.col("rank").is_not_null())
        if mine.is_empty():
            return []
        row = mine.row(0, named=True)
        values = {"rank": row["rank"], "count": self.bands["rank"].count()}
        values |= {"low": round(row["rank_5"]), "high": round(row["rank_95"])}
        return [
            text("scores.told_rank", unit=self.context.subject, **{k: formats.number(v) for k, v in values.items()})
        ]

    def _few(self) -> Prose:
        return Prose((text("scores.rank.few"),), "note")

    def league(self) -> Table | Prose:
        """Every unit on one page: rank, band, probabilities, strengths, weaknesses, peers."""
        if self.composite is None:
            return self._few()
        context = self.context
        index = next(i.short for i in context.catalogue.indices if i.id == INDEX)
        title = text("scores.rank.title", count=self.bands.height, index=index)
        known = profiles(self.composite)
        return league_table(self.bands, known, context.unit_names, self._coverage(), title, own=context.unit)

    def _coverage(self) -> dict[str, float]:
        rows = self.context.scores.filter(pl.col("level") == "total", pl.col("code") == INDEX)
        return dict(rows.filter(pl.col("unit_code").is_not_null()).select("unit_code", "coverage").rows())

    def chart(self) -> Chart | Prose:
        """Draw the bands of ranks."""
        return self._few() if self.composite is None else league_chart(self.bands, self.context.unit_names)

    def areas(self) -> Table | Prose:
        """The attainment of every unit by component."""
        if self.composite is None:
            return self._few()
        return areas_table(self.composite, self.bands, self.context.unit_names, self.context.catalogue)

    def profile(self) -> Table | Prose:
        """The report's unit against the median of the others, item by item."""
        unit = self.context.unit
        if self.composite is None or unit is None:
            return self._few()
        return profile_table(profiles(self.composite), unit, self.context.subject, self.context.catalogue)

    def without(self) -> Table | Prose:
        """Ranks without each component."""
        if self.composite is None:
            return self._few()
        return without_table(without_areas(self.composite), self.bands, self.context.unit_names)

    def drivers(self) -> Table | Prose:
        """What the ranking depends on: Sobol indices of the assumptions."""
        if self.composite is None:
            return self._few()
        return drivers_table(drivers(self.composite, self.context.indicators))


def _score(context: Context, unit: str, column: str) -> Callable[[Fresh], float | None]:
    def find(fresh: Fresh) -> float | None:
        found = fresh.scores(context.catalogue).filter(unit_code=unit, level="total", code=INDEX)
        return found[column][0] if found.height else None

    return find
