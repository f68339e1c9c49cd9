"""Tasks on a dask cluster. Workers make bytes; only the run that asked writes them, so nothing is written twice.

The key of a task on the cluster is a hash of all that goes into it: the same work asked for by two runs at a time is
done once. Files go along as packs (:mod:`chiso.runs.packs`), once to each worker, so that workers need not see the
run's disk. A task whose worker is lost is given to another by the scheduler.
"""

from __future__ import annotations

import queue
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dask
from distributed import Future, KilledWorker

from chiso.errors import ChisoError
from chiso.messages import DEFAULT, language, text
from chiso.runs.copies import data_files, result_files
from chiso.runs.dask_client import Connection
from chiso.runs.dask_worker import BEGUN, OtherCode, Parcel, StoreUnseen, hand_over, see, work
from chiso.runs.fingerprint import digest
from chiso.runs.packs import Pack, Store, read
from chiso.runs.parts import Task
from chiso.runs.plan import Plan, present
from chiso.runs.prepare import Prepared
from chiso.runs.tasks import Made, as_kept, killed, lost

Files = dict[str, Path | bytes]


@dataclass
class _Open:
    """A task whose end was not told yet."""

    future: Future
    task: Task
    plan: Plan
    prepared: Prepared
    begin: Callable[[], None] | None
    mark: Any
    packs: tuple[str, ...]


