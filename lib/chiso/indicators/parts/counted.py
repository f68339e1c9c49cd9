"""What is summed over cases: the expressions of the catalogue's indicators and of the case balance, each once.

Every sum of a boolean is a *flag*: flags are evaluated once a row and summed by group, whichever figures share them.
Nothing is defined here; conditions come from the indicator functions and from the case balance.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import or_

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.case_balance import COUNTS, conditions
from chiso.indicators.figures import aggregations
from chiso.indicators.measure import Measure, define
from chiso.indicators.views import VIEWS
from chiso.sources import load_contract
from chiso.worktime import Timeframe

TABLE = "cases"
#: The view of cases that has all columns of the others.
VIEW = "cases_with_procedure"
BALANCE = "balance"
COUNTED = "counted"


@dataclass
class Counted:
    """What is summed by group.

    Attributes:
        measures: the measures whose rows are cases, by indicator.
        names: the names of all sums, and the flag or amount behind each.
        flags: boolean expressions by the name of their column.
        amounts: aggregations that are no sum of a boolean.
        keep: the rows that any sum counts, as a condition on the table's dates alone; true for more rows, never fewer.
    """

    measures: dict[str, Measure]
    names: dict[str, str] = field(default_factory=dict)
    flags: dict[str, pl.Expr] = field(default_factory=dict)
    amounts: dict[str, pl.Expr] = field(default_factory=dict)
    keep: pl.Expr = field(default_factory=lambda: pl.lit(True))
    _known: dict[bytes, str] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Columns of the cases that are read, by name."""
        contract = load_contract()[TABLE]
        used = {"unit_code", *self.keys} | {c.name for c in contract.columns if c.type in ("date", "datetime")}
        for expression in (*self.flags.values(), *self.amounts.values()):
            used.update(expression.meta.root_names())
        return sorted(used & {column.name for column in contract.columns})

    @property
    def keys(self) -> list[str]:
        """Columns whose distinct values are counted, and the procedure, which tells the field of the balance."""
        return sorted({m.distinct.key for m in self.measures.values() if m.distinct} | {"procedure_code"})

    def flag(self, name: str, condition: pl.Expr) -> None:
        """Add a sum of a boolean."""
        self.names[name] = self._column(condition, self.flags)

    def amount(self, name: str, aggregation: pl.Expr) -> None:
        """Add a sum of amounts."""
        self.names[name] = self._column(aggregation, self.amounts)

    def _column(self, expression: pl.Expr, among: dict[str, pl.Expr]) -> str:
        known = expression.meta.serialize()
        if known not in self._known:
            self._known[known] = f"_{len(self._known)}"
            among[self._known[known]] = expression
        return self._known[known]


def case_measures(catalogue: Catalogue, timeframe: Timeframe) -> dict[str, Measure]:
    """Return the indicators whose rows are cases, alone or with their procedure, in the plan's order."""
    defined = {i.id: define(i.function, timeframe, i.arguments) for i in catalogue.indicators}
    measures = {key: d for key, d in defined.items() if isinstance(d, Measure)}
    return {
        k: m
        for k, m in measures.items()
        if VIEWS[m.view].table == TABLE and set(VIEWS[m.view].others) <= {"procedures"}
    }


def counted(catalogue: Catalogue, timeframe: Timeframe) -> Counted:
    """Return what is summed over cases for a catalogue's indicators and the case balance of a timeframe."""
    found = Counted(case_measures(catalogue, timeframe))
    conditions_met: list[pl.Expr] = []
    for key, measure in found.measures.items():
        flags = [measure.rows, *(c.fill_null(False) for c in (*measure.left_out.values(), *measure.blanks.values()))]
        conditions_met += flags
        if measure.hits is not None:
            flags.append(measure.hits)
        if measure.distinct:
            found.flag(f"{key}|n", measure.hits if measure.hits is not None else measure.rows)
            found.flag(f"{key}|d", measure.rows)
        for aggregation in aggregations(measure.view, {key: measure}):
            name = aggregation.meta.output_name()
            if name in found.names:  # a distinct count's
                continue
            plain = aggregation.meta.undo_aliases()
            condition = next((f for f in flags if f.sum().meta.eq(plain)), None)
            if condition is None:
                found.amount(name, plain)
            else:
                found.flag(name, condition)
    columns = conditions(timeframe)
    total = columns["total"]
    for name in COUNTS:
        found.flag(f"{BALANCE}|{name}", total if name == "total" else total & columns[name])
    conditions_met.append(total)
    unique = list({c.meta.serialize(): c for c in conditions_met}.values())
    found.flag(COUNTED, pl.any_horizontal(unique))
    dates = frozenset(c.name for c in load_contract()[TABLE].columns if c.type in ("date", "datetime"))
    weak = [necessary(condition, dates) for condition in unique]
    if all(condition is not None for condition in weak):
        different = {c.meta.serialize(): c for c in weak if c is not None}
        found.keep = reduce(or_, different.values())
    return found


def necessary(condition: pl.Expr, columns: frozenset[str]) -> pl.Expr | None:
    """Return a condition on some columns alone that holds wherever ``condition`` does; None where there is none.

    Of ``a & b`` what is known of either side, of ``a | b`` what is known of both, ``fill_null(False)`` as what it
    fills (a blank is no reason to keep a row); another expression as it is, if it reads no other column.
    """
    inputs = condition.meta.pop()
    if len(inputs) == 2:
        right, left = inputs
        if (left & right).meta.eq(condition):
            sides = [side for side in (necessary(left, columns), necessary(right, columns)) if side is not None]
            return reduce(lambda a, b: a & b, sides) if sides else None
        if (left | right).meta.eq(condition):
            one, other = necessary(left, columns), necessary(right, columns)
            return None if one is None or other is None else one | other
        for filled in inputs:
            if filled.fill_null(False).meta.eq(condition):
                return necessary(filled, columns)
    return condition if set(condition.meta.root_names()) <= columns else None
