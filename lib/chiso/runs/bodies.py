"""Which folders of a data folder are bodies, and which of the outputs belong to one: ``bodies.json`` names them."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chiso.errors import ChisoError
from chiso.messages import DEFAULT, LANGUAGES, language, text
from chiso.runs.files import write_text
from chiso.runs.plan import did_you_mean
from chiso.sources.config import FILE_NAME, SCORECARDS, TEMPLATES, load_settings
from chiso.sources.files import list_files
from chiso.sources.mapping.lookup import FOLDER as MAPPINGS
from chiso.worktime import Period

#: What ``--body`` says for every body there is.
ALL = "all"
#: Names the bodies whose folders lie beside it in an output folder.
LIST = "bodies.json"


@dataclass(frozen=True)
class Bodies:
    """The bodies asked for.

    Attributes:
        chosen: their folders, by name.
        known: names of all bodies of the data folder.
        passed: the folders that are none, each with the reason.
    """

    chosen: tuple[Path, ...]
    known: tuple[str, ...]
    passed: tuple[str, ...]


def choose_bodies(data: Path, wanted: Sequence[str]) -> Bodies:
    """Return the bodies that ``--body`` names: sub-folders that hold tables or a ``chiso.toml``.

    Args:
        data: folder of body folders.
        wanted: names of sub-folders, or :data:`ALL`.

    Raises:
        ChisoError: no such folder, no body in it, or none of a name; the message names the nearest.
    """
    if not data.is_dir():
        raise ChisoError(text("runs.no_data_folder", folder=data))
    bodies, passed = _folders(data)
    if not bodies:
        told = "".join(f"\n  - {line}" for line in _told(passed))
        raise ChisoError(text("grid.no_bodies", folder=data, file=FILE_NAME) + told)
    names = [unicodedata.normalize("NFC", name) for name in wanted]
    for name in names:
        if name in passed:
            raise ChisoError(text("grid.passed_over", name=name, why=passed[name]))
        if name != ALL and name not in bodies:
            raise ChisoError(text("grid.no_body", name=name, folder=data, hint=did_you_mean(name, bodies)))
    chosen = tuple(folder for name, folder in bodies.items() if ALL in names or name in names)
    return Bodies(chosen, tuple(bodies), _told(passed) if ALL in names else ())


def watched(data: Path, wanted: Sequence[str]) -> tuple[Path, ...]:
    """Return the folders of the bodies that ``--body`` names and that are there now.

    Raises:
        OSError: the data folder is not there, or cannot be read.
    """
    names = {unicodedata.normalize("NFC", name) for name in wanted}
    return tuple(folder for name, folder in _folders(data)[0].items() if ALL in names or name in names)


def _folders(data: Path) -> tuple[dict[str, Path], dict[str, str]]:
    """Return the bodies of a data folder by name, and why its other folders are none."""
    bodies: dict[str, Path] = {}
    passed: dict[str, str] = {}
    for folder in sorted((entry for entry in data.iterdir() if entry.is_dir()), key=lambda entry: entry.name):
        if folder.name.startswith(".") or folder.name in (MAPPINGS, TEMPLATES, SCORECARDS):
            continue
        name = unicodedata.normalize("NFC", folder.name)
        if why := _no_body(folder):
            passed[name] = why
        else:
            bodies[name] = folder
    return bodies, passed


def _no_body(folder: Path) -> str:
    """Return why a folder is no body; empty for one."""
    if folder.name in LANGUAGES or _is_period(folder.name):
        return text("grid.why_name")
    if (folder / FILE_NAME).is_file():
        return ""
    try:
        settings = load_settings(folder)
    except ChisoError:
        return ""  # a faulty mapping file: its plans will tell
    try:
        list_files(folder, settings)
    except ChisoError:
        return text("grid.why_no_table", file=FILE_NAME)
    return ""


def _is_period(name: str) -> bool:
    try:
        Period.parse(name)
    except ChisoError:
        return False
    return True


def _told(passed: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"{name}: {why}" for name, why in passed.items())


# -- output folders


def bodies_of(out: Path) -> tuple[str, ...]:
    """Return the names of the bodies whose outputs lie in folders of ``out``; none for an ordinary output folder."""
    try:
        found = json.loads((out / LIST).read_text(encoding="utf-8"))["bodies"]
        return tuple(str(name) for name in found)
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def note_bodies(out: Path, names: Iterable[str]) -> None:
    """Name the bodies of an output folder, so that its index has a row for those too that have no results yet."""
    write_text(out / LIST, json.dumps({"bodies": sorted(set(names))}, ensure_ascii=False, indent=1) + "\n")


def above(out: Path) -> Path | None:
    """Return the output folder of all bodies, if ``out`` (a folder of a language or of all) is of one of them."""
    own = out if language() == DEFAULT else out.parent
    return own.parent if own.name in bodies_of(own.parent) else None
