"""One sheet on its way in: header, layout, text, types, rules; what is left may become accepted rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from chiso.messages import text
from chiso.sources.account import CELLS, REJECTS, Account, Finding, SheetAccount, lines
from chiso.sources.config import Body
from chiso.sources.contract import ColumnContract, TableContract
from chiso.sources.duplicates import EXPORTED, ROW, SHEET
from chiso.sources.files import TableFile
from chiso.sources.header import Header, find_header
from chiso.sources.layout import data_rows
from chiso.sources.parse import Convention, clean, is_dont_know, parse, translate
from chiso.sources.periods import canonical_periods
from chiso.sources.readers import OVERFLOW, Sheet
from chiso.sources.readers import ROW as FILE_ROW
from chiso.sources.rules import Breach, Rows, check


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
    """Check one sheet and enter it in the account; None where it has no header of its table."""
    table = file.table
    header = find_header(sheet, file.mapping)
    if header is None:
        return None
    data, layout = data_rows(sheet, header, table)
    entry = SheetAccount(table.name, file.name, sheet.name, sha256, file.exported_on)
    entry.read, entry.layout = layout + data.height, layout
    account.sheets.append(entry)
    present = frozenset(header.columns) | frozenset(file.mapping.constants)
    _tell_columns(table, file, sheet, header, present, data, account)

    rows, originals = _type(data, file, body, header, present)
    place = {"table": table.name, "file": file.name, "sheet": sheet.name}
    breaches = check(rows, references) + _broken_lines(data)
    bad = pl.Series([False]).new_from_index(0, data.height) if data.height else pl.Series([], dtype=pl.Boolean)
    for breach in breaches:
        bad = bad | breach.mask
        account.rejects.append(_reject_lines(breach, data, originals, header, place))
    entry.rejected = int(bad.sum())

    good = data.filter(~bad)
    _tell_answers(rows, originals, ~bad, data, header, place, account)
    values = rows.values.filter(~bad)
    values, unknown = canonical_periods(values, table)
    if unknown:
        message = text("sources.finding.period", values=", ".join(unknown[:5]), count=len(unknown))
        account.findings.append(Finding("warning", table.name, file.name, "period", message))
    frame = values.with_columns(
        pl.lit(len(account.sheets) - 1, dtype=pl.Int64).alias(SHEET),
        good[FILE_ROW].alias(ROW),
        pl.lit(file.exported_on, dtype=pl.Date).alias(EXPORTED),
    )
    return Passed(frame, present, data.height)


def _type(
    data: pl.DataFrame, file: TableFile, body: Body, header: Header, present: frozenset[str]
) -> tuple[Rows, pl.DataFrame]:
    """Return cleaned text and typed values of every contract column, and the cells as the file has them."""
    mapping = file.mapping
    convention = Convention(
        time_zone=mapping.time_zone or body.time_zone,
        dates=mapping.dates,
        numbers=mapping.numbers,
        serials=file.path.suffix.lower() == ".xlsx",
    )
    originals, texts, values = [], [], []
    for column in _columns(file.table, present):
        if column.name in header.columns:
            original = data[header.columns[column.name]].alias(column.name)
            plain = translate(clean(original), mapping.values.get(column.name, {}))
        else:
            constant = mapping.constants.get(column.name)
            written = (
                None
                if constant is None
                else str(constant).lower()
                if constant is True or constant is False
                else str(constant)
            )
            original = pl.Series(column.name, [written], dtype=pl.String).new_from_index(0, data.height)
            plain = clean(original)
        originals.append(original)
        texts.append(plain)
        values.append(_answers(plain, column, convention) if column.answer else parse(plain, column, convention))
    frame = pl.DataFrame(values)
    return Rows(file.table, pl.DataFrame(texts), frame, present, file.exported_on), pl.DataFrame(originals)


def _columns(table: TableContract, present: frozenset[str]) -> list[ColumnContract]:
    """Return the contract's columns and the survey items the sheet has, in order."""
    fixed = {column.name for column in table.columns}
    items = sorted(present - fixed, key=table.item_order)
    return [*table.columns, *map(table.column, items)]


def _answers(plain: pl.Series, column: ColumnContract, convention: Convention) -> pl.Series:
    """Return survey answers 1-5; anything else is null."""
    value = parse(plain, column, convention)
    return value.set(~value.is_between(1, 5), None)


