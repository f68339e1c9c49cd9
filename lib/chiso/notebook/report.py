"""A component's report: what a notebook calls, one call a question."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl

from chiso.catalogue import Component, Indicator
from chiso.errors import ChisoError
from chiso.messages import text
from chiso.notebook import account, actions, changes, figures, key_results, provenance, questionnaire, survey
from chiso.notebook.context import Context, open_context
from chiso.notebook.ledger import Ledger
from chiso.notebook.lists import cases, oversight, people, procedures, register, resources
from chiso.reporting.charts import Chart
from chiso.reporting.html import Block, Prose
from chiso.reporting.report import Table

By = Literal["unit_code", "field"]
#: Rows of a list that a page shows.
ROWS = 15
#: Reports that are no component's: each is opened by a function of its own, ``open_`` and its name.
OTHERS = ("overview", "scorecard", "sipas", "data_quality")


class Report:
    """One component of an index in one period, for the department or a unit.

    Each method returns an object that Jupyter shows (table, chart, text). What it shows is kept in a ledger, and
    :meth:`reconcile` compares all of it with the result tables. ``limit`` is the number of rows listed, None for all.
    """

    def __init__(self, context: Context, component: Component) -> None:
        self.context = context
        self.component = component
        self.ledger = Ledger(context)

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """The component's indicators, in the plan's order."""
        return self.context.catalogue.of_component(self.component.id)

    def header(self) -> Block:
        """Whose report it is, of which window, on which data; says so where the data is synthetic."""
        return account.header(self.context, f"{self.component.id}. {self.component.name}")

    def key_results(self, *indicators: str) -> Prose:
        """How many targets are met, how the named indicators stand and moved, and which targets are missed."""
        return key_results.key_results(self.context, self.ledger, self.component.id, indicators)

    def scorecard(self) -> Table:
        """Every indicator: n/N, value, target, status, last eight periods, deadline, responsible."""
        return figures.scorecard(self.context, self.ledger, self.component.id)

    def trend(self, indicator: str) -> Chart | Block:
        """Draw an indicator over the last eight periods with its target."""
        return figures.show_trend(self.context, self.ledger, self.context.indicator(indicator))

    def compare_units(self, indicator: str) -> Chart:
        """Draw the units by an indicator with n/N, or by a satisfaction index with its intervals."""
        return figures.show_units(self.context, self.ledger, self.context.indicator(indicator))

    # -- questionnaire

    def likert(self) -> Chart | Prose:
        """Draw how the answers to each item of the component's factor are spread."""
        return questionnaire.likert(self.context, self.ledger, self.component.id)

    def survey_items(self) -> Table | Prose:
        """Share satisfied of each item, with the valid answers."""
        return questionnaire.items(self.context, self.ledger, self.component.id)

    def survey_ranks(self) -> Table | Prose:
        """Units by the component's factor, each with its band of ranks."""
        return survey.ranks(self.context, self.ledger, f"{self.component.id}.index")

    def survey_changes(self) -> Block | Prose:
        """Change of the component's factor since the period before and the year before."""
        return survey.changes(self.context, self.ledger, [self.component.id])

    def survey_scale(self) -> Table | Prose:
        """Blanks and reliability of the component's items."""
        return survey.scale(self.context, self.ledger, self.component.id)

    # -- cases

    def cases_overdue(self, limit: int | None = ROWS) -> Table:
        """Cases overdue and open, longest first."""
        return cases.overdue(self.context, self.ledger, limit)

    def cases_late(self, limit: int | None = ROWS) -> Table:
        """Cases finished late, longest first."""
        return cases.late(self.context, self.ledger, limit)

    def case_balance(self, by: By = "field") -> Table:
        """Received, finished and open cases in the columns of form II.06."""
        return cases.balance(self.context, self.ledger, by)

    def punctuality(self, by: By = "unit_code") -> Chart:
        """Draw finished cases as early, on time and late."""
        return cases.punctuality(self.context, self.ledger, by)

    def channels(self, by: By = "unit_code") -> Table:
        """Cases received by channel, with the share filed without a trip to the counter."""
        return cases.channels(self.context, self.ledger, by)

    def supplements(self, by: By | Literal["procedure_name"] = "unit_code", limit: int | None = ROWS) -> Table:
        """Finished cases with those supplemented and refused."""
        return cases.supplements(self.context, self.ledger, by, limit)

    def durations(self, by: By = "field") -> Table:
        """Days from receipt to the result against the days promised."""
        return cases.durations(self.context, self.ledger, by)

    # -- procedures

    def steps_late(self, indicator: str) -> Table:
        """Procedures whose workflow or announcement step missed its day."""
        return procedures.steps_late(self.context, self.ledger, indicator)

    def procedures_unpublished(self) -> Table:
        """Procedures in force that are not on the website."""
        return procedures.unpublished(self.context, self.ledger)

    def simplifications(self) -> Table:
        """Procedures proposed for simplification this year."""
        return procedures.simplifications(self.context, self.ledger)

    def procedures_without_online_case(self, limit: int | None = ROWS) -> Table:
        """Procedures offered online that had cases but none online."""
        return procedures.without_online_case(self.context, self.ledger, limit)

    def procedures_without_online_payment(self, limit: int | None = ROWS) -> Table:
        """Procedures with a fee that had cases but no online payment."""
        return procedures.without_online_payment(self.context, self.ledger, limit)

    def service_quality(self) -> Table:
        """Points of each criterion of the service-quality index."""
        return procedures.service_quality(self.context, self.ledger)

    # -- register

    def deliverables(self, *items: str) -> Table:
        """Deliverables of plan items: due, done, evidence, state."""
        return register.deliverables(self.context, self.ledger, items)

    def timeline(self, *items: str) -> Chart:
        """Draw due against done of the deliverables of plan items."""
        return register.show_timeline(self.context, items)

    def alerts(self, days: int = 60) -> Table:
        """Internal deadlines of the next days."""
        return register.alerts(self.context, days)

    # -- tasks, inspections, initiatives

    def tasks(self) -> Chart:
        """Draw the province's tasks as early, on time and late, by unit."""
        return oversight.tasks_chart(self.context, self.ledger)

    def tasks_late(self, limit: int | None = ROWS) -> Table:
        """The province's tasks that were late or lack a result."""
        return oversight.tasks_late(self.context, self.ledger, limit)

    def inspections(self, kind: Literal["par", "discipline", "decentralisation"]) -> Table:
        """Inspections of a kind, planned and held, with findings."""
        return oversight.inspections(self.context, self.ledger, kind)

    def units_inspected(self) -> Table:
        """Units inspected on administrative reform this year, and those not."""
        return oversight.units_inspected(self.context, self.ledger)

    def initiatives(self) -> Table:
        """Initiatives of the year."""
        return oversight.initiatives(self.context, self.ledger)

    # -- feedback, personnel

    def feedback_by(self, by: Literal["kind", "source", "unit_code"] = "kind") -> Table:
        """Feedback received by kind, source or unit."""
        return people.feedback_by(self.context, by)

    def feedback_late(self, limit: int | None = ROWS) -> Table:
        """Feedback that was not answered, or whose sender was not told, in time."""
        return people.feedback_late(self.context, self.ledger, limit)

    def petitions_late(self, limit: int | None = ROWS) -> Table:
        """Petitions on rules and procedures not answered in time."""
        return people.petitions_late(self.context, self.ledger, limit)

    def complaints(self, limit: int | None = ROWS) -> Table:
        """Complaints about conduct, or that name an official."""
        return people.complaints(self.context, self.ledger, limit)

    def personnel(self, group: people.Group) -> Chart:
        """Draw personnel events as fulfilled and not, by unit."""
        return people.personnel_chart(self.context, self.ledger, group)

    def personnel_missed(self, group: people.Group, limit: int | None = ROWS) -> Table:
        """Personnel events that were not fulfilled."""
        return people.personnel_missed(self.context, self.ledger, group, limit)

    def discipline(self) -> Table:
        """Events of discipline by level."""
        return people.discipline(self.context, self.ledger)

    # -- money, documents

    def budget(self, kind: resources.Kind) -> Table:
        """Budget lines at their latest snapshot."""
        return resources.budget_lines(self.context, self.ledger, kind)

    def budget_course(self, kind: resources.Kind) -> Chart:
        """Draw the cumulative share over the year's snapshots."""
        return resources.budget_course(self.context, self.ledger, kind)

    def documents(self) -> Table:
        """Documents and work files by unit, with what was not done online."""
        return resources.documents_by_unit(self.context, self.ledger)

    def documents_missed(self, direction: Literal["incoming", "outgoing"], limit: int | None = ROWS) -> Table:
        """Documents that were not processed or approved online."""
        return resources.documents_missed(self.context, direction, limit)

    # -- about the report

    def changes(self) -> Table | Prose:
        """What changed since the period before and the same period of the year before."""
        return changes.changes_table(self.context, self.ledger, self.component.id)

    def actions(self) -> Block:
        """Who must do what by when: targets missed or open, deliverables overdue or due soon."""
        return actions.actions_of(self.context, self.ledger, self.component.id)

    def data_line(self) -> provenance.DataLine:
        """The quality of the component's data in one line, with a link to the page on all data."""
        return provenance.data_line(self.context, self.indicators)

    def exclusions(self) -> Table:
        """What was left out and why."""
        return account.exclusions(self.context, self.indicators)

    def definitions(self) -> Block:
        """Each figure's formula, window, target, legal basis and sources; the files; what is not measured."""
        parts: list[Any] = [*provenance.folds(self.context, self.indicators)]
        parts.append(provenance.sources_table(self.context, self.indicators))
        lacking = account.not_measured(self.context, self.component.id)
        return Block((*parts, lacking) if lacking else tuple(parts))

    def reconcile(self) -> Prose:
        """Compare every number shown so far with the result tables; raises where one differs."""
        return self.ledger.reconcile()

    # -- for analysts

    def results(self, indicator: str | None = None) -> pl.DataFrame:
        """Return the result table as a Polars frame, of one indicator or all; withheld cells are blank."""
        frame = self.context.indicators.drop("withheld")
        return frame if indicator is None else frame.filter(pl.col("indicator") == self.context.indicator(indicator).id)

    def to_pandas(self, indicator: str | None = None) -> Any:
        """Return the result table as a pandas frame."""
        return self.results(indicator).to_pandas()


