"""Corrections handed back: matched to rejected rows of the very file they were made from, cell by cell, and tracked.

A correction changes what is read from a file, never the file. It holds for a row that would be rejected without it, and
goes through every rule like any other row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from chiso.messages import text
from chiso.sources.account import CORRECTIONS, Account, Finding, Severity, lines
from chiso.sources.contract import fold
from chiso.sources.privacy.personal import hide_cells
from chiso.sources.readers import CELL_COUNT, OVERFLOW, ROW
from chiso.sources.rejected.hand_back import HandBacks, HandedSheet, comparable
from chiso.sources.rejected.originals import ADDED, Kept, Original, absent_columns
from chiso.sources.rejected.stored import ShownColumn
from chiso.sources.sheets import TableSheet

#: Codes by which figures count people: a broken line cannot be filled in again without them.
COUNTED = frozenset({"staff_id"})
#: Row numbers named in a finding.
EXAMPLES = 5
_CHANGES = {"row": pl.Int64(), **dict.fromkeys(("column", "header", "cell", "old", "new"), pl.String())}


@dataclass(frozen=True)
class Tried:
    """One sheet as its table's rules take it: its text, and the rows that contradict another of their key."""

    original: Original
    conflicts: Sequence[int]


#: Takes the sheets of a table on trial.
Trial = Callable[[Sequence[TableSheet]], list[Tried]]


@dataclass
class _State:
    """One sheet as it is after the corrections applied so far."""

    base: TableSheet
    sheet: TableSheet
    round: int = 1
    log: list[pl.DataFrame] = field(default_factory=list)


@dataclass(frozen=True)
class Corrected:
    """The sheets of a table after all corrections: each with the round its rejected rows are in, and what changed."""

    sheets: list[TableSheet]
    rounds: list[int]
    logs: list[pl.DataFrame]


def untouched(sheets: Sequence[TableSheet]) -> Corrected:
    """Return sheets that nobody handed anything back for."""
    return Corrected(list(sheets), [1] * len(sheets), [_no_changes()] * len(sheets))


def address(backs: HandBacks, files: Sequence[tuple[str, str, str | None]]) -> list[tuple[str, HandedSheet]]:
    """Return the handed-back sheets, each with the name of the file it corrects; tell those that belong to none.

    A file is known by its content: it may have another name by now.

    Args:
        backs: takes the findings.
        files: name, table and SHA-256 of the files that feed tables.
    """
    found: list[tuple[str, HandedSheet]] = []
    for handed in backs.sheets:
        same = sorted(name for name, table, digest in files if (table, digest) == (handed.table, handed.sha256))
        if same:
            found.append((handed.file if handed.file in same else same[0], handed))
            continue
        digests = {digest for _, _, digest in files}
        known = handed.file in {name for name, _, _ in files}
        rule = "no_sheet" if handed.sha256 in digests else "changed" if known else "no_file"
        backs.findings.append(_finding(handed, rule, "error"))
    return found


def correct(
    sheets: Sequence[TableSheet], handed: Sequence[tuple[str, HandedSheet]], trial: Trial, account: Account
) -> Corrected:
    """Apply handed-back rows to the sheets of one table, round by round.

    Args:
        sheets: all sheets of the table.
        handed: handed-back sheets with the name of the file they correct.
        trial: tells which rows are rejected as things stand.
        account: takes findings.
    """
    states = [_State(sheet, sheet) for sheet in sheets]
    by_round: dict[int, list[tuple[int, HandedSheet]]] = defaultdict(list)
    for file, sheet in sorted(handed, key=lambda pair: (pair[1].round, pair[1].correction, pair[1].title)):
        at = next((i for i, s in enumerate(sheets) if (s.file.name, s.name) == (file, sheet.sheet)), None)
        if at is None:
            account.findings.append(_finding(sheet, "no_sheet", "error"))
        else:
            by_round[sheet.round].append((at, sheet))
    for number in sorted(by_round):
        tried = trial([state.sheet for state in states])
        for at in sorted({at for at, _ in by_round[number]}):
            own = [sheet for place, sheet in by_round[number] if place == at]
            _apply(states[at], own, tried[at], account)
            states[at].round = max(states[at].round, number + 1)
    logs = [pl.concat([_no_changes(), *state.log]) for state in states]
    return Corrected([s.sheet for s in states], [s.round for s in states], logs)


