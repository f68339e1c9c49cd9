"""What a report reads, noted while it reads it: tables, accounts of the import, figures, result tables.

A name is ``table:cases``, ``figures:B.III.8`` (an indicator's rows of all periods, its forecast and notes), ``figures``
(those of all), ``result:case_balance``, ``accounts`` (those of the whole import) or ``exports`` (days of export).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, TypeVar

import polars as pl

from chiso.indicators import Results
from chiso.sources import Dataset, RejectedSheet

#: Type of the output in which a report's closing cell hands over what the report has read.
MIME = "application/vnd.chiso.reads+json"

T = TypeVar("T")

ACCOUNTS, EXPORTS, FIGURES, RESULT, TABLE = "accounts", "exports", "figures", "result:", "table:"
_ACCOUNTS = ("files", "rejects", "findings", "cells", "differences", "corrections", "hand_backs")
_RESULTS = ("case_balance", "satisfaction", "points", "notes", "statistics", "units", "weighting")


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
        if name in _ACCOUNTS:
            object.__getattribute__(self, "reads").add(ACCOUNTS)
        return super().__getattribute__(name)

    def scan(self, table: str) -> pl.LazyFrame | None:
        """Return the accepted rows of a table."""
        self.reads.add(TABLE + table)
        return super().scan(table)

    def accepted(self, table: str) -> int:
        """Return the number of accepted rows."""
        self.reads.add(TABLE + table)
        return super().accepted(table)

    def columns(self, table: str) -> frozenset[str]:
        """Return the columns that at least one file had."""
        self.reads.add(TABLE + table)
        return super().columns(table)

    def rows_digest(self, table: str) -> str:
        """Return the hash of the accepted rows: what is found by it is made of them."""
        self.reads.add(TABLE + table)
        return super().rows_digest(table)

    def rejected_sheets(self) -> list[RejectedSheet]:
        """Return the rejected rows by file and sheet."""
        self.reads.add(ACCOUNTS)
        return super().rejected_sheets()

    def files_of(self, tables: Iterable[str]) -> pl.DataFrame:
        """Return the row account of some tables."""
        wanted = list(tables)
        return self._past_the_record(lambda: Dataset.files_of(self, wanted), {TABLE + table for table in wanted})

    @property
    def exported_days(self) -> list[date]:
        """Return the days on which files of the folder were exported, earliest first."""
        return self._past_the_record(lambda: super(RecordedDataset, self).exported_days, {EXPORTS})

    def _past_the_record(self, look: Callable[[], T], name: set[str]) -> T:
        """Look into the accounts, and note instead of them what was looked for."""
        noted = ACCOUNTS in self.reads
        found = look()
        if not noted:
            self.reads.discard(ACCOUNTS)
        self.reads.update(name)
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
