"""Readers by file format: every cell as text, every row with its own number in the file, nothing skipped.

Types are never guessed here: `007` stays text, and a number in an Excel cell reads as it is written (`12`, not `12.0`).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import fastexcel
import polars as pl

from chiso.messages import text

#: Rows looked at from the top of a file to find the header.
HEAD = 60
ROW = "_row"
#: Whether a line of a CSV has filled cells beyond the header's width, or quotes that do not match. The text of such
#: cells may be anything a person wrote: it is never kept.
OVERFLOW = "_overflow"
#: Number of cells of a line of a CSV; null where it cannot be counted.
CELL_COUNT = "_cell_count"
_BEYOND = ["_beyond_0", "_beyond_1", "_beyond_2", "_beyond_3"]
_BROKEN = "\ufffd"
_DELIMITERS = (",", ";", "\t", "|")

Row = list[str | None]
#: Number of known columns that the best header row among the given rows has.
HeaderScore = Callable[[Iterable[Row]], int]


class UnreadableError(Exception):
    """A file that cannot be read as a table; the message says which format it has and what to do."""


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet as text: columns ``c0, c1 …``, the row number; for CSV `OVERFLOW` and `CELL_COUNT`.

    Attributes:
        name: the sheet's name; None for formats without sheets.
        frame: the cells; `ROW` is the number the row has in the file, from 1.
        header: names of the columns, in formats whose columns have names of their own (Parquet).
        merged: merged cells as (first row, first column, last row, last column): rows as `ROW` counts them, columns
            as the places of ``c0, c1 …``; only the first cell of a range has the text.
        hidden_rows: numbers of the hidden rows, as `ROW` counts them.
        hidden_columns: places of the hidden columns.
        hidden: whether the sheet itself is hidden.
        epoch: the day that Excel's serial number 0 stands for; None in formats without serial numbers.
    """

    name: str | None
    frame: pl.DataFrame
    header: Row | None = None
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    hidden: bool = False
    epoch: date | None = None

    @property
    def cells(self) -> list[str]:
        """Return the names of the columns with cells."""
        return [name for name in self.frame.columns if name not in (ROW, OVERFLOW, CELL_COUNT)]

    def head(self) -> list[Row]:
        """Return the first rows, where a header is looked for."""
        return [list(row) for row in self.frame.head(HEAD).select(self.cells).rows()]


def read_sheets(path: Path, score: HeaderScore) -> list[Sheet]:
    """Read a file.

    Raises:
        UnreadableError: not the format its name says, damaged, or not UTF-8.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(512)
        _check_format(path.suffix.lower(), start)
        if path.suffix.lower() == ".csv":
            return [_read_csv(path.read_bytes(), score)]
        if path.suffix.lower() == ".parquet":
            return [_read_parquet(path)]
        return _read_xlsx(path)
    except OSError as error:
        raise UnreadableError(text("sources.read.no_access", error=error.strerror or error)) from error


def _check_format(suffix: str, start: bytes) -> None:
    """Raise where the first bytes belong to another format than the file's name says."""
    plain = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    found = None
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        found = text("sources.read.old_excel")
    elif plain.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head")):
        found = text("sources.read.html")
    elif suffix != ".xlsx" and start.startswith(b"PK\x03\x04"):
        found = text("sources.read.is_zip")
    elif suffix == ".xlsx" and start and not start.startswith(b"PK\x03\x04"):
        found = text("sources.read.not_zip")
    elif suffix == ".parquet" and start and not start.startswith(b"PAR1"):
        found = text("sources.read.not_parquet")
    if found:
        raise UnreadableError(found)


def _read_csv(data: bytes, score: HeaderScore) -> Sheet:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16").encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in data and b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    if not data.strip():
        return Sheet(None, pl.DataFrame(schema={ROW: pl.Int64}))
    try:
        top = data[: 1 << 16].decode("utf-8", errors="strict" if len(data) <= 1 << 16 else "ignore")
    except UnicodeDecodeError as error:
        raise UnreadableError(text("sources.read.encoding")) from error
    delimiter, width = _sniff(top, score)
    names = [f"c{i}" for i in range(width)]
    try:
        frame = _parse_csv(data, delimiter, names)
    except pl.exceptions.ComputeError:
        try:
            mended = _quote_broken_lines(data.decode("utf-8"), delimiter, width)
        except UnicodeDecodeError as error:
            raise UnreadableError(text("sources.read.encoding")) from error
        frame = _parse_csv(mended.encode(), delimiter, names)
    return Sheet(None, frame)


def _sniff(top: str, score: HeaderScore) -> tuple[str, int]:
    """Return delimiter and number of columns: those under which the header is recognised best."""
    head = "\n".join(top.splitlines()[:HEAD])
    best = (-1, 0, ",")
    for delimiter in _DELIMITERS:
        rows = _head_rows(head, delimiter)
        width = max((len(row) for row in rows), default=1)
        candidate = (score(rows), width, delimiter)
        if candidate[:2] > best[:2]:
            best = candidate
    _, width, delimiter = best
    rows = _head_rows(head, delimiter)
    top_score = score(rows)
    header = next((row for row in rows if top_score and score([row]) == top_score), None)
    return delimiter, max(len(header) if header else width, 1)


