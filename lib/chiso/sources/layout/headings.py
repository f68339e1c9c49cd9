"""Which column a header means: exactly first, then forgiving accents, punctuation, footnote marks and line breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from chiso.sources.contract import TableContract, fold, plain
from chiso.sources.layout.money import without_unit
from chiso.sources.mapping.model import SourceMapping
from chiso.sources.words import load_words

#: Number of filled cells that a column, by its place, has below the header.
HasData = Callable[[int], int]
LEVELS = " / "
_LETTER = re.compile(r"@([A-Z]{1,3})")


@dataclass(frozen=True)
class Heading:
    """The header of one column: its levels from top to bottom.

    The first ``parents`` of them are cells that it has in common with other columns; the others are its own: the
    words of one header broken over rows, or one header in two languages. The lines of a cell may be two languages too.
    """

    levels: tuple[str, ...]
    parents: int = 0

    @cached_property
    def title(self) -> str:
        """Return the header as one line, levels parted by `` / ``."""
        return LEVELS.join(" ".join(level.split()) for level in self.levels)

    @cached_property
    def whole(self) -> str:
        """Return the header as it is compared, all levels in one."""
        return fold(" ".join(self.levels))

    @cached_property
    def own(self) -> tuple[str, ...]:
        """Return the header without its parents, one by one: whole cells, nearer than any piece of them."""
        joined = dict.fromkeys(fold(" ".join(self.levels[i:])) for i in range(1, self.parents + 1))
        return tuple(one for one in joined if one and one != self.whole)

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """Return what else the header may be called: without its parents, in one of two languages."""
        joined = list(self.own)
        own = self.levels[self.parents :]
        if len(own) == 2:
            joined += [" ".join((*self.levels[i : self.parents], one)) for i in range(self.parents + 1) for one in own]
        lines = [line for line in own[0].splitlines() if line.strip()] if len(own) == 1 else []
        k = len(lines)
        if 1 < k <= 8:
            joined += [" ".join(lines[a:b]) for a in range(k) for b in range(k, a, -1)]
        if len(own) == 1:
            joined += re.split(r"\s[-–—]\s", own[0])
        joined.append(without_unit(" ".join(own)))
        parts = dict.fromkeys(folded for one in joined if (folded := fold(one)))
        parts.pop(self.whole, None)
        return tuple(parts)


@dataclass(frozen=True)
class Places:
    """Where the columns of a table stand: column -> place; what was left alone because it might be two columns."""

    found: dict[str, int]
    doubtful: tuple[tuple[str, tuple[str, ...]], ...] = ()
    personal: tuple[int, ...] = ()


@dataclass
class _Search:
    """One look at a row of headings for the columns of a mapping."""

    mapping: SourceMapping
    headings: Sequence[Heading | None]
    has_data: HasData
    found: dict[str, int] = field(default_factory=dict)
    doubtful: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def filled(self) -> list[tuple[int, Heading]]:
        return [(index, heading) for index, heading in enumerate(self.headings) if heading and heading.whole]

    def free(self) -> list[tuple[int, Heading]]:
        taken = set(self.found.values())
        return [(index, heading) for index, heading in self.filled if index not in taken]

    def take(self, name: str, hits: list[tuple[int, Heading]]) -> bool:
        """Take the one column that is meant; of cells merged into one header, the one with data; else tell."""
        if len(hits) > 1 and len({heading.whole for _, heading in hits}) == 1:
            most = max(self.has_data(place) for place, _ in hits)
            hits = [hit for hit in hits if self.has_data(hit[0]) == most]
        if len(hits) == 1:
            self.found[name] = hits[0][0]
            self.doubtful.pop(name, None)
            return True
        if hits:
            self.doubtful[name] = tuple(heading.title for _, heading in hits)
        return False


def find_places(headings: Sequence[Heading | None], mapping: SourceMapping, has_data: HasData) -> Places:
    """Return where the columns of the table stand among ``headings``.

    The headers a mapping declares go first, column by column in its order, a header that is taken is not looked at
    again; then the names, labels and synonyms of the contract. Whatever matches exactly goes before what matches only
    forgivingly; a forgiving match of two headers is left alone.
    """
    search = _Search(mapping, headings, has_data)
    declared = _declared(search)
    _contract_exactly(search, declared)
    words = load_words()
    personal = {i for i, h in search.free() if h.whole in words.personal}
    numbering = {i for i, h in search.free() if h.whole in words.numbering}
    _contract_forgivingly(search, declared | personal | numbering)
    return Places(search.found, tuple(search.doubtful.items()), tuple(sorted(personal)))


def _declared(search: _Search) -> set[int]:
    """Find the headers that the mapping declares; return their places, so that nothing else takes them."""
    exact: dict[str, list[int]] = {}
    for index, heading in search.filled:
        exact.setdefault(heading.whole, []).append(index)
    named: set[int] = set()
    for name, specs in search.mapping.wanted.items():
        for spec in specs:
            if places := exact.get(_key(spec)):
                search.found[name] = _one_of(search, places)
                named.update(places)
                break
    for name, specs in search.mapping.wanted.items():
        if name not in search.found:
            _declared_loosely(search, name, specs)
    return named | set(search.found.values())


def _declared_loosely(search: _Search, name: str, specs: Iterable[str]) -> None:
    for spec in specs:
        if letter := _LETTER.fullmatch(spec.strip()):
            place = column_index(letter[1])
            if place < len(search.headings) and search.has_data(place):
                search.found[name] = place
                return
        for hits in _hits(spec, search.free()):
            if search.take(name, hits):
                return


def _hits(spec: str, free: list[tuple[int, Heading]]) -> Iterator[list[tuple[int, Heading]]]:
    """Yield the headings that a declared header fits, the closest way first."""
    if "*" in spec:
        pattern = words_pattern(spec)
        yield [(i, h) for i, h in free if pattern.fullmatch(plain(" ".join(h.levels)))]
        return
    key, forgiving = _key(spec), plain(spec)
    yield [(i, h) for i, h in free if key in h.own]
    yield [(i, h) for i, h in free if key in h.parts]
    yield [(i, h) for i, h in free if plain(h.whole) == forgiving]
    yield [(i, h) for i, h in free if any(plain(part) == forgiving for part in h.parts)]


@lru_cache(maxsize=4096)
def words_pattern(spec: str) -> re.Pattern[str]:
    """Return the pattern of a header told by some of its words: ``*tổng thu*địa bàn*``."""
    return re.compile(".*".join(re.escape(plain(part)) for part in spec.split("*")))


def _contract_exactly(search: _Search, declared: set[int]) -> None:
    table = search.mapping.contract
    ranks: dict[str, int] = {}
    settled = {*search.mapping.columns, *search.mapping.constants}
    for index, heading in search.filled:
        name = table.match(heading.whole) if index not in declared else None
        if name is None or name in settled:
            continue
        place = rank(table, name, heading.whole)
        if name not in ranks or place < ranks[name]:
            ranks[name], search.found[name] = place, index


def _contract_forgivingly(search: _Search, taken: set[int]) -> None:
    """Match what is left with the contract's headers, forgivingly; a header of two columns is nobody's."""
    table = search.mapping.contract
    settled = {*search.mapping.columns, *search.mapping.constants}
    ways: tuple[Callable[[Heading], Iterable[str]], ...] = (
        lambda h: [n for part in h.own if (n := table.match(part))],
        lambda h: [n for part in h.parts if (n := table.match(part))],
        lambda h: [n for n in [forgiving_match(table, plain(h.whole))] if n],
        lambda h: [n for part in h.parts if (n := forgiving_match(table, plain(part)))],
    )
    for way in ways:
        hits: dict[str, list[tuple[int, Heading]]] = {}
        for index, heading in search.free():
            names = list(dict.fromkeys(way(heading))) if index not in taken else []
            names = [n for n in names if n not in search.found and n not in settled]
            if len(names) == 1:
                hits.setdefault(names[0], []).append((index, heading))
        for name, cells in hits.items():
            search.take(name, cells)


@lru_cache(maxsize=8192)
def forgiving_match(table: TableContract, key: str) -> str | None:
    """Return the column whose name, label or synonym is ``key`` once both are :func:`plain`; None where two are."""
    if not key:
        return None
    known = _forgiving_headers(table)
    if key in known:
        return known[key]
    for family, item in table.items.items():
        for word in (family, *item.headers):
            if found := re.fullmatch(re.escape(plain(word)) + r" ?0*([1-9]\d*)", key):
                return f"{family}_{found[1]}"
    return None


@lru_cache(maxsize=256)
def _forgiving_headers(table: TableContract) -> dict[str, str | None]:
    known: dict[str, str | None] = {}
    for column in table.columns:
        for header in column.headers:
            key = plain(header)
            known[key] = column.name if known.get(key, column.name) == column.name else None
    return known


def _one_of(search: _Search, places: list[int]) -> int:
    """Return the first of several columns of one header, rather one that has data."""
    return next((i for i in places if search.has_data(i)), places[0])


def _key(spec: str) -> str:
    return fold(spec.replace(LEVELS, " "))


def rank(table: TableContract, name: str, title: str) -> int:
    """Return how well a header names a column: 0 its name, 1 its label, 2 a synonym."""
    column = table.column(name)
    return [fold(column.name), fold(column.file_label), title].index(title)


def column_index(letters: str) -> int:
    """Return the place of an Excel column by its letters, from 0.

    >>> column_index("C"), column_index("AA")
    (2, 26)
    """
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
