"""Repair of mojibake: UTF-8 that some program read as Windows-1252 or Latin-1, once or several times."""

from __future__ import annotations

import re

import ftfy
import ftfy.badness

from chiso.sources.text.evidence import is_unicode
from chiso.sources.text.syllables import is_syllable

#: A first byte of UTF-8 and one that follows it, as Windows-1252 or Latin-1 shows them.
_CONTINUED = (
    "\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201a"
    "\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122"
)
_PAIR = f"[\u00c2-\u00f4][{_CONTINUED}]"
#: "à" whose second byte, a no-break space, some program turned into a space.
_BLANKED = "\u00c3 "
SIGN = f"{_PAIR}|{_BLANKED}"
_SIGN = re.compile(_PAIR)
_WORD = re.compile(r"[^\W\d_]+")


def repair(cell: str, *, lost_blanks: bool = False) -> str | None:
    """Return the text that a garbled cell was, None where it is not garbled or cannot be repaired whole.

    ``lost_blanks``: take "Ã" and a space for "à" even where nothing else in the cell is garbled.

    >>> repair("Bá»™ TÃ\\xa0i chÃ\\xadnh"), repair("Bá»™ TÃ i chÃ\\xadnh"), repair("MÃ HS"), repair("Café")
    ('Bộ Tài chính', 'Bộ Tài chính', None, None)
    """
    if not (_SIGN.search(cell) or (lost_blanks and _BLANKED in cell)):
        return None
    if (whole := decode(cell)) is not None and _is_vietnamese(whole):
        return whole
    fixed = ftfy.fix_encoding(cell)
    if fixed == cell and not lost_blanks:
        return None
    if _BLANKED in cell:
        fixed = ftfy.fix_encoding(cell.replace(_BLANKED, "\u00c3\u00a0"))
    is_whole = fixed != cell and not _SIGN.search(fixed) and fixed.count("\ufffd") <= cell.count("\ufffd")
    return fixed if is_whole else None


def decode(cell: str) -> str | None:
    """Return the text whose UTF-8 bytes the cell shows as characters, None where they are no such bytes.

    For sheets known to be garbled: here no single cell has to be beyond doubt.

    >>> decode("THá»°C CHI"), decode("MÃ Sá»‘"), decode("SỐ 1")
    ('THỰC CHI', None, None)
    """
    text = cell
    while _SIGN.search(text):
        try:
            text = text.encode("sloppy-windows-1252").decode("utf-8")
        except UnicodeError:
            break
    return text if text != cell else None


def _is_vietnamese(text: str) -> bool:
    """Return whether every word beyond ASCII is a Vietnamese syllable: no chance brings that about."""
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    return bool(words) and all(map(is_syllable, words))


def is_garbled(cell: str) -> bool:
    """Return whether a cell looks like mojibake in two places or, with no letter of Unicode, in one."""
    return len(_SIGN.findall(cell)) > int(is_unicode(cell)) and ftfy.badness.is_bad(cell)
