"""Writing files so that a reader finds the old one or the new one, never half of it."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.messages.system import reason


class OutputError(ChisoError):
    """The output folder cannot be written: no such place, no right, no room, or a file open elsewhere."""


def output_error(path: Path, error: OSError) -> OutputError:
    """Return an operating system's refusal as a message that says which file and why."""
    return OutputError(text("runs.unwritable", path=path, why=reason(error)))


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``target`` that takes its place when the block ends without an error.

    Several targets entered in one ``ExitStack`` are renamed only after all of them were written.

    Raises:
        OutputError: the file cannot be written or replaced.
    """
    temporary = target.with_name(f".{os.getpid()}-{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(target)
    except OSError as error:
        raise output_error(target, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_text(target: Path, content: str) -> Path:
    """Write UTF-8 text with ``\\n`` line ends, on every platform the same bytes."""
    return write_bytes(target, content.encode("utf-8"))


def write_bytes(target: Path, content: bytes) -> Path:
    """Write a file whole."""
    with replacing(target) as temporary:
        temporary.write_bytes(content)
    return target


def sha256(path: Path) -> str:
    """Return the hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sweep(folder: Path) -> None:
    """Remove temporary files that a killed run has left; for the holder of the folder's lock only."""
    for path in folder.rglob(".*-*"):
        if re.fullmatch(r"\.\d+-.+", path.name) and path.is_file():
            with suppress(OSError):
                path.unlink()


def require_writable(folder: Path) -> None:
    """Make ``folder`` and prove that files can be written to it.

    Raises:
        OutputError: it cannot be made, or is not writable.
    """
    probe = folder / f".{os.getpid()}-probe"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise output_error(folder, error) from error
