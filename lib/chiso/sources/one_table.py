"""The import of one table: its files in, its accepted rows and the account of every row out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from chiso.messages import text
from chiso.sources import agreement
from chiso.sources.account import REJECTS, Account, Finding, SheetAccount, lines
from chiso.sources.contract import TableContract, fold, load_contract
from chiso.sources.duplicates import FATE, ROW, SHEET, resolve
from chiso.sources.files import TableFile
from chiso.sources.layout.header import header_score
from chiso.sources.layout.shaping import Unfit
from chiso.sources.parse import clean
from chiso.sources.privacy.personal import person_cells
from chiso.sources.privacy.pseudonyms import Pseudonyms
from chiso.sources.readers import Row, Sheet, UnreadableError, read_sheets
from chiso.sources.readers.encoding import UNSURE
from chiso.sources.rejected import corrections
from chiso.sources.rejected.hand_back import HandedSheet
from chiso.sources.rejected.stored import RejectedSheet
from chiso.sources.sheets import Passed, TableSheet, open_sheet, take_sheet
from chiso.sources.text import restore, tell_conversions
from chiso.sources.words import load_words


@dataclass(frozen=True)
class TableInput:
    """Everything that the import of a table depends on, besides the code and its messages.

    Attributes:
        table: its contract.
        files: the files that feed it, and how each is read.
        digests: their SHA-256 by name, None where one may not be read.
        handed: handed-back sheets of corrections, each with the name of the file it corrects.
        references: accepted keys of the tables that its columns refer to, None for those that are missing.
        time_zone: holds where the mapping of a file has none.
        pseudonyms: makes the pseudonyms of people's codes.
        expected: whether it is told as missing where no file has it.
    """

    table: TableContract
    files: Sequence[TableFile]
    digests: Mapping[str, str | None]
    handed: Sequence[tuple[str, HandedSheet]]
    references: Mapping[str, pl.Series | None]
    time_zone: str
    pseudonyms: Pseudonyms
    expected: bool

    def described(self) -> list[Any]:
        """Return the input as plain data: of files, workbooks and keys what they are known by."""
        files = [
            (f.path.name, f.name, self.digests[f.name], f.exported_on, f.mapping.model_dump_json()) for f in self.files
        ]
        handed = [(name, s.correction, s.digest, s.title) for name, s in self.handed]
        keys = {name: None if known is None else known.sort().to_list() for name, known in self.references.items()}
        settings = (self.time_zone, self.pseudonyms.mark, self.expected)
        return [self.table.model_dump_json(), files, handed, keys, settings]


@dataclass(frozen=True)
class TableImport:
    """What the import of a table yields beside its accepted rows.

    Attributes:
        account: of its sheets, in the order they were read.
        columns: the columns that its files had; None where no file holds the table.
        rows: number of accepted rows; None where no row of any file kept the row rules.
        origins: for each accepted row the number of its sheet in the account.
    """

    account: Account = field(default_factory=Account)
    columns: frozenset[str] | None = None
    rows: int | None = None
    origins: pl.Series | None = None


def rows_file(folder: Path, table: str) -> Path:
    """Return the place of a table's accepted rows in the folder of an import."""
    return folder / f"{table}.parquet"


def import_table(given: TableInput, folder: Path) -> TableImport:
    """Import one table and write its accepted rows, if there are any, into ``folder``."""
    table, account = given.table, Account()
    sheets = list(_open(given.files, given.digests, account))
    take = _Take(given, account)
    corrected = _correct(sheets, take)
    parts = take(corrected.sheets)
    if not parts:
        if given.expected:
            _tell(account, "warning", table, "missing_table")
        return TableImport(account)
    # A column that only files without rows have is one that no row has.
    filled = [part for part in parts if part.rows] or parts
    columns = frozenset().union(*(part.present for part in filled))
    if not any(part.rows for part in parts):
        return TableImport(account, columns)
    _tell_unchecked(table, given.references, account)
    rows, conflicts = _resolve(table, parts, account)
    account.rejected += _rejected(sheets, parts, corrected, conflicts, account)
    origins = rows.drop_in_place(SHEET)
    if rows.height:
        rows.write_parquet(rows_file(folder, table.name))
    return TableImport(account, columns, rows.height, origins)


@dataclass(frozen=True)
class _Take:
    """Takes the sheets of a table: what they have in common, and the account they are entered in."""

    given: TableInput
    account: Account

    def __call__(self, sheets: Sequence[TableSheet]) -> list[Passed]:
        """Return the rows of each sheet that keep the row rules."""
        demanded = frozenset().union(*(sheet.present for sheet in sheets if sheet.data.height))
        given = self.given
        told = (given.time_zone, given.references, demanded, self.account, given.pseudonyms)
        return [take_sheet(sheet, given.digests[sheet.file.name] or "", *told) for sheet in sheets]


