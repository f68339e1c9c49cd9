"""Reporting periods in tables, written canonically: `Quý I/2024` as 2024-Q1, `6 tháng` of plan year 2024 as 2024-H1."""

from __future__ import annotations

import polars as pl

from chiso.sources.contract import TableContract
from chiso.worktime.periods import Period, PeriodError


def canonical_periods(values: pl.DataFrame, table: TableContract) -> tuple[pl.DataFrame, list[str]]:
    """Return the values with period columns written canonically, and the texts that name no period (kept as they are).

    A label without a year takes it from the row's plan year, where the table has one.
    """
    unknown: list[str] = []
    for column in table.columns:
        if not column.period:
            continue
        year = "plan_year" if "plan_year" in values.columns else None
        by = [column.name, *([year] if year else [])]
        pairs = values.select(by).filter(pl.col(column.name).is_not_null()).unique(maintain_order=True)
        written = [_canonical(row[0], row[1] if year else None) for row in pairs.rows()]
        unknown += [row[0] for row, period in zip(pairs.rows(), written, strict=True) if period is None]
        names = pairs.with_columns(pl.Series("_canonical", written, dtype=pl.String))
        values = (
            values.join(names, on=by, how="left", nulls_equal=True, maintain_order="left")
            .with_columns(pl.coalesce("_canonical", column.name).alias(column.name))
            .drop("_canonical")
        )
    return values, sorted(set(unknown))


def _canonical(written: str, year: int | None) -> str | None:
    candidates = [written] if year is None else [written, f"{written}/{year}", f"{written} {year}"]
    for candidate in candidates:
        try:
            return str(Period.parse(candidate))
        except PeriodError:
            continue
    return None
