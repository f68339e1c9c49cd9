"""What goes through the pipe beside a kernel's own messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Execute:
    """Execute the source of a cell; the kernel's messages follow, then an :class:`Answer` with its reply."""

    source: str


@dataclass(frozen=True)
class Call:
    """Call a function (``module:name``) in a language; an :class:`Answer` with what it gave follows."""

    function: str
    args: tuple[Any, ...]
    language: str


@dataclass(frozen=True)
class Answer:
    """What an order gave, or the error it raised."""

    value: Any = None
    error: Exception | None = None
