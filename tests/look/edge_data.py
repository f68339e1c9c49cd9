"""A made-up department at the edges: what no office has all at once, and each has some day.

Sixty units, among them one with a name of 200 characters; names with markup, quotes, emoji, marks of direction and no
width, formulas; a component without data (B.V) and one with a single case (A.V); shares of 0 and 100 %; more spent
than planned; nothing before the period itself.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl

from chiso.demo import write_demo
from chiso.demo.generate import generate

EDGE_PERIOD = "2024-Q4"
FIRST = date(2024, 9, 15)  # first day of the period
UNITS = 60
SCRIPT = "<script>alert(1)</script>"
IMAGE = "<img src=x onerror=alert(1)>"
LONG = ("Phòng Tổ chức, biên chế, chính quyền địa phương và công tác thanh niên " * 3)[:199] + "g"
NAMES = {
    "VP": LONG,
    "TCBC": f"Phòng {SCRIPT} & \"đồng\" 'nghiệp'",
    "CCVC": "Phòng 🏛️ Công chức ✅ viên chức 👩‍💼",
    "XDCQ": "Phòng \u202etừ phải sang trái\u202c và \u200f\u2067מבחן\u2069",
    "CTTN": "Phòng không\u200bbề\u2060rộng\ufeff",
    "CCHC": '=HYPERLINK("http://example.test";"bấm")',
    "TTR": f"Thanh tra {IMAGE}",
    "TDKT": "TênDàiKhôngDấuCách" * 6,
    "VTLT": "{{ 7 * 7 }} {period} %s ${x} `code` **đậm** [a](javascript:alert(1)) | ô",
    "BTG": "]]></style></script><h1>Tiêu đề giả</h1>",
}
#: The day by which a row belongs to the period.
DAYS = {
    "cases": "received_at",
    "survey_responses": "answered_on",
    "feedback": "received_on",
    "assigned_tasks": "assigned_on",
    "deliverables": "due_on",
    "documents": "registered_on",
    "work_files": "opened_on",
    "budget": "as_of",
    "inspections": "planned_on",
    "initiatives": "applied_on",
}


def write_edge_data(folder: Path) -> None:
    """Write the data folder; whatever a call before has written is replaced."""
    write_demo(folder, cases=1, overwrite=folder.exists())  # for its settings, notice and right to be replaced
    for file in folder.glob("*.csv"):
        file.unlink()
    tables = {name: _since(frame, DAYS.get(name)) for name, frame in generate(seed=6, cases=8000).items()}
    del tables["personnel"], tables["survey_frame"]
    tables["units"] = units = _units(tables["units"])
    codes = units["unit_code"].to_list()
    for name, frame in tables.items():
        if name not in ("units", "procedures") and "unit_code" in frame.columns:
            spread = [codes[i * 7 % UNITS] for i in range(frame.height)]
            tables[name] = frame.with_columns(unit_code=pl.Series(spread, dtype=pl.String))
    tables["feedback"] = tables["feedback"].head(1)
    tables["documents"] = tables["documents"].with_columns(
        pl.when(pl.col(name).is_not_null()).then(pl.lit(False)).alias(name)
        for name in ("digitised", "processed_online", "approved_online", "signed_digitally")
    )
    tables["assigned_tasks"] = tables["assigned_tasks"].with_columns(
        completed_on="assigned_on", result_attached=True, title=_marked("title")
    )
    planned = pl.coalesce("planned_vnd", "allocated_vnd")
    tables["budget"] = tables["budget"].with_columns(spent_vnd=planned * 3 // 2, disbursed_vnd=planned)
    tables["procedures"] = tables["procedures"].with_columns(
        procedure_name=_marked("procedure_name"),
        field=pl.when(pl.col("field") == pl.col("field").first()).then(pl.lit(f"Lĩnh vực {SCRIPT}")).otherwise("field"),
    )
    responses = tables["survey_responses"]
    tables["survey_responses"] = responses.with_columns(
        field=pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.lit(f"Lĩnh vực {SCRIPT}")).otherwise("field"),
        comment=pl.when(pl.int_range(pl.len()) % 9 == 0).then(pl.lit(f'Góp ý {IMAGE} "…"')),
    )
    for name in ("deliverables", "initiatives"):
        tables[name] = tables[name].with_columns(title=_marked("title"))
    for name, frame in tables.items():
        frame.write_csv(folder / f"{name}.csv", datetime_format="%Y-%m-%dT%H:%M:%S")


def _units(units: pl.DataFrame) -> pl.DataFrame:
    kept = units.with_columns(
        unit_name=pl.col("unit_code").replace_strict(NAMES, default=pl.col("unit_name")),
        active_from=pl.lit(None, dtype=pl.Date),
        active_to=pl.lit(None, dtype=pl.Date),
    )
    more = [(f"DV{n:02}", f"Đơn vị sự nghiệp số {n}", "public_service_unit") for n in range(UNITS - kept.height)]
    kind = kept["kind"].to_list()
    rows = [(code, name, kind[-1], None, None) for code, name, _ in more]
    return pl.concat([kept, pl.DataFrame(rows, schema=kept.schema, orient="row")])


def _marked(column: str) -> pl.Expr:
    """Every fourth text carries markup, a formula, emoji or a mark of direction."""
    turn = pl.int_range(pl.len()) % 16
    return (
        pl.when(turn == 0)
        .then(pl.format("{} " + SCRIPT, column))
        .when(turn == 4)
        .then(pl.format('=1+1 & "{}"', column))
        .when(turn == 8)
        .then(pl.format("🚀 {} \u200b\u202e!\u202c", column))
        .when(turn == 12)
        .then(pl.format("{} " + IMAGE, column))
        .otherwise(column)
    )


def _since(frame: pl.DataFrame, day: str | None) -> pl.DataFrame:
    if day is None:
        return frame
    first = datetime(FIRST.year, FIRST.month, FIRST.day) if frame.schema[day] == pl.Datetime else FIRST
    return frame.filter(pl.col(day) >= first)
