"""Where imports are kept: one folder an import, named by what went into it, never changed once it is complete."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import polars as pl

from chiso.errors import ChisoError
from chiso.messages import DEFAULT, language, text
from chiso.messages.system import reason
from chiso.sources.config import FILE_NAME
from chiso.sources.dataset import INDEX
from chiso.sources.kept import key_of

#: Imports kept for each data folder; older ones are removed.
KEPT = 4


def digest(path: Path) -> str | None:
    """Return the SHA-256 of a file, None where it may not be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def fingerprint(folder: Path, digests: dict[str, str | None], mappings: Iterable[Path], *marks: str) -> str:
    """Return what an import depends on as one hash: names and bytes of its files, settings, code and messages.

    ``digests``: SHA-256 of the files that feed tables, by name; of the others only the names count. ``mappings``: the
    mapping files that say how they are read. ``marks``: of the code (:func:`code_mark`) and of the key that
    pseudonyms are made with.
    """
    entries = [(entry.name, digests.get(entry.name)) for entry in sorted(folder.iterdir(), key=lambda e: e.name)]
    named = [(mapping.name, digest(mapping)) for mapping in mappings]
    return key_of(entries, digest(folder / FILE_NAME), named, marks)[:12]


def code_mark() -> str:
    """Return the hash of what makes rows of files: the code of the import with its data, Polars, and the messages."""
    found: list[tuple[str, ...]] = [(pl.__version__,)]
    for package in ("chiso.sources", "chiso.worktime"):
        for name, file in _files(resources.files(package)):
            if name.endswith((".py", ".toml", ".csv")):
                found.append((package, name, hashlib.sha256(file.read_bytes()).hexdigest()))
    for spoken in sorted({DEFAULT, language()}):
        for name, file in _files(resources.files("chiso.messages") / spoken):
            found.append((spoken, name, hashlib.sha256(file.read_bytes()).hexdigest()))
    return key_of(found)


def _files(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    """Yield every file below a package's folder with its path there, in the order of the names."""
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry


def default_base(folder: Path) -> Path:
    """Return where imports of a folder go: ``data/processed/<name>`` of the project, else of the current folder."""
    here = Path.cwd()
    root = next((p for p in (here, *here.parents) if _is_project(p)), here)
    return root / "data" / "processed" / folder.resolve().name


def _is_project(folder: Path) -> bool:
    return (folder / "notebooks").is_dir() and (folder / "pyproject.toml").is_file()


def is_complete(folder: Path) -> bool:
    """Return whether a finished import lies there; marks it as the newest."""
    if not (folder / INDEX).is_file():
        return False
    with contextlib.suppress(OSError):  # a folder shared read-only is as good
        os.utime(folder)
    return True


def finished_imports(base: Path) -> list[Path]:
    """Return the finished imports under a folder, the newest first."""
    ages = []
    for folder in base.iterdir() if base.is_dir() else ():
        if re.fullmatch(r"[0-9a-f]{12}", folder.name):
            with contextlib.suppress(OSError):  # another run may have removed it meanwhile
                (folder / INDEX).stat()
                ages.append((folder.stat().st_mtime_ns, folder))
    return [folder for _, folder in sorted(ages, reverse=True)]


@contextlib.contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield a folder to write an import into; it takes its place at ``target`` when the block ends without error.

    Raises:
        ChisoError: the place cannot be written to.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".tmp-", dir=target.parent))
    except OSError as error:
        raise ChisoError(text("sources.store.not_writable", folder=target.parent, error=reason(error))) from error
    try:
        yield work
        work.chmod(0o755)
        try:
            work.rename(target)
        except OSError:
            if not is_complete(target):  # else another run finished the same import first
                raise
    except OSError as error:
        raise ChisoError(text("sources.store.not_writable", folder=target.parent, error=reason(error))) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _remove_old(target)


def _remove_old(newest: Path) -> None:
    """Remove imports beyond the newest `KEPT`."""
    for folder in [f for f in finished_imports(newest.parent) if f != newest][KEPT - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)
