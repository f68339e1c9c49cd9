"""What an import yields: accepted tables to scan, and the account of every row, column and file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

import polars as pl

from chiso.sources.config import Body
from chiso.sources.contract import TableContract, load_contract
from chiso.sources.digests import TableDigest, extended, table_digests
from chiso.sources.kept import NO_SHELVES, Kept
from chiso.sources.rejected.stored import RejectedSheet, load_rejected, rejected_digest, rejected_rows

T = TypeVar("T")

INDEX = "dataset.json"
_ACCOUNTS = ("files", "rejects", "findings", "cells", "differences", "corrections", "hand_backs")


@dataclass(frozen=True)
class Dataset:
    """Checked tables of one data folder.

    Attributes:
        folder: the data folder the files came from.
        processed: the folder with the Parquet files of this import; never changed once it is there.
        body: whose data it is.
        files: row account, one row a file and sheet: table, file, sheet, sha256, exported_on, read, accepted,
            merged, superseded, rejected, layout; and corrected, the rows among them that are no longer rejected because
            a correction was handed back.
        rejects: one row a reason: table, file, sheet, row (the file's own number), column, header (as the file
            writes it), value, rule, reason, remedy.
        findings: what is to be told about whole files and tables: severity, table, file, rule, message.
        cells: rejected cells (with row) and counted ones (row null: don't-know answers, dropped personal data):
            as `rejects`, and count.
        differences: what does not agree across tables, files or exports, though each row keeps its rules: table,
            rule, unit_code, key, column, value, expected, file. Listed, never changed.
        corrections: cells that workbooks handed back gave another value: table, file, sheet, row, column, header, old,
            new, correction (the workbook), accepted (whether the row is not rejected any more and holds this value),
            superseded (whether a later round gave the cell another value).
        hand_backs: the workbooks handed back: file, sha256.
        kept: where results of these rows are kept, known by :meth:`rows_digest`; by default nowhere.
    """

    folder: Path
    processed: Path
    body: Body
    files: pl.DataFrame
    rejects: pl.DataFrame
    findings: pl.DataFrame
    cells: pl.DataFrame
    differences: pl.DataFrame
    corrections: pl.DataFrame
    hand_backs: pl.DataFrame
    _accepted: Mapping[str, int]
    _columns: Mapping[str, frozenset[str]]
    _own_tables: Mapping[str, TableContract] = field(default_factory=dict)
    _digests: Mapping[str, TableDigest] = field(default_factory=dict)
    kept: Kept = NO_SHELVES

    @property
    def contracts(self) -> dict[str, TableContract]:
        """Return the contracts of the fourteen tables and of those that mapping files brought with them, by name."""
        return {**load_contract(), **self._own_tables}

    def scan(self, table: str) -> pl.LazyFrame | None:
        """Return the accepted rows of a table, or None where the table is missing or has none.

        Every column of the contract is there (survey items: those that some file had); dtypes are the contract's,
        times are naive and local to the body.
        """
        return pl.scan_parquet(self.processed / f"{table}.parquet") if self.accepted(table) else None

    def files_of(self, tables: Iterable[str]) -> pl.DataFrame:
        """Return the row account (:attr:`files`) of some tables."""
        return self.files.filter(pl.col("table").is_in(list(tables)))

    @property
    def tallies(self) -> pl.DataFrame:
        """Return the row account (:attr:`files`) without the hashes of the files."""
        return self.files.drop("sha256")

    @property
    def exported_days(self) -> list[date]:
        """Return the days on which files of the folder were exported, earliest first."""
        return self.files["exported_on"].drop_nulls().unique().sort().to_list()

    def rejected(self, table: str) -> pl.DataFrame | None:
        """Return the rejected rows of a table; None where there are none.

        Columns: file, sheet, row, reason (all reasons of the row), then the table's columns as text, as the file has
        them; none about single persons.
        """
        return rejected_rows(self.processed, table, self.rejects)

    def rejected_sheets(self) -> list[RejectedSheet]:
        """Return the rejected rows by file and sheet, with all columns of the file that may be shown."""
        return load_rejected(self.processed)

    def rejected_digest(self) -> str:
        """Return the SHA-256 of :meth:`rejected_sheets`."""
        return rejected_digest(self.processed)

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the tables that some file was read for, those of mapping files among them."""
        return tuple(self._columns)

    def accepted(self, table: str) -> int:
        """Return the number of accepted rows."""
        return self._accepted.get(table, 0)

    def columns(self, table: str) -> frozenset[str]:
        """Return the columns that at least one file had (or its mapping set)."""
        return self._columns.get(table, frozenset())

    def digest(self, table: str) -> str:
        """Return the SHA-256 of everything that the import keeps about a table; a missing table has one too.

        It covers the accepted rows and columns, the contract of a mapping's own table, and the table's part of every
        account; not the folder's place, the time of the import or the order of the files.
        """
        return self._digests.get(table, self._digests[""]).whole

    def rows_digest(self, table: str) -> str:
        """Return the SHA-256 of a table's accepted rows and columns: all of it that figures are made of."""
        return self._digests.get(table, self._digests[""]).rows

    def noting(self, tables: Sequence[str], look: Callable[[], T]) -> T:
        """Return what ``look`` finds, made of the rows of some tables; an import with a record notes these alone.

        What is made is sometimes found kept: then less is looked into, and the record must not tell the difference.
        """
        return look()

    def telling(self, table: str, findings: pl.DataFrame) -> Dataset:
        """Return the same import with more findings, all about one table."""
        if findings.is_empty():
            return self
        digests = {**self._digests, table: extended(self._digests[table], findings)}
        return replace(self, findings=pl.concat([self.findings, findings]), _digests=digests)


def save_index(
    folder: Path,
    accounts: Mapping[str, pl.DataFrame],
    accepted: Mapping[str, int],
    columns: Mapping[str, frozenset[str]],
    own_tables: Mapping[str, TableContract],
    rejected: Sequence[RejectedSheet],
) -> None:
    """Write the accounts and the index of an import beside its tables and rejected rows; the index last."""
    digests = table_digests(folder, accounts, columns, own_tables, rejected, load_contract())
    for name in _ACCOUNTS:
        accounts[name].write_parquet(folder / f"_{name}.parquet")
    index = {
        "accepted": dict(accepted),
        "columns": {name: sorted(found) for name, found in columns.items()},
        "own_tables": {name: table.model_dump(mode="json") for name, table in own_tables.items()},
        "digests": {name: asdict(digest) for name, digest in digests.items()},
    }
    (folder / INDEX).write_text(json.dumps(index, ensure_ascii=False, indent=1), encoding="utf-8")


def load_dataset(folder: Path, processed: Path, body: Body) -> Dataset:
    """Return the import that ``processed`` holds, as the data of ``body`` in ``folder``."""
    index = json.loads((processed / INDEX).read_text(encoding="utf-8"))
    accounts = {name: pl.read_parquet(processed / f"_{name}.parquet") for name in _ACCOUNTS}
    columns = {name: frozenset(found) for name, found in index["columns"].items()}
    own = {name: TableContract.model_validate(table) for name, table in index["own_tables"].items()}
    digests = {name: TableDigest(**digest) for name, digest in index["digests"].items()}
    return Dataset(
        folder,
        processed,
        body,
        **accounts,
        _accepted=index["accepted"],
        _columns=columns,
        _own_tables=own,
        _digests=digests,
        kept=NO_SHELVES,
    )
