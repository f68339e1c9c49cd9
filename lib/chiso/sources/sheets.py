"""One sheet on its way in: header, layout, types, rules; what is left may become accepted rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from chiso.messages import text
from chiso.sources.account import Account, SheetAccount
from chiso.sources.config import Constant
from chiso.sources.contract import ColumnContract, TableContract
from chiso.sources.duplicates import EXPORTED, ROW, SHEET
from chiso.sources.files import TableFile
from chiso.sources.layout.header import Header, find_header, titles_above
from chiso.sources.layout.money import Factor, factors
from chiso.sources.layout.rows import Layout, data_rows
from chiso.sources.layout.shaping import (
    SOURCE,
    VALUE,
    Unfit,
    add_sums,
    known_codes,
    lacking,
    sought,
    unpivoted,
)
from chiso.sources.layout.totals import tell_layout, tell_totals
from chiso.sources.layout.unclear import settle_unclear
from chiso.sources.numerals import settle_numbers
from chiso.sources.parse import Convention, clean, parse, translate
from chiso.sources.periods import canonical_periods
from chiso.sources.privacy.door import CODES_OF_PEOPLE, at_the_door, hide_rejected
from chiso.sources.privacy.pseudonyms import Pseudonyms
from chiso.sources.readers import CELL_COUNT, OVERFLOW, Sheet
from chiso.sources.readers import ROW as FILE_ROW
from chiso.sources.rejected.originals import ADDED, Original, original
from chiso.sources.rules import Breach, Rows, check
from chiso.sources.telling import SheetTeller


@dataclass(frozen=True)
class Passed:
    """Rows of a sheet that keep every row rule: the table's columns and sheet number, row, export date."""

    frame: pl.DataFrame
    present: frozenset[str]
    rows: int  # data rows before the rules
    original: Original  # the sheet as text, for the rows that are rejected


@dataclass(frozen=True)
class TableSheet:
    """A sheet with a header of its table: its data rows (of a wide sheet as long ones), and its layout rows.

    The mapping of ``file`` has the constants that were taken from this sheet, and the factors of ``money``: the columns
    in đồng that the sheet says are in another unit.
    """

    file: TableFile
    sheet: Sheet
    header: Header
    data: pl.DataFrame
    layout: Layout
    money: Mapping[str, Factor] = field(default_factory=dict)

    @property
    def name(self) -> str | None:
        """Return the sheet's name."""
        return self.sheet.name

    @property
    def present(self) -> frozenset[str]:
        """Return the columns the sheet has, or the mapping sets."""
        columns = frozenset(self.header.columns) | frozenset(self.file.mapping.constants)
        return columns | {name for name, parts in self.file.mapping.sums.items() if columns.intersection(parts)}


def open_sheet(sheet: Sheet, file: TableFile) -> TableSheet | Unfit:
    """Return the data rows of a sheet; where it is none of its table, which columns were not found in it."""
    mapping = file.mapping
    if not mapping.takes_sheet(sheet.name):
        return Unfit(sheet)
    header = find_header(sheet, mapping)
    if header is None:
        return Unfit(sheet, sought(mapping))
    titles = titles_above(sheet, header)
    file = replace(file, mapping=mapping.resolved(file.path.name, sheet.name, titles))
    if mapping.own_table and (missing := lacking(header, file.mapping)):
        return Unfit(sheet, missing)
    money = {}
    if not mapping.own_table:
        named = [(file.table.column(name), title) for name, title in header.titles.items()]
        money = {k: f for k, f in factors(titles, named).items() if k not in mapping.multiply}
        multiply = {**{name: factor.number for name, factor in money.items()}, **file.mapping.multiply}
        file = replace(file, mapping=file.mapping.model_copy(update={"multiply": multiply}))
    sheet = settle_unclear(settle_numbers(sheet, header, file.mapping), header, file.mapping)
    data, layout = data_rows(sheet, header, file.table, mapping.rows)
    if mapping.unpivot:
        data, header = unpivoted(data, header, mapping.unpivot)
    return TableSheet(file, sheet, header, data, layout, money)


