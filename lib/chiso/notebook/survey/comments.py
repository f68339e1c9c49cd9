"""Comments: how many, about what; never what they say."""

from __future__ import annotations

import polars as pl

from chiso.messages import text
from chiso.notebook.context import Context
from chiso.reporting import privacy
from chiso.reporting.report import Column, Note, Table


def comments(context: Context) -> Table:
    """Return how many responses carry a comment, by unit; never what it says."""
    out = {unit for unit, code in context.hidden(context.period) if code == "comment"}
    counts = context.comments
    rows = [
        (
            context.unit_names.get(unit, unit) if unit else text("sipas.whole"),
            None if unit in out else n,
            "withheld" if unit in out else None,
            "" if unit else "total",
        )
        for unit, n in [*sorted((u, n) for u, n in counts.items() if u), (None, sum(counts.values()))]
        if context.unit in (None, unit) or unit is None
    ]
    schema = {"unit": pl.String, "n": pl.Int64, "format": pl.String, "row_kind": pl.String}
    columns = (
        Column("unit", text("notebook.column.unit")),
        Column("n", text("sipas.comments_count"), "integer", "format"),
    )
    notes = [Note(text("sipas.comments_note"))]
    if out:
        notes.append(Note(text("sipas.withheld", minimum=privacy.MINIMUM), "caveat"))
    frame = pl.DataFrame(rows if counts else [], schema=schema, orient="row")
    empty = text("sipas.comments_none")
    return Table("comments", text("sipas.comments"), columns, frame, tuple(notes), row_kind="row_kind", empty=empty)
