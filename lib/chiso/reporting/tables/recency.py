"""The sources over time: rows by period and unit, late exports, columns no longer recorded; what was corrected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from chiso.indicators.recording import EXPECTED, GAP_MONTHS, STEADY_MONTHS
from chiso.messages import has, locales, text
from chiso.reporting import formats
from chiso.reporting.report import Column, Note, Table
from chiso.sources import Dataset, load_contract
from chiso.sources.rejected.stored import summary
from chiso.worktime import Timeframe

#: Examples of a rule in the list of differences.
EXAMPLES = 3


def trend_frame(dataset: Dataset, timeframe: Timeframe) -> pl.DataFrame:
    """Return accepted and rejected rows of the period and the one before, by table with a date of its own.

    Columns: table, now, before, rejected_now, rejected_before, change (relative, null without rows before).
    """
    previous = Timeframe(timeframe.period.previous(), timeframe.rule)
    rejected = summary(dataset.rejected_sheets())
    rows = []
    for name, own in _dated(dataset):
        counts: dict[str, object] = {"table": name}
        for key, window in (("now", timeframe), ("before", previous)):
            inside = pl.col("day").is_between(window.start, window.as_of)
            days = _days(dataset, name, own)
            counts[key] = days.filter(inside).select(pl.len()).collect().item()
            counts[f"rejected_{key}"] = rejected.filter(table=name).rename({"own_date": "day"}).filter(inside).height
        rows.append(counts)
    schema = {"table": pl.String, **dict.fromkeys(("now", "rejected_now", "before", "rejected_before"), pl.Int64)}
    frame = pl.DataFrame(rows, schema=schema)
    change = pl.when(pl.col("before") > 0).then(pl.col("now") / pl.col("before") - 1)
    return frame.with_columns(change.alias("change"))


def trend_table(dataset: Dataset, timeframe: Timeframe) -> Table:
    """Return rows by table in the period against the one before, with the share rejected."""

    def share(key: str) -> pl.Expr:
        whole = pl.col(key) + pl.col(f"rejected_{key}")
        return pl.when(whole > 0).then(pl.col(f"rejected_{key}") / whole)

    frame = trend_frame(dataset, timeframe).with_columns(share_now=share("now"), share_before=share("before"))
    labels = {"before": timeframe.period.previous().label, "now": timeframe.period.label}
    columns = [Column("table", text("tables.column.table"), width=34)]
    for key in ("before", "now"):
        columns.append(Column(key, text("tables.quality.accepted_in", period=labels[key]), "integer", width=16))
    columns.append(Column("change", text("tables.quality.change"), "percent", width=12))
    for key in ("before", "now"):
        columns.append(Column(f"share_{key}", text("tables.quality.share_in", period=labels[key]), "percent", width=16))
    note = Note(text("tables.quality.trend_note"))
    empty = text("tables.quality.no_dates")
    return Table("rows-trend", text("tables.quality.trend"), tuple(columns), labelled(frame), (note,), empty=empty)


def source_units_table(dataset: Dataset, units: Mapping[str, str]) -> Table:
    """Return accepted and rejected rows by unit, those whose unit is not known last.

    Args:
        dataset: the import.
        units: names of the units by code.
    """
    parts = [pl.DataFrame(schema={"unit_code": pl.String, "accepted": pl.Int64})]
    for name, table in load_contract().items():
        frame = dataset.scan(name)
        if frame is not None and name != "units" and any(c.name == "unit_code" for c in table.columns):
            counted = frame.group_by("unit_code").agg(accepted=pl.len().cast(pl.Int64))
            parts.append(counted.collect().select("unit_code", "accepted"))
    accepted = pl.concat(parts).group_by("unit_code").agg(pl.col("accepted").sum())
    of_units = summary(dataset.rejected_sheets()).filter(pl.col("table") != "units")
    known = pl.when(pl.col("unit_code").is_in(list(units))).then("unit_code")
    rejected = of_units.group_by(known.alias("unit_code")).agg(rejected=pl.len().cast(pl.Int64))
    rows = accepted.join(rejected, on="unit_code", how="full", coalesce=True, nulls_equal=True)
    rows = rows.with_columns(pl.col("accepted", "rejected").fill_null(0))
    rows = rows.with_columns(share=pl.col("rejected") / (pl.col("accepted") + pl.col("rejected")))
    unknown = pl.lit(text("tables.quality.unit_unknown"))
    rows = rows.with_columns(unit=pl.coalesce(pl.col("unit_code").replace(dict(units)), unknown))
    rows = rows.sort(pl.col("unit_code").is_null(), "rejected", "unit", descending=[False, True, False])
    columns = (
        Column("unit", text("tables.column.unit"), width=44),
        Column("accepted", text("tables.quality.accepted"), "integer", width=12),
        Column("rejected", text("tables.quality.rejected"), "integer", width=12),
        Column("share", text("tables.quality.share"), "percent", width=14),
    )
    note = Note(text("tables.quality.units_note"))
    return Table("rejects-by-unit", text("tables.quality.by_unit"), columns, rows, (note,))


def late_frame(dataset: Dataset, recency: pl.DataFrame, timeframe: Timeframe, threshold: int) -> pl.DataFrame:
    """Return the newest own date and export of each table with rows, how late it is and whether that is ``late``.

    Columns: table (its name), newest, exported_on, state (in words), late.

    Args:
        dataset: the import.
        recency: its newest days up to the as-of day (:data:`chiso.indicators.recording.RECENCY`).
        timeframe: its as-of day counts.
        threshold: days after which a source is told as late.
    """
    exported = dict(dataset.tallies.group_by("table").agg(pl.col("exported_on").max()).rows())
    days = dict(recency.rows())
    rows = []
    for name in load_contract():
        if not dataset.accepted(name):
            continue
        newest, of = days.get(name), exported.get(name)
        late = [(timeframe.as_of - day).days for day in (of or newest,) if day]
        state = text("tables.quality.late_unknown")
        if late:
            key = "late" if late[0] > threshold else "in_time"
            state = text(f"tables.quality.{key}", days=formats.number(max(late[0], 0)))
        is_late = bool(late) and late[0] > threshold
        rows.append({"table": name, "newest": newest, "exported_on": of, "state": state, "late": is_late})
    schema = {"table": pl.String, "newest": pl.Date, "exported_on": pl.Date, "state": pl.String, "late": pl.Boolean}
    return pl.DataFrame(rows, schema=schema)


def exported_before(dataset: Dataset, timeframe: Timeframe) -> date | None:
    """Return the day of the newest export where the period begins after it, so that nothing can tell of the period.

    None where an export reaches the period, where no export tells its day, and where a table with a file that does
    not tell it has a row of the period.
    """
    files = dataset.tallies.filter(pl.col("accepted") > 0)
    newest = files["exported_on"].max()
    if not isinstance(newest, date) or newest >= timeframe.start:
        return None
    untold = set(files.filter(pl.col("exported_on").is_null())["table"])
    inside = pl.col("day").is_between(timeframe.start, timeframe.as_of)
    for name, own in _dated(dataset):
        if name in untold and _days(dataset, name, own).filter(inside).select(pl.len()).collect().item():
            return None
    return newest


def late_table(dataset: Dataset, recency: pl.DataFrame, timeframe: Timeframe, threshold: int) -> Table:
    """Return the newest own date and export of each table against the as-of day, see :func:`late_frame`."""
    columns = (
        Column("table", text("tables.column.table"), width=34),
        Column("newest", text("tables.quality.newest"), "date", width=16),
        Column("exported_on", text("tables.quality.exported_on"), "date", width=16),
        Column("state", text("tables.quality.lateness"), width=34),
    )
    note = Note(text("tables.quality.late_note", day=formats.day(timeframe.as_of), days=threshold))
    frame = labelled(late_frame(dataset, recency, timeframe, threshold))
    return Table("late-sources", text("tables.quality.late_sources"), columns, frame, (note,))


def gaps_table(recording: pl.DataFrame, units: Mapping[str, str]) -> Table:
    """Return the columns that are not recorded any more: since when, how many rows, how often before."""
    contract = load_contract()
    labels = [contract[table].column(column).label for table, column in recording.select("table", "column").rows()]
    whole = pl.lit(text("indicators.all_units"))
    rows = recording.with_columns(
        column=pl.Series(labels, dtype=pl.String),
        unit=pl.coalesce(pl.col("unit_code").replace(dict(units)), whole),
        since=pl.col("since").dt.strftime(locales.locale().month_pattern),
    )
    columns = (
        Column("table", text("tables.column.table"), width=32),
        Column("column", text("tables.quality.column"), width=28),
        Column("unit", text("tables.column.unit"), width=34),
        Column("since", text("tables.quality.since"), width=12),
        Column("rows", text("tables.quality.blank_rows"), "integer", width=12),
        Column("rate", text("tables.quality.rate_before"), "percent", width=16),
    )
    rule = text("tables.quality.gaps_note", gap=GAP_MONTHS, steady=STEADY_MONTHS, expected=EXPECTED)
    empty = text("tables.quality.no_gaps")
    return Table("recording-gaps", text("tables.quality.gaps"), columns, labelled(rows), (Note(rule),), empty=empty)


def corrections_table(dataset: Dataset) -> Table:
    """Return the corrected rows by file, column and workbook handed back."""
    keys = ("table", "file", "header", "correction")
    rows = dataset.corrections.group_by(keys, maintain_order=True).agg(
        rows=pl.col("row").n_unique().cast(pl.Int64),
        accepted=pl.col("accepted").sum().cast(pl.Int64),
        superseded=pl.col("superseded").sum().cast(pl.Int64),
    )
    replaced = Column("superseded", text("tables.quality.corrected_superseded"), "integer", width=14)
    columns = (
        Column("table", text("tables.column.table"), width=32),
        Column("file", text("tables.column.file"), width=32),
        Column("header", text("tables.quality.column"), width=26),
        Column("correction", text("tables.quality.correction"), width=30),
        Column("rows", text("tables.quality.corrected_rows"), "integer", width=12),
        Column("accepted", text("tables.quality.corrected_accepted"), "integer", width=12),
        *([replaced] if rows["superseded"].sum() else []),
    )
    empty = text("tables.quality.no_corrections")
    note = (Note(text("tables.quality.corrections_note")),) if rows.height else ()
    return Table("corrections", text("tables.quality.corrections"), columns, labelled(rows), note, empty=empty)


def differences_table(dataset: Dataset) -> Table:
    """Return what does not agree across tables, files and exports, by rule, with examples."""
    shown = pl.col("key").drop_nulls().unique(maintain_order=True).head(EXAMPLES).str.join("; ")
    rows = dataset.differences.group_by("table", "rule", "column", maintain_order=True).agg(
        rows=pl.len().cast(pl.Int64), examples=shown, value=pl.col("value").first(), expected=pl.col("expected").first()
    )
    rows = rows.sort("rows", "table", "rule", descending=[True, False, False])
    rows = rows.with_columns(rule=pl.Series([_rule(rule) for rule in rows["rule"]], dtype=pl.String))
    columns = (
        Column("table", text("tables.column.table"), width=30),
        Column("rule", text("tables.quality.difference"), width=40),
        Column("rows", text("tables.quality.rows"), "integer", width=10),
        Column("examples", text("tables.quality.difference_examples"), width=40),
        Column("value", text("tables.quality.value"), width=22),
        Column("expected", text("tables.quality.expected"), width=22),
    )
    empty = text("tables.quality.no_differences")
    note = Note(text("tables.quality.differences_note"))
    frame = labelled(rows)
    return Table("differences", text("tables.quality.differences"), columns, frame, (note,), empty=empty)


def _rule(rule: str) -> str:
    key = f"agreement.label.{rule}"
    return text(key) if has(key) else rule


def _dated(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Yield the tables with accepted rows that have a date of their own, and its column."""
    for name, table in load_contract().items():
        if dataset.accepted(name) and table.own_date and table.own_date.name in dataset.columns(name):
            yield name, table.own_date.name


def _days(dataset: Dataset, name: str, column: str) -> pl.LazyFrame:
    frame = dataset.scan(name)
    assert frame is not None
    return frame.select(day=pl.col(column).cast(pl.Date))


def labelled(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with the tables' labels in place of their names."""
    names = {name: contract.label for name, contract in load_contract().items()}
    return frame.with_columns(pl.col("table").replace(names))
