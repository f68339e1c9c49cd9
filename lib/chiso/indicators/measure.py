"""What an indicator function gives back: expressions over one prepared frame, and the registry of the functions.

A function is pure: timeframe and arguments in, expressions out. The engine groups the expressions of all indicators
by frame and evaluates each frame once, for the department and for every unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from chiso.worktime import Timeframe


@dataclass(frozen=True)
class WorkingDays:
    """A deadline counted by the working calendar: ``days`` working days after ``column``, for the rows ``among``."""

    column: str
    days: int
    among: pl.Expr = field(default_factory=lambda: pl.lit(True))


@dataclass(frozen=True)
class Distinct:
    """A figure that counts the distinct values of ``key``: those with a hit over those with a row.

    ``each_blank``: each blank key counts for itself; else all of them are one.
    """

    key: str
    each_blank: bool = False


@dataclass(frozen=True)
class Measure:
    """One indicator as aggregations over the rows of a view.

    Attributes:
        view: name of the prepared frame (see :mod:`chiso.indicators.views`).
        rows: which rows it counts (boolean; null counts as false).
        numerator: aggregation giving the numerator, or the count itself.
        denominator: aggregation giving the denominator; None for a count.
        uses: columns it reads, so that a missing column can be named.
        blanks: for columns that are a condition of the numerator only, the rows where a blank may mean "not recorded".
        left_out: rows that leave the measure, by reason (boolean expressions).
        working_days: the deadline, where it is counted by the calendar.
        hits: the rows that the numerator counts, or finds the keys of (boolean); None where it sums amounts.
        distinct: what a distinct count counts.
    """

    view: str
    rows: pl.Expr
    numerator: pl.Expr
    denominator: pl.Expr | None
    uses: frozenset[str]
    blanks: Mapping[str, pl.Expr] = field(default_factory=dict)
    left_out: Mapping[str, pl.Expr] = field(default_factory=dict)
    working_days: WorkingDays | None = None
    hits: pl.Expr | None = None
    distinct: Distinct | None = None

    @property
    def additive(self) -> bool:
        """Whether the units' figures add up to the department's (not so for distinct counts)."""
        return self.distinct is None


def _columns(*expressions: pl.Expr) -> frozenset[str]:
    return frozenset(name for e in expressions for name in e.meta.root_names())


def _true(condition: pl.Expr) -> pl.Expr:
    return condition.fill_null(False)


def _blank(rows: pl.Expr, columns: frozenset[str]) -> dict[str, pl.Expr]:
    """Rows where a column is blank, by column."""
    return {column: rows & pl.col(column).is_null() for column in sorted(columns)}


def share(
    view: str,
    rows: pl.Expr,
    hit: pl.Expr,
    *,
    left_out: Mapping[str, pl.Expr] | None = None,
    working_days: WorkingDays | None = None,
) -> Measure:
    """Rows that fulfil ``hit`` over all ``rows``."""
    rows = _true(rows)
    hits = rows & _true(hit)
    return Measure(
        view,
        rows,
        hits.sum(),
        rows.sum(),
        _columns(rows, hit),
        _blank(rows, _columns(hit) - _columns(rows)),
        left_out or {},
        working_days,
        hits,
    )


def count(view: str, rows: pl.Expr, *, blanks: Mapping[str, pl.Expr] | None = None) -> Measure:
    """Number of ``rows``; ``blanks`` says which rows might have counted, had a column been filled."""
    rows = _true(rows)
    return Measure(view, rows, rows.sum(), None, _columns(rows), blanks or {}, hits=rows)


def distinct_count(view: str, rows: pl.Expr, key: str) -> Measure:
    """Distinct values of ``key`` among ``rows``; each blank one counts for itself."""
    rows = _true(rows)
    chosen = pl.col(key).filter(rows)
    total = chosen.drop_nulls().n_unique() + chosen.null_count()
    return Measure(view, rows, total, None, _columns(rows) | {key}, hits=rows, distinct=Distinct(key, each_blank=True))


def distinct_share(view: str, rows: pl.Expr, hit: pl.Expr, key: str) -> Measure:
    """Distinct ``key`` with at least one hit over distinct ``key``, among ``rows``."""
    rows = _true(rows)
    hits = rows & _true(hit)
    return Measure(
        view,
        rows,
        pl.col(key).filter(hits).n_unique(),
        pl.col(key).filter(rows).n_unique(),
        _columns(rows, hit) | {key},
        _blank(rows, _columns(hit) - _columns(rows)),
        hits=hits,
        distinct=Distinct(key),
    )


def sum_share(
    view: str,
    rows: pl.Expr,
    numerator: pl.Expr,
    denominator: pl.Expr,
    *,
    left_out: Mapping[str, pl.Expr] | None = None,
) -> Measure:
    """Sum of ``numerator`` over sum of ``denominator``, over ``rows``; a blank term adds nothing."""
    rows = _true(rows)
    return Measure(
        view,
        rows,
        numerator.filter(rows).sum(),
        denominator.filter(rows).sum(),
        _columns(rows, numerator, denominator),
        _blank(rows, _columns(numerator) - _columns(denominator) - _columns(rows)),
        left_out or {},
    )


@dataclass(frozen=True)
class FactorIndex:
    """Satisfaction index of one factor of the questionnaire, or of all (``factor`` None)."""

    factor: str | None


@dataclass(frozen=True)
class Part:
    """One sub-index of a composite: a share, its maximum of points, and the share that earns them all."""

    measure: Measure
    max_points: float
    full_from: float


@dataclass(frozen=True)
class PointsIndex:
    """Points earned over points assessable, on 0-100; its parts are the catalogue's criteria."""


Definition = Measure | FactorIndex | PointsIndex
_REGISTRY: dict[str, Callable[..., Definition]] = {}


def indicator(function: Callable[..., Definition]) -> Callable[..., Definition]:
    """Register a function under ``module.function``, the name catalogue entries refer to."""
    name = f"{function.__module__.rsplit('.', 1)[-1]}.{function.__name__}"
    if name in _REGISTRY:
        raise ValueError(f"indicator function {name} is defined twice")
    _REGISTRY[name] = function
    return function


def registry() -> dict[str, Callable[..., Definition]]:
    """All registered functions by name."""
    return dict(_REGISTRY)


def define(name: str, timeframe: Timeframe, arguments: Mapping[str, Any]) -> Definition:
    """Call the function ``name``.

    Raises:
        KeyError: no function of that name.
        TypeError: the arguments are not the function's.
    """
    return _REGISTRY[name](timeframe, **arguments)


def in_period(column: str, t: Timeframe) -> pl.Expr:
    """Date lies in P."""
    return pl.col(column).is_between(pl.lit(t.start), pl.lit(t.as_of))


def in_year(column: str, t: Timeframe) -> pl.Expr:
    """Date lies in Y, 1 January of the plan year to the as-of day."""
    return pl.col(column).is_between(pl.lit(t.year_start), pl.lit(t.as_of))


def done_by(done: str, due: str) -> pl.Expr:
    """Done on or before the due date (calendar dates)."""
    return pl.col(done) <= pl.col(due)
