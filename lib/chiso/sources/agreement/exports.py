"""Several exports of one table: what two of them share, and what the newer one no longer has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import polars as pl

from chiso.messages import locales, text
from chiso.sources.account import Account, Finding
from chiso.sources.agreement.tables import SHEET, Accepted, Book, count, shown, worded
from chiso.sources.contract import TableContract, load_contract
from chiso.sources.duplicates import FATE
from chiso.sources.files import TableFile, parse_name
from chiso.sources.parse import clean
from chiso.worktime.periods import Period, PeriodError


def tell_overlaps(rows: pl.DataFrame, table: TableContract, account: Account) -> None:
    """Tell for each pair of files how many rows of one gave way to the same key in the other.

    Args:
        rows: key, `SHEET` and `FATE` of all rows of the table that keep the row rules.
        table: theirs.
        account: of the import; ``SHEET`` is the place in its sheets.
    """
    gone = rows.filter(pl.col(FATE).is_in(["merged", "superseded"]))
    if not gone.height:
        return
    kept = rows.filter(pl.col(FATE) == "accepted").select(*table.key, pl.col(SHEET).alias("_kept"))
    files = [sheet.file for sheet in account.sheets]
    pairs = (
        gone.join(kept, on=table.key)
        .group_by(SHEET, "_kept", FATE)
        .len()
        .with_columns(pl.col(SHEET, "_kept").replace_strict(range(len(files)), files, return_dtype=pl.String))
        .filter(pl.col(SHEET) != pl.col("_kept"))
        .group_by(SHEET, "_kept")
        .agg(pl.col("len").filter(pl.col(FATE) == fate).sum().alias(fate) for fate in ("merged", "superseded"))
        .sort(SHEET, "_kept")
    )
    for file, other, merged, superseded in pairs.rows():
        told = {"file": file, "other": other, "label": " + ".join(table.column(k).label for k in table.key)}
        counts = {"count": count(merged + superseded), "merged": count(merged), "superseded": count(superseded)}
        message = text("agreement.finding.overlap", **told, **counts)
        account.findings.append(Finding("info", table.name, file, "overlap", message))


def check_vanished(accepted: Accepted, files: Sequence[TableFile], book: Book) -> None:
    """List accepted rows of an older export that the newest export of the same coverage should have and has not.

    Exports of the same table and the same period label in their names (or none) are compared; both need an export
    date. A row should be in the newest one where its own date lies in the calendar days of the label, or without a
    label between the earliest and the latest own date there; a row of a plan year or a period where the newest has
    that year or period; a row of a register without any of them always. A row that the newest has but that was
    rejected has not vanished.
    """
    for name, table in load_contract().items():
        if not accepted.heights.get(name):
            continue
        read = {sheet.file for sheet in accepted.sheets if sheet.table == name and sheet.read > sheet.layout}
        groups: dict[str, list[TableFile]] = defaultdict(list)
        for file in files:
            if file.table.name == name and file.exported_on and file.name in read:
                groups[_label(file)].append(file)
        for label, group in sorted(groups.items()):
            if len({file.exported_on for file in group}) > 1:
                _compare(accepted, table, label, group, book)


def check_stand_ins(accepted: Accepted, book: Book) -> None:
    """List accepted rows that stand for a later version of themselves, because that version was rejected.

    The later export's row is not read, so the earlier one counts; whoever corrects the rejected row brings it in.
    Only tables whose key is text are compared: dates and numbers are rejected for how they are written.
    """
    days = {sheet.file: sheet.exported_on for sheet in accepted.sheets}
    for name, table in load_contract().items():
        if not accepted.heights.get(name) or any(table.column(key).type != "text" for key in table.key):
            continue
        parts = [
            rows.select(
                *(clean(rows[key]) for key in table.key), _later=pl.lit(sheet.file), _day=pl.lit(days[sheet.file])
            )
            for sheet in book.account.rejected
            if sheet.table == name
            and days.get(sheet.file)
            and set(table.key) <= set((rows := sheet.canonical()).columns)
        ]
        if not parts:
            continue
        rejected = pl.concat(parts).sort("_day", "_later", descending=[True, False]).unique(table.key, keep="first")
        own = pl.Series([days[sheet.file] for sheet in accepted.sheets], dtype=pl.Date)
        rows = accepted.named(name).with_columns(_own=own.gather(accepted.origins[name]))
        found = rows.join(rejected, on=table.key).filter(pl.col("_own") < pl.col("_day"))
        if not found.height:
            continue
        expected = worded("stands_in", file=pl.col("_later"), day=shown(pl.col("_day"), pl.Date()))
        book.list(table, "stands_in", None, found, value=shown(pl.col("_own"), pl.Date()), expected=expected)
        file = ", ".join(_files(accepted, found))
        told = {"count": count(found.height), "file": ", ".join(found["_later"].unique().sort()), "older": file}
        book.tell("warning", name, "stands_in", told, listed=found.height, file=file)


def _label(file: TableFile) -> str:
    """Return what a file's name says about its coverage: a period in canonical form, or the words that stand there."""
    middle = parse_name(file.path.stem).middle
    try:
        return str(Period.parse(middle.replace("_", " ")))
    except PeriodError:
        return middle


