"""The contract of each table: its columns, types, keys and rules, read from ``tables.toml``."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, model_validator

from chiso.messages import DEFAULT, language, text

ColumnType = Literal["text", "date", "datetime", "int", "float", "bool", "enum"]

_FOOTNOTE = re.compile(r"[(\[]\s*(?:\d{1,2}|\*+)\s*[)\]]")
_PUNCTUATION = re.compile(r"[^\w%]|_")

_DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
    "int": pl.Int64(),
    "float": pl.Float64(),
    "bool": pl.Boolean(),
    "enum": pl.String(),
}


#: Columns about a single person, or in a person's own words: in no report, list or message.
PERSONAL = frozenset({"officer_id", "staff_id", "comment"})


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnContract(_Frozen):
    """One column: what it is called, what it holds, which rules its values keep and which agreements are looked into.

    A row that breaks a rule is rejected; one that does not agree (``date_within``, ``follows``, ``within``,
    ``cumulative``, ``refers``: see :mod:`chiso.sources.agreement`) stays and is listed. ``optional``: every indicator
    can be computed without it. ``additive`` false: not summed to be compared with total rows (ratios, years).
    ``public``: names that are no person's, such as those of places. ``label`` is for readers, in the language of the
    process; ``written`` is the label that files bear, where it is another. ``meanings``: what the codes of an
    enumeration are called for readers, where files use other words.
    """

    name: str
    label: str
    written: str = ""
    meanings: dict[str, str] = {}
    type: ColumnType
    required: bool = False
    values: dict[str, str] = {}
    synonyms: tuple[str, ...] = ()
    reference: str | None = None
    own_date: bool = False
    as_written: bool = False
    nonnegative: bool = False
    not_after_export: bool = False
    not_before: str | None = None
    at_most: str | None = None
    answer: bool = False
    period: bool = False
    supporting: bool = False
    optional: bool = False
    additive: bool = True
    public: bool = False
    date_within: tuple[str, ...] = ()
    follows: str | None = None
    within: str | None = None
    cumulative: bool = False
    refers: str | None = None

    @property
    def dtype(self) -> pl.DataType:
        """Return the Polars type of an accepted value."""
        return _DTYPES[self.type]

    @property
    def headers(self) -> tuple[str, ...]:
        """Return every header that means this column: name, label, synonyms."""
        return (self.name, self.file_label, *self.synonyms)

    @property
    def file_label(self) -> str:
        """Return the label that files bear, whatever the language of the reader."""
        return self.written or self.label

    @property
    def words(self) -> dict[str, str]:
        """Return what the codes of an enumeration are called for readers."""
        return self.meanings or self.values

    @model_validator(mode="after")
    def _values_belong_to_enum(self) -> ColumnContract:
        if (self.type == "enum") != bool(self.values):
            raise ValueError(text("sources.contract.enum", column=self.name))
        return self


class ItemFamily(_Frozen):
    """A family of numbered survey items, such as ``access_1``, ``access_2`` …"""

    label: str
    written: str = ""
    synonyms: tuple[str, ...] = ()

    @property
    def headers(self) -> tuple[str, ...]:
        """Return the words that files put before an item's number, besides the family's name."""
        return (self.written or self.label, *self.synonyms)


class TableContract(_Frozen):
    """One table: label, source system, key and columns in their order."""

    name: str
    label: str
    system: str
    stems: tuple[str, ...] = ()
    key: tuple[str, ...]
    columns: tuple[ColumnContract, ...]
    items: dict[str, ItemFamily] = {}

    @model_validator(mode="after")
    def _names_hold(self) -> TableContract:
        names = {column.name for column in self.columns}
        used = [*self.key]
        for column in self.columns:
            used += [n for n in (column.at_most, column.not_before, column.follows, column.within) if n]
        if unknown := set(used) - names:
            raise ValueError(text("sources.contract.unknown", columns=", ".join(sorted(unknown))))
        if self.items and any(fold(h) != h for h in self.items):
            raise ValueError(f"{self.name}: item families are lower-case words")
        headers = [header for column in self.columns for header in dict.fromkeys(map(fold, column.headers))]
        if len(set(headers)) < len(headers):
            twice = ", ".join(sorted({header for header in headers if headers.count(header) > 1}))
            raise ValueError(text("sources.contract.twice", headers=twice))
        return self

    @property
    def own_date(self) -> ColumnContract | None:
        """Return the column with the row's own date, if it has one."""
        return next((column for column in self.columns if column.own_date), None)

    def column(self, name: str) -> ColumnContract:
        """Return the column ``name``; survey items (``access_3``) are made as asked for.

        Raises:
            KeyError: the table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        family, _, number = name.rpartition("_")
        if family in self.items and re.fullmatch(r"[1-9]\d*", number):
            item = self.items[family]
            written = f"{item.headers[0]} {number}"
            return ColumnContract(name=name, label=f"{item.label} {number}", written=written, type="int", answer=True)
        raise KeyError(name)

    def __hash__(self) -> int:
        return hash(self.name)

    def match(self, header: str) -> str | None:
        """Return the column that a file's header means, or None.

        >>> load_contract()["cases"].match("  MÃ  hồ sơ ")
        'case_id'
        >>> load_contract()["survey_responses"].match("Tiếp cận 2")
        'access_2'
        """
        folded = fold(header)
        if folded in (known := _headers(self)):
            return known[folded]
        for family, item in self.items.items():
            for word in (family, *item.headers):
                if found := re.fullmatch(re.escape(fold(word)) + r"[ _.]?0*([1-9]\d*)", folded):
                    return f"{family}_{found[1]}"
        return None

    def item_order(self, name: str) -> tuple[int, int]:
        """Return the place of a survey item among all items: by family, then by number."""
        family, _, number = name.rpartition("_")
        return list(self.items).index(family), int(number)


@cache
def _headers(table: TableContract) -> dict[str, str]:
    return {fold(header): column.name for column in table.columns for header in column.headers}


@lru_cache(maxsize=8192)
def fold(label: str) -> str:
    """Return a label as it is compared: NFC, no invisible characters, one space between words, lower case."""
    plain = re.sub("[\u200b-\u200d\u2060\ufeff]", "", unicodedata.normalize("NFC", label))
    return " ".join(plain.split()).casefold()


@lru_cache(maxsize=8192)
def plain(label: str) -> str:
    """Return a label as it is compared forgivingly: as :func:`fold`, without accents, footnote marks, punctuation.

    >>> plain("Ngày tiếp nhận (1)*") == plain("NGAY  TIEP-NHAN")
    True
    """
    folded = _FOOTNOTE.sub(" ", fold(label)).replace("đ", "d")
    letters = "".join(c for c in unicodedata.normalize("NFD", folded) if not unicodedata.combining(c))
    return " ".join(_PUNCTUATION.sub(" ", letters).split())


def as_contract(name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table as ``tables.toml`` writes it (columns by name) as the model takes it (columns in a list)."""
    columns = table.get("columns", {})
    if isinstance(columns, Mapping):
        columns = [{"name": c, **e} if isinstance(e, Mapping) else e for c, e in columns.items()]
    return {"name": name, **table, "columns": columns}


