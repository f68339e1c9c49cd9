"""What a report reads, noted while it reads it: tables, accounts of the import, figures, result tables.

A name is ``table:cases`` (the accepted rows), ``rows:cases`` (their number), ``columns:cases`` (which the files had),
``files:cases`` (the account of its files, with their hashes), ``accounts:rejects`` (one account of the whole import),
``exports`` (days of export), ``figures:B.III.8`` (an indicator's rows of all periods, its forecast and notes),
``figures`` (those of all) or ``result:case_balance``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, TypeVar

import polars as pl

from chiso.indicators import Results
from chiso.sources import Dataset, RejectedSheet

#: Type of the output in which a report's closing cell hands over what the report has read.
MIME = "application/vnd.chiso.reads+json"

T = TypeVar("T")

ACCOUNTS, EXPORTS, FIGURES = "accounts", "exports", "figures"
TABLE, ROWS, COLUMNS, FILES, RESULT = "table:", "rows:", "columns:", "files:", "result:"
TALLIES, CONTRACTS, SHEETS = "tallies", "contracts", "rejected_sheets"
#: The accounts of an import, each of all tables.
FRAMES = ("files", "rejects", "findings", "cells", "differences", "corrections", "hand_backs")
_RESULTS = (
    "case_balance", "satisfaction", "points", "notes", "recency", "recording", "statistics", "units", "weighting",
)  # fmt: skip


def of_account(name: str) -> str:
    """Return the name of one account of the whole import."""
    return f"{ACCOUNTS}:{name}"


def of_figures(indicators: Iterable[str]) -> set[str]:
    """Return the names of some indicators' figures."""
    return {f"{FIGURES}:{indicator}" for indicator in indicators}


@dataclass(frozen=True)
class RecordedDataset(Dataset):
    """An import that notes in ``reads`` what is asked of it."""

    reads: set[str] = field(default_factory=set, compare=False)

    @classmethod
    def of(cls, dataset: Dataset) -> RecordedDataset:
        """Return the same import with a record; one that has a record already, itself."""
        if isinstance(dataset, cls):
            return dataset
        return cls(**{f.name: getattr(dataset, f.name) for f in fields(Dataset)})

    def __getattribute__(self, name: str) -> Any:
        if name in FRAMES or name == CONTRACTS:
            object.__getattribute__(self, "reads").add(of_account(name))
        return super().__getattribute__(name)

    def scan(self, table: str) -> pl.LazyFrame | None:
        """Return the accepted rows of a table."""
        return self._past_the_record(lambda: Dataset.scan(self, table), TABLE + table)

    def accepted(self, table: str) -> int:
        """Return the number of accepted rows."""
        self.reads.add(ROWS + table)
        return super().accepted(table)

    def columns(self, table: str) -> frozenset[str]:
        """Return the columns that at least one file had."""
        self.reads.add(COLUMNS + table)
        return super().columns(table)

    def rows_digest(self, table: str) -> str:
        """Return the hash of the accepted rows: what is found by it is made of them."""
        self.reads.add(TABLE + table)
        return super().rows_digest(table)

    def rejected(self, table: str) -> pl.DataFrame | None:
        """Return the rejected rows of a table."""
        self.reads.add(of_account(SHEETS))
        return super().rejected(table)

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the tables that some file was read for."""
        self.reads.add(of_account(TALLIES))
        return super().tables

    def rejected_sheets(self) -> list[RejectedSheet]:
        """Return the rejected rows by file and sheet."""
        self.reads.add(of_account(SHEETS))
        return super().rejected_sheets()

    def files_of(self, tables: Iterable[str]) -> pl.DataFrame:
        """Return the row account of some tables."""
        wanted = list(tables)
        return self._past_the_record(lambda: Dataset.files_of(self, wanted), *(FILES + table for table in wanted))

    @property
    def tallies(self) -> pl.DataFrame:
        """Return the row account of all files without their hashes."""
        return self._past_the_record(lambda: super(RecordedDataset, self).tallies, of_account(TALLIES))

    @property
    def exported_days(self) -> list[date]:
        """Return the days on which files of the folder were exported, earliest first."""
        return self._past_the_record(lambda: super(RecordedDataset, self).exported_days, EXPORTS)

    def noting(self, tables: Sequence[str], look: Callable[[], T]) -> T:
        """Return what ``look`` finds, made of the rows of some tables."""
        return self._past_the_record(look, *(TABLE + table for table in tables))

    def _past_the_record(self, look: Callable[[], T], *names: str) -> T:
        """Look into the import, and note instead of all that is looked into what was looked for."""
        before = frozenset(self.reads)
        found = look()
        self.reads.intersection_update(before)
        self.reads.update(names)
        return found


@dataclass(frozen=True)
class RecordedResults(Results):
    """Result tables that note in ``reads`` which of them are asked for."""

    reads: set[str] = field(default_factory=set, compare=False)

    @classmethod
    def of(cls, results: Results, reads: set[str]) -> RecordedResults:
        """Return the same tables."""
        return cls(**{f.name: getattr(results, f.name) for f in fields(Results)}, reads=reads)

    def __getattribute__(self, name: str) -> Any:
        if name == "indicators":
            object.__getattribute__(self, "reads").add(FIGURES)
        elif name in _RESULTS:
            object.__getattribute__(self, "reads").add(RESULT + name)
        return super().__getattribute__(name)
