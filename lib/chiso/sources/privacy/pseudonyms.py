"""Pseudonyms for people's codes, made with a key that stays on this machine.

The same code has the same pseudonym as long as the key is the same, in every table and every import, so people are
counted and followed right; without the key nobody can tell whose it is, or try out all codes.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.messages.system import reason

#: Environment variable with the path of the key file, where it is kept elsewhere or shared by several folders.
VARIABLE = "CHISO_PSEUDONYM_KEY"
FILE_NAME = "pseudonym.key"
_PREFIX = "bd-"
_PSEUDONYM = re.compile(rf"{_PREFIX}[0-9a-f]{{16}}")
_BYTES = 32


@dataclass(frozen=True)
class Pseudonyms:
    """A key, and the pseudonyms made with it."""

    _key: bytes

    def __repr__(self) -> str:
        """Return the name of the class only: the key is in no message."""
        return "Pseudonyms()"

    @property
    def mark(self) -> str:
        """Return a mark of the key that does not tell it, for what depends on the key."""
        return hmac.new(self._key, b"mark of the key", hashlib.sha256).hexdigest()[:16]

    def of(self, code: str) -> str:
        """Return the pseudonym of a code; a pseudonym stays itself, so that rows may be handed back."""
        if _PSEUDONYM.fullmatch(code):
            return code
        return _PREFIX + hmac.new(self._key, b"person\0" + code.encode(), hashlib.sha256).hexdigest()[:16]

    def replace(self, codes: pl.Series) -> pl.Series:
        """Return a column of cleaned codes as pseudonyms; blanks stay blank."""
        distinct = codes.drop_nulls().unique().to_list()
        return codes.replace(distinct, [self.of(code) for code in distinct]) if distinct else codes


def load_pseudonyms(base: Path) -> Pseudonyms:
    """Return the pseudonyms made with the key file that the environment names, else with that of ``base``.

    Where there is no such file it is made, once, for its owner's eyes only.

    Raises:
        ChisoError: the file cannot be read or made, or holds no key.
    """
    named = os.environ.get(VARIABLE)
    path = Path(named) if named else base / FILE_NAME
    try:
        if not path.exists():
            _make(path)
    except OSError as error:
        raise ChisoError(text("sources.store.not_writable", folder=path.parent, error=reason(error))) from error
    try:
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else text("sources.pseudonyms.not_text")
        raise ChisoError(text("sources.pseudonyms.unreadable", file=path, error=why, variable=VARIABLE)) from error
    if not re.fullmatch(r"[0-9a-f]{64,}", key):
        raise ChisoError(text("sources.pseudonyms.no_key", file=path, variable=VARIABLE))
    return Pseudonyms(bytes.fromhex(key[: len(key) // 2 * 2]))


def _make(path: Path) -> None:
    """Write a new key that only its owner may read; if another run was first, its key stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".key-", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_BYTES) + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
