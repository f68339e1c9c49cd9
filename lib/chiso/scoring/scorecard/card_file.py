"""A scorecard as a TOML file: areas, criteria, component criteria; every fault of the file is told at once.

The form is written down in ``docs/scorecards.md``; ``scoring/scorecards/template.toml`` is an empty one.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection
from importlib import resources
from importlib.resources.abc import Traversable
from math import fsum, isclose
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from chiso.messages import has, language, text
from chiso.messages.system import reason
from chiso.scoring.scorecard.criterion import Criterion, Text
from chiso.scoring.scorecard.faults import Faults, ScorecardError
from chiso.scoring.scorecard.model import Rating, Scorecard

FOLDER = "scorecards"
Positive = Annotated[FiniteFloat, Field(gt=0, strict=True)]  # true and "2" are no numbers


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Text
    name: Text
    max_points: Positive


class _Rating(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    start: FiniteFloat = Field(alias="from")
    name: Text


class _Card(_Entry):
    """The head of the file: all but the areas."""

    rated_by: Literal["percent", "points"] = "percent"
    ratings: tuple[_Rating, ...] = ()
    legal_basis: str = ""
    verified: bool = False
    valid_from: int | None = None
    valid_to: int | None = None


def load_scorecard(file: Path, indicators: Collection[str] | None = None) -> Scorecard:
    """Read a scorecard from a TOML file and check it as a whole.

    Args:
        file: the file.
        indicators: ids that criteria may name; None: not checked.

    Raises:
        ScorecardError: lists every fault with its key: unknown or missing keys, maxima that do not add up, an
            indicator in two criteria, rules that make no sense, ratings out of order, …
    """
    try:
        content = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ScorecardError(f"{file.name}: {text('scoring.fault.toml_encoding')}") from None
    except OSError as error:
        raise ScorecardError(f"{file.name}: {text('scoring.fault.unreadable', why=reason(error))}") from None
    return _load(file.name, content, indicators)


def own_scorecard(name: str) -> Scorecard:
    """Return a scorecard that comes with the package: ``decree61`` or ``example``, in the language if there is one.

    Raises:
        ScorecardError: no such scorecard.
    """
    file = own_file(name)
    if not file.is_file():
        raise ScorecardError(text("scoring.fault.no_card", name=name))
    return _load(file.name, file.read_text(encoding="utf-8"), None)


def own_file(name: str) -> Traversable:
    """Return a file of the package's scorecards, ``<name>.en.toml`` in English where there is one."""
    folder = resources.files("chiso.scoring") / FOLDER
    spoken = folder / f"{name}.{language()}.toml"
    return spoken if spoken.is_file() else folder / f"{name}.toml"


def _load(name: str, content: str, indicators: Collection[str] | None) -> Scorecard:
    faults = Faults()
    try:
        raw = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = where.groups() if where else (content.count("\n") + 1, "–")
        raise ScorecardError(f"{name}: {text('scoring.fault.toml', line=line, column=column)}") from None
    card = _Walk(name, faults, indicators).card(raw)
    faults.stop()
    assert card is not None
    return card


