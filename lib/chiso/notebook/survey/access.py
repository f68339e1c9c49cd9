"""The survey's figures that may be published, and how a report answers for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from chiso.indicators.survey import FACTORS
from chiso.messages import text
from chiso.notebook.context import Context
from chiso.notebook.ledger import Fresh, Ledger
from chiso.reporting import formats, privacy
from chiso.reporting.html import Prose
from chiso.reporting.report import Column, Note
from chiso.reporting.tables.sipas import line_names, published_rows
from chiso.worktime import Period

CODES = (*FACTORS.values(), privacy.OVERALL)
#: What tells the rows of a statistics table apart.
LINE = ("unit_code", "level", "code")


def table(context: Context, name: str) -> pl.DataFrame:
    """Return a statistics table of the period without what may not be published (``unit_code`` null: the whole)."""
    frame = context.results.statistics[f"satisfaction_{name}"]
    out = context.hidden(context.period)
    if name in ("scale", "drivers"):  # of the whole department: gone with the first factor that is
        hidden = any((None, code) in out for code in FACTORS.values())
        return frame.clear() if hidden else frame
    rows = published_rows(frame, out)
    if name == "units":  # the other side of a pair is a cell too
        shown = rows.filter(pl.col("other").is_null()).select("code", other="unit_code", shown=True)
        rows = rows.join(shown, on=["code", "other"], how="left", maintain_order="left")
        rows = rows.filter(pl.col("other").is_null() | pl.col("shown")).drop("shown")
    if name == "changes":
        parts = [
            published_rows(part, context.hidden(Period.parse(str(before))))
            for (before,), part in rows.group_by("before", maintain_order=True)
        ]
        rows = pl.concat(parts) if parts else rows
    return rows


def level_of(context: Context) -> str:
    """Return the confidence level as readers write it."""
    return formats.percent(context.catalogue.settings.sipas.confidence, trim=True)


def expect(ledger: Ledger, name: str, rows: pl.DataFrame, keys: Sequence[str], *columns: str) -> None:
    """Enter figures of a statistics table; each must be found again under its keys."""
    for row in rows.iter_rows(named=True):
        for column in columns:
            ledger.expect(f"{name}, {[row[k] for k in keys]}, {column}", row[column], _again(name, row, keys, column))


def _again(name: str, row: dict[str, Any], keys: Sequence[str], column: str) -> Callable[[Fresh], float | None]:
    def find(fresh: Fresh) -> float | None:
        where = pl.all_horizontal(pl.col(k).eq_missing(pl.lit(row[k])) for k in keys)
        found = fresh.results.statistics[f"satisfaction_{name}"].filter(where)
        return found[column][0] if found.height == 1 else None

    return find


def withheld_here() -> Prose:
    """Say that nothing may be shown here."""
    return Prose((text("sipas.withheld_here", minimum=privacy.MINIMUM),), "caveat")


def hidden_note(context: Context) -> tuple[Note, ...]:
    """Return the note that something is left out, where something is."""
    hidden = any(code in CODES for _, code in context.hidden(context.period))
    return (Note(text("sipas.withheld", minimum=privacy.MINIMUM), "caveat"),) if hidden else ()


def with_names(context: Context, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the ``name`` of their code, as readers know it."""
    names = line_names(context.catalogue, rows["code"].unique().to_list(), context.item_texts)
    return rows.with_columns(name=pl.col("code").replace(names))


def figure_columns(first: Column, context: Context) -> tuple[Column, ...]:
    """Return the columns of a share: respondents, share, the same without weights where there are any, interval."""
    weighted = context.results.weighting != "none"
    return (
        first,
        Column("n", text("sipas.respondents"), "integer"),
        Column("share", text("sipas.share"), "percent"),
        *([Column("share_unweighted", text("sipas.unweighted"), "percent")] if weighted else []),
        Column("ci_low", text("sipas.low"), "percent"),
        Column("ci_high", text("sipas.high"), "percent"),
    )
