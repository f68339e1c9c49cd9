"""What a sheet's own total and section rows say, held against the sums of the rows that were read."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from chiso.messages import locales, text
from chiso.sources.account import Account, Finding, Severity
from chiso.sources.contract import ColumnContract
from chiso.sources.files import TableFile
from chiso.sources.layout.header import Header
from chiso.sources.layout.rows import Layout
from chiso.sources.layout.shaping import VALUE
from chiso.sources.parse import Convention, clean, parse
from chiso.sources.privacy.personal import hide_cells
from chiso.sources.readers import ROW, Sheet

#: Differences told one by one; the others are counted.
TOLD = 20
#: Decimal places beyond which a written number is taken for a calculated one.
_PLACES = 6


@dataclass(frozen=True)
class Difference:
    """A total that is not the sum of its rows."""

    row: int
    label: str
    column: str
    told: float
    computed: float


def tell_layout(sheet: Sheet, layout: Layout, header: Header, file: TableFile, account: Account) -> None:
    """Tell which kinds of rows a sheet has beside its data, and which headers might have been a column's."""
    kinds = {kind: count for kind, count in layout.counts.items() if kind not in ("title", "blank")}
    if kinds:
        named = ", ".join(text(f"sources.layout.{kind}", count=count) for kind, count in layout.counts.items())
        _tell(account, "info", file, "layout", sheet=sheet.name or file.name, kinds=named, count=layout.total)
    for name, titles in header.doubtful:
        label = file.table.column(name).label if not name.startswith("=") else name[1:]
        _tell(
            account,
            "warning",
            file,
            "doubtful_header",
            sheet=sheet.name or file.name,
            label=label,
            titles="; ".join(titles),
        )


def tell_totals(
    layout: Layout,
    header: Header,
    file: TableFile,
    convention: Convention,
    data: pl.DataFrame,
    values: pl.DataFrame,
    kept: pl.Series,
    sheet: str | None,
    account: Account,
    hidden: Collection[int] = (),
) -> None:
    """Compare the figures of total and section rows with the sums of the rows kept, and tell what does not agree.

    Args:
        layout: the layout rows of the sheet.
        header: where its columns stand.
        file: the file and its mapping.
        convention: how it writes numbers.
        data: the data rows, with their row numbers.
        values: their typed values.
        kept: which of them break no rule.
        sheet: name of the sheet.
        account: takes the findings.
        hidden: numbers of the hidden rows; such a row is told once, whatever of it does not agree.
    """
    marked = layout.rows.filter(pl.col("_kind").is_in(["section", "total"])) if layout.rows.height else layout.rows
    columns = [c for c in file.table.columns if _is_summed(c, header)]
    if not marked.height or not columns or VALUE in data.columns:
        return
    matched, differences = 0, []
    spans = _Spans(data.filter(kept)[ROW], marked)
    for column in columns:
        cells = marked[header.columns[column.name]]
        factor = file.mapping.multiply.get(column.name, 1)
        figures = parse(clean(cells), column.model_copy(update={"type": "float"}), convention) * factor
        rows = values[column.name].filter(kept).cast(pl.Float64)
        near = _tolerance(file.mapping.tolerance, data[header.columns[column.name]].filter(kept), column, factor)
        sums = _Sums(rows)
        for place, told in enumerate(figures):
            computed = [(sums.of(a, b), b - a) for a, b in spans.of(place) if b > a] if told is not None else []
            if told is None or not computed:
                continue
            if any(abs(told - total) <= near(n, told) for total, n in computed):
                matched += 1
            else:
                label = spans.labels[place]
                title = header.titles.get(column.name, column.label)
                differences.append(Difference(spans.rows[place], label, title, told, computed[0][0]))
    name = sheet or file.name
    if matched:
        _tell(account, "info", file, "totals_agree", sheet=name, count=matched)
    differences.sort(key=lambda d: (d.row, d.column))
    unseen = [one for one in differences if one.row in hidden]
    for row, label in dict.fromkeys((one.row, one.label) for one in unseen):
        count = sum(one.row == row for one in unseen)
        _tell(account, "warning", file, "total_hidden", sheet=name, row=row, label=label, count=count)
    differences = [one for one in differences if one.row not in hidden]
    for one in differences[:TOLD]:
        _tell(
            account, "warning", file, "total_differs", sheet=name, row=one.row, label=one.label, column=one.column,
            told=_number(one.told), computed=_number(one.computed), difference=_number(one.told - one.computed),
        )  # fmt: skip
    if (rest := len(differences) - TOLD) > 0:
        _tell(account, "warning", file, "totals_differ_more", sheet=name, count=rest)


