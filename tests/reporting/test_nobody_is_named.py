"""No file a report leaves behind holds a person's code or words: tables, their text in notebooks, rejected rows."""

from __future__ import annotations

import importlib.util
import io
import re
from inspect import isfunction
from pathlib import Path

import polars as pl
import pytest
from openpyxl import Workbook, load_workbook

from chiso.catalogue import load_catalogue
from chiso.indicators import compute
from chiso.notebook import Report
from chiso.notebook.context import Context
from chiso.notebook.overview import Overview
from chiso.notebook.quality import DataQuality
from chiso.reporting import excel, tables
from chiso.reporting.charts.chart import Chart
from chiso.reporting.excel import Heading
from chiso.reporting.html import Block, Facts, KeyFigure, KeyFigures, Prose, Style, table_html
from chiso.reporting.rejected import rejected_workbook
from chiso.reporting.report import Column, Table
from chiso.reporting.tables.source import unit_names
from chiso.reporting.workbook import Material, appendix_workbook
from chiso.sources import ingest
from chiso.sources.rejected.hand_back import label
from chiso.worktime import Period, Timeframe

QUARTER = Path(__file__).parents[1] / "notebook" / "quarter"
MARK = "SECRET"
PEOPLE = pl.DataFrame(
    {"case_id": ["H1", "H2"], "officer_id": ["SECRET-1", None], "staff_id": "SECRET-2", "comment": "SECRET-3"}
)


def words(content: bytes) -> str:
    """Return every text of a workbook."""
    book = load_workbook(io.BytesIO(content))
    return "\n".join(str(c.value) for ws in book for row in ws.iter_rows() for c in row if c.value is not None)


def header_row(ws) -> int:
    return int(ws.print_title_rows.replace("$", "").split(":")[1])


# ------------------------------------------------------------------------------------------------------------ tables


def test_a_table_drops_what_names_people_whatever_frame_it_is_given():
    table = Table("t", "Bảng", (Column("case_id", "Mã"),), PEOPLE)
    book = Workbook()
    excel.add_sheet(book, "t", Heading("Bảng"), table)
    written = io.BytesIO()
    book.save(written)
    assert table.frame.columns == ["case_id"]
    for shown in (repr(table), str(table), table_html(table), table._repr_html_(), words(written.getvalue())):
        assert MARK not in shown
    assert "H1" in words(written.getvalue())


@pytest.mark.parametrize("name", ["officer_id", "staff_id", "comment"])
def test_a_table_refuses_to_show_what_names_people(name):
    with pytest.raises(ValueError, match="must not be published"):
        Table("t", "Bảng", (Column("case_id", "Mã"), Column(name, "Ai")), PEOPLE)


def test_outputs_tell_in_a_notebooks_text_what_they_are_and_no_content():
    table = Table("overdue-cases", MARK, (Column("case_id", "Mã"),), PEOPLE)
    prose = Prose((MARK, MARK))
    assert repr(table) == "Table('overdue-cases', 2 rows)"
    assert repr(prose) == "Prose('lead', 2 paragraphs)"
    assert repr(Block((table, prose))) == "Block(2 parts)"
    assert repr(Facts(((MARK, MARK),))) == "Facts(1 facts)"
    assert repr(KeyFigures((KeyFigure(MARK, MARK),))) == "KeyFigures(1 figures)"
    assert repr(Chart("<svg/>", "Tên", MARK, 1, 1)) == "Chart('Tên')"
    assert repr(Style()) == "Style()"


@pytest.fixture(scope="module")
def quarter(tmp_path_factory):
    return ingest(QUARTER, tmp_path_factory.mktemp("quarter"))


def test_no_part_of_a_quarters_reports_holds_the_code_of_a_person(quarter):
    """Every list, chart and text, as HTML, as a notebook's text, with the frame of each table; and the workbooks."""
    context = Context(quarter, load_catalogue(2024), Timeframe(Period.parse("2024-Q4")))
    spec = importlib.util.spec_from_file_location("calls", QUARTER.parent / "test_lists.py")
    lists = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lists)
    codes = set(lists.officers(context))
    assert len(codes) > 50
    made = []
    for component in context.catalogue.components:
        calls = ["header()", "key_results()", "scorecard()", "exclusions()", "definitions()"]
        made += [
            eval(f"report.{call}", {"report": Report(context, component)})
            for call in [*calls, *lists.CALLS.get(component.id, [])]
        ]
    for part in (Overview(context), DataQuality(context)):
        public = {n: v for n, v in vars(type(part)).items() if not n.startswith("_")}
        names = [n for n, v in public.items() if isfunction(v) and n not in ("reconcile", "factors_by_unit")]
        made += [getattr(part, n)() for n in names]
    told = [shown for part in made for shown in (repr(part), _svg_free(part._repr_html_()))]
    told += [part.frame.write_json() for part in made if isinstance(part, Table)]
    results = compute(quarter, context.catalogue, context.timeframe)
    material = Material(results, quarter, context.catalogue, context.timeframe)
    told += [words(appendix_workbook(material, index)) for index in "AB"]
    told += [words(rejected) for rejected in [rejected_workbook(quarter)] if rejected]
    found = {word for text in told for word in re.findall(r"[A-Za-z0-9_-]+", text)}
    assert found & set(quarter.scan("cases").select("case_id").collect()["case_id"])
    assert not codes & found