class DaskPool:
    """The workers of a dask cluster."""

    def __init__(self, scheduler: str, shared: str | None = None) -> None:
        """Connect.

        Args:
            scheduler: its address, such as ``tcp://host:8786``.
            shared: address of a store that workers fetch files from; None: files go with the tasks.

        Raises:
            ChisoError: no scheduler or no worker there, a worker with another library or without sight of the store,
                or no such store.
        """
        if shared and "://" not in shared:
            shared = str(Path(shared).absolute())  # workers stand elsewhere
        self._store = _store(shared) if shared else None
        self._shared = shared
        self._open: dict[int, _Open] = {}
        self._packs: dict[str, Future] = {}
        self._uses: Counter[str] = Counter()
        self._last: tuple[Prepared, dict[str, tuple[Pack, Files]]] | None = None
        self._done: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._turn, self._count = threading.Lock(), 0
        self._cluster = Connection(scheduler)
        self._client, self.workers = self._cluster.client, self._cluster.workers
        try:
            self._show_store()
            self._client.subscribe_topic(BEGUN, self._begun)
        except BaseException:
            self._client.close()
            raise

    def _show_store(self) -> None:
        """Refuse workers that do not see in the shared store what is written there."""
        if self._store is None or self._shared is None:
            return
        own: Files = {"": secrets.token_bytes()}  # no store has it from elsewhere, whatever its address
        pack = Pack.of(own)
        self._put(pack, own)
        try:
            found = self._client.run(see, self._shared, *pack.index.values(), on_error="return")
        finally:
            with suppress(Exception):
                self._store.remove(pack)
        for worker, error in sorted(found.items()):
            if error is not None:
                raise self._blind(worker, str(error.args[-1]) if isinstance(error, StoreUnseen) else repr(error))

    def _blind(self, worker: str, reason: str) -> ChisoError:
        told = {"worker": worker, "address": self._shared, "reason": reason or text("dask.store_empty")}
        return ChisoError(text("dask.store_unseen", **told))

    # -- tasks

    def submit(self, task: Task, plan: Plan, prepared: Prepared, begin: Callable[[], None], mark: Any) -> None:
        """Take a task.

        Raises:
            ChisoError: the shared store cannot be written to.
        """
        packs = {
            "data": self._pack(prepared, "data", lambda: data_files(plan, prepared)),
            "results": self._pack(prepared, "results", lambda: result_files(plan, prepared)),
        }
        if task.job is not None:
            notebook = _notebook(task.job.source)
            packs["notebook"] = Pack.of(notebook), notebook
        contents = {kind: self._contents(pack, files) for kind, (pack, files) in packs.items()}
        keys = {kind: pack for kind, (pack, _) in packs.items()}
        seen = replace(plan, pages=frozenset(job.stem for job in present(plan)))
        parcel = Parcel("", task, seen, prepared, as_kept(plan), language(), self._cluster.code, keys, self._shared)
        parcel = replace(parcel, key=_key(parcel))
        with self._turn:
            number = self._count = self._count + 1
            future = self._client.submit(work, parcel, contents, key=parcel.key)
            names = tuple(pack.key for pack in keys.values())
            self._open[number] = _Open(future, task, plan, prepared, begin, mark, names)
            self._uses.update(names)
        future.add_done_callback(lambda _: self._done.put(number))

    def _pack(self, prepared: Prepared, kind: str, files: Callable[[], Files]) -> tuple[Pack, Files]:
        """Return a pack of a plan and its files; of the last plan, so that nothing is hashed once for each task."""
        if self._last is None or self._last[0] is not prepared:
            self._last = prepared, {}
        known = self._last[1]
        if kind not in known:
            found = files()
            known[kind] = Pack.of(found), found
        return known[kind]

    def _contents(self, pack: Pack, files: Files) -> Future | None:
        if self._store is not None:
            self._put(pack, files)
            return None
        if pack.key not in self._packs:
            contents = {name: read(content) for name, content in files.items()}
            with dask.config.set({"distributed.admin.large-graph-warning-threshold": 1 << 40}):
                self._packs[pack.key] = self._client.submit(hand_over, contents, key=f"chiso-pack-{pack.key}")
        return self._packs[pack.key]

    def _put(self, pack: Pack, files: Files) -> None:
        """Write the files of a pack into the shared store."""
        assert self._store is not None
        try:
            self._store.put(pack, files)
        except Exception as error:  # each file system has its own kinds
            raise ChisoError(text("dask.store_failed", address=self._shared, reason=error)) from error

    def _begun(self, event: tuple[float, str]) -> None:
        """Pass on that a worker has begun a task; one that is given to a second worker has begun before."""
        with self._turn:
            for one in self._open.values():
                if one.begin is not None and one.future.key == event[1]:
                    begin, one.begin = one.begin, None
                    begin()

    @property
    def waiting(self) -> int:
        """Number of tasks taken whose end was not told yet."""
        return len(self._open)

    def ended(self) -> Iterator[tuple[Any, Made]]:
        """Wait for the next task that ends.

        Raises:
            ChisoError: the scheduler is gone; or a worker that has joined has another library, or not this store.
        """
        while self._open:
            try:
                number = self._done.get(timeout=0.2)
            except queue.Empty:
                if gone := self._cluster.lost():
                    raise gone from None
                continue
            with self._turn:
                one = self._open.pop(number)
            made = self._made(one)
            self._release(one)
            yield one.mark, made
            return

    def _made(self, one: _Open) -> Made:
        try:
            made: Made = one.future.result()
        except KilledWorker:
            return killed(one.task, one.plan, one.prepared)
        except OtherCode as error:
            raise self._cluster.refusal(*error.args) from error
        except StoreUnseen as error:
            raise self._blind(*error.args) from error
        except Exception as error:
            if gone := self._cluster.lost(one.future):
                raise gone from error
            return lost(one.task, one.plan, one.prepared, error)
        return replace(made, task=one.task)

    def _release(self, one: _Open) -> None:
        """Let the cluster forget a task that was collected, and files that no other needs."""
        one.future.release()
        self._uses.subtract(one.packs)
        for key in one.packs:
            if not self._uses[key] and key in self._packs:
                self._packs.pop(key).release()

    def close(self, *, kill: bool) -> None:
        """End: the workers give up what this run alone wanted of them, be it begun or not."""
        self._cluster.close()


def _store(address: str) -> Store:
    try:
        return Store(address)
    except (ImportError, ValueError, OSError) as error:
        raise ChisoError(text("dask.store_failed", address=address, reason=error)) from error


def _notebook(source: Path) -> Files:
    """Return a notebook, and the translations of its texts if the run's language is not its own."""
    found: Files = {source.name: source}
    words = source.parent / f"{language()}.toml"
    return found | ({words.name: words} if language() != DEFAULT and words.is_file() else {})


def _key(parcel: Parcel) -> str:
    """Return a name on the cluster: for people the report and the period, for the rest a hash of all that goes in."""
    request = parcel.plan.request
    content = {
        "task": parcel.task.name,
        "inputs": parcel.prepared.inputs,
        "run": parcel.prepared.run,
        "packs": {kind: pack.key for kind, pack in parcel.packs.items()},
        "code": [parcel.code.library, dict(parcel.code.versions)],
        "shown": parcel.shown,
        "pages": sorted(parcel.plan.pages or ()),
        "body": parcel.prepared.body.model_dump(mode="json"),
        "command": request.command(),
        "language": parcel.language,
    }
    return f"chiso-{parcel.task.name}-{parcel.plan.timeframe.period}-{digest(content)}"
