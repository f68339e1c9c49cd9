"""Whether the data can be trusted, in a sentence: its faults by table, what each costs, what to mend first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from chiso.messages import text
from chiso.notebook.account import tables_of
from chiso.notebook.context import Context
from chiso.reporting import formats
from chiso.reporting.report import Column, Table
from chiso.reporting.tables import exported_before, late_frame
from chiso.sources import load_contract

Level = Literal["good", "caution", "partial", "before", "none"]
#: From this share of its rows rejected, a table's shares may be wrong in the first decimals that reports show.
NOTABLE = 0.01
#: Kinds of faults, the gravest first; the first three leave figures out altogether.
KINDS = ("missing", "unreadable", "column", "before", "totals", "vanished", "rejected", "gap", "short", "late")
_UNREADABLE = ("unreadable", "empty_file", "no_header", "no_table")


@dataclass(frozen=True)
class Fault:
    """One fault of a table: how many rows, files or columns have it, what cannot be computed, what it touches.

    ``day`` is that of the newest export where it ends before the closing day.
    """

    table: str
    kind: str
    count: int
    lost: tuple[str, ...]
    touched: tuple[str, ...]
    share: float | None = None
    day: date | None = None

    @property
    def notable(self) -> bool:
        """Whether it bears on the answer: a few rejected rows are told, but cost no trust."""
        return self.kind != "rejected" or (self.share or 0) >= NOTABLE

    @property
    def words(self) -> str:
        """What is wrong, in a few words."""
        told = {"count": formats.number(self.count), "share": formats.percent(self.share)}
        return text(f"trust.fault.{self.kind}", day=formats.day(self.day) if self.day else "", **told)

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return text(f"trust.remedy.{self.kind}")


@dataclass(frozen=True)
class Trust:
    """The answer: a level, a sentence, what to mend first, and all faults, the costliest first."""

    level: Level
    sentence: str
    first: str
    faults: tuple[Fault, ...]
    read: int
    rejected: int
    share: float | None


def trust(context: Context) -> Trust:
    """Judge the data of a period by its faults.

    ``none``: no table has rows. ``before``: every export was made before the period began. ``partial``:
    indicators cannot be computed. ``caution``: figures may be off, because
    at least 1 % of a table's rows are rejected, totals differ, rows vanished, or a source ends before the closing day,
    is late or no longer recorded. ``good``: else.
    """
    files = context.dataset.tallies
    read, layout, rejected = (int(files[c].sum()) for c in ("read", "layout", "rejected"))
    share = rejected / (read - layout) if read > layout else None
    faults = sorted(
        _faults(context), key=lambda f: (-len(f.lost), not f.notable, KINDS.index(f.kind), -(f.share or 0), f.table)
    )
    lost = sorted({i for fault in faults for i in fault.lost} | context.uncomputed)
    notable = [fault for fault in faults if fault.notable]
    newest = exported_before(context.dataset, context.timeframe)
    level: Level = "partial" if lost else "caution" if notable else "good"
    if not files["accepted"].sum():
        level = "none"
    elif newest:
        level = "before"
    labels = ", ".join(dict.fromkeys(_label(fault.table) for fault in notable))
    counts = {"rows": formats.number(read), "rejected": formats.number(rejected), "share": formats.percent(share)}
    counts |= {"lost": formats.number(len(lost)), "all": formats.number(len(context.catalogue.indicators))}
    days = {"start": formats.day(context.timeframe.start), "as_of": formats.day(context.timeframe.as_of)}
    counts |= {"period": context.period.label, "day": formats.day(newest) if newest else "", **days}
    sentence = text(f"trust.level.{level}", tables=labels, count=len({f.table for f in notable}), **counts)
    first = ""
    if level == "before":
        first = text("trust.first.before", **days)
    elif faults:
        worst = faults[0]
        told = {"table": _label(worst.table), "what": worst.words, "remedy": worst.remedy, "lost": len(worst.lost)}
        key = "lost" if worst.lost else "touched" if worst.touched else "alone"
        first = text(f"trust.first.{key}", touched=len(worst.touched), **told)
    return Trust(level, sentence, first, tuple(faults), read, rejected, share)


def _faults(context: Context) -> Iterator[Fault]:
    dataset, notes = context.dataset, context.results.notes
    reads = {i.id: tables_of(context, [i]) for i in context.catalogue.indicators}
    of_table = {name: tuple(i for i, used in reads.items() if name in used) for name in load_contract()}
    uncomputed = notes.filter(pl.col("severity") != "info")
    absent = {name for name in of_table if not dataset.accepted(name)}
    findings, differences = dataset.findings, dataset.differences
    unrecorded = context.results.recording
    late_after = context.catalogue.settings.quality.late_after_days
    sources = late_frame(dataset, context.results.recency, context.timeframe, late_after)
    late = set(sources.filter("late")["table"])
    exported: dict[str, date | None] = dict(sources.select("table", "exported_on").rows())
    sums = dataset.tallies.group_by("table").agg(pl.col("read", "layout", "rejected").sum())
    rows = {row["table"]: row for row in sums.iter_rows(named=True)}
    for name, all_of in of_table.items():
        gone = tuple(i for i in all_of if i in context.uncomputed)
        left = tuple(i for i in all_of if i not in context.uncomputed)
        files = findings.filter((pl.col("table") == name) & pl.col("rule").is_in(_UNREADABLE))["file"].n_unique()
        if name in absent:
            if all_of:
                yield Fault(name, "missing", max(files, 1), gone, ())
            continue
        if files:
            yield Fault(name, "unreadable", files, (), left)
        columns = uncomputed.filter((pl.col("table") == name) & pl.col("column").is_not_null())
        if columns.height:
            lost = tuple(i for i in all_of if i in set(columns["indicator"]))
            yield Fault(name, "column", columns["column"].n_unique(), lost, ())
        counted = {
            "totals": findings.filter((pl.col("table") == name) & (pl.col("rule") == "total_differs")).height,
            "vanished": differences.filter((pl.col("table") == name) & (pl.col("rule") == "vanished")).height,
            "gap": unrecorded.filter(pl.col("table") == name)["column"].n_unique(),
        }
        for kind, count in counted.items():
            if count:
                yield Fault(name, kind, count, (), left)
        if (day := exported[name]) and day < context.timeframe.as_of:
            yield Fault(name, "before" if day < context.timeframe.start else "short", 1, (), left, day=day)
        elif name in late:
            yield Fault(name, "late", 1, (), left)
        if (own := rows.get(name)) and own["rejected"]:
            yield Fault(name, "rejected", own["rejected"], (), left, own["rejected"] / (own["read"] - own["layout"]))


def costs_table(found: Trust) -> Table:
    """Return each fault with its table, the indicators that cannot be computed, those it touches, and the remedy."""
    rows = [
        {
            "table": _label(fault.table),
            "fault": fault.words,
            "lost": _listed(fault.lost),
            "touched": _listed(fault.touched),
            "remedy": fault.remedy,
        }
        for fault in found.faults
    ]
    names = ("table", "fault", "lost", "touched", "remedy")
    columns = (
        Column("table", text("tables.column.table"), width=26),
        Column("fault", text("trust.column.fault"), width=30),
        Column("lost", text("trust.column.lost"), width=24),
        Column("touched", text("trust.column.touched"), width=34),
        Column("remedy", text("trust.column.remedy"), width=44),
    )
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))
    table = Table("costs", text("trust.costs"), columns, frame, empty=text("trust.no_faults"))
    return table.with_notes(text("trust.costs_note"))


def _listed(indicators: tuple[str, ...]) -> str | None:
    if not indicators:
        return None
    return text("trust.listed", count=len(indicators), names=", ".join(indicators))


def _label(table: str) -> str:
    return load_contract()[table].label
