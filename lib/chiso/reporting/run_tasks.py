"""Blocks of the page that tells how a run went: its tasks with their files, a command to copy, titled sections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from chiso.messages import text
from chiso.reporting import formats
from chiso.reporting.html import environment
from chiso.reporting.pages import slug

_COLUMNS = ("task", "status", "duration", "why", "files")


@dataclass(frozen=True)
class Made:
    """A file: its name relative to the page, and its size, in words and in bytes."""

    name: str
    size: str
    count: int


@dataclass(frozen=True)
class RunTask:
    """A task as it is shown: status and duration are in words."""

    label: str
    status: str
    failed: bool
    duration: str
    seconds: float | None
    reasons: tuple[str, ...]
    files: tuple[Made, ...]


@dataclass(frozen=True)
class RunTasks:
    """The tasks of a run in titled groups; of a task with many files the first are shown and the others folded."""

    groups: tuple[tuple[str, tuple[RunTask, ...]], ...]
    shown: int = 3

    def _repr_html_(self) -> str:
        columns = [(name, text(f"run_page.column_{name}")) for name in _COLUMNS]
        template = environment().get_template("run_tasks.html.j2")
        return template.render(groups=self.groups, shown=self.shown, columns=columns, raw=formats.raw)


@dataclass(frozen=True)
class Titled:
    """Blocks under a heading of their own."""

    title: str
    parts: tuple[Any, ...]

    def _repr_html_(self) -> str:
        body = Markup("\n").join(Markup(part._repr_html_()) for part in self.parts)
        return str(Markup('<h2 id="{}">{}</h2>\n{}').format(slug(self.title), self.title, body))


@dataclass(frozen=True)
class Command:
    """A command line to copy."""

    line: str

    def _repr_html_(self) -> str:
        return str(Markup('<pre class="text"><code>{}</code></pre>').format(self.line))
