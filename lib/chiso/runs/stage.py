"""Where a run works: a folder beside the period's, whose files take their places all together when they are whole.

Until then the period's folder stays as it was. What a run that broke off has finished stands here and is used by the
next one, where its inputs are still the same. A list of the moves is written before the first of them: a run that is
stopped among them is brought to its end by whoever holds the period next.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from chiso.runs.files import output_error, sha256, sweep, write_bytes, write_text

#: Files of a work folder: what is known of its parts, and the moves under way.
STATE, MOVES = "state.json", "moves.json"
#: What of a request says where it is carried out.
_ELSEWHERE = ("engine", "scheduler", "shared", "publish")


@dataclass(frozen=True)
class Record:
    """What is known of one part of a run: a report, an office file, the result tables, the index.

    Attributes:
        status: ``queued``, ``running``, ``ok``, ``failed``, ``timed_out`` or ``killed``.
        inputs: hashes of what it rests on, by name.
        files: SHA-256 of the files it made, by name within the period's folder.
        component: of a report.
        about: what else is to be told of it.
    """

    status: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    component: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it went well."""
        return self.status == "ok"

    def plain(self) -> dict[str, Any]:
        """Return what JSON can hold, without what is empty."""
        return {key: value for key, value in asdict(self).items() if value}

    @classmethod
    def of(cls, content: Any) -> Record:
        """Return the record that :meth:`plain` gave; one of a foreign file is failed, so that it is made anew."""
        names = set(cls.__dataclass_fields__)
        if not isinstance(content, dict) or "status" not in content:
            return cls("failed")
        return cls(**{key: value for key, value in content.items() if key in names})


class Stage:
    """The work folder of one period. For the holder of the period's lock only."""

    def __init__(self, folder: Path, target: Path) -> None:
        """Open it, or make it.

        Args:
            folder: the work folder of the period.
            target: the period's folder.
        """
        self.folder, self.target = folder, target
        self.records: dict[str, Record] = {}
        self.request: dict[str, Any] = {}
        self._turn = threading.RLock()  # tasks begin in threads
        self._roll_forward()
        if folder.is_dir():
            sweep(folder)
            self._load()

    def begin(self, request: Mapping[str, Any], fresh: bool = False) -> None:
        """Note what is asked for; a run that asks for other things does not use what the last one left."""
        wanted = dict(request)
        if fresh or _asked(self.request) != _asked(wanted):
            self.discard()
            self.records = {}
        self.request = wanted
        self.save()

    def write(self, name: str, content: bytes) -> str:
        """Write a file whole and return its SHA-256."""
        return sha256(write_bytes(self.folder / name, content))

    def note(self, part: str, record: Record) -> None:
        """Keep the record of a part."""
        with self._turn:
            self.records[part] = record
            self.save()

    def queue(self, parts: Iterable[str]) -> None:
        """Note the parts that are to be made."""
        self.records |= {part: Record("queued") for part in parts}
        self.save()

    def save(self) -> None:
        """Write what is known, so that a run that breaks off can be gone on with."""
        write_text(self.folder / STATE, state(self.request, self.records))

    def commit(self, moved: Iterable[str], removed: Iterable[str], last: str) -> None:
        """Put files in their places, take old ones away, and remove the work folder.

        Args:
            moved: names of files that stand here.
            removed: names of files of the period's folder that belong to it no more.
            last: the file that is moved last.

        Raises:
            OutputError: a place cannot be written, or is open in another program; the rest of the moves waits.
        """
        names = sorted(set(moved), key=lambda name: (name == last, name))
        for name in names:
            _to_disk(self.folder / name)
        write_text(self.folder / MOVES, json.dumps({"moved": names, "removed": sorted(set(removed) - set(names))}))
        _to_disk(self.folder / MOVES)
        self._roll_forward()

    def discard(self) -> None:
        """Remove the work folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):
            self.folder.parent.rmdir()  # the last one of the output folder

    def _roll_forward(self) -> None:
        """Carry out the moves that were listed."""
        try:
            moves = json.loads((self.folder / MOVES).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return  # none: or the list itself was not whole, and nothing was moved
        for name in moves["moved"]:
            source, place = self.folder / name, self.target / name
            if not source.is_file():
                continue  # moved before
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                source.replace(place)
            except OSError as error:
                raise output_error(place, error) from error
        for name in moves["removed"]:
            with suppress(OSError):
                (self.target / name).unlink(missing_ok=True)
        self.discard()

    def _load(self) -> None:
        self.request, self.records = read_state(self.folder)


def state(request: Mapping[str, Any], records: Mapping[str, Record]) -> str:
    """Return what :func:`read_state` reads."""
    content = {"request": request, "parts": {name: record.plain() for name, record in records.items()}}
    return json.dumps(content, ensure_ascii=False, sort_keys=True)


def read_state(folder: Path) -> tuple[dict[str, Any], dict[str, Record]]:
    """Return what is asked for in a work folder, and the records of its parts; nothing where there is none."""
    try:
        content = json.loads((folder / STATE).read_text(encoding="utf-8"))
        return content["request"], {name: Record.of(record) for name, record in content["parts"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}, {}


def _asked(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what decides the outputs of a request; where they are made and copied to does not."""
    return {name: value for name, value in request.items() if name not in _ELSEWHERE}


def unchanged(folder: Path, record: Record) -> bool:
    """Whether the files of a record stand in a folder as it says."""
    return not differing(folder, record)


def differing(folder: Path, record: Record) -> list[str]:
    """Return the names of a record's files that are missing in a folder or are not as it says."""
    return [n for n, digest in sorted(record.files.items()) if not _is(folder / n, digest)]


def _is(path: Path, digest: str) -> bool:
    return path.is_file() and sha256(path) == digest


def _to_disk(path: Path) -> None:
    """Have a file's bytes on the disk before anything rests on them."""
    with path.open("rb+") as file, suppress(OSError):
        os.fsync(file.fileno())
