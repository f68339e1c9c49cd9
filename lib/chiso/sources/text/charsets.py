"""The old Vietnamese character sets: what the characters of a cell mean that a font once made Vietnamese.

Text of that time is bytes; a reader gives each as the character of Latin-1 at its place (``Bé Tµi chÝnh``).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Literal

#: Letters that only Vietnamese in Unicode has: text with one of them is not in an old character set.
OWN_LETTERS = "ĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9"


@dataclass(frozen=True)
class Charset:
    """A character set: its code name, its name for people, the start of its fonts' names, its letters."""

    code: Literal["tcvn3", "vni"]
    name: str
    fonts: str
    letters: Mapping[str, str]

    def __hash__(self) -> int:
        return hash(self.code)

    def decode(self, written: str) -> str:
        """Return the Unicode text that ``written`` stands for; characters that are no letters stay.

        >>> TCVN3.decode("Bé Tµi chÝnh")
        'Bộ Tài chính'
        >>> VNI.decode("Boä Taøi chính")
        'Bộ Tài chính'
        """
        return self._codes.sub(lambda found: self._meaning[found[0]], written)

    def covers(self, written: str) -> bool:
        """Return whether every character beyond ASCII is a letter of the character set."""
        return self._codes.sub("", written).isascii()

    def encode(self, plain: str) -> str:
        """Return Unicode text as this character set writes it; a capital it lacks becomes its small letter."""
        return "".join(
            self.letters.get(c) or self.letters.get(c.lower(), c) for c in unicodedata.normalize("NFC", plain)
        )

    @cached_property
    def _meaning(self) -> dict[str, str]:
        meaning = {code: letter for letter, code in self.letters.items()}
        for code, letter in list(meaning.items()):  # `Aù` is as good as `AÙ`
            if len(code) == 2 and letter.isupper():
                meaning.setdefault(code[0] + code[1].lower(), letter)
        return meaning

    @cached_property
    def _codes(self) -> re.Pattern[str]:
        longest_first = sorted(self._meaning, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)))


def _load(code: Literal["tcvn3", "vni"], name: str, fonts: str) -> Charset:
    lines = (resources.files(__package__) / f"{code}.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    letters = {row["letter"]: "".join(chr(int(byte, 16)) for byte in row["code"].split()) for row in rows}
    return Charset(code, name, fonts, letters)


TCVN3 = _load("tcvn3", "TCVN3 (ABC)", ".vn")
VNI = _load("vni", "VNI-Windows", "vni-")
CHARSETS = (TCVN3, VNI)


def charset_of_font(font: str) -> Charset | None:
    """Return the character set that a font draws, None for fonts of Unicode.

    >>> charset_of_font(".VnTimeH").code, charset_of_font("VNI-Times").code, charset_of_font("Times New Roman")
    ('tcvn3', 'vni', None)
    """
    name = font.strip().lower()
    return next((charset for charset in CHARSETS if name.startswith(charset.fonts)), None)
