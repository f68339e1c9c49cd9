"""Rows of an export that are not data: titles, blank rows, section headings, totals, repeated headers, footers.

They are counted by kind, never imported. A row whose required cells are all filled is always data, unless the mapping
says otherwise or the column that numbers the rows tells a section or a total.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from chiso.sources.contract import TableContract, fold, load_contract
from chiso.sources.layout.header import Header, is_numbering
from chiso.sources.mapping.model import RowChoice
from chiso.sources.readers import CELL_COUNT, OVERFLOW, Sheet
from chiso.sources.words import load_words

#: Kinds of layout rows, in the order they are told.
KINDS = ("title", "header", "numbering", "section", "total", "note", "blank", "other")
#: Rows below the header among which the row is looked for that numbers the columns.
_NEAR = 4


@dataclass(frozen=True)
class Layout:
    """The rows of a sheet that are no data: how many of each kind, and those below the header with their cells.

    ``rows`` has the sheet's columns and ``_kind``.
    """

    counts: Mapping[str, int]
    rows: pl.DataFrame

    @property
    def total(self) -> int:
        """Return the number of layout rows."""
        return sum(self.counts.values())


def data_rows(
    sheet: Sheet, header: Header, table: TableContract, choice: RowChoice | None = None
) -> tuple[pl.DataFrame, Layout]:
    """Return the rows below the header that are data, and the layout rows of the whole sheet.

    The header's own rows are not counted, but a row among them that numbers the columns is.
    """
    above = sheet.frame.head(max(header.first, 0) if header.position >= 0 else 0)
    below = sheet.frame.slice(header.position + 1)
    kind = _kinds(above, below, sheet.cells, header, table, choice or RowChoice())
    rows = below.with_columns(kind.alias("_kind")).filter(kind.is_not_null())
    counts = dict(rows["_kind"].value_counts().sort("_kind").rows())
    blank = above.select(~pl.any_horizontal(_filled(c) for c in sheet.cells)).to_series().sum() if above.height else 0
    counts["title"] = counts.get("title", 0) + above.height - int(blank)
    counts["blank"] = counts.get("blank", 0) + int(blank)
    counts["numbering"] = counts.get("numbering", 0) + sum(map(is_numbering, header.rows))
    told = {name: counts[name] for name in KINDS if counts.get(name)}
    return below.filter(kind.is_null()), Layout(told, rows)


def _filled(name: str) -> pl.Expr:
    return (pl.col(name).str.strip_chars().str.len_bytes() > 0).fill_null(False)


def _kinds(
    above: pl.DataFrame,
    below: pl.DataFrame,
    cells: list[str],
    header: Header,
    table: TableContract,
    choice: RowChoice,
) -> pl.Series:
    """Return for each row below the header what kind of layout it is; null where it is data."""
    required = [header.columns[c.name] for c in table.columns if c.required and c.name in header.columns]
    doubtful = ~pl.all_horizontal(_filled(name) for name in required) if required else pl.lit(True)
    name, cell = next(iter(header.columns.items()))
    titles = {header.titles[name], *(_one_line(row[cells.index(cell)]) for row in header.rows)}
    like_header = _plain(pl.col(cell)).is_in([title for title in titles if title])
    suspect = below.select((doubtful | like_header.fill_null(False)).alias("suspect")).to_series()
    if suspect.len() != below.height:  # a constant: no required column to go by
        suspect = suspect.new_from_index(0, below.height)
    suspect = suspect | _numbered_otherwise(below, cells, header) | ~_chosen(below, header, choice)
    kind = pl.Series("kind", [None], dtype=pl.String).new_from_index(0, below.height)
    places = suspect.arg_true()
    if places.len():
        kind = kind.scatter(places, _verdict(below[places], above, cells, header, required, choice, table))
    if (numbering := _numbering_row(below, cells)) is not None:
        kind = kind.scatter(numbering, "numbering")
    kind = kind.set(_signatures(below, cells, kind) & suspect, "note")
    if OVERFLOW in below.columns:  # a line cut short by its quotes says nothing of what it is: never layout
        kind = kind.set(below[OVERFLOW] & below[CELL_COUNT].is_null(), None)
    return kind


def _signatures(below: pl.DataFrame, cells: list[str], kind: pl.Series) -> pl.Series:
    """Return the rows that hold the names under a signature block: up to three cells in words, right below a note."""
    few = pl.sum_horizontal(_filled(name).cast(pl.Int32) for name in cells) <= 3
    worded = ~pl.any_horizontal(pl.col(name).str.contains(r"\d").fill_null(False) for name in cells)
    told = below.select(few=few, worded=worded).with_columns(kind=kind)
    before = pl.when(pl.col("kind").eq_missing("blank")).then(None).otherwise(pl.col("kind").fill_null("data"))
    under = before.forward_fill().shift(1).eq_missing("note")
    return told.select((pl.col("kind").is_null() & under & pl.col("few") & pl.col("worded")).alias("s")).to_series()


def _plain(cell: pl.Expr) -> pl.Expr:
    return cell.str.normalize("NFC").str.replace_all(r"[\s\u00a0]+", " ").str.strip_chars()


def _one_line(cell: str | None) -> str:
    return " ".join((cell or "").split())


def _numbered_otherwise(below: pl.DataFrame, cells: list[str], header: Header) -> pl.Series:
    """Return the rows that the column numbering the rows tells apart: Roman numerals, letters or nothing among numbers.

    Without such a column, or where it does not number most of the rows it has something for, there are none.
    """
    none = pl.Series([False]).new_from_index(0, below.height)
    if header.numbering is None or not below.height:
        return none
    number = below.select(_plain(pl.col(header.numbering)).alias("n"))["n"]
    arabic = number.str.contains(r"^\d+[.)]?$").fill_null(False)
    others = number.filter(~arabic).str.len_chars().fill_null(0) > 0
    return ~arabic if arabic.any() and arabic.sum() >= others.sum() else none


def _chosen(below: pl.DataFrame, header: Header, choice: RowChoice) -> pl.Series:
    """Return the rows that the mapping takes: every `take` holds, no `skip` does."""
    wanted = pl.Series([True]).new_from_index(0, below.height)
    for patterns, taking in ((choice.take, True), (choice.skip, False)):
        for name, pattern in patterns.items():
            cell = column_of(name, header)
            if cell is None:
                continue
            whole = f"^(?:{'|'.join(f'(?:{p})' for p in pattern)})$"
            text = below.select(_plain(pl.col(cell)).fill_null("").str.contains(whole).alias("t"))["t"]
            wanted = wanted & (text if taking else ~text)
    return wanted


def column_of(name: str, header: Header) -> str | None:
    """Return the cell column that a column's name, or a header of the file, means; None where the sheet has none."""
    if name in header.columns:
        return header.columns[name]
    if fold(name) in load_words().numbering:
        return header.numbering
    return next((cell for title, cell in header.extra.items() if fold(title) == fold(name)), None)


