"""The import of a data folder: files in, checked tables and a full account out."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from chiso.messages import text
from chiso.sources import agreement
from chiso.sources.account import HAND_BACKS, REJECTS, Account, Finding, SheetAccount, lines
from chiso.sources.agreement.due_days import excluded_due_days
from chiso.sources.config import Body, load_settings
from chiso.sources.contract import TableContract, fold, load_contract
from chiso.sources.dataset import Dataset, load_dataset, save_index
from chiso.sources.duplicates import FATE, ROW, SHEET, resolve
from chiso.sources.files import TableFile, list_files
from chiso.sources.layout.header import header_score
from chiso.sources.layout.shaping import Unfit
from chiso.sources.parse import clean
from chiso.sources.privacy.personal import person_cells
from chiso.sources.privacy.pseudonyms import Pseudonyms, load_pseudonyms
from chiso.sources.readers import Row, Sheet, UnreadableError, read_sheets
from chiso.sources.readers.encoding import UNSURE
from chiso.sources.rejected import corrections
from chiso.sources.rejected.hand_back import HandedSheet, list_hand_backs, read_hand_backs
from chiso.sources.rejected.stored import RejectedSheet, save_rejected
from chiso.sources.sheets import Passed, TableSheet, open_sheet, take_sheet
from chiso.sources.store import default_base, digest, fingerprint, is_complete, new_folder
from chiso.sources.text import restore, tell_conversions
from chiso.sources.words import load_words


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
    target = base / fingerprint(data, known, [named.path for named in settings.found], pseudonyms.mark)
    if not is_complete(target):
        if begin is not None:
            begin()
        with new_folder(target) as folder:
            tables = load_contract()
            import_tables(files, findings, digests, settings.body, folder, tables, pseudonyms, handed)
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
    body: Body,
    folder: Path,
    expected: Container[str],
    pseudonyms: Pseudonyms,
    handed: Mapping[Path, str | None] | None = None,
) -> None:
    """Import the tables of the files, those that others refer to first, and write tables and account into ``folder``.

    Args:
        files: the files and how each is read.
        findings: what is told about the files already.
        digests: SHA-256 of each file by name.
        body: whose data it is.
        folder: an empty folder.
        expected: names of the tables that are told as missing where no file has them.
        pseudonyms: makes the pseudonyms of people's codes.
        handed: workbooks of corrected rows and their SHA-256.
    """
    account = Account(findings=list(findings))
    backs = read_hand_backs((handed or {}).items())
    addressed = corrections.address(backs, [(file.name, file.table.name, digests[file.name]) for file in files])
    account.findings += backs.findings
    accepted: dict[str, int] = {}
    columns: dict[str, frozenset[str]] = {}
    references: dict[str, pl.Series | None] = {}
    origins: dict[str, pl.Series] = {}
    take = _Take(digests, body, references, pseudonyms)
    own_tables = {file.table.name: file.table for file in files if file.mapping.own_table}
    for table in (*load_contract().values(), *own_tables.values()):  # units, then procedures, then the others
        own = [file for file in files if file.table.name == table.name]
        sheets = list(_open(own, digests, account))
        addressee = [(file, sheet) for file, sheet in addressed if sheet.table == table.name]
        given = _correct(table, sheets, addressee, take, account)
        parts = take(given.sheets, account)
        references[table.name] = None
        if not parts:
            if table.name in expected:
                _tell(account, "warning", table, "missing_table")
            continue
        # A column that only files without rows have is one that no row has.
        filled = [part for part in parts if part.rows] or parts
        columns[table.name] = frozenset().union(*(part.present for part in filled))
        if any(part.rows for part in parts):
            _tell_unchecked(table, references, account)
            rows, conflicts = _resolve(table, parts, account)
            account.rejected += _rejected(sheets, parts, given, conflicts, account)
            origins[table.name] = rows.drop_in_place(SHEET)
            references[table.name] = rows[table.key[0]] if len(table.key) == 1 else None
            accepted[table.name] = rows.height
            if rows.height:
                rows.write_parquet(folder / f"{table.name}.parquet")
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
class _Take:
    """Takes the sheets of a table: what they have in common."""

    digests: Mapping[str, str | None]
    body: Body
    references: Mapping[str, pl.Series | None]
    pseudonyms: Pseudonyms

    def __call__(self, sheets: Sequence[TableSheet], account: Account) -> list[Passed]:
        """Return the rows of each sheet that keep the row rules."""
        demanded = frozenset().union(*(sheet.present for sheet in sheets if sheet.data.height))
        told = (self.body, self.references, demanded, account, self.pseudonyms)
        return [take_sheet(sheet, self.digests[sheet.file.name] or "", *told) for sheet in sheets]


def _correct(
    table: TableContract,
    sheets: Sequence[TableSheet],
    handed: Sequence[tuple[str, HandedSheet]],
    take: _Take,
    account: Account,
) -> corrections.Corrected:
    """Return the sheets of a table with the corrections handed back for them."""
    if not handed:
        return corrections.untouched(sheets)

    def trial(corrected: Sequence[TableSheet]) -> list[corrections.Tried]:
        scratch = Account()
        parts = take(corrected, scratch)
        conflicts = _resolve(table, parts, scratch)[1] if any(part.rows for part in parts) else {}
        return [corrections.Tried(part.original, conflicts.get(part.original.entry, [])) for part in parts]

    return corrections.correct(sheets, handed, trial, account)


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
    for (index,), group in conflicts.group_by(SHEET):
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


def _tell_unchecked(table: TableContract, references: dict[str, pl.Series | None], account: Account) -> None:
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
