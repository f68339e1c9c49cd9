"""From the sums of all parts to figures: of all bodies together, of each body and of its units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from chiso.catalogue import Catalogue
from chiso.errors import ChisoError
from chiso.indicators.case_balance import COUNTS, BalanceError, unbalanced
from chiso.indicators.case_balance import SCHEMA as BALANCE_SCHEMA
from chiso.indicators.figures import Figures, counted_zero, figure, result_row
from chiso.indicators.measure import Distinct, Measure
from chiso.indicators.needs import balance_split, computable
from chiso.indicators.notes import Notes
from chiso.indicators.parts.counted import COUNTED, TABLE, case_measures
from chiso.indicators.parts.partial import Tables
from chiso.indicators.parts.state import Partial, add, basis_of
from chiso.indicators.results import NOTES_SCHEMA, SCHEMA
from chiso.messages import text
from chiso.sources.parts.keys import overlap
from chiso.worktime import Timeframe

BODY: dict[str, type[pl.DataType]] = {"body": pl.String}
_EMPTY = pl.LazyFrame()
#: The groups of figures: all bodies, each body, each unit.
LEVELS: tuple[tuple[str, ...], ...] = ((), ("body",), ("body", "unit_code"))
NotesBy = dict[str | None, Notes]


@dataclass(frozen=True)
class Combined:
    """The indicators of cases over many bodies.

    Attributes:
        indicators: a row a place and indicator: the columns of a run's result table after ``body``. ``body`` null: all
            bodies; ``unit_code`` null: the whole body.
        case_balance: the case balance likewise, of all bodies, each body and its units, by field.
        notes: what could not be computed or counted, by body (null: everywhere).
        files: a row a file: body, file, rows, later.
        account: a row a body: files, rows, and of these later (not yet received on the as-of day), outside (counted by
            no figure) and counted.
        covered: the indicators computed; the others rest on other tables than cases.
    """

    indicators: pl.DataFrame
    case_balance: pl.DataFrame
    notes: pl.DataFrame
    files: pl.DataFrame
    account: pl.DataFrame
    covered: tuple[str, ...]


def combine(parts: Sequence[Partial], catalogue: Catalogue, timeframe: Timeframe, *, units: bool = True) -> Combined:
    """Add parts up and judge the figures, as one run over all their rows would.

    Args:
        parts: what :func:`chiso.indicators.parts.partial` gave, in any order.
        catalogue: the plan the parts were computed by.
        timeframe: their period, window and as-of day.
        units: also figures by unit; without them of bodies and all of them together.

    Raises:
        ChisoError: parts that do not belong together, or a file in two of them.
        BalanceError: the case balance of a unit does not close.
    """
    whole = add(parts)
    if whole.basis != basis_of(catalogue, timeframe):
        raise ChisoError(text("parts.other_basis"))
    measures = case_measures(catalogue, timeframe)
    notes: NotesBy = defaultdict(Notes)
    able, split = _abilities(whole, measures, catalogue, timeframe, notes)
    totals = _totals(whole, able, measures)
    for row in totals[1].iter_rows(named=True):
        for key, measure in measures.items():  # in the plan's order
            if key in able[row["body"]]:
                notes[row["body"]].left_out(key, measure, row)
    balance = _balance(whole.balance, split, notes)
    for body in _keys_apart(parts):
        notes[body].add(TABLE, "keys_apart", "warning", table=TABLE)
    for indicator in catalogue.indicators:
        if indicator.id not in measures:
            notes[None].add(indicator.id, "not_of_cases")
    rows = _rows(whole, totals if units else totals[:2], balance, able, measures, catalogue, timeframe)
    return Combined(
        indicators=pl.concat(rows),
        case_balance=balance if units else balance.filter(pl.col("unit_code").is_null()),
        notes=_noted(notes),
        files=whole.files.drop("first_key", "last_key"),
        account=_account(whole),
        covered=tuple(measures),
    )


def _account(whole: Partial) -> pl.DataFrame:
    counted = whole.sums.group_by("body").agg(pl.col(COUNTED).sum())
    files = whole.files.group_by("body").agg(pl.len().cast(pl.Int64).alias("files"), pl.col("rows", "later").sum())
    known = files.join(counted, on="body", how="left").with_columns(pl.col(COUNTED).fill_null(0)).sort("body")
    outside = pl.col("rows") - pl.col("later") - pl.col(COUNTED)
    return known.select("body", "files", "rows", "later", outside.alias("outside"), COUNTED)


def _abilities(
    whole: Partial, measures: Mapping[str, Measure], catalogue: Catalogue, t: Timeframe, notes: NotesBy
) -> tuple[dict[str, frozenset[str]], dict[str, str | None]]:
    """Return by body the measures that can be computed and how far its balance can be split; notes what is missing."""
    able: dict[str, frozenset[str]] = {}
    split: dict[str, str | None] = {}
    rows = dict(whole.files.group_by("body").agg(pl.col("rows").sum()).iter_rows())
    columns: dict[str, dict[str, set[str]]] = {body: defaultdict(set) for body in rows}
    for body, table, column in whole.columns.iter_rows():
        columns[body][table].add(column)
    for body in sorted(rows):
        present = {table: frozenset(found) for table, found in columns[body].items()}
        there = [table for table in present if table != TABLE or rows[body]]
        tables = Tables(dict.fromkeys(there, _EMPTY), present)
        sources = tables.sources(catalogue, t)
        able[body] = frozenset(k for k, m in measures.items() if computable(sources, k, m, notes[body]))
        split[body] = balance_split(sources.dataset, notes[body])
    return able, split


def _totals(whole: Partial, able: Mapping[str, frozenset[str]], measures: Mapping[str, Measure]) -> list[pl.DataFrame]:
    """Return the sums at each of :data:`LEVELS`; of a measure only bodies that can compute it are summed."""
    names = [c for c in whole.sums.columns if c not in ("body", "unit_code")]
    sums = whole.sums.with_columns(
        pl.when(_in_bodies(name.partition("|")[0], able)).then(pl.col(name)).alias(name) for name in names
    )
    found = []
    for level in LEVELS:
        given = [pl.col(c).is_not_null() for c in level]
        rows = sums.filter(*given) if given else sums
        frame = rows.group_by(level).agg(pl.col(names).sum()) if level else rows.select(pl.col(names).sum())
        for key, measure in measures.items():
            if measure.distinct:
                counted = whole.distinct.filter(_in_bodies(key, able), *given, pl.col("indicator") == key)
                values = _distinct(counted, level, key, measure.distinct)
                frame = frame.join(values, on=level, how="left") if level else frame.hstack(values)
        found.append(frame.sort(level) if level else frame)
    return [frame.with_columns(pl.selectors.integer().fill_null(0)) for frame in found]


def _in_bodies(key: str, able: Mapping[str, frozenset[str]]) -> pl.Expr:
    can = [body for body, keys in able.items() if key in keys]
    return pl.lit(True) if len(can) == len(able) else pl.col("body").is_in(can)


def _distinct(frame: pl.DataFrame, level: tuple[str, ...], key: str, what: Distinct) -> pl.DataFrame:
    """Return the distinct keys with a hit and with a row, as ``key|n`` and ``key|d``."""
    values = frame.group_by(*level, "value").agg(pl.col("n", "d").sum())
    blank = pl.col("value").is_null()
    counts = [
        pl.when(blank & what.each_blank)
        .then(pl.col(c))
        .otherwise((pl.col(c) > 0).cast(pl.Int64))
        .sum()
        .alias(f"{key}|{c}")
        for c in ("n", "d")
    ]
    return values.group_by(level).agg(counts) if level else values.select(counts)


def _balance(cells: pl.DataFrame, split: Mapping[str, str | None], notes: NotesBy) -> pl.DataFrame:
    """Return the case balance with its margins; cells of procedures without a field are in the margins alone."""
    usable = cells.filter(pl.col("body").is_in([body for body, how in split.items() if how]))
    with_fields = usable.filter(pl.col("body").is_in([body for body, how in split.items() if how == "field"]))
    for body, rows in with_fields.filter(pl.col("field").is_null()).group_by("body").agg(pl.col("total").sum()).rows():
        notes[body].add("case_balance", "no_procedure", "warning", rows=rows, table=TABLE)
    counts = [pl.col(name).sum() for name in COUNTS]
    tables = []
    for level in LEVELS:
        place = [pl.col(c).is_not_null() for c in level]
        of_level = usable.filter(*place) if place else usable
        by_field = with_fields.filter(*place, pl.col("field").is_not_null())
        tables.append(of_level.group_by(level).agg(counts) if level else of_level.select(counts))
        tables.append(by_field.group_by(*level, "field").agg(counts))
    schema = {**BODY, **BALANCE_SCHEMA}
    balance = pl.concat([pl.DataFrame(schema=schema), *tables], how="diagonal")
    if usable.is_empty():
        return pl.DataFrame(schema=schema)
    wrong = balance.filter(unbalanced(), pl.col("body").is_not_null()).sort("body", "unit_code", "field")
    if wrong.height:
        lines = "; ".join(
            dict.fromkeys("/".join(v for v in row if v) for row in wrong.select("body", "unit_code").rows())
        )
        raise BalanceError(text("parts.unbalanced", count=wrong.height, places=lines))
    return balance.sort("body", "unit_code", "field", nulls_last=False)


def _keys_apart(parts: Sequence[Partial]) -> list[str]:
    """Return the bodies with files in several parts whose keys nobody compared, because their ranges overlap."""
    ranges: dict[str, list[tuple[int, tuple[str, str] | None]]] = defaultdict(list)
    for number, part in enumerate(parts):
        for body, rows, first, last in part.files.select("body", "rows", "first_key", "last_key").iter_rows():
            if rows:
                ranges[body].append((number, None if first is None else (first, last)))
    return [
        body
        for body, found in sorted(ranges.items())
        if any(a != b and overlap(x, y) for i, (a, x) in enumerate(found) for b, y in found[:i])
    ]


def _rows(
    whole: Partial,
    totals: Sequence[pl.DataFrame],
    balance: pl.DataFrame,
    able: Mapping[str, frozenset[str]],
    measures: Mapping[str, Measure],
    catalogue: Catalogue,
    t: Timeframe,
) -> Iterator[pl.DataFrame]:
    """Yield the result tables: of all bodies, then of each body with its units."""
    indicators = [catalogue.indicator(key) for key in measures]
    anywhere = frozenset().union(*able.values())
    by_body = {row["body"]: row for row in totals[1].iter_rows(named=True)}
    of_units: dict[str, dict[str, dict[str, Any]]] = {body: {} for body in able}
    if len(totals) > 2:
        for body, unit in whole.units.rows() + balance.select("body", "unit_code").drop_nulls().unique().rows():
            of_units[body].setdefault(unit, {})
        for row in totals[2].iter_rows(named=True):
            if row["unit_code"] in of_units[row["body"]] or any(row[f"{key}|rows"] for key in able[row["body"]]):
                of_units[row["body"]][row["unit_code"]] = row

    def table(body: str | None, places: Mapping[str | None, Mapping[str, Any]], can: frozenset[str]) -> pl.DataFrame:
        rows = []
        for unit, sums in places.items():
            for indicator in indicators:
                measure = measures[indicator.id]
                if sums and indicator.id in can:
                    found = figure(sums, indicator.id, measure)
                else:
                    whole_figure: Figures = (
                        {None: figure(places[None], indicator.id, measure)} if indicator.id in can else {}
                    )
                    found = counted_zero(indicator, whole_figure, measure)
                rows.append({"body": body} | result_row(indicator, unit, found, t))
        return pl.DataFrame(rows, schema={**BODY, **SCHEMA}, orient="row")

    yield table(None, {None: totals[0].row(0, named=True)}, anywhere)
    for body in sorted(able):
        places: dict[str | None, Mapping[str, Any]] = {None: by_body.get(body, {})}
        places.update((unit, of_units[body][unit]) for unit in sorted(of_units[body]))
        yield table(body, places, able[body])


def _noted(notes: NotesBy) -> pl.DataFrame:
    ordered = sorted(notes, key=lambda body: (body is not None, body or ""))
    tables = [notes[b].frame().select(pl.lit(b, pl.String).alias("body"), pl.all()) for b in ordered]
    return pl.concat([pl.DataFrame(schema={**BODY, **NOTES_SCHEMA}), *tables])
