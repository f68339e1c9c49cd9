"""The rows the register of a plan year begins with: what the catalogue expects, with due date and lead unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from chiso.catalogue import Catalogue
from chiso.catalogue.model import Expected
from chiso.sources.contract import fold
from chiso.worktime import Period


@dataclass(frozen=True)
class PlanRow:
    """A row of the register nobody has worked on yet; ``unit_code`` None where the plan names no unit of the list."""

    deliverable_id: str
    plan_year: int
    plan_item: str
    kind: str
    title: str
    subtype: str | None
    period: str | None
    due_on: date | None
    unit_code: str | None


def plan_rows(catalogue: Catalogue, units: pl.DataFrame | None) -> list[PlanRow]:
    """Return the rows of the catalogue's year, in the plan's order.

    Args:
        catalogue: of the plan year itself.
        units: unit_code, unit_name; the lead unit is the one whose name the plan gives as the item's owner.
    """
    by_name = {} if units is None else {fold(name): code for code, name in units.iter_rows()}
    numbers: dict[str, int] = {}
    rows = []
    for expected in catalogue.expected:
        for period in _periods(expected, catalogue.year):
            number = numbers[expected.item] = numbers.get(expected.item, 0) + 1
            rows.append(
                PlanRow(
                    deliverable_id=f"KH{catalogue.year}-{expected.item}-{number:02d}",
                    plan_year=catalogue.year,
                    plan_item=expected.item,
                    kind=expected.kind,
                    title=_title(expected, catalogue.year, period),
                    subtype=expected.subtype,
                    period=period_label(period) if period else None,
                    due_on=_due_on(catalogue, expected, period),
                    unit_code=by_name.get(fold(catalogue.item(expected.item).owner)),
                )
            )
    return rows


def own_items(catalogue: Catalogue) -> list[str]:
    """Return the plan items whose rows the register must have though the plan does not tell their number."""
    known = {expected.item for expected in catalogue.expected}
    measured = {i.plan_item for i in catalogue.indicators if i.function.startswith("deliverables.")}
    return [item.id for item in catalogue.items if item.id in measured - known]


def period_label(period: Period) -> str:
    """Return a period as the register writes it: `Quý IV/2024`."""
    return period.label[0].upper() + period.label[1:]


def _periods(expected: Expected, year: int) -> list[Period | None]:
    names = [str(year) if end == "year" else f"{year}-{end}" for end in expected.periods]
    return [Period.parse(name) for name in names] or [None]


def _title(expected: Expected, year: int, period: Period | None) -> str:
    title = expected.title_in(year)
    return f"{title} {period.label}" if period else title


def _due_on(catalogue: Catalogue, expected: Expected, period: Period | None) -> date | None:
    """Return the due date the catalogue gives; the rule of all items gives none to a part of the year."""
    rule = catalogue.due_rule(expected.item, expected.subtype)
    if rule.item == "*" and period and period.kind != "year":
        return None
    return rule.due_on(catalogue.year, period.last_month if period else None)
