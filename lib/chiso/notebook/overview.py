"""The overview: both indices, the components, every plan item at a glance, what is late and what falls due."""

from __future__ import annotations

from typing import Any

import polars as pl

from chiso.catalogue import PlanItem
from chiso.messages import text
from chiso.notebook import account, figures, questionnaire, wording
from chiso.notebook.context import Context, open_context
from chiso.notebook.ledger import Fresh, Ledger
from chiso.notebook.lists import register
from chiso.reporting import formats
from chiso.reporting.charts import Chart
from chiso.reporting.html import Block, KeyFigure, KeyFigures, Prose
from chiso.reporting.report import Column, Note, Table

#: The most pressing first; an item stands as its most pressing indicator does.
PRESSING = ("not_met", "at_risk", "pending", "no_data", "met", None)


class Overview:
    """Everything the plan asks for, on one page."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.ledger = Ledger(context)

    def header(self) -> Table:
        """Whose report it is, of which window, on which data."""
        return account.header(self.context, text("notebook.overview.title"))

    def key_figures(self) -> KeyFigures:
        """The two indices and the count of indicators by status."""
        context = self.context
        sipas = context.figure("sipas", unit=context.unit)
        self.ledger.take([sipas], "value", "status")
        entry = context.indicator("sipas")
        answered = figures.respondents(context, "sipas", context.unit)
        par, actions = self._score("total", "B"), self._score("total", "A")
        statuses = self._statuses()
        found = [
            KeyFigure(
                text("notebook.overview.sipas"),
                wording.value(entry, sipas["value"]),
                sipas["status"],
                text("notebook.overview.sipas_detail", target=wording.target(entry), n=formats.number(answered)),
                data_value=sipas["value"],
            ),
            KeyFigure(
                text("notebook.overview.par"),
                formats.percent(par["points"]),
                None,
                self._coverage(par),
                data_value=par["points"],
            ),
            KeyFigure(
                text("notebook.overview.actions"),
                formats.percent(actions["points"]),
                None,
                self._coverage(actions),
                data_value=actions["points"],
            ),
        ]
        found += [
            KeyFigure(
                text(f"notebook.overview.count_{status}"),
                formats.number(statuses.get(status, 0)),
                status,
                text("notebook.overview.of_indicators", count=sum(statuses.values())),
            )
            for status in ("met", "not_met", "pending", "no_data")
        ]
        return KeyFigures(tuple(found))

    def key_results(self) -> Prose:
        """The state of the plan in three sentences: the indices, the targets, the worst component."""
        context = self.context
        statuses, total = self._statuses(), sum(self._statuses().values())
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
        paragraphs.append(figures.told(context, self.ledger, context.indicator("sipas")))
        areas = self.context.scores.filter(self._own() & (pl.col("level") == "area") & pl.col("points").is_not_null())
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
        return Prose(tuple(paragraphs))

    def components(self) -> Table:
        """Attainment of the components with the count of indicators by status and coverage."""
        rows = [self._component_row(id) for id in self.context.catalogue.component_ids]
        schema = {"points": pl.Float64, "coverage": pl.Float64}
        columns = (
            Column("code", text("notebook.column.item")),
            Column("name", text("notebook.overview.component")),
            Column("points", text("notebook.overview.attainment"), "percent"),
            Column("coverage", text("notebook.overview.coverage"), "percent"),
            *(
                Column(s, text(f"notebook.overview.short_{s}"), "integer")
                for s in ("met", "not_met", "pending", "no_data")
            ),
        )
        table = Table(
            "components",
            text("notebook.overview.components"),
            columns,
            pl.DataFrame(rows, schema_overrides=schema),
            row_header="name",
        )
        return table.with_notes(text("notebook.overview.attainment_note"))

    def _component_row(self, id: str) -> dict[str, Any]:
        score = self._score("area", id)
        own = self.context.catalogue.of_component(id)
        statuses = [self.context.figure(i.id, unit=self.context.unit)["status"] for i in own if i.target is not None]
        counts = {s: statuses.count(s) for s in ("met", "not_met", "pending", "no_data")}
        return {"code": id, "name": self._name(id), "points": score["points"], "coverage": score["coverage"]} | counts

    def items(self) -> Table:
        """Every plan item: how it stands, by its most pressing indicator, days left, who is responsible."""
        context, rows = self.context, []
        items = context.catalogue.items
        order = [*context.catalogue.component_ids, *(c.id for c in context.catalogue.components if c.index is None)]
        for component in order:
            own = [i for i in items if i.component == component]
            if own:
                rows.append(
                    {
                        "item": text("notebook.overview.section", id=component, name=self._name(component)),
                        "row_kind": "section",
                    }
                )
                rows += [self._item_row(i) for i in own]
        frame = pl.DataFrame(rows, schema=_BOARD, orient="row")
        self.ledger.take(frame.filter(pl.col("indicator").is_not_null()), *figures.SHOWN)
        columns = (
            Column("item", text("notebook.column.item")),
            Column("name", text("notebook.overview.item")),
            Column("indicator", text("notebook.overview.by_indicator")),
            Column("value", text("notebook.column.value"), "number", "value_format"),
            Column("target", text("notebook.column.target"), align="right"),
            Column("status", text("notebook.column.status"), "status"),
            Column("deadline", text("notebook.column.deadline"), "date"),
            Column("days", text("notebook.column.days_left"), "integer"),
            Column("owner", text("notebook.column.owner")),
        )
        count = frame.filter(pl.col("row_kind") == "").height
        notes = (Note(text("notebook.overview.board_note")),)
        return Table(
            "board",
            text("notebook.overview.board", count=count),
            columns,
            frame,
            notes,
            row_kind="row_kind",
            row_header="name",
        )

    def _item_row(self, item: PlanItem) -> dict[str, Any]:
        context = self.context
        found = [(i, context.figure(i.id, unit=context.unit)) for i in context.catalogue.of_item(item.id)]

        def pressing(pair: tuple[Any, dict[str, Any]]) -> tuple[int, float]:
            status, attained = pair[1]["status"], pair[1]["attainment"]
            return PRESSING.index(status), 1.0 if attained is None else attained

        indicator, row = min(found, key=pressing)
        deadline = row["deadline"]
        return {
            **{c: row[c] for c in ("unit_code", *figures.SHOWN, "deadline")},
            "item": item.id,
            "name": item.name,
            "indicator": indicator.id,
            "target": wording.target(indicator) if row["target"] is not None else formats.MISSING,
            "days": context.timeframe.days_left(deadline)
            if deadline and row["status"] in ("pending", "at_risk")
            else None,
            "owner": item.owner,
            "value_format": "percent" if indicator.as_percent else "number",
            "row_kind": "",
        }

    def late(self) -> Table:
        """The targets that are missed: value against target, deadline, who is responsible; the widest gap first."""
        context = self.context
        rows = [(i, context.figure(i.id, unit=context.unit)) for i in context.catalogue.indicators]
        missed = sorted(
            ((i, row) for i, row in rows if row["status"] == "not_met"),
            key=lambda pair: (pair[1]["attainment"], pair[0].id),
        )
        title = text("notebook.overview.late", count=len(missed))
        return figures.scorecard(context, self.ledger, [i for i, _ in missed], title, "late")

    def overdue(self) -> Table:
        """Deliverables that are overdue or lack evidence."""
        return register.overdue(self.context)

    def due_soon(self, days: int = 30) -> Table:
        """Deliverables that fall due in the next days."""
        return register.due_soon(self.context, days)

    def alerts(self, days: int = 30) -> Table:
        """Deadlines inside the department that fall in the next days."""
        return register.alerts(self.context, days)

    def trend(self, indicator: str = "sipas") -> Chart | Block:
        """Draw an indicator over the last eight periods with its target."""
        return figures.show_trend(self.context, self.ledger, self.context.indicator(indicator))

    def factors_by_unit(self) -> Table:
        """Satisfaction indices by unit and factor; withheld cells are blank."""
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

    def not_measured(self) -> Table:
        """What the plan asks for that no table can show."""
        rows = [{"item": n.item, "what": n.what, "why": n.why} for n in self.context.catalogue.not_measured]
        frame = pl.DataFrame(rows, schema={"item": pl.String, "what": pl.String, "why": pl.String})
        columns = (
            Column("item", text("notebook.column.item")),
            Column("what", text("notebook.overview.what")),
            Column("why", text("notebook.exclusions.why")),
        )
        return Table("not-measured", text("notebook.overview.not_measured"), columns, frame)

    def reconcile(self) -> Prose:
        """Compare every number shown so far with the result tables; raises where one differs."""
        return self.ledger.reconcile()

    # -- inside

    def _own(self) -> pl.Expr:
        unit = self.context.unit
        return pl.col("unit_code").is_null() if unit is None else pl.col("unit_code") == unit

    def _score(self, level: str, code: str) -> dict[str, Any]:
        found = self.context.scores.filter(self._own() & (pl.col("level") == level) & (pl.col("code") == code))
        score = found.row(0, named=True) if found.height else {"points": None, "coverage": 0.0, "code": code}
        self.ledger.expect(
            f"{level} {code}", score["points"], lambda fresh: _attained(self.context, fresh, level, code)
        )
        return score

    @staticmethod
    def _coverage(score: dict[str, Any]) -> str:
        return text("notebook.overview.coverage_detail", coverage=formats.percent(score["coverage"]))

    def _statuses(self) -> dict[str, int]:
        targeted = [i for i in self.context.catalogue.indicators if i.target is not None and i.judged]
        rows = [self.context.figure(i.id, unit=self.context.unit) for i in targeted]
        self.ledger.take([r for r in rows if r["indicator"]], "status")
        found = [r["status"] for r in rows if r["status"]]
        return {s: found.count(s) for s in dict.fromkeys(found)}

    def _name(self, component: str) -> str:
        return self.context.catalogue.component(component).name


def _attained(context: Context, fresh: Fresh, level: str, code: str) -> float | None:
    """The attainment by definition: items as means of indicators, components of items, the index of components."""
    targeted = {i.id: i for i in context.catalogue.indicators if i.target is not None and i.plan_item}
    own = fresh.results.indicators.filter(
        pl.col("unit_code").is_null() if context.unit is None else pl.col("unit_code") == context.unit,
        pl.col("indicator").is_in(list(targeted)),
        pl.col("component") == code if level == "area" else pl.col("component").str.starts_with(f"{code}."),
    )
    areas = (
        own.group_by("component", "plan_item")
        .agg(pl.col("attainment").mean())
        .group_by("component")
        .agg(pl.col("attainment").mean())
    )
    return areas["attainment"].mean()  # type: ignore[return-value]


_BOARD = {
    "item": pl.String,
    "name": pl.String,
    "indicator": pl.String,
    "unit_code": pl.String,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "value": pl.Float64,
    "target": pl.String,
    "status": pl.String,
    "deadline": pl.Date,
    "days": pl.Int64,
    "owner": pl.String,
    "value_format": pl.String,
    "row_kind": pl.String,
}


def open_overview(
    *, period: str = "", unit: str = "", data: str = "", out: str = "", as_of: str = "", window: str = ""
) -> Overview:
    """Open the overview of a period; parameters as for :func:`chiso.notebook.open_report`.

    Raises:
        ChisoError: a parameter that names nothing; the message says what to do.
    """
    return Overview(open_context(period=period, unit=unit, data=data, out=out, as_of=as_of, window=window))
