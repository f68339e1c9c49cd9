"""Which files of a data folder hold which table, by name or by a mapping of ``chiso.toml``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.sources.account import Finding
from chiso.sources.config import FILE_NAME, SCORECARDS, TEMPLATES, Settings, SourceMapping
from chiso.sources.contract import TableContract, fold, load_contract
from chiso.sources.mapping.lookup import FOLDER as MAPPINGS
from chiso.sources.rejected.hand_back import is_hand_back
from chiso.worktime.periods import Period, PeriodError

#: Endings of files that are opened; what they hold is decided by their bytes, and told where it is not read.
READABLE = (
    *(".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".html", ".htm", ".xml", ".json"),
    ".parquet",
)
_NEVER_NAMED = re.compile(r"(readme|license|licence|notice)\b.*", re.IGNORECASE)


@dataclass(frozen=True)
class TableFile:
    """One file that feeds one table."""

    path: Path
    table: TableContract
    exported_on: date | None
    mapping: SourceMapping
    told: str = ""

    @property
    def name(self) -> str:
        """Return the file's name within the folder, or as it was given where there is no data folder."""
        return self.told or self.path.name


@dataclass(frozen=True)
class ParsedName:
    """A file name ``<table>[_<period>][_<exported YYYYMMDD>]`` in its parts."""

    table: str | None
    middle: str
    exported_on: date | None


def parse_name(stem: str) -> ParsedName:
    """Split a file name (without ending); the longest table name wins, case does not matter.

    >>> parse_name("Cases_2024-Q1_20240405").exported_on
    datetime.date(2024, 4, 5)
    """
    name = re.sub(r"\s+", "_", fold(stem))
    exported_on = None
    if found := re.fullmatch(r"(.+)_(\d{8})", name):
        try:
            exported_on = datetime.strptime(found[2], "%Y%m%d").date()
            name = found[1]
        except ValueError:
            pass  # eight digits that are no date: part of the name, told as such by `list_files`
    known = [(stem, table.name) for table in load_contract().values() for stem in (table.name, *table.stems)]
    for known_stem, table_name in sorted(known, key=lambda pair: -len(pair[0])):
        if name == known_stem or name.startswith(f"{known_stem}_"):
            return ParsedName(table_name, name[len(known_stem) + 1 :], exported_on)
    return ParsedName(None, name, exported_on)


def list_files(folder: Path, settings: Settings) -> tuple[list[TableFile], list[Finding]]:
    """Return the files that feed tables, in the order of their names, and what is to be told about the others.

    Raises:
        ChisoError: the folder does not exist or holds no table.
    """
    if not folder.is_dir():
        raise ChisoError(text("sources.files.no_folder", folder=folder))
    files: list[TableFile] = []
    findings: list[Finding] = []
    candidates = 0
    for path in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if path.name.startswith((".", "~$")) or path.name == FILE_NAME or _NEVER_NAMED.fullmatch(path.name):
            continue
        if path.is_dir() and path.name in (MAPPINGS, TEMPLATES, SCORECARDS):
            continue
        if path.is_dir():
            findings.append(Finding("info", None, path.name, "ignored", text("sources.files.ignored_folder")))
            continue
        parsed = parse_name(path.stem)
        mappings = sources_of(path, settings.layers)
        if not mappings and is_hand_back(path):
            continue
        suffix = path.suffix.lower()
        table = mappings[0].table if mappings else parsed.table
        if table is None or suffix not in READABLE:
            findings.append(Finding("info", None, path.name, "ignored", text("sources.files.ignored")))
            continue
        candidates += 1
        if refused := _refused(path, folder):
            findings.append(Finding("error", table, path.name, "unreadable", refused))
            continue
        if not mappings:
            mappings = [SourceMapping(file=(path.name,), table=table)]
            findings += _strange_name(path, parsed)
        declared = sum(any(source.takes_file(path.name) for source in layer) for layer in settings.layers)
        if declared > 1:
            message = text("sources.files.mapping_shadowed", count=declared)
            findings.append(Finding("warning", table, path.name, "mapping_shadowed", message))
        files += [TableFile(path, m.contract, parsed.exported_on, m) for m in mappings]
    findings += _unused(settings, {id(file.mapping) for file in files})
    if not candidates:
        raise ChisoError(text("sources.files.no_table", folder=folder, example="cases_2024-Q4_20241216.csv"))
    return files, findings


def sources_of(path: Path, layers: Iterable[tuple[SourceMapping, ...]]) -> list[SourceMapping]:
    """Return the sources a file belongs to: those of the first settings or mapping file that has one for its name."""
    for sources in layers:
        if found := [source for source in sources if source.takes_file(path.name)]:
            return found
    return []


def _unused(settings: Settings, used: set[int]) -> list[Finding]:
    """Tell sources that no file belongs to: each of ``chiso.toml``, and mapping files none of whose sources has one."""
    findings = []
    for source in settings.sources:
        if id(source) not in used:
            message = text("sources.files.mapping_unused", file=", ".join(source.file))
            findings.append(Finding("warning", source.table, None, "mapping_unused", message))
    for named in settings.found:
        if not any(id(source) in used for source in named.mapping.sources):
            patterns = ", ".join(dict.fromkeys(p for source in named.mapping.sources for p in source.file))
            message = text("sources.mapping.unused", name=named.name, file=patterns)
            findings.append(Finding("warning", None, None, "mapping_unused", message))
    return findings


def _refused(path: Path, folder: Path) -> str | None:
    """Return why an entry of the folder is not opened: a link that leads out of it, or no regular file."""
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
        return text("sources.read.outside")
    return None if path.is_file() else text("sources.read.no_file")


def _strange_name(path: Path, parsed: ParsedName) -> list[Finding]:
    """Tell that the part between table and export date is no reporting period; the file is read all the same."""
    if not parsed.middle:
        return []
    try:
        Period.parse(parsed.middle.replace("_", " "))
    except PeriodError:
        message = text("sources.files.strange_name", part=parsed.middle)
        return [Finding("warning", parsed.table, path.name, "file_name", message)]
    return []
