"""Writes the templates of a plan year into a folder."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import polars as pl
from openpyxl import Workbook

from chiso.catalogue import Catalogue, load_catalogue
from chiso.errors import ChisoError
from chiso.messages import text
from chiso.messages.system import reason
from chiso.reporting import excel
from chiso.sources import ingest
from chiso.sources.config import CatalogueChoice
from chiso.sources.contract import TableContract, load_contract
from chiso.templates.choices import choices
from chiso.templates.entry import Cells, add_entry_sheet
from chiso.templates.guide import add_choices, add_guide
from chiso.templates.plan_rows import own_items, plan_rows
from chiso.templates.points import point_templates

#: The tables that no system exports.
TABLES = ("deliverables", "inspections", "initiatives", "budget", "personnel")
#: What ``tables`` may name beside them: point tables of scorecards.
SCORECARDS = "scorecards"


def write_templates(
    folder: Path,
    year: int | None = None,
    data: Path | None = None,
    tables: Sequence[str] = (),
    overwrite: bool = False,
) -> list[Path]:
    """Write one workbook a table, ``<table>_<year>.xlsx``, and the folder ``scorecards``; return their paths.

    Args:
        folder: where to; made if it is not there.
        year: plan year; None: that of the catalogue.
        data: data folder whose units are offered; the register's rows are given to the units that the plan names.
        tables: some of `TABLES`, or `SCORECARDS`; none: all.
        overwrite: replace workbooks of the same name.

    Raises:
        ChisoError: a table without template, a year that is none, a file that is there already, or a data folder
            that cannot be read.
    """
    for name in tables:
        if name not in (*TABLES, SCORECARDS):
            raise ChisoError(text("templates.no_table", name=name, known=", ".join((*TABLES, SCORECARDS))))
    if year is not None and not 2000 <= year <= 2100:
        raise ChisoError(text("templates.no_year", year=year))
    choice, units = CatalogueChoice(), None
    if data is not None:
        dataset = ingest(data)
        choice, scanned = dataset.body.catalogue, dataset.scan("units")
        if scanned is not None:
            units = scanned.select("unit_code", "unit_name").sort("unit_code").collect()
    catalogue = load_catalogue(choice.year or year, choice.path)
    year = year or catalogue.year
    targets = [folder / f"{name}_{year}.xlsx" for name in TABLES if name in tables or not tables]
    codes = [] if units is None else units["unit_code"].to_list()
    points = point_templates(folder, year, data, codes) if SCORECARDS in tables or not tables else {}
    there = [target.name for target in (*targets, *points) if target.exists()]
    if there and not overwrite:
        raise ChisoError(text("templates.there", folder=folder, files=", ".join(there)))
    for target in targets:
        table = load_contract()[target.name.removesuffix(f"_{year}.xlsx")]
        _save(target, excel.to_bytes(_workbook(table, catalogue, year, units), dt.date(year, 1, 1)))
    for target, content in points.items():
        _save(target, content)
    return [*targets, *points]


def _save(target: Path, content: bytes) -> None:
    """Write a file whole, or leave the one that was there."""
    temporary = target.with_name(f".{os.getpid()}-{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(target)
    except OSError as error:
        raise ChisoError(text("templates.unwritable", file=target, why=reason(error))) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _workbook(table: TableContract, catalogue: Catalogue, year: int, units: pl.DataFrame | None) -> Workbook:
    assigned, unassigned = _rows(table, catalogue, year, units)
    chosen = choices(table, catalogue, year, units)
    band = _band(catalogue, [*assigned, *unassigned])
    title = text("templates.title", label=table.label, year=year)
    workbook = Workbook()
    excel.set_default_font(workbook)
    workbook.remove(workbook.worksheets[0])
    add_guide(workbook, table, title, _steps(table, catalogue, year, assigned, unassigned), chosen, band)
    ranges = add_choices(workbook, table, chosen)
    entry = add_entry_sheet(workbook, table.label, table, title, assigned, chosen, ranges, band)
    workbook.move_sheet(entry, -1)
    if unassigned:
        name = text("templates.sheet.unassigned")
        spare = add_entry_sheet(workbook, name, table, text("templates.unassigned"), unassigned, chosen, ranges, band)
        workbook.move_sheet(spare, -1)
    for sheet in workbook.worksheets:
        sheet.sheet_view.tabSelected = sheet is entry
    workbook.active = workbook.worksheets.index(entry)
    return workbook


def _rows(
    table: TableContract, catalogue: Catalogue, year: int, units: pl.DataFrame | None
) -> tuple[list[Cells], list[Cells]]:
    """Return the rows known beforehand: those with a unit, and those whose unit is still to be chosen."""
    if table.name != "deliverables" or catalogue.year != year:
        return [], []
    kinds = table.column("kind").values
    rows = [{**asdict(row), "kind": kinds[row.kind]} for row in plan_rows(catalogue, units)]
    return [row for row in rows if row["unit_code"]], [row for row in rows if not row["unit_code"]]


def _steps(
    table: TableContract, catalogue: Catalogue, year: int, assigned: Sequence[Cells], unassigned: Sequence[Cells]
) -> list[str]:
    """Return the numbered instructions."""
    names = {"sheet": table.label, "table": table.name, "year": year, "choices": text("templates.sheet.choices")}
    steps = [text(f"templates.step.{key}", **names) for key in ("fill", "check", "paste", "rows", "save")]
    if table.name == "deliverables" and catalogue.year != year:
        steps.append(text("templates.step.no_plan", year=year, plan=catalogue.year))
    if assigned:
        steps.append(text("templates.step.assigned", count=len(assigned), source=catalogue.source, year=year))
    if unassigned:
        sheet = text("templates.sheet.unassigned")
        steps.append(text("templates.step.unassigned", count=len(unassigned), unassigned=sheet, sheet=table.label))
    if assigned or unassigned:
        steps.append(text("templates.step.own", items=", ".join(own_items(catalogue)), year=year))
    return [f"{number}. {step}" for number, step in enumerate(steps, 1)]


def _band(catalogue: Catalogue, rows: Sequence[Cells]) -> str:
    """Return the warning that some rows rest on rules nobody could read in the legal text; empty where none does."""
    items = {str(row["plan_item"]) for row in rows}
    doubtful = {i.plan_item for i in catalogue.indicators if i.function.startswith("deliverables.") and not i.verified}
    found = [item.id for item in catalogue.items if item.id in items & doubtful]
    return text("templates.band", items=", ".join(found)) if found else ""