def _compare(accepted: Accepted, table: TableContract, label: str, group: list[TableFile], book: Book) -> None:
    latest = max(file.exported_on for file in group if file.exported_on)
    newest = {file.name for file in group if file.exported_on == latest}
    number = {file.name: [n for n, s in enumerate(accepted.sheets) if s.file == file.name] for file in group}
    coverage = _coverage_column(table)
    rows = accepted.named(table.name, *([coverage] if coverage else []))
    of_newest = rows.filter(pl.col(SHEET).is_in([n for name in newest for n in number[name]]))
    older = rows.filter(pl.col(SHEET).is_in([n for name in number if name not in newest for n in number[name]]))
    older = older.filter(_covered(table, label, coverage, of_newest))
    rejected = _rejected_keys(book.account, table, newest)
    found = older.filter(~pl.col(table.key[0]).is_in(rejected.implode())) if rejected.len() else older
    if not found.height:
        return
    names = ", ".join(sorted(newest))
    own = pl.lit(None, dtype=pl.String)
    if coverage:
        own = shown(pl.col(coverage).dt.date(), pl.Date()) if table.own_date else pl.col(coverage).cast(pl.String)
    expected = worded("vanished", file=names)
    book.list(table, "vanished", coverage, found, value=own, expected=expected)
    compared = older.height + of_newest.height
    told = {"count": count(found.height), "all": count(compared), "file": names, "day": locales.day(latest)}
    file = ", ".join(_files(accepted, found))
    book.tell("warning", table.name, "vanished", told, listed=found.height, file=file)


def _coverage_column(table: TableContract) -> str | None:
    """Return the column that tells whether an export should have a row: its own date, plan year or period."""
    if table.own_date:
        return table.own_date.name
    return next((c.name for c in table.columns if c.name == "plan_year" or (c.period and c.required)), None)


def _covered(table: TableContract, label: str, column: str | None, newest: pl.DataFrame) -> pl.Expr:
    if column is None:
        return pl.lit(True)
    if not table.own_date:
        return pl.col(column).is_in(newest[column].unique().implode())
    day = pl.col(column).dt.date()
    try:
        return day.is_between(*Period.parse(label).calendar_days())
    except PeriodError:
        own = newest[column].dt.date()
        return day.is_between(pl.lit(own.min(), dtype=pl.Date), pl.lit(own.max(), dtype=pl.Date)).fill_null(False)


def _rejected_keys(account: Account, table: TableContract, files: set[str]) -> pl.Series:
    """Return the first key column of the rows that were rejected from these files, as written there."""
    key = table.key[0]
    parts = [
        rows[key]
        for sheet in account.rejected
        if sheet.table == table.name and sheet.file in files and key in (rows := sheet.canonical()).columns
    ]
    return clean(pl.concat(parts)).drop_nulls().unique() if parts else pl.Series(key, [], dtype=pl.String)


def _files(accepted: Accepted, rows: pl.DataFrame) -> list[str]:
    return sorted({accepted.sheets[n].file for n in rows[SHEET].unique()})
