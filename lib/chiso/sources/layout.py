"""Rows of an export that are not data: titles, blank rows, section headings, totals, repeated headers, footers.

They are counted, never imported. A row whose required cells are all filled is always data.
"""

from __future__ import annotations

import re

import polars as pl

from chiso.sources.contract import TableContract
from chiso.sources.header import Header
from chiso.sources.readers import Sheet
from chiso.sources.words import load_words

_BLANK = r"^[\s\u00a0\u200b-\u200d\u2060\ufeff]*$"


def data_rows(sheet: Sheet, header: Header, table: TableContract) -> tuple[pl.DataFrame, int]:
    """Return the rows below the header that are data, and the number of layout rows in the whole sheet.

    The header row itself is not counted.
    """
    above = max(header.position, 0)
    below = sheet.frame.slice(header.position + 1)
    data = below.filter(~_layout(below, sheet.cells, header, table))
    return data, above + below.height - data.height


def _filled(name: str) -> pl.Expr:
    return pl.col(name).is_not_null() & ~pl.col(name).str.contains(_BLANK)


def _layout(below: pl.DataFrame, cells: list[str], header: Header, table: TableContract) -> pl.Series:
    """Return for each row below the header whether it is layout."""
    required = [header.columns[c.name] for c in table.columns if c.required and c.name in header.columns]
    blank = ~pl.any_horizontal(_filled(name) for name in cells)
    repeated = pl.all_horizontal(
        pl.col(cell).str.strip_chars().str.replace_all(r"\s+", " ") == header.titles[name]
        for name, cell in header.columns.items()
    ).fill_null(False)
    flags = below.select(
        layout=blank | repeated if len(header.columns) > 1 else blank,
        doubtful=~pl.all_horizontal(_filled(name) for name in required) if required else pl.lit(False),
    )
    layout = flags["layout"]
    if below.height and _is_numbering(below.select(cells).row(0)):
        layout = layout.scatter(0, True)
    places = (flags["doubtful"] & ~layout).arg_true()
    if places.len():
        verdict = _worded(below[places], cells, set(header.columns.values()), required)
        layout = layout.scatter(places.filter(verdict), True)
    return layout


def _worded(rows: pl.DataFrame, cells: list[str], known: set[str], required: list[str]) -> pl.Series:
    """Return which of the rows with a blank required cell are totals, section headings or notes."""
    words = load_words().layout
    first = pl.coalesce(pl.when(_filled(name)).then(pl.col(name)) for name in cells)
    plain = first.str.normalize("NFC").str.replace_all(r"[\s\u00a0]+", " ").str.strip_chars().str.to_lowercase()
    filled = pl.sum_horizontal(_filled(name).cast(pl.Int32) for name in cells)
    first_known = pl.coalesce(pl.when(_filled(name)).then(pl.lit(name in known)) for name in cells)
    told = rows.select(
        text=plain,
        filled=filled,
        outside=~first_known,
        none_required=~pl.any_horizontal(_filled(name) for name in required),
    )

    def says(pattern: str) -> pl.Expr:
        return pl.col("text").str.contains(f"^(?:{pattern})$")

    few = pl.col("filled") <= 2
    section = says(words.section) & few & pl.col("outside")
    alone = (pl.col("filled") == 1) & (says(words.section) | says(words.section_titled))
    note = (pl.col("filled") <= 3) & says(words.note)
    return told.select(says(words.total) | section | alone | note | (few & pl.col("none_required"))).to_series()


def _is_numbering(row: tuple[str | None, ...]) -> bool:
    """Tell a row that numbers the columns, (1) (2) (3) or 1 2 3, right below the header."""
    filled = [cell.strip() for cell in row if cell and cell.strip()]
    if len(filled) < 3:
        return False
    numbers = [int(m[1]) for cell in filled if (m := re.fullmatch(r"\(?(\d{1,2})\)?", cell))]
    letters = len(filled) - len(numbers)
    letters_first = all(re.fullmatch(r"\(?[A-Z]\)?", cell) for cell in filled[:letters])
    return letters_first and len(numbers) >= 2 and numbers == list(range(1, len(numbers) + 1))
