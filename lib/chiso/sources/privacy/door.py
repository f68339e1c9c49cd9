"""Privacy at the door: what of a sheet is about people goes no further than its data rows are found.

Columns with personal data are emptied, by their headers or by what they hold; people's codes become pseudonyms;
numbers and addresses within free text are masked. Everything later (types, rejects, accounts) sees only what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from chiso.messages import text
from chiso.sources.contract import ColumnContract, TableContract
from chiso.sources.layout.header import Header
from chiso.sources.parse import clean, translate
from chiso.sources.privacy.personal import (
    Kind,
    column_kind,
    hide_cells,
    mask_text,
    mask_texts,
    person_cells,
    person_kind,
    replace_cells,
)
from chiso.sources.privacy.pseudonyms import Pseudonyms

#: Columns with a person's code: kept as a pseudonym.
CODES_OF_PEOPLE = frozenset({"officer_id", "staff_id"})
_NAMES_OF_THINGS = ("_name",)
_CODES = ("_id", "_code")

Rule = Literal["personal", "personal_content", "personal_masked", "personal_code"]


@dataclass(frozen=True)
class Held:
    """Cells held back at the door: of which column, how many, by which rule, what kind (None: not looked at)."""

    header: str
    column: str | None
    count: int
    rule: Rule
    kind: Kind | None = None


def at_the_door(
    data: pl.DataFrame,
    header: Header,
    table: TableContract,
    values: Mapping[str, Mapping[str, str]],
    pseudonyms: Pseudonyms,
) -> tuple[pl.DataFrame, Header, list[Held]]:
    """Return data rows and header without personal data, and what was held back.

    Args:
        data: the data rows as text.
        header: where the columns stand.
        table: the contract of the table.
        values: the mapping's translations: a person's code is translated before it becomes a pseudonym.
        pseudonyms: the key of this body.
    """
    held: list[Held] = []
    changed: dict[str, pl.Series] = {}
    personal = dict(header.personal)
    extra: dict[str, str] = {}
    for title, cell in header.personal.items():
        held.append(Held(title, None, _filled(data[cell]), "personal"))
    for title, cell in header.extra.items():
        cells = clean(data[cell])
        kind = column_kind(cells)
        shown = _shown(title)
        (personal if kind else extra)[shown] = cell
        if kind:
            held.append(Held(shown, None, _filled(cells), "personal_content", kind))
    for cell in (
        *personal.values(),
        *extra.values(),
        *header.unnamed,
    ):  # nothing below reads a column that is not the table's
        changed[cell] = pl.Series(cell, [None], dtype=pl.String).new_from_index(0, data.height)
    for name, cell in header.columns.items():
        column = _column(table, name)
        if column is None or column.type != "text" or column.period or column.reference or column.public:
            continue
        title = header.titles.get(name, name)
        series = data[cell]
        if name in CODES_OF_PEOPLE:
            codes = translate(clean(series), dict(values.get(name, {})))
            if kind := column_kind(codes):
                held.append(Held(title, name, _filled(codes), "personal_code", kind))
            changed[cell] = pseudonyms.replace(codes)
        elif name in table.key or name.endswith(_CODES):
            changed[cell] = _code(series, name, title, pseudonyms, held)
        else:
            changed[cell] = _free_text(series, column, title, held)
    frame = data.with_columns(series.alias(cell) for cell, series in changed.items())
    return frame, replace(header, extra=extra, personal=personal), held


def hide_rejected(
    data: pl.DataFrame, header: Header, table: TableContract, doubtful: Mapping[str, pl.Series]
) -> pl.DataFrame:
    """Return data rows with personal data hidden in cells that will be told: cells under the wrong header, mostly.

    Args:
        data: the data rows.
        header: where the columns stand.
        table: the contract of the table.
        doubtful: column -> the rows in which its cell may be told.
    """
    changed = {}
    for name, cell in header.columns.items():
        mask = doubtful.get(name)
        if mask is None or not mask.any() or name in CODES_OF_PEOPLE:
            continue
        places = mask.arg_true()
        if name in table.key:
            cells = data[cell].gather(places)
            people = {code: text("sources.personal.value") for code in person_cells(clean(cells))}
            hidden = replace_cells(cells, people)[0]
        else:
            hidden = hide_cells(data[cell].gather(places))
        changed[cell] = data[cell].clone().scatter(places, hidden)
    return data.with_columns(series.alias(cell) for cell, series in changed.items())


def _code(series: pl.Series, name: str, title: str, pseudonyms: Pseudonyms, held: list[Held]) -> pl.Series:
    """Return codes of things; where they are people's names or numbers they become pseudonyms, which are as unique."""
    cells = clean(series)
    kind = column_kind(cells)
    if kind in ("name", "identity", "phone", "email"):
        held.append(Held(title, name, _filled(cells), "personal_code", kind))
        return pseudonyms.replace(cells)
    worded = cells.filter(cells.str.contains(r"^[^\d]*$|@").fill_null(False))  # names have no digits, most codes have
    found = [cell for cell in person_cells(worded) if person_kind(cell) in ("name", "email")]
    if not found:
        return series
    whole, count = replace_cells(cells, {cell: pseudonyms.of(cell) for cell in found})
    held.append(Held(title, name, count, "personal_code", person_kind(found[0])))
    return whole


def _free_text(series: pl.Series, column: ColumnContract, title: str, held: list[Held]) -> pl.Series:
    """Return texts without cells that are a person's data as a whole, and with what others have in them masked."""
    cells = clean(series)
    if not column.name.endswith(_NAMES_OF_THINGS) and (found := person_cells(cells)):
        count = int(cells.is_in(found).sum())
        held.append(Held(title, column.name, count, "personal_content", person_kind(found[0])))
        if column.required:
            cells = replace_cells(cells, dict.fromkeys(found, text("sources.personal.value")))[0]
        else:
            cells = cells.set(cells.is_in(found).fill_null(False), None)
        series = cells
    masked, count = mask_texts(series)
    if count:
        held.append(Held(title, column.name, count, "personal_masked"))
    return masked


def _filled(cells: pl.Series) -> int:
    return int(clean(cells).is_not_null().sum())


def _shown(title: str) -> str:
    """Return a header as it may be told: what is no header but a person's data is not repeated."""
    return text("sources.personal.value") if person_kind(title) else mask_text(title)


def _column(table: TableContract, name: str) -> ColumnContract | None:
    try:
        return table.column(name)
    except KeyError:
        return None