def settle(base: TableSheet, log: pl.DataFrame, rejected: set[int], account: Account) -> int:
    """Enter a sheet's corrections in the account; return how many corrected rows are not rejected any more."""
    if log.is_empty():
        return 0
    later = ~pl.struct("row", "cell").is_last_distinct()  # the log is in the order of the rounds
    told = log.with_columns(hide_cells(log["new"]).alias("new"), superseded=later)
    told = told.with_columns(accepted=~pl.col("row").is_in(list(rejected)) & ~pl.col("superseded"))
    own = pl.col("column").is_not_null()  # what stands in other columns is of no use and may be anything
    hidden = text("sources.corrections.not_kept")
    told = told.with_columns(pl.when(own).then(name).otherwise(pl.lit(hidden)) for name in ("old", "new"))
    place = {"table": base.file.table.name, "file": base.file.name, "sheet": base.name}
    account.corrections.append(lines(CORRECTIONS, told.drop("cell"), **place))
    kept = set(told.filter("accepted")["row"])
    files = ", ".join(sorted(set(log["correction"])))
    where = base.file.name if base.name is None else f"{base.file.name} [{base.name}]"
    count = log["row"].n_unique()
    message = text("sources.corrections.applied", place=where, files=files, count=count, accepted=len(kept))
    account.findings.append(Finding("info", base.file.table.name, base.file.name, "corrected", message))
    if left := set(log["row"]) - kept:
        message = text("sources.corrections.still_rejected", place=where, **_numbers(left))
        account.findings.append(Finding("warning", base.file.table.name, base.file.name, "correction", message))
    return len(kept)


def _no_changes() -> pl.DataFrame:
    return pl.DataFrame(schema={**_CHANGES, "correction": pl.String()})


def _apply(state: _State, handed: Sequence[HandedSheet], tried: Tried, account: Account) -> None:
    """Apply the handed-back sheets of one round to one sheet."""
    changes = [_no_changes()]
    if state.base.data[ROW].is_duplicated().any():  # a wide sheet made long: a row number names several rows
        account.findings += [_finding(sheet, "wide", "error") for sheet in handed]
        return
    kept = tried.original.rejected(tried.conflicts)
    for sheet in handed:
        cells = _match_header(state.base, kept, sheet, account)
        if cells is not None:
            found = _changes(sheet, cells, kept, tried, account)
            changes.append(found.with_columns(correction=pl.lit(sheet.correction)))
    found = _without_conflicts(pl.concat(changes), handed, account)
    if found.height:
        broken = set(tried.original.data.filter(tried.original.broken)[ROW])
        state.sheet = _changed(state.sheet, found, broken)
        state.log.append(found.filter(pl.col("old").ne_missing(pl.col("new"))))


def _match_header(base: TableSheet, kept: Kept, handed: HandedSheet, account: Account) -> dict[str, ShownColumn] | None:
    """Return for each column of a handed-back sheet the source's column; None where a header was altered.

    After the file's own columns may come columns that the file lacks: those are the table's, by their labels.
    """
    own = [column for column in kept.columns if not column.cell.startswith(ADDED)]
    found = {}
    for i, column in enumerate(own):
        given = handed.header[i] if i < len(handed.header) else ""
        if fold(given) != fold(column.header):
            account.findings.append(_finding(handed, "header", "error", expected=column.header, found=given))
            return None
        found[f"h{i}"] = column
    table = base.file.table
    absent = {fold(table.column(name).file_label): name for name in absent_columns(table, base.present)}
    for i in range(len(own), len(handed.header)):
        lacking = absent.get(fold(handed.header[i]))
        if lacking is None:
            account.findings.append(_finding(handed, "added_column", "warning", column=handed.header[i]))
        else:
            found[f"h{i}"] = ShownColumn(f"{ADDED}{lacking}", lacking, table.column(lacking).file_label)
    return found


def _changes(
    handed: HandedSheet,
    cells: Mapping[str, ShownColumn],
    kept: Kept,
    tried: Tried,
    account: Account,
) -> pl.DataFrame:
    """Return the cells that a handed-back sheet gives another value, of rows that are rejected and stand there once."""
    if handed.unnumbered:
        account.findings.append(_finding(handed, "unnumbered", "error", count=handed.unnumbered))
    rows = handed.rows.unique(maintain_order=True)
    if twice := set(rows.filter(rows["row"].is_duplicated())["row"]):
        account.findings.append(_finding(handed, "twice", "error", **_numbers(twice)))
        rows = rows.filter(~pl.col("row").is_in(list(twice)))
    shown = kept.frame
    others = rows.join(shown, on="row", how="anti")
    if others.height:
        read = _all_rows(tried.original, others).frame
        strange = set(others.join(read, on="row", how="anti")["row"]) | set(_differing(read, others, cells)["row"])
        if strange:
            account.findings.append(_finding(handed, "not_rejected", "error", **_numbers(strange)))
    found = _differing(shown, rows, cells)
    counted = COUNTED & tried.original.header.columns.keys()
    broken = shown.filter("broken")["row"]
    if counted and (lost := set(found["row"]) & set(broken)):
        account.findings.append(_finding(handed, "broken", "error", **_numbers(lost)))
        found = found.filter(~pl.col("row").is_in(list(lost)))
    elif found.height:  # nothing of a broken line's own cells is left: what is shown of it is given, too
        whole = _differing(shown.filter("broken"), rows.join(found, on="row", how="semi"), cells, equal=True)
        found = pl.concat([found, whole])
    if found.is_empty():
        account.findings.append(_finding(handed, "unchanged", "info"))
    return found


