"""Columns of one table that have to agree: dates in order, parts within a whole, amounts that only grow."""

from __future__ import annotations

import polars as pl

from chiso.messages import locales
from chiso.sources.agreement.tables import Accepted, Book, count, shown, worded
from chiso.sources.contract import load_contract


def check_order(accepted: Accepted, book: Book) -> None:
    """List dates before the date they follow by contract; days are compared, the time of day is not."""
    for table in load_contract().values():
        for column in table.columns:
            if column.follows is None or not accepted.has(table.name, column.name, column.follows):
                continue
            rows = accepted.named(table.name, column.name, column.follows)
            later, earlier = pl.col(column.name), pl.col(column.follows)
            found = rows.filter(later.dt.date() < earlier.dt.date())
            if not found.height:
                continue
            other = table.column(column.follows).label
            book.list(
                table,
                "order",
                column.name,
                found,
                value=later.dt.strftime(locales.locale().day_pattern),
                expected=worded("from", day=earlier.dt.strftime(locales.locale().day_pattern)),
            )
            told = {"label": column.label, "other": other, "count": count(found.height)}
            book.tell("warning", table.name, "order", told, listed=found.height)


def check_amounts(accepted: Accepted, book: Book) -> None:
    """List amounts that are more than the amount they are part of."""
    for table in load_contract().values():
        for column in table.columns:
            if column.within is None or not accepted.has(table.name, column.name, column.within):
                continue
            rows = accepted.named(table.name, column.name, column.within)
            part, whole = pl.col(column.name), pl.col(column.within)
            found = rows.filter(part > whole)
            if not found.height:
                continue
            limit = worded("at_most", amount=whole)
            book.list(table, "within", column.name, found, value=part.cast(pl.String), expected=limit)
            told = {"label": column.label, "other": table.column(column.within).label, "count": count(found.height)}
            book.tell("warning", table.name, "within", told, listed=found.height)


def check_running(accepted: Accepted, book: Book) -> None:
    """List cumulative amounts below the last earlier amount of the same line and year; blanks in between are passed."""
    for table in load_contract().values():
        for column in table.columns:
            own = table.own_date
            if not column.cumulative or own is None or not accepted.has(table.name, column.name):
                continue
            line = [name for name in (*table.key, "budget_year") if name != own.name]
            rows = accepted.named(table.name, *line, column.name).drop_nulls(column.name).sort(*table.key)
            amount = pl.col(column.name)
            rows = rows.with_columns(_before=amount.shift().over(line), _day=pl.col(own.name).shift().over(line))
            found = rows.filter(amount < pl.col("_before"))
            if not found.height:
                continue
            day = shown(pl.col("_day"), pl.Date())
            floor = worded("running", amount=pl.col("_before"), day=day)
            book.list(table, "running", column.name, found, value=amount.cast(pl.String), expected=floor)
            told = {"label": column.label, "count": count(found.height)}
            book.tell("warning", table.name, "running", told, listed=found.height)
