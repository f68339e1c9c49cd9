"""The text of a sheet made whole: one Unicode form, old character sets converted, mojibake repaired.

A column is judged by its different cells, with the whole sheet as a second witness; a cell is converted where its own
words do not speak against it. What cannot be decided stays as it is and is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

import polars as pl

from chiso.sources.contract import fold, load_contract
from chiso.sources.readers import Sheet
from chiso.sources.text.charsets import CHARSETS, TCVN3, Charset, charset_of_font
from chiso.sources.text.evidence import Evidence, is_unicode, verdict, weigh, words_of
from chiso.sources.text.mojibake import SIGN, decode, is_garbled, repair
from chiso.sources.text.plain import SOFT_HYPHEN, is_ascii, plain

Kind = Literal["tcvn3", "vni", "mojibake", "undecided", "lost"]
#: Characters of Latin-1 that Vietnamese in Unicode does not have; text in an old character set is full of them.
_OLD = "[\u00a1-\u00bfÄÅÆÇËÎÏÐÑÖ×ØÛÜÞßäåæçëîïðñö÷øûüþÿ]"
_LOST = "\ufffd"
_SUSPECT = f"{_OLD}|{SIGN}|{_LOST}"
#: Words of the whole sheet that make it a witness for a column with few of its own.
_WITNESSES = 4


@dataclass(frozen=True)
class Conversion:
    """Cells of one column that were converted from an old character set or repaired, or could not be.

    Attributes:
        column: the column's place; None for names of columns that are no cells (Parquet).
        kind: the character set, "mojibake", "undecided" (looks like one of them, left as it is), or "lost" (letters
            replaced by U+FFFD before the file was written, left as they are).
        cells: how many cells.
        words: how many different words are Vietnamese only after the conversion.
    """

    column: int | None
    kind: Kind
    cells: int
    words: int = 0


def restore(sheet: Sheet) -> tuple[Sheet, tuple[Conversion, ...]]:
    """Return the sheet with its text in Unicode and NFC, and what was converted, column by column.

    Proper Unicode, other languages, codes and addresses stay; blanks other than the space bar's become spaces and
    invisible characters go.
    """
    texts = {name: sheet.frame[name] for name in sheet.cells if not is_ascii(sheet.frame[name])}
    if sheet.header is not None:
        titles = pl.Series(sheet.header, dtype=pl.String)
        texts |= {} if is_ascii(titles) else {"": titles}
    fonts = _by_column(sheet)
    texts = {name: sheet.frame[name] for name in fonts} | texts
    if not texts:
        return sheet, ()
    told: list[Conversion] = []
    if fonts or any(series.str.contains(_SUSPECT).any() for series in texts.values()):
        columns = {name: _Column(series, fonts.get(name, {})) for name, series in texts.items()}
        if _is_garbled_throughout(columns.values()):
            for column in columns.values():
                column.decode_all()
        pooled = {
            charset: weigh((w for column in columns.values() for w in column.old_words), charset)
            for charset in CHARSETS
        }
        witness = _best({c: e for c, e in pooled.items() if len(e.after) >= _WITNESSES and e.is_strong(c)})
        witness = witness or _by_known_words({cell for column in columns.values() for cell in column.words})
        for name, column in columns.items():
            texts[name], counts, words = column.convert(witness)
            place = sheet.cells.index(name) if name else None
            told += [Conversion(place, kind, counts[kind], words if kind in ("tcvn3", "vni") else 0) for kind in counts]
    texts = {name: plain(series) for name, series in texts.items()}
    header = texts.pop("").to_list() if "" in texts else sheet.header
    frame = sheet.frame.with_columns(series.alias(name) for name, series in texts.items())
    told.sort(key=lambda one: (-1 if one.column is None else one.column, one.kind))
    return replace(sheet, frame=frame, header=header), tuple(told)


@dataclass
class _Column:
    """One column: its cells, and what the fonts of some of them say (place -> charset, capital font)."""

    series: pl.Series
    fonts: Mapping[int, tuple[Charset, bool]]
    distinct: dict[str, int] = field(init=False)
    repaired: dict[str, str] = field(init=False)
    words: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        others = self.series.clone().scatter(list(self.fonts), [None] * len(self.fonts)) if self.fonts else self.series
        counts = others.drop_nulls().value_counts(name="count")
        special = counts.filter(pl.nth(0).str.len_bytes() != pl.nth(0).str.len_chars()).sort(pl.nth(0))
        self.distinct = dict(special.iter_rows())
        old = [cell for cell in self.distinct if not is_unicode(cell)]
        self.repaired = {cell: whole for cell in old if (whole := repair(cell)) is not None}
        if self.repaired and len(old) == len(self.distinct):  # then "Ã" and a space is "à", not a capital
            self.repaired = {cell: whole for cell in old if (whole := repair(cell, lost_blanks=True)) is not None}
        self.words = {cell: words_of(cell) for cell in self.distinct if cell not in self.repaired}

    def decode_all(self) -> None:
        """Repair every cell that shows UTF-8 bytes, also those that alone would be in doubt."""
        self.repaired |= {cell: whole for cell in self.distinct if (whole := decode(cell)) is not None}
        self.words = {cell: words for cell, words in self.words.items() if cell not in self.repaired}

    @property
    def old_words(self) -> set[str]:
        """Return the different words that may be in an old character set."""
        by_font = {cell for place in self.fonts if (cell := self.series[place])}
        return set().union(*self.words.values(), *map(words_of, by_font))

    def convert(self, witness: Charset | None) -> tuple[pl.Series, Counter[Kind], int]:
        """Return the cells converted, how many of each kind, and the number of words that show the character set."""
        evidence = {charset: weigh(self.old_words, charset) for charset in CHARSETS}
        charset = _best({c: e for c, e in evidence.items() if e.is_strong(c)})
        if charset is None and witness is not None and evidence[witness].is_free_of_doubt():
            charset = witness
        is_mixed = charset is not None and bool(evidence[charset].before or any(map(is_unicode, self.distinct)))
        meaning: dict[str, str] = {}
        counts: Counter[Kind] = Counter()
        for cell, count in self.distinct.items():
            kind, text = self._judge(cell, charset, is_mixed, evidence)
            meaning[cell] = text
            if kind in ("undecided", "lost") or (kind is not None and text != cell):
                counts[kind] += count
        changed = {cell: text for cell, text in meaning.items() if text != cell}
        series = self.series.replace(list(changed), list(changed.values())) if changed else self.series
        places, texts = [], []
        for place, (own, is_capital) in self.fonts.items():
            cell = self.series[place]
            if cell and not is_unicode(cell):
                text = own.decode(cell).upper() if is_capital else own.decode(cell)
                counts[own.code] += text != cell
                places.append(place)
                texts.append(text)
        words = len(evidence[charset].after) if charset else 0
        return series.clone().scatter(places, texts) if places else series, +counts, words

    def _judge(
        self, cell: str, charset: Charset | None, is_mixed: bool, evidence: Mapping[Charset, Evidence]
    ) -> tuple[Kind | None, str]:
        """Return what a cell is, and its text."""
        if cell in self.repaired:
            return "mojibake", self.repaired[cell]
        if _LOST in cell:
            return "lost", cell
        if is_unicode(cell):
            return ("undecided" if is_garbled(cell) else None), cell.replace(SOFT_HYPHEN, "")
        words = self.words[cell]
        if charset is not None:
            told = Counter(verdict(word, charset) for word in words)
            if told["after"] > told["before"] + told["neither"] or not (told["after"] or told["before"] or is_mixed):
                text = charset.decode(cell)
                return charset.code, _with_capitals(cell, text) if charset is TCVN3 else text
            return ("undecided" if words and not told["before"] else None), cell
        looks_old = any(
            len(own.after) > 3 * len(own.neither)
            and not own.before
            and any(verdict(word, c) == "after" for word in words)
            for c, own in evidence.items()
        )
        if looks_old or is_garbled(cell):
            return "undecided", cell
        return None, cell.replace(SOFT_HYPHEN, "")


def _is_garbled_throughout(columns: Collection[_Column]) -> bool:
    """Return whether different cells of a sheet are surely mojibake, and more than those that cannot be."""
    sure = sum(len(column.repaired) for column in columns)
    others = sum(decode(cell) is None for column in columns for cell in column.distinct if cell not in column.repaired)
    return sure >= 2 and sure > others


def _by_known_words(cells: Collection[str]) -> Charset | None:
    """Return the character set in which a cell is a header or a label that tables have, such as ``M· ®¬n vÞ``."""
    known = _known_words()
    counts = {
        charset: sum(fold(charset.decode(cell)) in known and fold(cell) not in known for cell in cells)
        for charset in CHARSETS
    }
    best = max(counts, key=lambda charset: counts[charset])
    return best if list(counts.values()).count(counts[best]) == 1 else None


@cache
def _known_words() -> frozenset[str]:
    """Return the headers and labels of all tables that have two words or more, not all in ASCII."""
    columns = [column for table in load_contract().values() for column in table.columns]
    words = {fold(word) for column in columns for word in (*column.headers, *column.values.values())}
    return frozenset(word for word in words if " " in word and not word.isascii())


def _best(evidence: Mapping[Charset, Evidence]) -> Charset | None:
    """Return the character set with the most words for it, None where there is none or two are as good."""
    ranked = sorted(evidence, key=lambda charset: -evidence[charset].balance)
    if len(ranked) > 1 and evidence[ranked[0]].balance == evidence[ranked[1]].balance:
        return None
    return ranked[0] if ranked else None


def _with_capitals(cell: str, text: str) -> str:
    """Return text in capitals where the cell was typed for a capital font: ``CéNG HßA``.

    TCVN3 has no capitals with a tone. Where small letters stand between capitals, and no letter of ASCII is small,
    the cell was read in capitals.
    """
    ascii_letters = [c for c in cell if c.isascii() and c.isalpha()]
    if any(c.islower() for c in ascii_letters):
        return text
    inside = any(
        sum(c.isascii() and c.isupper() for c in word) >= 2 and any(c.islower() for c in word) for word in text.split()
    )
    return text.upper() if inside else text


def _by_column(sheet: Sheet) -> dict[str, dict[int, tuple[Charset, bool]]]:
    """Return column -> place among the rows -> what the cell's font says, for cells in fonts of a character set."""
    found: dict[str, dict[int, tuple[Charset, bool]]] = {}
    for (number, column), font in sorted(sheet.cell_fonts.items()):
        charset = charset_of_font(font)
        if charset is not None:
            is_capital = charset is TCVN3 and font.rstrip().endswith("H")
            found.setdefault(sheet.cells[column], {})[number - 1] = (charset, is_capital)
    return found
