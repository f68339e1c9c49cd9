"""Frames as they come in: pandas or Polars, their columns found, blanks as null; one way to say what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, NoReturn, TypeAlias

import numpy as np
import polars as pl

from chiso.errors import ChisoError
from chiso.messages import text

if TYPE_CHECKING:
    import pandas as pd

Frame: TypeAlias = "pl.DataFrame | pl.LazyFrame | pd.DataFrame"

SHOWN = 5


class SurveyError(ChisoError):
    """Data or settings from which no honest estimate can be had."""


def fail(key: str, /, **values: object) -> NoReturn:
    """Raise the message ``survey.<key>``."""
    raise SurveyError(text(f"survey.{key}", **values))


def some(values: Iterable[object]) -> str:
    """Write the first five of ``values``, and how many more there are."""
    found = [str(v) for v in values]
    more = text("survey.and_more", count=len(found) - SHOWN) if len(found) > SHOWN else ""
    return ", ".join(found[:SHOWN]) + more


def to_polars(frame: Frame) -> pl.DataFrame:
    """Return ``frame`` (Polars eager or lazy, or pandas) as a Polars frame with NaN as null; row order kept.

    Raises:
        SurveyError: neither Polars nor pandas, no rows, or a column name that stands twice.
    """
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if not isinstance(frame, pl.DataFrame):
        columns = getattr(frame, "columns", None)
        if columns is None:
            fail("not_a_frame", kind=type(frame).__name__)
        names = [str(c) for c in columns]
        twice = sorted({c for c in names if names.count(c) > 1})
        if twice:
            fail("name_twice", names=some(twice))
        frame = pl.from_pandas(frame)
    if frame.height == 0:
        fail("no_rows")
    floats = [c for c, t in frame.schema.items() if t.is_float()]
    return frame.with_columns(pl.col(c).fill_nan(None) for c in floats)


def need(frame: pl.DataFrame, columns: Sequence[str]) -> None:
    """Check that each of ``columns`` stands in ``frame``, and none is named twice.

    Raises:
        SurveyError: names the missing ones and the nearest there is.
    """
    twice = sorted({c for c in columns if list(columns).count(c) > 1})
    if twice:
        fail("column_twice", names=some(twice))
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        near = get_close_matches(missing[0], frame.columns, n=1)
        hint = text("survey.did_you_mean", name=near[0]) if near else ""
        fail("column_unknown", names=some(missing), hint=hint)


def numbers(frame: pl.DataFrame, column: str) -> np.ndarray:
    """Return a numeric or boolean column as floats, blank as NaN.

    Raises:
        SurveyError: the column holds text or dates, or an infinite number.
    """
    need(frame, [column])
    values = frame[column]
    if not (values.dtype.is_numeric() or values.dtype in (pl.Boolean, pl.Null)):
        fail("not_numbers", column=column, kind=str(values.dtype))
    found = values.cast(pl.Float64).to_numpy().astype(float)
    if np.isinf(found).any():
        fail("not_finite", column=column, rows=rows_of(np.isinf(found)))
    return found


def rows_of(mask: np.ndarray) -> str:
    """Write the numbers of the first rows where ``mask`` holds, counted from 1."""
    return some(int(i) + 1 for i in np.flatnonzero(mask))


def codes(frame: pl.DataFrame, column: str) -> tuple[np.ndarray, pl.Series]:
    """Return (code of each row, the distinct values sorted); a blank is -1."""
    values = frame[column]
    if values.dtype == pl.Categorical:
        values = values.cast(pl.String)
    distinct = values.drop_nulls().unique().sort()
    index = pl.DataFrame({"value": distinct, "code": np.arange(distinct.len(), dtype=np.int64)})
    joined = pl.DataFrame({"value": values}).join(index, on="value", how="left", maintain_order="left")
    return joined["code"].fill_null(-1).to_numpy(), distinct
