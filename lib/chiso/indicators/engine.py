"""All indicators of a timeframe, for the department and every unit, one pass over each prepared frame."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators import service_quality, survey, survey_tables
from chiso.indicators.case_balance import SCHEMA as BALANCE_SCHEMA
from chiso.indicators.case_balance import case_balance
from chiso.indicators.figures import Figures, Unit, aggregations, counted_zero, figure, points_index, result_row
from chiso.indicators.judge import Figure
from chiso.indicators.measure import FactorIndex, Measure, PointsIndex, define
from chiso.indicators.needs import balance_split, computable
from chiso.indicators.notes import Notes
from chiso.indicators.recording import gaps
from chiso.indicators.results import POINTS_SCHEMA, SCHEMA, Results
from chiso.indicators.views import VIEWS, MissingTable, Sources
from chiso.sources import Dataset
from chiso.worktime import Timeframe


class _Computation:
    """The state of one computation; :func:`compute` is the way in."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.notes = Notes()

    def evaluate(self, measures: Mapping[str, Measure]) -> dict[str, Figures]:
        """Figures of all measures; one that cannot be computed is not in the result."""
        by_view: dict[str, dict[str, Measure]] = defaultdict(dict)
        for key, measure in measures.items():
            if computable(self.sources, key, measure, self.notes):
                by_view[measure.view][key] = measure
        figures: dict[str, Figures] = {}
        queries: list[pl.LazyFrame] = []
        for view, group in by_view.items():
            frame = VIEWS[view].build(self.sources)
            wanted = list(aggregations(view, group))
            of_units = frame.filter(pl.col("unit_code").is_not_null()).group_by("unit_code").agg(wanted)
            queries += [of_units, frame.select(wanted)]
        collected = iter(pl.collect_all(queries))
        for group in by_view.values():
            units, whole = next(collected), next(collected)
            totals: dict[Unit, dict[str, float]] = {None: whole.row(0, named=True)}
            totals |= {row["unit_code"]: row for row in units.iter_rows(named=True)}
            for key, measure in group.items():
                figures[key] = {u: figure(row, key, measure) for u, row in totals.items()}
                self.notes.left_out(key, measure, totals[None])
        return figures

    def uncertainty(self, found: survey.Satisfaction) -> survey_tables.Uncertainty:
        """Intervals and comparisons of the satisfaction figures; tells where a rule had to bend."""
        added = survey_tables.with_uncertainty(self.sources, self.sources.catalogue, found)
        answers = found.answers
        for reason, columns in (("form_absent", answers.asked.absent), ("form_extra", answers.asked.extra)):
            if columns:
                self.notes.add(survey.OVERALL, reason, table="survey_responses", items=", ".join(columns))
        if answers.asked.other:
            names = ", ".join(c for group in answers.asked.other.values() for c in group)
            self.notes.add(survey.OVERALL, "form_other", table="survey_responses", items=names)
        if answers.outside:
            self.notes.add(survey.OVERALL, "form_outside", rows=answers.outside, table="survey_responses")
        if added.short:
            self.notes.add(survey.OVERALL, "frame_short", table="survey_frame", units=", ".join(added.short))
        if added.zero:
            self.notes.add(survey.OVERALL, "weight_zero", rows=added.zero, table="survey_responses", column="weight")
        return added


def _survey_figures(found: survey.Satisfaction, definition: FactorIndex) -> Figures:
    figures: Figures = {}
    for unit, responses in found.respondents.items():
        index = found.overall[unit] if definition.factor is None else found.factors[unit, definition.factor]
        overall = definition.factor is None
        numerator = index.numerator if overall else (index.numerator or 0.0)
        figures[unit] = Figure(numerator, index.denominator, index.value, responses)
    return figures


def _active_units(s: Sources) -> set[str]:
    """Units active on any day of P."""
    t = s.timeframe
    try:
        units = s.as_of("units")
    except MissingTable:
        return set()
    active = (pl.col("active_from") <= t.as_of).fill_null(True) & (pl.col("active_to") >= t.start).fill_null(True)
    return set(units.filter(active).select("unit_code").collect()["unit_code"])


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
    points: list[dict[str, object]] = []
    for key in indices:
        figures[key], of_parts = points_index(key, parts, figures)
        points += of_parts
    split = balance_split(dataset, run.notes)
    balance = pl.DataFrame(schema=BALANCE_SCHEMA) if split is None else case_balance(sources, split == "field")
    units = _active_units(sources) | set(balance["unit_code"].drop_nulls())
    units |= {u for found in figures.values() for u, f in found.items() if u is not None and f.rows}
    satisfaction = survey.estimate(sources, catalogue, sorted(units))
    if satisfaction is not None:
        units |= {u for u in satisfaction.respondents if u is not None}
    for key, definition in definitions.items():
        if not isinstance(definition, FactorIndex):
            continue
        if satisfaction is None:
            run.notes.add(key, "missing_table", "warning", table="survey_responses")
            continue
        figures[key] = _survey_figures(satisfaction, definition)
        if "answered_on" not in dataset.columns("survey_responses"):
            run.notes.add(key, "missing_column", "warning", table="survey_responses", column="answered_on")
    for gap in gaps(dataset, timeframe).iter_rows(named=True):
        run.notes.gap(gap, measures)
    rows = []
    for indicator in catalogue.indicators:
        found, definition = figures.get(indicator.id, {}), definitions[indicator.id]
        for unit in [None, *sorted(units)]:
            of_unit = found.get(unit) or counted_zero(indicator, found, definition)
            rows.append(result_row(indicator, unit, of_unit, timeframe))
    uncertainty = run.uncertainty(satisfaction) if statistics and satisfaction is not None else None
    table = pl.DataFrame(schema=survey.SCHEMA) if satisfaction is None else satisfaction.table
    return Results(
        indicators=pl.DataFrame(rows, schema=SCHEMA, orient="row"),
        case_balance=balance,
        satisfaction=table if uncertainty is None else uncertainty.satisfaction,
        statistics=survey_tables.empty() if uncertainty is None else uncertainty.tables,
        points=pl.DataFrame(points, schema=POINTS_SCHEMA, orient="row"),
        notes=run.notes.frame(),
        units=tuple(sorted(units)),
        weighting="none" if satisfaction is None else satisfaction.weighting,
    )
