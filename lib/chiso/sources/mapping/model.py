"""How the files of one system become rows of a table: the ``[[sources]]`` of ``chiso.toml`` and of mapping files."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.sources.contract import TableContract, as_contract, fold, load_contract
from chiso.sources.key_dates import key_form

#: What the columns of a wide sheet are called until they are rows: this and their code.
WIDE = "="


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception as error:  # ZoneInfo raises ValueError, OSError and KeyError alike for bad names
        raise ValueError(text("sources.config.zone", value=name)) from error
    return name


def _known_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(text("sources.mapping.pattern", value=pattern, error=error)) from error
    return pattern


def _key_form(form: str) -> str:
    key_form(form)
    return form


def _several(value: object) -> object:
    """Let one text stand for a list of one."""
    return (value,) if isinstance(value, str) else value


Model = TypeVar("Model", bound=BaseModel)
TimeZone = Annotated[str, AfterValidator(_known_zone)]
Pattern = Annotated[str, AfterValidator(_known_pattern)]
KeyForm = Annotated[str, AfterValidator(_key_form)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_several), Field(min_length=1)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(_several), Field(min_length=1)]


class Section(BaseModel):
    """A part of a settings file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Taken(Section):
    """A constant that the file tells in its name, in the name of a sheet, or in a line above the header.

    ``pattern`` is searched; its group named as the column is the value, else its first group, else all it found.
    """

    origin: Literal["file", "sheet", "title"] = Field(alias="from")
    pattern: Pattern

    def find(self, column: str, file: str, sheet: str | None, titles: list[str]) -> str | None:
        """Return the value, None where the pattern is not found."""
        places = {"file": [file], "sheet": [sheet or ""], "title": titles}[self.origin]
        for place in places:
            if found := re.search(self.pattern, " ".join(unicodedata.normalize("NFC", place).split())):
                named = found.groupdict().get(column)
                return named or (found[1] if found.re.groups else found[0])
        return None


Constant = bool | int | float | datetime | date | str
Value = Constant | Taken | tuple[Taken, ...]


class RowChoice(Section):
    """Rows that are data, by patterns that a cell keeps in full; the column is one of the table's or a header.

    A row is data where every ``take`` holds and no ``skip`` does; the others count as layout.
    """

    take: dict[str, Patterns] = {}
    skip: dict[str, Patterns] = {}


class Unpivot(Section):
    """Several columns of one row become one row each: ``name`` takes the code of the column, ``value`` its cell."""

    name: str
    value: str
    columns: dict[str, Texts] = Field(min_length=1)


