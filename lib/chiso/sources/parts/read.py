"""What a Parquet file says of itself before it is read, and the lazy frame of its rows in the contract's types."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.sources.contract import ColumnContract, load_contract
from chiso.sources.dataset import INDEX
from chiso.sources.parts.find import TABLE, CaseFile

#: Faults told at once; of the others the number.
SHOWN = 10


@dataclass(frozen=True)
class Measured:
    """A case file with what its footer tells.

    Attributes:
        file: the file.
        rows: its rows.
        present: columns of the contract that it really has.
        exact: those whose type is the contract's; the others are cast without loss.
        keys: smallest and largest key, None where the footer does not tell.
        latest: latest time of receipt, None where the footer does not tell, or where some are blank.
    """

    file: CaseFile
    rows: int
    present: frozenset[str]
    exact: frozenset[str]
    keys: tuple[str, str] | None
    latest: datetime | None


def measure(files: Iterable[CaseFile]) -> list[Measured]:
    """Read the footers and check columns and types.

    Raises:
        ChisoError: files that cannot be read, lack a required column or have one of another type; all are told.
    """
    faults: list[str] = []
    found = [m for file in files if (m := _measure(file, faults))]
    if faults:
        told = faults[:SHOWN] + ([text("parts.more", count=len(faults) - SHOWN)] if len(faults) > SHOWN else [])
        raise ChisoError(text("parts.faults", count=len(faults)) + "".join(f"\n  - {fault}" for fault in told))
    return found


def _measure(file: CaseFile, faults: list[str]) -> Measured | None:
    try:
        footer = pq.read_metadata(file.path)
        schema = footer.schema.to_arrow_schema()
    except (OSError, pa.ArrowException):
        faults.append(text("parts.unreadable", file=file.path))
        return None
    contract = load_contract()[TABLE]
    given = {name for name, _ in file.constants}
    present, exact = set(given), set()
    for column in contract.columns:
        if column.name in given or column.name not in schema.names:
            continue
        kind = schema.field(column.name).type
        if not _fits(kind, column):
            faults.append(
                text(
                    "parts.wrong_type",
                    file=file.path,
                    column=column.name,
                    label=column.label,
                    found=kind,
                    expected=text(f"parts.type_{column.type}"),
                )
            )
        present.add(column.name)
        if kind == _ARROW[column.type]:
            exact.add(column.name)
    if file.imported:
        present &= _imported_columns(file.path.parent)
    absent = [c for c in contract.columns if c.required and c.name not in present]
    faults += [text("parts.missing", file=file.path, column=c.name, label=c.label) for c in absent]
    place = {footer.schema.column(i).path: i for i in range(len(footer.schema))}
    groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
    keys = _range(groups, place.get(contract.key[0]))
    own = contract.own_date
    received = _range(groups, place.get(own.name)) if own else None
    latest = received[1] if received and isinstance(received[1], datetime) and received[1].tzinfo is None else None
    text_keys = (keys[0], keys[1]) if keys and isinstance(keys[0], str) else None
    return Measured(file, footer.num_rows, frozenset(present), frozenset(exact), text_keys, latest)


@cache
def _imported_columns(folder: Path) -> frozenset[str]:
    return frozenset(json.loads((folder / INDEX).read_text(encoding="utf-8"))["columns"].get(TABLE, ()))


def _range(groups: Sequence[Any], column: int | None) -> tuple[Any, Any] | None:
    """Smallest and largest value over all row groups; None where a group does not tell, or has blanks."""
    if column is None:
        return None
    found = [group.column(column).statistics for group in groups]
    if not found or any(s is None or not s.has_min_max or not s.has_null_count or s.null_count for s in found):
        return None
    return min(s.min for s in found), max(s.max for s in found)


_ARROW = {
    "text": pa.large_string(),
    "enum": pa.large_string(),
    "int": pa.int64(),
    "bool": pa.bool_(),
    "datetime": pa.timestamp("us"),
    "date": pa.date32(),
    "float": pa.float64(),
}


def _fits(kind: pa.DataType, column: ColumnContract) -> bool:
    """Whether values of an Arrow type are the column's without loss."""
    types = pa.types
    if types.is_null(kind):
        return True
    if column.type in ("text", "enum"):
        value = kind.value_type if types.is_dictionary(kind) else kind
        return types.is_string(value) or types.is_large_string(value) or types.is_string_view(value)
    if column.type == "int":
        return types.is_integer(kind) and kind != pa.uint64()
    if column.type == "bool":
        return types.is_boolean(kind)
    if column.type == "datetime":
        return types.is_date32(kind) or (types.is_timestamp(kind) and kind.tz is None)
    if column.type == "date":
        return types.is_date32(kind)
    return types.is_floating(kind) or types.is_integer(kind)


