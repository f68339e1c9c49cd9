"""The optional ``chiso.toml`` of a data folder: whose data it is, and how its files differ from the contract."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.sources.contract import TableContract, fold, load_contract

FILE_NAME = "chiso.toml"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception as error:  # ZoneInfo raises ValueError, OSError and KeyError alike for bad names
        raise ValueError(text("sources.config.zone", value=name)) from error
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]
Constant = bool | int | float | datetime | date | str


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CatalogueChoice(_Section):
    """Which catalogue the data is measured by: a plan year, or a file of its own."""

    year: int | None = None
    path: Path | None = None


class Body(_Section):
    """The public body whose data it is, as reports name it."""

    name: str = Field(default_factory=lambda: text("sources.config.unnamed_body"))
    office: str | None = None
    province: str | None = None
    synthetic: bool = False
    notice: str | None = None
    time_zone: TimeZone = "Asia/Ho_Chi_Minh"
    catalogue: CatalogueChoice = CatalogueChoice()


class SourceMapping(_Section):
    """How the files of one system become rows of one table.

    ``columns`` names the file's header for a column, ``constants`` gives a value the file does not have, ``values``
    translates what its cells hold ("" stands for a blank cell). ``dates``: "iso" takes ISO dates only, "dmy" also
    takes ``31-12-2024`` and ``31.12.2024``. ``numbers``: "vi" ``1.234.567,8``, "en" ``1,234,567.8``, "plain".
    """

    file: str
    table: str
    columns: dict[str, str] = {}
    constants: dict[str, Constant] = {}
    values: dict[str, dict[str, str]] = {}
    time_zone: TimeZone | None = None
    dates: Literal["iso", "dmy"] | None = None
    numbers: Literal["vi", "en", "plain"] = "plain"

    @property
    def contract(self) -> TableContract:
        """Return the contract of the table the files feed."""
        return load_contract()[self.table]

    @model_validator(mode="after")
    def _names_exist(self) -> SourceMapping:
        if self.table not in load_contract():
            raise ValueError(text("sources.config.table", value=self.table, known=", ".join(load_contract())))
        for name in (*self.columns, *self.constants, *self.values):
            try:
                column = self.contract.column(name)
            except KeyError:
                raise ValueError(text("sources.config.column", value=name, table=self.table)) from None
            codes = {fold(word) for pair in column.values.items() for word in pair}
            for code in self.values.get(name, {}).values():
                if column.type == "enum" and code and fold(code) not in codes:
                    known = ", ".join(column.values)
                    raise ValueError(text("sources.config.code", value=code, column=name, known=known))
        if both := set(self.columns) & set(self.constants):
            raise ValueError(text("sources.config.both", columns=", ".join(sorted(both))))
        return self


class Settings(_Section):
    """All of ``chiso.toml``."""

    body: Body = Field(default_factory=Body)
    sources: tuple[SourceMapping, ...] = ()


def load_settings(folder: Path) -> Settings:
    """Read ``chiso.toml`` of a data folder; without the file, the defaults.

    Raises:
        ChisoError: the file is not TOML, or holds names or values that do not exist (all of them are listed).
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return Settings()
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ChisoError(text("sources.config.syntax", file=path, error=error)) from error
    catalogue = raw.pop("catalogue", {})
    try:
        choice = CatalogueChoice.model_validate(catalogue)
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise ChisoError(text("sources.config.invalid", file=path, errors=_explain(error))) from error
    if choice.path is not None:
        choice = choice.model_copy(update={"path": folder / choice.path})
    return settings.model_copy(update={"body": settings.body.model_copy(update={"catalogue": choice})})


def _explain(error: ValidationError) -> str:
    """Return one line a fault: where it stands and what is wrong."""
    lines = []
    for fault in error.errors():
        where = ".".join(str(part + 1) if isinstance(part, int) else part for part in fault["loc"])
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