class _Walk:
    """Goes through the raw file; each entry is checked by itself, so that one fault does not hide another."""

    def __init__(self, file: str, faults: Faults, indicators: Collection[str] | None) -> None:
        self.file, self.faults, self.indicators = file, faults, indicators
        self.criteria: list[Criterion] = []
        self.areas: list[str] = []
        self.groups: list[str] = []
        self.names: list[tuple[str, str]] = []
        self.codes: Counter[str] = Counter()
        self.areas_named: Counter[str] = Counter()

    def card(self, raw: dict[str, Any]) -> Scorecard | None:
        """Check the whole file; None where its head cannot be read."""
        rest = dict(raw)
        areas = self._list(rest, "areas", self.file)
        head = self._entry(_Card, rest, self.file)
        for at, area in enumerate(areas):
            self._area(area, f"{self.file}, areas[{at + 1}]")
        self._sum(self.file, head, [a.get("max_points") for a in areas])
        self._twice()
        if not isinstance(head, _Card):
            return None
        starts = [r.start for r in head.ratings]
        if starts != sorted(set(starts), reverse=True):
            self.faults.add(f"{self.file}, ratings", "ratings_order")
        if head.valid_from is not None and head.valid_to is not None and head.valid_from > head.valid_to:
            self.faults.add(f"{self.file}, valid_to", "years", start=head.valid_from, end=head.valid_to)
        self._basis(self.file, head.verified, head.legal_basis)
        return Scorecard(
            **head.model_dump(exclude={"max_points", "ratings"}),
            criteria=tuple(self.criteria),
            areas=tuple(self.areas),
            groups=tuple(self.groups),
            names=tuple(self.names),
            ratings=tuple(Rating(r.start, r.name) for r in head.ratings),
        )

    def _area(self, raw: dict[str, Any], place: str) -> None:
        rest = dict(raw)
        criteria = self._list(rest, "criteria", self._place(place, raw))
        place = self._place(place, raw)
        head = self._entry(_Entry, rest, place)
        code = str(raw.get("code", ""))
        if head is not None:
            self.names.append((head.code, head.name))
            self.areas_named[head.code] += 1
        for at, criterion in enumerate(criteria):
            here = self._place(f"{place}.criteria[{at + 1}]", criterion)
            if "components" in criterion:
                self._group(criterion, code, here)
            else:
                self._criterion(criterion, code, str(criterion.get("code", "")), here)
        self._sum(place, head, [c.get("max_points") for c in criteria if c.get("kind", "normal") == "normal"])

    def _group(self, raw: dict[str, Any], area: str, place: str) -> None:
        rest = dict(raw)
        components = self._list(rest, "components", place)
        head = self._entry(_Entry, rest, place)
        if head is not None:
            self.codes[head.code] += 1
            self.names.append((head.code, head.name))
        for at, component in enumerate(components):
            here = self._place(f"{place}.components[{at + 1}]", component)
            self._criterion(component, area, str(raw.get("code", "")), here)
        self._sum(place, head, [c.get("max_points") for c in components if c.get("kind", "normal") == "normal"])

    def _criterion(self, raw: dict[str, Any], area: str, group: str, place: str) -> None:
        criterion = self._entry(Criterion, raw, place)
        if not isinstance(criterion, Criterion):
            return
        self.codes[criterion.code] += 1
        for fault in criterion.faults():
            parameter = "steps" if fault.parameter == "step" else fault.parameter
            self.faults.add(f"{place}.{parameter}", fault.message, **fault.values)
        for parameter in criterion.unused():
            self.faults.add(f"{place}.{parameter}", "unused", rule=criterion.rule)
        if not criterion.name:
            self.faults.add(f"{place}.name", "blank", column="name")
        if criterion.rule == "manual" and not criterion.evidence:
            self.faults.add(f"{place}.evidence", "evidence")
        known = self.indicators
        if criterion.indicator is not None and known is not None and criterion.indicator not in known:
            self.faults.add(f"{place}.indicator", "indicator_unknown", indicator=criterion.indicator)
        self._basis(place, criterion.verified, criterion.legal_basis)
        self.criteria.append(criterion)
        self.areas.append(area)
        self.groups.append(group)

    def _twice(self) -> None:
        for code, count in self.codes.items():
            if count > 1:
                self.faults.add(self.file, "code_twice", code=code, count=count)
        for area, count in self.areas_named.items():
            if count > 1:
                self.faults.add(self.file, "area_twice", code=area, count=count)
        for indicator, count in Counter(c.indicator for c in self.criteria if c.indicator).items():
            if count > 1:
                codes = ", ".join(c.code for c in self.criteria if c.indicator == indicator)
                self.faults.add(self.file, "indicator_twice", indicator=indicator, codes=codes)

    def _basis(self, place: str, verified: bool, legal_basis: str) -> None:
        if verified and not legal_basis:
            self.faults.add(self._key(place, "legal_basis"), "verified_without_basis")

    def _sum(self, place: str, head: BaseModel | None, parts: list[Any]) -> None:
        """Check that a maximum is the sum of its parts, where all of them are numbers."""
        whole = getattr(head, "max_points", None)
        if whole is None or not parts or not all(isinstance(p, int | float) for p in parts):
            return
        total = fsum(parts)
        if not isclose(total, whole, rel_tol=1e-9):
            self.faults.add(self._key(place, "max_points"), "sum", total=f"{total:.12g}", expected=f"{whole:.12g}")

    def _list(self, raw: dict[str, Any], key: str, place: str) -> list[dict[str, Any]]:
        """Take a list of tables out of an entry."""
        found = raw.pop(key, [])
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            self.faults.add(self._key(place, key), "not_tables", key=key)
            return []
        if not found:
            self.faults.add(self._key(place, key), "empty_list", key=key)
        return found

    def _entry(self, kind: type[BaseModel], raw: dict[str, Any], place: str) -> Any:
        try:
            return kind.model_validate(raw)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                key = ".".join(str(part) for part in one["loc"])
                message = f"field_{one['type']}" if has(f"scoring.fault.field_{one['type']}") else "field_invalid"
                expected = str(one.get("ctx", {}).get("expected", "")).replace(" or ", ", ")
                self.faults.add(self._key(place, key), message, value=one["input"], expected=expected)
            return None

    def _place(self, place: str, raw: dict[str, Any]) -> str:
        return f"{place} ({raw['code']})" if raw.get("code") else place

    def _key(self, place: str, key: str) -> str:
        return f"{place}, {key}" if place == self.file else f"{place}.{key}"
