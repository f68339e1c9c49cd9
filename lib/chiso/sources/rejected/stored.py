"""Rejected rows as they stand in their files: kept to be shown, corrected and handed back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from chiso.sources.contract import load_contract

INDEX = "_rejected.json"
#: Columns a kept frame has before the cells.
FIXED = {"row": pl.Int64(), "broken": pl.Boolean(), "unit_code": pl.String(), "own_date": pl.Date()}


@dataclass(frozen=True)
class ShownColumn:
    """A column of a file that may be shown: its place (``c3``), the table's column (None: not the table's), header."""

    cell: str
    name: str | None
    header: str


@dataclass(frozen=True)
class RejectedSheet:
    """The rejected rows of one sheet (or file).

    Attributes:
        table, file, sheet, sha256: where the rows come from; ``sheet`` is None in formats without sheets.
        round: how many times rows of the sheet were corrected before, plus one.
        columns: what is shown, in the file's own order.
        absent: the table's columns that the file lacks and a correction may give.
        withheld: headers of columns with personal data, codes of people and free words: kept from the source.
        frame: `FIXED` (row number, whether the line is broken, unit and own date where they could be read) and the
            cells of ``columns`` as text.
    """

    table: str
    file: str
    sheet: str | None
    sha256: str
    round: int
    columns: tuple[ShownColumn, ...]
    absent: tuple[str, ...]
    withheld: tuple[str, ...]
    frame: pl.DataFrame

    def described(self) -> dict[str, Any]:
        """Return all but the rows, as JSON can hold it; :meth:`rebuilt` takes it back."""
        names = ("table", "file", "sheet", "sha256", "round", "absent", "withheld")
        return {**{name: getattr(self, name) for name in names}, "columns": [asdict(c) for c in self.columns]}

    @classmethod
    def rebuilt(cls, described: Mapping[str, Any], frame: pl.DataFrame) -> RejectedSheet:
        """Return the sheet that was described so, with its rows."""
        columns = tuple(ShownColumn(**column) for column in described["columns"])
        absent, withheld = tuple(described["absent"]), tuple(described["withheld"])
        return cls(**{**described, "columns": columns, "absent": absent, "withheld": withheld}, frame=frame)

    def canonical(self) -> pl.DataFrame:
        """Return file, sheet, row and the table's columns as the file has them."""
        place = {"file": pl.lit(self.file), "sheet": pl.lit(self.sheet, dtype=pl.String), "row": pl.col("row")}
        return self.frame.select(**place, **{c.name: pl.col(c.cell) for c in self.columns if c.name})


def save_rejected(folder: Path, sheets: Sequence[RejectedSheet]) -> None:
    """Write the rejected rows of an import: a file a sheet, and what they are."""
    for number, sheet in enumerate(sheets):
        sheet.frame.write_parquet(folder / f"_rejected_{number}.parquet")
    index = [sheet.described() for sheet in sheets]
    (folder / INDEX).write_text(json.dumps(index, ensure_ascii=False, indent=1), encoding="utf-8")


def load_rejected(folder: Path, table: str | None = None) -> list[RejectedSheet]:
    """Return the rejected rows of an import, of one table or all, in the order of tables and files."""
    index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    return [
        RejectedSheet.rebuilt(entry, pl.read_parquet(folder / f"_rejected_{number}.parquet"))
        for number, entry in enumerate(index)
        if table is None or entry["table"] == table
    ]


def rejected_digest(folder: Path) -> str:
    """Return the SHA-256 of the rejected rows of an import and of what is kept about them."""
    state = hashlib.sha256()
    for file in sorted(folder.glob("_rejected*.*")):
        content = file.read_bytes()
        state.update(f"{file.name} {len(content)}\n".encode() + content)
    return state.hexdigest()


def rejected_rows(folder: Path, table: str, rejects: pl.DataFrame) -> pl.DataFrame | None:
    """Return the rejected rows of a table with all reasons of each in one cell; None where there are none."""
    sheets = load_rejected(folder, table)
    if not sheets:
        return None
    at = ("file", "sheet", "row")
    told = rejects.filter(pl.col("table") == table)
    reasons = told.group_by(at, maintain_order=True).agg(pl.col("reason").str.join("; "))
    rows = pl.concat([sheet.canonical() for sheet in sheets], how="diagonal").sort(at)
    joined = rows.join(reasons, on=at, how="left", nulls_equal=True, maintain_order="left")
    contract = load_contract().get(table)
    order = {column.name: place for place, column in enumerate(contract.columns if contract else ())}
    names = sorted((n for n in rows.columns if n not in at), key=lambda n: order.get(n, len(order)))
    return joined.select(*at, "reason", *names)


def summary(sheets: Sequence[RejectedSheet]) -> pl.DataFrame:
    """Return one row a rejected row: table, file, sheet, row, unit_code and own_date where they are known."""
    schema: Mapping[str, pl.DataType] = {
        "table": pl.String(), "file": pl.String(), "sheet": pl.String(),
        "row": pl.Int64(), "unit_code": pl.String(), "own_date": pl.Date(),
    }  # fmt: skip
    parts = [pl.DataFrame(schema=schema)]
    for sheet in sheets:
        place = {"table": sheet.table, "file": sheet.file, "sheet": sheet.sheet}
        parts.append(
            sheet.frame.select(
                **{key: pl.lit(value, pl.String) for key, value in place.items()},
                **{key: pl.col(key) for key in ("row", "unit_code", "own_date")},
            )
        )
    return pl.concat(parts)
