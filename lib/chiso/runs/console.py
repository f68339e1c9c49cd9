"""What a run tells while it works: a bar with the time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from chiso.messages import locales, text


class Console:
    """Lines on ``out``, warnings and the progress bar on ``err``."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out, self._err = out, err
        self._bar: Progress | None = None

    def say(self, line: str) -> None:
        """Print a line."""
        self._print(line, self._out or sys.stdout)

    def warn(self, line: str) -> None:
        """Print a line that wants attention."""
        self._print(line, self._err or sys.stderr)

    def _print(self, line: str, stream: TextIO) -> None:
        if self._bar:
            self._bar.print(line, stream)
        else:
            print(line, file=stream, flush=True)

    @contextmanager
    def progress(self, total: int) -> Iterator[Progress]:
        """Show the progress of ``total`` notebooks while the block runs."""
        stream = self._err or sys.stderr
        self._bar = Bar(total, stream) if stream.isatty() else Progress(total, self._out or sys.stdout)
        try:
            yield self._bar
        finally:
            self._bar.close()
            self._bar = None


class Progress:
    """One plain line a finished notebook."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self.total, self.finished, self.stream = total, 0, stream
        self.running: dict[str, float] = {}
        self._turn = threading.RLock()  # notebooks report from their own threads

    def begin(self, name: str) -> None:
        """Tell that a notebook has started."""
        with self._turn:
            self.running[name] = time.monotonic()

    def done(self, name: str, status: str) -> None:
        """Tell that a notebook has ended."""
        with self._turn:
            self.finished += 1
            seconds = time.monotonic() - self.running.pop(name)
            line = text(
                "runs.progress",
                number=self.finished,
                total=self.total,
                name=name,
                status=text(f"runs.status_{status}"),
                seconds=locales.number(f"{seconds:.1f}"),
            )
            self.show(line)

    def show(self, line: str) -> None:
        """Print the line of a finished notebook."""
        self.print(line, self.stream)

    def print(self, line: str, stream: TextIO) -> None:
        """Print a line without disturbing the progress."""
        print(line, file=stream, flush=True)

    def close(self) -> None:
        """End the display."""


class Bar(Progress):
    """A bar with the names of the running notebooks and the time left."""

    def __init__(self, total: int, stream: TextIO) -> None:
        super().__init__(total, stream)
        from tqdm import tqdm

        self.bar = tqdm(total=total, file=stream, dynamic_ncols=True, bar_format=text("runs.bar"), leave=False)

    def begin(self, name: str) -> None:
        """Show the notebook's name."""
        with self._turn:
            super().begin(name)
            self._name()

    def show(self, line: str) -> None:
        """Advance the bar."""
        self.print(line, self.stream)
        self.bar.update()
        self._name()

    def _name(self) -> None:
        self.bar.set_description_str(", ".join(self.running), refresh=True)

    def print(self, line: str, stream: TextIO) -> None:
        """Print above the bar."""
        self.bar.write(line, file=stream)

    def close(self) -> None:
        """Take the bar away."""
        self.bar.close()
