"""The sheet of notes: what the signs mean, what is measured how, what is left out, what is not verified."""

from __future__ import annotations

import polars as pl

from chiso.messages import text
from chiso.reporting import formats, theme
from chiso.reporting.privacy import MINIMUM
from chiso.reporting.report import Column, Table
from chiso.reporting.tables.board import index_of
from chiso.reporting.workbook.material import Material


def notes_table(material: Material, index: str) -> Table:
    """Return signs and rules that hold for every sheet of an index's workbook."""
    m = material
    t = m.timeframe
    own = [i for i in m.catalogue.indicators if index_of(i.component) == index]
    unverified = [i.id for i in own if not i.verified]
    rows: list[tuple[str, str, str]] = [("section", text("workbook.note.section_status"), "")]
    rows += [("", formats.show(s, "status"), text(f"workbook.note.status_{s}")) for s in theme.STATUS]
    rows.append(("section", text("workbook.note.section_signs"), ""))
    withheld = text("workbook.note.withheld", minimum=MINIMUM)
    signs = {
        formats.WITHHELD: withheld,
        formats.MISSING: text("workbook.note.missing"),
        text("workbook.note.sign_points"): text("workbook.note.points"),
        text("workbook.note.sign_share"): text("workbook.note.share"),
    }
    rows += [("", sign, meaning) for sign, meaning in signs.items()]
    rows.append(("section", text("workbook.note.section_rules"), ""))
    shown = ", ".join(unverified) if unverified else formats.MISSING
    rules: dict[str, dict[str, object]] = {
        "window": {"days": formats.days(t.start, t.end), "rule": text(f"worktime.window_{t.rule}")},
        "as_of": {"as_of": formats.day(t.as_of)},
        "formula": {},
        "rounding": {},
        "verified": {"count": len(unverified), "all": len(own), "ids": shown},
        "trace": {},
    }
    for key, values in rules.items():
        rows.append(("", text(f"workbook.note.label_{key}"), text(f"workbook.note.{key}", **values)))
    if m.dataset.body.notice:
        rows.append(("", text("workbook.cover.notice"), m.dataset.body.notice))
    schema = dict.fromkeys(("row_kind", "sign", "meaning"), pl.String)
    columns = (
        Column("sign", text("workbook.note.column_sign"), width=26),
        Column("meaning", text("workbook.note.column_meaning"), width=68),
    )
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return Table("notes", text("workbook.note.title"), columns, frame, row_kind="row_kind")
