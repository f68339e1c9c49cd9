"""Parts of a sample to estimate for: one grouping or several, each a set of columns, in one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

from chiso.survey.frames import codes, fail, need

By = str | Sequence[str] | Sequence[Sequence[str]] | None


@dataclass(frozen=True)
class Grouping:
    """One set of ``by`` columns.

    Attributes:
        columns: the columns; none: the whole sample.
        keys: the groups, one row each, sorted (G).
        group: group of each sampled row (n), -1 where a column is blank.
    """

    columns: tuple[str, ...]
    keys: pl.DataFrame
    group: np.ndarray


def groupings(data: pl.DataFrame, by: By, margins: bool) -> list[Grouping]:
    """Return the groupings that ``by`` asks for.

    Args:
        data: the sampled rows.
        by: a column; several columns (crossed); several lists of columns, each crossed; none: the whole sample.
        margins: also every smaller set of the columns, down to the whole sample, smallest first.
    """
    sets = _sets(by)
    if margins:
        smaller = {part for s in sets for size in range(len(s) + 1) for part in combinations(s, size)}
        order = list(dict.fromkeys(c for s in sets for c in s))
        sets = sorted(smaller, key=lambda s: (len(s), [order.index(c) for c in s]))
    need(data, list(dict.fromkeys(c for s in sets for c in s)))
    return [_grouping(data, s) for s in sets]


def by_columns(by: By) -> list[str]:
    """Return the columns named in ``by``, each once."""
    return list(dict.fromkeys(c for s in _sets(by) for c in s))


def _sets(by: By) -> list[tuple[str, ...]]:
    if by is None:
        return [()]
    if isinstance(by, str):
        return [(by,)]
    if all(isinstance(b, str) for b in by):
        return [tuple(str(b) for b in by)]
    sets = [(b,) if isinstance(b, str) else tuple(b) for b in by]
    for columns in sets:
        if len(set(columns)) != len(columns):
            fail("column_twice", names=", ".join(columns))
    return list(dict.fromkeys(sets))


def _grouping(data: pl.DataFrame, columns: tuple[str, ...]) -> Grouping:
    if not columns:
        return Grouping((), pl.DataFrame(), np.zeros(data.height, dtype=np.int64))
    mixed = np.zeros(data.height, dtype=np.int64)
    blank = np.zeros(data.height, dtype=bool)
    for column in columns:
        code, distinct = codes(data, column)
        mixed = mixed * max(distinct.len(), 1) + np.maximum(code, 0)
        blank |= code < 0
    found, first, group = np.unique(mixed[~blank], return_index=True, return_inverse=True)
    rows = np.flatnonzero(~blank)
    group_of = np.full(data.height, -1, dtype=np.int64)
    group_of[rows] = group
    return Grouping(
        columns, data.select(columns)[rows[first]] if found.size else data.select(columns).clear(), group_of
    )
