"""The text of a sheet, kept until its table's duplicates are settled, and what of its rejected rows may be shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl

from chiso.sources.contract import PERSONAL, TableContract, fold
from chiso.sources.layout.header import Header
from chiso.sources.parse import clean
from chiso.sources.privacy.door import hide_rejected
from chiso.sources.privacy.personal import hide_cells
from chiso.sources.readers import ROW
from chiso.sources.rejected.stored import ShownColumn
from chiso.sources.words import load_words

#: How the place of a column begins that the file lacks and a correction gave.
ADDED = "+"
#: A code, number or date: one word with a digit, maybe with a time.
_CODE = r"^\S*\d\S*( +\d[\d:.,]*)?$"
#: Different words a column of categories has at most, and how often each comes on average at least.
_CATEGORIES, _TIMES = 20, 5


@dataclass(frozen=True)
class Kept:
    """The rejected rows of a sheet, and its columns: as in :class:`RejectedSheet`."""

    columns: tuple[ShownColumn, ...]
    absent: tuple[str, ...]
    withheld: tuple[str, ...]
    frame: pl.DataFrame


@dataclass(frozen=True)
class Original:
    """The data rows of a sheet as text, kept until its table's duplicates are settled.

    Attributes:
        entry: the sheet's number in the account.
        table: the contract of its table.
        header: where the columns stand, after the door.
        raw: the rows as read; of columns that are not the table's nothing got through the door.
        data: the rows after the door: people's codes are pseudonyms, personal data is blank.
        bad: rows that break a rule.
        broken: lines whose cells cannot be told apart.
        typed: `unit_code` and `own_date` of the rows.
        present: the table's columns that the file or its mapping gives.
    """

    entry: int
    table: TableContract
    header: Header
    raw: pl.DataFrame
    data: pl.DataFrame
    bad: pl.Series
    broken: pl.Series
    typed: pl.DataFrame
    present: frozenset[str]

    def rejected(self, conflicts: Sequence[int]) -> Kept:
        """Return the rejected rows: `chiso.sources.rejected.stored.FIXED` and the cells that may be shown.

        Of a broken line only the key is kept, and only where nothing personal stands before it.

        Args:
            conflicts: numbers of rows that keep every rule, but contradict another row of their key.
        """
        mask = self.bad | self.data[ROW].is_in(list(conflicts)) if conflicts else self.bad
        header = self.header
        other = self._others() if mask.any() else set()
        columns = [c for c in shown_columns(header, self.data.columns) if c.name or c.cell in other]
        withheld = [*withheld_headers(header), *(title for title, cell in header.extra.items() if cell not in other)]
        rows = self.data.filter(mask)
        rows = hide_rejected(rows, header, self.table, dict.fromkeys(header.columns, mask.filter(mask)))
        raw = self.raw.filter(mask)
        rows = rows.with_columns(hide_cells(raw[c.cell]).alias(c.cell) for c in columns if c.name is None)
        typed = self.typed.filter(mask).with_columns(hide_cells(self.typed["unit_code"].filter(mask)))
        rows = pl.concat([rows, typed], how="horizontal").with_columns(broken=self.broken.filter(mask))
        safe = safe_cells(header, self.data.columns, self.table)
        cells = [
            pl.col(c.cell) if c.cell in safe else pl.when(~pl.col("broken")).then(c.cell).alias(c.cell) for c in columns
        ]
        known = [pl.when(~pl.col("broken")).then(name).alias(name) for name in ("unit_code", "own_date")]
        frame = rows.select(pl.col(ROW).alias("row"), "broken", *known, *cells)
        absent = absent_columns(self.table, self.present)
        return Kept(tuple(columns), tuple(absent), tuple(sorted(set(withheld))), frame)

    def _others(self) -> set[str]:
        """Return the columns that are not the table's and hold codes, numbers, dates or categories: no free words."""
        return {cell for cell in self.header.extra.values() if is_coded(clean(self.raw[cell]))}


def original(
    entry: int, table: TableContract, header: Header, raw: pl.DataFrame, data: pl.DataFrame,
    bad: pl.Series, broken: pl.Series, values: pl.DataFrame, present: frozenset[str],
) -> Original:  # fmt: skip
    """Return the text of a sheet with what its typed ``values`` tell of each row: unit and own date."""
    own = table.own_date.name if table.own_date else None
    blank = pl.Series([None], dtype=pl.Date).new_from_index(0, data.height)
    day = values[own].cast(pl.Date) if own else blank
    unit = values["unit_code"] if "unit_code" in values.columns else blank.cast(pl.String)
    typed = pl.DataFrame([unit.cast(pl.String).alias("unit_code"), day.alias("own_date")])
    return Original(entry, table, header, raw, data, bad, broken, typed, present)


def is_coded(cells: pl.Series) -> bool:
    """Return whether a column holds codes, numbers and dates, or a few words that come again and again.

    Anything else may be what a person wrote, or a name: it is not shown.
    """
    filled = cells.drop_nulls()
    if filled.str.contains(_CODE).all():
        return True
    return filled.n_unique() <= min(_CATEGORIES, filled.len() // _TIMES)


def is_personal(name: str | None, title: str | None) -> bool:
    """Return whether a column is about a single person, by the table's column or by the file's header."""
    return name in PERSONAL or (title is not None and fold(title) in load_words().personal)


def shown_columns(header: Header, cells: Sequence[str]) -> list[ShownColumn]:
    """Return the columns that may be shown, in the file's own order; a column without a header is none of them."""
    names: dict[str, str] = {}
    for first, cell in header.columns.items():
        names.setdefault(cell, first)
    extra = {cell: title for title, cell in header.extra.items()}
    hidden = {cell for name, cell in header.columns.items() if is_personal(name, header.titles.get(name))}
    hidden |= set(header.personal.values())
    found = []
    for cell in cells:
        name = names.get(cell)
        title = header.titles.get(name, name) if name else extra.get(cell, "")
        if title and cell not in hidden and not (name is None and is_personal(None, title)):
            found.append(ShownColumn(cell, name, title))
    return found


def withheld_headers(header: Header) -> list[str]:
    """Return the headers of the columns that are not shown, because they are about single persons."""
    own = [header.titles.get(name, name) for name in header.columns if is_personal(name, header.titles.get(name))]
    return sorted({*own, *header.personal})


def absent_columns(table: TableContract, present: Collection[str]) -> list[str]:
    """Return the table's columns that neither the file nor its mapping gives, as far as a correction may give them."""
    return [c.name for c in table.columns if c.name not in present and c.name not in PERSONAL]


def safe_cells(header: Header, cells: Sequence[str], table: TableContract) -> set[str]:
    """Return the key's places left of every column that is personal or not the table's: known in a broken line."""
    columns = header.columns
    doubtful = [*header.personal.values(), *header.extra.values(), *header.unnamed]
    doubtful += [cell for name, cell in columns.items() if is_personal(name, header.titles.get(name))]
    place = list(cells).index
    first = min(map(place, doubtful), default=len(cells))
    return {columns[name] for name in table.key if name in columns and place(columns[name]) < first}
