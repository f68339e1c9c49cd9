"""Exports that lack a column: figures that nobody recorded are blank or said to be missing, and reports come out."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from chiso.notebook import Report
from chiso.notebook.answers import first_screen
from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.notebook.overview import Overview
from chiso.runs import data as runs_data
from chiso.runs.data import open_dataset
from chiso.runs.plan import catalogue_for
from chiso.worktime import Period, Timeframe

QUARTER = Path(__file__).parent / "quarter"


@pytest.fixture
def changed(tmp_path, monkeypatch):
    """Import the quarter with one table changed; return the report's context, computed here."""

    def make(table, change, *, unit=None):
        monkeypatch.setattr(runs_data, "project_folder", lambda: tmp_path / "project")
        shutil.copytree(QUARTER, tmp_path / "raw")
        file = tmp_path / "raw" / f"{table}.csv"
        change(pl.read_csv(file, infer_schema=False)).write_csv(file)
        dataset = open_dataset(tmp_path / "raw")
        return Context(dataset, catalogue_for(dataset.body, 2024), Timeframe(Period.parse("2024-Q4")), unit)

    return make


@pytest.fixture
def lacking(changed):
    return lambda table, *columns, unit=None: changed(table, lambda frame: frame.drop(columns), unit=unit)


def report(context, component):
    return Report(context, context.catalogue.component(component))


@pytest.mark.parametrize(
    ("table", "column", "component", "call", "blank", "known"),
    [
        ("documents", "signed_digitally", "B.VII", "documents()", ["not_signed"], "not_approved"),
        ("documents", "approved_online", "B.VII", "documents()", ["not_approved"], "not_signed"),
        ("work_files", "electronic", "B.VII", "documents()", ["on_paper"], "files"),
        ("feedback", "answered_on", "A.V", "feedback_by()", ["answered", "late", "overdue"], "received"),
        ("feedback", "officer_named", "A.V", "feedback_by()", ["named"], "answered"),
        ("cases", "outcome", "A.II", "supplements()", ["refused", "refused_share"], "supplemented"),
    ],
)
def test_a_count_nobody_recorded_is_blank_in_every_row(lacking, table, column, component, call, blank, known):
    shown = report(lacking(table, column), component)
    found = eval(f"shown.{call}")
    frame = found.frame
    assert frame.height > 1
    for name in blank:
        assert frame[name].null_count() == frame.height
    assert frame.row(-1, named=True)[known] > 0
    assert "–" in found._repr_html_()
    shown.reconcile()


@pytest.mark.parametrize("column", ["done_on", "evidence"])
def test_a_register_without_what_was_done_is_not_overdue(lacking, column):
    context = lacking("deliverables", column)
    overview, shown = Overview(context), report(context, "B.I")
    for table in (overview.overdue(), shown.deliverables("B.I.1")):
        assert table.frame.is_empty()
        assert "thiếu cột" in table._repr_html_()
    assert "Chưa có dữ liệu" in shown.timeline("B.I.1")._repr_html_()
    shown.reconcile()


@pytest.mark.parametrize(
    ("table", "component"),
    [("cases", "B.III"), ("procedures", "B.III"), ("feedback", "A.V"), ("assigned_tasks", "B.I"),
     ("survey_responses", "A.I")],
)  # fmt: skip
def test_a_table_without_units_does_not_keep_a_report_from_coming_out(lacking, table, component):
    context = lacking(table, "unit_code")
    shown = report(context, component)
    shown.scorecard()
    if component == "A.V":
        assert "thiếu cột" in shown.feedback_by("unit_code")._repr_html_()
    assert "đều khớp" in shown.reconcile().paragraphs[0]


def test_without_the_channel_there_is_no_balance_to_agree_with(lacking):
    shown = report(lacking("cases", "channel"), "A.IV")
    late = shown.cases_late()
    assert late.frame.height > 0
    shown.durations()
    shown.scorecard()
    shown.reconcile()


def test_the_label_of_a_list_is_whole(context):
    shown = report(context, "A.IV")
    shown.cases_late()
    shown.durations()
    assert not [s.label for s in shown.ledger.sums if "{" in s.label]


