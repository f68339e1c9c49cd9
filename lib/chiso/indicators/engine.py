"""All indicators of a timeframe, for the department and every unit, one pass over each prepared frame."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl

from chiso.catalogue import Catalogue, Indicator
from chiso.indicators import judge, service_quality, survey, survey_tables
from chiso.indicators.case_balance import NEEDS, NEEDS_FOR_FIELDS, case_balance
from chiso.indicators.case_balance import SCHEMA as BALANCE_SCHEMA
from chiso.indicators.judge import Figure
from chiso.indicators.measure import Definition, FactorIndex, Measure, Part, PointsIndex, define
from chiso.indicators.recording import gaps, touched
from chiso.indicators.results import NOTES_SCHEMA, POINTS_SCHEMA, SCHEMA, Results
from chiso.indicators.views import VIEWS, MissingTable, Sources, recent
from chiso.messages import text
from chiso.sources import Dataset, load_contract
from chiso.worktime import CalendarError, Timeframe, WorkCalendar

Unit = str | None
Figures = dict[Unit, Figure]


class _Computation:
    """The state of one computation; :func:`compute` is the way in."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.notes: list[dict[str, object]] = []
        self.points: list[dict[str, object]] = []

    def note(self, indicator: str, reason: str, severity: str = "info", **values: object) -> None:
        table, column = str(values.get("table", "")), str(values.get("column", ""))
        names = {"table": table, "column": column}
        if table:
            contract = load_contract()[table]
            names["table"] = contract.label
            if column:
                names["column"] = contract.column(column).label
        message = text(f"indicators.note_{reason}", **(values | names))
        found = {
            "indicator": indicator,
            "severity": severity,
            "reason": reason,
            "table": table or None,
            "column": column or None,
            "rows": values.get("rows"),
            "message": message,
        }
        if found not in self.notes:  # the parts of an index may lack the same table
            self.notes.append(found)

    def note_gap(self, gap: Mapping[str, object], measures: Mapping[str, Measure]) -> None:
        """Note a column that is not recorded any more at each indicator that rests on it."""
        table, column = str(gap["table"]), str(gap["column"])
        unit = text("indicators.all_units") if gap["unit_code"] is None else str(gap["unit_code"])
        since = f"{gap['since']:%m/%Y}"
        rests = {key.partition("/")[0] for key, measure in measures.items() if touched(measure, table, column)}
        for indicator in sorted(rests):
            self.note(indicator, "stopped", rows=gap["rows"], table=table, column=column, unit=unit, since=since)

    def computable(self, key: str, measure: Measure) -> bool:
        """Whether tables, columns and calendar that the measure needs are there; says so where not."""
        dataset, view = self.sources.dataset, VIEWS[measure.view]
        indicator = key.partition("/")[0]
        missing = [t for t in (view.table, *view.others) if dataset.scan(t) is None]
        for table in missing:
            self.note(indicator, "missing_table", "warning", table=table)
        if missing:
            return False
        origins = {origin for column in measure.uses for origin in view.origins(column)} | set(view.keys)
        own_date = load_contract()[view.table].own_date
        if own_date:  # without it no row is known to have existed on the as-of day
            origins.add((view.table, own_date.name))
        absent = sorted(o for o in origins if o[1] not in dataset.columns(o[0]))
        for table, column in absent:
            self.note(indicator, "missing_column", "warning", table=table, column=column)
        if absent:
            return False
        if measure.working_days:
            deadline = measure.working_days
            rows = self.sources.as_of(view.table).filter(deadline.among)
            days = rows.select(recent(deadline.column, self.sources.timeframe)).collect()[deadline.column]
            try:
                WorkCalendar.load().require(days, deadline.days)
            except CalendarError as error:
                self.note(indicator, "calendar", "error", message=str(error))
                return False
        return True

    def evaluate(self, measures: Mapping[str, Measure]) -> dict[str, Figures]:
        """Figures of all measures; one that cannot be computed is not in the result."""
        by_view: dict[str, dict[str, Measure]] = defaultdict(dict)
        for key, measure in measures.items():
            if self.computable(key, measure):
                by_view[measure.view][key] = measure
        figures: dict[str, Figures] = {}
        queries: list[pl.LazyFrame] = []
        for view, group in by_view.items():
            frame = VIEWS[view].build(self.sources)
            wanted = list(self._aggregations(view, group))
            of_units = frame.filter(pl.col("unit_code").is_not_null()).group_by("unit_code").agg(wanted)
            queries += [of_units, frame.select(wanted)]
        collected = iter(pl.collect_all(queries))
        for group in by_view.values():
            units, whole = next(collected), next(collected)
            totals: dict[Unit, dict[str, float]] = {None: whole.row(0, named=True)}
            totals |= {row["unit_code"]: row for row in units.iter_rows(named=True)}
            for key, measure in group.items():
                figures[key] = {u: _figure(row, key, measure) for u, row in totals.items()}
                self._note_left_out(key, measure, totals[None])
        return figures

    def _aggregations(self, view: str, group: Mapping[str, Measure]) -> Iterable[pl.Expr]:
        for key, measure in group.items():
            yield measure.rows.sum().alias(f"{key}|rows")
            yield measure.numerator.alias(f"{key}|n")
            if measure.denominator is not None:
                yield measure.denominator.alias(f"{key}|d")
            if "/" in key:
                continue
            for reason, condition in measure.left_out.items():
                yield condition.fill_null(False).sum().alias(f"{key}|left_out|{reason}")
            for column, condition in measure.blanks.items():
                if self._recorded(view, column):
                    yield condition.fill_null(False).sum().alias(f"{key}|blank|{column}")

    @staticmethod
    def _recorded(view: str, column: str) -> bool:
        """Whether a column holds a flag, count or code: a blank date means "not done", a blank flag "not recorded"."""
        table, source = VIEWS[view].origins(column)[0]
        return column == source and load_contract()[table].column(column).type in ("bool", "int", "enum")

    def _note_left_out(self, key: str, measure: Measure, whole: Mapping[str, float]) -> None:
        table = VIEWS[measure.view].table
        for name, rows in whole.items():
            parts = name.split("|")
            if parts[0] != key or len(parts) < 3 or not rows:
                continue
            if parts[1] == "left_out":
                self.note(key, parts[2], rows=int(rows), table=table)
            else:
                origin, column = VIEWS[measure.view].origins(parts[2])[0]
                self.note(key, "blank", rows=int(rows), table=origin, column=column)

    def uncertainty(self, found: survey.Satisfaction) -> survey_tables.Uncertainty:
        """Intervals and comparisons of the satisfaction figures; tells where a rule had to bend."""
        added = survey_tables.with_uncertainty(self.sources, self.sources.catalogue, found)
        answers = found.answers
        for reason, columns in (("form_absent", answers.asked.absent), ("form_extra", answers.asked.extra)):
            if columns:
                self.note(survey.OVERALL, reason, table="survey_responses", items=", ".join(columns))
        if answers.asked.other:
            names = ", ".join(c for group in answers.asked.other.values() for c in group)
            self.note(survey.OVERALL, "form_other", table="survey_responses", items=names)
        if answers.outside:
            self.note(survey.OVERALL, "form_outside", rows=answers.outside, table="survey_responses")
        if added.short:
            self.note(survey.OVERALL, "frame_short", table="survey_frame", units=", ".join(added.short))
        if added.zero:
            self.note(survey.OVERALL, "weight_zero", rows=added.zero, table="survey_responses", column="weight")
        return added

    def points_index(self, indicator: str, parts: Mapping[str, Part], figures: Mapping[str, Figures]) -> Figures:
        """Points earned over points assessable; parts without data are not applicable."""
        units = {u for code in parts for u in figures.get(f"{indicator}/{code}", {})}
        found: Figures = {}
        for unit in sorted(units, key=lambda u: u or ""):
            points, assessable, rows = 0.0, 0.0, 0
            for code, part in parts.items():
                figure = figures.get(f"{indicator}/{code}", {}).get(unit)
                if figure is None or figure.value is None:
                    continue
                earned = min(figure.value / part.full_from, 1.0) * part.max_points
                points, assessable, rows = points + earned, assessable + part.max_points, rows + figure.rows
                self.points.append(
                    {
                        "indicator": indicator,
                        "unit_code": unit,
                        "code": code,
                        "share": figure.value,
                        "points": earned,
                        "max_points": part.max_points,
                    }
                )
            value = 100 * points / assessable if assessable else None
            found[unit] = Figure(points, assessable, value, rows)
        return found


