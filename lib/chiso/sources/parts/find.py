"""Where the cases of several bodies lie: processed folders of imports, or folders partitioned as ``name=value``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.sources.contract import load_contract
from chiso.sources.dataset import INDEX

TABLE = "cases"
#: Name of the partition that says whose cases a folder holds.
BODY = "body"
LOOKUPS = ("procedures", "units")


@dataclass(frozen=True)
class CaseFile:
    """One Parquet file of accepted cases.

    Attributes:
        path: the file.
        body: whose cases it holds.
        constants: columns that its path gives (``unit_code=VP``), as ``(column, value)``.
        imported: whether an import of this library wrote it: its keys are unique, its index tells its columns.
        lookups: the Parquet files of ``procedures`` and ``units`` that go with it, as ``(table, path)``.
    """

    path: Path
    body: str
    constants: tuple[tuple[str, str], ...] = ()
    imported: bool = False
    lookups: tuple[tuple[str, Path], ...] = ()

    def lookup(self, table: str) -> Path | None:
        """Return the file of a look-up table, None where there is none."""
        return dict(self.lookups).get(table)


@dataclass(frozen=True)
class Found:
    """Case files by body and path, and the imports that have no case (paths)."""

    files: tuple[CaseFile, ...]
    empty: tuple[Path, ...] = ()


def find_cases(places: Sequence[str | Path], tables: Path | None = None) -> Found:
    """Find the case files in folders, files or patterns.

    A folder with ``dataset.json`` is an import: its ``cases.parquet`` alone counts, and of several imports beside each
    other, which are of one data folder, the newest. Elsewhere every Parquet file counts that is not named after another
    table. The body is the path's last ``body=``; an import's is its data folder, any other file's the folder given.

    Args:
        places: folders, files, or patterns with ``*``.
        tables: folder with ``procedures.parquet`` and ``units.parquet`` for files that have none in a folder above.

    Raises:
        ChisoError: nothing is there, or no case file.
    """
    files: dict[Path, CaseFile] = {}
    empty: list[Path] = []
    for place in places:
        roots = _matching(Path(place))
        if not roots:
            raise ChisoError(text("parts.nothing", place=place))
        for root in roots:
            root = root.absolute()
            for path in _walk(root):
                file = _case_file(path, root, tables)
                if file is None:
                    empty.append(path.parent)
                else:
                    files.setdefault(path.resolve(), file)
    if not files:
        raise ChisoError(text("parts.no_cases", places=", ".join(map(str, places))))
    ordered = sorted(files.values(), key=lambda f: (f.body, str(f.path)))
    return Found(tuple(ordered), tuple(empty))


def _matching(place: Path) -> list[Path]:
    """Return the place itself, or what it matches as a pattern, in the order of the names."""
    if place.exists():
        return [place]
    absolute = place.absolute()
    return sorted(Path(absolute.anchor).glob(str(absolute.relative_to(absolute.anchor))))


def _walk(root: Path) -> Iterator[Path]:
    """Yield the Parquet files below a place that may hold cases, imports as their ``cases.parquet``."""
    if root.is_file():
        yield root
        return
    if (root / INDEX).is_file():
        yield root / f"{TABLE}.parquet"
        return
    entries = sorted(root.iterdir(), key=lambda e: e.name)
    folders = [e for e in entries if e.is_dir() and not e.name.startswith((".", "_"))]
    imports = [f for f in folders if (f / INDEX).is_file()]
    if imports:
        yield max(imports, key=lambda f: (f.stat().st_mtime_ns, f.name)) / f"{TABLE}.parquet"
    for folder in folders:
        if folder not in imports:
            yield from _walk(folder)
    for entry in entries:
        if entry.suffix == ".parquet" and entry.is_file() and not _is_other(entry):
            yield entry


def _is_other(path: Path) -> bool:
    """Whether a file is named after another table, or hidden."""
    others = [name for name in load_contract() if name != TABLE]
    return path.name.startswith((".", "_")) or any(
        path.stem == n or path.stem.startswith((f"{n}_", f"{n}-")) for n in others
    )


def _case_file(path: Path, root: Path, tables: Path | None) -> CaseFile | None:
    imported = (path.parent / INDEX).is_file()
    if imported and not path.is_file():
        return None
    parts = [p.partition("=") for p in path.parent.parts if "=" in p]
    values = {name: unquote(value) for name, _, value in parts}
    body = values.get(BODY)
    if body is None and imported:
        data_folder = path.parent.parent
        inside = data_folder.is_relative_to(root) and data_folder != root
        body = data_folder.relative_to(root).as_posix() if inside else data_folder.name
    elif body is None:
        body = (root if root.is_dir() else root.parent).name
    known = {column.name for column in load_contract()[TABLE].columns if column.type in ("text", "enum")}
    constants = tuple(sorted((name, value) for name, value in values.items() if name in known))
    folders = [path.parent]
    if not imported:
        top = root if root.is_dir() else root.parent
        folders += [f for f in path.parent.parents if f.is_relative_to(top)] + ([tables] if tables else [])
    lookups = []
    for table in LOOKUPS:
        places = (f / f"{table}.parquet" for f in folders)
        if place := next((p for p in places if p.is_file()), None):
            lookups.append((table, place))
    return CaseFile(path, body, constants, imported, tuple(lookups))