def _head_rows(head: str, delimiter: str) -> list[Row]:
    return [list(row) for row in csv.reader(io.StringIO(head), delimiter=delimiter)]


def _parse_csv(data: bytes, delimiter: str, names: list[str]) -> pl.DataFrame:
    """Parse with Polars; the row number is the line on which the record begins."""
    frame = pl.read_csv(
        data,
        has_header=False,
        separator=delimiter,
        schema=dict.fromkeys([*names, *_BEYOND], pl.String),
        truncate_ragged_lines=True,
        missing_columns="insert",
    )
    breaks = pl.sum_horizontal(pl.col(n).str.count_matches("\n", literal=True).fill_null(0) for n in names)
    line = pl.int_range(1, pl.len() + 1, dtype=pl.Int64) + breaks.cum_sum().shift(1, fill_value=0)
    overflow = pl.any_horizontal(pl.col(n).str.strip_chars().str.len_bytes().fill_null(0) > 0 for n in _BEYOND)
    counted = frame.with_columns(
        line.cast(pl.Int64).alias(ROW), overflow.alias(OVERFLOW), _count_cells(data, delimiter, frame.height)
    )
    broken = pl.col(_BEYOND[0]).eq_missing(pl.lit(_BROKEN))
    return counted.with_columns(pl.when(~broken).then(CELL_COUNT).alias(CELL_COUNT)).drop(_BEYOND)


def _count_cells(data: bytes, delimiter: str, records: int) -> pl.Series:
    """Return the number of cells of each record; Polars fills lines up and cannot tell left out from empty."""
    unquoted = re.sub(rb'"[^"]*"', b"", data).decode("utf-8", errors="replace").removesuffix("\n")
    lines = pl.Series(CELL_COUNT, [unquoted]).str.split("\n").explode()
    if lines.len() != records:  # stray quotes: lines and records do not match
        return pl.Series(CELL_COUNT, [None], dtype=pl.Int64).new_from_index(0, records)
    return lines.str.count_matches(delimiter, literal=True).cast(pl.Int64) + 1


def _quote_broken_lines(content: str, delimiter: str, width: int) -> str:
    """Return the CSV with each line whose quotes do not match cut to its first cell and marked in `OVERFLOW`.

    Only for files that are broken: every line is taken as a record, so the damage stays in its own line.
    """
    lines = []
    for line in content.splitlines():
        try:
            cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
        except csv.Error:
            key = line.split(delimiter)[0].replace('"', "")
            cells = [key, *[""] * (width - 1), _BROKEN]
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator="").writerow(cells)
        lines.append(out.getvalue())
    return "\n".join(lines)


def _read_xlsx(path: Path) -> list[Sheet]:
    try:
        book = fastexcel.read_excel(path)
        sheets = []
        for name in book.sheet_names:
            sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            batch, errors = sheet.to_arrow_with_errors()
            frame = pl.DataFrame(batch) if batch.num_columns else pl.DataFrame()
            frame.columns = [f"c{i}" for i in range(frame.width)]
            frame = _show_cell_errors(frame, errors.errors if errors else [])
            number = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW)
            cells = frame.with_columns(number) if frame.width else pl.DataFrame({ROW: []})
            sheets.append(Sheet(name, cells, epoch=date(1899, 12, 30)))
        return sheets
    except fastexcel.FastExcelError as error:
        raise UnreadableError(text("sources.read.damaged")) from error


def _show_cell_errors(frame: pl.DataFrame, errors: list[fastexcel.CellError]) -> pl.DataFrame:
    """Put Excel's error values (#N/A, #REF! …) back into their cells: they are no blanks."""
    for column in sorted({error.position[1] for error in errors}):
        cells = {error.position[0]: error.detail for error in errors if error.position[1] == column}
        shown = [f"#{m[1].upper()}" if (m := re.search(r"Error\((\w+)\)", d)) else "#ERROR" for d in cells.values()]
        name = frame.columns[column]
        frame = frame.with_columns(frame[name].scatter(list(cells), shown).alias(name))
    return frame


def _read_parquet(path: Path) -> Sheet:
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableError(text("sources.read.damaged")) from error
    texts = []
    for index, series in enumerate(frame):
        texts.append(_as_text(series).alias(f"c{index}"))
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW)
    return Sheet(None, pl.DataFrame(texts).with_columns(number), header=list(frame.columns))


def _as_text(series: pl.Series) -> pl.Series:
    """Return a typed Parquet column as the text a CSV would hold."""
    dtype = series.dtype
    if isinstance(dtype, pl.Datetime) and dtype.time_zone:
        return series.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f%:z")
    if dtype.is_float():
        whole = series.drop_nulls()
        if (whole.is_finite() & (whole == whole.round()) & (whole.abs() < 2**53)).all():
            return series.cast(pl.Int64).cast(pl.String)
    if dtype.is_nested() or dtype == pl.Binary:
        raise UnreadableError(text("sources.read.nested", column=series.name))
    return series.cast(pl.String)