def _all_rows(original: Original, rows: pl.DataFrame) -> Kept:
    """Return rows of a sheet as they would be shown if they were rejected."""
    asked = original.data[ROW].is_in(rows["row"].implode())
    return replace(original, bad=asked).rejected([])


def _differing(
    shown: pl.DataFrame, rows: pl.DataFrame, cells: Mapping[str, ShownColumn], *, equal: bool = False
) -> pl.DataFrame:
    """Return the cells whose given value is not the one shown (``equal``: is the one shown, and not blank)."""
    joined = shown.join(rows, on="row", how="inner", maintain_order="left")
    blank = pl.Series([None], dtype=pl.String).new_from_index(0, joined.height)
    parts = [pl.DataFrame(schema=_CHANGES)]
    for given, column in cells.items():
        old, new = joined[column.cell] if column.cell in joined.columns else blank, joined[given]
        differs = comparable(old).ne_missing(comparable(new))
        mask = ~differs & comparable(new).is_not_null() if equal else differs
        place = {"column": column.name, "header": column.header, "cell": column.cell}
        told = joined.select("row", **{key: pl.lit(value, pl.String) for key, value in place.items()}, old=old, new=new)
        told = told.filter(mask)
        parts.append(told.cast(_CHANGES))  # type: ignore[arg-type]
    return pl.concat(parts)


def _without_conflicts(found: pl.DataFrame, handed: Sequence[HandedSheet], account: Account) -> pl.DataFrame:
    """Return the changes of one round without the rows for which two workbooks give different values of a cell."""
    found = found.unique(["row", "cell", "new"], keep="last", maintain_order=True)
    doubled = found.filter(pl.struct("row", "cell").is_duplicated())
    if doubled.is_empty():
        return found
    names = ", ".join(sorted(set(doubled["correction"])))
    account.findings.append(_finding(handed[-1], "conflict", "error", files=names, **_numbers(set(doubled["row"]))))
    return found.filter(~pl.col("row").is_in(list(set(doubled["row"]))))


def _changed(sheet: TableSheet, changes: pl.DataFrame, broken: set[int]) -> TableSheet:
    """Return a sheet with the cells changed; a broken line has no cells but those given, and is broken no more."""
    data, header = sheet.data, sheet.header
    mended = data[ROW].is_in(list(broken & set(changes["row"])))
    if mended.any():
        cells = [name for name in data.columns if name not in (ROW, OVERFLOW, CELL_COUNT)]
        data = data.with_columns(pl.when(~mended).then(name).alias(name) for name in cells)
        data = data.with_columns(pl.col(OVERFLOW) & ~mended, pl.when(~mended).then(CELL_COUNT).alias(CELL_COUNT))
    place = dict(zip(data[ROW], range(data.height), strict=True))
    for (cell,), group in changes.group_by("cell", maintain_order=True):
        name = str(cell)
        if name not in data.columns:
            added = str(group["column"][0])
            label = sheet.file.table.column(added).label
            header = replace(header, columns={**header.columns, added: name}, titles={**header.titles, added: label})
            data = data.with_columns(pl.lit(None, pl.String).alias(name))
        at = pl.Series([place[row] for row in group["row"]], dtype=pl.UInt32)
        data = data.with_columns(data[name].scatter(at, group["new"]).alias(name))
    given = changes.select(pl.col("row").alias(ROW), "cell")
    faults = sheet.sheet.faults.join(given, on=[ROW, "cell"], how="anti")  # what is given is a value
    return replace(sheet, data=data, header=header, sheet=replace(sheet.sheet, faults=faults))


def _numbers(rows: Iterable[int]) -> dict[str, object]:
    ordered = sorted(rows)
    shown = ", ".join(map(str, ordered[:EXAMPLES])) + (" …" if len(ordered) > EXAMPLES else "")
    return {"count": len(ordered), "rows": shown}


def _finding(handed: HandedSheet, rule: str, severity: Severity, **values: object) -> Finding:
    where = handed.file if handed.sheet is None else f"{handed.file} [{handed.sheet}]"
    message = text(f"sources.corrections.{rule}", title=handed.title, place=where, **values)
    return Finding(severity, None, handed.correction, "correction", message)
