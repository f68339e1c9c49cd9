"""Parquet: typed columns as the text a CSV would hold."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from chiso.messages import text
from chiso.sources.readers.limits import MAX_COLUMNS, grouped
from chiso.sources.readers.sheet import ROW, Sheet, UnreadableError


def read_parquet(path: Path) -> Sheet:
    """Read a Parquet file; its column names are the header.

    Raises:
        UnreadableError: damaged, nested, or too many columns.
    """
    try:
        if len(pl.read_parquet_schema(path)) > MAX_COLUMNS:
            raise UnreadableError(text("sources.read.too_many_columns", limit=grouped(MAX_COLUMNS)))
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableError(text("sources.read.damaged")) from error
    texts = [_as_text(series).alias(f"c{index}") for index, series in enumerate(frame)]
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
