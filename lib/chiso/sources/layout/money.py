"""Money that a sheet counts in thousands, millions or billions, as its titles and headers tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from chiso.sources.contract import ColumnContract, plain

_WORDS = {"nghin": 10**3, "ngan": 10**3, "1000": 10**3, "1 000": 10**3, "trieu": 10**6, "ty": 10**9, "ti": 10**9}
_MONEY = rf"(?:({'|'.join(_WORDS)}) )?(?:dong|vnd)"
#: A title tells the unit of money only where it says that it does, a header only in brackets at its end: other words
#: may look like one (``công ty (đồng)``).
_TITLE = re.compile(rf"\b(?:don vi(?: tinh| tien)?|dvt) {_MONEY}\b")
_UNIT = re.compile(rf"(?:(?:don vi(?: tinh)?|dvt) )?{_MONEY}")
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]\s*$")
_AT_END = re.compile(
    r"[\s,;:–-]*[(\[]\s*(?:đơn vị(?: tính)?:?\s*)?(?:[\w.]+\s+)?(?:đồng|dong|vnđ|vnd)\s*[)\]]\s*$", re.IGNORECASE
)


@dataclass(frozen=True)
class Factor:
    """By what a column has to be multiplied, and the words that tell it."""

    number: int
    told: str


def factors(titles: Iterable[str], columns: Iterable[tuple[ColumnContract, str]]) -> dict[str, Factor]:
    """Return column -> factor for the columns in đồng that a header or a title above it says are in another unit.

    Args:
        titles: cells above the header.
        columns: columns found, each with the header it has in the file. A header's unit goes before the title's.
    """
    above = next((Factor(number, " ".join(t.split())) for t in titles if (number := _of_title(t))), None)
    found = {}
    for column, title in columns:
        if column.type not in ("int", "float") or not column.name.endswith("_vnd"):
            continue
        own = _of_header(title)
        factor = Factor(own, title) if own else above
        if factor and factor.number != 1:
            found[column.name] = factor
    return found


def without_unit(title: str) -> str:
    """Return a header without the unit of money at its end.

    >>> without_unit("Dự toán (triệu đồng)"), without_unit("Đã chi, tr.đ"), without_unit("Đồng Nai")
    ('Dự toán', 'Đã chi, tr.đ', 'Đồng Nai')
    """
    return _AT_END.sub("", title).strip() or title


def _of_title(words: str) -> int | None:
    match = _TITLE.search(plain(words))
    return _WORDS.get(match[1], 1) if match else None


def _of_header(words: str) -> int | None:
    brackets = _BRACKETS.search(words)
    match = _UNIT.fullmatch(plain(brackets[1])) if brackets else None
    return _WORDS.get(match[1], 1) if match else None