def load_contract() -> dict[str, TableContract]:
    """Return the contracts of the fourteen tables by name, in the order of ``tables.toml``.

    Another language has its labels from ``tables_<language>.toml``; what files are read by stays the same.
    """
    return _load(language())


@cache
def _load(language: str) -> dict[str, TableContract]:
    raw = _toml("tables.toml")
    labels = {} if language == DEFAULT else _toml(f"tables_{language}.toml")
    contract = {}
    for name, table in raw.items():
        contract[name] = TableContract.model_validate(as_contract(name, _labelled(table, labels.get(name, {}))))
    for table in contract.values():
        for column in table.columns:
            for other in (column.reference, column.refers):
                if other and other not in contract:
                    raise ValueError(f"{table.name}.{column.name}: no table {other}")
    return contract


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / name).read_text(encoding="utf-8"))


def _labelled(table: dict[str, Any], labels: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with the labels of another language, as far as there are any."""

    def other(entry: dict[str, Any], label: str | None) -> dict[str, Any]:
        return entry if label is None else {**entry, "label": label, "written": entry["label"]}

    columns = {name: other(column, labels.get("columns", {}).get(name)) for name, column in table["columns"].items()}
    for name, meanings in labels.get("values", {}).items():
        columns[name] = {**columns[name], "meanings": meanings}
    found = {**table, "label": labels.get("label", table["label"]), "columns": columns}
    if "items" in table:
        found["items"] = {name: other(item, labels.get("items", {}).get(name)) for name, item in table["items"].items()}
    return found
