"""How far the sources reach: the newest day in each table, and columns that stop being recorded.

Such a column is filled month after month, then blank though rows keep coming. Its blanks are a gap of the records, not
a fact: closures missing for a whole year are not 0 % closed.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from chiso.indicators.measure import Measure
from chiso.indicators.views import VIEWS
from chiso.sources import PERSONAL, Dataset, load_contract
from chiso.worktime import Timeframe

#: Months with rows right before the gap, in each of which at least one cell is filled.
STEADY_MONTHS = 6
#: Months with rows in the gap, at least: a quarter, the shortest official period.
GAP_MONTHS = 3
#: Cells that the gap would hold at the rate of the months before, at least: fewer may be missing by chance.
EXPECTED = 10

SCHEMA = {
    "table": pl.String,
    "column": pl.String,
    "unit_code": pl.String,  # null: the whole department
    "since": pl.Date,  # first day of the first month without a filled cell
    "rows": pl.Int64,  # rows in the gap
    "rate": pl.Float64,  # share filled in the months before, 0-1
}
RECENCY = {
    "table": pl.String,
    "newest": pl.Date,  # newest date of the table's own up to the as-of day
}


def recency_of(dataset: Dataset, table: str, timeframe: Timeframe) -> pl.DataFrame:
    """Return the newest day of a table up to the as-of day (columns: `RECENCY`); no row for one without days."""
    own, frame = load_contract()[table].own_date, dataset.scan(table)
    if frame is None or own is None or own.name not in dataset.columns(table):
        return pl.DataFrame(schema=RECENCY)
    day = pl.col(own.name).cast(pl.Date)
    newest = frame.select(day).filter(day <= timeframe.as_of).select(pl.col(own.name).max()).collect().item()
    return pl.DataFrame([(table, newest)] if newest else [], schema=RECENCY, orient="row")


def gaps_of(dataset: Dataset, table: str, timeframe: Timeframe) -> pl.DataFrame:
    """Return the optional columns of a table that are not recorded any more on the as-of day (columns: `SCHEMA`).

    For a table whose rows have a date of their own, each optional column, the department and each unit, with rows
    counted by the month of their date up to the as-of day: the gap is the run of last months in which no cell is
    filled. It is told where it has `GAP_MONTHS` months with rows, where each of the `STEADY_MONTHS` months with rows
    before it has a filled cell, and where the rate of those months lets expect `EXPECTED` filled cells in it. A unit is
    told only where the department as a whole is not.
    """
    return pl.DataFrame(list(_of_table(dataset, table, timeframe)), schema=SCHEMA, orient="row")


def _of_table(dataset: Dataset, name: str, timeframe: Timeframe) -> Iterator[tuple[object, ...]]:
    table, frame = load_contract()[name], dataset.scan(name)
    known = dataset.columns(name)
    if frame is None or table.own_date is None or table.own_date.name not in known:
        return
    columns = [c.name for c in table.columns if not c.required and c.name in known and c.name not in PERSONAL]
    day = pl.col(table.own_date.name).cast(pl.Date)
    counted = [pl.len().alias("_rows"), *(pl.col(c).is_not_null().sum().alias(c) for c in columns)]
    unit = ["unit_code"] if "unit_code" in known else []
    months = frame.filter(day <= timeframe.as_of).group_by(day.dt.truncate("1mo").alias("_month"), *unit).agg(counted)
    by_unit = months.collect().sort("_month")
    whole = by_unit.group_by("_month", maintain_order=True).agg(pl.col("_rows", *columns).sum())
    blank_as_a_whole = set()
    for column in columns:
        if gap := _gap(whole, column):
            blank_as_a_whole.add(column)
            yield (name, column, None, *gap)
    if not unit:
        return
    for (code,), rows in by_unit.group_by("unit_code", maintain_order=True):
        for column in columns:
            if column not in blank_as_a_whole and (gap := _gap(rows, column)):
                yield (name, column, code, *gap)


def _gap(months: pl.DataFrame, column: str) -> tuple[object, int, float] | None:
    """Return since when a column is blank, the rows since, and the rate before; None where it is no gap."""
    filled = months[column].to_list()
    last = max((place for place, count in enumerate(filled) if count), default=-1)
    before = filled[max(last + 1 - STEADY_MONTHS, 0) : last + 1]
    gap = months.slice(last + 1)
    if gap.height < GAP_MONTHS or len(before) < STEADY_MONTHS or not all(before):
        return None
    rate = sum(before) / months.slice(last + 1 - STEADY_MONTHS, STEADY_MONTHS)["_rows"].sum()
    rows = int(gap["_rows"].sum())
    return (gap["_month"][0], rows, rate) if rate * rows >= EXPECTED else None


def touched(measure: Measure, table: str, column: str) -> bool:
    """Return whether a measure rests on a column of a table."""
    view = VIEWS[measure.view]
    return any((table, column) in view.origins(used) for used in measure.uses)