def _correct(sheets: Sequence[TableSheet], take: _Take) -> corrections.Corrected:
    """Return the sheets of a table with the corrections handed back for them."""
    given = take.given
    if not given.handed:
        return corrections.untouched(sheets)

    def trial(corrected: Sequence[TableSheet]) -> list[corrections.Tried]:
        scratch = Account()
        parts = _Take(given, scratch)(corrected)
        conflicts = _resolve(given.table, parts, scratch)[1] if any(part.rows for part in parts) else {}
        return [corrections.Tried(part.original, conflicts.get(part.original.entry, [])) for part in parts]

    return corrections.correct(sheets, given.handed, trial, take.account)


def _rejected(
    sheets: Sequence[TableSheet],
    parts: Sequence[Passed],
    given: corrections.Corrected,
    conflicts: Mapping[int, Sequence[int]],
    account: Account,
) -> Iterable[RejectedSheet]:
    """Yield the rejected rows of each sheet as its file has them, and enter its corrections in the account."""
    for sheet, part, number, log in zip(sheets, parts, given.rounds, given.logs, strict=True):
        entry = account.sheets[part.original.entry]
        found = part.original.rejected(conflicts.get(part.original.entry, []))
        entry.corrected = corrections.settle(sheet, log, set(found.frame["row"]), account)
        if found.frame.height:
            place = (entry.table, entry.file, entry.sheet, entry.sha256)
            yield RejectedSheet(*place, number, found.columns, found.absent, found.withheld, found.frame)


def _open(files: Iterable[TableFile], digests: Mapping[str, str | None], account: Account) -> Iterable[TableSheet]:
    """Yield the sheets that have a header of their table; the others are entered in the account."""
    for file in files:
        try:
            sheets = read_sheets(file.path, _score(file))
        except UnreadableError as error:
            account.findings.append(Finding("error", file.table.name, file.name, "unreadable", str(error)))
            continue
        sha256 = digests[file.name] or ""
        sheets = list(_restored(sheets, file, account))
        opened = [_without_person(open_sheet(sheet, file), place) for place, sheet in enumerate(sheets, 1)]
        tables = [found for found in opened if isinstance(found, TableSheet)]
        unfit = [found for found in opened if isinstance(found, Unfit)]
        fit = [found for found in tables if not _is_spare(found)] or tables
        yield from fit
        for note in dict.fromkeys(note for found in fit or unfit for note in found.sheet.notes):
            account.findings.append(Finding(note.severity, file.table.name, file.name, note.rule, note.message))
        if fit:
            for found in unfit:
                _tell_ignored(found, file, sha256, account)
            for spare in tables if fit is not tables else []:
                if _is_spare(spare):
                    yield from _given_a_unit(spare, sha256, account)
            continue
        rows = sum(found.sheet.frame.height for found in unfit)
        entry = SheetAccount(file.table.name, file.name, None, sha256, file.exported_on, read=rows, layout=rows)
        account.sheets.append(entry)
        if rows and file.mapping.own_table:
            best = min((found for found in unfit if found.missing), key=lambda f: len(f.missing), default=unfit[0])
            name = best.sheet.name or file.name
            _tell(account, "error", file.table, "no_table", file, sheet=name, columns=_named(best.missing, file))
        else:
            _tell(account, "error", file.table, "no_header" if rows else "empty_file", file)


def _is_spare(found: TableSheet) -> bool:
    """Whether a sheet is a template's list of rows that wait for a unit."""
    return fold(found.name or "") in load_words().spare_sheets


def _given_a_unit(found: TableSheet, sha256: str, account: Account) -> Iterable[TableSheet]:
    """Yield a template's sheet of rows that wait for a unit with those that have one; the others are told, not read.

    A row that was copied to the main sheet too has its key twice, and is settled like any other such row.
    """
    file, cell = found.file, found.header.columns.get("unit_code")
    has_unit = (
        clean(found.data[cell]).is_not_null() if cell else pl.Series([False]).new_from_index(0, found.data.height)
    )
    waiting = found.data.filter(~has_unit)
    if waiting.height:
        _tell(account, "info", file.table, "sheet_spare", file, sheet=found.name, count=waiting.height)
    if not has_unit.any():
        rows = found.layout.total + waiting.height
        entry = SheetAccount(file.table.name, file.name, found.name, sha256, file.exported_on, read=rows, layout=rows)
        account.sheets.append(entry)
        return
    counts = dict(found.layout.counts)
    if waiting.height:
        counts["other"] = counts.get("other", 0) + waiting.height
    yield replace(found, data=found.data.filter(has_unit), layout=replace(found.layout, counts=counts))


