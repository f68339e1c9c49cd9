"""The overview: both indices, the components, every plan item at a glance, what is late and what falls due."""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter

import polars as pl

from chiso.messages import text
from chiso.notebook import account, answers, board, figures, key_results, moves, questionnaire
from chiso.notebook.attained import Attained
from chiso.notebook.context import Context, open_context
from chiso.notebook.ledger import Ledger
from chiso.notebook.lists import oversight, register
from chiso.reporting import formats, wording
from chiso.reporting.charts import Chart
from chiso.reporting.filter_board import FilterBoard
from chiso.reporting.first_screen import FirstScreen
from chiso.reporting.html import Block, Prose, Style
from chiso.reporting.report import Column, Table
from chiso.reporting.tables import documents_table, not_measured_table, summary_table


class Overview:
    """Everything the plan asks for, on one page."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.ledger = Ledger(context)

    def header(self) -> Block:
        """Whose report it is, of which window, on which data."""
        return account.header(self.context, text("notebook.overview.title"))

    def first_screen(self) -> FirstScreen | Block:
        """The five answers: how we stand, what is late, whose it is, what changed, whether to trust it."""
        screen = answers.first_screen(self.context, self.ledger)
        return screen if self.context.folder else Block((Style(), screen))

    def key_results(self) -> Prose:
        """The state of the plan in three sentences: the indices, the targets, the worst component."""
        context = self.context
        statuses = answers.statuses(context, self.ledger)
        total = sum(statuses.values())
        counted = wording.enumerate_words(
            [
                text(f"notebook.key.{s}", count=statuses[s])
                for s in ("met", "not_met", "pending", "at_risk", "no_data")
                if statuses.get(s)
            ]
        )
        opening = {
            "period": wording.capital(text("notebook.key.in_period", period=context.period.label)),
            "days": figures.window_text(context),
            "subject": context.subject,
        }
        paragraphs = [text("notebook.overview.lead", total=total, counts=counted, **opening)]
        paragraphs.append(key_results.told(context, self.ledger, context.indicator("sipas")))
        areas = context.scores.filter(context.own & (pl.col("level") == "area") & pl.col("points").is_not_null())
        if areas.height:
            worst, best = (
                areas.sort("points", "code", descending=[d, False]).row(0, named=True) for d in (False, True)
            )
            named = {
                f"{key}{part}": value
                for key, row in (("worst", worst), ("best", best))
                for part, value in (("", self._name(row["code"])), ("_value", formats.percent(row["points"])))
            }
            paragraphs.append(text("notebook.overview.extremes", **named))
        paragraphs.append(text("overview.changed.quarter_note"))
        return Prose(tuple(paragraphs))

    def components(self) -> Block:
        """Attainment and coverage of the components of both indices, with the indicators counted by status."""
        return Block(tuple(self._summary(index.id) for index in self.context.catalogue.indices))

    def _summary(self, index: str) -> Table:
        context = self.context
        attained = Attained(context, self.ledger)
        for component in (c for c in context.catalogue.component_ids if c.startswith(f"{index}.")):
            attained.points(component)
        return summary_table(context.indicators, context.scores, context.catalogue, index, context.unit)

    def items(self) -> FilterBoard:
        """Every plan item: how it stands by its worst indicator, days left, who is responsible; to be filtered."""
        return board.items(self.context, self.ledger)

    def late(self) -> Table:
        """The targets that are missed: value against target, deadline, who is responsible; the widest gap first."""
        found = [indicator for indicator, _ in answers.missed(self.context)]
        title = text("notebook.overview.late", count=len(found)) if found else text("notebook.overview.late_none")
        return figures.lines(self.context, self.ledger, found, title, "late")

    def changes(self) -> Table:
        """What moved since the period before: targets newly missed and met, figures worse and better."""
        return moves.moves_table(self.context, moves.moves(self.context, self.ledger))

    def overdue(self) -> Table:
        """Deliverables that are overdue or lack evidence."""
        return register.overdue(self.context)

    def targets_due(self, days: int = 30) -> Table:
        """The targets not met yet whose deadline falls in the next days, the nearest first."""
        context = self.context
        day = context.timeframe.as_of
        found = [(context.figure(i.id, unit=context.unit), i) for i in context.catalogue.indicators]
        near = [
            (row["deadline"], i.id, i)
            for row, i in found
            if row["status"] in ("pending", "at_risk") and row["deadline"] and (row["deadline"] - day).days <= days
        ]
        title = text("notebook.overview.targets_due", count=len(near), days=days)
        return figures.lines(
            context, self.ledger, [i for _, _, i in sorted(near, key=itemgetter(0, 1))], title, "targets-due"
        )

    def due_soon(self, days: int = 30) -> Block:
        """Deliverables, and tasks of the province, that fall due in the next days."""
        return Block((register.due_soon(self.context, days), oversight.tasks_due(self.context, days)))

    def alerts(self, days: int = 30) -> Table:
        """Deadlines inside the department that fall in the next days."""
        return register.alerts(self.context, days)

    def trend(self, indicator: str = "sipas") -> Chart | Block:
        """Draw an indicator over the last eight periods with its target."""
        return figures.show_trend(self.context, self.ledger, self.context.indicator(indicator))

    def factors_by_unit(self) -> Table:
        """Satisfaction indices by unit and factor; withheld cells are marked."""
        return questionnaire.factors_by_unit(self.context, self.ledger)

    def units(self) -> Table:
        """Units by attainment of the PAR-INDEX targets; units of the same score share a rank."""
        own = self.context.scores.filter(
            pl.col("unit_code").is_not_null()
            & (pl.col("level") == "total")
            & (pl.col("code") == "B")
            & pl.col("points").is_not_null()
        ).sort("rank", "unit_code")
        rows = own.with_columns(pl.col("unit_code").replace(self.context.unit_names))
        columns = (
            Column("rank", text("notebook.overview.rank"), "integer"),
            Column("unit_code", text("notebook.column.unit")),
            Column("points", text("notebook.overview.attainment"), "percent"),
            Column("coverage", text("notebook.overview.coverage"), "percent"),
        )
        table = Table("units", text("notebook.overview.units"), columns, rows, row_header="unit_code")
        return table.with_notes(text("notebook.overview.units_note"))

    def not_measured(self) -> Block:
        """What the plan asks for that no table can show, and the legal texts the rules refer to."""
        catalogue = self.context.catalogue
        tables = [not_measured_table(catalogue, index.id) for index in catalogue.indices]
        frame = pl.concat([table.frame for table in tables])
        return Block((replace(tables[0], frame=frame), documents_table(catalogue)))

    def reconcile(self) -> Prose:
        """Compare every number shown so far with the result tables; raises where one differs."""
        return self.ledger.reconcile()

    # -- inside

    def _name(self, component: str) -> str:
        return self.context.catalogue.component(component).name


def open_overview(
    *,
    period: str = "",
    unit: str = "",
    data: str = "",
    out: str = "",
    as_of: str = "",
    window: str = "",
    lang: str = "",
) -> Overview:
    """Open the overview of a period; parameters as for :func:`chiso.notebook.open_report`.

    Raises:
        ChisoError: a parameter that names nothing; the message says what to do.
    """
    return Overview(open_context(period=period, unit=unit, data=data, out=out, as_of=as_of, window=window, lang=lang))
