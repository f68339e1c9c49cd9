"""The data-quality report: what became of every row, what was rejected and why, what is not filled in."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Literal

import polars as pl

from chiso.messages import text
from chiso.notebook import account
from chiso.notebook.charts import stacked
from chiso.notebook.context import Context, open_context
from chiso.notebook.ledger import Reconciled, ReconcileError
from chiso.notebook.troubles import troubles
from chiso.notebook.trust import Level, Trust, costs_table, trust
from chiso.reporting import formats, tables, theme
from chiso.reporting.charts import Chart, compare_units
from chiso.reporting.html import Block, KeyFigure, KeyFigures, Prose, Style
from chiso.reporting.parts import Callout
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables import account_table, cells_table, findings_table, publishable
from chiso.sources import load_contract

FATES = ("accepted", "merged", "superseded", "rejected", "layout")
EXAMPLES = 3
ROWS = 15
_KINDS: dict[Level, Literal["info", "caveat", "problem"]] = {
    "good": "info",
    "caution": "caveat",
    "partial": "problem",
    "before": "problem",
    "none": "problem",
}


class DataQuality:
    """The account of an import."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.dataset = context.dataset

    def header(self) -> Block:
        """Whose data it is and how it was read."""
        return account.header(self.context, text("notebook.quality.title"))

    def verdict(self) -> Block:
        """Whether the data can be trusted, in a sentence, what to mend first, and the counts it rests on."""
        found, files = self.trust, self.dataset.files
        told = tuple(part for part in (found.sentence, found.first) if part)
        lost, tables_of_contract = len(self.context.uncomputed), load_contract()
        there = sum(bool(self.dataset.accepted(name)) for name in tables_of_contract)
        sums = {"read": found.read, "accepted": int(files["accepted"].sum()), "rejected": found.rejected}
        figures = [
            KeyFigure(text(f"trust.{key}"), formats.number(value), data_value=value) for key, value in sums.items()
        ]
        figures[-1] = replace(figures[-1], detail=text("trust.of_read", share=formats.percent(found.share)))
        figures.append(
            KeyFigure(
                text("trust.tables"),
                formats.number(there),
                detail=text("trust.of_tables", count=len(tables_of_contract)),
                data_value=there,
            )
        )
        figures.append(
            KeyFigure(
                text("trust.uncomputed"),
                formats.number(lost),
                detail=text("trust.of_indicators", count=len(self.context.catalogue.indicators)),
                data_value=lost,
            )
        )
        parts = (Callout(told, _KINDS[found.level], text("trust.question")), KeyFigures(tuple(figures)))
        return Block(parts if self.context.folder else (Style(), *parts))

    @cached_property
    def trust(self) -> Trust:
        """The faults of the data, and what they come to."""
        return trust(self.context)

    def costs(self) -> Table:
        """Each fault with its table, the indicators it costs and what to do, the costliest first."""
        return costs_table(self.trust)

    def key_results(self) -> Prose:
        """How many rows were read and what became of them, what is wrong with files, and what is missing altogether."""
        sums = self.dataset.files.select(pl.col("read", *FATES).sum()).row(0, named=True)
        data_rows = sums["read"] - sums["layout"]
        share = sums["rejected"] / data_rows if data_rows else None
        counts = {key: formats.number(value) for key, value in sums.items()}
        counts |= {"files": formats.number(self.dataset.files["file"].n_unique()), "share": formats.percent(share)}
        paragraphs = [text("notebook.quality.lead", **counts)]
        late_after = self.context.catalogue.settings.quality.late_after_days
        paragraphs += troubles(self.context, late_after)
        absent = [c.label for name, c in load_contract().items() if not self.dataset.accepted(name)]
        key = "missing" if absent else "complete"
        paragraphs.append(text(f"notebook.quality.{key}", count=len(absent), tables=", ".join(absent)))
        gaps = self.recording_gaps().frame
        if gaps.height:
            names = ", ".join(f"{row['column']} ({row['table']})" for row in gaps.unique("column").to_dicts())
            paragraphs.append(text("notebook.quality.gap_lead", count=gaps["column"].n_unique(), columns=names))
        if (corrected := self.dataset.corrections).height:
            rows = pl.struct("table", "file", "sheet", "row").n_unique()
            told = {
                "count": corrected.select(rows).item(),
                "accepted": corrected.filter("accepted").select(rows).item(),
            }
            paragraphs.append(text("notebook.quality.corrected_lead", **told))
        return Prose(tuple(paragraphs))

    def row_account(self) -> Table:
        """What became of the rows of each file and sheet, with the totals."""
        return account_table(self.dataset)

    def rejected_chart(self) -> Chart:
        """Draw the rows of each table as accepted, replaced or merged, and rejected."""
        rows = self.dataset.files.group_by("table").agg(pl.col(*FATES).sum())
        rows = rows.with_columns(replaced=pl.col("merged") + pl.col("superseded"))
        rows = rows.sort(
            pl.col("rejected") / pl.sum_horizontal("accepted", "replaced", "rejected"),
            "table",
            descending=[True, False],
        )
        names = {name: c.label for name, c in load_contract().items()}
        rows = rows.with_columns(name=pl.col("table").replace(names))
        rejected = rows.filter(pl.col("rejected") > 0)
        key = "chart" if rejected.height else "chart_none"
        worst = rejected.row(0, named=True)["name"] if rejected.height else ""
        title = text(f"notebook.quality.{key}", count=rows["rejected"].sum(), worst=worst)
        labels = [text(f"notebook.quality.label_{p}") for p in ("accepted", "replaced", "rejected")]
        colours = (theme.PUNCTUALITY[1], theme.PUNCTUALITY[3], theme.PUNCTUALITY[2])
        return stacked(rows, ("accepted", "replaced", "rejected"), labels, colours, title=title)

    def rejects_by_rule(self) -> Table:
        """Rejected rows by table and reason, with examples of the value and what to do."""
        rejects = publishable(self.dataset.rejects)
        shown = pl.col("value").drop_nulls().unique(maintain_order=True).head(EXAMPLES).str.join("; ")
        rows = rejects.group_by("table", "column", "rule", "reason", "remedy").agg(
            rows=pl.struct("file", "sheet", "row").n_unique().cast(pl.Int64), examples=shown
        )
        rows = rows.sort("rows", "table", "column", "reason", descending=[True, False, False, False], nulls_last=True)
        columns = (
            Column("table", text("notebook.quality.table")),
            Column("reason", text("notebook.quality.reason")),
            Column("rows", text("notebook.exclusions.rows"), "integer"),
            Column("examples", text("notebook.quality.examples")),
            Column("remedy", text("notebook.quality.remedy")),
        )
        return Table(
            "rejects-by-rule",
            text("notebook.quality.by_rule"),
            columns,
            _labelled(rows),
            notes=(Note(text("notebook.quality.by_rule_note")),),
            empty=text("notebook.quality.no_rejects"),
        )

    def rejects(self, table: str | None = None, limit: int | None = ROWS) -> Table:
        """The rejected rows themselves: file, sheet, row number, column, value, reason.

        Args:
            table: name of one table; default: all.
            limit: rows shown; None for all.
        """
        rows = publishable(self.dataset.rejects)
        rows = rows if table is None else rows.filter(pl.col("table") == table)
        columns = (
            Column("file", text("notebook.quality.file")),
            Column("sheet", text("notebook.quality.sheet"), missing=""),
            Column("row", text("notebook.quality.row"), align="right"),  # a name of the row, not a number of rows
            Column("header", text("notebook.quality.column")),
            Column("value", text("notebook.quality.value")),
            Column("reason", text("notebook.quality.reason")),
            Column("remedy", text("notebook.quality.remedy")),
        )
        shown = rows if limit is None else rows.head(limit)
        result = Table(
            "rejects", text("notebook.quality.rejects"), columns, shown, empty=text("notebook.quality.no_rejects")
        )
        if shown.height < rows.height:
            return result.with_notes(
                text("notebook.list.shortened", shown=shown.height, all=formats.number(rows.height))
            )
        return result

    def rejects_by_unit(self) -> Table:
        """Accepted and rejected rows of each unit, as far as the row tells its unit."""
        return tables.source_units_table(self.dataset, self.context.unit_names)

    def corrections(self) -> Table:
        """Rejected rows that were corrected and handed back."""
        return tables.corrections_table(self.dataset)

    def trend_chart(self) -> Chart:
        """Draw by how much the rows of each table have changed since the period before."""
        frame = tables.trend_frame(self.dataset, self.context.timeframe).filter(pl.col("change").is_not_null())
        names = {name: c.label for name, c in load_contract().items()}
        frame = frame.select(unit=pl.col("table").replace(names), value="change", n="now", d="before")
        previous = self.context.period.previous().label
        most = frame.sort(pl.col("value").abs(), "unit", descending=[True, False]).head(1).to_dicts()
        title = text("notebook.quality.trend_chart_none", period=previous)
        if most:
            value = most[0]["value"]
            way = text(f"notebook.quality.trend_{'up' if value >= 0 else 'down'}")
            told = {"table": most[0]["unit"], "way": way, "change": formats.percent(abs(value)), "period": previous}
            title = text("notebook.quality.trend_chart", **told)
        return compare_units(frame, title=title)

    def trend(self) -> Table:
        """Rows of each table in the period and the one before, with the share rejected."""
        return tables.trend_table(self.dataset, self.context.timeframe)

    def late_sources(self) -> Table:
        """The newest row and export of each table against the as-of day."""
        threshold = self.context.catalogue.settings.quality.late_after_days
        return tables.late_table(self.dataset, self.context.results.recency, self.context.timeframe, threshold)

    def recording_gaps(self) -> Table:
        """Columns that were filled month after month and are blank since, though rows keep coming."""
        return tables.gaps_table(self.context.results.recording, self.context.unit_names)

    def differences(self) -> Table:
        """What does not agree across tables, files and exports: listed, never changed."""
        return tables.differences_table(self.dataset)

    def cells(self) -> Table:
        """Single cells that were dropped or counted: survey answers that are none, don't-know, personal data."""
        return cells_table(self.dataset)

    def unfilled(self) -> Table:
        """Columns that no file has, and columns that are there but blank in every row, or in many."""
        found = []
        for name, contract in load_contract().items():
            frame = self.dataset.scan(name)
            if frame is None:
                continue
            blanks = frame.null_count().collect().row(0, named=True)
            rows = self.dataset.accepted(name)
            for column in contract.columns:
                absent = column.name not in self.dataset.columns(name)
                if absent or blanks[column.name] == rows:
                    state = text(f"notebook.quality.{'absent' if absent else 'blank'}")
                    found.append({"table": name, "column": column.label, "state": state, "rows": rows})
        schema = {"table": pl.String, "column": pl.String, "state": pl.String, "rows": pl.Int64}
        columns = (
            Column("table", text("notebook.quality.table")),
            Column("column", text("notebook.quality.column")),
            Column("state", text("notebook.column.state")),
            Column("rows", text("notebook.quality.accepted"), "integer"),
        )
        return Table(
            "unfilled",
            text("notebook.quality.unfilled"),
            columns,
            _labelled(pl.DataFrame(found, schema=schema)),
            empty=text("notebook.quality.all_filled"),
        )

    def not_recorded(self) -> Table:
        """Blanks and missing dates that touch an indicator of the period, with the rows concerned."""
        notes = self.context.results.notes.filter(pl.col("severity") == "info")
        rows = notes.group_by("message", "rows", maintain_order=True).agg(pl.col("indicator").str.join(", "))
        columns = (
            Column("message", text("notebook.quality.what")),
            Column("rows", text("notebook.exclusions.rows"), "integer"),
            Column("indicator", text("notebook.quality.touches")),
        )
        frame = rows.sort("rows", "message", descending=[True, False], nulls_last=True)
        return Table(
            "not-recorded",
            text("notebook.quality.not_recorded"),
            columns,
            frame,
            empty=text("notebook.exclusions.none"),
        )

    def findings(self) -> Table:
        """What is to be told about whole files and tables: missing ones, skipped rules, columns not read."""
        return findings_table(self.dataset, self.context.results.notes.clear())

    def uncomputed(self) -> Table:
        """Indicators without data because a table or column is missing, or that failed."""
        notes = self.context.results.notes.filter(pl.col("severity") != "info")
        rows = notes.group_by("message", maintain_order=True).agg(
            pl.col("indicator").str.join(", "), n=pl.len().cast(pl.Int64)
        )
        columns = (
            Column("message", text("notebook.exclusions.why")),
            Column("n", text("notebook.quality.indicators"), "integer"),
            Column("indicator", text("notebook.quality.touches")),
        )
        return Table(
            "uncomputed",
            text("notebook.quality.uncomputed"),
            columns,
            rows,
            empty=text("notebook.quality.all_computed"),
        )

    def reconcile(self) -> Prose:
        """Check that no row was lost: what was read is what was accepted, merged, superseded, rejected or layout.

        Raises:
            ReconcileError: names the file, or the table whose accepted rows are not those on disk.
        """
        files, gaps = self.dataset.files, []
        for row in files.filter(pl.col("read") != pl.sum_horizontal(FATES)).iter_rows(named=True):
            gaps.append(text("notebook.quality.lost", file=row["file"], sheet=row["sheet"] or ""))
        for (table,), group in files.group_by("table", maintain_order=True):
            frame = self.dataset.scan(str(table))
            stored = 0 if frame is None else frame.select(pl.len()).collect().item()
            if group["accepted"].sum() != stored:
                gaps.append(text("notebook.quality.stored", table=table, told=group["accepted"].sum(), stored=stored))
        rejected = self.dataset.rejects.select(pl.struct("table", "file", "sheet", "row").n_unique()).item()
        if rejected != files["rejected"].sum():
            gaps.append(text("notebook.quality.reasons", told=files["rejected"].sum(), reasons=rejected))
        if gaps:
            raise ReconcileError(
                text("notebook.reconcile.gap", count=len(gaps), gaps="\n".join(f"- {g}" for g in gaps))
            )
        return Reconciled(
            (text("notebook.quality.agrees", count=formats.number(int(files["read"].sum())), files=files.height),),
            "note",
            reads=tuple(sorted(self.context.reads)),
        )


def _labelled(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col("table").replace({name: c.label for name, c in load_contract().items()}))


def open_data_quality(
    *,
    period: str = "",
    unit: str = "",
    data: str = "",
    out: str = "",
    as_of: str = "",
    window: str = "",
    lang: str = "",
) -> DataQuality:
    """Open the data-quality report; parameters as for :func:`chiso.notebook.open_report`. It is always about all units.

    Raises:
        ChisoError: a parameter that names nothing; the message says what to do.
    """
    return DataQuality(
        open_context(period=period, unit=unit, data=data, out=out, as_of=as_of, window=window, lang=lang)
    )