def _tell_ignored(found: Unfit, file: TableFile, sha256: str, account: Account) -> None:
    """Enter a sheet in the account that is none of its table, in a file that has others that are."""
    rows, name = found.sheet.frame.height, found.sheet.name
    if fold(name or "") in load_words().guide_sheets:  # a template's: nothing in it was ever a row
        return
    entry = SheetAccount(file.table.name, file.name, name, sha256, file.exported_on, read=rows, layout=rows)
    account.sheets.append(entry)
    if file.mapping.own_table:
        missing = _named(found.missing, file)
        _tell(account, "info", file.table, "columns_not_found", file, sheet=name, count=rows, columns=missing)
    else:
        severity = "warning" if rows else "info"
        _tell(account, severity, file.table, "sheet_ignored", file, sheet=name, count=rows)


def _named(columns: Iterable[str], file: TableFile) -> str:
    """Return the labels of columns, in the table's order."""
    wanted = set(columns)
    return ", ".join(column.label for column in file.table.columns if column.name in wanted) or "–"


def _restored(sheets: Iterable[Sheet], file: TableFile, account: Account) -> Iterable[Sheet]:
    """Yield the sheets with their text in Unicode, and tell what was converted."""
    for place, sheet in enumerate(sheets, 1):
        whole, told = restore(sheet)
        account.findings += tell_conversions(told, file.table.name, file.name, _shown_name(sheet.name, place))
        if any(one.kind in ("tcvn3", "vni") for one in told):  # the letters told what the bytes could not
            whole = replace(whole, notes=tuple(note for note in whole.notes if note.rule != UNSURE))
        yield whole


def _shown_name(name: str | None, place: int) -> str | None:
    """Return a sheet's name as it may be told: some departments keep a sheet for each official.

    Names of two words stay: most are districts (`Lý Sơn`).
    """
    return text("sources.personal.sheet", place=place) if person_cells(pl.Series([name], dtype=pl.String)) else name


def _without_person(found: TableSheet | Unfit, place: int) -> TableSheet | Unfit:
    """Return an opened sheet whose name, and what is noted with it, names nobody."""
    name = found.sheet.name
    shown = _shown_name(name, place)
    if name is None or shown is None or shown == name:
        return found
    notes = tuple(replace(note, message=note.message.replace(name, shown)) for note in found.sheet.notes)
    return replace(found, sheet=replace(found.sheet, name=shown, notes=notes))


def _score(file: TableFile) -> Callable[[Iterable[Row]], int]:
    return lambda rows: header_score(rows, file.mapping)


def _resolve(table: TableContract, parts: list[Passed], account: Account) -> tuple[pl.DataFrame, dict[int, list[int]]]:
    """Settle duplicate keys over all files and enter each row's fate in the account.

    Returns:
        The accepted rows, sorted: the table's columns and `SHEET`, the place of their sheet in the account; and the
        numbers of the rows that contradict another of their key, by that place.
    """
    rows = pl.concat([part.frame for part in parts], how="diagonal")
    fixed = [column.name for column in table.columns]
    items = sorted({c for part in parts for c in part.present} - set(fixed), key=table.item_order)
    names = [*fixed, *items]
    rows = resolve(rows, table.key, names)
    for index, fate, count in rows.group_by(SHEET, FATE).len().rows():
        sheet = account.sheets[index]
        setattr(sheet, fate, getattr(sheet, fate) + count)
    agreement.tell_overlaps(rows.select(*table.key, SHEET, FATE), table, account)
    conflicts = rows.filter(pl.col(FATE) == "rejected")
    for (index,), group in conflicts.group_by(SHEET, maintain_order=True):
        sheet = account.sheets[int(str(index))]
        key = pl.concat_str([pl.col(name).cast(pl.String) for name in table.key], separator=" | ")
        account.rejects.append(
            lines(
                REJECTS,
                group.select(row=ROW, value=key),
                table=table.name,
                file=sheet.file,
                sheet=sheet.sheet,
                column=", ".join(table.key),
                rule="conflict",
                reason=text("sources.rule.conflict", label=", ".join(table.column(k).label for k in table.key)),
                remedy=text("sources.remedy.conflict"),
            )
        )
    order = [*([table.own_date.name] if table.own_date else []), *table.key]
    accepted = rows.filter(pl.col(FATE) == "accepted").select(*names, SHEET).sort(list(dict.fromkeys(order)))
    return accepted, {int(str(index)): group[ROW].to_list() for (index,), group in conflicts.group_by(SHEET)}


def _tell_unchecked(table: TableContract, references: Mapping[str, pl.Series | None], account: Account) -> None:
    """Tell which codes could not be checked, because the table they refer to is missing or empty."""
    for column in table.columns:
        if column.reference and references.get(column.reference) is None:
            other = load_contract()[column.reference]
            _tell(account, "warning", table, "reference_skipped", column=column.label, other=other.label)


def _tell(
    account: Account, severity: str, table: TableContract, rule: str, file: TableFile | None = None, **values: object
) -> None:
    message = text(f"sources.finding.{rule}", label=table.label, table=table.name, **values)
    account.findings.append(
        Finding(severity, table.name, file.name if file else None, rule, message)  # type: ignore[arg-type]
    )
