"""The scorecard report: where we stand, what changed, what will miss its target, what to do first, units ranked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from chiso.messages import text
from chiso.notebook import account
from chiso.notebook.context import Context, open_context
from chiso.notebook.ledger import Ledger
from chiso.notebook.scorecard import ahead, first, standing
from chiso.notebook.scorecard.cards import Cards
from chiso.notebook.scorecard.ranking import Ranking
from chiso.reporting.charts import Chart
from chiso.reporting.html import Block, Prose
from chiso.reporting.report import Table

__all__ = ["Scorecard", "open_scorecard"]


class Scorecard:
    """From indicators to decisions, for the department or a unit."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.ledger = Ledger(context)
        self.ranking = Ranking(context, self.ledger)
        self.cards = Cards(context, self.ledger)

    def header(self) -> Block:
        """Whose report it is, of which window, on which data."""
        return account.header(self.context, text("scores.report"))

    def key_results(self) -> Prose:
        """Both scores and their changes, the unit's rank, what is at risk, what to do first."""
        found = [standing.told(self.context, self.ledger, index) for index in ("B", "A")]
        found += self.ranking.told()
        found += ahead.told(self.context, self.ledger)
        found += first.told(self.context, self.ledger)
        return Prose(tuple(p for p in found if p) or (text("scores.no_scores"),))

    def standing(self, index: str) -> Table:
        """Attainment of an index (``A``: actions for satisfaction, ``B``: PAR-INDEX) down to its items."""
        return standing.standing(self.context, self.ledger, index)

    def points(self) -> Block | Prose:
        """The data folder's own scorecards: points side by side, points still to gain."""
        return self.cards.points()

    def service_quality(self, groups: Literal[5, 6]) -> Block | Prose:
        """The "766" index in the six groups of the portal or the five of the decision."""
        return self.cards.service_quality(groups)

    def agencies(self) -> Block | Prose:
        """The agency assessment of Decree 61, where it was entered."""
        return self.cards.agencies()

    def changes(self, index: str) -> Block | Prose:
        """What moved an index, by component, indicator and cause; the parts add up."""
        return standing.changes(self.context, self.ledger, index)

    def forecast_chart(self) -> Chart:
        """Draw the targets that will hardly be reached."""
        return ahead.chart(self.context, self.ledger)

    def forecasts(self) -> Table:
        """Every target still open with its forecast, interval and probability."""
        return ahead.table(self.context, self.ledger)

    def backtest(self) -> Block | Prose:
        """How right such forecasts were in the reporting years that are over."""
        return ahead.tried(self.context, self.ledger)

    def due(self) -> Table | Prose:
        """Deliverables overdue and due within 7 and 30 days, and whose they are."""
        return ahead.due(self.context)

    def priorities(self, limit: int | None = None) -> Table:
        """Every indicator below target: gap in real units, what attaining it brings."""
        return first.table(self.context, self.ledger, limit)

    def what_if(
        self,
        values: Mapping[str, float] | None = None,
        targets: Mapping[str, float] | None = None,
        unit: str | None = None,
    ) -> Block | Prose:
        """Figures, statuses, scores and ranks as they would be.

        Args:
            values: by indicator, such as ``{"B.VII.4a": 0.7}``; none: the three targets with the largest gain.
            targets: by indicator, for every unit.
            unit: whose values; None: the report's own.
        """
        return first.suppose(self.context, self.ledger, values, targets, unit)

    # -- units side by side

    def league(self) -> Table | Prose:
        """Every unit: rank with its band, chances of first and last, strengths, weaknesses, peers."""
        return self.ranking.league()

    def rank_chart(self) -> Chart | Prose:
        """Draw the bands of ranks."""
        return self.ranking.chart()

    def units(self) -> Table | Prose:
        """Units by component; for a unit's report: its items against the other units."""
        return self.ranking.profile() if self.context.unit else self.ranking.areas()

    def without_areas(self) -> Table | Prose:
        """Ranks without each component."""
        return self.ranking.without()

    def drivers(self) -> Table | Prose:
        """What the ranking depends on."""
        return self.ranking.drivers()

    def reconcile(self) -> Prose:
        """Compare every number shown so far with the result tables; raises where one differs."""
        return self.ledger.reconcile()


def open_scorecard(
    *,
    period: str = "",
    unit: str = "",
    data: str = "",
    out: str = "",
    as_of: str = "",
    window: str = "",
    lang: str = "",
) -> Scorecard:
    """Open the scorecard of a period; parameters as for :func:`chiso.notebook.open_report`.

    Raises:
        ChisoError: a parameter that names nothing; the message says what to do.
    """
    return Scorecard(open_context(period=period, unit=unit, data=data, out=out, as_of=as_of, window=window, lang=lang))
