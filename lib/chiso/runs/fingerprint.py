"""What a report rests on, as hashes: the same hashes, the same bytes; another hash says what made a report stale."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from typing import Any

import polars as pl

import chiso

#: Characters of a hash that records keep: enough that no two inputs of a body ever share them.
LENGTH = 16

#: Name of an input -> its hash.
Inputs = Mapping[str, str]


def digest(content: Any) -> str:
    """Return the hash of plain data (what JSON can hold), of bytes or of a frame: rows, order and dtypes.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    if isinstance(content, pl.DataFrame):
        # By its values: the same ones may lie differently in memory, as they were computed or read from a file.
        schema = repr(list(content.schema.items())).encode()
        content = schema + b"\n" + content.write_ndjson().encode()
    elif not isinstance(content, bytes):
        content = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str).encode()
    return hashlib.sha256(content).hexdigest()[:LENGTH]


def together(inputs: Inputs) -> str:
    """Return one hash of named inputs: the fingerprint of what is made of them."""
    return digest(dict(inputs))


@cache
def library() -> str:
    """Return the hash of this package's files: code, catalogues, messages, templates, fonts; and of its version."""
    state = hashlib.sha256(chiso.__version__.encode())
    for name, file in _files(resources.files("chiso")):
        state.update(name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return state.hexdigest()[:LENGTH]


def _files(folder: Traversable, prefix: str = "") -> list[tuple[str, Traversable]]:
    """Return every file below a folder with its path there, in the order of the names."""
    found: list[tuple[str, Traversable]] = []
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            found += _files(entry, f"{prefix}{entry.name}/") if entry.name != "__pycache__" else []
        elif not entry.name.startswith("."):
            found.append((f"{prefix}{entry.name}", entry))
    return found


@cache
def versions() -> Mapping[str, str]:
    """Return the versions installed of Python (without its last part) and of the libraries the package names."""
    found = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    for requirement in metadata.requires("chiso") or []:
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        if "extra ==" not in requirement:
            found[name] = metadata.version(name)
    return found
