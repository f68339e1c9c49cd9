"""The analysis of a specimen: table, header, columns, conventions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import polars as pl

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.sources.contract import ColumnContract, TableContract, fold, load_contract, plain
from chiso.sources.layout.header import Header, find_header, is_numbering, join, titles_above
from chiso.sources.layout.money import Factor, factors
from chiso.sources.layout.rows import data_rows
from chiso.sources.mapping.model import SourceMapping
from chiso.sources.mapping.proposal import cells as evidence
from chiso.sources.privacy.personal import column_kind
from chiso.sources.readers import ROW, Sheet, UnreadableError, read_sheets
from chiso.sources.reading import best_score, table_score
from chiso.sources.text import restore

#: Likeness of words from which a header is guessed to be a column's.
ALIKE = 0.62
#: Columns of one of the fourteen tables that a specimen must name before it is taken for that table.
ENOUGH = 2
#: Words of headers under which names are those of places: half of the provinces could be a person's name.
_PLACES = frozenset({"tinh", "huyen", "quan", "xa", "phuong", "province", "district", "ward", "commune"})
Way = Literal["exact", "words", "content"]


@dataclass(frozen=True)
class ProposedColumn:
    """A column of the specimen and what it is proposed to be.

    ``way``: found by its header, guessed by similar words, guessed by what its cells hold; ``why`` says it in words.
    ``untranslated``: cells of an enumeration that are none of its words.
    """

    name: str
    title: str
    way: Way
    why: str = ""
    untranslated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unplaced:
    """A header nothing was found for; ``may_be``: columns it might be, by the kind of its cells.

    ``contradicted``: the header is like this column's ``word``, but the cells are no values of it.
    """

    title: str
    may_be: tuple[str, ...] = ()
    contradicted: str | None = None
    word: str = ""


@dataclass(frozen=True)
class Proposal:
    """A mapping proposed from one file, and what it rests on.

    ``table``: the contract; ``own``: whether the table is one of the file's own; ``likely``: other tables it might be,
    with the number of columns named; ``unplaced``: headers nothing was found for; ``missing``: required columns that
    were not found; ``dates``, ``numbers``: what conventions typed text shows (cells that are numbers in the file show
    none); ``multiply``: columns of money that the file counts in thousands, millions or billions.
    """

    file: Path
    sheet: str | None
    sheets: int
    table: TableContract
    own: bool
    header: Header
    rows: int
    layout: dict[str, int]
    columns: tuple[ProposedColumn, ...]
    unplaced: tuple[Unplaced, ...]
    personal: tuple[tuple[str, str], ...]
    missing: tuple[ColumnContract, ...]
    likely: tuple[tuple[str, int], ...]
    dates: dict[str, evidence.Evidence] = field(default_factory=dict)
    numbers: dict[str, evidence.Evidence] = field(default_factory=dict)
    sections: bool = False
    multiply: dict[str, Factor] = field(default_factory=dict)


def propose(path: Path, table: str | None = None) -> Proposal:
    """Propose how a file is to be read.

    Args:
        path: the specimen.
        table: the table it is to be read as; None: the one it looks most like, or one of its own where it is like none.

    Raises:
        ChisoError: no such file or table, a file that cannot be read, or one without a header.
    """
    if not path.is_file():
        raise ChisoError(text("sources.reading.no_file", file=path))
    contract = load_contract()
    if table is not None and table not in contract:
        raise ChisoError(text("sources.config.table", value=table, known=", ".join(contract)))
    sources = [SourceMapping(file=(path.name,), table=name) for name in contract]
    try:
        sheets = [restore(sheet)[0] for sheet in read_sheets(path, lambda rows: best_score(list(rows), sources))]
    except UnreadableError as error:
        raise ChisoError(text("sources.proposal.unreadable", file=path, error=error)) from error
    scores = sorted(((table_score(sheets, source), source.table) for source in sources), key=lambda s: (-s[0], s[1]))
    likely = tuple((name, score) for score, name in scores[:3] if score >= ENOUGH)
    chosen = table or (likely[0][0] if likely else None)
    if chosen is None:
        return _own_table(path, sheets)
    source = next(source for source in sources if source.table == chosen)
    sheet = max(sheets, key=lambda s: (table_score([s], source), s.frame.height))
    header = find_header(sheet, source) or _wordiest(sheet)
    if header is None:
        raise ChisoError(text("sources.proposal.no_header", file=path))
    return _as_table(path, sheets, sheet, header, source, likely)


def _as_table(
    path: Path,
    sheets: Sequence[Sheet],
    sheet: Sheet,
    header: Header,
    source: SourceMapping,
    likely: tuple[tuple[str, int], ...],
) -> Proposal:
    table = source.contract
    data, layout = data_rows(sheet, header, table) if header.columns else (sheet.frame.slice(header.position + 1), None)
    filled = {title: evidence.sample(data[cell]) for title, cell in header.extra.items()}
    exact = [ProposedColumn(name, title, "exact") for name, title in header.titles.items()]
    personal = [(title, "") for title in header.personal]
    personal += [(title, kind) for title, cells in filled.items() if (kind := column_kind(cells))]
    rest = {title: cells for title, cells in filled.items() if title not in dict(personal)}
    guessed, contradicted = _guesses(table, rest, set(header.columns))
    columns = [*exact, *guessed]
    samples = {**filled, **{header.titles[n]: evidence.sample(data[c]) for n, c in header.columns.items()}}
    columns = [_with_words(column, table.column(column.name), samples[column.title]) for column in columns]
    found = {column.name for column in columns}
    places = {**header.extra, **{header.titles[name]: cell for name, cell in header.columns.items()}}
    dated = [samples[c.title] for c in columns if table.column(c.name).type in ("date", "datetime")]
    counted = [
        _typed_in(sheet, data, places[c.title]) for c in columns if table.column(c.name).type in ("int", "float")
    ]
    return Proposal(
        file=path,
        sheet=sheet.name,
        sheets=len(sheets),
        table=table,
        own=False,
        header=header,
        rows=data.height,
        layout=dict(layout.counts) if layout else {},
        columns=tuple(columns),
        unplaced=tuple(
            Unplaced(title, _by_kind(table, cells, found), *contradicted.get(title, ()))
            for title, cells in rest.items()
            if title not in {column.title for column in columns}
        ),
        personal=tuple(personal),
        missing=tuple(c for c in table.columns if c.required and c.name not in found),
        likely=tuple(one for one in likely if one[0] != table.name),
        dates=evidence.date_evidence(dated),
        numbers=evidence.number_evidence(counted),
        multiply=factors(titles_above(sheet, header), [(table.column(c.name), c.title) for c in columns]),
    )


def _typed_in(sheet: Sheet, data: pl.DataFrame, cell: str) -> pl.Series:
    """Return the filled cells of a column that are text; those that are numbers in the file tell of no convention."""
    if sheet.decimals is not None and cell in sheet.frame.columns:
        numbers = sheet.frame[ROW].filter(sheet.decimals(cell))
        data = data.filter(~pl.col(ROW).is_in(numbers.implode()))
    return evidence.sample(data[cell])


def _guesses(
    table: TableContract, rest: dict[str, pl.Series], found: set[str]
) -> tuple[list[ProposedColumn], dict[str, tuple[str, str]]]:
    """Return columns guessed for headers that are none of the table's, the likeliest pair first, each used once.

    Further the headers that are like one of a column whose values their cells are not: header -> column and its word.
    """
    free = [column for column in table.columns if column.name not in found]
    pairs, against = [], []
    for title, cells in rest.items():
        for column in free:
            likeness, word = max((_likeness(title, header), header) for header in column.headers)
            if likeness >= ALIKE and evidence.fits(cells, column):
                pairs.append((likeness, title, column.name, "words", text("sources.proposal.why_words", word=word)))
            elif column.type == "enum" and cells.len() and evidence.known_share(cells, column) >= 0.5:
                why = text("sources.proposal.why_enum", values=", ".join(cells.unique().sort().head(3)))
                pairs.append((0.6, title, column.name, "content", why))
            elif likeness >= ALIKE:
                against.append((likeness, title, column.name, word))
    guessed: list[ProposedColumn] = []
    used = set(found)
    for _, title, name, way, why in sorted(pairs, key=lambda p: (-p[0], p[1], p[2])):
        if name not in used and title not in {column.title for column in guessed}:
            used.add(name)
            guessed.append(ProposedColumn(name, title, way, why))  # type: ignore[arg-type]
    guessed += _only_one(table, {t: c for t, c in rest.items() if t not in {g.title for g in guessed}}, used)
    contradicted = {title: (name, word) for _, title, name, word in sorted(against) if name not in used}
    return guessed, contradicted


def _by_kind(table: TableContract, cells: pl.Series, found: set[str]) -> tuple[str, ...]:
    """Return the free columns that a column of dates might be; other kinds tell too little."""
    if not cells.len() or evidence.type_of(cells) not in ("date", "datetime"):
        return ()
    return tuple(c.name for c in table.columns if c.type in ("date", "datetime") and c.name not in found)


def _only_one(table: TableContract, rest: dict[str, pl.Series], used: set[str]) -> list[ProposedColumn]:
    """Return the key, or the own date, where exactly one column left could be it by its content."""
    guessed = []
    key = table.column(table.key[0]) if len(table.key) == 1 else None
    unique = [
        t for t, c in rest.items() if c.len() > 1 and c.n_unique() == c.len() and evidence.type_of(c) in ("text", "int")
    ]
    if key and key.name not in used and len(unique) == 1:
        guessed.append(ProposedColumn(key.name, unique[0], "content", text("sources.proposal.why_key")))
    own = table.own_date
    dated = [t for t, c in rest.items() if c.len() and evidence.type_of(c) in ("date", "datetime")]
    if own and own.name not in used and len(dated) == 1:
        guessed.append(ProposedColumn(own.name, dated[0], "content", text("sources.proposal.why_date")))
    return guessed


def _likeness(title: str, header: str) -> float:
    """Return how alike two headers are, from 0 to 1: by their words, and by their letters."""
    a, b = plain(title), plain(header)
    if not a or not b:
        return 0.0
    words_a, words_b = set(a.split()), set(b.split())
    shared = len(words_a & words_b) / len(words_a | words_b)
    return max(shared, 0.95 * difflib.SequenceMatcher(None, a, b).ratio())


def _with_words(proposed: ProposedColumn, column: ColumnContract, cells: pl.Series) -> ProposedColumn:
    if column.type != "enum":
        return proposed
    known = {fold(word) for pair in column.values.items() for word in pair}
    return replace(proposed, untranslated=tuple(cell for cell in cells.unique().sort() if fold(cell) not in known))


def _wordiest(sheet: Sheet) -> Header | None:
    """Return the header that a sheet seems to have: the row with the most words, and those it is joined with."""
    rows = sheet.head()
    if sheet.header is not None:
        titles = {title: cell for title, cell in zip(sheet.header, sheet.cells, strict=True) if title}
        return Header(-1, {}, {}, titles, {})
    words = [sum(1 for cell in row if cell and re.search(r"[^\W\d]{2}", cell)) for row in rows]
    if not words or max(words) < 2:
        return None
    bottom = words.index(max(words))
    numbered = next((i for i in range(bottom, min(bottom + 8, len(rows))) if is_numbering(rows[i])), None)
    top = bottom
    while top and words[top - 1] >= 2 and words[top - 1] >= 0.2 * words[bottom]:
        top -= 1
    if numbered is not None:
        bottom = numbered - 1
    block = rows[top : bottom + 1]
    places = {row: place for place, row in enumerate(sheet.frame["_row"].head(len(rows)))}
    merged = [(places[a] - top, b, c, d) for a, b, c, d in sheet.merged if a in places and top <= places[a] <= bottom]
    titles, seen = {}, set()
    for place, heading in enumerate(join(block, merged)):
        if heading and heading.whole not in seen:
            seen.add(heading.whole)
            titles[heading.title] = sheet.cells[place]
    return Header(bottom, {}, {}, titles, {}, tuple(map(tuple, block)))


def _own_table(path: Path, sheets: Sequence[Sheet]) -> Proposal:
    """Propose a table of the file's own, with the columns and types that its widest sheet shows."""
    headed = [(sheet, header) for sheet in sheets if (header := _wordiest(sheet))]
    if not headed:
        raise ChisoError(text("sources.proposal.no_header", file=path))
    sheet, header = max(headed, key=lambda pair: (len(pair[1].extra), pair[0].frame.height))
    below = sheet.frame.slice(header.position + 1)
    columns: list[dict[str, Any]] = []
    proposed, personal, names = [], [], set[str]()
    numbering, sections = None, False
    for title, cell in header.extra.items():
        cells = evidence.sample(below[cell])
        if numbering is None and plain(title).replace(" ", "") in {"stt", "tt", "sott", "no", "sttno"}:
            numbering = cell
            sections = cells.str.contains(r"^[IVXLC]+[.)]?$").any()
            continue
        place = not _PLACES.isdisjoint(plain(title).split())
        if (kind := column_kind(cells)) and not (kind == "name" and place):
            personal.append((title, kind))
            continue
        name = _slug(title, names)
        names.add(name)
        columns.append({"name": name, "label": title, "type": evidence.type_of(cells)})
        columns[-1]["public"] = place and columns[-1]["type"] == "text"
        proposed.append(ProposedColumn(name, title, "exact"))
    key = next((c["name"] for c in columns if _is_key(below[header.extra[c["label"]]], c["type"])), columns[0]["name"])
    columns = [{**c, "required": c["name"] == key} for c in columns]
    label = " ".join(path.stem.split("_"))
    table = TableContract.model_validate(
        {"name": _slug(path.stem, set()), "label": label, "system": label, "key": (key,), "columns": columns}
    )
    samples = [evidence.sample(below[header.extra[c.title]]) for c in proposed]
    typed = [_typed_in(sheet, below, header.extra[c.title]) for c in proposed]
    return Proposal(
        file=path,
        sheet=sheet.name,
        sheets=len(sheets),
        table=table,
        own=True,
        header=replace(header, numbering=numbering),
        rows=below.height,
        layout={},
        columns=tuple(proposed),
        unplaced=(),
        personal=tuple(personal),
        missing=(),
        likely=(),
        dates=evidence.date_evidence(samples),
        numbers=evidence.number_evidence(typed),
        sections=bool(sections),
    )


def _is_key(cells: pl.Series, kind: str) -> bool:
    filled = evidence.sample(cells)
    return kind in ("text", "int") and filled.len() > 1 and filled.n_unique() == filled.len()


def _slug(words: str, taken: set[str]) -> str:
    """Return a name for a column or table: lower-case words, no accents; numbered where it is taken."""
    name = re.sub(r"[^a-z0-9]+", "_", plain(words))[:40].strip("_") or "cot"
    name = f"c_{name}" if name[0].isdigit() else name
    number = 2
    while name in taken or (not taken and name in load_contract()):
        name, number = f"{name.rstrip('0123456789').rstrip('_')}_{number}", number + 1
    return name
