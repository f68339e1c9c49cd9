"""The made-up department as data: units, fields, procedures, the plan's register, phrases."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache, cached_property
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


class Unit(_Frozen):
    """A unit and its habits; shares and shifts are explained in ``department.toml``."""

    code: str
    name: str
    kind: str
    staff: int
    active_from: date | None = None
    active_to: date | None = None
    late: float = 0.0
    supplement: float = 0.0
    digital: float = 0.0
    satisfaction: float = 0.0
    discipline: float = 0.0
    digitises: bool = True


class Before(_Frozen):
    """The unit that handled a field's cases up to a day."""

    unit: str
    until: date


class Field(_Frozen):
    """A field of work with its procedures ``(name, working days, online level, weight, fee in dong)``."""

    code: str
    name: str
    unit: str
    organisations: float
    season: tuple[float, ...]
    before: Before | None = None
    procedures: tuple[tuple[str, int, str, float, int], ...]


class Batch(_Frozen):
    """A decision of the ministry and the days each following step took."""

    central: date
    field: str
    count: int
    lags: dict[str, int]


class Gap(_Frozen):
    """A quarter in which one unit sent out no questionnaire."""

    unit: str
    quarter: date


class Survey(_Frozen):
    """Satisfaction by factor ``(share, items)`` and the labels of the questionnaire."""

    factors: dict[str, tuple[float, int]]
    age_bands: tuple[str, ...]
    genders: tuple[str, ...]
    channels: tuple[str, ...]
    respondent_kinds: tuple[str, ...]
    gap: Gap
    praise: tuple[str, ...]
    criticism: tuple[str, ...]


class Discipline(_Frozen):
    """A disciplinary case."""

    unit: str
    staff: str
    on: date
    level: str


class Titles(_Frozen):
    """Titles to choose from."""

    titles: tuple[str, ...]


class Entry(_Frozen):
    """One line of the plan's register; the keys are explained in ``register.toml``."""

    item: str
    kind: str
    title: str
    deadline: str
    written: bool = True
    units: tuple[str, ...] = ("VP",)
    plan: str | None = None
    subtype: str | None = None
    periods: tuple[str, ...] = ()
    monthly: bool = False


class Register(_Frozen):
    """The plan's register and the form of evidence by kind of product."""

    evidence: dict[str, str]
    entries: tuple[Entry, ...]


class Department(_Frozen):
    """Everything invented about the department that is not a number drawn at random."""

    province: str
    office: str
    first: date
    last: date
    exported: date
    units: tuple[Unit, ...]
    fields: tuple[Field, ...]
    batches: tuple[Batch, ...]
    survey: Survey
    tasks: Titles
    initiatives: Titles
    discipline: tuple[Discipline, ...]
    plan: Register

    @cached_property
    def unit_index(self) -> dict[str, int]:
        """Position of each unit by code."""
        return {unit.code: i for i, unit in enumerate(self.units)}

    @property
    def years(self) -> range:
        """Plan years covered."""
        return range(self.first.year, self.last.year + 1)

    def active(self, day: date) -> list[Unit]:
        """Units that exist on a day."""
        return [
            unit
            for unit in self.units
            if (unit.active_from is None or unit.active_from <= day)
            and (unit.active_to is None or unit.active_to >= day)
        ]


@cache
def load_department() -> Department:
    """Read the department shipped with the package (``department.toml``, ``register.toml``)."""
    folder = resources.files(__package__)

    def read(name: str) -> dict[str, Any]:
        return tomllib.loads((folder / name).read_text(encoding="utf-8"))

    return Department.model_validate({**read("department.toml"), "plan": read("register.toml")})
