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


def data_rows(sheet: Sheet, header: Header, table: TableContract) -> tuple[pl.DataFrame, int]:
    """Return the rows below the header that are data, and the number of layout rows in the whole sheet.

    The header row itself is not counted.
    """
    above = max(header.position, 0)
    below = sheet.frame.slice(header.position + 1)
    data = below.filter(~_layout(below, sheet.cells, header, table))
    return data, above + below.height - data.height


def _filled(name: str) -> pl.Expr:
    return (pl.col(name).str.strip_chars().str.len_bytes() > 0).fill_null(False)


def _layout(below: pl.DataFrame, cells: list[str], header: Header, table: TableContract) -> pl.Series:
    """Return for each row below the header whether it is layout."""
    required = [header.columns[c.name] for c in table.columns if c.required and c.name in header.columns]
    doubtful = ~pl.all_horizontal(_filled(name) for name in required) if required else pl.lit(True)
    name, cell = next(iter(header.columns.items()))
    like_header = _plain(pl.col(cell)) == header.titles[name]
    suspect = below.select((doubtful | like_header.fill_null(False)).alias("suspect")).to_series()
    if suspect.len() != below.height:  # a constant: no required column to go by
        suspect = suspect.new_from_index(0, below.height)
    layout = pl.Series([False]).new_from_index(0, below.height)
    places = suspect.arg_true()
    if places.len():
        layout = layout.scatter(places, _verdict(below[places], cells, header, required))
    if below.height and _is_numbering(below.select(cells).row(0)):
        layout = layout.scatter(0, True)
    return layout


def _plain(cell: pl.Expr) -> pl.Expr:
    return cell.str.normalize("NFC").str.replace_all(r"[\s\u00a0]+", " ").str.strip_chars()


def _verdict(rows: pl.DataFrame, cells: list[str], header: Header, required: list[str]) -> pl.Series:
    """Return which of the suspect rows are blank, totals, section headings, notes or the header once more."""
    words = load_words().layout
    known = set(header.columns.values())
    first = pl.coalesce(pl.when(_filled(name)).then(pl.col(name)) for name in cells)
    told = rows.select(
        text=_plain(first).str.to_lowercase(),
        filled=pl.sum_horizontal(_filled(name).cast(pl.Int32) for name in cells),
        known=pl.coalesce(pl.when(_filled(name)).then(pl.lit(name in known)) for name in cells),
        complete=pl.all_horizontal(_filled(name) for name in required) if required else pl.lit(False),
        none_required=~pl.any_horizontal(_filled(name) for name in required) if required else pl.lit(False),
        header=pl.all_horizontal(
            (_plain(pl.col(cell)) == header.titles[name]).fill_null(False) for name, cell in header.columns.items()
        ),
    )

    def says(pattern: str) -> pl.Expr:
        return pl.col("text").str.contains(f"^(?:{pattern})$").fill_null(False)

    filled = pl.col("filled")
    section = says(words.section) & (filled <= 2) & ~pl.col("known")
    alone = (filled == 1) & (says(words.section) | says(words.section_titled))
    note = (filled <= 3) & says(words.note)
    worded = says(words.total) | section | alone | note | ((filled <= 2) & pl.col("none_required"))
    repeated = pl.col("header") & (pl.lit(len(header.columns)) > 1)
    return told.select((filled == 0) | repeated | (~pl.col("complete") & worded)).to_series()


def _is_numbering(row: tuple[str | None, ...]) -> bool:
    """Tell a row that numbers the columns, (1) (2) (3) or 1 2 3, right below the header."""
    filled = [cell.strip() for cell in row if cell and cell.strip()]
    if len(filled) < 3:
        return False
    numbers = [int(m[1]) for cell in filled if (m := re.fullmatch(r"\(?(\d{1,2})\)?", cell))]
    letters = len(filled) - len(numbers)
    letters_first = all(re.fullmatch(r"\(?[A-Z]\)?", cell) for cell in filled[:letters])
    return letters_first and len(numbers) >= 2 and numbers == list(range(1, len(numbers) + 1))
