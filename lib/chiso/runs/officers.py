"""``chiso officers``: the officers' sheet for internal use, on demand alone; no report and no index knows of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
from openpyxl import Workbook

from chiso.errors import ChisoError
from chiso.indicators.officers import COUNTS, officers
from chiso.indicators.views import Sources
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
