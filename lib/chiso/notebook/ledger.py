"""The account of every number a report showed, and its comparison with a fresh look at the result tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from chiso.catalogue import Catalogue
from chiso.errors import ChisoError
from chiso.indicators import Results
from chiso.indicators.case_balance import unbalanced
from chiso.indicators.measure import FactorIndex, Measure, define
from chiso.indicators.results import of_unit
from chiso.messages import text
from chiso.notebook.context import Context
from chiso.reporting import formats
from chiso.reporting.html import Prose
from chiso.runs.reads import MIME
from chiso.scoring import scores

#: Gaps that a message lists; the rest is counted.
LISTED = 10
Unit = str | None


class ReconcileError(ChisoError):
    """A number in the report differs from the result tables, or the tables contradict themselves."""


@dataclass(frozen=True)
class Reconciled(Prose):
    """That all numbers agree; with it goes, unseen, what the report has read (:mod:`chiso.runs.reads`)."""

    reads: tuple[str, ...] = ()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {MIME: list(self.reads)}


@dataclass(frozen=True)
class Fresh:
    """The result tables, read or computed anew."""

    results: Results
    history: pl.DataFrame
    forecasts: pl.DataFrame

    def figure(self, indicator: str, unit: Unit, column: str = "value") -> float | None:
        """Return a figure of the reported period."""
        where = of_unit(unit)
        found = self.results.indicators.filter(where & (pl.col("indicator") == indicator))
        return found[column][0] if found.height else None

    def scores(self, catalogue: Catalogue, period: str = "") -> pl.DataFrame:
        """Return attainment (:func:`chiso.scoring.scores`) of the reported or an earlier period, computed once."""
        key = (catalogue.year, catalogue.version, period)
        if key not in self._scores:
            rows = self.history.filter(pl.col("period") == period) if period else self.results.indicators
            self._scores[key] = scores(rows, catalogue)
        return self._scores[key]

    @cached_property
    def _scores(self) -> dict[tuple[int, str, str], pl.DataFrame]:
        return {}


@dataclass(frozen=True)
class Shown:
    """One number of a result table, as the report showed it."""

    period: str
    indicator: str
    unit: Unit
    column: str
    value: float | None


@dataclass(frozen=True)
class Sum:
    """A number the report made from rows, and what it must be."""

    label: str
    value: Any
    expected: Callable[[Fresh], float | None]


@dataclass
class Ledger:
    """What a report has shown so far."""

    context: Context
    shown: list[Shown] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)

    def take(self, rows: pl.DataFrame | Iterable[Mapping[str, Any]], *columns: str, **constants: Any) -> None:
        """Enter the figures of rows that carry ``indicator``, ``unit_code`` and, for earlier periods, ``period``.

        Args:
            rows: what was shown; ``constants`` stand for columns they lack.
            columns: names in the result table (``value``, ``numerator`` …), the same in the rows.
        """
        records = rows.iter_rows(named=True) if isinstance(rows, pl.DataFrame) else rows
        for record in records:
            row = {"period": str(self.context.period), "unit_code": None} | dict(record) | constants
            if row.get("withheld") or row.get("status") == "withheld" or row.get("indicator") is None:
                continue
            for column in columns:
                self.shown.append(Shown(row["period"], row["indicator"], row["unit_code"], column, row[column]))

    def expect(self, label: str, value: Any, expected: Callable[[Fresh], float | None]) -> None:
        """Enter a number made from rows together with what it must equal."""
        self.sums.append(Sum(label, value, expected))

    def expect_figure(self, indicator: str, value: Any, column: str = "numerator") -> None:
        """Enter a number made from rows that must equal a figure of the report's unit, where there is one."""
        if indicator in self.context.uncomputed:
            return
        unit = self.context.unit
        self.expect(f"{indicator}, {column}", value, lambda fresh: fresh.figure(indicator, unit, column) or 0)

    def reconcile(self) -> Reconciled:
        """Compare everything shown with the result tables and check the tables against themselves.

        What is returned hands over to the run what the report has read.

        Raises:
            ReconcileError: lists what does not agree.
        """
        context = self.context
        outlook = context.fresh()
        fresh = Fresh(outlook.results, outlook.history, outlook.forecasts)
        gaps = [*self._figures(fresh), *self._sums(fresh)]
        identities = list(_identities(context, fresh.results, {s.indicator for s in self.shown}))
        gaps += [message for message, holds in identities if not holds]
        if gaps:
            listed = "\n".join(f"- {gap}" for gap in gaps[:LISTED])
            raise ReconcileError(text("notebook.reconcile.gap", count=len(gaps), gaps=listed))
        count = len(self.shown) + len(self.sums)
        key = "agrees" if count else "nothing"
        done = text(
            f"notebook.reconcile.{key}", count=formats.number(count), identities=formats.number(len(identities))
        )
        return Reconciled((done,), "note", reads=tuple(sorted(context.reads)))

    def _figures(self, fresh: Fresh) -> Iterable[str]:
        keys = ("period", "indicator", "unit_code")
        present = fresh.results.indicators.with_columns(period=pl.lit(str(self.context.period)))
        asked = pl.col("indicator").is_in({s.indicator for s in self.shown})
        columns = [*keys, *{s.column: None for s in self.shown}]
        known: dict[tuple[str | None, ...], dict[str, Any]] = {}
        for frame in (fresh.history, present):  # the present stands for itself
            rows = frame.filter(asked).select(c for c in dict.fromkeys(columns) if c in frame.columns)
            known |= {tuple(row[k] for k in keys): row for row in rows.iter_rows(named=True)}
        for s in self.shown:
            row = known.get((s.period, s.indicator, s.unit), {})
            if not _same(s.value, row.get(s.column)):
                yield text(
                    "notebook.reconcile.figure",
                    indicator=s.indicator,
                    column=s.column,
                    period=s.period,
                    unit=s.unit or self.context.dataset.body.name,
                    shown=_text(s.value),
                    found=_text(row.get(s.column)),
                )

    def _sums(self, fresh: Fresh) -> Iterable[str]:
        for s in self.sums:
            found = s.expected(fresh)
            if not _same(s.value, found):
                yield text("notebook.reconcile.sum", label=s.label, shown=_text(s.value), found=_text(found))


