"""The import of a data folder: files in, checked tables and a full account out."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from chiso.sources import agreement
from chiso.sources.account import HAND_BACKS, Account, Finding
from chiso.sources.agreement.due_days import excluded_due_days
from chiso.sources.config import Body, load_settings
from chiso.sources.contract import TableContract, load_contract
from chiso.sources.dataset import Dataset, load_dataset, save_index
from chiso.sources.files import TableFile, list_files
from chiso.sources.kept import key_of
from chiso.sources.one_table import TableImport, TableInput, import_table, rows_file
from chiso.sources.privacy.pseudonyms import Pseudonyms, load_pseudonyms
from chiso.sources.rejected import corrections
from chiso.sources.rejected.hand_back import list_hand_backs, read_hand_backs
from chiso.sources.rejected.stored import save_rejected
from chiso.sources.store import (
    code_mark,
    default_base,
    digest,
    fingerprint,
    finished_imports,
    is_complete,
    new_folder,
)
from chiso.sources.taken_over import keep, take_over


def ingest(data: Path, processed: Path | None = None, begin: Callable[[], object] | None = None) -> Dataset:
    """Import the tables of a folder, or return the import already made of exactly these files.

    Args:
        data: folder with ``<table>[_<period>][_<exported YYYYMMDD>].{csv,xlsx,parquet}`` and an optional
            ``chiso.toml``; it is only read.
        processed: folder under which imports are kept; default ``data/processed/<name>`` of the project.
        begin: called before files are imported; not where their import is found.

    Raises:
        ChisoError: no such folder, no table in it, faulty ``chiso.toml``, or no place to write to.
        AssertionError: the row account does not add up (a defect; names the file).
    """
    data = Path(data)
    settings = load_settings(data)
    files, findings = list_files(data, settings)
    digests = {file.name: digest(file.path) for file in files}
    handed = {path: digest(path) for path in list_hand_backs(data, {file.path for file in files})}
    base = Path(processed).absolute() if processed is not None else default_base(data)
    pseudonyms = load_pseudonyms(base)
    known = digests | {path.name: sha256 for path, sha256 in handed.items()}
    code = code_mark()
    target = base / fingerprint(data, known, [named.path for named in settings.found], code, pseudonyms.mark)
    if not is_complete(target):
        if begin is not None:
            begin()
        with new_folder(target) as folder:
            earlier = Earlier(finished_imports(base), code)
            zone, tables = settings.body.time_zone, load_contract()
            import_tables(files, findings, digests, zone, folder, tables, pseudonyms, handed, earlier)
    return open_import(data, target, settings.body)


def open_import(data: Path, target: Path, body: Body) -> Dataset:
    """Return a finished import.

    Args:
        data: the data folder, or a copy of its settings.
        target: folder of the import.
        body: whose data it is.
    """
    dataset = load_dataset(data, target, body)
    deliverables = dataset.scan("deliverables")
    if deliverables is None:
        return dataset
    # The plan's deadlines are the catalogue's: told anew at each import, not kept with the files.
    told = Account(findings=excluded_due_days(deliverables, body.catalogue)).findings_frame()
    return dataset.telling("deliverables", told)


def import_tables(
    files: Sequence[TableFile],
    findings: Iterable[Finding],
    digests: Mapping[str, str | None],
    time_zone: str,
    folder: Path,
    expected: Container[str],
    pseudonyms: Pseudonyms,
    handed: Mapping[Path, str | None] | None = None,
    earlier: Earlier | None = None,
) -> None:
    """Import the tables of the files, those that others refer to first, and write tables and account into ``folder``.

    Args:
        files: the files and how each is read.
        findings: what is told about the files already.
        digests: SHA-256 of each file by name.
        time_zone: of the body; holds where the mapping of a file has none.
        folder: an empty folder.
        expected: names of the tables that are told as missing where no file has them.
        pseudonyms: makes the pseudonyms of people's codes.
        handed: workbooks of corrected rows and their SHA-256.
        earlier: where tables made of the very same may be taken over from; None: each is imported.
    """
    account = Account(findings=list(findings))
    backs = read_hand_backs((handed or {}).items())
    addressed = corrections.address(backs, [(file.name, file.table.name, digests[file.name]) for file in files])
    account.findings += backs.findings
    accepted: dict[str, int] = {}
    columns: dict[str, frozenset[str]] = {}
    references: dict[str, pl.Series | None] = {}
    origins: dict[str, pl.Series] = {}
    own_tables = {file.table.name: file.table for file in files if file.mapping.own_table}
    tables = [*load_contract().values(), *own_tables.values()]  # units, then procedures, then the others
    referred = {column.reference for table in tables for column in table.columns}
    for table in tables:
        own = [file for file in files if file.table.name == table.name]
        given = TableInput(
            table,
            own,
            {file.name: digests[file.name] for file in own},
            [(file, sheet) for file, sheet in addressed if sheet.table == table.name],
            {name: references.get(name) for column in table.columns if (name := column.reference)},
            time_zone,
            pseudonyms,
            table.name in expected,
        )
        found = earlier.import_table(given, folder) if earlier else import_table(given, folder)
        before = account.take_in(found.account)
        if found.columns is not None:
            columns[table.name] = found.columns
        if found.rows is not None and found.origins is not None:
            accepted[table.name] = found.rows
            origins[table.name] = found.origins + before
        if table.name in referred:
            references[table.name] = _keys(table, found.rows, folder)
    told = agreement.Accepted(folder, accepted, columns, origins, account.sheets)
    agreement.check_agreement(told, files, account)
    accounts = {
        "files": account.files_frame(),
        "rejects": account.rejects_frame(),
        "findings": account.findings_frame(),
        "cells": account.cells_frame(),
        "differences": account.differences_frame(),
        "corrections": account.corrections_frame(),
        "hand_backs": pl.DataFrame(sorted(backs.digests.items()), schema=HAND_BACKS, orient="row"),
    }
    save_rejected(folder, account.rejected)
    save_index(folder, accounts, accepted, columns, own_tables, account.rejected)


@dataclass(frozen=True)
class Earlier:
    """Earlier imports of a body, newest first, and the mark of the code that imports now."""

    imports: Sequence[Path]
    code: str

    def import_table(self, given: TableInput, folder: Path) -> TableImport:
        """Import a table, or take it over where an earlier import made it of the same."""
        name, mark = given.table.name, key_of(self.code, given.described())
        found = take_over(name, mark, self.imports, folder)
        if found is None:
            found = import_table(given, folder)
            keep(found, folder, name, mark)
        return found


def _keys(table: TableContract, rows: int | None, folder: Path) -> pl.Series | None:
    """Return the accepted keys of a table that others refer to; None where it has no rows or several columns as key."""
    if rows is None or len(table.key) > 1:
        return None
    key = table.key[0]
    if not rows:
        return pl.Series(key, [], dtype=table.column(key).dtype)
    return pl.read_parquet(rows_file(folder, table.name), columns=[key])[key]
