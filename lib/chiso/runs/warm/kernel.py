"""The forked side: an IPython kernel inside this process that takes orders from a pipe and answers on it.

The process this is forked from imports this module and nothing is computed in it: a forked child of a process that has
run a Polars query hangs. One thread a notebook for linear algebra: two notebooks share the machine, and threads do not
survive a fork. matplotlib learns of the notebook's back end at its import, as in any kernel.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")

import random
import signal
import sys
import threading
from importlib import import_module
from multiprocessing import connection, parent_process
from pkgutil import resolve_name
from types import SimpleNamespace
from typing import Any

import numpy as np
from ipykernel.inprocess.channels import InProcessChannel
from ipykernel.inprocess.client import InProcessKernelClient
from ipykernel.inprocess.ipkernel import InProcessKernel
from IPython.core.shellapp import InteractiveShellApp
from traitlets.config import Config

from chiso.messages import use
from chiso.runs.warm.wire import Answer, Call, Execute

if "debugpy" not in sys.modules:
    # Nobody debugs a report, and a debugger takes longer to load than all else of a kernel; ipykernel does without.
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    import_module("ipykernel.debugger")
    del sys.modules["debugpy"]

#: Nothing of a notebook goes into the history of the user's own sessions.
SETTINGS = Config({"HistoryManager": {"enabled": False}})


class _Kernel(InProcessKernel):
    """The in-process kernel, in which cells may await: ipykernel asks then for a thread that only sockets have."""

    _execute_sleep = 0.0  # there is no socket to wait for

    async def do_execute(self, *args: Any, **settings: Any) -> Any:
        """Execute a cell."""
        self.shell_channel_thread = SimpleNamespace(parent_thread=None)
        try:
            return await super().do_execute(*args, **settings)
        finally:
            self.shell_channel_thread = None


class _Outputs(InProcessChannel):
    """What a cell shows, passed on at once: what it showed before it died is not lost."""

    def call_handlers(self, msg: dict[str, Any]) -> None:
        """Pass a message on."""
        self.client.pipe.send(_plain(msg))


class _Replies(InProcessChannel):
    """The last reply, kept until all outputs before it have been passed on."""

    last: dict[str, Any]

    def call_handlers_later(self, msg: dict[str, Any]) -> None:
        """Keep a message."""
        self.last = msg


class _Client(InProcessKernelClient):
    """The in-process client of the kernel; writes its messages to the pipe."""

    iopub_channel_class = _Outputs
    shell_channel_class = _Replies
    allow_stdin = False

    def __init__(self, pipe: connection.Connection, kernel: InProcessKernel) -> None:
        super().__init__(kernel=kernel, session=kernel.session)
        self.pipe = pipe
        kernel.frontends.append(self)

    def run(self, source: str) -> None:
        """Execute a cell; the answer is the kernel's reply and comes after all messages."""
        self.execute(source)
        passed = threading.Event()  # outputs come from the kernel's own thread, in their order
        assert self.kernel is not None
        self.kernel.iopub_thread.schedule(passed.set)
        passed.wait()
        self.pipe.send(Answer(_plain(self.shell_channel.last)))


def _plain(message: dict[str, Any]) -> dict[str, Any]:
    """Return what a notebook's client reads of a message."""
    return {key: message[key] for key in ("msg_type", "header", "parent_header", "metadata", "content")}


def serve(pipe: connection.Connection, cwd: str, memory: int | None) -> None:
    """Serve one notebook, or what else a run wants done: execute cells, call functions; ends with the pipe.

    Args:
        pipe: orders come in, messages and answers go out.
        cwd: working directory.
        memory: most bytes of data the process may hold; a cell that wants more gets a ``MemoryError``. None: no limit.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the run's business: it ends its children
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.chdir(cwd)
    InteractiveShellApp().init_path()  # the working directory, where any kernel puts it
    random.seed()
    np.random.seed()
    if memory is not None:
        _limit(memory)
    _silence()
    kernel = _Kernel(config=SETTINGS)
    client = _Client(pipe, kernel)
    pipe.send(Answer(kernel.language_info))
    while True:
        try:
            order = pipe.recv()
        except EOFError:
            break
        if isinstance(order, Execute):
            client.run(order.source)
        elif isinstance(order, Call):
            pipe.send(_called(order))
    os._exit(0)  # threads and exit handlers of the libraries are not waited for: everything has been sent


def _called(order: Call) -> Answer:
    try:
        use(order.language)
        return Answer(resolve_name(order.function)(*order.args))
    except Exception as error:
        return Answer(error=error)


def _silence() -> None:
    """Send what libraries write past Python to nowhere: it is no output of a cell, and no line of the run."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)


def _limit(memory: int) -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (memory if hard == resource.RLIM_INFINITY else min(memory, hard), hard))


def _end_with_parent() -> None:
    """End this process when the run is gone, whatever the cell is doing."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGKILL)
