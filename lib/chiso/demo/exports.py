"""The sample as an office would export it: Excel with titles and totals, Vietnamese headers, and a few faulty rows."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict

from chiso.demo.department import load_department
from chiso.demo.workbook import write_sheet
from chiso.messages import text
from chiso.sources.contract import ColumnContract, TableContract, load_contract
from chiso.worktime import Period

Row = list[Any]


class Defect(BaseModel):
    """A fault put into one data row (counted from 0), or into a copy of it at the end of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    row: int
    copy_row: bool = False
    cells: dict[str, Any] = {}


class Export(BaseModel):
    """One file: which rows of which table, and what the exporting system makes of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    table: str
    layout: Literal["plain", "semicolon", "sheet"] = "plain"
    dates: Literal["iso", "text", "cells"] = "iso"
    exported: date
    part: Literal["all", "first_year", "later"] = "all"
    defects: tuple[Defect, ...] = ()


def write_office(folder: Path, tables: dict[str, pl.DataFrame]) -> None:
    """Write every file of ``exports.toml``."""
    raw = (resources.files(__package__) / "exports.toml").read_text(encoding="utf-8")
    for entry in tomllib.loads(raw)["files"]:
        export = Export.model_validate(entry)
        contract = load_contract()[export.table]
        frame = _part(export, tables[export.table])
        columns = [contract.column(name) for name in frame.columns]
        rows = _damage(export, frame.columns, [_row(export, columns, row) for row in frame.rows()])
        path = folder / export.name
        if export.layout == "plain":
            _write_csv(path, [list(frame.columns), *rows], delimiter=",", end="\n", encoding="utf-8")
            continue
        header, body, total = _numbered(columns, rows)
        title = _title(contract, export)
        if export.layout == "sheet":
            write_sheet(path, contract.label, [*title, header], body, [total, _note()])
        else:
            lines = [*title[:1], header, *body, total]
            _write_csv(path, lines, delimiter=";", end="\r\n", encoding="utf-8-sig")


def _part(export: Export, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows an export holds. Yearly exports of cases overlap: what was open at the first comes again, finished."""
    if export.part == "all":
        return frame
    boundary = datetime(load_department().last.year, 1, 1)
    cut = datetime.combine(_first_export(), datetime.min.time())
    open_then = pl.col("finished_at").is_null() | (pl.col("finished_at") >= cut)
    if export.part == "later":
        return frame.filter((pl.col("received_at") >= boundary) | open_then)
    overdue_then = pl.col("due_at") < cut
    return frame.filter(pl.col("received_at") < boundary).with_columns(
        *(pl.when(~open_then).then(pl.col(name)).alias(name) for name in ("finished_at", "outcome")),
        *(pl.col(name) & ~open_then for name in ("refusal_form", "result_published", "result_electronic")),
        apology_forms=pl.when(open_then & ~overdue_then.fill_null(False)).then(0).otherwise("apology_forms"),
    )


def _first_export() -> date:
    """Day on which the first year's cases were exported: early in the year after."""
    return date(load_department().last.year, 1, 4)


def _row(export: Export, columns: Sequence[ColumnContract], values: Sequence[Any]) -> Row:
    return [_cell(export, column, value) for column, value in zip(columns, values, strict=True)]


def _cell(export: Export, column: ColumnContract, value: Any) -> Any:
    """One value as the exporting system writes it."""
    if value is None:
        return None
    if export.layout == "plain":
        if isinstance(value, bool):
            return str(value).lower()
        return value.isoformat() if isinstance(value, date) else value
    if isinstance(value, bool):
        return text("demo.yes") if value else text("demo.no")
    if column.values:
        return column.values[value]
    if column.answer and value == 9:
        return text("demo.dont_know")
    if column.period:
        return _period_label(value)
    if isinstance(value, datetime) and export.dates == "text":
        return f"{value:%d/%m/%Y %H:%M:%S}"
    if isinstance(value, date) and export.dates == "text":
        return f"{value:%d/%m/%Y}"
    return value


def _period_label(value: str) -> str:
    """A period as registers write it: capital first."""
    label = Period.parse(value).label
    return label[:1].upper() + label[1:]


def _damage(export: Export, names: Sequence[str], rows: list[Row]) -> list[Row]:
    """Put the faults in; those that copy a row add one at the end."""
    for defect in export.defects:
        at = defect.row % len(rows)
        row = list(rows[at])
        for name, value in defect.cells.items():
            row[names.index(name)] = value
        if defect.copy_row:
            rows.append(row)
        else:
            rows[at] = row
    return rows


def _numbered(columns: Sequence[ColumnContract], rows: list[Row]) -> tuple[Row, list[Row], Row]:
    """Header, rows with a running number in front, and the total row (sums of counts and amounts)."""
    header = [text("demo.running_number"), *(column.label for column in columns)]
    body = [[number, *row] for number, row in enumerate(rows, 1)]
    total: Row = [text("demo.total")]
    for i, column in enumerate(columns):
        summed = column.type == "int" and (column.nonnegative or column.name.endswith("_vnd"))
        total.append(sum(row[i] for row in rows if isinstance(row[i], int)) if summed else None)
    return header, body, total


def _title(contract: TableContract, export: Export) -> list[Row]:
    office = load_department().office
    return [
        [text("demo.title_office", office=office.upper())],
        [text("demo.title_table", table=contract.label.upper())],
        [text("demo.title_date", day=f"{export.exported:%d/%m/%Y}", system=contract.system)],
        [],
    ]


def _note() -> Row:
    return [text("demo.note")]


def _write_csv(path: Path, rows: list[Row], delimiter: str, end: str, encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows(rows)
