"""What goes through the pipe beside a kernel's own messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the process is warmed up before the run loads anything of this
    from nbformat import NotebookNode

    from chiso.reporting.pages import Page


@dataclass(frozen=True)
class Execute:
    """Execute the source of a cell; the kernel's messages follow, then an :class:`Answer` with its reply."""

    source: str


@dataclass(frozen=True)
class Render:
    """Make the page of an executed notebook in a language; an :class:`Answer` follows."""

    notebook: NotebookNode
    page: Page
    language: str


@dataclass(frozen=True)
class Answer:
    """What an order gave, or the error it raised."""

    value: Any = None
    error: Exception | None = None