def alike(files: Iterable[Measured]) -> list[list[Measured]]:
    """Return files in groups of one body, with the same columns in the same types: each can be read as one."""
    groups: dict[tuple[object, ...], list[Measured]] = {}
    for m in files:
        kind = () if m.exact | {name for name, _ in m.file.constants} >= m.present else (m.file.path,)
        groups.setdefault((m.file.body, m.present, m.exact, m.file.constants, *kind), []).append(m)
    return list(groups.values())


def scan(files: Sequence[Measured], columns: Sequence[str]) -> pl.LazyFrame:
    """Return the rows of files that are :func:`alike`, lazily, in the contract's types; absent columns are blank."""
    contract = load_contract()[TABLE]
    measured = files[0]
    given = dict(measured.file.constants)
    chosen = []
    for name in columns:
        dtype = contract.column(name).dtype
        if name in given:
            chosen.append(pl.lit(given[name], dtype).alias(name))
        elif name not in measured.present:
            chosen.append(pl.lit(None, dtype).alias(name))
        elif name in measured.exact:
            chosen.append(pl.col(name))
        else:
            chosen.append(pl.col(name).cast(dtype))
    return pl.scan_parquet(
        [m.file.path for m in files],
        hive_partitioning=False,
        glob=False,
        missing_columns="insert",
        extra_columns="ignore",
    ).select(chosen)


@cache
def lookup(table: str, path: Path) -> pl.DataFrame:
    """Return a look-up table whole, in the contract's columns and types; columns that the file lacks are blank.

    Raises:
        ChisoError: it cannot be read, lacks a key, or has a key twice.
    """
    contract = load_contract()[table]
    try:
        frame = pl.read_parquet(path, hive_partitioning=False, glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise ChisoError(text("parts.unreadable", file=path)) from error
    if lacking := [key for key in contract.key if key not in frame.columns]:
        column = contract.column(lacking[0])
        raise ChisoError(text("parts.missing", file=path, column=column.name, label=column.label))
    twice = frame.group_by(contract.key).len().filter(pl.col("len") > 1).sort(contract.key)
    if twice.height:
        keys = ", ".join(str(row[0]) for row in twice.head(SHOWN).iter_rows())
        raise ChisoError(text("parts.lookup_twice", file=path, keys=keys))
    try:
        return frame.select(
            pl.col(c.name).cast(c.dtype) if c.name in frame.columns else pl.lit(None, c.dtype).alias(c.name)
            for c in contract.columns
        )
    except pl.exceptions.PolarsError as error:
        raise ChisoError(text("parts.lookup_types", file=path)) from error


def lookup_columns(table: str, file: CaseFile) -> frozenset[str]:
    """Return the columns of a look-up table that were really there."""
    path = file.lookup(table)
    if path is None:
        return frozenset()
    if file.imported:
        return frozenset(json.loads((path.parent / INDEX).read_text(encoding="utf-8"))["columns"].get(table, ()))
    return frozenset(pl.read_parquet_schema(path)) & {c.name for c in load_contract()[table].columns}


def day_after(day: date) -> datetime:
    """Return the midnight that ends a day."""
    return datetime.combine(date.fromordinal(day.toordinal() + 1), datetime.min.time())