def _figure(row: Mapping[str, float], key: str, measure: Measure) -> Figure:
    numerator, rows = row[f"{key}|n"], int(row[f"{key}|rows"])
    if measure.denominator is None:
        return Figure(numerator, None, float(numerator), rows)
    denominator = row[f"{key}|d"]
    return Figure(numerator, denominator, numerator / denominator if denominator else None, rows)


def _survey_figures(found: survey.Satisfaction, definition: FactorIndex) -> Figures:
    figures: Figures = {}
    for unit, responses in found.respondents.items():
        index = found.overall[unit] if definition.factor is None else found.factors[unit, definition.factor]
        overall = definition.factor is None
        numerator = index.numerator if overall else (index.numerator or 0.0)
        figures[unit] = Figure(numerator, index.denominator, index.value, responses)
    return figures


def _empty(indicator: Indicator, definition: Definition) -> Figure:
    """The figure of an indicator without data: 0/0 for a share, nothing for a count."""
    if indicator.measure == "count":
        return Figure(None, None, None)
    if isinstance(definition, FactorIndex) and definition.factor is None:
        return Figure(None, float(len(survey.FACTORS)), None)
    return Figure(0.0, 0.0, None)


def _counted_zero(indicator: Indicator, figures: Figures, definition: Definition) -> Figure:
    """The figure of a unit none of whose rows is there: a count over a table with data is 0."""
    if indicator.measure == "count" and None in figures:
        return Figure(0.0, None, 0.0)
    return _empty(indicator, definition)


