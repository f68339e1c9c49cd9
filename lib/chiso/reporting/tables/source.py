"""Source rows as table columns: labels and formats from the table contracts, names for codes, nobody's own code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from chiso.messages import text
from chiso.reporting.report import Column, Format, Table
from chiso.sources import PERSONAL, Dataset, load_contract

FORMATS: dict[str, Format] = {"date": "date", "datetime": "date", "int": "integer", "float": "number", "bool": "bool"}


def source_columns(table: str, names: Sequence[str], widths: Mapping[str, float] | None = None) -> list[Column]:
    """Return columns for contract columns, labelled and formatted as the contract says.

    Raises:
        ValueError: a column that names people.
    """
    if personal := PERSONAL.intersection(names):
        raise ValueError(f"{sorted(personal)} must not be published")
    contract, found = load_contract()[table], []
    for name in names:
        column = contract.column(name)
        label = text("tables.column.unit") if name == "unit_code" else column.label
        found.append(Column(name, label, FORMATS.get(column.type, "text"), width=(widths or {}).get(name)))
    return found


def in_words(table: str, frame: pl.DataFrame, units: Mapping[str, str]) -> pl.DataFrame:
    """Return rows with unit names for codes and Vietnamese labels for enum codes."""
    changed = [
        pl.col(c.name).replace(c.words)
        for c in load_contract()[table].columns
        if c.type == "enum" and c.name in frame.columns
    ]
    if "unit_code" in frame.columns:
        changed.append(pl.col("unit_code").replace(dict(units)))
    return frame.with_columns(changed)


def unit_names(dataset: Dataset) -> dict[str, str]:
    """Return the name of each unit by code; where units share one, with the code, so that each name is there once."""
    frame = dataset.scan("units")
    rows = [] if frame is None else frame.select("unit_code", "unit_name").collect().rows()
    names = [name for _, name in rows]
    return {code: name if names.count(name) == 1 else f"{name} ({code})" for code, name in rows}


def unavailable(id: str, title: str, message: str) -> Table:
    """Return the empty table that stands for rows that could not be had, and says why."""
    frame = pl.DataFrame(schema={"message": pl.String})
    return Table(id, title, (Column("message", text("tables.column.message"), width=90),), frame, empty=message)
