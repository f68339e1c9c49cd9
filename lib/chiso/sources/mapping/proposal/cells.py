"""What the cells of a column tell: how dates and numbers are written, and what type fits them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from chiso.sources.contract import ColumnContract, ColumnType, fold, plain
from chiso.sources.parse import clean
from chiso.sources.words import load_words

#: Share of a column's cells that must have a form before it is taken for the column's.
MOST = 0.8
#: Rows of a specimen that are looked at.
ROWS = 5000
_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([T ].*)?")
_DAY = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})([T ,]+(\d{1,2}:\d{2}.*))?")
_TIMED = re.compile(r"\d{1,2}:\d{2}")
_INT = re.compile(r"[+-]?\d+(\.0+)?")
_FLOAT = re.compile(r"[+-]?\d+\.\d+(e[+-]?\d+)?", re.IGNORECASE)
_VI = re.compile(r"[+-]?(\d{1,3}(\.\d{3}){2,}(,\d+)?|\d{1,3}(\.\d{3})+,\d+|\d+,\d{1,2}|\d{4,},\d+)")
_EN = re.compile(r"[+-]?(\d{1,3}(,\d{3}){2,}(\.\d+)?|\d{1,3}(,\d{3})+\.\d+)")
_EITHER = re.compile(r"[+-]?\d{1,3}([.,])\d{3}")


@dataclass(frozen=True)
class Evidence:
    """How often a convention shows in the cells, and a cell that shows it."""

    count: int
    example: str


def sample(cells: pl.Series) -> pl.Series:
    """Return the filled cells among the first rows."""
    return clean(cells.head(ROWS)).drop_nulls()


def date_evidence(columns: Iterable[pl.Series]) -> dict[str, Evidence]:
    """Return how the cells write dates: "iso", "dmy", "mdy"; "either" where day and month could be exchanged."""
    found: dict[str, list[str]] = {}
    for cells in columns:
        for cell in cells:
            if _ISO.fullmatch(cell):
                found.setdefault("iso", []).append(cell)
            elif match := _DAY.fullmatch(cell):
                first, second = int(match[1]), int(match[3])
                kind = "dmy" if first > 12 >= second else "mdy" if second > 12 >= first else "either"
                found.setdefault(kind, []).append(cell)
    return {kind: Evidence(len(cells), cells[0]) for kind, cells in found.items()}


def number_evidence(columns: Iterable[pl.Series]) -> dict[str, Evidence]:
    """Return how the cells write numbers: "vi", "en", "plain"; "either" for such as ``80.000``."""
    found: dict[str, list[str]] = {}
    for cells in columns:
        for cell in cells:
            kinds = (("either", _EITHER), ("vi", _VI), ("en", _EN), ("plain", _FLOAT))
            kind = next((kind for kind, pattern in kinds if pattern.fullmatch(cell)), None)
            if kind:
                found.setdefault(kind, []).append(cell)
    return {kind: Evidence(len(cells), cells[0]) for kind, cells in found.items()}


def type_of(cells: pl.Series) -> ColumnType:
    """Return the type that most of the filled cells have; text where none does.

    Codes with leading zeros are text.
    """
    if not cells.len():
        return "text"
    words = load_words()
    flags = {*words.true, *words.false} - {"1", "0", "1.0", "0.0"}
    kinds: Counter[str] = Counter()
    for cell in cells:
        if _ISO.fullmatch(cell) or _DAY.fullmatch(cell):
            kinds["datetime" if _TIMED.search(cell) else "date"] += 1
        elif _INT.fullmatch(cell):
            kinds["text" if re.match(r"0\d", cell) else "int"] += 1
        elif any(pattern.fullmatch(cell) for pattern in (_FLOAT, _VI, _EN, _EITHER)):
            kinds["float"] += 1
        elif fold(cell) in flags:
            kinds["bool"] += 1
        else:
            kinds["text"] += 1
    if kinds["datetime"]:
        kinds["datetime"] += kinds.pop("date", 0)
    if kinds["float"]:
        kinds["float"] += kinds.pop("int", 0)
    kind, count = max(kinds.items(), key=lambda pair: (pair[1], pair[0]))
    return kind if count >= MOST * cells.len() else "text"  # type: ignore[return-value]


def known_share(cells: pl.Series, column: ColumnContract) -> float:
    """Return the share of the different cells that are codes or labels of an enumeration."""
    codes = {plain(word) for pair in column.values.items() for word in pair}
    distinct = cells.unique()
    return sum(plain(cell) in codes for cell in distinct) / distinct.len() if distinct.len() else 0.0


def fits(cells: pl.Series, column: ColumnContract) -> bool:
    """Return whether cells may be values of a column, by their type; blank cells tell nothing.

    Dates are no text, and words of which none is a value of the enumeration are none of it.
    """
    if not cells.len():
        return True
    kind = type_of(cells)
    if column.type == "text":
        return kind not in ("date", "datetime")
    if column.type == "enum":
        return kind == "text" and cells.n_unique() <= 30 and known_share(cells, column) > 0
    if column.type == "bool":
        words = load_words()
        return all(fold(cell) in words.true or fold(cell) in words.false for cell in cells.unique().head(20))
    return (
        kind
        in {
            "date": ("date", "datetime"),
            "datetime": ("date", "datetime"),
            "int": ("int", "float"),
            "float": ("int", "float"),
        }[column.type]
    )
