"""Cases: overdue, late, by channel, by procedure, the balance of form II.06."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import polars as pl

from chiso.indicators.case_balance import COUNTS
from chiso.indicators.measure import in_period
from chiso.messages import text
from chiso.notebook.charts import stacked
from chiso.notebook.context import Context, known
from chiso.notebook.ledger import Fresh, Ledger
from chiso.notebook.lists.listing import listing, missing, with_total
from chiso.reporting import theme
from chiso.reporting.charts import Chart
from chiso.reporting.report import Column, Table
from chiso.reporting.tables import case_balance_table, overdue_cases_table

By = Literal["unit_code", "field"]
_LISTED = ("case_id", "procedure_name", "unit_code", "received_at", "due_at")


def _cases(context: Context, *indicators: str) -> pl.DataFrame | None:
    frame = context.view("cases_with_procedure", *indicators)
    procedures = context.dataset.scan("procedures")
    if frame is None or procedures is None:
        return None
    names = procedures.select("procedure_code", "procedure_name").collect()
    return frame.join(names, on="procedure_code", how="left", maintain_order="left")


def overdue(context: Context, ledger: Ledger, limit: int | None) -> Table:
    """Return the cases overdue and open on the as-of day, longest first."""
    table = overdue_cases_table(context.sources, context.unit, limit)
    if "B.III.8b" in context.uncomputed:
        return missing("overdue-cases", text("notebook.cases.overdue"), "cases")
    if limit is None or table.frame.height < limit:
        ledger.expect_figure("B.III.8b", table.frame.height)
    return table


def late(context: Context, ledger: Ledger, limit: int | None) -> Table:
    """Return the cases finished late in the period, longest first."""
    title, cases = text("notebook.cases.late"), _cases(context, "A.IV.1a")
    if cases is None:
        return missing("cases-late", title, "cases")
    rows = cases.filter(in_period("finished_at", context.timeframe) & (pl.col("finished_at") > pl.col("due_at")))
    rows = rows.with_columns(late_days=(pl.col("finished_at") - pl.col("due_at")).dt.total_days())
    _expect(context, ledger, title.format(count=rows.height), rows.height, "late")
    return _case_list(context, rows, (*_LISTED, "finished_at", "apology_forms"), "cases-late", title, limit)


def _case_list(
    context: Context, rows: pl.DataFrame, names: tuple[str, ...], id: str, title: str, limit: int | None
) -> Table:
    rows = rows.sort("late_days", "case_id", descending=[True, False])
    label = Column("late_days", text("notebook.column.late_days"), "integer")
    name = Column("procedure_name", text("notebook.column.procedure"))
    table = listing(
        context,
        "cases",
        rows,
        [n for n in names if n != "procedure_name"],
        id=id,
        title=title,
        more=(name, label),
        limit=limit,
        empty=text("notebook.list.none"),
    )
    first, *others = (column for column in table.columns if column != name)
    return replace(table, columns=(first, name, *others))


def _named(context: Context, by: str) -> pl.Expr:
    """Return units by their names, fields as they are: one may be called like a unit's code."""
    return pl.col(by).replace(context.unit_names) if by == "unit_code" else pl.col(by)


def _expected(unit: str | None, column: str, field: str | None = None) -> Callable[[Fresh], float | None]:
    """Return how to find a count of the case balance; null is the margin."""

    def find(fresh: Fresh) -> float | None:
        where = pl.col("unit_code").eq_missing(pl.lit(unit)) & pl.col("field").eq_missing(pl.lit(field))
        found = fresh.results.case_balance.filter(where)
        return found[column][0] if found.height else 0

    return find


def _expect(context: Context, ledger: Ledger, label: str, value: int, column: str) -> None:
    """Let a count agree with the case balance, unless that could not be drawn up."""
    if context.results.case_balance.height:
        ledger.expect(label, value, _expected(context.unit, column))


