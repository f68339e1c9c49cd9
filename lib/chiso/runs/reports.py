"""The reports of a run: notebooks two at a time, a page for each, workbooks, indexes."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from chiso.indicators import Results
from chiso.messages import text
from chiso.runs import indexes, pages
from chiso.runs.console import Console, Progress
from chiso.runs.engine import Execution, Failure, ReportKernelManager, Status, run_notebook
from chiso.runs.files import write_text
from chiso.runs.lock import index_lock
from chiso.runs.plan import Job, Plan
from chiso.sources import Dataset

#: Notebooks at a time: each has a kernel with the libraries loaded.
MOST_WORKERS = 4


@dataclass(frozen=True)
class Outcome:
    """How one report went: ``summary`` says in a sentence what went wrong, ``files`` are those written."""

    job: Job
    status: Status
    seconds: float
    summary: str
    files: list[Path]


def run_jobs(plan: Plan, dataset: Dataset, console: Console) -> list[Outcome]:
    """Run the notebooks of a plan and write their pages; a failed one gets its error page, the others go on.

    Kernels are processes of their own; the threads here only wait for them. Within one process the kernels' ports
    do not race.

    Raises:
        OutputError: a file cannot be written; the notebooks still running are stopped and write nothing.
    """
    stop = threading.Event()
    workers = min(len(plan.jobs), os.cpu_count() or 1, MOST_WORKERS)
    with console.progress(len(plan.jobs)) as progress, ThreadPoolExecutor(workers) as pool:
        waiting = [pool.submit(_run, job, plan, dataset, progress, stop) for job in plan.jobs]
        try:
            # In short waits: with Polars' own signal handler in place, Ctrl-C does not end a long one.
            while (state := wait(waiting, timeout=0.2, return_when=FIRST_EXCEPTION)).not_done:
                for future in state.done:
                    future.result()  # raises what the thread raised
            return [future.result() for future in waiting]
        except BaseException:  # Ctrl-C among them: what is not written yet stays as it was
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            ReportKernelManager.kill_all()
            raise


def _run(job: Job, plan: Plan, dataset: Dataset, progress: Progress, stop: threading.Event) -> Outcome:
    progress.begin(job.stem)
    execution = run_notebook(job, plan.parameters, job.source.parent)
    if stop.is_set():
        return Outcome(job, "killed", execution.seconds, "", [])
    page = _page(execution, plan, dataset)
    files = []
    if execution.notebook is not None:
        content = nbformat.writes(execution.notebook) + "\n"
        files.append(write_text(plan.folder / "notebooks" / f"{job.stem}.ipynb", content))
    files.append(write_text(plan.folder / f"{job.stem}.html", page))
    failure = execution.failure
    status: Status = failure.status if failure else "ok"
    progress.done(job.stem, status)
    return Outcome(job, status, execution.seconds, summary(failure) if failure else "", files)


def _page(execution: Execution, plan: Plan, dataset: Dataset) -> str:
    """Return the report's page, or the error page: also where the page itself could not be made."""
    if execution.failure is None and execution.notebook is not None:
        try:
            return pages.report(execution.job, execution.notebook, plan, dataset)
        except Exception as error:
            execution.failure = Failure(
                "failed", type(error).__name__, str(error), traceback="".join(traceback.format_exception(error))
            )
    failure = execution.failure or Failure("killed")
    return pages.failure(execution.job, failure, summary(failure), plan, dataset)


def summary(failure: Failure) -> str:
    """Return in a sentence what went wrong."""
    if failure.status == "failed":
        reason = ": ".join(part for part in (failure.error, failure.message) if part)
        return text("runs.why_failed", cell=failure.cell, reason=reason or text("runs.why_unexecuted"))
    return text(f"runs.why_{failure.status}", cell=failure.cell)


def write_index(plan: Plan, dataset: Dataset, results: Results, run: str, entries: Mapping[str, Any]) -> Path:
    """Write the index of the period."""
    return write_text(plan.folder / pages.INDEX, indexes.period_index(plan, dataset, results, run, entries))


def write_top_index(out: Path) -> None:
    """Write the index of all periods in an output folder; runs of other periods may be doing the same."""
    with index_lock(out):
        content = indexes.all_periods(out)
        if content is not None:
            write_text(out / pages.INDEX, content)
        else:
            (out / pages.INDEX).unlink(missing_ok=True)  # it led to reports that are no longer there
