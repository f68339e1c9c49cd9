"""Finding the header by its labels, in one row or several; known columns, extra ones and personal data told apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from chiso.sources.contract import fold, plain
from chiso.sources.layout.headings import HasData, Heading, Places, find_places, rank
from chiso.sources.mapping.model import SourceMapping
from chiso.sources.readers import HEAD, ROW, Row, Sheet
from chiso.sources.words import load_words

#: Rows that one header is made of, at most.
DEPTH = 8
#: Rows below which no header of several rows begins.
TOP = 40
#: Merged cells: first row, first column, last row, last column.
Merged = tuple[int, int, int, int]
_NUMBER = re.compile(r"[-+]?[\d.,\s]*\d[\d.,\s]*%?")
#: A day, with a time or without: no part of a header.
_DAY = re.compile(r"(?:\d{1,2}[-./]\d{1,2}[-./]\d{4}|\d{4}-\d{2}-\d{2})(?:[ T].*)?")
_COUNT = re.compile(r"\(?\s*(\d{1,2})\s*(?:\)|=.*)?")
_LETTER = re.compile(r"\(?\s*[A-ZĐ]\s*\)?")


@dataclass(frozen=True)
class Header:
    """Where the columns of a table stand in a sheet.

    ``columns``: contract column -> cell column (``c3``); ``titles``: contract column -> the file's own header;
    ``extra`` and ``personal``: the file's header -> cell column. ``position`` is the place of the header's last row
    among the rows, -1 where the names are not a row; ``rows`` are its rows. ``numbering``: the column that numbers
    the rows; ``doubtful``: columns left alone, with the headers that might have been theirs. ``doubles``: cell column
    -> further ones with data whose header means the same column; ``unnamed``: columns with data but no header.
    """

    position: int
    columns: dict[str, str]
    titles: dict[str, str]
    extra: dict[str, str]
    personal: dict[str, str]
    rows: tuple[tuple[str | None, ...], ...] = ()
    numbering: str | None = None
    doubtful: tuple[tuple[str, tuple[str, ...]], ...] = ()
    doubles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unnamed: tuple[str, ...] = ()

    @property
    def first(self) -> int:
        """Return the place of the header's first row among the rows."""
        return self.position - max(len(self.rows), 1) + 1


def match_row(row: Row, mapping: SourceMapping) -> dict[str, int]:
    """Return contract column -> index of the cell that names it, for a header of one row."""
    return find_places(_single(row), mapping, _any_data).found


def titles_above(sheet: Sheet, header: Header) -> list[str]:
    """Return the filled cells of the rows above a header."""
    return [cell for row in sheet.head()[: max(header.first, 0)] for cell in row if cell]


def header_score(rows: Iterable[Row], mapping: SourceMapping) -> int:
    """Return how many columns the best header among ``rows`` names, be it one row or several; 0 where none is one."""
    listed = list(rows)
    best = _best_row(listed, mapping)
    found = _best_block(listed, (), mapping, _any_data, best)
    return found.score if found else best.score


def find_header(sheet: Sheet, mapping: SourceMapping) -> Header | None:
    """Return the header of a sheet: the row, or rows, that name the most columns, the first of equals; None without.

    Several rows are one header only where they name more columns together than one of them alone.
    """
    has_data = _data_below(sheet)
    if sheet.header is not None:
        places = find_places(_single(sheet.header), mapping, has_data)
        score = _score(places, sheet.header)
        return _header(_Block(-1, 1, score, places, _single(sheet.header)), sheet, mapping) if score else None
    rows = sheet.head()
    single = _best_row(rows, mapping, _merged(sheet), has_data)
    block = _best_block(rows, _merged(sheet), mapping, has_data, single) or single
    if not block.score:
        return None
    return _header(_whole(block, rows, sheet, mapping), sheet, mapping)


@dataclass(frozen=True)
class _Block:
    """Rows ``top`` to ``top + depth - 1`` taken as one header."""

    top: int
    depth: int
    score: int
    places: Places
    headings: Sequence[Heading | None]


def _any_data(_: int) -> int:
    return 1


