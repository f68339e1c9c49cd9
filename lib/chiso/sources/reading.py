"""Files read without a data folder: which mapping or table each belongs to, and the import of them all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.sources.account import Finding
from chiso.sources.config import Body
from chiso.sources.contract import load_contract
from chiso.sources.dataset import Dataset, load_dataset
from chiso.sources.files import TableFile, parse_name
from chiso.sources.ingest import import_tables
from chiso.sources.layout.header import header_score, match_row
from chiso.sources.mapping.lookup import NamedMapping, named_mapping, shipped_names
from chiso.sources.mapping.model import SourceMapping
from chiso.sources.privacy.pseudonyms import load_pseudonyms
from chiso.sources.readers import Row, Sheet, UnreadableError, read_sheets
from chiso.sources.store import default_base, digest

#: Columns that a file must name before its table is taken for known by its headers alone.
ENOUGH = 3


@dataclass(frozen=True)
class Chosen:
    """A file, its sources, and how they were found: by the mapping given, a shipped one, its name or its headers."""

    path: Path
    told: str
    sources: tuple[SourceMapping, ...]
    mapping: str | None = None


def read_files(paths: Sequence[Path], given: NamedMapping | None, folder: Path) -> Dataset:
    """Read files into ``folder`` as an import does: tables, row account, rejects and findings.

    Args:
        paths: the files.
        given: the mapping they are read by; None: a shipped one for the file's name, else the table that its name
            or its headers tell.
        folder: an empty folder.

    Raises:
        ChisoError: a file does not exist.
    """
    findings: list[Finding] = []
    chosen = choose(paths, given)
    files = []
    for one in chosen:
        if not one.sources:
            message = text("sources.reading.unknown", known=", ".join(shipped_names()))
            findings.append(Finding("error", None, one.told, "unknown", message))
        exported = parse_name(one.path.stem).exported_on
        files += [TableFile(one.path, source.contract, exported, source, one.told) for source in one.sources]
    digests = {one.told: digest(one.path) for one in chosen}
    pseudonyms = load_pseudonyms(default_base(Path("read")))
    body = Body()
    import_tables(files, findings, digests, body.time_zone, folder, (), pseudonyms)
    return load_dataset(folder, folder, body)


def choose(paths: Sequence[Path], given: NamedMapping | None) -> list[Chosen]:
    """Return the sources of each file, under the name it is told by: the shortest path that tells them apart.

    Raises:
        ChisoError: a file does not exist, or is given twice.
    """
    whole = [path.resolve() for path in paths]
    for path, full in zip(paths, whole, strict=True):
        if not full.is_file():
            raise ChisoError(text("sources.reading.no_file", file=path))
    if len(set(whole)) < len(whole):
        twice = next(path for path in whole if whole.count(path) > 1)
        raise ChisoError(text("sources.reading.twice", file=twice.name))
    names = [path.name for path in whole]
    common = Path(os.path.commonpath([path.parent for path in whole]))
    told = names if len(set(names)) == len(names) else [path.relative_to(common).as_posix() for path in whole]
    return [_chosen(path, name, given) for path, name in zip(whole, told, strict=True)]


def _chosen(path: Path, told: str, given: NamedMapping | None) -> Chosen:
    if given is not None:
        sources = given.mapping.sources
        return Chosen(path, told, tuple(s for s in sources if s.takes_file(path.name)) or sources, given.name)
    if table := parse_name(path.stem).table:
        return Chosen(path, told, (SourceMapping(file=(path.name,), table=table),))
    for name in shipped_names():
        mapping = named_mapping(name).mapping
        if found := tuple(source for source in mapping.sources if source.takes_file(path.name)):
            return Chosen(path, told, found, name)
    table = guess_table(path)
    return Chosen(path, told, (SourceMapping(file=(path.name,), table=table),) if table else ())


def guess_table(path: Path) -> str | None:
    """Return the table whose columns a file's headers name best; None where none has enough, or two have as many."""
    sources = [SourceMapping(file=(path.name,), table=name) for name in load_contract()]
    try:
        sheets = read_sheets(path, lambda rows: best_score(list(rows), sources))
    except UnreadableError:
        return None
    scores = sorted(((table_score(sheets, source), source.table) for source in sources), reverse=True)
    (best, table), (second, _) = scores[:2]
    return table if best >= ENOUGH and best > second else None


def best_score(rows: list[Row], sources: Iterable[SourceMapping]) -> int:
    """Return how many columns of any table the rows name."""
    return max(header_score(rows, source) for source in sources)


def table_score(sheets: Iterable[Sheet], source: SourceMapping) -> int:
    """Return how many columns of a table the best sheet names."""
    scores = [0]
    for sheet in sheets:
        rows = sheet.head()
        scores.append(len(match_row(sheet.header, source)) if sheet.header else header_score(rows, source))
    return max(scores)
