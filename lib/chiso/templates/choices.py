"""What a cell may hold: the lists behind the drop-downs, and how a column is explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from chiso.catalogue import Catalogue
from chiso.messages import has, text
from chiso.sources.contract import ColumnContract, TableContract
from chiso.templates.plan_rows import period_label
from chiso.worktime import Period

#: Ends of the periods offered; others may be typed in the import's other forms.
_PERIODS = ("Q1", "Q2", "Q3", "Q4", "H1", "9M", "year", *(f"{month:02d}" for month in range(1, 13)))


@dataclass(frozen=True)
class Choice:
    """The values one column may hold, and what each stands for (empty where the value says it)."""

    values: tuple[str, ...]
    meanings: tuple[str, ...] = ()


def choices(table: TableContract, catalogue: Catalogue, year: int, units: pl.DataFrame | None) -> dict[str, Choice]:
    """Return the choices of a table's columns by name."""
    found = {}
    for column in table.columns:
        if column.type == "enum":
            found[column.name] = Choice(tuple(column.values.values()))
        elif column.type == "bool":
            found[column.name] = Choice((text("templates.yes"), text("templates.no")))
        elif column.name == "unit_code" and units is not None and units.height:
            found[column.name] = Choice(tuple(units["unit_code"]), tuple(units["unit_name"]))
        elif column.name == "plan_item":
            items = catalogue.items
            found[column.name] = Choice(tuple(i.id for i in items), tuple(i.name for i in items))
        elif column.period:
            names = (str(year) if end == "year" else f"{year}-{end}" for end in _PERIODS)
            found[column.name] = Choice(tuple(period_label(Period.parse(name)) for name in names))
    return found


def kind_of(column: ColumnContract, chosen: Mapping[str, Choice]) -> str:
    """Return how a column is entered, in words."""
    if column.name in chosen:
        return text("templates.kind.list")
    return text(f"templates.kind.{'money' if is_money(column) else column.type}")


def hint_of(table: TableContract, column: ColumnContract, chosen: Mapping[str, Choice]) -> str:
    """Return what is to be known of a column beyond its kind; empty where its label says it all."""
    told = []
    for key in (f"templates.hint.{table.name}.{column.name}", f"templates.hint.{column.name}"):
        if has(key):
            told.append(text(key))
            break
    if table.key == (column.name,):
        told.append(text("templates.hint_key"))
    if column.type == "enum":
        told.append(text("templates.hint_values", values="; ".join(column.values.values())))
    if column.name == "unit_code" and column.name not in chosen:
        told.append(text("templates.hint_unit_free"))
    if column.at_most:
        told.append(text("templates.hint_at_most", other=table.column(column.at_most).label))
    return " ".join(told)


def is_money(column: ColumnContract) -> bool:
    """Return whether a column holds an amount in đồng."""
    return column.type == "int" and column.name.endswith("_vnd")


def is_year(column: ColumnContract) -> bool:
    """Return whether a column holds a year."""
    return column.type == "int" and column.name.endswith("_year")
