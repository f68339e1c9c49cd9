"""Scorecards with points: the province's own table, the service-quality index, the agency assessment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from chiso.messages import text
from chiso.notebook.context import Context
from chiso.notebook.ledger import Fresh, Ledger
from chiso.reporting import formats
from chiso.reporting.html import Block, Prose
from chiso.reporting.tables.cards import (
    card_name,
    gains_table,
    points_table,
    quality_table,
    told_quality,
    units_table,
)
from chiso.runs.cards import AGENCIES, Filled, assessed_card, filled_cards
from chiso.scoring.scorecard.points_file import WHOLE
from chiso.scoring.scorecard.score import Scored, score
from chiso.scoring.scorecard.service_quality import service_quality_card, service_quality_values
from chiso.scoring.scorecard.values import MISSING, NOT_APPLICABLE


@dataclass
class Cards:
    """The scorecards of a period; points are entered with what they are computed from."""

    context: Context
    ledger: Ledger

    @cached_property
    def filled(self) -> tuple[Filled, ...]:
        """The scorecards of the data folder."""
        context = self.context
        known = {i.id for i in context.catalogue.indicators}
        return filled_cards(context.dataset.folder, context.period, known)

    def scored(self, one: Filled) -> dict[str, Scored]:
        """Return the assessments of a scorecard."""
        return assessed_card(one, self.context.indicators, self.context.period)

    @property
    def unit(self) -> str:
        """Label of the report's unit in scorecards."""
        return self.context.unit or WHOLE

    def points(self) -> Block | Prose:
        """Every scorecard of the data folder: in a sentence, points side by side, points to gain, units."""
        parts: list[Any] = []
        for one in self.filled:
            if one.name == AGENCIES:
                continue
            if not one.in_force(self.context.timeframe.plan_year):
                parts.append(Prose((text("scores.card.not_in_force", name=card_name(one.card)),), "note"))
                continue
            parts += self._one(one)
        return Block(tuple(parts)) if parts else Prose((text("scores.card.none"),), "note")

    def _one(self, one: Filled) -> list[Any]:
        found: list[Any] = [Prose((text("scores.card.example_note"),), "caveat")] if one.card.invented else []
        if not one.there:
            found.append(Prose((text("scores.card.unfilled", name=card_name(one.card), file=one.file),), "caveat"))
        scored = self.scored(one)
        units = scored["final"].values.units
        if self.unit in units:
            found.append(Prose((self._told(one, scored["final"]),)))
            found.append(points_table(one.card, scored, self.unit, f"points-{one.name}"))
            found.append(gains_table(one.card, scored["final"], self.unit, f"gains-{one.name}"))
        if len(units) > 1:
            title = text("scores.card.of_units", name=card_name(one.card))
            found.append(units_table(one.card, scored["final"], self.names, f"units-{one.name}", title))
        found += [Prose(one.points.notes, "note")] if one.points.notes else []
        return found

    @property
    def names(self) -> dict[str, str]:
        """Names of the units in scorecards."""
        return {WHOLE: self.context.dataset.body.name, **self.context.unit_names}

    def _told(self, one: Filled, final: Scored) -> str:
        row = final.table().filter(unit=self.unit, level="total").row(0, named=True)
        if row["percent"] is None:
            return text("scores.card.no_card")
        at = final.values.units.index(self.unit)
        status = final.values.status[0, at]
        rating = one.card.rating(row["percent"], row["points"])
        self.ledger.expect(f"{one.name}, total", row["points"], _again(self.context, one, self.unit))
        return text(
            "scores.card.told",
            name=card_name(one.card),
            points=formats.number(row["points"]),
            maximum=formats.number(row["max_points"]),
            percent=formats.percent(row["percent"] / 100),
            rating=text("scores.card.rating", rating=rating) if rating else "",
            missing=int((status == MISSING).sum()),
            out=int((status == NOT_APPLICABLE).sum()),
        )

    # -- the service-quality index

    def service_quality(self, groups: Literal[5, 6]) -> Block | Prose:
        """Return the "766" index in one grouping, with the points assessable."""
        card = service_quality_card(self.context.catalogue, groups)
        values = service_quality_values(card, self.context.results.points, str(self.context.period), WHOLE)
        if self.unit not in values.units:
            return Prose((text("scores.quality.none"),), "note")
        scored = score(card, values)
        row = scored.table().filter(unit=self.unit, level="total").row(0, named=True)
        figure = self.context.figure("B.III.9", unit=self.context.unit)
        self.ledger.expect(f"766, {groups}", row["percent"], lambda fresh: fresh.figure("B.III.9", self.context.unit))
        self.ledger.take([figure], "value")
        table = quality_table(card, scored, self.unit, groups, detail=groups == 6)
        # The total is the same in both groupings: it is told in words once, above the detailed one.
        return Block((Prose((told_quality(card, scored, self.unit),)), table) if groups == 6 else (table,))

    # -- the agency assessment

    def agencies(self) -> Block | Prose:
        """Return the assessment of Decree 61 as it was entered: points of each agency, rating."""
        one = next((f for f in self.filled if f.name == AGENCIES), None)
        if one is None:
            return Prose((text("scores.card.no_agencies", period=self.context.period),), "note")
        final = self.scored(one)["final"]
        return Block((units_table(one.card, final, self.names, "agencies", one.card.name),))


def _again(context: Context, one: Filled, unit: str) -> Any:
    def find(fresh: Fresh) -> float | None:
        final = assessed_card(one, fresh.results.indicators, context.period)["final"]
        return final.table().filter(unit=unit, level="total")["points"][0]

    return find
