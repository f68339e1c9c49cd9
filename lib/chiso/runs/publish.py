"""A finished period, copied to a folder behind an address: what is there already and the same is not sent again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.runs.manifest import FILE, read_manifest
from chiso.runs.packs import open_address, put_whole


def publish(folder: Path, address: str, within: str) -> tuple[int, int]:
    """Copy the outputs of a period, the manifest last; files that the manifest there names and this one does not, go.

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
    place = f"{root.rstrip('/')}/{within}"
    outputs = read_manifest(folder)["outputs"]
    there = _manifest(files, f"{place}/{FILE}").get("outputs", {})
    changed = [name for name, sha in sorted(outputs.items()) if there.get(name) != sha]
    for name in changed:
        content = (folder / name).read_bytes()
        put_whole(files, f"{place}/{name}", content)
    record = folder / FILE
    if not files.exists(f"{place}/{FILE}") or files.cat_file(f"{place}/{FILE}") != record.read_bytes():
        put_whole(files, f"{place}/{FILE}", record.read_bytes())
    gone = [name for name in sorted(set(there) - set(outputs)) if files.exists(f"{place}/{name}")]
    for name in gone:
        files.rm_file(f"{place}/{name}")
    return len(changed), len(gone)


def _manifest(files: Any, place: str) -> dict[str, Any]:
    """Return the manifest at the address; empty where there is none that can be read."""
    try:
        found = json.loads(files.cat_file(place))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
