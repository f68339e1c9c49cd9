"""What a plan tells, named where several are carried out at once."""

from __future__ import annotations

from pathlib import Path

from chiso.messages import text
from chiso.runs.console import Console
from chiso.runs.progress import TaskName


class Named(Console):
    """Puts the plan's name before its warnings; one that was told of another period of the body is not told again."""

    def __init__(self, console: Console, name: TaskName, told: set[tuple[str, str]]) -> None:
        """Wrap a console.

        Args:
            console: is told.
            name: of the plan.
            told: body and words of what was told so far; all plans of a run share it.
        """
        super().__init__()
        self._console, self._name, self._told = console, name, told

    def say(self, line: str) -> None:
        """Print a line."""
        self._console.say(line)

    def warn(self, line: str) -> None:
        """Print a line that wants attention, with the plan's name."""
        if (self._name.body, line) not in self._told:
            self._told.add((self._name.body, line))
            self._console.warn(text("runs.plan_failed", plan=self._name, why=line))

    def wrote(self, *paths: Path) -> None:
        """Take note of what a reader opens first."""
        self._console.wrote(*paths)