def balance(context: Context, ledger: Ledger, by: By) -> Table:
    """Return the case balance in the columns of form II.06, by field or unit, with its total."""
    table = case_balance_table(context.results.case_balance, context.unit, by=by, units=context.unit_names)
    if context.results.case_balance.height:
        codes = {name: code for code, name in context.unit_names.items()}
        for row in table.frame.iter_rows(named=True):
            unit, field = (context.unit, row["field"]) if by == "field" else (codes.get(row["unit_code"]), None)
            if row["row_kind"] == "total":
                unit, field = context.unit, None
            for column in COUNTS:
                ledger.expect(f"{table.title}, {row[by]}, {column}", row[column], _expected(unit, column, field))
    return table


def punctuality(context: Context, ledger: Ledger, by: By) -> Chart:
    """Draw finished cases as early, on time, late and without due date, by unit or field."""
    parts = ("early", "on_time", "late", "finished_no_due")
    table, other = context.results.case_balance, "unit_code" if by == "field" else "field"
    own = pl.col(other) == context.unit if context.unit and by == "field" else pl.col(other).is_null()
    rows = table.filter(own & pl.col(by).is_not_null() & (pl.col("finished") > 0))
    for row in rows.iter_rows(named=True):
        unit, field = (context.unit, row["field"]) if by == "field" else (row["unit_code"], None)
        for column in parts:
            ledger.expect(f"{row[by]}, {column}", row[column], _expected(unit, column, field))
    late_share = pl.col("late") / pl.col("finished")
    rows = rows.sort(late_share, by, descending=[True, False]).with_columns(name=_named(context, by))
    total, worst = rows["late"].sum(), rows.row(0, named=True) if rows.height else None
    if worst is None:
        title = text("notebook.cases.punctuality_none")
    elif not total:
        title = text("notebook.cases.punctuality_all")
    else:
        title = text(
            "notebook.cases.punctuality",
            late=total,
            finished=rows["finished"].sum(),
            worst=worst["name"],
            worst_late=worst["late"],
            worst_finished=worst["finished"],
        )
    labels = [text(f"notebook.balance.{p}") for p in parts]
    return stacked(rows, parts, labels, theme.PUNCTUALITY, title=title)


def channels(context: Context, ledger: Ledger, by: By) -> Table:
    """Return the cases received in the period by channel, with the share filed without a trip to the counter."""
    title, cases = text(f"notebook.cases.channels_{by}"), _cases(context, "A.I.3")
    if cases is None:
        return missing("channels", title, "cases")
    received = cases.filter(in_period("received_at", context.timeframe))
    kinds = ("online", "postal", "in_person")
    rows = received.group_by(pl.col(by).fill_null("–")).agg(
        *[(pl.col("channel") == k).sum().cast(pl.Int64).alias(k) for k in kinds], received=pl.len().cast(pl.Int64)
    )
    rows = with_total(rows.sort("received", by, descending=[True, False]), by, [*kinds, "received"])
    rows = rows.with_columns(share=(pl.col("online") + pl.col("postal")) / pl.col("received"), name=_named(context, by))
    total = rows.row(-1, named=True)
    ledger.expect_figure("A.I.3", total["received"], "denominator")
    ledger.expect_figure("A.I.3", total["online"] + total["postal"])
    columns = [
        Column("name", text(f"notebook.balance.{by}")),
        Column("received", text("notebook.cases.received"), "integer"),
        *[Column(k, text(f"notebook.cases.{k}"), "integer") for k in kinds],
        Column("share", text("notebook.cases.without_visit"), "percent"),
    ]
    return Table(f"channels-{by.replace('_', '-')}", title, tuple(columns), rows, row_kind="row_kind")


