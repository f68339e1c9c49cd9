"""The report on the survey itself: what the answers allow to say about satisfaction."""

from __future__ import annotations

from chiso.indicators.survey_planning import Wish
from chiso.messages import text
from chiso.notebook import account, key_results, questionnaire, survey
from chiso.notebook.context import Context, open_context
from chiso.notebook.ledger import Ledger
from chiso.reporting.charts import Chart
from chiso.reporting.html import Block, Prose
from chiso.reporting.report import Table


class Sipas:
    """Satisfaction as survey statistics, for the department or a unit."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.ledger = Ledger(context)

    def header(self) -> Block:
        """Whose report it is, of which window, on which data."""
        return account.header(self.context, text("sipas.report"))

    def key_results(self) -> Prose:
        """The overall index with its interval, what it says about the target, and the change."""
        return Prose((key_results.told(self.context, self.ledger, self.context.indicator("sipas")),))

    def lines(self) -> Table | Prose:
        """Overall index, factors, direct question with intervals; unweighted beside weighted."""
        return survey.lines(self.context, self.ledger)

    def target(self) -> Table | Prose:
        """What may be concluded about the target, and how many answers it would take."""
        return survey.target(self.context, self.ledger)

    def units(self) -> Chart:
        """Draw the units' overall index as dots with intervals."""
        return survey.unit_intervals(self.context, self.ledger, "sipas")

    def ranks(self) -> Table | Prose:
        """Units with their band of ranks, and each against the others together."""
        return survey.ranks(self.context, self.ledger, "sipas")

    def factors_by_unit(self) -> Table:
        """Satisfaction indices by unit and factor; withheld cells are marked."""
        return questionnaire.factors_by_unit(self.context, self.ledger)

    def changes(self) -> Block | Prose:
        """Changes of the overall index and the factors."""
        return survey.changes(self.context, self.ledger)

    def unit_changes(self) -> Block | Prose:
        """Changes of the units' overall index."""
        return survey.unit_changes(self.context, self.ledger)

    def drivers(self) -> Block | Prose:
        """What overall satisfaction goes with, and the importance–performance grid."""
        return survey.drivers(self.context, self.ledger)

    def scale(self) -> Table | Prose:
        """Blanks and reliability of the scale."""
        return survey.scale(self.context, self.ledger)

    def groups(self) -> Table:
        """The overall index by groups of respondents."""
        return survey.groups(self.context, self.ledger)

    def comments(self) -> Block:
        """Responses with a comment, by theme and unit; never what it says."""
        return survey.comments(self.context, self.ledger)

    def next_survey(self, wish: Wish | None = None) -> Block | Prose:
        """How many to ask in the next period, and where; ``wish`` says how exact it shall be."""
        return survey.next_survey(self.context, wish)

    def reconcile(self) -> Prose:
        """Compare every number shown so far with the result tables; raises where one differs."""
        return self.ledger.reconcile()


def open_sipas(
    *,
    period: str = "",
    unit: str = "",
    data: str = "",
    out: str = "",
    as_of: str = "",
    window: str = "",
    lang: str = "",
) -> Sipas:
    """Open the report on the survey; parameters as for :func:`chiso.notebook.open_report`.

    Raises:
        ChisoError: a parameter that names nothing; the message says what to do.
    """
    return Sipas(open_context(period=period, unit=unit, data=data, out=out, as_of=as_of, window=window, lang=lang))
