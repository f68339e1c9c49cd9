"""Tables that have to agree with one another: cases of petitions, the survey's frame, years of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from chiso.sources.agreement.tables import SHEET, Accepted, Book, count, worded
from chiso.sources.contract import load_contract
from chiso.sources.files import TableFile
from chiso.worktime.periods import Period


def check_references(accepted: Accepted, book: Book) -> None:
    """List codes that are no accepted row of the table they name, where they may be blank and the row stays."""
    contract = load_contract()
    for table in contract.values():
        for column in table.columns:
            if column.refers is None or not accepted.has(table.name, column.name):
                continue
            other = contract[column.refers]
            told = {"label": column.label, "other": other.label}
            rows = accepted.named(table.name, column.name).drop_nulls(column.name)
            if not rows.height:
                continue
            if not accepted.heights.get(other.name):
                book.tell("info", table.name, "refers", told, key="refers_skipped")
                continue
            known = accepted.read(other.name, other.key).select(pl.col(other.key[0]).alias(column.name))
            found = rows.join(known, on=column.name, how="anti", maintain_order="left")
            if found.height:
                expected = worded("refers", other=other.label)
                book.list(table, "refers", column.name, found, value=pl.col(column.name), expected=expected)
                told |= {"count": count(found.height), "all": count(rows.height)}
                book.tell("warning", table.name, "refers", told, listed=found.height)


def check_frame(accepted: Accepted, book: Book) -> None:
    """List units with survey answers in a period that the frame has for other units, but not for theirs.

    Only days that both ways of counting (to the 14th, by calendar days) give to the period are looked at.
    """
    if not accepted.has("survey_responses", "unit_code", "answered_on") or not accepted.has("survey_frame", "period"):
        return
    table, day = load_contract()["survey_responses"], pl.col("answered_on")
    days = accepted.read("survey_responses", ["unit_code", "answered_on"])
    days = days.group_by("unit_code", "answered_on", SHEET).agg(pl.len())
    frame = accepted.read("survey_frame", ["unit_code", "period"])
    spans = [(name, *_certain(name)) for name in frame["period"].unique().sort()]
    periods = pl.DataFrame(spans, schema={"period": pl.String, "_from": pl.Date, "_to": pl.Date}, orient="row")
    asked = days.join_where(periods, day >= pl.col("_from"), day <= pl.col("_to"))
    found = asked.join(frame, on=["unit_code", "period"], how="anti")
    if not found.height:
        return
    rows = found.group_by("unit_code", "period", SHEET).agg(pl.col("len").sum()).sort("unit_code", "period", SHEET)
    value = worded("answers", count=pl.col("len"))
    book.list(table, "frame", "unit_code", rows, value=value, expected=worded("frame"), key=pl.col("period"))
    told = {"count": count(rows.height), "units": rows["unit_code"].n_unique()}
    book.tell("warning", table.name, "frame", told, listed=rows.height)


def _certain(period: str) -> tuple[date, date]:
    """Return the days that either way of counting gives to a period."""
    found = Period.parse(period)
    spans = [found.window("decree09"), found.window("calendar")]
    return max(first for first, _ in spans), min(last for _, last in spans)


def check_years(accepted: Accepted, files: Sequence[TableFile], book: Book) -> None:
    """List rows of a plan year that the data does not reach, and of a reporting period of another year."""
    table = load_contract()["deliverables"]
    if not accepted.has("deliverables", "plan_year"):
        return
    rows = accepted.named("deliverables", "plan_year", "period", "plan_item").drop_nulls("plan_year")
    year = pl.col("plan_year")
    if accepted.has("deliverables", "period"):
        named = pl.col("period").str.slice(0, 4)
        found = rows.filter(named.cast(pl.Int64) != year)
        if found.height:
            expected = worded("year", year=year)
            book.list(table, "plan_period", "period", found, value=pl.col("period"), expected=expected)
            book.tell("warning", table.name, "plan_period", {"count": count(found.height)}, listed=found.height)
    span = _years(accepted, files)
    if span is None:
        return
    first, last = span
    found = rows.filter(~year.is_between(first, last))
    if found.height:
        expected = pl.lit(f"{first}–{last}")
        book.list(table, "plan_year", "plan_year", found, value=year.cast(pl.String), expected=expected)
        told = {"count": count(found.height), "first": first, "last": last}
        book.tell("warning", table.name, "plan_year", told, listed=found.height)


def _years(accepted: Accepted, files: Sequence[TableFile]) -> tuple[int, int] | None:
    """Return the years from the first dated row to the year after the last row or export: plans come out before it."""
    days: list[date] = []
    for table in load_contract().values():
        if table.own_date and accepted.has(table.name, table.own_date.name):
            own = accepted.read(table.name, [table.own_date.name])[table.own_date.name].dt.date()
            days += [day for day in (own.min(), own.max()) if isinstance(day, date)]
    if not days:
        return None
    exported = [file.exported_on for file in files if file.exported_on]
    return min(days).year, max(days + exported).year + 1
