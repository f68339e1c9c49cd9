"""Tables of an earlier import taken over where nothing that they depend on has changed.

Beside the rows of each table an import keeps what it told about the table alone, in a file named by everything that
the table was made of. A later import of the body looks there before it opens a file. Whatever cannot be read, or does
not belong to the rows beside it, is not there: the table is imported.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import astuple
from io import BytesIO
from pathlib import Path

import polars as pl

from chiso.sources.account import FILES, Account, Finding, SheetAccount
from chiso.sources.kept import DAMAGED
from chiso.sources.one_table import TableImport, rows_file
from chiso.sources.rejected.stored import RejectedSheet
from chiso.sources.store import digest

#: Ending of the files that only imports read.
SUFFIX = ".told"
_TOLD, _FRAME = "told.json", ".parquet"


def keep(found: TableImport, folder: Path, table: str, mark: str) -> None:
    """Write what an import told about a table beside its rows in ``folder``.

    Args:
        found: what it yielded, with the account of this table alone.
        folder: of the import; holds the rows already.
        table: its name.
        mark: hash of everything that the table was made of.
    """
    account = found.account
    told = {
        "columns": None if found.columns is None else sorted(found.columns),
        "rows": found.rows,
        "sha256": digest(rows_file(folder, table)),
        "findings": [astuple(finding) for finding in account.findings],
        "rejected": [sheet.described() for sheet in account.rejected],
    }
    frames = {
        "sheets": pl.DataFrame([astuple(sheet) for sheet in account.sheets], schema=FILES, orient="row"),
        "rejects": account.rejects_frame(),
        "cells": account.cells_frame(),
        "differences": account.differences_frame(),
        "corrections": account.corrections_frame(),
        **{f"rejected_{n}": sheet.frame for n, sheet in enumerate(account.rejected)},
    }
    if found.origins is not None:
        frames["origins"] = found.origins.rle().struct.unnest()
    with zipfile.ZipFile(_file(folder, table, mark), "w") as archive:
        archive.writestr(zipfile.ZipInfo(_TOLD), json.dumps(told, ensure_ascii=False))
        for name, frame in frames.items():
            if frame.height:
                content = BytesIO()
                frame.write_parquet(content)  # Arrow's own forms keep bytes of cells that were blanked
                archive.writestr(zipfile.ZipInfo(f"{name}{_FRAME}"), content.getvalue())


def take_over(table: str, mark: str, imports: Iterable[Path], folder: Path) -> TableImport | None:
    """Take a table over from an import that made it of the same; its rows are written into ``folder``.

    Args:
        table: its name.
        mark: hash of everything that the table is to be made of.
        imports: folders of finished imports, asked in this order.
        folder: of the new import.

    Returns:
        What the table's import yields, as if it had been imported; None where no import has it.
    """
    for earlier in imports:
        with suppress(*DAMAGED):
            content = _file(earlier, table, mark).read_bytes()
            found, sha256 = _loaded(content)
            if found.rows:
                _link(rows_file(earlier, table), rows_file(folder, table))
            if digest(rows_file(folder, table)) == sha256:
                _file(folder, table, mark).write_bytes(content)
                return found
        rows_file(folder, table).unlink(missing_ok=True)
    return None


def _file(folder: Path, table: str, mark: str) -> Path:
    return folder / f"_{table}.{mark}{SUFFIX}"


def _loaded(content: bytes) -> tuple[TableImport, str | None]:
    """Return what an import of a table yielded, and the SHA-256 of its rows' file, None where there is none."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        told = json.loads(archive.read(_TOLD))
        frames = {
            name.removesuffix(_FRAME): pl.read_parquet(archive.read(name))
            for name in archive.namelist()
            if name.endswith(_FRAME)
        }
    account = Account(
        sheets=[SheetAccount(*row) for row in frames["sheets"].rows()] if "sheets" in frames else [],
        findings=[Finding(*values) for values in told["findings"]],
        rejected=[RejectedSheet.rebuilt(of, frames[f"rejected_{n}"]) for n, of in enumerate(told["rejected"])],
        **{name: [frames[name]] for name in ("rejects", "cells", "differences", "corrections") if name in frames},
    )
    columns = None if told["columns"] is None else frozenset(told["columns"])
    origins = None
    if told["rows"]:
        origins = frames["origins"]["value"].repeat_by(frames["origins"]["len"]).explode(empty_as_null=False)
    elif told["rows"] is not None:
        origins = pl.Series([], dtype=pl.Int64)
    return TableImport(account, columns, told["rows"], origins), told["sha256"]


def _link(source: Path, target: Path) -> None:
    """Give a file that never changes a second name, or copy it where the disk cannot."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
