"""Every sentence a user reads, by key; one folder a language.

A process speaks one language: Vietnamese, unless ``CHISO_LANG`` names another when it starts or :func:`use` chooses
one before anything is shown. Both folders hold the same keys with the same values to fill in (a test proves it).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from functools import cache, partial
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import Any

#: The language of the administration, and of every text that another lacks.
DEFAULT = "vi"
LANGUAGES = (DEFAULT, "en")
#: Environment variable with the language of command lines that name none.
VARIABLE = "CHISO_LANG"


def _asked() -> str:
    asked = os.environ.get(VARIABLE, "")
    return asked if asked in LANGUAGES else DEFAULT


_chosen = _asked()


def language() -> str:
    """Return the language of this process: ``vi`` or ``en``."""
    return _chosen


def use(chosen: str) -> None:
    """Choose the language of everything that follows; an empty text changes nothing.

    Raises:
        ValueError: a language without messages.
    """
    global _chosen
    if chosen not in (*LANGUAGES, ""):
        raise ValueError(chosen)
    _chosen = chosen or _chosen


def language_folder(out: Path) -> Path:
    """Return where outputs of this language go: ``out`` itself in Vietnamese, else a folder of the language in it."""
    return out if _chosen == DEFAULT else out / _chosen


@cache
def messages(language: str) -> dict[str, str]:
    """Return all messages of a language by dotted key ``part.key``."""
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

    folder = resources.files(__package__) / language
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            walk("", tomllib.loads(file.read_text(encoding="utf-8")))
    return flat


def text(key: str, /, **values: object) -> str:
    """Return the message ``key`` with ``values`` filled in (``str.format``; a literal brace is doubled).

    A field whose form begins with ``|`` writes words in place of its value: the first if the value is written ``1``,
    else the second. ``{count} {count:|row is|rows are} blank`` becomes "1 row is blank", "0 rows are blank".

    Raises:
        KeyError: no such message, or a value its template names is not given.
    """
    return _filler(key, _chosen)(**values)


def texts(key: str, /) -> tuple[str, ...]:
    """Return a message without values in every language: what a file may hold that was written in another."""
    return tuple(dict.fromkeys(_template(key, language) for language in LANGUAGES))


def has(key: str) -> bool:
    """Return whether a message of that key exists."""
    return key in messages(DEFAULT)


class _Counting(Formatter):
    """``str.format`` with words for one and for many, ``{count:|row|rows}``."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if not format_spec.startswith("|"):
            return str(super().format_field(value, format_spec))
        one, many = format_spec[1:].split("|")
        return one if str(value) == "1" else many


@cache
def _filler(key: str, language: str) -> Callable[..., str]:
    # str.format is ten times as fast as a Formatter: only templates with words for one and for many need that.
    template = _template(key, language)
    return partial(_Counting().format, template) if ":|" in template else template.format


def _template(key: str, language: str) -> str:
    # A sentence not yet translated is better than none.
    return messages(language).get(key) or messages(DEFAULT)[key]