def supplements(context: Context, ledger: Ledger, by: By | Literal["procedure_name"], limit: int | None) -> Table:
    """Return finished cases with those supplemented and refused, most supplemented first."""
    title, cases = text(f"notebook.cases.supplements_{by}"), _cases(context, "A.II.1a")
    if cases is None:
        return missing("supplements", title, "cases")
    finished = cases.filter(in_period("finished_at", context.timeframe))
    rows = finished.group_by(pl.col(by).fill_null("–")).agg(
        pl.len().cast(pl.Int64).alias("finished"),
        *context.counts(
            "cases",
            supplemented=pl.col("supplement_requests") >= 1,
            several=pl.col("supplement_requests") >= 2,
            refused=pl.col("outcome") == "refused",
        ),
    )
    counts = known(rows, ["finished", "supplemented", "several", "refused"])
    ledger.expect_figure("A.II.1a", rows["supplemented"].sum())
    ledger.expect_figure("A.II.1a", rows["finished"].sum(), "denominator")
    if "refused" in counts:
        ledger.expect_figure("A.II.1b", rows["refused"].sum())
    rows = rows.sort("supplemented", "refused", by, descending=[True, True, False])
    all_rows = rows.height
    whole = with_total(rows, by, counts)
    rows = whole if limit is None or all_rows <= limit else pl.concat([whole.head(limit), whole.tail(1)])
    rows = rows.with_columns(
        share=pl.col("supplemented") / pl.col("finished"),
        refused_share=pl.col("refused") / pl.col("finished"),
        name=_named(context, by),
    )
    columns = (
        Column("name", text(f"notebook.balance.{by}")),
        Column("finished", text("notebook.cases.finished"), "integer"),
        Column("supplemented", text("notebook.cases.supplemented"), "integer"),
        Column("share", text("notebook.cases.share"), "percent"),
        Column("several", text("notebook.cases.several"), "integer"),
        Column("refused", text("notebook.cases.refused"), "integer"),
        Column("refused_share", text("notebook.cases.share"), "percent"),
    )
    table = Table(f"supplements-{by.replace('_', '-')}", title, columns, rows, row_kind="row_kind")
    if limit is not None and all_rows > limit:
        return table.with_notes(text("notebook.list.shortened_total", shown=limit, all=all_rows))
    return table


def durations(context: Context, ledger: Ledger, by: By) -> Table:
    """Return days from receipt to the result: median, slowest tenth, days promised, margin to the due date."""
    title, cases = text(f"notebook.cases.durations_{by}"), _cases(context, "A.IV.1a")
    if cases is None:
        return missing("durations", title, "cases")
    finished = cases.filter(in_period("finished_at", context.timeframe)).with_columns(
        days=(pl.col("finished_at") - pl.col("received_at")).dt.total_days(),
        promised=(pl.col("due_at") - pl.col("received_at")).dt.total_days(),
        margin=(pl.col("due_at") - pl.col("finished_at")).dt.total_days(),
    )
    _expect(context, ledger, title, finished.height, "finished")
    measures = (
        pl.len().cast(pl.Int64).alias("finished"),
        pl.col("days").median().alias("median"),
        pl.col("days").quantile(0.9, "higher").alias("slowest"),
        pl.col("promised").median().alias("promised"),
        pl.col("margin").median().alias("margin"),
    )
    rows = finished.group_by(pl.col(by).fill_null("–")).agg(*measures).sort("median", by, descending=[True, False])
    rows = rows.with_columns(_named(context, by), row_kind=pl.lit(""))
    total = finished.select(pl.lit(text("notebook.list.all")).alias(by), *measures, row_kind=pl.lit("total"))
    columns = (
        Column(by, text(f"notebook.balance.{by}")),
        Column("finished", text("notebook.cases.finished"), "integer"),
        Column("median", text("notebook.cases.median"), "number"),
        Column("slowest", text("notebook.cases.slowest"), "number"),
        Column("promised", text("notebook.cases.promised"), "number"),
        Column("margin", text("notebook.cases.margin"), "number"),
    )
    frame = pl.concat([rows, total], how="vertical_relaxed") if rows.height else rows
    return Table(f"durations-{by.replace('_', '-')}", title, columns, frame, row_kind="row_kind")
