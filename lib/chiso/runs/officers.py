"""``chiso officers``: the officers' sheet for internal use, on demand alone; no report and no index knows of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
from openpyxl import Workbook

from chiso.errors import ChisoError
from chiso.indicators.measure import in_period
from chiso.indicators.views import MissingTable, Sources
from chiso.messages import text
from chiso.reporting import excel, formats
from chiso.reporting.report import Column, Note, Table
from chiso.reporting.tables.source import unit_names
from chiso.runs.data import open_dataset
from chiso.runs.files import write_bytes
from chiso.runs.plan import catalogue_for
from chiso.sources import load_contract
from chiso.worktime import Period, Timeframe

FOLDER = Path("outputs") / "noi-bo"
COUNTS = ("handled", "early", "on_time", "late", "overdue", "median", "supplements", "complaints")


def officers_sheet(period: str, data: Path, as_of: date | None = None, out: Path | None = None) -> str:
    """Write the sheet and return what is said.

    Args:
        period: any spelling of a period; usually a month.
        data: folder of exported tables.
        as_of: as-of day within the window.
        out: the workbook; None: beside the reports of no period.

    Raises:
        ChisoError: no cases, or none with an officer's code.
    """
    wanted = Period.parse(period)
    if not data.is_dir():
        raise ChisoError(text("runs.no_data_folder", folder=data))
    dataset = open_dataset(data.absolute())
    catalogue = catalogue_for(dataset.body, wanted.year)
    timeframe = Timeframe(wanted, catalogue.settings.reporting.window, as_of)  # type: ignore[arg-type]
    label = load_contract()["cases"].column("officer_id").label
    if "officer_id" not in dataset.columns("cases"):
        raise ChisoError(text("officers.missing", column=label))
    rows = officers(Sources(dataset, catalogue, timeframe))
    names = unit_names(dataset)
    frame = rows.with_columns(unit=pl.col("unit_code").replace(names))
    how = dict.fromkeys(COUNTS, "integer") | {"median": "number"}
    columns = (
        Column("officer", text("officers.officer"), width=24),
        Column("unit", text("officers.unit"), width=34),
        *(Column(c, text(f"officers.{c}"), how[c], width=13) for c in COUNTS),  # type: ignore[arg-type]
    )
    table = Table("officers", text("officers.title"), columns, frame, (Note(text("officers.note")),))
    scope = text(
        "officers.scope",
        body=dataset.body.name,
        period=timeframe.period.label,
        days=formats.days(timeframe.start, timeframe.as_of),
    )
    workbook = Workbook()
    excel.set_default_font(workbook)
    workbook.remove(workbook.worksheets[0])
    heading = excel.Heading(text("officers.title").upper(), scope=scope, band=text("officers.band"))
    excel.add_sheet(workbook, text("officers.sheet"), heading, table)
    target = out or FOLDER / f"cong-chuc-{wanted}.xlsx"
    write_bytes(target, excel.to_bytes(workbook, timeframe.as_of))
    return text("officers.written", file=target, count=frame.height)


def officers(sources: Sources) -> pl.DataFrame:
    """Return a row an officer and unit, by unit and code: columns officer, unit_code and :data:`COUNTS`.

    Cases finished in the period early, on time and late by their due dates; open ones overdue on the as-of day; median
    days from receipt to the end; requests for supplements to the cases finished; feedback received in the period that
    names one of the officer's cases and is no praise. Officers with nothing of it in the period have no row.
    """
    t = sources.timeframe
    cases = sources.as_of("cases").filter(pl.col("officer_id").is_not_null()).collect()
    done = in_period("finished_at", t).fill_null(False)
    due, end = pl.col("due_at"), pl.col("finished_at")
    open_late = end.is_null() & (due < t.as_of).fill_null(False)
    days = (end - pl.col("received_at")).dt.total_days()
    complained = _complaints(sources)
    marked = cases.join(complained, on="case_id", how="left").with_columns(pl.col("complaints").fill_null(0))
    counted = marked.group_by(officer="officer_id", unit_code="unit_code").agg(
        handled=done.sum(),
        early=(done & (end < due)).sum(),
        on_time=(done & (end == due)).sum(),
        late=(done & (end > due)).sum(),
        overdue=open_late.sum(),
        median=days.filter(done).median(),
        supplements=pl.col("supplement_requests").filter(done).fill_null(0).sum(),
        complaints=pl.col("complaints").sum(),
    )
    some = pl.any_horizontal(pl.col(c) > 0 for c in ("handled", "overdue", "complaints"))
    return counted.filter(some).sort("unit_code", "officer")


def _complaints(sources: Sources) -> pl.DataFrame:
    """Feedback received in the period by the case it names."""
    empty = pl.DataFrame(schema={"case_id": pl.String, "complaints": pl.UInt32})
    try:
        feedback = sources.as_of("feedback")
    except MissingTable:
        return empty
    rows = feedback.filter(
        pl.col("case_id").is_not_null(), pl.col("kind") != "praise", in_period("received_on", sources.timeframe)
    )
    return rows.group_by("case_id").agg(complaints=pl.len()).collect()