class SourceMapping(Section):
    """How the files of one system become rows of one table.

    ``file``, ``sheet``: names or patterns such as ``export_*.xlsx``, without regard to case. ``columns`` names the
    headers accepted for a column, the best first: a header (levels of a joined one parted by `` / ``), a pattern of
    its words (``*tổng thu*địa bàn*``), or the letter of the column (``@C``) where it has no header of its own.
    ``constants`` gives a value the file does not have, written here or taken from a name or title (:class:`Taken`).
    ``values`` translates what cells hold ("" stands for a blank cell). ``sums`` adds up columns for one that a file
    lacks; ``multiply`` turns the file's unit into the table's. ``dates``: "iso" takes ISO dates only, "dmy" also
    takes ``31-12-2024`` and ``31.12.2024``, "mdy" ``12/31/2024``. ``numbers``: "vi" ``1.234.567,8``, "en"
    ``1,234,567.8``, "plain" ``1234567.8``; without it also plain, but ``1.234`` may be either and is refused.
    ``fill_merged``: columns whose merged cells hold for every row they cover; rows under other merged cells are
    rejected. ``tolerance``: difference up to which a total row agrees with the rows it adds up.
    ``key_dates``: forms of keys that hold the row's own date, such as ``*-{yyMMdd}-#``; without them the contract's,
    ``[]`` where keys hold none.
    """

    file: Texts
    sheet: Texts = ("*",)
    table: str
    columns: dict[str, Texts] = {}
    constants: dict[str, Value] = {}
    values: dict[str, dict[str, str]] = {}
    time_zone: TimeZone | None = None
    dates: Literal["iso", "dmy", "mdy"] | None = None
    numbers: Literal["vi", "en", "plain"] | None = None
    key_dates: tuple[KeyForm, ...] | None = None
    multiply: dict[str, int | float] = {}
    sums: dict[str, tuple[str, ...]] = {}
    rows: RowChoice = RowChoice()
    fill_merged: tuple[str, ...] = ()
    unpivot: Unpivot | None = None
    tolerance: float | None = Field(default=None, ge=0)
    _own: TableContract | None = PrivateAttr(default=None)

    @property
    def contract(self) -> TableContract:
        """Return the contract of the table the files feed."""
        return self._own or load_contract()[self.table]

    @property
    def wanted(self) -> dict[str, tuple[str, ...]]:
        """Return the headers looked for by column; the columns of a wide sheet as `WIDE` and their code."""
        wide = {f"{WIDE}{code}": specs for code, specs in self.unpivot.columns.items()} if self.unpivot else {}
        return {**self.columns, **wide}

    @property
    def own_table(self) -> bool:
        """Return whether the table is none of the fourteen but one that the mapping file brings with it."""
        return self._own is not None

    @property
    def fixed(self) -> dict[str, Constant]:
        """Return the constants whose value is known without looking at the file."""
        return {name: value for name, value in self.constants.items() if not isinstance(value, Taken | tuple)}

    def takes_file(self, name: str) -> bool:
        """Return whether a file of that name is one of this source."""
        return _any_match(name, self.file)

    def takes_sheet(self, name: str | None) -> bool:
        """Return whether a sheet of that name is read; a format without sheets has none to leave out."""
        return name is None or _any_match(name, self.sheet)

    def resolved(self, file: str, sheet: str | None, titles: list[str]) -> SourceMapping:
        """Return the mapping for one sheet, with the constants that were taken from it; not found ones are left out."""
        constants: dict[str, Value] = {}
        for name, value in self.constants.items():
            if not isinstance(value, Taken | tuple):
                constants[name] = value
                continue
            choices = (value,) if isinstance(value, Taken) else value
            found = (choice.find(name, file, sheet, titles) for choice in choices)
            if (told := next((one for one in found if one), None)) is not None:
                constants[name] = told
        return self if constants == self.constants else self.model_copy(update={"constants": constants})

    @model_validator(mode="after")
    def _names_exist(self, info: ValidationInfo) -> SourceMapping:
        own = (info.context or {}).get("tables", {})
        if self.table in own:
            if own[self.table] is None:  # the table itself is at fault, and told as such
                return self
            self._own = own[self.table]
        elif self.table not in load_contract():
            known = ", ".join((*load_contract(), *own))
            raise ValueError(text("sources.config.table", value=self.table, known=known))
        faults = [*self._unknown_columns(), *self._unknown_codes(), *self._clashes()]
        if faults:
            raise ValueError("; ".join(dict.fromkeys(faults)))
        return self

    def _unknown_columns(self) -> list[str]:
        unpivot = (self.unpivot.name, self.unpivot.value) if self.unpivot else ()
        parts = [part for names in self.sums.values() for part in names]
        named = (
            *self.columns,
            *self.constants,
            *self.values,
            *self.multiply,
            *self.sums,
            *parts,
            *unpivot,
            *self.fill_merged,
        )
        missing = [name for name in dict.fromkeys(named) if not self._has(name)]
        faults = [text("sources.config.column", value=name, table=self.table) for name in missing]
        typed = [(n, "multiply") for n in self.multiply] + [(n, "sums") for n in (*self.sums, *parts)]
        for name, key in typed:
            if self._has(name) and self.contract.column(name).type not in ("int", "float"):
                faults.append(text("sources.mapping.no_number", column=name, key=key))
        return faults

    def _has(self, name: str) -> bool:
        try:
            self.contract.column(name)
        except KeyError:
            return False
        return True

    def _unknown_codes(self) -> list[str]:
        faults = []
        for name, words in self.values.items():
            if not self._has(name) or (column := self.contract.column(name)).type != "enum":
                continue
            codes = {fold(word) for pair in column.values.items() for word in pair}
            wrong = [code for code in words.values() if code and fold(code) not in codes]
            known = ", ".join(column.values)
            faults += [text("sources.config.code", value=code, column=name, known=known) for code in wrong]
        return faults

    def _clashes(self) -> list[str]:
        faults = []
        both = sorted(set(self.columns) & set(self.constants))
        if both:
            faults.append(text("sources.config.both", columns=", ".join(both)))
        if self.unpivot:
            twice = sorted({self.unpivot.name, self.unpivot.value} & {*self.columns, *self.constants})
            if twice:
                faults.append(text("sources.mapping.unpivot_twice", columns=", ".join(twice)))
        return faults


