"""A scorecard: criteria with points, in areas; ratings; where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

from chiso.scoring.scorecard.criterion import Criterion

Level = Literal["component", "criterion", "area", "total"]
TOTAL = "total"
#: Code of the example that comes with the package.
EXAMPLE = "vi_du"


class Rating(NamedTuple):
    """A grade from ``start`` (percent of the maximum, or points) upwards."""

    start: float
    name: str


class Node(NamedTuple):
    """A row of the score table: which criteria (positions in ``Scorecard.criteria``) it sums up."""

    level: Level
    code: str
    name: str
    parts: tuple[int, ...]


@dataclass(frozen=True)
class Scorecard:
    """Criteria in the order of their file, with the area and (for components) the criterion each belongs to.

    Attributes:
        code, name: of the scorecard.
        criteria: all that get points of their own, C of them.
        areas: code of the area of each.
        groups: code of the criterion that a component criterion belongs to; its own code elsewhere.
        names: name of each area and of each criterion made of components, by code.
        ratings: from the highest down; empty: no rating.
        rated_by: whether ``ratings`` start at percent or at points.
        legal_basis, verified, valid_from, valid_to: where it comes from; ``verified`` only if read in the text itself.
    """

    code: str
    name: str
    criteria: tuple[Criterion, ...]
    areas: tuple[str, ...]
    groups: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    ratings: tuple[Rating, ...] = ()
    rated_by: Literal["percent", "points"] = "percent"
    legal_basis: str = ""
    verified: bool = False
    valid_from: int | None = None
    valid_to: int | None = None

    @property
    def invented(self) -> bool:
        """Whether this is the example that comes with the package: its points and rules stand for no decision."""
        return self.code == EXAMPLE and not self.legal_basis

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Codes of :attr:`criteria`."""
        return tuple(c.code for c in self.criteria)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Rows of the score table: criteria (each followed by its components), areas, the total."""
        named = dict(self.names)
        groups = self.groups or self.codes
        found: list[Node] = []
        for group in dict.fromkeys(groups):
            parts = tuple(i for i, g in enumerate(groups) if g == group)
            alone = len(parts) == 1 and self.codes[parts[0]] == group
            name = self.criteria[parts[0]].name if alone else named.get(group, "")
            found.append(Node("criterion", group, name, parts))
            if not alone:
                found += [Node("component", self.codes[i], self.criteria[i].name, (i,)) for i in parts]
        for area in dict.fromkeys(self.areas):
            parts = tuple(i for i, a in enumerate(self.areas) if a == area)
            found.append(Node("area", area, named.get(area, ""), parts))
        return (*found, Node("total", TOTAL, self.name, tuple(range(len(self.criteria)))))

    def position(self, code: str) -> int:
        """Return the place of a criterion.

        Raises:
            KeyError: no criterion has that code.
        """
        try:
            return self.codes.index(code)
        except ValueError:
            raise KeyError(code) from None

    def only(self, places: Sequence[int]) -> Scorecard:
        """Return the scorecard with the criteria at ``places`` alone."""
        groups = self.groups or self.codes
        kept = {name: tuple(column[i] for i in places) for name, column in (("areas", self.areas), ("groups", groups))}
        return replace(self, criteria=tuple(self.criteria[i] for i in places), **kept)  # type: ignore[arg-type]

    def rating(self, percent: float, points: float) -> str | None:
        """Return the grade of a total; None where the scorecard has no ratings.

        >>> card = Scorecard("a", "A", (), (), ratings=(Rating(80, "Tốt"), Rating(0, "Yếu")))
        >>> card.rating(80.0, 8.0), card.rating(79.9, 7.99)
        ('Tốt', 'Yếu')
        """
        # A sum of parts such as 0.1 may miss the start of a grade by its last binary digit.
        value = round(percent if self.rated_by == "percent" else points, 9)
        return next((r.name for r in self.ratings if value >= r.start), None)
