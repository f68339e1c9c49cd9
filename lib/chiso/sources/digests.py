"""What an import keeps of each table, as hashes: who reads one table need not care whether another has changed.

A hash depends on what was read and how it was judged; not on where the folder lies, when it was read, or the order of
its files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from chiso.sources.contract import TableContract
from chiso.sources.rejected.stored import RejectedSheet


@dataclass(frozen=True)
class TableDigest:
    """The hashes of one table (SHA-256, hexadecimal).

    Attributes:
        rows: its accepted rows and which columns its files had: all that figures are made of.
        whole: also the account of its files, rejected rows, cells, differences, corrections, findings and contract.
    """

    rows: str
    whole: str


def table_digests(
    folder: Path,
    accounts: Mapping[str, pl.DataFrame],
    columns: Mapping[str, frozenset[str]],
    own_tables: Mapping[str, TableContract],
    rejected: Sequence[RejectedSheet],
    tables: Iterable[str],
) -> dict[str, TableDigest]:
    """Return the hashes of the tables that an import wrote into ``folder``; under an empty name, of any other table.

    Findings of no table, and workbooks handed back that changed no row, belong to all.

    Args:
        accounts: by name, as in :class:`chiso.sources.Dataset`.
        columns: the columns of each table that its files had.
        own_tables: contracts that mapping files brought with them.
        rejected: the rejected rows by sheet.
        tables: names of the tables, also of those that no file was read for.
    """
    used = set(accounts["corrections"]["correction"])
    found = {}
    for table in sorted({"", *tables, *columns}):
        file = folder / f"{table}.parquet"
        rows = _hash(
            _file(file) if table and file.is_file() else None, sorted(columns[table]) if table in columns else None
        )
        own = {name: _of_table(frame, table) for name, frame in accounts.items() if "table" in frame.columns}
        mine = set(own["corrections"]["correction"])
        handed = accounts["hand_backs"]
        own["hand_backs"] = handed.filter(pl.col("file").is_in(list(mine)) | ~pl.col("file").is_in(list(used)))
        contract = own_tables[table].model_dump(mode="json") if table in own_tables else None
        sheets = sorted(_sheet(sheet) for sheet in rejected if sheet.table == table)
        parts = {name: _frame(frame) for name, frame in own.items()}
        found[table] = TableDigest(rows, _hash(rows, parts, contract, sheets))
    return found


def extended(digest: TableDigest, findings: pl.DataFrame) -> TableDigest:
    """Return the hashes of a table about which more is told than when it was imported."""
    return TableDigest(digest.rows, _hash(digest.whole, _frame(findings)))


def _file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _of_table(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    return frame.filter(pl.col("table").is_null() | (pl.col("table") == table))


def _sheet(sheet: RejectedSheet) -> str:
    names = ("table", "file", "sheet", "sha256", "round", "columns", "absent", "withheld")
    return _hash([str(getattr(sheet, name)) for name in names], _frame(sheet.frame))


def _frame(frame: pl.DataFrame) -> str:
    """Return the hash of a frame's values, whatever their order and their place in memory, and of its columns."""
    schema = repr(list(frame.schema.items()))
    return hashlib.sha256(f"{schema}\n{frame.sort(frame.columns).write_ndjson()}".encode()).hexdigest()


def _hash(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
