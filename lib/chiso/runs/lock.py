"""One run at a time per output folder and period."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from chiso.errors import Busy
from chiso.messages import text
from chiso.runs.files import write_text


@contextmanager
def exclusive(out: Path, period: str) -> Iterator[None]:
    """Hold the period's lock in ``out``; the operating system frees it even if the run is killed.

    Raises:
        Busy: another run holds it; the message says which process and since when.
    """
    # The holder's note is a file of its own: Windows lets nobody read a locked one.
    note = out / f".{period}.holder.json"
    lock = FileLock(out / f".{period}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Busy(text("runs.locked", period=period, out=out, **_holder(note))) from None
    try:
        write_text(note, json.dumps({"pid": os.getpid(), "since": f"{datetime.now():%d/%m/%Y %H:%M:%S}"}))
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


@contextmanager
def index_lock(out: Path) -> Iterator[None]:
    """Wait for the turn to write the index of all periods."""
    with FileLock(out / ".index.lock", timeout=60):
        yield


def _holder(note: Path) -> dict[str, object]:
    try:
        holder = json.loads(note.read_text(encoding="utf-8"))
        return {"pid": holder["pid"], "since": holder["since"]}
    except (OSError, ValueError, KeyError):
        return {"pid": "?", "since": "?"}
