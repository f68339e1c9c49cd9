"""What a mapping does to the shape of a sheet: wide rows made long, units turned, columns added up."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from chiso.sources.contract import ColumnContract, fold, plain
from chiso.sources.layout.header import Header
from chiso.sources.mapping.model import WIDE, SourceMapping, Unpivot
from chiso.sources.readers import ROW, Sheet
from chiso.sources.rejected.originals import ADDED

#: Cells of a wide sheet made long: the code of the column, its value, and the column of cells that had it.
CODE, VALUE, SOURCE = f"{ADDED}code", f"{ADDED}value", f"{ADDED}cell"


@dataclass(frozen=True)
class Unfit:
    """A sheet that is none of its table; ``missing``: the columns that were looked for and not found."""

    sheet: Sheet
    missing: frozenset[str] = frozenset()


def sought(mapping: SourceMapping) -> frozenset[str]:
    """Return the columns that a sheet must have to be one of its table."""
    required = {c.name for c in mapping.contract.columns if c.required}
    made = {mapping.unpivot.name, mapping.unpivot.value} if mapping.unpivot else set()
    return frozenset(required - {*mapping.constants, *made, *mapping.sums})


def lacking(header: Header, mapping: SourceMapping) -> frozenset[str]:
    """Return the columns that a table of the mapping's own must have and the sheet has not."""
    return sought(mapping) - set(header.columns)


def unpivoted(data: pl.DataFrame, header: Header, unpivot: Unpivot) -> tuple[pl.DataFrame, Header]:
    """Return the rows made long, one row a row and declared column that the sheet has, in the order of the rows.

    The code of the column stands in `CODE`, its cell in `VALUE`; the header has them under their columns.
    """
    wide = {name.removeprefix(WIDE): cell for name, cell in header.columns.items() if name.startswith(WIDE)}
    parts = [
        data.with_columns(
            pl.lit(code).alias(CODE),
            pl.col(cell).alias(VALUE),
            pl.lit(cell).alias(SOURCE),
            pl.lit(order).alias("_order"),
        )
        for order, (code, cell) in enumerate(wide.items())
    ]
    long = pl.concat(parts).sort(ROW, "_order", maintain_order=True).drop("_order") if parts else data.clear()
    columns = {name: cell for name, cell in header.columns.items() if not name.startswith(WIDE)}
    columns |= {unpivot.name: CODE, unpivot.value: VALUE}
    titles = {name: header.titles[name] for name in columns if name in header.titles}
    return long, replace(
        header, columns=columns, titles={**titles, unpivot.name: unpivot.name, unpivot.value: unpivot.value}
    )


def known_codes(words: pl.Series, column: ColumnContract) -> pl.Series:
    """Return cells of an enumeration with its codes for what differs in accents, punctuation or case only.

    A word that might be two codes stays as it is, and is rejected.
    """
    if column.type != "enum":
        return words
    exact = {fold(word) for pair in column.values.items() for word in pair}
    codes: dict[str, set[str]] = {}
    for code, label in column.values.items():
        for word in (code, label):
            codes.setdefault(plain(word), set()).add(code)
    rest = [word for word in words.drop_nulls().unique() if fold(word) not in exact]
    meant = {word: min(found) for word in rest if len(found := codes.get(plain(word), set())) == 1}
    return words.replace(list(meant), list(meant.values())) if meant else words


def add_sums(values: list[pl.Series], filled: list[pl.Series], header: Header, mapping: SourceMapping) -> None:
    """Fill in the columns that a sheet lacks and the mapping adds up from others; blank where all of those are."""
    places = {series.name: place for place, series in enumerate(values)}
    for name, parts in mapping.sums.items():
        have = [values[places[part]] for part in parts if part in header.columns]
        if name in header.columns or not have:
            continue
        frame = pl.DataFrame(have)
        some = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
        total = frame.select(pl.sum_horizontal(pl.all())).to_series().alias(name)
        place = places[name]
        values[place] = total.cast(values[place].dtype).set(~some, None)
        filled[place] = some.alias(name)