def _verdict(
    rows: pl.DataFrame,
    above: pl.DataFrame,
    cells: list[str],
    header: Header,
    required: list[str],
    choice: RowChoice,
    table: TableContract,
) -> pl.Series:
    """Return what kind of layout each of the suspect rows is: blank, total, section, note, the header once more."""
    words = load_words().layout
    known = set(header.columns.values())
    first = pl.coalesce(pl.when(_filled(name)).then(pl.col(name)) for name in cells)
    wordy = pl.coalesce(pl.when(_plain(pl.col(name)).str.contains(r"\pL{3}")).then(pl.col(name)) for name in cells)
    told = rows.select(
        text=_plain(first).str.to_lowercase(),
        words=_plain(wordy).str.to_lowercase(),
        filled=pl.sum_horizontal(_filled(name).cast(pl.Int32) for name in cells),
        known=pl.coalesce(pl.when(_filled(name)).then(pl.lit(name in known)) for name in cells),
        complete=pl.all_horizontal(_filled(name) for name in required) if required else pl.lit(False),
        none_required=~pl.any_horizontal(_filled(name) for name in required) if required else pl.lit(False),
        header=_is_header(cells, header),
        title=_whole_row(cells).is_in(above.select(row=_whole_row(cells))["row"].unique().implode()),
        chosen=_chosen(rows, header, choice),
        numbered=_numbered(rows, header),
    )

    def says(pattern: str, column: str = "text") -> pl.Expr:
        return pl.col(column).str.contains(f"^(?:{pattern})$").fill_null(False)

    filled = pl.col("filled")
    total = says(words.total)
    section = says(words.section) & ((filled <= 2) & ~pl.col("known"))
    alone = (filled == 1) & (says(words.section) | says(words.section_titled))
    note = (filled <= 3) & says(words.note)
    few = (filled <= 2) & pl.col("none_required")
    # The numbering column, or the mapping, says that a row is none of the data, whatever is filled in it.
    outside = ~pl.col("chosen")
    # A row of the fourteen tables that has all it needs is data even so.
    open_row = ~pl.col("complete") | pl.lit(table.name not in load_contract())
    titled = (pl.col("numbered") == "section") & open_row
    unnumbered = (pl.col("numbered") == "blank") if header.numbering else pl.lit(True)
    summed = unnumbered & says(words.total, "words") & (filled > 1) & open_row
    kind = (
        pl.when(filled == 0).then(pl.lit("blank"))
        .when(pl.col("header") & pl.lit(len(header.columns) > 1)).then(pl.lit("header"))
        .when((pl.col("title") | ((filled <= 2) & says(words.page))) & ~pl.col("complete")).then(pl.lit("title"))
        .when(outside & says(words.note)).then(pl.lit("note"))
        .when(outside & (total | says(words.total, "words"))).then(pl.lit("total"))
        .when(outside & says(words.section)).then(pl.lit("section"))
        .when(outside).then(pl.lit("other"))
        .when(summed).then(pl.lit("total"))
        .when(titled).then(pl.lit("section"))
        .when(pl.col("complete")).then(None)
        .when(total).then(pl.lit("total"))
        .when(section | alone).then(pl.lit("section"))
        .when(note).then(pl.lit("note"))
        .when(few).then(pl.when(filled == 1).then(pl.lit("note")).otherwise(pl.lit("other")))
    )  # fmt: skip
    return told.select(kind.alias("kind")).to_series()


