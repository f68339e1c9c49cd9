"""Cases: the balance in the layout of form II.06, cases overdue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import polars as pl

from chiso.indicators.case_balance import COUNTS
from chiso.indicators.results import of_unit
from chiso.indicators.views import VIEWS, MissingTable, Sources
from chiso.messages import text
from chiso.reporting import formats
from chiso.reporting.report import Column, HeaderCell, Note, Table
from chiso.reporting.tables.source import in_words, source_columns, unavailable, unit_names

#: Columns 3 to 13 of the form; 1 and 2 are the running number and the field.
FORM = (
    "total",
    "received_online",
    "received_direct",
    "carried_over",
    "finished",
    "early",
    "on_time",
    "late",
    "open",
    "open_in_time",
    "open_overdue",
)


def case_balance_table(
    case_balance: pl.DataFrame,
    unit: str | None = None,
    *,
    by: Literal["field", "unit_code"] = "field",
    units: Mapping[str, str] | None = None,
) -> Table:
    """Return the case balance in the 13 columns and three header rows of form II.06 (Circular 01/2020/TT-VPCP).

    Cases without a due date are in the totals and named in a note: the form has no column for them.

    Args:
        case_balance: result table with its margins.
        unit: code; None for the whole department.
        by: a line a field (as the form has it) or a unit.
        units: unit names by code, for ``by="unit_code"``.
    """
    id, title = f"case-balance-{by.replace('_', '-')}", text(f"tables.balance.title_{by}")
    if case_balance.is_empty():
        return unavailable(id, title, text("tables.balance.missing"))
    own = of_unit(unit)
    if by == "field":
        lines, total = own & pl.col("field").is_not_null(), own & pl.col("field").is_null()
    else:
        each = pl.col("unit_code").is_not_null() if unit is None else own
        lines, total = each & pl.col("field").is_null(), own & pl.col("field").is_null()
    rows = case_balance.filter(lines).sort(by).with_row_index("no", 1)
    names = dict(units or {}) if by == "unit_code" else {}  # a field may be called like a unit's code
    rows = rows.select(pl.col("no").cast(pl.Int64), pl.col(by).replace(names), *COUNTS, row_kind=pl.lit(""))
    # The margin itself, not a sum made here: a unit without a case in the period has none, and zeros.
    margin = case_balance.filter(total).select(COUNTS)
    if margin.is_empty():
        margin = pl.DataFrame(dict.fromkeys(COUNTS, 0), schema=dict.fromkeys(COUNTS, pl.Int64))
    margin = margin.with_columns(pl.lit(text("tables.balance.total_row")).alias(by), row_kind=pl.lit("total"))
    columns = (
        Column("no", text("tables.balance.no"), "integer", align="center", width=6, missing=""),
        Column(by, text(f"tables.balance.{by}"), width=34),
        *[Column(name, text(f"tables.balance.{name}"), "integer", width=10.5) for name in FORM],
    )
    table = Table(
        id,
        title,
        columns,
        pl.concat([rows, margin], how="diagonal"),
        header_rows=_header(by),
        row_kind="row_kind",
        row_header=by,
    )
    finished, open_ = margin["finished_no_due"][0], margin["open_no_due"][0]
    if not finished and not open_:
        return table
    counts = {"finished": formats.number(finished), "open": formats.number(open_)}
    return table.with_notes(Note(text("tables.balance.no_due", **counts), "caveat"))


def _header(by: str) -> tuple[tuple[HeaderCell, ...], ...]:
    def cell(name: str, columns: int = 1, rows: int = 1) -> HeaderCell:
        return HeaderCell(text(f"tables.balance.{name}"), columns, rows)

    first = (
        cell("no", rows=3),
        cell(by, rows=3),
        cell("group_received", columns=4),
        cell("group_finished", columns=4),
        cell("group_open", columns=3),
    )
    second = (
        cell("total", rows=2),
        cell("in_period", columns=2),
        cell("carried_over", rows=2),
        *[cell(name, rows=2) for name in FORM[4:]],
    )
    return first, second, (cell("received_online"), cell("received_direct"))


def overdue_cases_table(sources: Sources, unit: str | None = None, limit: int | None = None) -> Table:
    """Return the cases overdue and open on the as-of day, longest first.

    Args:
        sources: accepted tables as of the as-of day.
        unit: code; None for the whole department.
        limit: most rows; a note tells how many there are.
    """
    day = sources.timeframe.as_of
    try:
        cases = VIEWS["cases"].build(sources)
    except MissingTable:
        title = text("tables.overdue.title", day=formats.day(day), count=formats.MISSING)
        return unavailable("overdue-cases", title, text("tables.overdue.missing"))
    named = ("procedure_code", "procedure_name", "field")
    try:
        procedures = sources.as_of("procedures").select(named)
    except MissingTable:  # the cases are overdue all the same
        procedures = pl.LazyFrame(schema=dict.fromkeys(named, pl.String))
    late = pl.col("finished_at").is_null() & (pl.col("due_at") < day)
    if unit is not None:
        late &= pl.col("unit_code") == unit
    rows = (
        cases.filter(late)
        .join(procedures, on="procedure_code", how="left")
        .with_columns(days=(pl.lit(day) - pl.col("due_at")).dt.total_days())
        .sort("days", "case_id", descending=[True, False])
        .collect()
    )
    shown = rows if limit is None else rows.head(limit)
    own = {
        c.name: c for c in source_columns("cases", ["case_id", "unit_code", "received_at", "due_at", "apology_forms"])
    }
    columns = (
        own["case_id"],
        Column("procedure_name", text("tables.overdue.procedure"), width=44),
        Column("field", text("tables.balance.field"), width=24),
        own["unit_code"],
        own["received_at"],
        own["due_at"],
        Column("days", text("tables.overdue.days"), "integer", width=10),
        own["apology_forms"],
    )
    title = text("tables.overdue.title", day=formats.day(day), count=formats.number(rows.height))
    frame = in_words("cases", shown, unit_names(sources.dataset)).select(c.name for c in columns)
    table = Table("overdue-cases", title, columns, frame, empty=text("tables.overdue.none"))
    if shown.height == rows.height:
        return table
    counts = {"shown": formats.number(shown.height), "all": formats.number(rows.height)}
    return table.with_notes(text("tables.overdue.shortened", **counts))
