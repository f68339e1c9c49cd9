"""The run's side: one forked process for a notebook, asked through a pipe."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path
from pkgutil import resolve_name
from typing import Any
from weakref import WeakSet

from chiso.messages import language
from chiso.runs.warm.wire import Answer, Call, Execute

#: What the process has loaded before it forks: the kernel before other libraries, for it sets the environment; what
#: every report needs; and what every notebook would do first.
PRELOADED = (
    "chiso.runs.warm.begin", "chiso.runs.warm.kernel", "scipy.special", "chiso.notebook", "chiso.runs.warm.prime",
)  # fmt: skip


class KernelDied(RuntimeError):
    """The process ended before it had answered."""


class TimeUp(TimeoutError):
    """The process did not answer in time."""


def available() -> bool:
    """Return whether this platform forks from a server (all but Windows) and this process may have children."""
    return "forkserver" in multiprocessing.get_all_start_methods() and not multiprocessing.current_process().daemon


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


def warm_up() -> None:
    """Start the process that notebooks are forked from; it loads the libraries while the run does something else."""
    from multiprocessing import forkserver

    _context()
    forkserver.ensure_running()


class WarmKernel:
    """A kernel in a forked process. Use as a context manager; the process does not outlive it."""

    running: WeakSet[WarmKernel] = WeakSet()

    def __init__(self, cwd: Path, memory: int | None = None, start_timeout: float = 120) -> None:
        context = _context()
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, str(cwd), memory), daemon=True)
        self._process.start()
        theirs.close()
        self.running.add(self)
        try:
            self.language_info: dict[str, Any] = self._answer(start_timeout)
        except BaseException:
            self.close()  # nobody else has hold of the process yet
            raise

    def execute(self, source: str, timeout: float | None = None) -> Iterator[dict[str, Any]]:
        """Execute a cell and yield the kernel's messages; the last one is its reply.

        Raises:
            TimeUp: the cell took longer than ``timeout`` seconds.
            KernelDied: the process ended.
        """
        end = None if timeout is None else time.monotonic() + timeout
        self._send(Execute(source))
        while True:
            message = self._receive(end)
            if isinstance(message, Answer):
                yield message.value
                return
            yield message

    def call(self, function: str, *args: Any, timeout: float | None = None) -> Any:
        """Return what a function gives there, in the language that is in use here.

        Args:
            function: its module and name, ``module:name``: this process need not load it.
            args: what it is given.
            timeout: seconds.

        Raises:
            TimeUp, KernelDied: as :meth:`execute`; whatever the function raises.
        """
        self._send(Call(function, args, language()))
        return self._answer(timeout)

    def kill(self) -> None:
        """End the process at once; whoever waits for it is told that it died."""
        self._process.kill()

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.kill()
        self._process.join()
        self._process.close()
        self.running.discard(self)

    def __enter__(self) -> WarmKernel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @classmethod
    def kill_all(cls) -> None:
        """Kill every running kernel of this process."""
        for kernel in list(cls.running):
            kernel.kill()

    def _answer(self, timeout: float | None) -> Any:
        answer = self._receive(None if timeout is None else time.monotonic() + timeout)
        if not isinstance(answer, Answer):
            raise TypeError(f"the kernel sent {type(answer).__name__} unasked")
        if answer.error is not None:
            raise answer.error
        return answer.value

    def _send(self, order: Execute | Call) -> None:
        try:
            self._pipe.send(order)
        except OSError as error:
            raise KernelDied(str(error)) from error

    def _receive(self, end: float | None) -> Any:
        try:
            if not self._pipe.poll(None if end is None else max(0.0, end - time.monotonic())):
                raise TimeUp
            return self._pipe.recv()
        except (EOFError, ConnectionError) as error:
            raise KernelDied("the process ended") from error


def _serve(*args: Any) -> None:
    """Be a kernel; the forked process has it loaded, this one need not."""
    resolve_name("chiso.runs.warm.kernel:serve")(*args)


def call(kernel: WarmKernel | None, function: str, *args: Any) -> Any:
    """Return what a function gives in a kernel's process, in this one if there is none; see :meth:`WarmKernel.call`."""
    return resolve_name(function)(*args) if kernel is None else kernel.call(function, *args)
