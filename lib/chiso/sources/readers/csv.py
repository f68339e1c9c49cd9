"""CSV, TSV and other text with delimiters, in any encoding that `encoding` tells."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections import Counter
from pathlib import Path

import polars as pl

from chiso.messages import text
from chiso.sources.readers.encoding import decode
from chiso.sources.readers.limits import MAX_COLUMNS, MAX_LINE_BYTES, MAX_TEXT_BYTES, check_bytes, grouped
from chiso.sources.readers.sheet import CELL_COUNT, HEAD, OVERFLOW, ROW, HeaderScore, Row, Sheet, UnreadableError

_BEYOND = ["_beyond_0", "_beyond_1", "_beyond_2", "_beyond_3"]
_BROKEN = "\ufffd"
_DELIMITERS = (",", ";", "\t", "|")


def read_csv(path: Path, score: HeaderScore) -> Sheet:
    """Read a text file; the delimiter is the one under which the header is recognised best.

    Raises:
        UnreadableError: no text, damaged, or beyond the limits.
    """
    check_bytes(path.stat().st_size, MAX_TEXT_BYTES)
    decoded = decode(path.read_bytes())
    data = decoded.data
    if b"\r" in data and b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    if not data.strip():
        return Sheet(None, pl.DataFrame(schema={ROW: pl.Int64}))
    _check_lines(data)
    delimiter, width = _sniff(data[: 1 << 20].decode("utf-8", errors="ignore"), score)
    if width > MAX_COLUMNS:
        raise UnreadableError(text("sources.read.too_many_columns", limit=grouped(MAX_COLUMNS)))
    names = [f"c{i}" for i in range(width)]
    try:
        frame = _parse_csv(data, delimiter, names)
    except pl.exceptions.ComputeError:
        mended = _quote_broken_lines(data.decode("utf-8"), delimiter, width)
        frame = _parse_csv(mended.encode(), delimiter, names)
    return Sheet(None, frame, notes=decoded.notes)


def _check_lines(data: bytes) -> None:
    """Refuse a line that takes up a whole window of the file: no export has one, and every cell of it is a copy."""
    for start in range(0, len(data), MAX_LINE_BYTES):
        if start + MAX_LINE_BYTES <= len(data) and data.find(b"\n", start, start + MAX_LINE_BYTES) < 0:
            line = data.count(b"\n", 0, start) + 1
            limit = f"{grouped(MAX_LINE_BYTES >> 20)} MB"
            raise UnreadableError(text("sources.read.long_line", line=line, limit=limit))


def _sniff(top: str, score: HeaderScore) -> tuple[str, int]:
    """Return delimiter and number of columns.

    The header is recognised best under it; where none is (it may be in an old character set), most lines have the same
    number of cells.
    """
    head = "\n".join(top.splitlines()[:HEAD])
    best: tuple[int, int, int] = (-1, 0, 0)
    delimiter, rows = ",", list[Row]()
    for candidate in [sign for sign in _DELIMITERS if sign in head] or [","]:
        read = _head_rows(head, candidate)
        widths = Counter(len(row) for row in read)
        alike = max((count for width, count in widths.items() if width > 1), default=0)
        found = (score(read), alike, max(widths, default=1))
        if found > best:
            best, delimiter, rows = found, candidate, read
    top_score, _, width = best
    header = next((row for row in rows if score([row]) == top_score), None) if top_score else None
    return delimiter, max(len(header) if header else width, 1)


def _head_rows(head: str, delimiter: str) -> list[Row]:
    rows: list[Row] = []
    with contextlib.suppress(csv.Error):  # a cell beyond the module's limit: what stands above it must do
        rows.extend(list(row) for row in csv.reader(io.StringIO(head), delimiter=delimiter))
    return rows


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
