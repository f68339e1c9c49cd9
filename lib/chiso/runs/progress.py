"""What is told of the tasks of a run: a bar with the time left on a terminal, lines in a log, events for programs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, TextIO

from chiso.messages import locales, text
from chiso.runs.time_left import TimeLeft, words

#: How a task stands. ``fresh``: there was nothing to do, what stands there holds.
Status = Literal["queued", "running", "ok", "fresh", "failed", "timed_out", "killed"]
#: What went wrong.
BAD: frozenset[str] = frozenset({"failed", "timed_out", "killed"})
_TICK = 1.0


@dataclass(frozen=True)
class TaskName:
    """A task of a run over several periods or bodies; as text ``so-noi-vu 2024-Q4 B3_procedures``."""

    task: str
    period: str = ""
    body: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.body, self.period, self.task) if part)


class Progress:
    """One plain line a finished task; what had nothing to do is told in one line for all.

    Tasks may report from any thread. ``say`` prints a line above whatever is drawn.
    """

    def __init__(self, left: TimeLeft, say: Callable[[str], None]) -> None:
        self.left, self._say = left, say
        self._fresh = 0
        self._turn = threading.RLock()

    def queued(self, names: Iterable[str | TaskName]) -> None:
        """Tell which tasks wait."""

    def begin(self, name: str | TaskName) -> None:
        """Tell that a task has started."""
        with self._turn:
            self._tell_fresh()
            self.left.begin(str(name))

    def done(self, name: str | TaskName, status: Status) -> None:
        """Tell that a task has ended; one that is ``fresh`` need not have begun.

        Those told before the first task begins are named in one line then, others when the run ends.
        """
        with self._turn:
            seconds = self.left.done(str(name), worked=status != "fresh")
            if status == "fresh":
                self._fresh += 1
            else:
                self._say(
                    text(
                        "runs.progress",
                        number=self.left.finished,
                        total=self.left.total,
                        name=name,
                        status=text(f"runs.status_{status}"),
                        seconds=locales.number(f"{seconds:.1f}"),
                    )
                )

    def _tell_fresh(self) -> None:
        if self._fresh:
            count, self._fresh = self._fresh, 0
            self._say(text("console.fresh", count=count))

    def close(self) -> None:
        """End the display."""
        with self._turn:
            self._tell_fresh()


class Bar(Progress):
    """The same lines, and below them a bar with the time left and the names of the running tasks."""

    def __init__(self, left: TimeLeft, say: Callable[[str], None], stream: TextIO) -> None:
        super().__init__(left, say)
        from tqdm import tqdm

        self.bar = tqdm(
            total=left.total,
            file=stream,
            dynamic_ncols=True,
            bar_format="{n_fmt}/{total_fmt} |{bar:12}| {desc}",
            leave=False,
        )
        self._closed = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="chiso-progress", daemon=True)
        self._ticker.start()

    def begin(self, name: str | TaskName) -> None:
        """Show the task's name."""
        with self._turn:
            super().begin(name)
            self._draw()

    def done(self, name: str | TaskName, status: Status) -> None:
        """Print the task's line and advance the bar."""
        with self._turn:
            super().done(name, status)
            self._draw()

    def print(self, line: str, stream: TextIO) -> None:
        """Print above the bar."""
        with self._turn:
            self.bar.write(line, file=stream)

    def _draw(self) -> None:
        """Draw the bar; a terminal that has gone away hinders nothing."""
        running = [f"{name} {taken:.0f} s" for name, taken in self.left.running.items()]
        seconds = self.left.seconds()
        left = words(seconds) if seconds is None else text("console.left", left=words(seconds))
        with suppress(OSError, ValueError):
            self.bar.n = self.left.finished
            self.bar.set_description_str(" · ".join([left, *running]), refresh=True)

    def _tick(self) -> None:
        while not self._closed.wait(_TICK):
            with self._turn:
                if not self._closed.is_set():
                    self._draw()

    def close(self) -> None:
        """Take the bar away."""
        self._closed.set()
        super().close()
        self._ticker.join()
        with suppress(OSError, ValueError):
            self.bar.close()


class Events(Progress):
    """An event for each change of a task; ``emit(event, level, fields)`` writes it."""

    def __init__(self, left: TimeLeft, emit: Callable[[str, str, dict[str, Any]], None]) -> None:
        super().__init__(left, lambda line: None)
        self._emit = emit

    def queued(self, names: Iterable[str | TaskName]) -> None:
        """Tell which tasks wait."""
        with self._turn:
            for name in names:
                self._task(name, "queued", None)

    def begin(self, name: str | TaskName) -> None:
        """Tell that a task has started."""
        with self._turn:
            self.left.begin(str(name))
            self._task(name, "running", None)

    def done(self, name: str | TaskName, status: Status) -> None:
        """Tell that a task has ended."""
        with self._turn:
            self._task(name, status, self.left.done(str(name), worked=status != "fresh"))

    def _task(self, name: str | TaskName, status: Status, seconds: float | None) -> None:
        left = self.left.seconds()
        named = name if isinstance(name, TaskName) else TaskName(name)
        fields: dict[str, Any] = {"task": named.task, "status": status}
        fields |= {key: value for key in ("period", "body") if (value := getattr(named, key))}
        fields |= {} if seconds is None else {"seconds": round(seconds, 3)}
        fields |= {"finished": self.left.finished, "total": self.left.total}
        fields["seconds_left"] = None if left is None else round(left, 1)
        self._emit("task", "error" if status in BAD else "info", fields)
