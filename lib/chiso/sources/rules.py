"""The row rules: each names the rows that break it; a row keeps every reason it was rejected for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from chiso.messages import has, locales, text
from chiso.sources.contract import ColumnContract, TableContract


@dataclass(frozen=True)
class Breach:
    """One rule broken in one column by the rows of ``mask``; reason and remedy as the exporter reads them."""

    rule: str
    column: str | None
    mask: pl.Series
    reason: str
    remedy: str


@dataclass(frozen=True)
class Rows:
    """The rows of one sheet by contract column, aligned by position: which cells are filled, and typed values."""

    table: TableContract
    filled: pl.DataFrame
    values: pl.DataFrame
    present: frozenset[str]  # columns the file has, or the mapping sets
    exported_on: date | None
    demanded: frozenset[str] = frozenset()  # columns that some sheet of the table has: rows without them are rejected


def check(rows: Rows, references: Mapping[str, pl.Series | None]) -> list[Breach]:
    """Return the rules that some row breaks.

    Args:
        rows: the rows of one sheet.
        references: accepted keys by table; None where the table is missing, so that nothing can be checked.
    """
    found: list[Breach] = []
    for name in rows.values.columns:
        column = rows.table.column(name)
        found += _cell_rules(rows, column)
        found += _reference(rows, column, references)
        found += _date_rules(rows, column)
    return [breach for breach in found if breach.mask.any()]


def _breach(rule: str, column: ColumnContract, mask: pl.Series, **values: object) -> Breach:
    detail = f"{rule}_period" if column.period else f"{rule}_{column.type}"
    key = detail if has(f"sources.rule.{detail}") else rule
    values = {"label": column.label, **values}
    return Breach(
        rule,
        column.name,
        mask.fill_null(False),
        text(f"sources.rule.{key}", **values),
        text(f"sources.remedy.{key if has(f'sources.remedy.{key}') else rule}", **values),
    )


def _cell_rules(rows: Rows, column: ColumnContract) -> Iterator[Breach]:
    """Blank where required, not of the type, negative, more than another column."""
    filled, value = rows.filled[column.name], rows.values[column.name]
    # A column all files lack is told as a finding, and its rows stay; without a key, or beside rows that have the
    # column, a row is unusable.
    if column.required and (column.name in rows.present or column.name in rows.table.key):
        yield _breach("required", column, ~filled)
    elif column.required and column.name in rows.demanded:
        breach = _breach("required", column, ~filled)
        reason, remedy = (text(f"sources.{part}.required_elsewhere", label=column.label) for part in ("rule", "remedy"))
        yield replace(breach, reason=reason, remedy=remedy)
    if (column.type != "text" or column.period) and not column.answer:
        codes = ", ".join(f"{label} ({code})" for code, label in column.values.items())
        yield _breach("type", column, filled & value.is_null(), codes=codes)
    if column.nonnegative:
        yield _breach("negative", column, value < 0)
    if column.at_most:
        other = rows.table.column(column.at_most)
        yield _breach("at_most", column, value > rows.values[other.name], other=other.label)


def _reference(rows: Rows, column: ColumnContract, references: Mapping[str, pl.Series | None]) -> Iterator[Breach]:
    """A code that is no accepted row of the table it names."""
    keys = references.get(column.reference) if column.reference else None
    if keys is not None:
        value = rows.values[column.name]
        yield _breach(f"unknown_{column.reference}", column, value.is_not_null() & ~value.is_in(keys.implode()))


def _date_rules(rows: Rows, column: ColumnContract) -> Iterator[Breach]:
    """An end before its beginning, an event after the day of its export."""
    value = rows.values[column.name]
    if column.not_before:
        other = rows.table.column(column.not_before)
        yield _breach("not_before", column, is_before(value, rows.values[other.name]), other=other.label)
    if column.not_after_export and rows.exported_on:
        days = value.dt.date() if value.dtype != pl.Date else value
        exported = locales.day(rows.exported_on)
        yield _breach("after_export", column, days > rows.exported_on, exported=exported)


def is_before(later: pl.Series, earlier: pl.Series) -> pl.Series:
    """Return where ``later`` lies before ``earlier``: by timestamp where both have a time of day, else by date.

    Midnight (00:00:00, whatever the fraction of the second) counts as having no time of day: systems write it for
    dates, some with a few milliseconds that keep rows apart.
    """
    a, b = pl.col("later"), pl.col("earlier")
    timed = (a.dt.truncate("1s") != a.dt.truncate("1d")) & (b.dt.truncate("1s") != b.dt.truncate("1d"))
    frame = pl.DataFrame({"later": later, "earlier": earlier})
    return frame.select(pl.when(timed).then(a < b).otherwise(a.dt.date() < b.dt.date())).to_series()
