"""Repair of mojibake: UTF-8 that some program read as Windows-1252 or Latin-1, once or several times."""

from __future__ import annotations

import re

import ftfy
import ftfy.badness

#: A first byte of UTF-8 and one that follows it, as Windows-1252 or Latin-1 shows them.
_CONTINUED = (
    "\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201a"
    "\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122"
)
SIGN = f"[\u00c2-\u00f4][{_CONTINUED}]|\u00c3 "
_SIGN = re.compile(SIGN)


def repair(cell: str) -> str | None:
    """Return the text that a garbled cell was, None where it is not garbled or cannot be repaired whole.

    >>> repair("Bá»™ TÃ\\xa0i chÃ\\xadnh"), repair("Bá»™ TÃ i chÃ\\xadnh"), repair("ĐÃ CẤP"), repair("Café")
    ('Bộ Tài chính', 'Bộ Tài chính', None, None)
    """
    if not _SIGN.search(cell):
        return None
    fixed = ftfy.fix_encoding(cell)
    if fixed == cell and "\u00c3 " not in cell:
        return None
    if fixed == cell or "\u00c3 " in fixed or _SIGN.search(fixed):
        # The second byte of "à" is a no-break space, which programs like to turn into a space.
        fixed = ftfy.fix_encoding(cell.replace("\u00c3 ", "\u00c3\u00a0"))
        if "\u00a0" in fixed and "\u00a0" not in cell:
            return None
    is_whole = fixed != cell and not _SIGN.search(fixed) and fixed.count("\ufffd") <= cell.count("\ufffd")
    return fixed if is_whole else None


def is_garbled(cell: str) -> bool:
    """Return whether a cell looks like mojibake, repairable or not."""
    return bool(_SIGN.search(cell)) and ftfy.badness.is_bad(cell)
