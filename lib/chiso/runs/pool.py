"""As many tasks at a time as the machine bears, of however many runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Protocol

import psutil

from chiso.runs.engine import ReportKernelManager
from chiso.runs.plan import Plan
from chiso.runs.prepare import Prepared
from chiso.runs.tasks import Made, Task, carry_out
from chiso.runs.warm.process import WarmKernel

#: Bytes that must be free for each notebook that runs at a time; measured: a report of the sample takes a third of it.
NOTEBOOK_MEMORY = 1 << 30
#: No notebook is held to less than this many bytes of data, however little is free.
LEAST_LIMIT = 4 << 30


class Pool(Protocol):
    """What carries out tasks somewhere; used by one thread."""

    workers: int

    def submit(self, task: Task, plan: Plan, prepared: Prepared, begin: Callable[[], None], mark: Any) -> None:
        """Take a task; ``begin`` is called when it starts, ``mark`` comes back with what was made."""

    @property
    def waiting(self) -> int:
        """Number of tasks taken whose end was not told yet."""

    def ended(self) -> Iterator[tuple[Any, Made]]:
        """Wait for the next task that ends, and yield the marks of those that ended, with what they made."""

    def close(self, *, kill: bool) -> None:
        """End; ``kill`` ends what is under way."""


class LocalPool:
    """Threads that wait for notebooks; these run, and pages are made, in processes of their own."""

    def __init__(self, jobs: int) -> None:
        self.workers, self._memory = capacity(jobs)
        self._threads = ThreadPoolExecutor(self.workers)
        self._marks: dict[Future[Made], Any] = {}
        self._stopped = threading.Event()

    def submit(self, task: Task, plan: Plan, prepared: Prepared, begin: Callable[[], None], mark: Any) -> None:
        """Take a task."""

        def work() -> Made:
            if self._stopped.is_set():
                return Made(task, "killed", 0.0)
            try:
                begin()
                return carry_out(task, plan, prepared, self._memory)
            except Exception as error:
                return Made(task, "failed", 0.0, defect=error)

        self._marks[self._threads.submit(work)] = mark

    @property
    def waiting(self) -> int:
        """Number of tasks taken whose end was not told yet."""
        return len(self._marks)

    def ended(self) -> Iterator[tuple[Any, Made]]:
        """Wait for the next task that ends."""
        # In short waits: with Polars' own signal handler in place, Ctrl-C does not end a long one.
        while self._marks and not (done := wait(self._marks, timeout=0.2, return_when=FIRST_COMPLETED).done):
            pass
        for future in done if self._marks else ():
            yield self._marks.pop(future), future.result()

    def close(self, *, kill: bool) -> None:
        """End; ``kill`` ends what is under way."""
        if kill:
            self._stopped.set()
            self._threads.shutdown(wait=False, cancel_futures=True)
            while left := [future for future in self._marks if not future.done()]:
                ReportKernelManager.kill_all()  # again, where one had only begun to start
                WarmKernel.kill_all()
                wait(left, timeout=0.1)
        else:
            self._threads.shutdown()


def capacity(jobs: int) -> tuple[int, int]:
    """Return how many notebooks this machine bears at a time, and the most bytes of data that each may hold."""
    free = psutil.virtual_memory().available
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    workers = max(1, min(jobs, cores, free // NOTEBOOK_MEMORY))
    return workers, max(LEAST_LIMIT, int(free * 0.8) // workers)