def open_report(
    component_id: str,
    *,
    period: str = "",
    unit: str = "",
    data: str = "",
    out: str = "",
    as_of: str = "",
    window: str = "",
    lang: str = "",
) -> Report:
    """Open the report of a component; an empty text stands for the default.

    Args:
        component_id: ``A.I`` … ``B.VII``.
        period: any spelling of a period; default: the quarter of the newest case.
        unit: code of a unit; default: the whole department.
        data: data folder, relative to the project; default: the sample.
        out: output folder of a run whose results are to be read; default: compute them here.
        as_of: as-of day ``YYYY-MM-DD``; default: the window's last day.
        window: ``decree09`` or ``calendar``; default: the catalogue's.
        lang: language of everything shown, ``vi`` or ``en``; default: the one in use.

    Raises:
        ChisoError: a parameter that names nothing; the message says what to do.
    """
    context = open_context(period=period, unit=unit, data=data, out=out, as_of=as_of, window=window, lang=lang)
    if component_id in OTHERS:
        raise ChisoError(text("notebook.other_report", report=component_id, call=f"open_{component_id}"))
    if component_id not in context.catalogue.component_ids:
        known = ", ".join(context.catalogue.component_ids)
        raise ChisoError(text("notebook.no_component", component=component_id, known=known))
    return Report(context, context.catalogue.component(component_id))
