"""Every sentence a user reads, by key; one folder a language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

LANGUAGE = "vi"


@cache
def _messages() -> dict[str, str]:
    """Return all messages by dotted key ``part.key``."""
    flat: dict[str, str] = {}

    def walk(prefix: str, node: dict[str, Any]) -> None:
        for name, value in node.items():
            key = f"{prefix}{name}"
            if isinstance(value, dict):
                walk(f"{key}.", value)
            elif key in flat:
                raise ValueError(f"message {key!r} stands twice")
            else:
                flat[key] = str(value)

    folder = resources.files(__package__) / LANGUAGE
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            walk("", tomllib.loads(file.read_text(encoding="utf-8")))
    return flat


def text(key: str, /, **values: object) -> str:
    """Return the message ``key`` with ``values`` filled in (``str.format``; a literal brace is doubled).

    Raises:
        KeyError: no such message, or a value its template names is not given.
    """
    return _messages()[key].format(**values)


def has(key: str) -> bool:
    """Return whether a message of that key exists."""
    return key in _messages()
