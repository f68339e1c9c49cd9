"""Whether a word is a Vietnamese syllable, by the rules of its spelling."""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib import resources

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_STOPPED_TONES = "\u0301\u0323"
_FRONT_VOWELS = "eêiy"


@lru_cache(maxsize=65536)
def is_syllable(word: str) -> bool:
    """Return whether a word is a well-formed Vietnamese syllable; case and the tone mark's place do not matter.

    >>> [is_syllable(word) for word in ("Nghệ", "hoà", "hòa", "cafộ", "các", "cac", "Khụng", "µ")]
    [True, True, True, False, True, False, True, False]
    """
    letters = unicodedata.normalize("NFD", word.lower())
    tones = [mark for mark in letters if mark in _TONES]
    if len(tones) > 1:
        return False
    bare = unicodedata.normalize("NFC", "".join(c for c in letters if c not in _TONES))
    rhyme_stops = _bare_syllables().get(bare)
    if rhyme_stops is None:
        return False
    return not rhyme_stops or (bool(tones) and tones[0] in _STOPPED_TONES)


@cache
def _bare_syllables() -> dict[str, bool]:
    """Return every syllable without its tone, and whether it stops on a consonant that few tones go with."""
    raw = tomllib.loads((resources.files(__package__) / "syllables.toml").read_text(encoding="utf-8"))
    front: dict[str, str] = raw["front"]
    rhymes = [(rhyme, rhyme.endswith(tuple(raw["stopped"]))) for rhyme in raw["rhymes"].split()]
    syllables = {}
    for onset in raw["onsets"]:
        for rhyme, stops in rhymes:
            is_front = rhyme[0] in _FRONT_VOWELS
            if (onset in front and not is_front) or (onset in front.values() and is_front):
                continue
            if rhyme == "y" and onset not in raw["y_after"]:
                continue
            syllables[onset + rhyme] = stops
    for rhyme, stops in rhymes:  # `gì`, `giêng`: the onset's own i is the rhyme's
        if rhyme[0] == "i":
            syllables["g" + rhyme] = stops
    return syllables