def _active_units(s: Sources) -> set[str]:
    """Units active on any day of P."""
    t = s.timeframe
    try:
        units = s.as_of("units")
    except MissingTable:
        return set()
    active = (pl.col("active_from") <= t.as_of).fill_null(True) & (pl.col("active_to") >= t.start).fill_null(True)
    return set(units.filter(active).select("unit_code").collect()["unit_code"])


def _window(indicator: Indicator, t: Timeframe) -> tuple[date, date]:
    return {
        "period": (t.start, t.as_of),
        "year_to_date": (t.year_start, t.as_of),
        "year": (t.year_start, t.year_end),
        "budget_year": (t.year_start, t.as_of),
        "as_of": (t.as_of, t.as_of),
    }[indicator.window]


def _row(indicator: Indicator, unit: Unit, figure: Figure, t: Timeframe) -> dict[str, object]:
    start, end = _window(indicator, t)
    target = judge.target_of(indicator, unit)
    return {
        "indicator": indicator.id,
        "plan_item": indicator.plan_item,
        "component": indicator.component,
        "unit_code": unit,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "value": figure.value,
        "measure": indicator.measure,
        "comparator": indicator.comparator if target is not None else None,
        "target": target,
        "status": judge.status(indicator, figure, unit, t.as_of, t.plan_year),
        "attainment": judge.attainment(indicator, figure, unit),
        "window": indicator.window,
        "window_start": start,
        "window_end": end,
        "as_of": t.as_of,
        "deadline": indicator.deadline_on(t.plan_year) if target is not None else None,
        "verified": indicator.verified,
    }


