"""Where mapping files are found: in the data folder, and among those shipped with the project."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.sources.mapping.model import MappingFile, Section, load_mapping

FOLDER = "mappings"


class NamedMapping(Section):
    """A mapping file and where it was found."""

    name: str
    path: Path
    mapping: MappingFile


def shipped_folder() -> Path:
    """Return the project's folder of mapping files: it stands beside ``lib``, not in the package."""
    return Path(__file__).resolve().parents[4] / FOLDER


def shipped_names() -> list[str]:
    """Return the names of the mapping files that come with the project."""
    return sorted(path.stem for path in shipped_folder().glob("*.toml"))


def find_mappings(folder: Path, names: Iterable[str], asked_in: Path) -> tuple[NamedMapping, ...]:
    """Return the mapping files of a data folder: all of its own, then the shipped ones that it names.

    A file ``<data folder>/mappings/<name>.toml`` takes the place of a shipped one of its name.

    Raises:
        ChisoError: a named one does not exist, or a file is faulty.
    """
    own = {path.stem: path for path in sorted((folder / FOLDER).glob("*.toml"))}
    paths = dict(own)
    for name in names:
        if name not in own:
            paths[name] = shipped(name, asked_in)
    return tuple(_named(name, path) for name, path in paths.items())


def shipped(name: str, asked_in: Path | None = None) -> Path:
    """Return the path of a shipped mapping file.

    Raises:
        ChisoError: there is none of that name; names those there are, the nearest first.
    """
    known = shipped_names()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
        listed = ", ".join([*near, *(one for one in known if one not in near)])
        where = text("sources.mapping.asked_in", file=asked_in) if asked_in else ""
        raise ChisoError(text("sources.mapping.unknown", name=name, where=where, known=listed))
    return shipped_folder() / f"{name}.toml"


def named_mapping(given: str) -> NamedMapping:
    """Return the mapping a person names on the command line: a path to a file, or the name of a shipped one.

    Raises:
        ChisoError: neither exists, or the file is faulty.
    """
    path = Path(given)
    if path.suffix.lower() == ".toml" or path.parent != Path():
        if not path.is_file():
            raise ChisoError(text("sources.mapping.no_file", file=path))
        return _named(path.stem, path)
    return _named(given, shipped(given))


def _named(name: str, path: Path) -> NamedMapping:
    return NamedMapping(name=name, path=path, mapping=load_mapping(path))
