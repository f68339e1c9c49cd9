"""Which files of a data folder matter to a run, and what is different among them since the last one."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.runs.bodies import watched
from chiso.sources.config import SCORECARDS, TEMPLATES, load_settings
from chiso.sources.files import list_files
from chiso.sources.mapping.lookup import FOLDER as MAPPINGS

#: Names under which programs write what is not whole yet; the file gets its own name in the end.
UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".opdownload", ".!ut")
#: Folders within a data folder that a run reads.
FOLDERS = (MAPPINGS, TEMPLATES, SCORECARDS)
_NAMED = 5

#: Size and time of change, by name within the folder; what is other is another file.
Files = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Changes:
    """Names of files that came, changed or went, each in alphabetical order."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)

    def __str__(self) -> str:
        kinds = {"new": self.new, "changed": self.changed, "gone": self.gone}
        return "; ".join(text(f"watch.{kind}", files=_listed(names)) for kind, names in kinds.items() if names)


def _listed(names: tuple[str, ...]) -> str:
    more = text("watch.more", count=len(names) - _NAMED) if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def differences(before: Files, now: Files) -> Changes:
    """Return what came, changed and went between two looks at a folder."""
    return Changes(
        tuple(sorted(now.keys() - before.keys())),
        tuple(sorted(name for name in now.keys() & before.keys() if now[name] != before[name])),
        tuple(sorted(before.keys() - now.keys())),
    )


@dataclass(frozen=True)
class Look:
    """A data folder at one moment.

    Attributes:
        files: those that a run would read.
        unfinished: those that programs are still writing, or lay beside an open workbook.
        newest: seconds since the epoch of the last change to any of them; 0 for none.
    """

    files: Files
    unfinished: Files
    newest: float

    def quiet_for(self) -> float:
        """Return for how many seconds nothing has changed, as far as the times of the files tell."""
        return max(time.time() - self.newest, 0.0)


def look(folder: Path, bodies: Sequence[str] = ()) -> Look:
    """Look at a data folder; with bodies (names, or ``all``) at theirs in it, whose names go before those of the files.

    Raises:
        OSError: it is not there, or cannot be read.
    """
    return _together({one.name: _look(one) for one in watched(folder, bodies)}) if bodies else _look(folder)


def _together(looks: Mapping[str, Look]) -> Look:
    """Return looks at several folders as one."""

    def all_of(kind: str) -> Files:
        return {f"{name}/{file}": state for name, one in looks.items() for file, state in getattr(one, kind).items()}

    return Look(all_of("files"), all_of("unfinished"), max((one.newest for one in looks.values()), default=0.0))


def _look(folder: Path) -> Look:
    files: dict[str, tuple[int, int]] = {}
    unfinished: dict[str, tuple[int, int]] = {}
    newest, now = 0.0, time.time()
    for path in _entries(folder):
        try:
            found = path.stat()
        except OSError:  # gone in between
            continue
        if not stat.S_ISREG(found.st_mode):
            continue
        whole = not is_unfinished(path.name)
        (files if whole else unfinished)[path.relative_to(folder).as_posix()] = (found.st_size, found.st_mtime_ns)
        # A copy may keep the time of its original; the second time tells when it came (Windows: when it was made).
        # Times that lie ahead come from a share's other clock.
        newest = max(newest, *(moment for moment in (found.st_mtime, found.st_ctime) if moment <= now), 0.0)
    passed_over = _passed_over(folder)
    return Look({n: f for n, f in files.items() if n not in passed_over}, unfinished, newest)


def is_unfinished(name: str) -> bool:
    """Return whether a name is that of a file somebody is still writing, or of Office's mark beside an open one.

    >>> [is_unfinished(name) for name in ("cases.csv", "~$cases.xlsx", "cases.csv.PART", ".cases.csv.swp")]
    [False, True, True, True]
    """
    return name.startswith(("~$", ".")) or name.lower().endswith(UNFINISHED)


def is_open(folder: Path, names: tuple[str, ...]) -> bool:
    """Return whether a file cannot be read now, as on Windows one that another program is writing."""
    for name in names:
        try:
            with (folder / name).open("rb"):
                pass
        except FileNotFoundError:
            continue
        except OSError:
            return True
    return False


def _entries(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        top = sorted(Path(entry.path) for entry in entries)
    for path in top:
        if path.name in FOLDERS and path.is_dir():
            yield from (inner for inner in sorted(path.rglob("*")))
        else:
            yield path


def _passed_over(folder: Path) -> frozenset[str]:
    """Return the names that the import passes over; none where it cannot say, for then all matter."""
    try:
        findings = list_files(folder, load_settings(folder))[1]
    except (ChisoError, OSError):
        return frozenset()
    own = {path.name for path in folder.glob("questionnaire*.toml")}
    return frozenset(finding.file for finding in findings if finding.rule == "ignored" and finding.file) - own
