"""Files under the hash of their content: sent to another machine once, checked and kept there.

A pack is a handful of files that are needed together: the copy of a data folder, the result tables of a period, a
notebook. Its key is one hash of their names and contents. A worker lays it out in a folder of that name.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from chiso.runs.fingerprint import digest

_TURN = threading.Lock()


@dataclass(frozen=True)
class Pack:
    """Files by name, without their contents: ``index`` has the SHA-256 of each."""

    index: Mapping[str, str]

    @classmethod
    def of(cls, files: Mapping[str, Path | bytes]) -> Pack:
        """Return the pack of some files."""
        return cls({name: _sha256(read(content)) for name, content in sorted(files.items())})

    @cached_property
    def key(self) -> str:
        """One hash of names and contents."""
        return digest(dict(self.index))

    def lay_out(self, root: Path, content: Callable[[str, str], bytes]) -> Path:
        """Return the folder of this pack below ``root``; it is made, and every file checked, if it is not there.

        Args:
            root: folder of packs.
            content: gives the bytes of a file by its name and SHA-256.

        Raises:
            ValueError: the bytes are not those of the hash; nothing is kept.
        """
        place = root / self.key
        with _TURN:
            if place.is_dir():
                return place
            root.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(prefix=".tmp-", dir=root))
            try:
                for name, sha in self.index.items():
                    found = content(name, sha)
                    if _sha256(found) != sha:
                        raise ValueError(f"{name}: {sha[:12]} != {_sha256(found)[:12]}")
                    file = work / name
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(found)
                work.rename(place)
            finally:
                shutil.rmtree(work, ignore_errors=True)
        return place


class Store:
    """A folder behind an address (any that fsspec knows) with files under their SHA-256: each is written once."""

    def __init__(self, address: str) -> None:
        """Open it.

        Raises:
            ImportError: fsspec, or what it needs for this address, is not installed.
            ValueError: no such kind of address.
        """
        self.files, self.root = open_address(address)

    def put(self, pack: Pack, files: Mapping[str, Path | bytes]) -> int:
        """Write those files of a pack that are not there yet; return how many.

        Raises:
            OSError: the address cannot be written to.
        """
        written = 0
        for name, sha in pack.index.items():
            if not self.files.exists(self._place(sha)):
                put_whole(self.files, self._place(sha), read(files[name]))
                written += 1
        return written

    def get(self, sha: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            OSError: it is not there, or the address cannot be read.
        """
        found: bytes = self.files.cat_file(self._place(sha))
        return found

    def remove(self, pack: Pack) -> None:
        """Take the files of a pack away again.

        Raises:
            OSError: the address cannot be written to.
        """
        for sha in pack.index.values():
            self.files.rm_file(self._place(sha))

    def _place(self, sha: str) -> str:
        return str(PurePosixPath(self.root, sha[:2], sha))


def open_address(address: str) -> tuple[Any, str]:
    """Return the file system behind an address and the folder on it; a path without a scheme is a folder of this disk.

    Raises:
        ImportError: fsspec, or what it needs for this address, is not installed.
        ValueError: no such kind of address.
    """
    from fsspec.core import url_to_fs

    files, root = url_to_fs(address)
    return files, str(root)


def put_whole(files: Any, place: str, content: bytes) -> None:
    """Write a file so that nobody ever sees a part of it.

    Raises:
        OSError: it cannot be written.
    """
    part = f"{place}.{os.getpid()}-{threading.get_ident()}.part"
    put(files, part, content)
    take_place(files, part, place)


def put(files: Any, place: str, content: bytes) -> None:
    """Write a file, and the folders above it.

    Raises:
        OSError: it cannot be written.
    """
    files.makedirs(str(PurePosixPath(place).parent), exist_ok=True)
    files.pipe_file(place, content)


def take_place(files: Any, source: str, place: str) -> None:
    """Move a file to the place of another: at once where the address can do that; a network share of Windows, which
    never replaces a file, has none there for a moment.

    Raises:
        OSError: it cannot be moved.
    """
    try:
        files.mv(source, place)
    except Exception:
        if not (files.exists(source) and files.exists(place)):
            raise
        files.rm_file(place)
        files.mv(source, place)


def read(content: Path | bytes) -> bytes:
    """Return the bytes of a file that is given by its path or its content."""
    return content.read_bytes() if isinstance(content, Path) else content


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
