"""One notebook through papermill, with a verdict of our own.

A saved notebook does not tell whether it ran well: after a killed kernel or a time-out its metadata still says
"completed". So the verdict is taken from what happened: an exception, an error among the outputs, or a cell that
was not executed is a failure.
"""

from __future__ import annotations

import logging
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from weakref import WeakSet

import nbformat
import papermill
import zmq
from ipykernel.kernelspec import make_ipkernel_cmd
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import ERROR_MARKER_TAG

from chiso.runs.plan import Job

Status = Literal["ok", "failed", "timed_out", "killed"]

#: Tag of the cell in which papermill passes the parameters.
INJECTED = "injected-parameters"
#: Seconds for one cell and for the start of a kernel.
CELL_TIMEOUT = 600
START_TIMEOUT = 120


class ReportKernelManager(AsyncKernelManager):
    """Kernels of this very Python, whatever kernels are installed, over encrypted sockets.

    The environment may be shadowed by a kernel of the same name in the user's home; and ipykernel warns at each
    start, into the report, where its sockets are not encrypted.
    """

    running: WeakSet[ReportKernelManager] = WeakSet()

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.transport_encryption = "required" if zmq.has("curve") else "disabled"
        self.running.add(self)

    @property
    def kernel_spec(self) -> KernelSpec:
        """Return how to start a kernel."""
        return KernelSpec(
            argv=make_ipkernel_cmd(),
            display_name="Python 3",
            language="python",
            metadata={"supported_encryption": ["curve"]},
        )

    async def _async_pre_start_kernel(self, **settings: Any) -> Any:
        # What a kernel itself writes while it is stopped is noise; what cells print goes another way.
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return await super()._async_pre_start_kernel(**quiet, **settings)

    @classmethod
    def kill_all(cls) -> None:
        """Kill every running kernel of this process; the notebooks in them fail."""
        for manager in list(cls.running):
            process = getattr(manager.provisioner, "process", None)
            if process is not None:
                process.kill()


class ReportEngine(NBClientEngine):
    """papermill's own engine, which hands out the notebook it works on: it is wanted most when the run fails."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **settings: Any) -> Any:
        """Execute the cells."""
        settings.pop("keep").append(nb_man.nb)
        return super().execute_managed_notebook(nb_man, kernel_name, **settings)


papermill_engines.register("chiso", ReportEngine)
logging.getLogger("papermill").setLevel(logging.CRITICAL + 1)  # failures are told by the run


@dataclass(frozen=True)
class Failure:
    """What went wrong in a notebook.

    Attributes:
        status: how it ended.
        error: name of the exception, empty where the kernel died or the time ran out.
        message: its message.
        cell: number of the cell, counted from 1; 0 where no cell had started.
        source: code of that cell.
        traceback: for a developer; with terminal colours.
    """

    status: Status
    error: str = ""
    message: str = ""
    cell: int = 0
    source: str = ""
    traceback: str = ""


@dataclass
class Execution:
    """A notebook that was run.

    Attributes:
        job: what was to be run.
        notebook: the notebook with its outputs as far as it came; None where it did not start.
        failure: None where all went well.
        seconds: time it took.
    """

    job: Job
    notebook: NotebookNode | None = None
    failure: Failure | None = None
    seconds: float = 0.0
    kept: list[NotebookNode] = field(default_factory=list)


def run_notebook(job: Job, parameters: dict[str, str], cwd: Path) -> Execution:
    """Run a notebook in a kernel of its own; never raises for what the notebook does.

    Args:
        job: the notebook.
        parameters: checked before (:mod:`chiso.runs.parameters`).
        cwd: working directory of the kernel.
    """
    execution = Execution(job)
    started = time.perf_counter()
    loop = ensure_event_loop(prefer_selector_loop=True)  # this thread's own; ZeroMQ needs a selector on Windows
    try:
        notebook = nbformat.reads(job.source.read_text(encoding="utf-8"), as_version=4)
        # A whole notebook in and none out: papermill formats paths, and "{" in one would break.
        papermill.execute_notebook(
            notebook,
            None,
            parameters=parameters,
            engine_name="chiso",
            progress_bar=False,
            start_timeout=START_TIMEOUT,
            execution_timeout=CELL_TIMEOUT,
            kernel_manager_class=ReportKernelManager,
            resources={"metadata": {"path": str(cwd)}},
            keep=execution.kept,
        )
    except Exception as error:
        execution.failure = _failure(error, execution.kept)
    finally:
        loop.close()
    execution.seconds = time.perf_counter() - started
    if execution.kept:
        execution.notebook = execution.kept[0]
        execution.failure = execution.failure or _unexecuted(execution.notebook)
        _clean(execution.notebook)
    return execution


def _failure(error: Exception, kept: list[NotebookNode]) -> Failure:
    if isinstance(error, PapermillExecutionError):
        # Not the last started: papermill has put cells of its own before it by now.
        traceback = "\n".join(error.traceback or [])
        return Failure("failed", error.ename, error.evalue, error.cell_index + 1, error.source, traceback)
    number, source = _last_started(kept[0]) if kept else (0, "")
    if isinstance(error, CellTimeoutError):
        return Failure("timed_out", cell=number, source=source, traceback=str(error))
    if isinstance(error, DeadKernelError) or "Kernel died" in str(error):
        return Failure("killed", cell=number, source=source, traceback=str(error))
    return Failure("failed", type(error).__name__, str(error), number, source)


def _last_started(notebook: NotebookNode) -> tuple[int, str]:
    found = (0, "")
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code" and cell.metadata.get("papermill", {}).get("start_time"):
            found = (number, cell.source)
    return found


def _unexecuted(notebook: NotebookNode) -> Failure | None:
    """Return the first cell that holds an error or was not executed: papermill lets an early exit pass."""
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                traceback = "\n".join(output.traceback)
                return Failure("failed", output.ename, output.evalue, number, cell.source, traceback)
        if cell.execution_count is None:
            return Failure("failed", "", "", number, cell.source)
    return None


def _clean(notebook: NotebookNode) -> None:
    """Take out what differs from run to run, and papermill's own cells about an error."""
    notebook.cells = [c for c in notebook.cells if ERROR_MARKER_TAG not in c.metadata.get("tags", ())]
    notebook.metadata.pop("papermill", None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if INJECTED in cell.metadata.get("tags", ()):
            cell.id = INJECTED  # papermill gives it another each time
