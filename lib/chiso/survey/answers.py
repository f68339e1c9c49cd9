"""Answers as they stand in the item columns: which are satisfied, which are blank, which cannot be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from chiso.survey.frames import SHOWN, fail, need, rows_of, some

Code = int | float | str | bool


def read_answers(
    data: pl.DataFrame,
    items: Sequence[str],
    *,
    satisfied: Sequence[Code] = (4, 5),
    scale: Sequence[Code] = (1, 2, 3, 4, 5),
    unknown: Sequence[Code] = (),
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return (satisfied, valid) of each row (n, booleans) for each item.

    Args:
        data: one row a respondent.
        items: item columns.
        satisfied: codes counted as satisfied.
        scale: every code an answer may have.
        unknown: codes of "don't know": taken as blank.

    Raises:
        SurveyError: unknown item, an answer outside the scale (item, value, rows), no valid answer in any item, a
            satisfied code that the scale lacks.
    """
    need(data, items)
    if not items:
        fail("no_items")
    outside = [c for c in satisfied if c not in scale]
    if outside or not satisfied:
        fail("satisfied_outside_scale", codes=some(outside), scale=some(scale))
    found = {item: _read(data[item], satisfied, scale, unknown) for item in items}
    if not any(valid.any() for _, valid in found.values()):
        fail("all_blank", items=some(items))
    return found


def _read(
    values: pl.Series, satisfied: Sequence[Code], scale: Sequence[Code], unknown: Sequence[Code]
) -> tuple[np.ndarray, np.ndarray]:
    if values.dtype == pl.Null:
        nothing = np.zeros(values.len(), dtype=bool)
        return nothing, nothing
    if isinstance(values.dtype, pl.Categorical | pl.Enum):
        values = values.cast(pl.String)
    is_text = values.dtype == pl.String
    if is_text != all(isinstance(c, str) for c in scale) or not (
        is_text or values.dtype.is_numeric() or values.dtype == pl.Boolean
    ):
        fail("answers_of_other_kind", column=values.name, kind=str(values.dtype), scale=some(scale))
    if not is_text:
        values = values.cast(pl.Float64)
    kind = pl.String if is_text else pl.Float64

    def among(codes: Sequence[Code]) -> pl.Series:
        among_codes = pl.Series([str(c) if is_text else float(c) for c in codes], dtype=kind)
        return values.is_in(among_codes.implode()).fill_null(False)

    valid, blank = among(scale), values.is_null() | among(unknown)
    wrong = ~(valid | blank)
    if wrong.any():
        bad = values.filter(wrong).unique().sort().head(SHOWN + 1).to_list()
        shown = some(b if is_text else f"{b:g}" for b in bad)
        fail("outside_scale", column=values.name, values=shown, scale=some(scale), rows=rows_of(wrong.to_numpy()))
    valid = valid & ~blank
    return (among(satisfied) & valid).to_numpy(), valid.to_numpy()
