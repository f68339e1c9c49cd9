"""One notebook through papermill, in a process forked from a warm one or in a kernel, with a verdict of our own.

A saved notebook does not tell whether it ran well: after a killed kernel or a time-out its metadata still says
"completed". So the verdict is taken from what happened: an exception, an error among the outputs, or a cell that
was not executed is a failure.
"""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
from papermill.translators import PythonTranslator

from chiso.runs.markdown import translate
from chiso.runs.parameters import damaged
from chiso.runs.plan import Job
from chiso.runs.warm.client import WarmNotebookClient
from chiso.runs.warm.process import KernelDied, TimeUp, WarmKernel, available

Status = Literal["ok", "failed", "timed_out", "killed"]

#: Tag of the cell in which papermill passes the parameters.
INJECTED = "injected-parameters"
#: Seconds for one cell, for a whole notebook, and for the start of a kernel.
CELL_TIMEOUT = 600
NOTEBOOK_TIMEOUT = 1800
START_TIMEOUT = 120
#: How often a kernel that does not start is tried; what a notebook does is never tried again.
STARTS = 2


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
    """papermill's engine of reports: in a forked process where there is one, else papermill's own.

    It hands out the notebook it works on: it is wanted most when the run fails.
    """

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        keep: list[NotebookNode] | None = None,
        kernel: WarmKernel | Literal["stock", "own"] = "own",
        **settings: Any,
    ) -> Any:
        """Execute the cells.

        Args:
            nb_man: papermill's record of the notebook.
            kernel_name: of the stock engine's kernel.
            keep: takes the notebook.
            kernel: where the cells run: a kernel that is there, one of the notebook's own, or the stock engine's.
            settings: papermill's.
        """
        if keep is not None:
            keep.append(nb_man.nb)
        if kernel == "own":
            with open_kernel(Path.cwd()) as own:
                return cls.execute_managed_notebook(nb_man, kernel_name, kernel=own or "stock", **settings)
        if kernel == "stock":
            return super().execute_managed_notebook(nb_man, kernel_name, **settings)
        limits = {key: settings[key] for key in ("timeout_func",) if key in settings}
        return WarmNotebookClient(nb_man, kernel=kernel, timeout=settings.get("execution_timeout"), **limits).execute()


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


@contextmanager
def open_kernel(cwd: Path, memory: int | None = None) -> Iterator[WarmKernel | None]:
    """Yield a kernel in a forked process; None where the platform cannot fork, so that the stock engine has to do.

    Raises:
        KernelDied, TimeUp: it did not start, twice.
    """
    if not available():
        yield None
        return
    for attempt in range(1, STARTS + 1):
        try:
            kernel = WarmKernel(cwd, memory, START_TIMEOUT)
            break
        except (KernelDied, TimeUp):
            if attempt == STARTS:
                raise
    with kernel:
        yield kernel


def run_notebook(
    job: Job,
    parameters: dict[str, str],
    cwd: Path,
    kernel: WarmKernel | None = None,
    shown: dict[str, str] | None = None,
) -> Execution:
    """Run a notebook; never raises for what the notebook does.

    Args:
        job: the notebook.
        parameters: checked before (:mod:`chiso.runs.parameters`).
        cwd: working directory of the kernel.
        kernel: the process it runs in; None: a kernel of the stock engine.
        shown: the parameters as the executed notebook is to show them; None: as they were passed.
    """
    execution = Execution(job)
    started = time.perf_counter()
    for attempt in range(1, STARTS + 1):
        _attempt(execution, parameters, cwd, kernel)
        # Only a kernel of the stock engine starts in there; one that did not start has run no cell.
        if kernel is not None or attempt == STARTS or not _did_not_start(execution):
            break
    execution.seconds = time.perf_counter() - started
    if execution.kept:
        execution.notebook = execution.kept[-1]
        execution.failure = execution.failure or _unexecuted(execution.notebook)
        _clean(execution.notebook, shown or parameters)
    return execution


def _attempt(execution: Execution, parameters: dict[str, str], cwd: Path, kernel: WarmKernel | None) -> None:
    execution.kept.clear()
    execution.failure = None
    end = time.monotonic() + NOTEBOOK_TIMEOUT
    loop = ensure_event_loop(prefer_selector_loop=True)  # this thread's own; ZeroMQ needs a selector on Windows
    try:
        notebook = _opened(execution.job.source)
        # A whole notebook in and none out: papermill formats paths, and "{" in one would break.
        papermill.execute_notebook(
            translate(notebook, execution.job.source.parent),
            None,
            parameters=parameters,
            engine_name="chiso",
            progress_bar=False,
            start_timeout=START_TIMEOUT,
            timeout_func=lambda cell: max(1, min(CELL_TIMEOUT, int(end - time.monotonic()))),
            kernel_manager_class=ReportKernelManager,
            resources={"metadata": {"path": str(cwd)}},
            keep=execution.kept,
            kernel=kernel or "stock",
        )
    except Exception as error:
        execution.failure = _failure(error, execution.kept)
    finally:
        loop.close()


def _opened(source: Path) -> NotebookNode:
    try:
        return nbformat.reads(source.read_text(encoding="utf-8"), as_version=4)
    except Exception as error:  # nbformat's own kinds among them
        raise damaged(source, error) from error


def _did_not_start(execution: Execution) -> bool:
    failure = execution.failure
    return failure is not None and failure.cell == 0 and failure.error == "RuntimeError"


def _failure(error: Exception, kept: list[NotebookNode]) -> Failure:
    if isinstance(error, PapermillExecutionError):
        # Not the last started: papermill has put cells of its own before it by now.
        traceback = "\n".join(error.traceback or [])
        return Failure("failed", error.ename, error.evalue, error.cell_index + 1, error.source, traceback)
    number, source = _last_started(kept[-1]) if kept else (0, "")
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


def _clean(notebook: NotebookNode, shown: dict[str, str]) -> None:
    """Take out what differs from run to run, and papermill's own cells about an error."""
    notebook.cells = [c for c in notebook.cells if ERROR_MARKER_TAG not in c.metadata.get("tags", ())]
    notebook.metadata.pop("papermill", None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if INJECTED in cell.metadata.get("tags", ()):
            cell.id = INJECTED  # papermill gives it another each time
            cell.source = PythonTranslator.codify(shown, "Parameters")
