"""The optional ``chiso.toml`` of a data folder: whose data it is, and how its files differ from the contract."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, PrivateAttr, ValidationError

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.sources.contract import TableContract
from chiso.sources.mapping.lookup import NamedMapping, find_mappings
from chiso.sources.mapping.model import Constant, Section, SourceMapping, TimeZone, explain, read_toml, validate

__all__ = [
    "FILE_NAME",
    "SCORECARDS",
    "TEMPLATES",
    "Body",
    "CatalogueChoice",
    "Constant",
    "Settings",
    "SourceMapping",
    "load_settings",
]

FILE_NAME = "chiso.toml"
#: Folder of the office's own templates of outputs within a data folder: no tables.
TEMPLATES = "templates"
#: Folder of point tables within a data folder: scorecards and what was filled in, no tables either.
SCORECARDS = "scorecards"


class CatalogueChoice(Section):
    """Which catalogue the data is measured by: a plan year, or a file of its own."""

    year: int | None = None
    path: Path | None = None


class Body(Section):
    """The public body whose data it is, as reports name it."""

    name: str = Field(default_factory=lambda: text("sources.config.unnamed_body"))
    office: str | None = None
    province: str | None = None
    synthetic: bool = False
    notice: str | None = None
    time_zone: TimeZone = "Asia/Ho_Chi_Minh"
    catalogue: CatalogueChoice = CatalogueChoice()


class Settings(Section):
    """All of ``chiso.toml``, and the mapping files that go with it.

    ``sources`` and ``tables`` are the folder's own; ``mappings`` names mapping files that are shipped.
    """

    body: Body = Field(default_factory=Body)
    mappings: tuple[str, ...] = ()
    tables: dict[str, TableContract] = {}
    sources: tuple[SourceMapping, ...] = ()
    _found: tuple[NamedMapping, ...] = PrivateAttr(default=())

    @property
    def found(self) -> tuple[NamedMapping, ...]:
        """Return the mapping files read for this folder: its own ones, then the shipped ones it names."""
        return self._found

    @property
    def layers(self) -> list[tuple[SourceMapping, ...]]:
        """Return the sources in the order they are asked for a file: ``chiso.toml``, then each mapping file."""
        return [self.sources, *(named.mapping.sources for named in self.found)]


def load_settings(folder: Path) -> Settings:
    """Read ``chiso.toml`` of a data folder and its mapping files; without either, the defaults.

    Raises:
        ChisoError: a file is not TOML, or holds names or values that do not exist (all of them are listed); a mapping
            named there is not found.
    """
    path = folder / FILE_NAME
    raw = read_toml(path) if path.is_file() else {}
    catalogue = raw.pop("catalogue", {})
    if isinstance(body := raw.get("body"), dict) and "catalogue" in body:  # a field of what is read, not of the file
        fault = f"- body.catalogue: {text('sources.config.extra')}"
        raise ChisoError(text("sources.config.invalid", file=path, errors=fault))
    try:
        choice = CatalogueChoice.model_validate(catalogue)
    except ValidationError as error:
        raise ChisoError(text("sources.config.invalid", file=path, errors=explain(error))) from error
    settings = validate(Settings, raw, path, folder.name)
    if choice.path is not None:
        choice = choice.model_copy(update={"path": folder / choice.path})
    of_data = settings.body.model_copy(update={"catalogue": choice})
    settings = settings.model_copy(update={"body": of_data})
    settings._found = find_mappings(folder, settings.mappings, path)
    return settings
