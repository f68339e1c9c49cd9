"""The account of an import: what became of every row, and everything there is to tell about the files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field, fields
from datetime import date
from typing import Literal

import polars as pl

from chiso.sources.rejected.stored import RejectedSheet

Severity = Literal["error", "warning", "info"]

FINDINGS = pl.Schema(dict.fromkeys(("severity", "table", "file", "rule", "message"), pl.String()))
FILES = pl.Schema(
    {
        "table": pl.String(),
        "file": pl.String(),
        "sheet": pl.String(),
        "sha256": pl.String(),
        "exported_on": pl.Date(),
        **dict.fromkeys(("read", "accepted", "merged", "superseded", "rejected", "layout", "corrected"), pl.Int64()),
    }
)
REJECTS = pl.Schema(
    {
        "table": pl.String(),
        "file": pl.String(),
        "sheet": pl.String(),
        "row": pl.Int64(),
        **dict.fromkeys(("column", "header", "value", "rule", "reason", "remedy"), pl.String()),
    }
)
CELLS = pl.Schema({**REJECTS, "count": pl.Int64()})
#: Cells that a workbook handed back gives another value; `accepted`: whether this value stands in a row that is not
#: rejected any more; `superseded`: whether a later round gave the cell yet another.
CORRECTIONS = pl.Schema(
    {
        "table": pl.String(),
        "file": pl.String(),
        "sheet": pl.String(),
        "row": pl.Int64(),
        **dict.fromkeys(("column", "header", "old", "new", "correction"), pl.String()),
        **dict.fromkeys(("accepted", "superseded"), pl.Boolean()),
    }
)
#: The workbooks handed back: those that were read, whether they changed a row or not.
HAND_BACKS = pl.Schema({"file": pl.String(), "sha256": pl.String()})
#: What does not agree across tables, files or exports though each row keeps its rules: listed, never changed.
DIFFERENCES = pl.Schema(
    dict.fromkeys(("table", "rule", "unit_code", "key", "column", "value", "expected", "file"), pl.String())
)


@dataclass(frozen=True)
class Finding:
    """Something to tell about a file or a table as a whole."""

    severity: Severity
    table: str | None
    file: str | None
    rule: str
    message: str


@dataclass
class SheetAccount:
    """The rows of one sheet (or file) and what became of them."""

    table: str
    file: str
    sheet: str | None
    sha256: str
    exported_on: date | None
    read: int = 0
    accepted: int = 0
    merged: int = 0
    superseded: int = 0
    rejected: int = 0
    layout: int = 0
    corrected: int = 0  # rows no longer rejected, because a correction was handed back: among the others

    def check(self) -> None:
        """Assert that no row was lost or counted twice.

        Raises:
            AssertionError: a defect of this library; names the file.
        """
        total = self.accepted + self.merged + self.superseded + self.rejected + self.layout
        if self.read != total:
            raise AssertionError(f"{self.file} [{self.sheet}] as {self.table}: {self.read} rows read, {total} told")


@dataclass
class Account:
    """Everything an import tells beside the accepted tables."""

    sheets: list[SheetAccount] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    rejects: list[pl.DataFrame] = field(default_factory=list)
    cells: list[pl.DataFrame] = field(default_factory=list)
    differences: list[pl.DataFrame] = field(default_factory=list)
    corrections: list[pl.DataFrame] = field(default_factory=list)
    rejected: list[RejectedSheet] = field(default_factory=list)

    def take_in(self, other: Account) -> int:
        """Add all that another account tells; return by how much the numbers of its sheets grow."""
        before = len(self.sheets)
        for own in fields(self):
            getattr(self, own.name).extend(getattr(other, own.name))
        return before

    def files_frame(self) -> pl.DataFrame:
        """Return the row account, one row a file and sheet, after checking each."""
        for sheet in self.sheets:
            sheet.check()
        frame = pl.DataFrame([astuple(s) for s in self.sheets], schema=FILES, orient="row")
        return frame.sort("table", "file", "sheet")

    def findings_frame(self) -> pl.DataFrame:
        """Return the findings: errors first, then by table and file."""
        rows = [astuple(finding) for finding in dict.fromkeys(self.findings)]
        frame = pl.DataFrame(rows, schema=FINDINGS, orient="row")
        rank = pl.col("severity").replace_strict({"error": 0, "warning": 1, "info": 2}, return_dtype=pl.Int8)
        return frame.sort(rank, "table", "file", "rule", "message")

    def rejects_frame(self) -> pl.DataFrame:
        """Return one row a reason for which a row was rejected, in the order of the files."""
        return _stack(self.rejects, REJECTS).sort("table", "file", "sheet", "row", "column", "rule")

    def cells_frame(self) -> pl.DataFrame:
        """Return rejected cells (one row each, with its row number) and counted ones (row null, `count`)."""
        return _stack(self.cells, CELLS).sort("table", "file", "sheet", "row", "column", "rule", "value")

    def corrections_frame(self) -> pl.DataFrame:
        """Return the cells that were corrected, one row each, in the order of the files."""
        return _stack(self.corrections, CORRECTIONS).sort("table", "file", "sheet", "row", "correction", "column")

    def differences_frame(self) -> pl.DataFrame:
        """Return what does not agree across tables, files or exports, one row a key and column."""
        return _stack(self.differences, DIFFERENCES).sort("table", "rule", "unit_code", "key", "column")


def lines(schema: pl.Schema, frame: pl.DataFrame, **constants: object) -> pl.DataFrame:
    """Return ``frame`` with constant columns added, shaped as ``schema``; columns nobody gave are null."""
    given = {name: pl.lit(value, dtype=schema[name]) for name, value in constants.items()}
    absent = {name: pl.lit(None, dtype=t) for name, t in schema.items() if name not in (*frame.columns, *given)}
    return frame.with_columns(**given, **absent).select(pl.col(n).cast(t) for n, t in schema.items())


def _stack(frames: Iterable[pl.DataFrame], schema: pl.Schema) -> pl.DataFrame:
    parts: Sequence[pl.DataFrame] = [pl.DataFrame(schema=schema), *frames]
    return pl.concat(parts)
