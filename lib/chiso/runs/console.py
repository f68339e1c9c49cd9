"""What a run tells while it works, to a person at a terminal, to a log, or to a program that reads JSON lines."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TextIO

from chiso.runs.progress import Bar, Events, Progress
from chiso.runs.time_left import TimeLeft

Log = Literal["text", "json"]


class Console:
    """Lines on ``out``, warnings and the progress bar on ``err``.

    Nobody who listens no more ends a run: once a stream is closed, what would go there is dropped.
    """

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out, self._err = out, err
        self._bar: Bar | None = None
        self._deaf: set[int] = set()
        self._turn = threading.RLock()

    @staticmethod
    def for_log(log: Log, out: TextIO | None = None, err: TextIO | None = None) -> Console:
        """Return a console that writes sentences (``text``) or one JSON object a line on ``out`` (``json``)."""
        return JsonConsole(out, err) if log == "json" else Console(out, err)

    def say(self, line: str) -> None:
        """Print a line."""
        self._print(line, self._out or sys.stdout)

    def warn(self, line: str) -> None:
        """Print a line that wants attention."""
        self._print(line, self._err or sys.stderr)

    def event(self, name: str, level: str = "info", **fields: Any) -> None:
        """Tell programs what is no sentence; people are not told."""

    def wrote(self, *paths: Path) -> None:
        """Take note of what a reader opens first; the last event names it."""

    @contextmanager
    def progress(
        self, total: int, expected: Mapping[str, float] | None = None, at_once: int | None = None
    ) -> Iterator[Progress]:
        """Show the progress of ``total`` tasks while the block runs.

        Args:
            total: how many tasks there are, those with nothing to do among them.
            expected: seconds of each task, by name, in the last run: the time left is told from them.
            at_once: how many run at a time; None: as many as are seen to.
        """
        left, stream = TimeLeft(total, expected, at_once), self._err or sys.stderr
        shown: Progress
        if stream is not None and stream.isatty():
            shown = self._bar = Bar(left, self.say, stream)
        else:
            shown = Progress(left, self.say)
        try:
            yield shown
        finally:
            shown.close()
            self._bar = None

    @contextmanager
    def session(self, command: str, **about: Any) -> Iterator[Session]:
        """Enclose a command; the block sets the exit code.

        Args:
            command: its name.
            about: what else the first event tells.
        """
        yield Session()

    def _print(self, line: str, stream: TextIO | None) -> None:
        if stream is None or id(stream) in self._deaf:
            return
        try:
            if bar := self._bar:
                bar.print(line, stream)
            else:
                with self._turn:
                    print(line, file=stream, flush=True)
        except (OSError, ValueError):
            self._deaf.add(id(stream))
            _silence(stream)


class Session:
    """How a command ended: its exit code."""

    code = 0


class JsonConsole(Console):
    """One JSON object a line on ``out``, and nothing else; fields are told in docs/schedule.md."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        super().__init__(out, err)
        self._paths: list[Path] = []

    def say(self, line: str) -> None:
        """Write a sentence as an event."""
        self.event("message", message=line)

    def warn(self, line: str) -> None:
        """Write a sentence that wants attention as an event."""
        self.event("message", "warning", message=line)

    def event(self, name: str, level: str = "info", **fields: Any) -> None:
        """Write an event."""
        now = datetime.now().astimezone().isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "level": level, "event": name, **fields}, ensure_ascii=False, default=str)
        self._print(line, self._out or sys.stdout)

    def wrote(self, *paths: Path) -> None:
        """Take note of what a reader opens first."""
        self._paths = list(dict.fromkeys((*self._paths, *paths)))

    @contextmanager
    def progress(
        self, total: int, expected: Mapping[str, float] | None = None, at_once: int | None = None
    ) -> Iterator[Progress]:
        """Write an event for each change of a task while the block runs."""
        shown = Events(TimeLeft(total, expected, at_once), lambda name, level, f: self.event(name, level, **f))
        try:
            yield shown
        finally:
            shown.close()

    @contextmanager
    def session(self, command: str, **about: Any) -> Iterator[Session]:
        """Write the first and the last event of a command; the last has exit code and paths, however it ends."""
        from chiso.runs.exit_codes import code_of

        self.event("started", command=command, **about)
        begun, session = time.monotonic(), Session()
        why: dict[str, str] = {}
        try:
            yield session
        except BaseException as error:
            session.code = code_of(error)
            why = {"message": str(error)} if str(error) else {}
            raise
        finally:
            seconds = round(time.monotonic() - begun, 3)
            level = "info" if session.code == 0 else "error"
            told = {"command": command, "exit_code": session.code, "seconds": seconds, **why}
            self.event("finished", level, **told, paths=[str(path) for path in self._paths])


def _silence(stream: TextIO) -> None:
    """Lead a stream whose reader has gone nowhere, so that Python does not stumble over its rest when it ends."""
    if stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
