"""Which cells of the questionnaire stay unpublished, decided for all reports that the same year's answers allow.

Reports of quarters, half-year, nine months and year contain each other, and so does the whole department its units:
what one report withholds, another may give away by subtraction. So the decision is taken for the year as a whole, by a
rule that looks at the answers alone: period after period in the order in which they end, the longer first, each given
those before it. A later period never changes an earlier decision, so what was published stays consistent.

A cell (unit or whole, period) is withheld where it has fewer than :data:`MINIMUM` respondents; then further cells of
the period go, the smallest first, until no withheld cell, and no sum of a unit's quarters with fewer respondents, is a
combination of the published ones (a linear system, solved). Counts and weighted shares are sums over the same cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np

MINIMUM = 5
#: Periods of a year by the quarters in them, in the order of the decision.
ORDER: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("Q1", (1,)),
    ("H1", (1, 2)),
    ("Q2", (2,)),
    ("9M", (1, 2, 3)),
    ("Q3", (3,)),
    ("year", (1, 2, 3, 4)),
    ("Q4", (4,)),
)
Unit = str | None
Counts = Mapping[tuple[str, int], Sequence[int]]


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
        for name, quarters in ORDER:
            for unit, some in self._small_sums(quarters[-1]):
                for places, secret in zip(self.systems, self.secret, strict=True):
                    secret.append(self.cell(places, unit, some))
            found[name] = self._period(quarters)
        return found

    def _small_sums(self, last: int) -> Iterable[tuple[Unit, tuple[int, ...]]]:
        """Sums of a unit's (or the whole's) quarters with few respondents, the last of them among the quarters."""
        for unit in (*self.units, None):
            for length in range(last):
                for others in combinations(range(1, last), length):
                    if 0 < self.size(unit, (*others, last)) < self.minimum:
                        yield unit, (*others, last)

    def _period(self, quarters: Sequence[int]) -> set[Unit]:
        sizes = sorted(
            ((u, n) for u in self.units if (n := self.size(u, quarters))), key=lambda pair: (pair[1], pair[0])
        )
        whole = self.size(None, quarters)
        order: list[Unit] = [*(u for u, _ in sizes), *([None] if whole else [])]
        out: set[Unit] = set(order) if 0 < whole < self.minimum else set(withheld(sizes, self.minimum))
        while (leaks := self._leaks(order, out, quarters)) and len(out) < len(order):
            rest = [u for u in order if u not in out]
            own = [u for u in rest if u in leaks]
            out.add((own or rest)[0])  # the unit that leaks goes first, then the smallest
        for places, published, secret in zip(self.systems, self.published, self.secret, strict=True):
            published += [self.cell(places, u, quarters) for u in order if u not in out]
            secret += [self.cell(places, u, quarters) for u in order if u in out]
        return out

    def _leaks(self, order: list[Unit], out: set[Unit], quarters: Sequence[int]) -> set[Unit]:
        """Units (None: the whole) of the withheld sums that would follow from what is published."""
        found: set[Unit] = set()
        for places, published, secret in zip(self.systems, self.published, self.secret, strict=True):
            rows = published + [self.cell(places, u, quarters) for u in order if u not in out]
            kept = secret + [self.cell(places, u, quarters) for u in order if u in out]
            kept = [row for row in kept if row.any()]
            for row, leak in zip(kept, known(rows, kept), strict=True):
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
