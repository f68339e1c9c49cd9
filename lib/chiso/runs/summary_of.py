"""What the page of a run tells, taken from the run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

import chiso
from chiso.messages import text
from chiso.runs.fingerprint import versions
from chiso.runs.prepare import RESULTS
from chiso.runs.run import Run
from chiso.runs.stage import Record
from chiso.runs.summary import Kind, Output, RowLine, RunSummary, TaskLine
from chiso.sources import Dataset, load_contract

_FATES = ("read", "accepted", "merged", "superseded", "rejected", "layout")


def summary_of(run: Run, parts: Mapping[str, Record]) -> RunSummary:
    """Return what is told of a run that is about to put its files in their places.

    Args:
        run: the run.
        parts: records of the reports and office files that the period has with it.
    """
    jobs = [(job.stem, f"{job.title} ({job.stem})") for job in run.plan.jobs]
    tasks = [
        _line(run, RESULTS, text("runs.part_results"), "tables", run.prepared.record, run.timings.stages.get("compute"))
    ]
    for kind, named in (("report", jobs), ("office", list(run.labels().items()))):
        tasks += [_line(run, n, label, kind, parts[n], run.timings.parts.get(n)) for n, label in named if n in parts]  # type: ignore[arg-type]
    return RunSummary(
        run=run.prepared.run,
        started=run.timings.started,
        finished=datetime.now(),
        tasks=tuple(tasks),
        rows=_rows(run.dataset),
        warnings=tuple(run.warnings),
        versions={"chiso": chiso.__version__, **versions()},
        command=run.plan.request.command(),
    )


def _line(run: Run, name: str, label: str, kind: Kind, record: Record, seconds: float | None) -> TaskLine:
    made = name in run.reasons
    reasons = [*run.reasons.get(name, ()), *([record.about["summary"]] if record.about.get("summary") else [])]
    outputs = [Output(file, size) for file in record.files if (size := _size(run, file)) is not None]
    status = record.status if made else "fresh"
    opened_first = tuple(sorted(outputs, key=lambda o: (not o.name.endswith(".html"), o.name)))
    return TaskLine(label, kind, status, seconds if made else None, tuple(reasons), opened_first)  # type: ignore[arg-type]


def _size(run: Run, file: str) -> int | None:
    for folder in (run.plan.stage, run.plan.folder):
        if (path := folder / file).is_file():
            return path.stat().st_size
    return None


def _rows(dataset: Dataset) -> tuple[RowLine, ...]:
    sums = dataset.files.group_by("table").agg(pl.col(_FATES).sum()).rows_by_key("table", named=True, unique=True)
    order = [name for name in load_contract() if name in sums]
    order += sorted(name for name in sums if name not in order)
    return tuple(RowLine(dataset.contracts[name].label, **sums[name]) for name in order)
