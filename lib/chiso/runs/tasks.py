"""One part of a run, made from nothing but its plan and what was prepared: in this process, in a forked one, or on
another machine. It gives back what it made; who asked for it writes it.
"""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from chiso.messages import text
from chiso.runs import inputs, pages
from chiso.runs.engine import Execution, Failure, Status, open_kernel, run_notebook
from chiso.runs.fingerprint import together
from chiso.runs.office import office_files
from chiso.runs.parameters import DamagedNotebook
from chiso.runs.parts import Task, of_office_file, of_report
from chiso.runs.plan import Job, Plan
from chiso.runs.prepare import Prepared
from chiso.runs.reads import MIME
from chiso.runs.warm.process import call

#: Office files made in this very process come one by one: charts are drawn by libraries that know no threads.
_HERE = threading.Lock()


@dataclass(frozen=True)
class Made:
    """How a task went.

    Attributes:
        task: what was to be made.
        status: how it ended.
        seconds: time it took.
        files: bytes by name within the period's folder.
        inputs: what it rests on.
        summary: what went wrong, in a sentence.
        defect: of the program, so that there is nothing to show for the task.
        other_data: whether it found other data than the figures were made of.
    """

    task: Task
    status: Status
    seconds: float
    files: Mapping[str, bytes] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    defect: Exception | None = None
    other_data: bool = False


def carry_out(
    task: Task, plan: Plan, prepared: Prepared, memory: int | None = None, shown: dict[str, str] | None = None
) -> Made:
    """Make a report or an office file; never raises for what happens in it.

    Args:
        task: what to make.
        plan: the run's plan.
        prepared: figures and what they rest on.
        memory: most bytes of data that a process of its own may hold.
        shown: the parameters as the kept notebook is to have them, where the plan's folders are copies; None: see
            :func:`as_kept`.
    """
    started = time.perf_counter()
    if task.job is not None:
        return _report(task, task.job, plan, prepared, memory, shown or as_kept(plan))
    return _office(task, plan, prepared, memory, started)


# -- reports


def killed(task: Task, plan: Plan, prepared: Prepared) -> Made:
    """Return what is left of a task that ended every process it was given to."""
    return _lost(task, plan, prepared, Failure("killed"))


def lost(task: Task, plan: Plan, prepared: Prepared, error: BaseException) -> Made:
    """Return what is left of a task that could not be carried out at all."""
    traced = "".join(traceback.format_exception(error))
    return _lost(task, plan, prepared, Failure("failed", type(error).__name__, str(error), traceback=traced))


def _lost(task: Task, plan: Plan, prepared: Prepared, failure: Failure) -> Made:
    why = summary(failure)
    if task.job is None:
        return Made(task, failure.status, 0.0, {}, of_office_file(prepared), why)
    page = pages.failure(task.job, failure, why, plan, prepared).encode()
    return Made(task, failure.status, 0.0, {f"{task.job.stem}.html": page}, of_report(task.job, plan, prepared), why)


def _report(task: Task, job: Job, plan: Plan, prepared: Prepared, memory: int | None, shown: dict[str, str]) -> Made:
    execution, page, rests = _executed(job, plan, prepared, memory, shown)
    files = {}
    if execution.notebook is not None:
        files[f"notebooks/{job.stem}.ipynb"] = (nbformat.writes(execution.notebook) + "\n").encode()
    files[f"{job.stem}.html"] = page.encode()
    failure = execution.failure
    status: Status = failure.status if failure else "ok"
    other = failure is not None and failure.error == inputs.OtherData.__name__
    return Made(task, status, execution.seconds, files, rests, summary(failure) if failure else "", other_data=other)


def _executed(
    job: Job, plan: Plan, prepared: Prepared, memory: int | None, shown: dict[str, str]
) -> tuple[Execution, str, dict[str, str]]:
    """Run a notebook and make its page, or the error page: also where there is no kernel, or no page could be made."""
    execution, cwd = Execution(job), job.source.parent
    rests = of_report(job, plan, prepared)
    started = time.perf_counter()
    try:
        with open_kernel(cwd, memory) if plan.request.engine != "stock" else nullcontext() as kernel:
            parameters = plan.parameters(str(plan.data), str(prepared.out))
            execution = run_notebook(job, parameters, cwd, kernel, shown=shown)
            if execution.failure is None and execution.notebook is not None:
                rests |= _read(execution.notebook, prepared)
                page = pages.report(job, execution.notebook, plan, prepared, together(rests), kernel)
                execution.seconds = time.perf_counter() - started
                return execution, page, rests
    except Exception as error:
        execution.failure = Failure(
            "failed", type(error).__name__, str(error), traceback="".join(traceback.format_exception(error))
        )
    execution.seconds = time.perf_counter() - started
    failure = execution.failure or Failure("killed")
    return execution, pages.failure(job, failure, summary(failure), plan, prepared), rests


def as_kept(plan: Plan) -> dict[str, str]:
    """Return the parameters as the kept notebook has them: folders seen from where it lies, alike on every machine."""
    here = plan.folder / "notebooks"
    return plan.parameters(_seen_from(here, plan.data), _seen_from(here, Path(plan.request.out).absolute()))


def _seen_from(folder: Path, path: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # on another drive
        return str(path)


def _read(notebook: NotebookNode, prepared: Prepared) -> dict[str, str]:
    """Return the inputs that a report says it has read; one that says nothing rests on all of them."""
    for cell in reversed(notebook.cells):
        for output in cell.get("outputs", ()):
            if MIME in output.get("data", {}):
                return {name: prepared.inputs.get(name, inputs.ABSENT) for name in output["data"][MIME]}
    return dict(prepared.inputs)


def summary(failure: Failure) -> str:
    """Return in a sentence what went wrong."""
    if failure.error == DamagedNotebook.__name__:
        return failure.message
    if failure.error == MemoryError.__name__:
        return text("runs.why_memory", cell=failure.cell)
    if failure.status == "failed":
        reason = ": ".join(part for part in (failure.error, failure.message) if part)
        return text("runs.why_failed", cell=failure.cell, reason=reason or text("runs.why_unexecuted"))
    return text(f"runs.why_{failure.status}", cell=failure.cell)


# -- office files


def _office(task: Task, plan: Plan, prepared: Prepared, memory: int | None, started: float) -> Made:
    try:
        own = open_kernel(plan.data, memory) if plan.request.engine != "stock" else nullcontext()
        with own as kernel, _HERE if kernel is None else nullcontext():
            content, rests = call(kernel, "chiso.runs.workbooks:office_file", task.name, plan, prepared)
    except Exception as error:
        reason = ": ".join(part for part in (type(error).__name__, str(error)) if part)
        other = isinstance(error, inputs.OtherData)
        why = text("runs.why_file", reason=reason)
        rests = of_office_file(prepared)
        return Made(task, "failed", time.perf_counter() - started, {}, rests, why, other_data=other)
    files = {} if content is None else {office_files(plan)[task.name]: content}
    return Made(task, "ok", time.perf_counter() - started, files, rests)
