"""Runs again whenever new exports have arrived in a data folder: one run at a time, and none on half a file.

The folder is looked at, not believed: what the operating system tells only says when to look. So a change is found
sooner or later even where nothing is told (network shares), and one that happens during a run is found after it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from watchfiles import watch as told_by_system

from chiso.errors import Busy, ChisoError
from chiso.messages import text
from chiso.messages.system import reason
from chiso.runs.arrivals import Changes, Files, Look, differences, is_open, look
from chiso.runs.console import Console
from chiso.runs.exit_codes import INTERRUPTED, OK, USAGE, code_of
from chiso.runs.stopping import ended_by_sigterm
from chiso.worktime import Period

#: Seconds between two looks at a folder whose changes nobody tells.
POLL = 5.0


@dataclass(frozen=True)
class Patience:
    """How a folder is watched; times in seconds.

    Attributes:
        quiet: nothing may have changed for so long before a run.
        tick: how often is looked while something is under way.
        heartbeat: how often is looked although nothing was told.
        retry: how long is waited for another run of the same period to end.
        poll: look so often instead of being told by the operating system; 0: be told.
        once: end after the first run.
    """

    quiet: float = 30.0
    tick: float = 1.0
    heartbeat: float = 60.0
    retry: float = 60.0
    poll: float = 0.0
    once: bool = False


def watch(
    folder: Path,
    run: Callable[[], int],
    console: Console,
    patience: Patience | None = None,
    defect: Callable[[Exception], str] = repr,
    bodies: Sequence[str] = (),
) -> int:
    """Run as soon as the folder is at rest, and again after each change, until Ctrl-C or SIGTERM.

    A run that fails is told, and the next change waited for; but a first run that is refused ends it all, for what
    was asked for is wrong.

    Args:
        folder: the data folder.
        run: makes the reports and returns its exit code.
        console: is told what happens.
        patience: how to watch.
        defect: keeps what an unexpected error says and returns the sentence for the user.
        bodies: those of them whose folders in the data folder are watched, or ``all``; none: the folder itself.

    Returns:
        0 when stopped while waiting; 130 when a run was broken off; the run's own code with ``once``.

    Raises:
        ChisoError: the first run was refused.
    """
    patience = patience or Patience()
    watcher = _Watcher(folder, bodies, console, patience)
    before: Files | None = None
    running = False
    with ended_by_sigterm():
        try:
            while True:
                now = watcher.settled(before)
                _tell(console, before, now)
                running = True
                code = _code(run, console, defect, first=before is None)
                running = False
                if code is None:
                    time.sleep(patience.retry)
                    continue
                if patience.once:
                    return code
                before = now
                told = "waiting" if code == OK else "failed"
                console.say(text(f"watch.{told}", time=_clock(), code=code, folder=folder))
                console.event("waiting", folder=str(folder), exit_code=code)
        except KeyboardInterrupt:
            console.say(text("watch.broken_off" if running else "watch.stopped"))
            return INTERRUPTED if running else OK


def this_quarter(today: date) -> Period:
    """Return the quarter of a day.

    >>> str(this_quarter(date(2024, 12, 20)))
    '2024-Q4'
    """
    return Period(today.year, "quarter", (today.month + 2) // 3)


def _code(run: Callable[[], int], console: Console, defect: Callable[[Exception], str], *, first: bool) -> int | None:
    """Return a run's exit code; None where another run is in its way.

    Raises:
        ChisoError: the first run was refused.
    """
    try:
        return run()
    except Busy as error:
        console.warn(str(error))
        return None
    except ChisoError as error:
        if first and code_of(error) == USAGE:
            raise
        console.warn(str(error))
        return code_of(error)
    except Exception as error:  # the next run may well do
        console.warn(defect(error))
        return code_of(error)


def _tell(console: Console, before: Files | None, now: Files) -> None:
    if before is None:
        console.say(text("watch.first", time=_clock()))
        console.event("changes", first=True)
    else:
        changes = differences(before, now)
        console.say(text("watch.because", time=_clock(), changes=changes))
        console.event("changes", first=False, new=changes.new, changed=changes.changed, gone=changes.gone)


def _clock() -> str:
    return time.strftime("%H:%M")


class _Watcher:
    """Waits until a folder has changed and has come to rest."""

    def __init__(self, folder: Path, bodies: Sequence[str], console: Console, patience: Patience) -> None:
        self.folder, self.bodies, self.console, self.patience = folder, bodies, console, patience
        self._told: Iterator[set[Any]] | None = None
        self._lost = self._empty = False

    def settled(self, before: Files | None) -> Files:
        """Return the folder's files once they are other than ``before`` (None: once there are any) and at rest."""
        last: Look | None = None
        since = 0.0  # when `last` was first seen so
        while True:
            now, moment = self._look(), time.monotonic()
            if now is None:
                last = None
            elif last is None:
                # A change that the system told, or none since long before: what files' times tell is enough.
                last, since = now, moment - now.quiet_for()
            elif (now.files, now.unfinished) != (last.files, last.unfinished):
                last, since = now, moment
            changes = differences(before or {}, last.files) if last else Changes()
            if not changes:
                if last and before is None:
                    self._tell_empty()
                self._wait(idle=True)
            elif (
                last
                and moment - since >= self.patience.quiet
                and not is_open(self.folder, changes.new + changes.changed)
            ):
                return last.files
            else:
                self._wait(idle=False)

    def _tell_empty(self) -> None:
        if not self._empty:
            self.console.say(text("watch.empty", folder=self.folder))
        self._empty = True

    def _look(self) -> Look | None:
        """Look at the folder; None while it is not there, which is told once."""
        try:
            found = look(self.folder, self.bodies)
        except OSError as error:
            if not self._lost:
                self.console.warn(text("watch.lost", folder=self.folder, why=reason(error)))
            self._lost, self._told = True, None
            return None
        if self._lost:
            self._lost = False
            self.console.say(text("watch.back", folder=self.folder))
        return found

    def _wait(self, *, idle: bool) -> None:
        """Wait a tick, or when idle until something is told or the heartbeat comes."""
        until = time.monotonic() + ((self.patience.poll or self.patience.heartbeat) if idle else self.patience.tick)
        while (left := until - time.monotonic()) > 0:
            if self._lost or self.patience.poll:
                time.sleep(min(left, self.patience.tick))
            elif self._next() and idle:
                return

    def _next(self) -> bool:
        """Return whether the operating system has told something; false after a tick of silence."""
        tick, begins = int(self.patience.tick * 1000), self._told is None
        try:
            if self._told is None:
                self._told = told_by_system(
                    self.folder,
                    watch_filter=None,
                    debounce=min(tick, 400),
                    step=min(tick, 50),
                    rust_timeout=tick,
                    yield_on_timeout=True,
                    raise_interrupt=True,
                    ignore_permission_denied=True,
                )
            return bool(next(self._told)) or begins  # what changed before it listened, nobody has told
        except (OSError, RuntimeError, StopIteration):
            # The folder has gone, or the system bears no more watches: it is looked at regularly.
            self._told = None
            time.sleep(self.patience.tick)
            return False