def _any_match(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(fold(name), fold(pattern)) for pattern in patterns)


class MappingFile(Section):
    """A mapping file: one system, the tables it brings with it, and its sources."""

    system: str | None = None
    tables: dict[str, TableContract] = {}
    sources: tuple[SourceMapping, ...] = Field(min_length=1)


def own_tables(raw: Mapping[str, Any], system: str) -> dict[str, Any]:
    """Return the ``[tables]`` of a settings file as the model takes them: columns in a list, label and system told."""
    tables = raw.get("tables", {})
    if not isinstance(tables, Mapping):
        return {}
    given = {}
    for name, table in tables.items():
        known = {"label": name, "system": system}
        given[name] = as_contract(name, {**known, **table}) if isinstance(table, Mapping) else table
    return given


def validate(model: type[Model], raw: Mapping[str, Any], file: Path, system: str) -> Model:
    """Return settings of a TOML file as their model.

    Raises:
        ChisoError: names or values that do not exist; all of them are listed, with file and key.
    """
    tables = own_tables(raw, system)
    sound: dict[str, TableContract | None] = {}
    for name, table in tables.items():
        try:
            sound[name] = TableContract.model_validate(table)
        except ValidationError:
            sound[name] = None  # told below, with its place
    taken = [text("sources.mapping.table_taken", table=name) for name in tables if name in load_contract()]
    try:
        whole = {**raw, "tables": tables} if tables else raw
        settings = model.model_validate(whole, context={"tables": sound})
    except ValidationError as error:
        faults = "\n".join((explain(error), *(f"- tables: {fault}" for fault in taken)))
        raise ChisoError(text("sources.config.invalid", file=file, errors=faults)) from error
    if taken:
        faults = "\n".join(f"- tables: {fault}" for fault in taken)
        raise ChisoError(text("sources.config.invalid", file=file, errors=faults))
    return settings


def read_toml(path: Path) -> dict[str, Any]:
    """Return a TOML file.

    Raises:
        ChisoError: the file is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ChisoError(text("sources.config.syntax", file=path, error=error)) from error


def load_mapping(path: Path) -> MappingFile:
    """Read a mapping file.

    Raises:
        ChisoError: the file is not TOML, or holds names or values that do not exist (all of them are listed).
    """
    raw = read_toml(path)
    system = raw.get("system")
    return validate(MappingFile, raw, path, system if isinstance(system, str) else path.stem)


def explain(error: ValidationError) -> str:
    """Return one line a fault: where it stands and what is wrong."""
    lines = []
    for fault in error.errors():
        where = ".".join(str(part + 1) if isinstance(part, int) else part for part in _place(fault["loc"]))
        if fault["type"] == "extra_forbidden":
            what = text("sources.config.extra")
        elif fault["type"] == "missing":
            what = text("sources.config.missing")
        elif fault["type"] == "value_error":
            what = str(fault["ctx"]["error"])
        else:
            what = text("sources.config.value", value=fault["input"])
        lines.append(f"- {where}: {what}" if where else f"- {what}")
    return "\n".join(dict.fromkeys(lines))


def _place(loc: tuple[int | str, ...]) -> list[int | str]:
    """Return where a fault stands, without the names of the alternatives that pydantic tried."""
    alternatives = {"bool", "int", "float", "datetime", "date", "str", "Taken"}
    kept = [part for part in loc if part not in alternatives and not str(part).startswith(("tuple[", "function-"))]
    return list(kept)
