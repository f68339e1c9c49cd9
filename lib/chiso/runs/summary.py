"""The page of a run: what was made or kept and why, how long it took, what was read, how to do it again.

It has times, so it is no part of what two runs on the same inputs have alike. It tells of files, rows and durations;
no figure of any indicator is on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import polars as pl

from chiso.messages import text
from chiso.reporting import formats
from chiso.reporting.html import KeyFigure, KeyFigures
from chiso.reporting.pages import Page, index_page
from chiso.reporting.parts import Callout
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.run_tasks import Command, Made, RunTask, RunTasks, Titled
from chiso.reporting.wording import capital
from chiso.runs.progress import BAD, Status

Kind = Literal["tables", "report", "office", "index"]
KINDS: tuple[Kind, ...] = ("tables", "report", "office", "index")


@dataclass(frozen=True)
class Output:
    """A file: its name within the period's folder, and its size in bytes."""

    name: str
    size: int


@dataclass(frozen=True)
class TaskLine:
    """One task of a run.

    Attributes:
        label: what people call it.
        kind: what it makes.
        status: how it ended; ``fresh``: it was kept.
        seconds: time it took; None: none.
        reasons: why it was made anew, or why it failed, each in words.
        outputs: its files, the one to open first.
    """

    label: str
    kind: Kind
    status: Status
    seconds: float | None = None
    reasons: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True)
class RowLine:
    """The rows of one table, by what became of them."""

    table: str
    read: int
    accepted: int
    merged: int = 0
    superseded: int = 0
    rejected: int = 0
    layout: int = 0


@dataclass(frozen=True)
class RunSummary:
    """What is told of a run.

    Attributes:
        run: its id.
        started: local time.
        finished: local time.
        tasks: in the order they are shown within their kind.
        rows: a line a table, in the order they are shown.
        warnings: what was told while it ran.
        versions: of this program and what it rests on, by name.
        command: does the same again.
    """

    run: str
    started: datetime
    finished: datetime
    tasks: tuple[TaskLine, ...]
    rows: tuple[RowLine, ...] = ()
    warnings: tuple[str, ...] = ()
    versions: Mapping[str, str] | None = None
    command: str = ""


def summary_page(summary: RunSummary, frame: Page) -> str:
    """Return the page."""
    page = Page(
        text("run_page.title"),
        frame.body_name,
        frame.period,
        frame.synthetic,
        frame.notice,
        frame.links,
        frame.footer,
        tuple(fact for fact in frame.facts if fact[1] != summary.run),
    )
    blocks = [Callout(summary.warnings, "caveat", text("run_page.warnings"))] if summary.warnings else []
    sections = [Titled(text("run_page.tasks"), (_tasks(summary),))]
    if summary.rows:
        sections.append(Titled(text("run_page.rows"), (_Shown(_rows(summary.rows)),)))
    if summary.command:
        sections.append(Titled(text("run_page.again"), (Command(summary.command),)))
    versions = {text("run_page.run"): summary.run, **(summary.versions or {})}
    sections.append(Titled(text("run_page.versions"), (_Shown(_versions(versions)),)))
    return index_page(page, [], lead=(_lead(summary),), figures=_figures(summary), blocks=[*blocks, *sections])


def _lead(summary: RunSummary) -> str:
    seconds = (summary.finished - summary.started).total_seconds()
    return text("run_page.lead", start=formats.moment(summary.started), duration=duration(seconds))


def duration(seconds: float | None) -> str:
    """Return a duration: ``0,4 giây``, ``2 phút 5 giây``, ``1 giờ 3 phút``; the dash for none.

    >>> duration(0.42), duration(125), duration(3800), duration(None)
    ('0,4\\xa0giây', '2\\xa0phút 5\\xa0giây', '1\\xa0giờ 3\\xa0phút', '–')
    """
    if seconds is None:
        return formats.MISSING
    if seconds < 59.95:
        return text("run_page.seconds", count=formats.number(seconds, 1))
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return text("run_page.minutes", minutes=minutes, seconds=rest)
    return text("run_page.hours", hours=minutes // 60, minutes=minutes % 60)


def size(count: int) -> str:
    """Return a size: ``512 B``, ``1,5 KB``, ``12 MB``.

    >>> size(512), size(1536), size(12_500_000)
    ('512\\xa0B', '1,5\\xa0KB', '11,9\\xa0MB')
    """
    value, unit = float(count), "B"
    for larger in ("KB", "MB", "GB"):
        if value < 1024:
            break
        value, unit = value / 1024, larger
    return f"{formats.number(value, 0 if unit == 'B' or value >= 100 else 1)}{formats.NBSP}{unit}"


def _figures(summary: RunSummary) -> KeyFigures:
    made = sum(task.status == "ok" for task in summary.tasks)
    kept = sum(task.status == "fresh" for task in summary.tasks)
    failed = sum(task.status in BAD for task in summary.tasks)
    rejected = sum(line.rejected for line in summary.rows)
    shown = {"made": made, "kept": kept, "failed": failed}
    shown |= {"rejected": rejected} if summary.rows else {}
    return KeyFigures(
        tuple(
            KeyFigure(capital(text(f"run_page.count_{name}")), formats.number(count), data_value=count)
            for name, count in shown.items()
        )
    )


def _tasks(summary: RunSummary) -> RunTasks:
    groups = []
    for kind in KINDS:
        if lines := [task for task in summary.tasks if task.kind == kind]:
            groups.append((text(f"run_page.kind_{kind}"), tuple(_task(line) for line in lines)))
    return RunTasks(tuple(groups))


def _task(line: TaskLine) -> RunTask:
    return RunTask(
        line.label,
        text(f"runs.status_{line.status}"),
        line.status in BAD,
        duration(line.seconds),
        line.seconds,
        line.reasons,
        tuple(Made(output.name, size(output.size), output.size) for output in line.outputs),
    )


class _Shown:
    """A table as a block of a page."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def _repr_html_(self) -> str:
        from chiso.reporting.html import table_html

        return table_html(self.table)


def _rows(lines: tuple[RowLine, ...]) -> Table:
    names = ("read", "accepted", "merged", "superseded", "rejected", "layout")
    frame = pl.DataFrame(
        [{"table": line.table, **{name: getattr(line, name) for name in names}} for line in lines],
        schema={"table": pl.String} | dict.fromkeys(names, pl.Int64),
    )
    total = frame.select(pl.lit(text("run_page.total")).alias("table"), pl.col(names).sum())
    columns = (
        Column("table", text("run_page.table")),
        *(Column(name, text(f"run_page.rows_{name}"), "integer") for name in names),
    )
    whole = pl.concat([frame.with_columns(kind=pl.lit("")), total.with_columns(kind=pl.lit("total"))])
    notes = (Note(text("run_page.rows_note")),)
    return Table("rows", text("run_page.rows_title"), columns, whole, notes=notes, row_kind="kind")


def _versions(versions: Mapping[str, str]) -> Table:
    frame = pl.DataFrame({"name": list(versions), "version": list(versions.values())})
    columns = Column("name", text("run_page.name")), Column("version", text("run_page.version"))
    return Table("versions", text("run_page.versions_title"), columns, frame)
