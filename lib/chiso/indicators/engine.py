"""All indicators of a timeframe, for the department and every unit, one pass over each prepared frame."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators import service_quality
from chiso.indicators.case_balance import SCHEMA as BALANCE_SCHEMA
from chiso.indicators.case_balance import case_balance
from chiso.indicators.figures import (
    Figures,
    Unit,
    active_units,
    aggregations,
    counted_zero,
    figure,
    points_index,
    result_row,
)
from chiso.indicators.measure import FactorIndex, Measure, PointsIndex, define
from chiso.indicators.needs import balance_split, computable
from chiso.indicators.notes import Notes
from chiso.indicators.pieces import Pieces
from chiso.indicators.recording import RECENCY, gaps_of, recency_of
from chiso.indicators.recording import SCHEMA as RECORDING
from chiso.indicators.results import POINTS_SCHEMA, SCHEMA, Results
from chiso.indicators.survey_figures import SurveyFigures
from chiso.indicators.views import VIEWS, Sources
from chiso.sources import Dataset, load_contract
from chiso.sources.kept import NOTHING_KEPT, Shelf
from chiso.worktime import Timeframe


class _Computation:
    """The state of one computation; :func:`compute` is the way in."""

    def __init__(self, sources: Sources, pieces: Pieces) -> None:
        self.sources = sources
        self.pieces = pieces
        self.notes = Notes()

    def evaluate(self, measures: Mapping[str, Measure]) -> dict[str, Figures]:
        """Figures of all measures; one that cannot be computed is not in the result."""
        by_view: dict[str, dict[str, Measure]] = defaultdict(dict)
        for key, measure in measures.items():
            if computable(self.sources, key, measure, self.notes):
                by_view[measure.view][key] = measure
        figures: dict[str, Figures] = {}
        found = {view: self.pieces.get(view, VIEWS[view].tables, list(group)) for view, group in by_view.items()}
        found |= self._made({view: group for view, group in by_view.items() if found[view] is None})
        for view, group in by_view.items():
            collected = found[view] or {}
            totals: dict[Unit, dict[str, float]] = {None: collected["whole"].row(0, named=True)}
            totals |= {row["unit_code"]: row for row in collected["units"].iter_rows(named=True)}
            for key, measure in group.items():
                figures[key] = {u: figure(row, key, measure) for u, row in totals.items()}
                self.notes.left_out(key, measure, totals[None])
        return figures

    def _made(self, by_view: Mapping[str, Mapping[str, Measure]]) -> dict[str, dict[str, pl.DataFrame]]:
        """Aggregate views, all in one pass, and keep what comes out."""
        queries: list[pl.LazyFrame] = []
        for view, group in by_view.items():
            frame = VIEWS[view].build(self.sources)
            wanted = list(aggregations(view, group))
            of_units = frame.filter(pl.col("unit_code").is_not_null()).group_by("unit_code").agg(wanted)
            queries += [of_units, frame.select(wanted)]
        collected = iter(pl.collect_all(queries))
        found = {view: {"units": next(collected), "whole": next(collected)} for view in by_view}
        for view, frames in found.items():
            self.pieces.put(frames, view, VIEWS[view].tables, list(by_view[view]))
        return found


def compute(
    dataset: Dataset,
    catalogue: Catalogue,
    timeframe: Timeframe,
    *,
    statistics: bool = True,
    shelf: Shelf = NOTHING_KEPT,
) -> Results:
    """Compute every indicator of the catalogue.

    Args:
        dataset: accepted tables.
        catalogue: the plan's indicators; each names its function and arguments.
        timeframe: period, window and as-of day.
        statistics: also the uncertainty of the satisfaction figures, and how far the sources reach; a trend of points
            does without.
        shelf: pieces computed before: what was made of the same rows, catalogue and timeframe is taken from there.

    Returns:
        Figures for the department and for every unit that was active on a day of P or of which a figure counts a
        row. Shares are 0-1, counts whole numbers, the service-quality index 0-100.

    Raises:
        BalanceError: the case balance does not close.
    """
    pieces = Pieces(shelf, dataset, catalogue, timeframe)
    sources = Sources(dataset, catalogue, timeframe)
    everything = tuple(load_contract())
    kept = pieces.get("results", everything, statistics)
    if kept is not None:
        return Results.of_frames(kept)
    results = _compute(sources, pieces, statistics)
    pieces.put(results.frames(), "results", everything, statistics)
    return results


def _compute(sources: Sources, pieces: Pieces, statistics: bool) -> Results:
    dataset, catalogue, timeframe = sources.dataset, sources.catalogue, sources.timeframe
    run = _Computation(sources, pieces)
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
    balance = pl.DataFrame(schema=BALANCE_SCHEMA)
    if split is not None:
        tables = ("cases", "procedures") if split == "field" else ("cases",)
        made = pieces.frames(lambda: {"": case_balance(sources, split == "field")}, "case_balance", tables, split)
        balance = made[""]
    units = set(_active(sources, pieces)) | set(balance["unit_code"].drop_nulls())
    units |= {u for found in figures.values() for u, f in found.items() if u is not None and f.rows}
    satisfaction = SurveyFigures(sources, pieces, sorted(units))
    units |= satisfaction.units
    for key, definition in definitions.items():
        if not isinstance(definition, FactorIndex):
            continue
        if not satisfaction.answered:
            run.notes.add(key, "missing_table", "warning", table="survey_responses")
            continue
        figures[key] = satisfaction.figures(definition)
        if "answered_on" not in dataset.columns("survey_responses"):
            run.notes.add(key, "missing_column", "warning", table="survey_responses", column="answered_on")
    recency, recording = _reach(sources, pieces) if statistics else _unknown()
    for gap in recording.iter_rows(named=True):
        run.notes.gap(gap, measures)
    rows = []
    for indicator in catalogue.indicators:
        found, definition = figures.get(indicator.id, {}), definitions[indicator.id]
        for unit in [None, *sorted(units)]:
            of_unit = found.get(unit) or counted_zero(indicator, found, definition)
            rows.append(result_row(indicator, unit, of_unit, timeframe))
    tables_of_survey = satisfaction.tables(statistics)
    run.notes.extend(tables_of_survey.pop("notes"))
    return Results(
        indicators=pl.DataFrame(rows, schema=SCHEMA, orient="row"),
        case_balance=balance,
        satisfaction=tables_of_survey.pop("satisfaction"),
        statistics=tables_of_survey,
        points=pl.DataFrame(points, schema=POINTS_SCHEMA, orient="row"),
        notes=run.notes.frame(),
        recency=recency,
        recording=recording,
        units=tuple(sorted(units)),
        weighting=satisfaction.weighting,
    )


def _active(sources: Sources, pieces: Pieces) -> pl.Series:
    """Codes of the units active on any day of P."""

    def make() -> dict[str, pl.DataFrame]:
        return {"": pl.DataFrame({"unit_code": sorted(active_units(sources))}, schema={"unit_code": pl.String})}

    return pieces.frames(make, "active_units", ("units",))[""]["unit_code"]


def _reach(sources: Sources, pieces: Pieces) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the newest day of each table, and the columns that are not recorded any more."""
    found = [pieces.frames(partial(_reach_of, sources, name), f"reach {name}", (name,)) for name in load_contract()]
    return pl.concat([f["recency"] for f in found]), pl.concat([f["recording"] for f in found])


def _unknown() -> tuple[pl.DataFrame, pl.DataFrame]:
    return pl.DataFrame(schema=RECENCY), pl.DataFrame(schema=RECORDING)


def _reach_of(sources: Sources, table: str) -> dict[str, pl.DataFrame]:
    dataset, timeframe = sources.dataset, sources.timeframe
    return {"recency": recency_of(dataset, table, timeframe), "recording": gaps_of(dataset, table, timeframe)}