def _same(a: Any, b: Any) -> bool:
    if a is None or b is None or isinstance(a, str) or isinstance(b, str):
        return a == b
    return math.isclose(float(a), float(b), rel_tol=1e-9, abs_tol=1e-9)


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str) else formats.raw(value) or formats.MISSING


def _identities(context: Context, results: Results, shown: set[str]) -> Iterable[tuple[str, bool]]:
    """Yield each identity that the result tables must keep, and whether they do."""
    additive = {i for i in shown if _adds_up(context, i)}
    for row in results.indicators.filter(pl.col("indicator").is_in(shown)).iter_rows(named=True):
        share = row["measure"] == "share" and row["window"] != "budget_year" and row["value"] is not None
        if share:
            message = text("notebook.reconcile.share", indicator=row["indicator"], unit=row["unit_code"] or "")
            yield message, 0 <= row["numerator"] <= row["denominator"]
    is_unit = pl.col("unit_code").is_not_null()
    for (indicator,), rows in results.indicators.filter(pl.col("indicator").is_in(additive)).group_by(
        "indicator", maintain_order=True
    ):
        for column in ("numerator", "denominator"):
            whole, units = rows.filter(~is_unit)[column][0], rows.filter(is_unit)[column]
            if whole is not None and units.len():
                message = text("notebook.reconcile.units", indicator=indicator, column=column)
                yield message, math.isclose(units.sum(), whole, rel_tol=1e-9, abs_tol=1e-6)
    if results.case_balance.height:
        yield text("notebook.reconcile.balance"), results.case_balance.filter(unbalanced()).is_empty()


def _adds_up(context: Context, indicator: str) -> bool:
    entry = context.indicator(indicator)
    definition = define(entry.function, context.timeframe, entry.arguments)
    if isinstance(definition, FactorIndex):
        if "unit_code" not in context.dataset.columns("survey_responses"):
            return False
        pooled = context.catalogue.settings.sipas.factor_index == "pooled"
        return definition.factor is not None and pooled
    return isinstance(definition, Measure) and definition.additive and context.recorded(definition.view, "unit_code")
