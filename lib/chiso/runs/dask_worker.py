"""What a dask worker does for a run: lays out the files that came with a task, makes the report, gives back its bytes.

One task at a time in a process: the language of the process is the task's.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from distributed import Reschedule, Worker, get_worker
from distributed.worker import WORKER_ANY_RUNNING

from chiso.messages import use
from chiso.runs.copies import results_folder
from chiso.runs.engine import ReportKernelManager
from chiso.runs.fingerprint import library, versions
from chiso.runs.packs import Pack, Store
from chiso.runs.parts import Task
from chiso.runs.plan import Plan
from chiso.runs.pool import capacity
from chiso.runs.prepare import Prepared
from chiso.runs.tasks import Made, carry_out
from chiso.runs.warm.process import WarmKernel, available, warm_up

#: Topic under which a worker tells that a task has begun.
BEGUN = "chiso-begun"
#: Held by the task under way.
TURN = threading.Lock()
#: Seconds between two looks whether a task under way is still wanted.
LOOK = 0.2

#: Contents of a pack by name; None: they are in the shared store.
Contents = Mapping[str, bytes] | None


@dataclass(frozen=True)
class Code:
    """What makes reports: the hash of the library, and the versions of what it uses."""

    library: str
    versions: Mapping[str, str]

    @classmethod
    def here(cls) -> Code:
        """Return that of this process."""
        return cls(library(), dict(versions()))


class OtherCode(RuntimeError):
    """A worker has another library or other versions than the run. Arguments: its address, its :class:`Code`."""


class StoreUnseen(RuntimeError):
    """A worker does not find in the shared store what the run wrote there.

    Arguments: its address, empty if it was asked by that; what went wrong, empty if it sees another folder.
    """


@dataclass(frozen=True)
class Parcel:
    """A task, and all that a process needs to carry it out that does not see the run's disk.

    Attributes:
        key: of the task on the cluster.
        task, plan, prepared: as of :func:`chiso.runs.tasks.carry_out`; their folders are the run's.
        shown: the parameters as the kept notebook has them.
        language: of the outputs.
        code: what the run is made with.
        packs: of ``data``, ``results`` and, for a report, ``notebook``.
        shared: address of the shared store; None: the contents of the packs come with the task.
    """

    key: str
    task: Task
    plan: Plan
    prepared: Prepared
    shown: dict[str, str]
    language: str
    code: Code
    packs: Mapping[str, Pack]
    shared: str | None


def greet() -> Code:
    """Return the code of this worker, and begin to load the libraries of the reports."""
    may_have_children()
    if available():
        warm_up()
    return Code.here()


def see(shared: str, sha: str) -> None:
    """Find a file in the shared store.

    Raises:
        StoreUnseen: this worker does not.
    """
    _fetch(shared, sha, "")


def _fetch(shared: str, sha: str, worker: str) -> bytes:
    try:
        return Store(shared).get(sha)
    except Exception as error:  # each file system has its own kinds
        reason = "" if isinstance(error, FileNotFoundError) else f"{type(error).__name__}: {error}"
        raise StoreUnseen(worker, reason) from error


def may_have_children() -> None:
    """Let a worker have processes of its own under dask's nanny, which starts it as a daemon.

    For the nanny it stays one, and ends with it; of its children none outlives a task.
    """
    process = multiprocessing.current_process()
    if process.daemon:
        process.daemon = False


def hand_over(contents: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Return the contents of a pack: a task of its own, so that workers pass them on and a lost one costs nothing."""
    return contents


def work(parcel: Parcel, contents: Mapping[str, Contents]) -> Made:
    """Carry out a task.

    Args:
        parcel: the task.
        contents: of its packs.

    Raises:
        OtherCode: this worker would make something else of it.
        Reschedule: nobody wanted it any more, so that it was broken off; dask begins it anew if somebody does again.
        StoreUnseen: it cannot read the shared store.
        ValueError: what came is not what it should be.
    """
    worker = get_worker()
    if (code := Code.here()) != parcel.code:
        raise OtherCode(worker.address, code)
    may_have_children()
    with TURN, while_wanted(worker, parcel.key):
        worker.log_event(BEGUN, parcel.key)
        use(parcel.language)
        places = {kind: _laid_out(parcel, pack, contents[kind], worker) for kind, pack in parcel.packs.items()}
        return _carry_out(parcel, places)


@contextmanager
def while_wanted(worker: Worker, key: str) -> Iterator[None]:
    """End the processes that a task runs in once nobody wants it: dask itself lets what has begun go on to its end.

    Raises:
        Reschedule: it was broken off.
    """
    over, broken_off = threading.Event(), threading.Event()

    def look() -> None:
        while not over.wait(LOOK):
            if not _wanted(worker, key):
                broken_off.set()
                ReportKernelManager.kill_all()
                WarmKernel.kill_all()

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()
        if broken_off.is_set():
            raise Reschedule


def _wanted(worker: Worker, key: str) -> bool:
    """Whether a run waits for a task, and the scheduler for this worker."""
    task = worker.state.tasks.get(key)
    return worker.status in WORKER_ANY_RUNNING and task is not None and task.state != "cancelled"


def _laid_out(parcel: Parcel, pack: Pack, contents: Contents, worker: Worker) -> Path:
    root = Path(worker.local_directory).absolute() / "chiso"
    if contents is not None:
        return pack.lay_out(root, lambda name, _: contents[name])
    shared = parcel.shared
    assert shared is not None
    return pack.lay_out(root, lambda _, sha: _fetch(shared, sha, worker.address))


def _carry_out(parcel: Parcel, places: Mapping[str, Path]) -> Made:
    task = parcel.task
    if task.job is not None:
        task = replace(task, job=replace(task.job, source=places["notebook"] / task.job.source.name))
    plan = replace(parcel.plan, data=places["data"])
    prepared = replace(parcel.prepared, out=places["results"], results=results_folder(places["results"], plan))
    return carry_out(task, plan, prepared, capacity(1)[1], parcel.shown)
