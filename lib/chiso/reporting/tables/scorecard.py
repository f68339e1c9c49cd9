"""Indicators against their targets: of one component, of every unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from chiso.catalogue import Catalogue, Indicator
from chiso.indicators.results import of_unit
from chiso.messages import text
from chiso.reporting import formats
from chiso.reporting.privacy import MINIMUM
from chiso.reporting.report import Column, Note, Table

SCHEMA: dict[str, Any] = {
    "item": pl.String,
    "indicator": pl.String,
    "name": pl.String,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "value": pl.Float64,
    "target": pl.Float64,
    "status": pl.String,
    "deadline": pl.Date,
    "owner": pl.String,
    "value_format": pl.String,
    "target_format": pl.String,
}


def label(name: str) -> str:
    """Return the header of a column that several tables share."""
    return text(f"tables.column.{name}")


def scorecard_table(
    indicators: pl.DataFrame,
    catalogue: Catalogue,
    component: str,
    unit: str | None = None,
    as_of: date | None = None,
    *,
    weighting: str = "none",
) -> Table:
    """Return the indicators of a component: item, n, N, value, target, status, deadline, who is responsible.

    Args:
        indicators: result table of one timeframe; rows with a true ``withheld`` (see
            :func:`chiso.reporting.privacy.blank`) say so.
        catalogue: names, order and owners.
        component: ``A.I`` … ``B.VII``, ``P``; ``A`` gives the overall satisfaction index and its factors'.
        unit: code; None for the whole department.
        as_of: the as-of day; by default that of the rows.
        weighting: how survey answers were weighted.
    """
    own = catalogue.of_component(component)
    if component == "A":
        own += tuple(i for i in catalogue.indicators if i.function == "satisfaction.factor")
    rows = figures_of(indicators, unit)
    entries = [entry(i, rows.get(i.id, {}), catalogue) for i in own]
    day = as_of or next((row["as_of"] for row in rows.values()), None)
    columns = (
        Column("item", label("item"), width=10.5),
        Column("indicator", label("indicator"), width=13),
        Column("name", label("name"), width=42),
        Column("numerator", label("numerator"), "number", width=10),
        Column("denominator", label("denominator"), "number", width=10),
        Column("value", label("value"), "number", "value_format", width=10),
        Column("target", label("target"), "number", "target_format", width=10),
        Column("status", label("status"), "status", width=18),
        Column("deadline", label("deadline"), "date", width=12),
        Column("owner", label("owner"), width=28),
    )
    return Table(
        f"scorecard-{component.replace('.', '-')}",
        text("tables.scorecard.title", component=component_title(catalogue, component)),
        columns,
        pl.DataFrame(entries, schema=SCHEMA),
        tuple(_notes(own, entries, day, weighting)),
        row_header="name",
    )


def units_table(
    indicators: pl.DataFrame, catalogue: Catalogue, components: Sequence[str], units: Mapping[str, str]
) -> Table:
    """Return the units' figures of the indicators of components, one row an indicator and unit; made to be filtered.

    Rows without data are left out. Args as in :func:`scorecard_table`; ``units`` gives unit names by code.
    """
    codes = indicators["unit_code"].drop_nulls().unique().sort().to_list()
    by_unit = {code: figures_of(indicators, code) for code in codes}
    entries = []
    for indicator in (i for component in components for i in catalogue.of_component(component)):
        for code in codes:
            found = entry(indicator, by_unit[code].get(indicator.id, {}), catalogue)
            if found["status"] != "no_data":
                entries.append(found | {"unit": units.get(code, code)})
    columns = (
        Column("indicator", label("indicator"), width=13),
        Column("name", label("name"), width=42),
        Column("unit", label("unit"), width=34),
        Column("numerator", label("numerator"), "number", width=10),
        Column("denominator", label("denominator"), "number", width=10),
        Column("value", label("value"), "number", "value_format", width=10),
        Column("target", label("target"), "number", "target_format", width=10),
        Column("status", label("status"), "status", width=18),
    )
    notes = [Note(text("tables.units.note"))]
    if any(found["status"] == "withheld" for found in entries):
        notes.append(Note(text("tables.scorecard.withheld", minimum=MINIMUM), "caveat"))
    frame = pl.DataFrame(entries, schema={**SCHEMA, "unit": pl.String})
    return Table("units", text("tables.units.title"), columns, frame, tuple(notes), row_header="unit")


def figures_of(indicators: pl.DataFrame, unit: str | None) -> dict[str, dict[str, Any]]:
    """Return the rows of a unit (None: of the whole department) by indicator."""
    return {row["indicator"]: row for row in indicators.filter(of_unit(unit)).iter_rows(named=True)}


def entry(indicator: Indicator, row: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """Return a result row (empty: not computed) with what the catalogue adds to it, in the columns of the scorecard."""
    item = catalogue.item(indicator.plan_item) if indicator.plan_item else None
    return {
        "item": indicator.plan_item,
        "indicator": indicator.id,
        "name": indicator.name,
        **{key: row.get(key) for key in ("numerator", "denominator", "value", "target", "deadline")},
        "status": "withheld" if row.get("withheld") else row.get("status", "no_data"),
        "owner": item.owner if item else None,
        "value_format": "percent" if indicator.as_percent else "number",
        "target_format": target_format(row.get("comparator"), percent=indicator.as_percent),
    }


def target_format(comparator: str | None, *, percent: bool) -> str:
    """Return the format of a target: its comparator and whether it is a percentage."""
    return f"{comparator or '=='} {'percent' if percent else 'number'}"


def component_title(catalogue: Catalogue, component: str) -> str:
    """Return number and name of a component; an index on its own (``A``) has no number."""
    whole = next((i.name for i in catalogue.indices if i.id == component), None)
    return whole or f"{component}. {catalogue.component(component).name}"


def _notes(own: Sequence[Indicator], entries: list[dict[str, Any]], day: date | None, weighting: str) -> list[Note]:
    notes = [Note(text("tables.scorecard.as_of", day=formats.day(day)))] if day else []
    statuses = [found["status"] for found in entries]
    if None in statuses:
        notes.append(Note(text("tables.scorecard.monitoring")))
    if any(i.function == "satisfaction.overall" for i in own):
        notes.append(Note(text("tables.scorecard.sipas")))
    if weighting != "none" and any(i.function == "satisfaction.factor" for i in own):
        notes.append(Note(text(f"tables.scorecard.weighting_{weighting}")))
    if "withheld" in statuses:
        notes.append(Note(text("tables.scorecard.withheld", minimum=MINIMUM), "caveat"))
    unverified = [i.id for i in own if not i.verified]
    if unverified:
        notes.append(Note(text("tables.scorecard.unverified", ids=", ".join(unverified)), "caveat"))
    return notes
