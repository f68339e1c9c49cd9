"""A connection to a dask cluster whose workers have this very code; others would make something else."""

from __future__ import annotations

import logging
import warnings
from contextlib import suppress

from distributed import Client, Future

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.runs.dask_worker import Code, greet

#: Seconds to wait for the scheduler, and for a first worker.
CONNECT, FIRST_WORKER = 10, 30
#: Seconds for taking leave.
LEAVE = 3


class Connection:
    """A client of a scheduler.

    Attributes:
        scheduler: its address.
        client: dask's own.
        code: of this process, and of every worker.
        workers: how many there were at the beginning.
    """

    def __init__(self, scheduler: str) -> None:
        """Connect.

        Args:
            scheduler: its address, such as ``tcp://host:8786``.

        Raises:
            ChisoError: no scheduler or no worker there, or a worker with another library.
        """
        logging.getLogger("distributed").setLevel(logging.CRITICAL + 1)  # failures are told by the run
        self.scheduler, self.code = scheduler, Code.here()
        self.client = _connect(scheduler)
        try:
            self.workers = self._greet()
        except BaseException:
            self.client.close()
            raise

    def _greet(self) -> int:
        """Return the number of workers; refuse those that would make something else."""
        try:
            self.client.wait_for_workers(1, timeout=FIRST_WORKER)
        except TimeoutError as error:
            raise ChisoError(text("dask.no_worker", scheduler=self.scheduler)) from error
        found = self.client.run(greet, on_error="return")
        for worker, code in sorted(found.items()):
            if not isinstance(code, Code):
                raise ChisoError(text("dask.worker_unfit", worker=worker, reason=f"{type(code).__name__}: {code}"))
            if code != self.code:
                raise self.refusal(worker, code)
        return len(found)

    def refusal(self, worker: str, code: Code) -> ChisoError:
        """Return what is told of a worker with another code."""
        names = {"worker": worker, "theirs": code.library, "ours": self.code.library}
        theirs, ours = code.versions, self.code.versions
        other = sorted(name for name in {*theirs, *ours} if theirs.get(name) != ours.get(name))
        told = "; ".join(f"{name} {theirs.get(name, '–')} ≠ {ours.get(name, '–')}" for name in other) or "–"
        return ChisoError(text("dask.other_library", **names, versions=told))

    def lost(self, failed: Future | None = None) -> ChisoError | None:
        """Return what is told where the scheduler is gone; None where it is there, or dask still tries to find it.

        Args:
            failed: what ended with an error; that it was lost with the scheduler, dask may know sooner.
        """
        gone = self.client.status == "closed"
        if failed is not None:
            gone = failed.status in ("cancelled", "lost") or self.client.status != "running"
        return ChisoError(text("dask.lost", scheduler=self.scheduler)) if gone else None

    def close(self) -> None:
        """Take leave: the workers give up what this client alone wanted of them, be it begun or not."""
        with suppress(TimeoutError):  # the scheduler is gone: there is nobody to take leave of
            self.client.close(timeout=LEAVE)


def _connect(scheduler: str) -> Client:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # versions are compared by the run
            return Client(scheduler, timeout=CONNECT, set_as_default=False, name="chiso")
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise ChisoError(text("dask.not_reachable", scheduler=scheduler, reason=error)) from error
