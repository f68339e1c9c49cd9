"""The reports of a run: as many notebooks at a time as the machine bears, a page for each, indexes."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil

from chiso.indicators import Results
from chiso.messages import text
from chiso.runs import indexes, pages
from chiso.runs.console import Console, Progress
from chiso.runs.engine import Execution, Failure, ReportKernelManager, Status, open_kernel, run_notebook
from chiso.runs.files import write_text
from chiso.runs.lock import index_lock
from chiso.runs.plan import Job, Plan
from chiso.runs.warm.process import WarmKernel
from chiso.sources import Dataset

#: Bytes that must be free for each notebook that runs at a time; measured: a report of the sample takes a third of it.
NOTEBOOK_MEMORY = 1 << 30
#: No notebook is held to less than this many bytes of data, however little is free.
LEAST_LIMIT = 4 << 30


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

    Notebooks run, and their pages are made, in processes of their own; the threads here only wait for them.

    Raises:
        OutputError: a file cannot be written; the notebooks still running are stopped and write nothing.
    """
    stop = threading.Event()
    workers, memory = capacity(len(plan.jobs))
    with console.progress(len(plan.jobs)) as progress, ThreadPoolExecutor(workers) as pool:
        waiting = [pool.submit(_run, job, plan, dataset, progress, stop, memory) for job in plan.jobs]
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
            WarmKernel.kill_all()
            raise


def capacity(jobs: int) -> tuple[int, int]:
    """Return how many notebooks this machine bears at a time, and the most bytes of data that each may hold."""
    free = psutil.virtual_memory().available
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    workers = max(1, min(jobs, cores, free // NOTEBOOK_MEMORY))
    return workers, max(LEAST_LIMIT, int(free * 0.8) // workers)


def _run(job: Job, plan: Plan, dataset: Dataset, progress: Progress, stop: threading.Event, memory: int) -> Outcome:
    progress.begin(job.stem)
    execution, page = _executed(job, plan, dataset, memory)
    if stop.is_set():
        return Outcome(job, "killed", execution.seconds, "", [])
    files = []
    if execution.notebook is not None:
        content = nbformat.writes(execution.notebook) + "\n"
        files.append(write_text(plan.folder / "notebooks" / f"{job.stem}.ipynb", content))
    files.append(write_text(plan.folder / f"{job.stem}.html", page))
    failure = execution.failure
    status: Status = failure.status if failure else "ok"
    progress.done(job.stem, status)
    return Outcome(job, status, execution.seconds, summary(failure) if failure else "", files)


def _executed(job: Job, plan: Plan, dataset: Dataset, memory: int) -> tuple[Execution, str]:
    """Run a notebook and make its page, or the error page: also where there is no kernel, or no page could be made."""
    execution, cwd = Execution(job), job.source.parent
    try:
        with open_kernel(cwd, memory) if plan.request.engine == "warm" else nullcontext() as kernel:
            execution = run_notebook(job, plan.parameters, cwd, kernel)
            if execution.failure is None and execution.notebook is not None:
                return execution, pages.report(job, execution.notebook, plan, dataset, kernel)
    except Exception as error:
        execution.failure = Failure(
            "failed", type(error).__name__, str(error), traceback="".join(traceback.format_exception(error))
        )
    failure = execution.failure or Failure("killed")
    return execution, pages.failure(job, failure, summary(failure), plan, dataset)


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