def _broken_lines(data: pl.DataFrame) -> list[Breach]:
    """Return the lines of a CSV with more cells than the header, or with quotes that do not match."""
    if OVERFLOW not in data.columns:
        return []
    mask = (data[OVERFLOW].str.strip_chars().str.len_bytes() > 0).fill_null(False)
    if not mask.any():
        return []
    return [Breach("cells", None, mask, text("sources.rule.cells"), text("sources.remedy.cells"))]


def _reject_lines(
    breach: Breach, data: pl.DataFrame, originals: pl.DataFrame, header: Header, place: dict[str, str | None]
) -> pl.DataFrame:
    cells = data[OVERFLOW] if breach.column is None else originals[breach.column]
    frame = pl.DataFrame({"row": data[FILE_ROW].filter(breach.mask), "value": cells.filter(breach.mask)})
    return lines(
        REJECTS,
        frame,
        **place,
        column=breach.column,
        header=header.titles.get(breach.column or ""),
        rule=breach.rule,
        reason=breach.reason,
        remedy=breach.remedy,
    )


def _tell_answers(
    rows: Rows,
    originals: pl.DataFrame,
    kept: pl.Series,
    data: pl.DataFrame,
    header: Header,
    place: dict[str, str | None],
    account: Account,
) -> None:
    """Enter survey cells of kept rows that hold no answer: don't-know codes counted, other values one by one."""
    for name in rows.values.columns:
        column = rows.table.column(name)
        if not column.answer:
            continue
        open_cells = rows.texts[name].is_not_null() & rows.values[name].is_null() & kept
        if not open_cells.any():
            continue
        unknown = is_dont_know(rows.texts[name]) & open_cells
        about = {**place, "column": name, "header": header.titles.get(name)}
        counts = pl.DataFrame({"value": rows.texts[name].filter(unknown)}).group_by("value").len("count")
        account.cells.append(lines(CELLS, counts, **about, rule="dont_know", reason=text("sources.rule.dont_know")))
        wrong = open_cells & ~unknown
        frame = pl.DataFrame({"row": data[FILE_ROW].filter(wrong), "value": originals[name].filter(wrong)})
        account.cells.append(
            lines(
                CELLS,
                frame,
                **about,
                count=1,
                rule="answer",
                reason=text("sources.rule.answer", label=column.label),
                remedy=text("sources.remedy.answer"),
            )
        )


def _tell_columns(
    table: TableContract,
    file: TableFile,
    sheet: Sheet,
    header: Header,
    present: frozenset[str],
    data: pl.DataFrame,
    account: Account,
) -> None:
    """Tell missing, unknown and personal columns, and rules that have nothing to go by."""

    def tell(severity: str, rule: str, **values: object) -> None:
        message = text(f"sources.finding.{rule}", **values)
        account.findings.append(Finding(severity, table.name, file.name, rule, message))  # type: ignore[arg-type]

    missing = [column for column in table.columns if column.name not in present]
    for rule, severity, required in (("missing_required", "error", True), ("missing_column", "warning", False)):
        if labels := [f"{c.label} ({c.name})" for c in missing if c.required is required]:
            tell(severity, rule, columns=", ".join(labels), count=len(labels))
    for family, item in table.items.items():
        if not any(name.startswith(f"{family}_") for name in present):
            tell("warning", "missing_items", label=item.label, example=f"{family}_1")
    if header.extra:
        tell("info", "extra", columns=", ".join(header.extra), count=len(header.extra))
    for title, cell in header.personal.items():
        count = int((clean(data[cell]).is_not_null()).sum())
        tell("warning", "personal", column=title, count=count)
        line = lines(
            CELLS,
            pl.DataFrame({"count": [count]}),
            table=table.name,
            file=file.name,
            sheet=sheet.name,
            header=title,
            rule="personal",
            reason=text("sources.rule.personal"),
        )
        account.cells.append(line)
    if not data.height:
        tell("warning", "no_rows", sheet=sheet.name or "")
    if file.exported_on is None:
        names = [c.label for c in table.columns if c.not_after_export]
        if names:
            tell("info", "no_export_date", columns=", ".join(names))
