"""How long a run will still take: from what each task took last time, corrected by how this run goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from chiso.messages import text


class TimeLeft:
    """Keeps account of the tasks of a run.

    Args:
        total: how many tasks there are.
        expected: seconds that tasks took in an earlier run, by name; those not named are taken to be like the others.
        at_once: how many tasks run at a time; None: as many as have been seen to.
        clock: gives seconds, of any origin.
    """

    def __init__(
        self,
        total: int,
        expected: Mapping[str, float] | None = None,
        at_once: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total, self.at_once, self.clock = total, at_once, clock
        self.expected = dict(expected or {})
        self.finished = 0
        self._begun: dict[str, float] = {}
        self._most = 1
        self._took: list[float] = []  # tasks that did something
        self._foreseen = self._needed = 0.0  # seconds of the same finished tasks, then and now
        self._unmet = dict(self.expected)  # tasks that have not begun

    @property
    def running(self) -> dict[str, float]:
        """Seconds that each running task has taken, in the order they began."""
        now = self.clock()
        return {name: now - begun for name, begun in self._begun.items()}

    def begin(self, name: str) -> None:
        """Take a task as begun."""
        self._unmet.pop(name, None)
        self._begun[name] = self.clock()
        self._most = max(self._most, len(self._begun))

    def done(self, name: str, *, worked: bool = True) -> float:
        """Take a task as ended and return its seconds; one that had nothing to do (``worked`` false) tells nothing."""
        now = self.clock()
        seconds = now - self._begun.pop(name, now)
        self._unmet.pop(name, None)
        self.finished += 1
        if worked:
            self._took.append(seconds)
            if name in self.expected:
                self._foreseen += self.expected[name]
                self._needed += seconds
        return seconds

    def seconds(self) -> float | None:
        """Return the seconds left; None while nothing is known to tell them from."""
        each = self._mean()
        if each is None:
            return None
        pace = self._pace()
        # A task that takes longer than it should is taken to be nearly there: a tenth of its time is left.
        running = [
            max(self.expected.get(name, each) * pace - taken, taken / 10 if name in self.expected else 0.0)
            for name, taken in self.running.items()
        ]
        waiting = max(self.total - self.finished - len(running), 0)
        known = sorted(self._unmet.values(), reverse=True)[:waiting]
        queue = [seconds * pace for seconds in known] + [each * pace] * (waiting - len(known))
        work = [*running, *queue]
        # Neither faster than the work shared evenly, nor than the longest task alone.
        return max(sum(work) / min(self._width(), max(len(work), 1)), *work, 0.0) if work else 0.0

    def _width(self) -> int:
        return max(self.at_once or self._most, 1)

    def _mean(self) -> float | None:
        """Return the seconds of a task that nothing else is known of, at the pace of the earlier run."""
        if self.expected:
            return sum(self.expected.values()) / len(self.expected)
        return sum(self._took) / len(self._took) if self._took else None

    def _pace(self) -> float:
        """Return how much longer tasks take now; the first few finished ones count little."""
        if not self.expected or not self._foreseen:
            return 1.0
        belief = sum(self.expected.values()) / len(self.expected)
        return (self._needed + belief) / (self._foreseen + belief)


def words(seconds: float | None) -> str:
    """Return a time left as people say it: rounded, the more the longer it is.

    >>> words(3), words(42), words(200), words(5400)
    ('vài giây', 'khoảng 45 giây', 'khoảng 3 phút', 'khoảng 1 giờ 30 phút')
    """
    if seconds is None:
        return text("console.left_unknown")
    if seconds < 7.5:
        return text("console.left_moment")
    if seconds < 87.5:
        return text("console.left_seconds", count=5 * round(seconds / 5))
    minutes = round(seconds / 60)
    if minutes < 60:
        return text("console.left_minutes", count=minutes)
    hours, minutes = divmod(10 * round(minutes / 10), 60)
    return text("console.left_hours", hours=hours, minutes=minutes)
