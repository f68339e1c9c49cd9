"""Which groups of respondents stay unpublished, given what of the units is published.

Tables by gender, channel, field … count the same people as the table by unit, and a field may be one unit's alone. So
a sum of groups may be a sum of units. The units' cells are decided first (:mod:`chiso.reporting.disclosure`), and
groups are withheld so that, for all reports of a year together,

- no withheld group follows from the published groups, even for someone who knows every unit's figures of every quarter
  (so that whatever a later report tells of units gives no earlier group away);
- the published groups tell no sum of units' cells that the published units do not tell (so that they give no withheld
  unit away, now or later).

A group is one cell: all lines (factors, direct question) or none. Each respondent's answers are an unknown, each
published figure a sum of unknowns; sums are compared through the numbers of respondents that two cells share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
import scipy

from chiso.reporting.disclosure import MINIMUM, ORDER, Group, Unit, known, withheld

#: A group of respondents: dimension and value; several values of one dimension may overlap (themes of comments).
Key = tuple[str, str]
#: A group or a unit in a quarter.
Part = tuple[Key, int]
#: A period's figures of a group.
Cell = tuple[str, Key]
_UNIT = "\0unit"


@dataclass(frozen=True)
class People:
    """The respondents of a year.

    Attributes:
        rows: one row a respondent: ``quarter`` (1–4), ``unit_code``, and of each line a boolean: whether it counts.
        lines: names of these columns.
        groups: rows of each group and quarter.
        partitions: dimensions whose values share out all respondents.
    """

    rows: pl.DataFrame
    lines: Sequence[str]
    groups: Mapping[Part, np.ndarray]
    partitions: frozenset[str]


def people_by(rows: pl.DataFrame, lines: Sequence[str], dimensions: Sequence[str]) -> People:
    """Return respondents with a group for each value of the text columns ``dimensions``."""
    groups: dict[Part, np.ndarray] = {}
    for dimension in dimensions:
        found = rows.with_row_index("_row").group_by(dimension, "quarter").agg("_row").sort(dimension, "quarter")
        groups |= {((dimension, value), q): np.array(at) for value, q, at in found.rows()}
    return People(rows, lines, groups, frozenset(dimensions))


def decide_groups(
    people: People, units_out: Mapping[str, Mapping[str, set[Unit]]], minimum: int = MINIMUM
) -> dict[str, set[Key]]:
    """Return the groups to withhold in each period of a year.

    Args:
        people: the respondents.
        units_out: line → period → units (None: the whole) that are withheld.
        minimum: respondents from which a cell may be shown.
    """
    return _Groups(people, units_out, minimum).decide()


class _Line:
    """One line's sums: what is published and what must not follow."""

    def __init__(self, people: People, line: str, out: Mapping[str, set[Unit]]) -> None:
        self.out = out
        answered = people.rows[line].to_numpy()
        units = people.rows.with_row_index("_row").group_by("unit_code", "quarter").agg("_row").sort("unit_code")
        parts = dict(people.groups) | {((_UNIT, u), q): np.array(rows) for u, q, rows in units.sort("quarter").rows()}
        kept = {part: rows[answered[rows]] for part, rows in parts.items()}
        self.place = {part: i for i, part in enumerate(part for part, rows in kept.items() if rows.size)}
        counted = [kept[part] for part in self.place]
        self.size = np.array([rows.size for rows in counted])
        ends = np.cumsum([0, *self.size])
        ones, columns = np.ones(ends[-1]), np.concatenate([*counted, np.zeros(0, dtype=int)]).astype(int)
        incidence = scipy.sparse.csr_array((ones, columns, ends), shape=(len(counted), people.rows.height))
        # Sums of unknowns have the same linear relations as vectors with the same inner products.
        values, vectors = np.linalg.eigh((incidence @ incidence.T).toarray())
        real = values > 1e-9 * max(values.max(initial=0), 1)
        self.vectors = vectors[:, real] * np.sqrt(values[real])
        self.units = sorted({key[1] for key, _ in self.place if key[0] == _UNIT})
        self.published: list[np.ndarray] = []
        self.secret: list[np.ndarray] = []

    def cell(self, key: Key, quarters: Iterable[int]) -> tuple[np.ndarray, int]:
        """The sum of a group over quarters, and how many respondents it has."""
        at = [self.place[key, q] for q in quarters if (key, q) in self.place]
        return self.vectors[at].sum(axis=0), int(self.size[at].sum())

    def unit_rows(self, period: str, quarters: Sequence[int]) -> list[np.ndarray]:
        """The units' sums, and the whole's, that a period publishes."""
        out = self.out[period]
        cells = {u: self.cell((_UNIT, u), quarters)[0] for u in self.units}
        shown = [vector for u, vector in cells.items() if u not in out]
        if None not in out and cells:
            shown.append(np.sum(list(cells.values()), axis=0))
        return [vector for vector in shown if vector.any()]

    def unit_parts(self, last: int) -> list[np.ndarray]:
        """Every unit's sum of every quarter up to ``last``."""
        return [self.vectors[i] for (key, q), i in self.place.items() if key[0] == _UNIT and q <= last]


