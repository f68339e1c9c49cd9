"""Reporting periods in tables, written canonically: `Quý I/2024` as 2024-Q1, `6 tháng` of plan year 2024 as 2024-H1."""

from __future__ import annotations

import polars as pl

from chiso.sources.contract import TableContract
from chiso.worktime.periods import Period, PeriodError


def canonical_periods(values: pl.DataFrame, table: TableContract) -> pl.DataFrame:
    """Return the values with period columns written canonically; a text that names no period is null.

    A label without a year takes it from the row's plan year, where the table has one.
    """
    for column in table.columns:
        if not column.period:
            continue
        by = [column.name, *(["plan_year"] if "plan_year" in values.columns else [])]
        labels = values.select(by).drop_nulls(column.name).unique(maintain_order=True)
        names = labels.with_columns(
            pl.Series("_canonical", [_canonical(*row) for row in labels.rows()], dtype=pl.String)
        )
        joined = values.join(names, on=by, how="left", nulls_equal=True, maintain_order="left")
        values = joined.with_columns(pl.col("_canonical").alias(column.name)).drop("_canonical")
    return values


def _canonical(written: str, year: int | None = None) -> str | None:
    for candidate in [written] if year is None else [written, f"{written}/{year}", f"{written} {year}"]:
        try:
            return str(Period.parse(candidate))
        except PeriodError:
            continue
    return None
