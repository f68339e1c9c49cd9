"""A finished period, copied to a folder behind an address: what is there already and the same is not sent again.

All that is new is sent beside the period first; what was published stays whole if that breaks off. Then the files take
their places one after the other. Meanwhile the manifest there owns to none of those that are moved or removed, so that
whoever publishes next sends them again if this breaks off too; the real one comes last.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.runs.manifest import FILE, read_manifest
from chiso.runs.packs import open_address, put, put_whole, take_place

#: Folder within a published period for what has been sent and is not in its place yet.
INCOMING = ".incoming"


def publish(folder: Path, address: str, within: str) -> tuple[int, int]:
    """Copy the outputs of a period; files that the manifest there names and this one does not, go.

    Args:
        folder: the period's folder.
        address: a folder, in any form that fsspec knows: a path, ``sftp://``, ``s3://`` …
        within: the period's folder below the address, with slashes.

    Returns:
        Number of files sent and of files removed.

    Raises:
        ChisoError: the address cannot be written to, or what it needs is not installed.
    """
    try:
        return _publish(folder, address, within)
    except ImportError as error:
        raise ChisoError(text("dask.not_installed", name=error.name or error)) from error
    except Exception as error:  # each file system has its own kinds
        reason = ": ".join(part for part in (type(error).__name__, str(error)) if part)
        raise ChisoError(text("dask.publish_failed", address=address, reason=reason)) from error


def _publish(folder: Path, address: str, within: str) -> tuple[int, int]:
    files, root = open_address(address)
    files.invalidate_cache()
    place = f"{root.rstrip('/')}/{within}"
    incoming = f"{place}/{INCOMING}"
    _remove(files, incoming)  # of one that broke off
    outputs = read_manifest(folder)["outputs"]
    there = _published(files, f"{place}/{FILE}")
    changed = [name for name, sha in sorted(outputs.items()) if there.get(name) != sha]
    gone = sorted(set(there) - set(outputs))
    if not changed and not gone and _same(files, f"{place}/{FILE}", folder / FILE):
        return 0, 0
    try:
        for name in (*changed, FILE):
            put(files, f"{incoming}/{name}", (folder / name).read_bytes())
        doubtful = {**there, **dict.fromkeys((*changed, *gone), "")}
        put_whole(files, f"{place}/{FILE}", json.dumps({"outputs": doubtful}, sort_keys=True).encode())
        for name in changed:
            files.makedirs(str(PurePosixPath(f"{place}/{name}").parent), exist_ok=True)
            take_place(files, f"{incoming}/{name}", f"{place}/{name}")
        gone = [name for name in gone if files.exists(f"{place}/{name}")]
        for name in gone:
            files.rm_file(f"{place}/{name}")
        take_place(files, f"{incoming}/{FILE}", f"{place}/{FILE}")
    finally:
        with suppress(Exception):  # the address may be lost
            _remove(files, incoming)
    return len(changed), len(gone)


def _remove(files: Any, folder: str) -> None:
    if files.exists(folder):
        files.rm(folder, recursive=True)


def _same(files: Any, place: str, file: Path) -> bool:
    try:
        return bool(files.cat_file(place) == file.read_bytes())
    except OSError:
        return False


def _published(files: Any, place: str) -> dict[str, str]:
    """Return the hashes that the manifest at the address gives, by name; none where there is none that can be read.

    Others may write there: a name that leads out of the folder is passed over.
    """
    try:
        found = json.loads(files.cat_file(place))["outputs"].items()
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}
    return {name: sha for name, sha in found if not {"..", "/", ""} & {*PurePosixPath(name).parts}}
