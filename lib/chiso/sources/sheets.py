"""One sheet on its way in: header, layout, types, rules; what is left may become accepted rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from chiso.messages import text
from chiso.sources.account import Account, SheetAccount
from chiso.sources.config import Body, Constant
from chiso.sources.contract import ColumnContract, TableContract
from chiso.sources.duplicates import EXPORTED, ROW, SHEET
from chiso.sources.files import TableFile
from chiso.sources.header import Header, find_header
from chiso.sources.layout import data_rows
from chiso.sources.parse import Convention, clean, parse, translate
from chiso.sources.periods import canonical_periods
from chiso.sources.readers import OVERFLOW, Sheet
from chiso.sources.readers import ROW as FILE_ROW
from chiso.sources.rules import Breach, Rows, check
from chiso.sources.telling import SheetTeller


@dataclass(frozen=True)
class Passed:
    """Rows of a sheet that keep every row rule: the table's columns and sheet number, row, export date."""

    frame: pl.DataFrame
    present: frozenset[str]
    rows: int  # data rows before the rules


def take_sheet(
    sheet: Sheet,
    file: TableFile,
    sha256: str,
    body: Body,
    references: Mapping[str, pl.Series | None],
    account: Account,
) -> Passed | None:
    """Check one sheet and enter it in the account; None where it has no header of its table.

    Args:
        sheet: the cells as text.
        file: where they come from, for which table, mapped how.
        sha256: hash of the file.
        body: whose data it is; its time zone holds where the mapping has none.
        references: accepted keys of the tables imported before, None for those that are missing.
        account: takes the row account, rejects, findings and cells.
    """
    table = file.table
    header = find_header(sheet, file.mapping)
    if header is None:
        return None
    data, layout = data_rows(sheet, header, table)
    entry = SheetAccount(table.name, file.name, sheet.name, sha256, file.exported_on)
    entry.read, entry.layout = layout + data.height, layout
    account.sheets.append(entry)
    present = frozenset(header.columns) | frozenset(file.mapping.constants)
    teller = SheetTeller(account, file, sheet.name, header, data)
    teller.columns(present)

    rows = _typed(data, file, body, header, present)
    bad = pl.Series([False]).new_from_index(0, data.height)
    for breach in [*check(rows, references), *_broken_lines(data)]:
        bad = bad | breach.mask
        teller.rejects(breach)
    entry.rejected = int(bad.sum())
    teller.rejected_rows(bad)
    teller.answers(rows, ~bad)

    frame = rows.values.filter(~bad).with_columns(
        pl.lit(len(account.sheets) - 1, dtype=pl.Int64).alias(SHEET),
        data[FILE_ROW].filter(~bad).alias(ROW),
        pl.lit(file.exported_on, dtype=pl.Date).alias(EXPORTED),
    )
    return Passed(frame, present, data.height)


def _typed(data: pl.DataFrame, file: TableFile, body: Body, header: Header, present: frozenset[str]) -> Rows:
    """Return typed values of every contract column, and which cells were filled."""
    mapping = file.mapping
    convention = Convention(
        time_zone=mapping.time_zone or body.time_zone,
        dates=mapping.dates,
        numbers=mapping.numbers,
        serials=file.path.suffix.lower() == ".xlsx",
    )
    filled, values = [], []
    for column in _columns(file.table, present):
        if column.name in header.columns:
            original = data[header.columns[column.name]].alias(column.name)
        else:
            written = _written(mapping.constants.get(column.name))
            original = pl.Series(column.name, [written], dtype=pl.String).new_from_index(0, data.height)
        plain = translate(clean(original), mapping.values.get(column.name, {}))
        filled.append(plain.is_not_null())
        value = parse(plain, column, convention)
        values.append(value.set(~value.is_between(1, 5), None) if column.answer else value)
    typed = canonical_periods(pl.DataFrame(values), file.table)
    return Rows(file.table, pl.DataFrame(filled), typed, present, file.exported_on)


def _columns(table: TableContract, present: frozenset[str]) -> list[ColumnContract]:
    """Return the contract's columns and the survey items the sheet has, in order."""
    fixed = {column.name for column in table.columns}
    items = sorted(present - fixed, key=table.item_order)
    return [*table.columns, *map(table.column, items)]


def _written(constant: Constant | None) -> str | None:
    """Return a constant of the mapping as a file would hold it."""
    if isinstance(constant, bool):
        return str(constant).lower()
    return None if constant is None else str(constant)


def _broken_lines(data: pl.DataFrame) -> list[Breach]:
    """Return the lines of a CSV with more cells than the header, or with quotes that do not match."""
    if OVERFLOW not in data.columns:
        return []
    mask = (data[OVERFLOW].str.strip_chars().str.len_bytes() > 0).fill_null(False)
    if not mask.any():
        return []
    return [Breach("cells", None, mask, text("sources.rule.cells"), text("sources.remedy.cells"))]