class _Spans:
    """The rows that a total or section row may add up, as places among the data rows, the likeliest first."""

    def __init__(self, rows: pl.Series, marked: pl.DataFrame) -> None:
        numbers = marked[ROW].to_list()
        self.rows: Sequence[int] = numbers
        self.kinds: Sequence[str] = marked["_kind"].to_list()
        cells = [c for c in marked.columns if c not in (ROW, "_kind") and marked.schema[c] == pl.String]
        shown = marked.select(hide_cells(clean(marked[name])).alias(name) for name in cells)
        self.labels = [" ".join(" ".join(c for c in row if c and not _is_figure(c)).split()) for row in shown.rows()]
        self.styles = [_style(row) for row in marked.select(cells).rows()]
        self.places = np.searchsorted(rows.to_numpy(), np.asarray(numbers), side="left").tolist()
        self.end = len(rows)

    def of(self, i: int) -> Iterator[tuple[int, int]]:
        """Yield spans of data rows: of its section, of all, of those up to the row above, of sections within it."""
        here, n = self.places[i], len(self.places)
        following = self.places[i + 1] if i + 1 < n else self.end
        before = self.places[i - 1] if i else 0
        same_below = next((self.places[j] for j in range(i + 1, n) if self._ends(i, j)), self.end)
        same_above = next((self.places[j] for j in range(i - 1, -1, -1) if self._ends(i, j)), 0)
        whole = (0, self.end)
        below, above = [(here, following), (here, same_below)], [(before, here), (same_above, here)]
        order = [whole, *above, *below] if self.kinds[i] == "total" else [*below, *above, whole]
        yield from dict.fromkeys(order)

    def _ends(self, i: int, j: int) -> bool:
        return self.kinds[j] == self.kinds[i] and self.styles[j] == self.styles[i]


class _Sums:
    """Sums of stretches of rows, exact whatever their order."""

    def __init__(self, rows: pl.Series) -> None:
        self.rows = rows.fill_null(0.0).to_list()

    def of(self, first: int, end: int) -> float:
        return math.fsum(self.rows[first:end])


def _is_summed(column: ColumnContract, header: Header) -> bool:
    return column.type in ("int", "float") and column.additive and not column.answer and column.name in header.columns


def _tolerance(declared: float | None, cells: pl.Series, column: ColumnContract, factor: float) -> _Near:
    """Return how far a total may lie from the sum of n rows: what the mapping declares, else what rounding explains.

    Whole numbers add up exactly. Numbers written with d decimals are each off by half a unit of the last place.
    """
    if declared is not None:
        return _Near(declared, 0.0)
    places = cells.str.extract(r"[.,](\d+)\s*$").str.len_chars().max() if cells.dtype == pl.String else None
    if column.type == "int" or not isinstance(places, int):
        return _Near(0.0, 0.0)
    return _Near(0.0, 0.5 * 10.0 ** -min(places, _PLACES) * abs(factor))


@dataclass(frozen=True)
class _Near:
    fixed: float
    each: float

    def __call__(self, rows: int, told: float) -> float:
        return max(self.fixed, self.each * (rows + 1), 1e-9 * abs(told))


def _style(row: Sequence[str | None]) -> str:
    """Return how a section is numbered: Roman numeral, letter, or not at all."""
    first = next((cell.strip().rstrip(".)") for cell in row if cell and cell.strip()), "")
    if first and set(first.upper()) <= set("IVXLC"):
        return "roman"
    return "letter" if len(first) == 1 and first.isalpha() else "none"


def _is_figure(cell: str) -> bool:
    """Return whether a cell says nothing in words: a number, or an error value such as #REF!."""
    return cell.startswith("#") or bool(cell.strip()) and all(c in "0123456789.,%()+-eE " or c.isspace() for c in cell)


def _number(value: float) -> str:
    """Return a number as a person here writes it: ``1.234.567,8``."""
    return locales.number(f"{value:,.4f}".rstrip("0").rstrip("."))


def _tell(account: Account, severity: Severity, file: TableFile, rule: str, **values: object) -> None:
    message = text(f"sources.finding.{rule}", **values)
    account.findings.append(Finding(severity, file.table.name, file.name, rule, message))
