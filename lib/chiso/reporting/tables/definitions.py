"""What each figure means and on which text it rests."""

from __future__ import annotations

from typing import Any

import polars as pl

from chiso.catalogue import Catalogue
from chiso.messages import text
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables.board import index_of
from chiso.reporting.tables.scorecard import component_title, target_format


def definitions_table(catalogue: Catalogue, *components: str) -> Table:
    """Return how the indicators of components are counted, their targets and legal basis (verified or not)."""
    own = [i for component in components for i in catalogue.of_component(component)]
    rows = [
        {
            "indicator": i.id,
            "name": i.name,
            "formula": i.formula,
            "window": text(f"catalogue.methodology.window_{i.window}"),
            "target": i.target,
            "target_format": target_format(i.comparator, percent=i.as_percent),
            "legal_basis": i.legal_basis,
            "verified": text(f"tables.definitions.{'yes' if i.verified else 'no'}"),
            "note": i.note,
        }
        for i in own
    ]
    columns = (
        Column("indicator", text("tables.column.indicator"), width=13),
        Column("name", text("tables.column.name"), width=28),
        Column("formula", _label("formula"), width=54),
        Column("window", _label("window"), width=15),
        Column("target", text("tables.column.target"), "number", "target_format", width=10),
        Column("legal_basis", _label("legal_basis"), width=25),
        Column("verified", _label("verified"), width=12),
        Column("note", _label("note"), width=28, missing=""),
    )
    names = "; ".join(component_title(catalogue, c) for c in components)
    if len(components) > 2:
        names = next(i.name for i in catalogue.indices if i.id == index_of(components[0]))
    title = text("tables.definitions.title", component=names)
    schema: dict[str, Any] = dict.fromkeys([*(c.name for c in columns), "target_format"], pl.String)
    frame = pl.DataFrame(rows, schema=schema | {"target": pl.Float64})
    table = Table("definitions", title, columns, frame, row_header="name")
    unverified = sum(not i.verified for i in own)
    if not unverified:
        return table
    return table.with_notes(Note(text("tables.definitions.note_unverified", count=unverified, all=len(own)), "caveat"))


def documents_table(catalogue: Catalogue) -> Table:
    """Return the legal texts that the rules refer to, and whether the text itself was read."""
    rows = [
        {
            "number": d.number,
            "title": d.title,
            "valid_from": None if d.valid_from is None else str(d.valid_from),
            "valid_to": None if d.valid_to is None else str(d.valid_to),
            "read": text(f"tables.definitions.{'read_yes' if d.read else 'read_no'}"),
        }
        for d in catalogue.documents
    ]
    columns = (
        Column("number", _label("number"), width=32),
        Column("title", _label("document"), width=66),
        Column("valid_from", _label("valid_from"), align="center", width=12),
        Column("valid_to", _label("valid_to"), align="center", width=12),
        Column("read", _label("read"), width=21),
    )
    schema = dict.fromkeys((c.name for c in columns), pl.String)
    return Table("documents", _label("documents"), columns, pl.DataFrame(rows, schema=schema))


def not_measured_table(catalogue: Catalogue, index: str) -> Table:
    """Return what the plan asks for in an index that no table can show, and why."""
    rows = [
        {"item": n.item, "what": n.what, "why": n.why}
        for n in catalogue.not_measured
        if index_of(catalogue.item(n.item).component) == index
    ]
    columns = (
        Column("item", text("tables.column.item"), width=10),
        Column("what", _label("what"), width=50),
        Column("why", _label("why"), width=80),
    )
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("item", "what", "why"), pl.String))
    return Table("not-measured", _label("not_measured"), columns, frame, row_header="what")


def _label(name: str) -> str:
    return text(f"tables.definitions.{name}")
