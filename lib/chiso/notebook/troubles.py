"""What is wrong with the data as a whole, worst first: files without data, rows gone, totals, late sources."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from chiso.messages import text
from chiso.notebook.context import Context
from chiso.reporting import formats, tables

#: Rules of findings that mean a file gave no data, by what is said of it.
_WITHOUT_DATA = {"unreadable": ("unreadable",), "without_table": ("empty_file", "no_header", "no_table")}
#: Names told before the others are counted.
_NAMED = 8


def troubles(context: Context, late_after: int) -> Iterator[str]:
    """Yield a sentence for each kind of trouble there is, with counts and names of files; nothing where none is.

    Args:
        context: the import and its figures; the as-of day counts for late sources.
        late_after: days after which a source is late.
    """
    dataset = context.dataset
    found = dataset.findings
    for key, rules in _WITHOUT_DATA.items():
        yield from _told(key, found.filter(pl.col("rule").is_in(rules))["file"])
    vanished = dataset.differences.filter(pl.col("rule") == "vanished")
    yield from _told("vanished", vanished["file"], rows=formats.number(vanished.height))
    totals = found.filter(pl.col("rule") == "total_differs")
    yield from _told("totals", totals["file"])
    late = tables.late_table(dataset, context.results.recency, context.timeframe, late_after).frame.filter("late")
    yield from _told("late", late["table"], days=late_after)


def _told(key: str, names: pl.Series, **values: object) -> Iterator[str]:
    listed = names.drop_nulls().unique().sort().to_list()
    if not listed:
        return
    shown = ", ".join(listed[:_NAMED])
    if len(listed) > _NAMED:
        shown = text("notebook.quality.and_more", names=shown, count=len(listed) - _NAMED)
    yield text(f"notebook.quality.trouble_{key}", count=formats.number(len(listed)), names=shown, **values)
