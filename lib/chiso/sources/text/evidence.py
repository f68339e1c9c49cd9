"""Is it an old character set? Words that are Vietnamese only after conversion, against those that are so before."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from chiso.sources.text.charsets import OWN_LETTERS, TCVN3, Charset
from chiso.sources.text.syllables import is_syllable

#: A word of letters as an old font has them: also the signs that such fonts draw as letters (``Tµi``, ``tr­êng``).
_WORD = re.compile("[A-Za-z\u00a1-\u00ff]+")
_SIGNS = "\u00a1-\u00bf\u00d7\u00f7"
_UNICODE = re.compile(f"[{OWN_LETTERS}\u0300-\u036f]")

Verdict = Literal["after", "before", "neither", "none"]


@dataclass(frozen=True)
class Evidence:
    """The different words of some cells: valid only after conversion, only before, not even after it."""

    after: frozenset[str]
    before: frozenset[str]
    neither: frozenset[str]

    @property
    def balance(self) -> int:
        """Return by how many words the evidence is for conversion."""
        return len(self.after) - len(self.before) - len(self.neither)

    def is_strong(self, charset: Charset) -> bool:
        """Return whether the words alone show the character set.

        Two words at least, three times as many as speak against it. In TCVN3, with its letters at the places of
        signs, one of them must have such a sign within it, else the words may be another language's.
        """
        if len(self.after) < 2 or len(self.after) < 3 * len(self.before) or len(self.after) < 1.5 * len(self.neither):
            return False
        return charset is not TCVN3 or any(re.search(f"[{_SIGNS}]", word) for word in self.after)

    def is_free_of_doubt(self) -> bool:
        """Return whether no word speaks against the conversion."""
        return not self.before and len(self.neither) <= len(self.after)


def is_unicode(cell: str) -> bool:
    """Return whether a cell has letters that no old character set can show."""
    return _UNICODE.search(cell) is not None


def weigh(words: Iterable[str], charset: Charset) -> Evidence:
    """Return the evidence that different words give for a character set."""
    found: dict[Verdict, set[str]] = {"after": set(), "before": set(), "neither": set(), "none": set()}
    for word in set(words):
        found[verdict(word, charset)].add(word)
    return Evidence(*(frozenset(found[kind]) for kind in ("after", "before", "neither")))


def words_of(cell: str) -> list[str]:
    """Return the words of a cell that an old character set may have written: none for a cell in Unicode."""
    return [] if is_unicode(cell) else [word for word in _WORD.findall(cell) if not word.isascii()]


@lru_cache(maxsize=65536)
def verdict(word: str, charset: Charset) -> Verdict:
    """Return when a word is Vietnamese: only after conversion, only before, never ("neither"), or not to be told.

    Abbreviations (``QĐ``), single letters and signs tell nothing, nor does a word that is valid both before and after.
    """
    if len(word) == 1 or word == "µm":  # a sign, a unit
        return "none"
    decoded = charset.decode(word)
    bare = word.lstrip("«¡¿").rstrip("»°²³¹") or word
    before = is_syllable(bare)
    after = charset.covers(word) and is_syllable(decoded)
    if before == after:
        is_short = len(decoded) == 1 or len(bare) == 1 or bare.isascii() or (decoded.isalpha() and decoded.isupper())
        return "none" if before or is_short else "neither"
    return "after" if after else "before"