def compute(dataset: Dataset, catalogue: Catalogue, timeframe: Timeframe, *, statistics: bool = True) -> Results:
    """Compute every indicator of the catalogue.

    Args:
        dataset: accepted tables.
        catalogue: the plan's indicators; each names its function and arguments.
        timeframe: period, window and as-of day.
        statistics: also the uncertainty of the satisfaction figures; a trend of points does without.

    Returns:
        Figures for the department and for every unit that was active on a day of P or of which a figure counts a
        row. Shares are 0-1, counts whole numbers, the service-quality index 0-100.

    Raises:
        BalanceError: the case balance does not close.
    """
    sources = Sources(dataset, catalogue, timeframe)
    run = _Computation(sources)
    definitions = {i.id: define(i.function, timeframe, i.arguments) for i in catalogue.indicators}
    parts = service_quality.parts(catalogue, definitions, timeframe)
    measures = {key: d for key, d in definitions.items() if isinstance(d, Measure)}
    indices = [key for key, d in definitions.items() if isinstance(d, PointsIndex)]
    measures |= {f"{key}/{code}": part.measure for key in indices for code, part in parts.items()}
    figures = run.evaluate(measures)
    figures |= {key: run.points_index(key, parts, figures) for key in indices}
    balance = _balance(run)
    units = _active_units(sources) | set(balance["unit_code"].drop_nulls())
    units |= {u for found in figures.values() for u, f in found.items() if u is not None and f.rows}
    satisfaction = survey.estimate(sources, catalogue, sorted(units))
    if satisfaction is not None:
        units |= {u for u in satisfaction.respondents if u is not None}
    for key, definition in definitions.items():
        if not isinstance(definition, FactorIndex):
            continue
        if satisfaction is None:
            run.note(key, "missing_table", "warning", table="survey_responses")
            continue
        figures[key] = _survey_figures(satisfaction, definition)
        if "answered_on" not in dataset.columns("survey_responses"):
            run.note(key, "missing_column", "warning", table="survey_responses", column="answered_on")
    for gap in gaps(dataset, timeframe).iter_rows(named=True):
        run.note_gap(gap, measures)
    rows = []
    for indicator in catalogue.indicators:
        found, definition = figures.get(indicator.id, {}), definitions[indicator.id]
        for unit in [None, *sorted(units)]:
            figure = found.get(unit) or _counted_zero(indicator, found, definition)
            rows.append(_row(indicator, unit, figure, timeframe))
    uncertainty = run.uncertainty(satisfaction) if statistics and satisfaction is not None else None
    table = pl.DataFrame(schema=survey.SCHEMA) if satisfaction is None else satisfaction.table
    return Results(
        indicators=pl.DataFrame(rows, schema=SCHEMA, orient="row"),
        case_balance=balance,
        satisfaction=table if uncertainty is None else uncertainty.satisfaction,
        statistics=survey_tables.empty() if uncertainty is None else uncertainty.tables,
        points=pl.DataFrame(run.points, schema=POINTS_SCHEMA, orient="row"),
        notes=pl.DataFrame(run.notes, schema=NOTES_SCHEMA, orient="row"),
        units=tuple(sorted(units)),
        weighting="none" if satisfaction is None else satisfaction.weighting,
    )


def _balance(run: _Computation) -> pl.DataFrame:
    """The case balance; empty without what it needs, and without fields where procedures are missing; both noted."""
    dataset = run.sources.dataset
    if dataset.scan("cases") is None:
        run.note("case_balance", "missing_table", "warning", table="cases")
        return pl.DataFrame(schema=BALANCE_SCHEMA)
    absent = [("cases", column) for column in NEEDS if column not in dataset.columns("cases")]
    no_fields = [(table, column) for table, column in NEEDS_FOR_FIELDS if column not in dataset.columns(table)]
    for table, column in absent + no_fields:
        if dataset.scan(table) is None:
            run.note("case_balance", "missing_table", "warning", table=table)
        else:
            run.note("case_balance", "missing_column", "warning", table=table, column=column)
    by_field = not no_fields and dataset.scan("procedures") is not None
    return pl.DataFrame(schema=BALANCE_SCHEMA) if absent else case_balance(run.sources, by_field)