def _svg_free(html: str) -> str:
    return re.sub(r"base64,[A-Za-z0-9+/=]*", "", html)


# ----------------------------------------------------------------------------------------------------- rejected rows

UNITS = "unit_code,unit_name,kind\nU1,Phòng,division\nU2,Phòng,division\nU3,Ban,division\n"
REJECTED = {
    "units": UNITS,
    # Both rejected rows lack their reception date: nothing stands in that column. The officer's code is in none.
    "cases": "case_id,procedure_code,unit_code,officer_id,channel,received_at,due_at\n"
    "H1,P1,U1,SECRET,online,,2024-10-10\nH2,P1,U1,SECRET,online,,2024-10-10\n",
    "procedures": "procedure_code,procedure_name,field,unit_code,online_level,has_fee\nP1,Một,Nội vụ,U1,full,true\n",
    # A comma too many: each cell stands one to the right of its header, the officer's in that of a date.
    "feedback": "feedback_id,kind,source,unit_code,received_on,due_on,answered_on\n"
    "F1,praise,direct,U1,2024-10-01,,\nF2,praise,direct,U1,SECRET,2024-10-01,SECRET,2024-10-01\n",
    "personnel": "event_id,kind,unit_code,staff_id,event_on\n"
    "E1,discipline,U1,SECRET,\nE2,discipline,U9,SECRET,2024-10-01\n",
    "budget": "line_id,as_of,budget_year,unit_code,kind,planned_vnd\n"
    "L1,2024-10-01,2024,U1,admin,5\nL1,2024-10-01,2024,U1,admin,6\n",
}


@pytest.fixture(scope="module")
def rejected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rejected")
    (folder / "chiso.toml").write_text('[body]\nname = "Sở"\n', encoding="utf-8")
    for name, content in REJECTED.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return ingest(folder, tmp_path_factory.mktemp("processed"))


def sheet(dataset, file: str) -> list[list[object]]:
    """Return the header and the rows of a sheet of the rejected rows."""
    ws = load_workbook(io.BytesIO(rejected_workbook(dataset)))[file]
    rows = [list(row) for row in ws.iter_rows(values_only=True)]
    return rows[next(i for i, row in enumerate(rows) if row[0] == label("row")) :]


def test_the_cell_to_be_filled_in_is_there(rejected):
    header, *rows = sheet(rejected, "cases.csv")
    assert header[3:] == ["case_id", "procedure_code", "unit_code", "channel", "received_at", "due_at"]
    assert [row[7] for row in rows] == [None, None]


def test_rows_out_of_line_with_their_header_show_their_key_alone(rejected):
    header, row = sheet(rejected, "feedback.csv")
    assert row[0] == 3
    assert row[3:] == ["F2", *[None] * (len(header) - 4)]


def test_values_are_hidden_in_columns_of_people_and_shown_elsewhere():
    schema = dict.fromkeys(("table", "file", "sheet", "column", "value"), pl.String) | {"row": pl.Int64}
    rows = [
        ("cases", "f", None, "officer_id", MARK, 1),
        ("cases", "f", None, "channel", "shown-1", 1),
        ("cases", "f", None, None, MARK, 2),
        ("cases", "f", None, "channel", MARK, 2),  # the same row
        ("cases", "f", "s", "channel", "shown-2", 2),  # the same number on another sheet
        ("personnel", "f", None, "event_id, staff_id", MARK, 3),
        ("survey_responses", "f", None, "comment", MARK, 4),
    ]
    told = tables.publishable(pl.DataFrame(rows, schema=schema, orient="row"))
    assert told["value"].to_list() == [None, "shown-1", None, None, "shown-2", None, None]


def test_no_page_or_workbook_tells_a_persons_code(rejected):
    quality = DataQuality(Context(rejected, load_catalogue(2024), Timeframe(Period.parse("2024-Q4"))))
    pages = [quality.rejects(limit=None), quality.rejects_by_rule(), quality.cells(), quality.row_account()]
    shown = "\n".join(table_html(table) for table in pages) + words(rejected_workbook(rejected))
    assert MARK not in shown
    assert "U9" in shown


def test_what_is_not_shown_is_named(rejected):
    for file, column in (("cases.csv", "officer_id"), ("personnel.csv", "staff_id")):
        ws = load_workbook(io.BytesIO(rejected_workbook(rejected)))[file]
        assert any(column in str(row[0]) and "giữ giá trị" in str(row[0]) for row in ws.iter_rows(values_only=True))
        assert column not in sheet(rejected, file)[0]


def test_units_of_one_name_are_told_apart(rejected):
    assert unit_names(rejected) == {"U1": "Phòng (U1)", "U2": "Phòng (U2)", "U3": "Ban"}
