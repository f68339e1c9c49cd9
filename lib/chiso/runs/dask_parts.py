"""The cases of a province on a dask cluster: each worker sums some bodies from files that all machines see.

The files are too large to travel. So their size and last bytes, where Parquet keeps what a file says of itself, go with
a part, and a worker that finds another file at the path refuses it. Sums of parts add up to the same figures however
the bodies are divided (:mod:`chiso.indicators.parts`).
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from distributed import Future, KilledWorker, get_worker

from chiso.catalogue import Catalogue
from chiso.errors import ChisoError
from chiso.indicators.parts import Partial
from chiso.indicators.parts.state import basis_of
from chiso.messages import language, text, use
from chiso.runs.dask_client import Connection
from chiso.runs.dask_worker import TURN, Code, OtherCode, may_have_children, while_wanted
from chiso.runs.engine import open_kernel
from chiso.runs.fingerprint import digest
from chiso.runs.stopping import end_if_asked
from chiso.runs.warm.process import call
from chiso.sources.dataset import INDEX
from chiso.sources.parts import CaseFile
from chiso.worktime import Timeframe

#: Parts for each worker, about: so many that none waits long for the last one.
PARTS_A_WORKER = 4
#: Bytes at the end of a file that tell it from others.
TAIL = 4096


@dataclass(frozen=True)
class Part:
    """Some bodies, and all that a process needs to sum their cases.

    Attributes:
        key: of the part on the cluster.
        files: the case files, whole bodies.
        marks: what tells each file that is read from others, by path (:func:`mark`).
        catalogue, timeframe: as of :func:`chiso.indicators.parts.partial`.
        language: of messages.
        code: what the sums are to be made with.
    """

    key: str
    files: tuple[CaseFile, ...]
    marks: Mapping[Path, str]
    catalogue: Catalogue
    timeframe: Timeframe
    language: str
    code: Code

    @property
    def bodies(self) -> str:
        """Names of the bodies, for people."""
        return ", ".join(sorted({file.body for file in self.files}))


class OtherFile(RuntimeError):
    """A worker does not see a file as the run does. Arguments: its address, the file."""


def sums(scheduler: str, files: Sequence[CaseFile], catalogue: Catalogue, timeframe: Timeframe) -> list[Partial]:
    """Return the sums of all files, in parts.

    Args:
        scheduler: address of the scheduler.
        files: the case files of all bodies, at paths that every worker sees.
        catalogue, timeframe: as of :func:`chiso.indicators.parts.partial`.

    Raises:
        ChisoError: no such cluster, or workers that have another library or see other files; faulty files, or cases
            that occur twice; a part that ends its workers.
    """
    cluster = Connection(scheduler)
    try:
        parts = [
            _part(some, catalogue, timeframe, cluster.code) for some in divided(files, cluster.workers * PARTS_A_WORKER)
        ]
        futures = [cluster.client.submit(sum_up, part, key=part.key) for part in parts]
        while not all(future.done() for future in futures):
            end_if_asked()
            if gone := cluster.lost():
                raise gone
            time.sleep(0.05)
        return [_result(future, part, cluster) for future, part in zip(futures, parts, strict=True)]
    finally:
        cluster.close()


def divided(files: Sequence[CaseFile], parts: int) -> list[tuple[CaseFile, ...]]:
    """Return the files in at most so many parts of about the same size, the bodies whole, the largest part first."""
    bodies: dict[str, list[CaseFile]] = {}
    for file in files:
        bodies.setdefault(file.body, []).append(file)
    size = {body: sum(file.path.stat().st_size for file in own) for body, own in bodies.items()}
    found: list[list[str]] = [[] for _ in range(min(parts, len(bodies)))]
    loads = [0] * len(found)
    for body in sorted(bodies, key=lambda body: (-size[body], body)):
        least = loads.index(min(loads))
        found[least].append(body)
        loads[least] += size[body]
    order = sorted(range(len(found)), key=lambda i: (-loads[i], i))
    return [tuple(file for body in sorted(found[i]) for file in bodies[body]) for i in order]


def _part(files: tuple[CaseFile, ...], catalogue: Catalogue, timeframe: Timeframe, code: Code) -> Part:
    read = {file.path for file in files} | {path for file in files for _, path in file.lookups}
    read |= {file.path.parent / INDEX for file in files if file.imported}
    marks = {path: mark(path) for path in sorted(read)}
    content = [
        [[str(path), found, path.stat().st_mtime_ns] for path, found in marks.items()],
        [[file.body, str(file.path), file.constants, [str(path) for _, path in file.lookups]] for file in files],
        [basis_of(catalogue, timeframe), language(), code.library, dict(code.versions)],
    ]
    return Part(f"chiso-part-{digest(content)}", files, marks, catalogue, timeframe, language(), code)


def mark(path: Path) -> str:
    """Return what tells a file from others: its size and a hash of its end.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL))
        return f"{size}-{hashlib.sha256(file.read()).hexdigest()}"


def _result(future: Future, part: Part, cluster: Connection) -> Partial:
    try:
        found: Partial = future.result()
    except ChisoError:
        raise
    except OtherCode as error:
        raise cluster.refusal(*error.args) from error
    except OtherFile as error:
        worker, file = error.args
        raise ChisoError(text("dask.part_unseen", worker=worker, file=file)) from error
    except Exception as error:
        if gone := cluster.lost(future):
            raise gone from error
        reason = type(error).__name__ if isinstance(error, KilledWorker) else f"{type(error).__name__}: {error}"
        raise ChisoError(text("dask.part_failed", bodies=part.bodies, reason=reason)) from error
    return found


# -- on the worker


def sum_up(part: Part) -> Partial:
    """Sum the cases of a part, in a process of its own where there can be one.

    Raises:
        OtherCode: this worker would make something else of it.
        OtherFile: it does not see the files of the run.
        ChisoError: faulty files, or cases that occur twice.
        Reschedule: nobody wanted it any more.
    """
    worker = get_worker()
    if (code := Code.here()) != part.code:
        raise OtherCode(worker.address, code)
    may_have_children()
    for path, expected in part.marks.items():
        try:
            same = mark(path) == expected
        except OSError:
            same = False
        if not same:
            raise OtherFile(worker.address, str(path))
    with TURN, while_wanted(worker, part.key):
        use(part.language)
        with open_kernel(Path(worker.local_directory)) as kernel:
            found: Partial = call(kernel, "chiso.indicators.parts:partial", part.files, part.catalogue, part.timeframe)
        return found
