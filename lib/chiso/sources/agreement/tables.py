"""What the checks read, and how they tell what they find."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from chiso.messages import locales, text
from chiso.sources.account import DIFFERENCES, Account, Finding, Severity, SheetAccount, lines
from chiso.sources.contract import PERSONAL, TableContract, load_contract
from chiso.sources.duplicates import SHEET

#: Rows listed of one rule and table; the finding counts them all.
LISTED = 10_000


@dataclass(frozen=True)
class Accepted:
    """The accepted rows of an import, read by column.

    Attributes:
        folder: holds them as Parquet.
        heights: accepted rows by table.
        columns: columns that some file had, by table.
        origins: for each row of a table the number of its sheet in ``sheets``.
        sheets: the account of all sheets.
    """

    folder: Path
    heights: Mapping[str, int]
    columns: Mapping[str, frozenset[str]]
    origins: Mapping[str, pl.Series]
    sheets: Sequence[SheetAccount]

    def has(self, table: str, *columns: str) -> bool:
        """Return whether the table has rows and some file of it these columns."""
        return self.heights.get(table, 0) > 0 and self.columns.get(table, frozenset()).issuperset(columns)

    def read(self, table: str, columns: Iterable[str]) -> pl.DataFrame:
        """Return columns of a table that has rows, and `SHEET`."""
        names = list(dict.fromkeys(columns))
        return pl.read_parquet(self.folder / f"{table}.parquet", columns=names).with_columns(
            self.origins[table].alias(SHEET)
        )

    def named(self, table: str, *columns: str) -> pl.DataFrame:
        """As `read`, with the key and the unit."""
        contract = load_contract()[table]
        unit = [c.name for c in contract.columns if c.name == "unit_code"]
        return self.read(table, [*contract.key, *unit, *columns])


@dataclass(frozen=True)
class Book:
    """Enters what is found into the account."""

    account: Account
    accepted: Accepted

    def list(
        self,
        table: TableContract,
        rule: str,
        column: str | None,
        rows: pl.DataFrame,
        value: pl.Expr,
        expected: pl.Expr,
        key: pl.Expr | None = None,
    ) -> None:
        """List rows that do not agree.

        Args:
            table: theirs.
            rule: name of the check.
            column: where the difference shows.
            rows: key, unit and `SHEET` of the rows, and what the expressions ask for; the first `LISTED` are kept.
            value: what the row says, as text.
            expected: what it should agree with, as text.
            key: what names a row, where that is not the table's key.
        """
        if column in PERSONAL:
            raise AssertionError(f"{table.name}.{column} tells of a person")
        if key is None:
            rows = rows.sort(table.key, maintain_order=True)
            key = pl.concat_str([shown(pl.col(name), rows.schema[name]) for name in table.key], separator=" | ")
        unit = pl.col("unit_code") if "unit_code" in rows.columns else pl.lit(None, dtype=pl.String)
        files = [sheet.file for sheet in self.accepted.sheets]
        told = rows.head(LISTED).select(
            unit_code=unit,
            key=key,
            value=value,
            expected=expected,
            file=pl.col(SHEET).replace_strict(range(len(files)), files, return_dtype=pl.String),
        )
        self.account.differences.append(lines(DIFFERENCES, told, table=table.name, rule=rule, column=column))

    def tell(
        self,
        severity: Severity,
        table: str,
        rule: str,
        values: Mapping[str, object],
        *,
        key: str | None = None,
        file: str | None = None,
        listed: int = 0,
    ) -> None:
        """Tell a finding: ``agreement.finding.<key or rule>``; where more rows differ than are listed, say so."""
        message = text(f"agreement.finding.{key or rule}", **values)
        if listed > LISTED:
            message += " " + text("agreement.first_only", listed=count(LISTED))
        self.account.findings.append(Finding(severity, table, file, rule, message))


def shown(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return a column as a person reads it: `15/03/2024`, `15/03/2024 08:30`, a number in digits."""
    if dtype == pl.Date:
        return value.dt.strftime(locales.locale().day_pattern)
    if isinstance(dtype, pl.Datetime):
        return value.dt.strftime(f"{locales.locale().day_pattern} %H:%M:%S")
    return value.cast(pl.String)


def worded(rule: str, **values: pl.Expr | str) -> pl.Expr:
    """Return the sentence ``agreement.expected.<rule>`` of each row, with its values filled in."""
    pieces = text(f"agreement.expected.{rule}", **{name: f"\0{name}\0" for name in values}).split("\0")
    filled = [values[piece] if place % 2 else piece for place, piece in enumerate(pieces)]
    return pl.concat_str([pl.lit(part) if isinstance(part, str) else part for part in filled])


def count(number: int) -> str:
    """Return a number of rows as sentences write it."""
    return locales.number(f"{number:,}")
