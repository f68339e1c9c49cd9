"""Pieces of results kept beside the imports of a body, each known by what it was made of.

A shelf is a zip file of one timeframe or purpose; a piece is some frames under a name and a hash of everything that
they depend on. What cannot be read, or was made of something else, is not there: it is made again. Removing a shelf,
or all, costs time only. A shelf is written whole beside its place and renamed, so that processes at work at the same
time never see half of one; the last one's pieces stay.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

#: Folder of the shelves beside the imports of a body.
FOLDER = "figures"
#: Shelves kept in a folder, and pieces of one name on a shelf: the newest.
SHELVES, VERSIONS = 64, 3

Frames = Mapping[str, pl.DataFrame]
#: What reading kept bytes may raise. RuntimeError: a zip with a password, or packed in a way that is not known here.
DAMAGED: tuple[type[Exception], ...] = (
    *(OSError, zipfile.BadZipFile, zlib.error, pl.exceptions.PolarsError),
    *(KeyError, ValueError, EOFError, RuntimeError, TypeError),
)


def key_of(*parts: Any) -> str:
    """Return the hash of plain data: what JSON can hold, and bytes; anything else as its text."""
    state = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else _plain(part)
        state.update(str(len(content)).encode() + b":" + content)
    return state.hexdigest()[:32]


def _plain(part: Any) -> bytes:
    return json.dumps(part, ensure_ascii=False, sort_keys=True, default=str).encode()


class Shelf:
    """The pieces of one purpose; without a file nothing is kept and every piece is made."""

    def __init__(self, file: Path | None = None, salt: str = "") -> None:
        self._salt = salt
        self._old = _read(file) if file else {}
        self._new: dict[str, bytes] = {}
        self._used: set[str] = set()

    def get(self, name: str, *made_of: Any) -> dict[str, pl.DataFrame] | None:
        """Return the frames of a piece that was made of this; None where there is none."""
        place = self._place(name, made_of)
        content = self._new.get(place) or self._old.get(place)
        if content is None:
            return None
        try:
            found = _unpacked(content)
        except DAMAGED:
            self._old.pop(place, None)
            return None
        self._used.add(place)
        return found

    def put(self, frames: Frames, name: str, *made_of: Any) -> None:
        """Keep the frames of a piece under its name and what it was made of."""
        self._new[self._place(name, made_of)] = packed(frames)

    def frames(self, make: Callable[[], Frames], name: str, *made_of: Any) -> Frames:
        """Return the frames of a piece: those kept, else those made now."""
        found: Frames | None = self.get(name, *made_of)
        if found is None:
            found = make()
            self.put(found, name, *made_of)
        return found

    def _place(self, name: str, made_of: tuple[Any, ...]) -> str:
        return f"{name}/{key_of(self._salt, name, *made_of)}"

    def pieces(self) -> dict[str, bytes] | None:
        """Return what the shelf is to hold, the newest first; None where nothing was added."""
        if not self._new:
            return None
        order = [*self._new, *(p for p in self._old if p in self._used), *(p for p in self._old if p not in self._used)]
        kept: dict[str, bytes] = {}
        counts: dict[str, int] = {}
        for place in dict.fromkeys(order):
            name = place.rpartition("/")[0]
            counts[name] = counts.get(name, 0) + 1
            if counts[name] <= VERSIONS:
                kept[place] = self._new.get(place) or self._old[place]
        return kept


class NoShelf(Shelf):
    """Nothing is kept, and nothing hashed."""

    def get(self, name: str, *made_of: Any) -> None:
        """Return None."""

    def put(self, frames: Frames, name: str, *made_of: Any) -> None:
        """Keep nothing."""


#: For computations that keep nothing.
NOTHING_KEPT = NoShelf()


@dataclass(frozen=True)
class Kept:
    """The shelves of one body.

    Attributes:
        folder: where they lie; None: nothing is kept.
        salt: what every piece depends on besides what it names: code, versions of libraries, language.
    """

    folder: Path | None = None
    salt: str = ""

    @contextmanager
    def shelf(self, name: str) -> Iterator[Shelf]:
        """Yield a shelf; what was added is written when the block ends without error."""
        if self.folder is None:
            yield NOTHING_KEPT
            return
        file = self.folder / f"{name}.zip"
        shelf = Shelf(file, self.salt)
        yield shelf
        pieces = shelf.pieces()
        with suppress(OSError):  # a full or read-only disk costs time, not the run
            if pieces is None:
                os.utime(file)
            else:
                _write(file, pieces)
                _remove_old(self.folder, file)


def _read(file: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(file) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except DAMAGED:
        return {}


def _write(file: Path, pieces: Mapping[str, bytes]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, piece in pieces.items():
            archive.writestr(zipfile.ZipInfo(name), piece)
    with tempfile.NamedTemporaryFile(prefix=".tmp-", dir=file.parent, delete=False) as stream:
        work = Path(stream.name)
    try:
        work.write_bytes(content.getvalue())
        work.chmod(0o644)
        work.replace(file)
    except BaseException:
        work.unlink(missing_ok=True)
        raise


def _remove_old(folder: Path, newest: Path) -> None:
    """Remove shelves beyond the newest `SHELVES`."""
    ages = []
    for file in folder.glob("*.zip"):
        with suppress(OSError):
            ages.append((file.stat().st_mtime_ns, file))
    for _, file in sorted((a for a in ages if a[1] != newest), reverse=True)[SHELVES - 1 :]:
        with suppress(OSError):
            file.unlink()


def packed(frames: Frames) -> bytes:
    """Return frames as bytes: names and lengths in a line of JSON, then one Arrow stream each.

    In Arrow's oldest form, which holds the text of the frame's rows and not of all that they were cut from. It may
    still hold bytes of blanked cells: it is for figures, not for what was read from files.
    """
    streams = []
    for frame in frames.values():
        buffer = BytesIO()
        frame.rechunk().write_ipc_stream(buffer, compat_level=pl.CompatLevel.oldest())
        streams.append(buffer.getvalue())
    head = json.dumps([(name, len(stream)) for name, stream in zip(frames, streams, strict=True)])
    return b"\n".join([head.encode(), b"".join(streams)])


def _unpacked(content: bytes) -> dict[str, pl.DataFrame]:
    """Return the frames that :func:`packed` made bytes of.

    Raises:
        one of `DAMAGED`: they are none, or not whole.
    """
    head, _, rest = content.partition(b"\n")
    found, at = {}, 0
    for name, length in json.loads(head):
        found[name] = pl.read_ipc_stream(BytesIO(rest[at : at + length]))
        at += length
    return found


#: For runs that keep nothing.
NO_SHELVES = Kept()