def _whole_row(cells: list[str]) -> pl.Expr:
    """Return a row's cells in one text: titles come again on every printed page."""
    return pl.concat_str([_plain(pl.col(name)).fill_null("") for name in cells], separator="\x1f")


def _is_header(cells: list[str], header: Header) -> pl.Expr:
    """Return whether a row repeats the header: the joined titles, or one of its rows, in every known column."""
    places = {name: cells.index(cell) for name, cell in header.columns.items()}
    rows = [[_one_line(row[place]) for place in places.values()] for row in header.rows]
    candidates = [list(header.titles.values()), *(row for row in rows if sum(map(bool, row)) > 1)]
    checks = [
        pl.all_horizontal(
            (_plain(pl.col(cell)).fill_null("") == title)
            for cell, title in zip(header.columns.values(), row, strict=True)
        )
        for row in candidates
    ]
    return pl.any_horizontal(checks)


def _numbered(rows: pl.DataFrame, header: Header) -> pl.Series:
    """Return what the numbering column says of suspect rows: "section", "blank", or null where it says nothing."""
    if header.numbering is None:
        return pl.Series([None], dtype=pl.String).new_from_index(0, rows.height)
    cell = _plain(pl.col(header.numbering)).fill_null("")
    section = cell.str.to_lowercase().str.contains(f"^(?:{load_words().layout.section})$")
    kind = pl.when(cell == "").then(pl.lit("blank")).when(section).then(pl.lit("section"))
    return rows.select(kind.alias("numbered")).to_series()


def _numbering_row(below: pl.DataFrame, cells: list[str]) -> int | None:
    """Return the place of the row that numbers the columns, if one of the first rows with cells does."""
    for place, row in enumerate(below.head(_NEAR).select(cells).rows()):
        if is_numbering(row):
            return place
        if any(cell and cell.strip() for cell in row):
            return None
    return None
