"""Cases: the date within the id, the due date by working days, the same case under two ids."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from chiso.sources.account import Severity
from chiso.sources.agreement.tables import SHEET, Accepted, Book, count, shown, worded
from chiso.sources.contract import TableContract, load_contract
from chiso.sources.files import TableFile
from chiso.sources.key_dates import date_in
from chiso.worktime import WorkCalendar

#: A processing time in whole working days; "30 ngày" may mean calendar days, "1/2 ngày" half a day: not reckoned with.
_WORKING_DAYS = r"^\s*0*([1-9]\d{0,2})(?:[.,]0+)?(?:\s+ngày\s+làm\s+việc)?\s*$"


def check_key_dates(accepted: Accepted, files: Sequence[TableFile], book: Book) -> None:
    """List keys that hold another date than the row's own; keys that hold none are counted, not checked."""
    for table in load_contract().values():
        key, own = table.column(table.key[0]), table.own_date
        if not key.date_within or own is None or not accepted.has(table.name, key.name, own.name):
            continue
        rows = accepted.named(table.name, own.name)
        rows = rows.with_columns(_own=pl.col(own.name).dt.date(), _within=_date_of_keys(accepted, table, files))
        undated = rows["_within"].null_count()
        if undated == rows.height:
            told: dict[str, object] = {"count": count(undated), "label": key.label}
            book.tell("info", table.name, "key_date", told, key="no_key_date")
            continue
        found = rows.filter(pl.col("_within") != pl.col("_own"))
        if not found.height:
            continue
        day, within = shown(pl.col("_own"), pl.Date()), shown(pl.col("_within"), pl.Date())
        book.list(table, "key_date", own.name, found, value=day, expected=within)
        after = found.filter(pl.col("_within") > pl.col("_own")).height
        told = {"count": count(found.height), "checked": count(rows.height - undated), "after": count(after)}
        told |= {"undated": count(undated), "key_label": key.label, "label": own.label}
        book.tell("warning", table.name, "key_date", told, listed=found.height)


def _date_of_keys(accepted: Accepted, table: TableContract, files: Sequence[TableFile]) -> pl.Expr:
    """Return the date within the key, read in the forms of the file each row came from."""
    key = table.column(table.key[0])
    forms = {
        f.name: f.mapping.key_dates for f in files if f.table.name == table.name and f.mapping.key_dates is not None
    }
    within = date_in(pl.col(key.name), key.date_within)
    for name, own in forms.items():
        sheets = [number for number, sheet in enumerate(accepted.sheets) if sheet.file == name]
        within = pl.when(pl.col(SHEET).is_in(sheets)).then(date_in(pl.col(key.name), own)).otherwise(within)
    return within


def check_due_days(accepted: Accepted, book: Book) -> None:
    """List due days that differ from the received day plus the procedure's working days.

    Days are compared: hours and half days are not in the data. A later due day of a case with supplement requests is
    told apart, because the time the applicant takes is added by the system.
    """
    if not accepted.has("cases", "received_at", "due_at", "procedure_code"):
        return
    if not accepted.has("procedures", "processing_days"):
        label = load_contract()["procedures"].column("processing_days").label
        book.tell("info", "cases", "due_days", {"label": label}, key="due_days_skipped")
        return
    days = pl.col("processing_days")
    procedures = accepted.read("procedures", ["procedure_code", "processing_days"]).select(
        "procedure_code", days, _days=days.str.to_lowercase().str.extract(_WORKING_DAYS).cast(pl.Int64)
    )
    rows = accepted.named("cases", "procedure_code", "received_at", "due_at", "supplement_requests")
    rows = rows.drop_nulls("due_at").join(procedures, on="procedure_code", how="left", maintain_order="left")
    expected = WorkCalendar.load().add_working_days_expr(pl.col("received_at").dt.date(), pl.col("_days"))
    rows = rows.with_columns(_due=pl.col("due_at").dt.date(), _expected=expected)
    unread = rows.filter(pl.col("_days").is_null() & pl.col("processing_days").is_not_null()).height
    without = rows.filter(pl.col("processing_days").is_null()).height
    beyond = rows.filter(pl.col("_days").is_not_null() & pl.col("_expected").is_null())
    if unread or without:
        told = {"unread": count(unread), "without": count(without)}
        book.tell("info", "cases", "due_days", told, key="due_days_unread")
    if beyond.height:
        calendar = WorkCalendar.load()
        told = {"count": count(beyond.height), "known": f"{calendar.first.year}–{calendar.last.year}"}
        book.tell("info", "cases", "due_days", told, key="due_days_beyond")
    found = rows.filter(pl.col("_due") != pl.col("_expected"))
    if not found.height:
        return
    waited = (pl.col("supplement_requests") > 0).fill_null(False) & (pl.col("_due") > pl.col("_expected"))
    day = shown(pl.col("_expected"), pl.Date())
    parts: tuple[tuple[str, Severity, pl.DataFrame], ...] = (
        ("due_days", "warning", found.filter(~waited)),
        ("due_days_supplement", "info", found.filter(waited)),
    )
    for rule, severity, part in parts:
        if part.height:
            recomputed = worded(rule, day=day, days=pl.col("_days"))
            due = shown(pl.col("_due"), pl.Date())
            book.list(load_contract()["cases"], rule, "due_at", part, value=due, expected=recomputed)
            late = part.filter(pl.col("_due") > pl.col("_expected")).height
            told = {"count": count(part.height), "late": count(late), "early": count(part.height - late)}
            book.tell(severity, "cases", rule, told, listed=part.height)


def check_twins(accepted: Accepted, book: Book) -> None:
    """List rows that are equal in every column but the key, the own timestamp to the second with a time of day.

    A date alone, midnight, or a time of day that a system sets by default proves nothing: many cases of a day are
    alike.
    """
    for table in load_contract().values():
        own = table.own_date
        if own is None or own.type != "datetime" or not accepted.has(table.name, own.name):
            continue
        key = table.key[0]
        first = [own.name, *(c.name for c in table.columns if c.required and c.name not in (key, own.name))]
        moment = pl.col(own.name)
        rows = accepted.read(table.name, [key, *first]).with_row_index("_row")
        rows = rows.filter(~_by_default(moment))
        rows = rows.filter(pl.struct(first).is_duplicated())
        if not rows.height:
            continue
        others = [c.name for c in table.columns if c.name != key]
        whole = accepted.named(table.name, *others)[rows["_row"]].sort(key)
        whole = whole.with_columns(_first=pl.col(key).first().over(others), _many=pl.len().over(others))
        found = whole.filter(pl.col("_first") != pl.col(key))
        if not found.height:
            continue
        book.list(table, "twin", own.name, found, value=shown(moment, pl.Datetime("us")), expected=pl.col("_first"))
        label = table.column(key).label
        book.tell("warning", table.name, "twin", {"count": count(found.height), "label": label}, listed=found.height)


def _by_default(moment: pl.Expr) -> pl.Expr:
    """Whether a time of day says nothing: midnight, or one that stands on three days and 1 % of the rows or more."""
    time, day = moment.dt.truncate("1s").dt.time(), moment.dt.date()
    often = (pl.len().over(time) >= pl.len() / 100) & (day.n_unique().over(time) >= 3)
    return (time == pl.time(0, 0, 0)) | often
