"""Which cells of the questionnaire stay unpublished, decided for all reports that the same year's answers allow.

Reports of quarters, half-year, nine months and year contain each other, and so does the whole department its units:
what one report withholds, another may give away by subtraction. So the decision is taken for the year as a whole, by a
rule that looks at the answers alone: period after period in the order in which they end (a quarter and the cumulative
period that ends with it together), each given those before it. A later period never changes an earlier decision, so
what was published stays consistent.

A cell (unit or whole, period) is withheld where it has fewer than :data:`MINIMUM` respondents; then further cells of
the period go, the smallest first, until no withheld cell, and no sum of a unit's quarters with fewer respondents, is a
combination of the published ones (a linear system, solved). Counts and weighted shares are sums over the same cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np

MINIMUM = 5
Unit = str | None
Cell = tuple[str, Unit]
Counts = Mapping[tuple[str, int], Sequence[int]]
Group = tuple[tuple[str, tuple[int, ...]], ...]
#: Periods of a year by the quarters in them, in the order of the decision; those that end together in one group.
ORDER: tuple[Group, ...] = (
    (("Q1", (1,)),),
    (("Q2", (2,)), ("H1", (1, 2))),
    (("Q3", (3,)), ("9M", (1, 2, 3))),
    (("Q4", (4,)), ("year", (1, 2, 3, 4))),
)


def withheld(sizes: list[tuple[str, int]], minimum: int = MINIMUM) -> set[str]:
    """Return the units to leave out of a table that also shows their total.

    Args:
        sizes: unit and respondents (at least 1), smallest first.
        minimum: respondents from which a cell may be shown.

    Examples:
        >>> sorted(withheld([("a", 2), ("b", 7), ("c", 40)]))
        ['a', 'b']
        >>> withheld([("b", 7), ("c", 40)])
        set()
    """
    out = [(unit, n) for unit, n in sizes if n < minimum]
    rest = [(unit, n) for unit, n in sizes if n >= minimum]
    while out and rest and (len(out) < 2 or sum(n for _, n in out) < minimum):
        out.append(rest.pop(0))
    return {unit for unit, _ in out}


def decide(counts: Counts, minimum: int = MINIMUM) -> dict[str, set[Unit]]:
    """Return the units (None: the whole) to withhold in each period of a year.

    Args:
        counts: answers to each item (the same items throughout) by unit and quarter 1–4; absent: none.
        minimum: respondents from which a cell may be shown.

    Examples:
        >>> year = {("a", 1): [2], ("a", 2): [9], ("b", 1): [8], ("b", 2): [9], ("c", 1): [30], ("c", 2): [30]}
        >>> found = decide(year)
        >>> sorted(found["Q1"]), sorted(found["H1"]), sorted(found["Q2"])
        (['a', 'b'], [], ['a', 'b'])
    """
    return _Year(counts, minimum).decide()


class _Year:
    """The decision of one year; :func:`decide` is the way in.

    Items that are answered in the same cells make the same system; one left blank by a whole unit makes its own.
    """

    def __init__(self, counts: Counts, minimum: int) -> None:
        self.counts = {key: np.asarray(n) for key, n in counts.items() if any(n)}
        self.minimum = minimum
        self.units = sorted({unit for unit, _ in self.counts})
        items = len(next(iter(self.counts.values()), ()))
        answered = {tuple(sorted(key for key, n in self.counts.items() if n[i])) for i in range(items)}
        self.systems = [{key: place for place, key in enumerate(keys)} for keys in sorted(answered) if keys]
        self.published: list[list[np.ndarray]] = [[] for _ in self.systems]
        self.secret: list[list[np.ndarray]] = [[] for _ in self.systems]

    def size(self, unit: Unit, quarters: Iterable[int]) -> int:
        """Respondents of the least answered item that anyone answered; 0 where nobody did."""
        owners = self.units if unit is None else [unit]
        found = [self.counts[u, q] for u in owners for q in quarters if (u, q) in self.counts]
        if not found:
            return 0
        total = np.sum(found, axis=0)
        return int(total[total > 0].min())

    def cell(self, places: Mapping[tuple[str, int], int], unit: Unit, quarters: Iterable[int]) -> np.ndarray:
        """A cell as a sum of the smallest ones: a unit in a quarter with an answer."""
        row = np.zeros(len(places))
        for u in self.units if unit is None else [unit]:
            for q in quarters:
                if (u, q) in places:
                    row[places[u, q]] = 1.0
        return row

    def decide(self) -> dict[str, set[Unit]]:
        found: dict[str, set[Unit]] = {}
        for group in ORDER:
            for unit, some in self._small_sums(max(q for _, quarters in group for q in quarters)):
                for places, secret in zip(self.systems, self.secret, strict=True):
                    secret.append(self.cell(places, unit, some))
            found |= self._together(group)
        return found

    def _small_sums(self, last: int) -> Iterable[tuple[Unit, tuple[int, ...]]]:
        """Sums of a unit's (or the whole's) quarters with few respondents, the last of them among the quarters."""
        for unit in (*self.units, None):
            for length in range(last):
                for others in combinations(range(1, last), length):
                    if 0 < self.size(unit, (*others, last)) < self.minimum:
                        yield unit, (*others, last)

    def _together(self, group: Group) -> dict[str, set[Unit]]:
        """Decide the periods that end together: the shorter one gives way first."""
        cells: list[Cell] = []
        out: set[Cell] = set()
        for period, quarters in group:
            free = {u for u in (*self.units, None) if self._public(u, quarters)}
            sized = [(u, n) for u in self.units if (n := self.size(u, quarters))]
            sizes = sorted((pair for pair in sized if pair[0] not in free), key=lambda pair: (pair[1], pair[0]))
            whole = self.size(None, quarters)
            everything: list[Unit] = [*(u for u, _ in sizes), *([None] if whole and None not in free else [])]
            few = 0 < whole < self.minimum
            out |= {(period, u) for u in (everything if few else withheld(sizes, self.minimum))}
            cells += [(period, u) for u in everything]
        spans = dict(group)
        while leaks := self._leaks(cells, out, spans):
            rest = [cell for cell in cells if cell not in out]
            if not rest:
                break
            out.add(next((cell for cell in rest if cell[1] in leaks), rest[0]))
        for system, places in enumerate(self.systems):
            rows = [(cell in out, self.cell(places, cell[1], spans[cell[0]])) for cell in cells]
            self.secret[system] += self._news(system, [row for hide, row in rows if hide])
            self.published[system] += [row for hide, row in rows if not hide]
        return {period: {u for p, u in out if p == period} for period, _ in group}

    def _public(self, unit: Unit, quarters: Iterable[int]) -> bool:
        """Whether earlier reports tell the cell already, since nobody answered in between."""
        return not any(
            self._news(system, [self.cell(places, unit, quarters)]) for system, places in enumerate(self.systems)
        )

    def _news(self, system: int, rows: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return those of the sums that earlier reports do not tell."""
        rows = [row for row in rows if row.any()]
        told = known(self.published[system], rows)
        return [row for row, is_told in zip(rows, told, strict=True) if not is_told]

    def _leaks(self, cells: Sequence[Cell], out: set[Cell], spans: Mapping[str, tuple[int, ...]]) -> set[Unit]:
        """Units (None: the whole, or several) of the withheld sums that would follow from what is published."""
        found: set[Unit] = set()
        for system, places in enumerate(self.systems):
            rows = [(cell in out, self.cell(places, cell[1], spans[cell[0]])) for cell in cells]
            kept = [row for row in self.secret[system] if row.any()]
            kept += self._news(system, [row for hide, row in rows if hide])
            told = known(self.published[system] + [row for hide, row in rows if not hide], kept)
            for row, leak in zip(kept, told, strict=True):
                units = {key[0] for key, place in places.items() if row[place]}
                found |= (units if len(units) == 1 else {None}) if leak else set()
        return found


def known(published: Sequence[np.ndarray], secret: Sequence[np.ndarray]) -> np.ndarray:
    """Return which of the ``secret`` sums follow from the published ones by adding and subtracting."""
    if not published or not secret:
        return np.zeros(len(secret), dtype=bool)
    _, s, basis = np.linalg.svd(np.stack(published), full_matrices=False)
    basis = basis[s > 1e-9 * max(s[0], 1.0)]
    wanted = np.stack(secret)
    left = wanted - (wanted @ basis.T) @ basis
    return np.abs(left).max(axis=1) < 1e-7
