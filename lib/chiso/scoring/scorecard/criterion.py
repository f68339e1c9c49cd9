"""One criterion of a scorecard: its maximum, its rule and the rule's parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StringConstraints

RuleName = Literal["binary", "proportional", "steps", "count", "deduct", "linear_lower", "manual"]
Kind = Literal["normal", "bonus", "penalty"]
Judge = Literal["self", "appraisal", "survey"]
RULES: tuple[str, ...] = get_args(RuleName)
Number = Annotated[FiniteFloat, Field(strict=True)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]

#: Parameters a rule reads; ``target`` may stand with any rule (it is what the figure is judged by).
PARAMETERS: dict[str, tuple[str, ...]] = {
    "binary": ("target",),
    "proportional": ("target", "floor"),
    "steps": ("steps",),
    "count": ("per_unit", "target"),
    "deduct": ("per_unit",),
    "linear_lower": ("best", "worst"),
    "manual": (),
}


class Step(NamedTuple):
    """Points from a threshold upwards."""

    threshold: FiniteFloat
    points: FiniteFloat


class Fault(NamedTuple):
    """What is wrong with a criterion: the parameter, the message ``scoring.fault.<message>`` and its values."""

    parameter: str
    message: str
    values: Mapping[str, object]


class Criterion(BaseModel):
    """A criterion (or component criterion) that gets points of its own.

    ``max_points``: most points. A ``bonus`` adds points and a ``penalty`` takes points off, both without a maximum of
    their own in the total. ``indicator``: the figure it is computed from; None where it is entered. ``judged_by``: who
    gives the final points. ``legal_basis``, ``verified`` (read in the legal text itself), ``valid_from`` and
    ``valid_to`` (years) say where the rule comes from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Text
    max_points: Annotated[Number, Field(gt=0)]
    rule: RuleName
    name: str = ""
    kind: Kind = "normal"
    judged_by: Judge = "self"
    indicator: Text | None = None
    evidence: str = ""
    target: Number | None = None
    floor: Number | None = None
    best: Number | None = None
    worst: Number | None = None
    per_unit: Number | None = None
    steps: tuple[Step, ...] = ()
    legal_basis: str = ""
    verified: bool = False
    valid_from: int | None = None
    valid_to: int | None = None

    def given(self) -> tuple[str, ...]:
        """Return the parameters of rules that have a value."""
        names = ("target", "floor", "best", "worst", "per_unit")
        return tuple(n for n in names if getattr(self, n) is not None) + (("steps",) if self.steps else ())

    def unused(self) -> tuple[str, ...]:
        """Return the parameters given that the rule does not read (``target`` is never one of them)."""
        return tuple(n for n in self.given() if n not in (*PARAMETERS[self.rule], "target"))

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong between the rule and its parameters."""
        yield from getattr(self, f"_{self.rule}", lambda: ())()
        if self.valid_from is not None and self.valid_to is not None and self.valid_from > self.valid_to:
            yield Fault("valid_to", "years", {"start": self.valid_from, "end": self.valid_to})

    def _binary(self) -> Iterator[Fault]:
        if self.target is not None and self.target < 0:
            yield Fault("target", "negative", {"value": _told(self.target)})

    def _proportional(self) -> Iterator[Fault]:
        if self.target is not None and self.target <= 0:
            yield Fault("target", "target_positive", {"value": _told(self.target)})
        elif self.floor is not None and self.floor > self.full_at:
            yield Fault("floor", "floor_above_target", {"floor": _told(self.floor), "target": _told(self.full_at)})

    def _steps(self) -> Iterator[Fault]:
        if not self.steps:
            yield Fault("step", "needed", {"rule": self.rule})
            return
        thresholds = [step.threshold for step in self.steps]
        seen: set[float] = set()
        for threshold in thresholds:
            if threshold in seen:
                yield Fault("step", "steps_overlap", {"threshold": _told(threshold)})
            seen.add(threshold)
        kept = list(dict.fromkeys(thresholds))
        if kept not in (sorted(kept), sorted(kept, reverse=True)):
            yield Fault("step", "steps_unsorted", {"thresholds": ", ".join(map(_told, thresholds))})
        gained = [step.points for step in sorted(self.steps)]
        if len(seen) == len(thresholds) and not (_rises(gained) or _rises(gained[::-1])):
            yield Fault("step", "steps_points", {"points": ", ".join(map(_told, gained))})
        for step in self.steps:
            if not 0 <= step.points <= self.max_points:
                values = {"points": _told(step.points), "max": _told(self.max_points)}
                yield Fault("step", "step_outside", values)

    def _count(self) -> Iterator[Fault]:
        if self.per_unit is None and not (self.target or 0) > 0:
            yield Fault("per_unit", "needed", {"rule": self.rule})
        yield from self._per_unit()

    def _deduct(self) -> Iterator[Fault]:
        if self.per_unit is None:
            yield Fault("per_unit", "needed", {"rule": self.rule})
        yield from self._per_unit()

    def _per_unit(self) -> Iterator[Fault]:
        if self.per_unit is not None and self.per_unit <= 0:
            yield Fault("per_unit", "per_unit_positive", {"value": _told(self.per_unit)})

    def _linear_lower(self) -> Iterator[Fault]:
        for name in ("best", "worst"):
            if getattr(self, name) is None:
                yield Fault(name, "needed", {"rule": self.rule})
        if self.best is not None and self.worst is not None and self.best >= self.worst:
            yield Fault("best", "best_not_below_worst", {"best": _told(self.best), "worst": _told(self.worst)})

    @property
    def full_at(self) -> float:
        """Value from which a proportional or binary rule gives all points (1 where no target is given)."""
        return 1.0 if self.target is None else self.target


def _rises(numbers: list[float]) -> bool:
    return all(a <= b for a, b in pairwise(numbers))


def _told(number: float) -> str:
    return f"{number:.15g}"