def test_a_budget_line_that_moved_to_another_unit_counts_there_alone(changed):
    moved = (pl.col("line_id") == "MP-DT-2024-02") & (pl.col("as_of") == "2024-12-14")
    move = pl.when(moved).then(pl.lit("VTLT")).otherwise("unit_code").alias("unit_code")
    context = changed("budget", lambda frame: frame.with_columns(move), unit="LTLS")
    shown = report(context, "B.VI")
    shown.budget("investment")
    shown.budget_course("investment")
    shown.reconcile()
    (figure,) = [s.value for s in shown.ledger.sums if s.label.endswith("2024-12-14")]
    assert figure == pytest.approx(4128 / 4900)


def test_findings_nobody_wrote_down_are_not_none(changed):
    found = pl.when(pl.col("inspection_id") != "MP-KT-00030").then(pl.col("findings", "findings_resolved"))
    context = changed("inspections", lambda frame: frame.with_columns(found))
    shown = report(context, "B.I")
    units = {row["unit_name"]: row for row in shown.units_inspected().frame.iter_rows(named=True)}
    row = units[context.unit_names["TCBC"]]
    assert row["par_inspected"]
    assert (row["findings"], row["resolved"]) == (None, None)
    assert units[context.unit_names["VP"]]["findings"] == 8
    states = dict(shown.inspections("par").frame.select("inspection_id", "state").rows())
    assert states["MP-KT-00030"].startswith("Chưa ghi nhận")
    assert states["MP-KT-00028"] == "Đã xong"
    assert states["MP-KT-00024"] == "Còn vấn đề chưa khắc phục"
    shown.reconcile()


def test_what_falls_due_in_a_neighbouring_year_is_not_forgotten(changed):
    def add(frame):
        row = frame.head(1).with_columns(done_on=pl.lit(None, pl.String), evidence=pl.lit(None, pl.String))
        later = {"deliverable_id": "next", "plan_year": "2025", "due_on": "2025-01-05", "title": "Việc năm sau"}
        earlier = {"deliverable_id": "last", "plan_year": "2023", "due_on": "2023-12-20", "title": "Việc năm trước"}
        made = [row.with_columns(**{k: pl.lit(v) for k, v in new.items()}) for new in (later, earlier)]
        return pl.concat([frame, *made])

    context = changed("deliverables", add)
    overview = Overview(context)
    assert "Việc năm sau" in overview.due_soon()._repr_html_()
    late = overview.overdue().frame
    assert dict(late.select("title", "days").rows())["Việc năm trước"] == 360


def test_open_tasks_of_the_province_that_fall_due_are_told(changed):
    def add(frame):
        row = frame.filter(pl.col("assigned_by") == "province").head(1)
        new = {"task_id": "soon", "title": "Nhiệm vụ sắp đến hạn", "due_on": "2024-12-20", "completed_on": None,
               "assigned_on": "2024-12-01"}  # fmt: skip
        done = {"task_id": "done", "title": "Nhiệm vụ đã xong", "completed_on": "2024-12-10"}
        made = row.with_columns(**{k: pl.lit(v, pl.String) for k, v in new.items()})
        return pl.concat([frame, made, made.with_columns(**{k: pl.lit(v) for k, v in done.items()})])

    html = Overview(changed("assigned_tasks", add)).due_soon()._repr_html_()
    assert "Nhiệm vụ sắp đến hạn" in html
    assert "Nhiệm vụ đã xong" not in html


def test_a_unit_with_too_few_answers_gives_no_number_away(changed):
    unit = "CCVC"

    def few(frame):
        own = pl.col("unit_code") == unit
        quarter = frame.filter(own & (pl.col("answered_on") >= "2024-09-15") & (pl.col("answered_on") < "2024-12-15"))
        return pl.concat([frame.filter(~own), quarter.head(3)])

    context = changed("survey_responses", few, unit=unit)
    first = first_screen(context, Ledger(context)).headlines[0]
    assert context.figure("sipas", unit=unit)["withheld"]
    assert first.value == "không công bố"
    assert first.status == "withheld"
    assert first.data_value is None
    assert "bảo vệ người trả lời" in first.detail
    assert first.changes == first.past == ()


@pytest.mark.parametrize(
    ("table", "component", "call"),
    [("assigned_tasks", "B.I", "tasks()"), ("deliverables", "B.I", "timeline('B.I.1')"),
     ("personnel", "B.V", "personnel('training')")],
)  # fmt: skip
def test_a_chart_by_unit_is_drawn_where_no_unit_is_recorded(lacking, table, component, call):
    shown = report(lacking(table, "unit_code"), component)
    assert "<figure" in eval(f"shown.{call}")._repr_html_()
    shown.reconcile()