def _data_below(sheet: Sheet) -> HasData:
    """Return a question: how many filled cells does a column have in the lower part of the sheet, where data stands?"""
    known: dict[int, int] = {}

    def ask(place: int) -> int:
        if place not in known:
            cells = sheet.frame[sheet.cells[place]]
            cells = cells.slice(min(TOP, cells.len() // 3))
            known[place] = int((cells.str.strip_chars().str.len_bytes() > 0).sum())
        return known[place]

    return ask


def _single(row: Sequence[str | None]) -> list[Heading | None]:
    return [Heading((cell,)) if cell and cell.strip() else None for cell in row]


def _score(places: Places, row: Sequence[object]) -> int:
    """Return the number of columns named; one alone counts only where the row has no other cell (a title does)."""
    named = len(places.found)
    filled = sum(1 for cell in row if cell and str(cell).strip())
    return named if named >= 2 or named == filled else 0


def _best_row(
    rows: list[Row], mapping: SourceMapping, merged: Sequence[Merged] = (), has_data: HasData = _any_data
) -> _Block:
    best = _Block(0, 1, 0, Places({}), [])
    for top, row in enumerate(rows):
        spread = _within(merged, top, 1) if merged else []
        headings = join([row], spread) if spread else _single(row)
        places = find_places(headings, mapping, has_data)
        if (score := _score(places, row)) > best.score:
            best = _Block(top, 1, score, places, headings)
    return best


def _best_block(
    rows: list[Row],
    merged: Sequence[Merged],
    mapping: SourceMapping,
    has_data: HasData,
    single: _Block,
) -> _Block | None:
    """Return the rows that together name more columns than any single row; the fewest rows of equals.

    Where one row names all columns that the table must have, only rows around it can be part of the header.
    """
    complete = bool(single.score) and _needed(mapping) <= set(single.places.found)
    if complete and _is_explained(rows[single.top], single.places):
        return None
    wordy = [_is_wordy(row) for row in rows[:TOP]]
    best: _Block | None = None
    for depth in range(2, DEPTH + 1):
        for top in range(len(wordy) - depth + 1):
            if not (wordy[top] and wordy[top + depth - 1] and all(wordy[top : top + depth])):
                continue
            if complete and not top <= single.top < top + depth:
                continue
            headings = join(rows[top : top + depth], _within(merged, top, depth))
            places = find_places(headings, mapping, has_data)
            score = _score(places, headings)
            if score > max(single.score, best.score if best else 0):
                best = _Block(top, depth, score, places, headings)
    return best


def _needed(mapping: SourceMapping) -> set[str]:
    """Return the columns a header must name before it is taken for complete: declared ones, else required ones."""
    declared = set(mapping.wanted)
    required = {c.name for c in mapping.contract.columns if c.required} - set(mapping.constants)
    return declared | (required if not mapping.own_table else set())


def _is_explained(row: Row, places: Places) -> bool:
    """Return whether nothing in a header of one row asks for a second one: no blank cell, and no unknown one."""
    words = load_words()
    known = {*places.found.values(), *places.personal}
    names = [fold(cell or "") for cell in row]
    return all(i in known or name in words.numbering or name in words.personal for i, name in enumerate(names))


def _is_wordy(row: Row) -> bool:
    """Return whether a row may be part of a header: not more numbers than words, and no day. A blank row may."""
    filled = [cell for cell in row if cell and cell.strip()]
    if any(_DAY.fullmatch(cell.strip()) for cell in filled):
        return False
    numbers = sum(1 for cell in filled if _NUMBER.fullmatch(cell.strip()))
    return numbers * 2 <= len(filled)


def _merged(sheet: Sheet) -> list[Merged]:
    """Return the merged cells of a sheet with the places of their rows; beyond the rows looked at there are none."""
    places = {row: place for place, row in enumerate(sheet.frame[ROW].head(HEAD))} if sheet.merged else {}
    return [(places[a], b, places.get(c, HEAD), d) for a, b, c, d in sheet.merged if a in places]


def _within(merged: Sequence[Merged], top: int, depth: int) -> list[Merged]:
    """Return the merged cells that begin in the rows of a block, as places in it."""
    return [(a - top, b, c - top, d) for a, b, c, d in merged if top <= a < top + depth]


def join(rows: Sequence[Row], merged: Sequence[Merged] = ()) -> list[Heading | None]:
    """Return the header of each column over several rows: merged cells spread over columns, rows joined downwards.

    Args:
        rows: the header's rows.
        merged: merged cells as (first row, first column, last row, last column) within ``rows``.
    """
    grid = [[cell if cell and cell.strip() else None for cell in row] for row in rows]
    width = max(map(len, grid), default=0)
    grid = [[*row, *[None] * (width - len(row))] for row in grid]
    shared: set[tuple[int, int]] = set()
    for top, left, _, right in merged:
        if not grid[top][left]:
            continue
        for place in range(left + 1, min(right + 1, width)):
            if not grid[top][place]:
                grid[top][place] = grid[top][left]
                shared |= {(top, left), (top, place)}
    _spread(grid, shared)
    headings: list[Heading | None] = []
    for c in range(width):
        filled = [r for r in range(len(grid)) if grid[r][c]]
        filled = [r for n, r in enumerate(filled) if not n or not _is_same(grid[filled[n - 1]][c], grid[r][c])]
        parents = next((n for n, r in enumerate(filled) if (r, c) not in shared), len(filled) - 1)
        headings.append(Heading(tuple(grid[r][c] or "" for r in filled), parents) if filled else None)
    return headings


def _is_same(above: str | None, below: str | None) -> bool:
    """Return whether a level says what the one above it says; single letters are those of a broken word (S / T / T)."""
    return above == below and len((below or "").strip()) > 2


def _spread(grid: list[list[str | None]], shared: set[tuple[int, int]]) -> None:
    """Spread cells over the columns to their right that stand under the same cell and have filled cells below.

    Files do not always tell merged cells, and cells are centred over columns without being merged. The header of the
    column that numbers the rows (``S / T / T``) spreads over none. Enters the places of cells that several columns
    have in common in ``shared``.
    """
    width = len(grid[0]) if grid else 0
    group: list[str | None] = [None] * width  # what stands above
    alone = [_is_numbering_name(" ".join(cell for row in grid if (cell := row[c]))) for c in range(width)]
    for r, row in enumerate(grid):
        below = [any(lower[c] for lower in grid[r + 1 :]) for c in range(width)]
        for c in range(1, width):
            if row[c] or not row[c - 1] or not below[c] or not below[c - 1] or alone[c - 1]:
                continue
            if group[c] == group[c - 1]:
                row[c] = row[c - 1]
                shared |= {(r, c), (r, c - 1)}
        group = [row[c] or group[c] for c in range(width)]


def _whole(block: _Block, rows: list[Row], sheet: Sheet, mapping: SourceMapping) -> _Block:
    """Return the block with the rows that still belong to the header: down to the row that numbers the columns, to the
    end of its merged cells, and rows that name the same columns once more (in another language)."""
    bottom = block.top + block.depth
    numbered = next((i for i in range(bottom, min(bottom + DEPTH, len(rows))) if is_numbering(rows[i])), None)
    if numbered is not None and all(_is_wordy(row) for row in rows[bottom:numbered]):
        while numbered > bottom and not any(rows[numbered - 1]):
            numbered -= 1
        bottom = numbered
    merged = _merged(sheet)
    lowest = max((c + 1 for a, _, c, _ in merged if block.top <= a < bottom), default=0)
    if bottom < lowest <= block.top + DEPTH and all(_is_wordy(row) for row in rows[bottom:lowest]):
        bottom = lowest
    while bottom < min(len(rows), block.top + DEPTH) and _names_again(rows[bottom], block, mapping):
        bottom += 1
    if (depth := bottom - block.top) == block.depth:
        return block
    headings = join(rows[block.top : bottom], _within(merged, block.top, depth))
    return _Block(block.top, depth, block.score, block.places, headings)


def _names_again(row: Row, block: _Block, mapping: SourceMapping) -> bool:
    """Return whether a row below the header names the same columns at the same places, in other words.

    In the same words it is the header repeated, and counted as such.
    """
    if not _is_wordy(row):
        return False
    again = find_places(_single(row), mapping, _any_data).found
    same = all(block.places.found.get(name) == place for name, place in again.items())
    headings = [(block.headings[place], row[place] or "") for place in again.values() if place < len(block.headings)]
    other = any(heading and fold(cell) not in (heading.whole, *heading.parts) for heading, cell in headings)
    return len(again) >= 2 and same and other


def is_numbering(row: Sequence[str | None]) -> bool:
    """Tell a row that numbers the columns: ``(1) (2) (3)``, ``A B 1 2``, ``1 2 3 4 5 6=7+8+9``.

    >>> is_numbering(["A", "B", "1", "2", "3", "4=5+6"])
    True
    >>> is_numbering(["1", "12", "3"])
    False
    """
    filled = [cell.strip() for cell in row if cell and cell.strip() and not cell.startswith("#")]  # not #REF!
    if len(filled) < 3:
        return False
    numbers = [int(m[1]) for cell in filled if (m := _COUNT.fullmatch(cell))]
    letters = len(filled) - len(numbers)
    if len(numbers) < 2 or not all(_LETTER.fullmatch(cell) for cell in filled[:letters]):
        return False
    if numbers == list(range(1, len(numbers) + 1)):
        return True
    told = letters > 0 or any("=" in cell for cell in filled)  # some leave out a number, or write one twice
    return told and len(numbers) >= 4 and numbers[:2] == [1, 2] and numbers == sorted(numbers)


def _header(block: _Block, sheet: Sheet, mapping: SourceMapping) -> Header:
    headings = dict(enumerate(block.headings))
    places = {
        name: _shifted(place, headings, sheet, name in mapping.wanted) for name, place in block.places.found.items()
    }
    titles = {
        name: _title(headings.get(place)) or _title(headings.get(block.places.found[name]))
        for name, place in places.items()
    }
    extra: dict[str, str] = {}
    personal: dict[str, str] = {}
    numbering = None
    taken = {*places.values(), *block.places.found.values()}
    for index, heading in headings.items():
        if index in taken or heading is None or not heading.whole:
            continue
        if any(map(_is_numbering_name, (heading.whole, *heading.parts))):
            numbering = numbering or sheet.cells[index]
            continue
        known = index in block.places.personal or _is_personal(heading)
        kind = personal if known else extra
        kind[_free_title(heading.title, (*extra, *personal))] = sheet.cells[index]
    columns = {name: sheet.cells[index] for name, index in places.items()}
    position = block.top + block.depth - 1 if block.top >= 0 else -1
    rows = () if position < 0 else tuple(map(tuple, sheet.head()[block.top : position + 1]))
    has_data = _data_below(sheet)
    unnamed = [i for i in range(len(sheet.cells)) if i not in taken and headings.get(i) is None and has_data(i)]
    return Header(
        position,
        columns,
        titles,
        extra,
        personal,
        rows,
        numbering,
        block.places.doubtful,
        _doubles(places, headings, rows, sheet, mapping),
        tuple(sheet.cells[i] for i in unnamed),
    )


def _doubles(
    places: Mapping[str, int],
    headings: Mapping[int, Heading | None],
    rows: Sequence[Sequence[str | None]],
    sheet: Sheet,
    mapping: SourceMapping,
) -> dict[str, tuple[str, ...]]:
    """Return the columns with data whose headers are the same as that of a column taken, or as good a name of it.

    Both headers are written: of columns under one merged header, the one with most data is meant.
    """
    has_data, found = _data_below(sheet), {}
    taken = set(places.values())
    written = {i for row in rows for i, cell in enumerate(row) if cell and cell.strip()}
    for name, place in places.items():
        own = headings.get(place)
        if own is None or place not in written:
            continue
        others = [
            sheet.cells[i]
            for i, heading in headings.items()
            if i in written - taken and heading and _names_alike(own, heading, name, mapping) and has_data(i)
        ]
        if others:
            found[sheet.cells[place]] = tuple(others)
    return found


def _names_alike(own: Heading, other: Heading, name: str, mapping: SourceMapping) -> bool:
    """Return whether two headers are the same, or two synonyms of one column where the mapping names none."""
    if other.whole == own.whole:
        return True
    if name in mapping.wanted:
        return False
    table = mapping.contract
    return table.match(own.whole) == table.match(other.whole) == name and rank(table, name, own.whole) == rank(
        table, name, other.whole
    )


def _free_title(title: str, known: Sequence[str]) -> str:
    """Return a header by which a column is told: with a number where another has the same."""
    number, free = 1, title
    while free in known:
        number += 1
        free = f"{title} ({number})"
    return free


def _title(heading: Heading | None) -> str:
    return heading.title if heading else ""


def _is_personal(heading: Heading) -> bool:
    """Return whether a header is one of personal data: as it stands, in one of its levels or lines, or forgivingly."""
    words = load_words().personal
    names = (heading.whole, *heading.parts)
    return any(name in words for name in names) or plain(heading.whole) in _plain_personal()


def _is_numbering_name(name: str) -> bool:
    """Return whether a header is one of a column that numbers the rows; its letters may be broken over rows."""
    words = load_words().numbering
    return fold(name) in words or fold(name).replace(" ", "") in words


@cache
def _plain_personal() -> frozenset[str]:
    return frozenset(plain(word) for word in load_words().personal)


def _shifted(place: int, headings: dict[int, Heading | None], sheet: Sheet, declared: bool) -> int:
    """Return the next column where a declared header stands over an empty column and the next has data but no header.

    Files that do not tell merged cells show a header over two columns only above the first.
    """
    following = place + 1
    if not declared or sheet.merged or following >= len(sheet.cells) or headings.get(following) is not None:
        return place
    has_data = _data_below(sheet)
    return following if has_data(following) > 0 == has_data(place) else place