class _Groups:
    def __init__(self, people: People, units_out: Mapping[str, Mapping[str, set[Unit]]], minimum: int) -> None:
        self.people, self.minimum = people, minimum
        self.lines = [_Line(people, line, units_out[line]) for line in people.lines]
        self.keys = sorted({key for key, _ in people.groups})
        self.told: list[list[np.ndarray]] = [[] for _ in self.lines]  # of units, so far

    def size(self, key: Key, quarters: Iterable[int]) -> int:
        """Respondents of the line that fewest answered; 0 where nobody answered any."""
        counts = [line.cell(key, quarters)[1] for line in self.lines]
        return min((n for n in counts if n), default=0)

    def decide(self) -> dict[str, set[Key]]:
        found: dict[str, set[Key]] = {}
        for group in ORDER:
            found |= self._together(group)
        return found

    def _together(self, group: Group) -> dict[str, set[Key]]:
        """Decide the periods that end together."""
        spans, last = dict(group), max(q for _, quarters in group for q in quarters)
        for told, line in zip(self.told, self.lines, strict=True):
            told += [row for period, quarters in group for row in line.unit_rows(period, quarters)]
        every = [line.unit_parts(last) for line in self.lines]
        out: set[Cell] = set()
        cells: list[Cell] = []
        sizes: dict[Cell, int] = {}
        for period, quarters in group:
            found = {key: n for key in self.keys if (n := self.size(key, quarters))}
            hidden_whole = any(None in line.out[period] for line in self.lines)
            known_already = self._told(list(found), quarters)
            for dimension in sorted({d for d, _ in found}):
                own = sorted(
                    (n, value) for (d, value), n in found.items() if d == dimension and (d, value) not in known_already
                )
                if hidden_whole:
                    out |= {(period, (dimension, value)) for _, value in own}
                elif dimension in self.people.partitions:
                    few = withheld([(value, n) for n, value in own], self.minimum)
                    out |= {(period, (dimension, value)) for value in few}
                else:
                    out |= {(period, (dimension, value)) for n, value in own if n < self.minimum}
                cells += [(period, (dimension, value)) for _, value in own]
                sizes |= {(period, (dimension, value)): n for n, value in own}
        small = [self._small_sums(line, last) for line in self.lines]
        while (blamed := self._leak(cells, out, spans, every, small)) is not None:
            rest = [cell for cell in cells if cell not in out]
            if not rest:
                break
            out.add(min([cell for cell in rest if cell in blamed] or rest, key=lambda cell: (sizes[cell], cell)))
        for i, line in enumerate(self.lines):
            shown, hidden = self._split(line, cells, out, spans)
            line.secret += [*_news(every[i] + line.published, hidden), *_news(every[i] + line.published, small[i])]
            line.published += shown
        return {period: {key for p, key in out if p == period} for period, _ in group}

    def _told(self, keys: Sequence[Key], quarters: Sequence[int]) -> set[Key]:
        """Return the groups that published units, or earlier reports, tell already in every line."""
        new: set[Key] = set()
        for told, line in zip(self.told, self.lines, strict=True):
            found = [line.cell(key, quarters) for key in keys]
            follows = known(told + line.published, [row for row, _ in found])
            new |= {key for key, (_, n), known_ in zip(keys, found, follows, strict=True) if n and not known_}
        return set(keys) - new

    @staticmethod
    def _split(
        line: _Line, cells: Sequence[Cell], out: set[Cell], spans: Mapping[str, Sequence[int]]
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return the sums that are shown and those that are not."""
        both: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
        for cell in cells:
            row, n = line.cell(cell[1], spans[cell[0]])
            if n:
                both[cell in out].append(row)
        return both

    def _small_sums(self, line: _Line, last: int) -> list[np.ndarray]:
        """Sums of a group's quarters with few respondents, the last of them among the quarters."""
        found = []
        for key in self.keys:
            for length in range(last):
                for others in combinations(range(1, last), length):
                    row, n = line.cell(key, (*others, last))
                    if 0 < n < self.minimum:
                        found.append(row)
        return found

    def _leak(
        self,
        cells: Sequence[Cell],
        out: set[Cell],
        spans: Mapping[str, Sequence[int]],
        every: Sequence[list[np.ndarray]],
        small: Sequence[list[np.ndarray]],
    ) -> set[Cell] | None:
        """Return the published cells from which something withheld follows; None where nothing does."""
        for i, line in enumerate(self.lines):
            shown, hidden = self._split(line, cells, out, spans)
            before = len(line.published)
            public = line.published + shown
            # Sums that are units' alone are the second rule's.
            secret = line.secret + _news(every[i] + line.published, hidden) + _news(every[i], small[i])
            used: np.ndarray | None = None
            follows = known(every[i] + public, secret)
            if follows.any():
                used = _makes(every[i], public, secret[int(np.argmax(follows))])
            elif _added(self.told[i], public) != _added(every[i], public):
                used = _tells(self.told[i], every[i], public)
            if used is not None:
                names = [cell for cell in cells if cell not in out and line.cell(cell[1], spans[cell[0]])[1]]
                return {cell for cell, part in zip(names, used[before:], strict=True) if abs(part) > 1e-6}
        return None


def _makes(every: Sequence[np.ndarray], public: Sequence[np.ndarray], wanted: np.ndarray) -> np.ndarray:
    """Return how often each public sum is taken to make ``wanted``, with sums of ``every`` besides."""
    outside = _off(every, np.stack([wanted, *public]))
    found: np.ndarray = np.linalg.lstsq(outside[1:].T, outside[0], rcond=1e-9)[0]
    return found


def _tells(told: Sequence[np.ndarray], every: Sequence[np.ndarray], public: Sequence[np.ndarray]) -> np.ndarray:
    """Return how often each public sum is taken to make a sum of ``every`` that ``told`` does not make."""
    p = np.stack(public)
    left, s, _ = np.linalg.svd(_off(every, p))
    inside = left[:, int((s > 1e-6).sum()) :]  # combinations that are sums of `every`
    vectors, _, _ = np.linalg.svd(_off(told, inside.T @ p))
    found: np.ndarray = inside @ vectors[:, 0]
    return found


def _off(rows: Sequence[np.ndarray], wanted: np.ndarray) -> np.ndarray:
    """Return what of ``wanted`` (k, r) lies outside the span of ``rows``."""
    if not rows:
        return wanted
    _, s, basis = np.linalg.svd(np.stack(rows), full_matrices=False)
    basis = basis[s > 1e-6]
    found: np.ndarray = wanted - (wanted @ basis.T) @ basis
    return found


def _news(told: Sequence[np.ndarray], rows: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return those of the sums that do not follow from what is told."""
    return [row for row, is_told in zip(rows, known(told, rows), strict=True) if not is_told]


def _added(rows: Sequence[np.ndarray], more: Sequence[np.ndarray]) -> int:
    """By how much the rank of ``rows`` rises with ``more``."""
    return _rank([*rows, *more]) - _rank(rows)


def _rank(rows: Sequence[np.ndarray]) -> int:
    return int(np.linalg.matrix_rank(np.stack(rows), tol=1e-6)) if rows else 0
