"""Tables of an earlier import taken over where nothing that they depend on has changed.

Beside the rows of each table an import keeps what it told about the table alone, in a file named by everything that
the table was made of. A later import of the body looks there before it opens a file. Whatever cannot be read, or does
not belong to the rows beside it, is not there: the table is imported.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

import polars as pl

from chiso.sources.account import FILES, Account, Finding, SheetAccount
from chiso.sources.kept import DAMAGED, packed, unpacked
from chiso.sources.one_table import TableImport, rows_file
from chiso.sources.rejected.stored import RejectedSheet
from chiso.sources.store import digest

#: Ending of the files that only imports read.
SUFFIX = ".told"


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
        "told": pl.DataFrame({"json": [json.dumps(told)]}),
        "sheets": pl.DataFrame([astuple(sheet) for sheet in account.sheets], schema=FILES, orient="row"),
        "rejects": account.rejects_frame(),
        "cells": account.cells_frame(),
        "differences": account.differences_frame(),
        "corrections": account.corrections_frame(),
        **{f"rejected_{n}": sheet.frame for n, sheet in enumerate(account.rejected)},
    }
    if found.origins is not None:
        frames["origins"] = found.origins.rle().struct.unnest()
    _file(folder, table, mark).write_bytes(packed(frames))


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
            found, sha256 = _loaded(unpacked(content))
            if found.rows:
                _link(rows_file(earlier, table), rows_file(folder, table))
            if digest(rows_file(folder, table)) == sha256:
                _file(folder, table, mark).write_bytes(content)
                return found
        rows_file(folder, table).unlink(missing_ok=True)
    return None


def _file(folder: Path, table: str, mark: str) -> Path:
    return folder / f"_{table}.{mark}{SUFFIX}"


def _loaded(frames: dict[str, pl.DataFrame]) -> tuple[TableImport, str | None]:
    """Return what an import of a table yielded, and the SHA-256 of its rows' file, None where there is none."""
    told = json.loads(frames["told"].item())
    account = Account(
        sheets=[SheetAccount(*row) for row in frames["sheets"].rows()],
        findings=[Finding(*values) for values in told["findings"]],
        rejected=[RejectedSheet.rebuilt(of, frames[f"rejected_{n}"]) for n, of in enumerate(told["rejected"])],
        **{name: [frames[name]] for name in ("rejects", "cells", "differences", "corrections")},
    )
    columns = None if told["columns"] is None else frozenset(told["columns"])
    origins = None
    if "origins" in frames:
        runs = frames["origins"]
        origins = runs["value"].repeat_by(runs["len"]).explode(empty_as_null=False)
    return TableImport(account, columns, told["rows"], origins), told["sha256"]


def _link(source: Path, target: Path) -> None:
    """Give a file that never changes a second name, or copy it where the disk cannot."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
