"""Recognising personal data by what cells hold: names, identity and telephone numbers, e-mail, addresses, birth dates.

A whole column is recognised by the share of its different cells; single cells and words in free text by the forms that
nothing else has.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

import polars as pl

from chiso.messages import text
from chiso.sources.text.syllables import is_syllable

Kind = Literal["name", "identity", "phone", "email", "address", "birth"]
#: Different cells looked at in one column, taken evenly from all.
_SAMPLE = 2000
_MOBILE = r"(?:3[2-9]|5[25-9]|7[06-9]|8[1-9]|9\d)\d{7}"
_PHONE = re.compile(rf"(?:\+?84|0)(?:{_MOBILE}|2\d{{8,9}})")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_IDENTITY = re.compile(r"(0\d\d)[0-3]\d{8}")
_DATE = re.compile(r"(?:\d{1,2}[/.-]\d{1,2}[/.-](\d{4})|(\d{4})-\d{2}-\d{2})(?:[T ]00:00(?::00)?)?")
#: Years in which most people who use a service were born.
_LIFETIMES = (1915, 2010)
#: Quick sign of a cell that may hold a number or an address to be masked; Python looks at these cells only.
_WORTH = r"@|\d[\d .-]{7,}\d"
#: Quick sign of a cell that may be a name: two to six words that begin with a capital.
_CAPITALISED = r"^\p{Lu}\p{L}*( +\p{Lu}\p{L}*){1,5}$"
_GROUPED = (
    r"(?:\+?84|0)\d{9,10}|(?:\+84 ?|0)\d{2,3}[ .-]\d{3,4}[ .-]?\d{3,4}|0\d{2}[ .-]\d{7}|0\d{3}[ .-]\d{6}"
    r"|0\d{3}[ .-]\d{2}[ .-]\d{2}[ .-]\d{2}"
)
_IN_TEXT = re.compile(
    rf"(?P<email>{_EMAIL.pattern})"
    rf"|(?<![\w/.-])(?P<identity>0\d\d[ .]?[0-3]\d\d[ .]?\d{{3}}[ .]?\d{{3}})(?![\w/]|[.-]\d)"
    rf"|(?<![\w/.-])(?P<phone>{_GROUPED})(?![\w/]|[.-]\d)"
    r"|(?i:\b(?:cmnd|cmt|cccd|chứng minh nhân dân|căn cước(?: công dân)?|số định danh)\b[^\d\n]{0,12})"
    r"(?P<card>\d{9}(?:\d{3})?)(?!\d)"
)


@lru_cache(maxsize=65536)
def person_kind(cell: str) -> Kind | None:
    """Return what kind of personal data a whole cell is by its form alone, None where it may be something else.

    >>> [person_kind(cell) for cell in ("Nguyễn Thị Ánh", "0912 345 678", "079203001234", "HS-0912345678", "Hồ sơ")]
    ['name', 'phone', 'identity', None, None]
    """
    compact = re.sub(r"[\s.()-]", "", cell)
    if _EMAIL.fullmatch(cell):
        return "email"
    if (found := _IDENTITY.fullmatch(compact)) and found[1] in _data().provinces and re.fullmatch(r"[\d .]+", cell):
        return "identity"
    if _PHONE.fullmatch(compact):
        return "phone"
    if _is_name(cell):
        return "name"
    return "address" if _is_address(cell) else None


def column_kind(cells: pl.Series) -> Kind | None:
    """Return what kind of personal data a column holds by the share of its different cells, None where it is none.

    Half of the cells must have the form. Weak forms (nine digits, dates of a lifetime, addresses) need most of at
    least three different cells.
    """
    distinct = cells.drop_nulls().unique().sort()
    if distinct.is_empty():
        return None
    sample = distinct.gather_every(max(1, distinct.len() // _SAMPLE)).to_list()
    kinds: dict[Kind, int] = {}
    for cell in sample:
        if kind := person_kind(cell):
            kinds[kind] = kinds.get(kind, 0) + 1
    n = len(sample)
    strong: tuple[Kind, ...] = ("email", "identity", "phone", "name")
    for kind in strong:
        if 2 * kinds.get(kind, 0) >= n and not (kind in ("identity", "phone") and _is_series(sample)):
            return kind
    if n < 3:
        return None
    if kinds.get("address", 0) >= 0.6 * n:
        return "address"
    if _is_old_identity(sample):
        return "identity"
    return "birth" if _are_birth_dates(sample) else None


def mask_texts(cells: pl.Series) -> tuple[pl.Series, int]:
    """Return free texts with the numbers and addresses of people in them masked, and how many cells had some."""
    if not cells.str.contains(_WORTH).any():
        return cells, 0
    distinct = cells.filter(cells.str.contains(_WORTH).fill_null(False)).unique().to_list()
    masked = {cell: new for cell in distinct if (new := mask_text(cell)) != cell}
    return replace_cells(cells, masked)


def mask_text(cell: str) -> str:
    """Return a text with e-mail addresses, telephone and identity numbers masked.

    >>> mask_text("Báo cáo số 12/BC-SNV, liên hệ 0912.345.678")
    'Báo cáo số 12/BC-SNV, liên hệ [đã che]'
    """
    return _IN_TEXT.sub(_masked, cell)


def _masked(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    if found["phone"] and not _PHONE.fullmatch(digits):
        return found[0]
    if found["identity"] and digits[:3] not in _data().provinces:
        return found[0]
    return (
        found[0].replace(found["card"], text("sources.personal.masked"))
        if found["card"]
        else text("sources.personal.masked")
    )


def person_cells(cells: pl.Series) -> list[str]:
    """Return the different cells that are, as a whole, a person's name, number or e-mail address.

    Only forms that hardly anything else has: of names those of three words and more.
    """
    worth = cells.filter(cells.str.contains(f"{_WORTH}|{_CAPITALISED}").fill_null(False)).unique().sort().to_list()
    kinds: tuple[Kind | None, ...] = ("email", "identity", "phone", "name")
    return [
        cell for cell in worth if (kind := person_kind(cell)) in kinds and (kind != "name" or len(cell.split()) > 2)
    ]


def hide_cells(cells: pl.Series) -> pl.Series:
    """Return cells with those hidden that are personal data, and what personal numbers others have in them masked."""
    distinct = cells.drop_nulls().unique().to_list()
    hidden = text("sources.personal.value")
    new = {cell: hidden if person_kind(cell) else mask_text(cell) for cell in distinct}
    return replace_cells(cells, {cell: shown for cell, shown in new.items() if shown != cell})[0]


def replace_cells(cells: pl.Series, meaning: dict[str, str]) -> tuple[pl.Series, int]:
    """Return cells with those of ``meaning`` replaced, and how many they were."""
    if not meaning:
        return cells, 0
    return cells.replace(list(meaning), list(meaning.values())), int(cells.is_in(list(meaning)).sum())


class _Data:
    """The lists of ``personal.toml``, ready to compare."""

    def __init__(self) -> None:
        raw = tomllib.loads((resources.files(__package__) / "personal.toml").read_text(encoding="utf-8"))
        self.families = {name.lower() for name in raw["family_names"].split()}
        self.bare_families = {_bare(name) for name in self.families}
        self.not_names = {tuple(words.split()) for words in raw["not_names"]}
        self.bare_not_names = {tuple(_bare(words).split()) for words in raw["not_names"]}
        self.provinces = frozenset(raw["provinces"].split())
        words = "|".join(sorted(map(re.escape, raw["address_words"]), key=len, reverse=True))
        self.address_word = re.compile(rf"(?<!\w)(?:{words})(?!\w)")
        self.not_address = re.compile(rf"(?:{''.join(raw['not_addresses'].split(chr(10)))})(?!\w)")


@cache
def _data() -> _Data:
    return _Data()


def _bare(words: str) -> str:
    letters = unicodedata.normalize("NFD", words.lower().replace("đ", "d").replace("Đ", "d"))
    return "".join(c for c in letters if not unicodedata.combining(c))


def _is_name(cell: str) -> bool:
    """Return whether a cell is a family name and one to five more syllables, each with a capital or all capitals."""
    words = cell.split()
    if not 2 <= len(words) <= 6 or not all(word.isalpha() and word[0].isupper() for word in words):
        return False
    if not cell.isupper() and not all(word[1:].islower() or len(word) == 1 for word in words):
        return False
    lower = tuple(word.lower() for word in words)
    if cell.isascii():
        return len(words) >= 3 and lower[0] in _data().bare_families and lower[:2] not in _data().bare_not_names
    if lower[0] not in _data().families or lower[:2] in _data().not_names:
        return False
    return all(is_syllable(word) for word in words)


def _is_address(cell: str) -> bool:
    """Return whether a cell is an address: two of its words with a comma or a number, and not the name of a body."""
    lower = cell.lower()
    if not 8 <= len(cell) <= 150 or _data().not_address.match(lower):
        return False
    return len(set(_data().address_word.findall(lower))) >= 2 and bool(re.search(r"[\d,]", cell))


def _is_series(sample: list[str]) -> bool:
    """Return whether numbers have nearly all the same first half, as codes given out one after another have."""
    return len(sample) >= 3 and len({cell[:6] for cell in sample}) * 3 < min(len(sample), 30)


def _is_old_identity(sample: list[str]) -> bool:
    """Return whether cells are nine-digit identity numbers: provinces 01 to 38 in front, mixed, and no amounts."""
    digits = [cell for cell in sample if re.fullmatch(r"[0-3]\d{8}", cell)]
    if len(digits) < 0.8 * len(sample):
        return False
    provinces = {cell[:2] for cell in digits}
    round_ones = sum(cell.endswith("000") for cell in digits)
    return all("01" <= p <= "38" for p in provinces) and len(provinces) >= 3 and round_ones * 10 < len(digits)


def _are_birth_dates(sample: Iterable[str]) -> bool:
    """Return whether cells are dates (or years) all over a lifetime, most of them before this century's tenth year."""
    cells = list(sample)
    found = [_DATE.fullmatch(cell) for cell in cells]
    years = [int(m[1] or m[2]) for m in found if m]
    if not years:
        years = [int(cell) for cell in cells if re.fullmatch(r"(?:19|20)\d\d", cell)]
    if len(years) < 0.8 * len(cells) or max(years) - min(years) < 8:
        return False
    return sum(_LIFETIMES[0] <= year < _LIFETIMES[1] for year in years) >= 0.8 * len(years)