def take_sheet(
    sheet: TableSheet,
    sha256: str,
    time_zone: str,
    references: Mapping[str, pl.Series | None],
    demanded: frozenset[str],
    account: Account,
    pseudonyms: Pseudonyms,
) -> Passed:
    """Check one sheet and enter it in the account.

    Args:
        sheet: the data rows as text, where they come from, mapped how.
        sha256: hash of the file.
        time_zone: holds where the mapping has none.
        references: accepted keys of the tables imported before, None for those that are missing.
        demanded: columns that some sheet of the table with rows has.
        account: takes the row account, rejects, findings and cells.
        pseudonyms: makes the pseudonyms of people's codes.
    """
    file, present = sheet.file, sheet.present
    data, header, held = at_the_door(sheet.data, sheet.header, file.table, file.mapping.values, pseudonyms)
    entry = SheetAccount(file.table.name, file.name, sheet.name, sha256, file.exported_on)
    entry.read, entry.layout = sheet.layout.total + data.height, sheet.layout.total
    account.sheets.append(entry)
    broken = _broken_lines(data, header, file.table)
    garbled = _any((breach.mask for breach in broken), data.height)
    teller = SheetTeller(account, file, sheet.name, header, data, garbled)
    teller.columns(present, demanded)
    teller.held_back(held)
    teller.short_lines()
    teller.money(sheet.money)
    tell_layout(sheet.sheet, sheet.layout, header, file, account)

    rows = replace(_typed(data, file, time_zone, header, present, sheet.sheet.epoch), demanded=demanded)
    rows = replace(rows, values=_without_codes(rows.values, header, pseudonyms))
    faults = _faults(sheet)
    breaches = []
    for breach in check(rows, references):  # of a garbled line nobody knows which cell is which
        empty = faults.get(breach.column or "", {}).values()
        breaches.append(replace(breach, mask=breach.mask & ~garbled & ~_any(empty, data.height)))
    for column, by_rule in faults.items():
        label = file.table.column(column).label
        for rule, mask in by_rule.items():
            remedy = text(f"sources.remedy.{rule}")
            breaches.append(Breach(rule, column, mask, text(f"sources.rule.{rule}", label=label), remedy))
    bad = _any((garbled, *(breach.mask for breach in breaches)), data.height)
    told = {name: bad | (rows.filled[name] & rows.values[name].is_null()) for name in rows.values.columns}
    teller = replace(teller, data=hide_rejected(data, header, file.table, told))
    for breach in (*breaches, *broken):
        teller.rejects(breach)
    entry.rejected = int(bad.sum())
    teller.answers(rows, ~bad)
    tell_totals(
        sheet.layout,
        header,
        file,
        _convention(file, time_zone, sheet.sheet.epoch),
        data,
        rows.values,
        ~bad,
        sheet.name,
        account,
        sheet.sheet.hidden_rows,
    )

    frame = rows.values.filter(~bad).with_columns(
        pl.lit(len(account.sheets) - 1, dtype=pl.Int64).alias(SHEET),
        data[FILE_ROW].filter(~bad).alias(ROW),
        pl.lit(file.exported_on, dtype=pl.Date).alias(EXPORTED),
    )
    entry_of = len(account.sheets) - 1
    source = original(entry_of, file.table, header, sheet.data, data, bad, garbled, rows.values, present)
    return Passed(frame, present, data.height, source)


def _without_codes(values: pl.DataFrame, header: Header, pseudonyms: Pseudonyms) -> pl.DataFrame:
    """Return the values with people's codes that the mapping sets made pseudonyms; those of cells are ones already."""
    constant = [name for name in CODES_OF_PEOPLE if name in values.columns and name not in header.columns]
    return values.with_columns(pseudonyms.replace(values[name]) for name in constant)


def _any(masks: Iterable[pl.Series], height: int) -> pl.Series:
    """Return where one of the masks holds."""
    found = pl.Series([False]).new_from_index(0, height)
    for mask in masks:
        found = found | mask
    return found


def _faults(sheet: TableSheet) -> dict[str, dict[str, pl.Series]]:
    """Return column -> rule -> the rows whose cell holds no value, or not surely one (`FAULTS`)."""
    found: dict[str, dict[str, pl.Series]] = {}
    if sheet.sheet.faults.is_empty():
        return found
    for column, cell in sheet.header.columns.items():
        at = sheet.data.select(FILE_ROW, cell=SOURCE if cell == VALUE else pl.lit(cell))
        told = at.join(sheet.sheet.faults, on=[FILE_ROW, "cell"], how="left", maintain_order="left")["rule"]
        for rule in told.drop_nulls().unique(maintain_order=True):
            found.setdefault(column, {})[rule] = (told == rule).fill_null(False)
    return found


def _typed(
    data: pl.DataFrame, file: TableFile, time_zone: str, header: Header, present: frozenset[str], epoch: date | None
) -> Rows:
    """Return typed values of every contract column, and which cells were filled."""
    mapping = file.mapping
    convention = _convention(file, time_zone, epoch)
    filled, values = [], []
    for column in _columns(file.table, present):
        if column.name in header.columns:
            original = data[header.columns[column.name]].alias(column.name)
        else:
            written = _written(mapping.fixed.get(column.name))
            original = pl.Series(column.name, [written], dtype=pl.String).new_from_index(0, data.height)
        plain = translate(clean(original), mapping.values.get(column.name, {}))
        plain = known_codes(plain, column) if mapping.own_table else plain
        filled.append(plain.is_not_null())
        value = parse(plain, column, convention, mapping.multiply.get(column.name))
        values.append(value.set(~value.is_between(1, 5), None) if column.answer else value)
    add_sums(values, filled, header, mapping)
    typed = canonical_periods(pl.DataFrame(values), file.table)
    return Rows(file.table, pl.DataFrame(filled), typed, present, file.exported_on)


def _convention(file: TableFile, time_zone: str, epoch: date | None) -> Convention:
    mapping = file.mapping
    return Convention(
        time_zone=mapping.time_zone or time_zone,
        dates=mapping.dates,
        numbers=mapping.numbers,
        epoch=epoch,
    )


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


def _broken_lines(data: pl.DataFrame, header: Header, table: TableContract) -> list[Breach]:
    """Return the lines of a CSV that cannot be cut into the header's columns.

    They have more cells than the header, quotes that do not match, or end before a required column. Where only other
    columns are left out, exporters that drop empty cells at the end of a line write the same.
    """
    if OVERFLOW not in data.columns:
        return []
    own = [header.columns[c.name] for c in table.columns if _is_required(c, header)]
    required = [data.get_column_index(cell) for cell in own if not cell.startswith(ADDED)]
    short = (data[CELL_COUNT] <= max(required, default=-1)).fill_null(False) & ~data[OVERFLOW]
    breaches = [
        Breach(rule, None, mask, text(f"sources.rule.{rule}"), text(f"sources.remedy.{rule}"))
        for rule, mask in (("cells", data[OVERFLOW]), ("short", short))
    ]
    return [breach for breach in breaches if breach.mask.any()]


def _is_required(column: ColumnContract, header: Header) -> bool:
    return column.required and column.name in header.columns
