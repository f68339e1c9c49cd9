"""What changed, who must do what by when, and where a figure comes from: the sections every component report has."""

import datetime as dt
import re

import polars as pl
import pytest
from shown import show

from chiso.notebook import Report, actions, provenance
from chiso.reporting import asks
from chiso.reporting.html import Prose

NBSP = "\N{NO-BREAK SPACE}"


def report(context, component):
    return Report(context, context.catalogue.component(component))


def figure_row(context, indicator):
    return context.figure(indicator, unit=context.unit)


# -- changes


def test_each_indicator_stands_beside_what_it_was(context):
    found = report(context, "B.III")
    table = found.changes()
    previous, year_before = context.period.previous(), context.period.year_before()
    assert table.frame.height > 5
    for row in table.frame.iter_rows(named=True):
        now = figure_row(context, row["indicator"])["value"]
        assert row["value"] == now
        for n, period in enumerate((previous, year_before)):
            if row[f"before_{n}"] is not None:
                assert row[f"before_{n}"] == context.figure(row["indicator"], period)["value"]
                assert row[f"difference_{n}"] == pytest.approx(now - row[f"before_{n}"])
                assert row[f"told_{n}"]
    found.reconcile()


def test_what_accumulates_is_compared_with_the_year_before_alone(context):
    table = report(context, "B.III").changes()
    windows = {i.id: i.window for i in context.catalogue.of_component("B.III")}
    rows = [row for row in table.frame.iter_rows(named=True) if windows[row["indicator"]] == "year_to_date"]
    assert rows
    assert all(row["before_0"] is None for row in rows)
    assert any("lũy kế" in note.text for note in table.notes)


def test_better_and_worse_follow_what_is_good_for_the_indicator(context):
    rows = report(context, "B.III").changes().frame
    lower = {i.id for i in context.catalogue.indicators if i.better == "lower"}
    for row in rows.iter_rows(named=True):
        for n in (0, 1):
            told, moved = row[f"told_{n}"] or "", row[f"difference_{n}"]
            if told.startswith(("tăng", "giảm")):
                assert told.startswith("tăng" if moved > 0 else "giảm")
                assert ("tốt hơn" in told) == ((moved > 0) != (row["indicator"] in lower))


def test_a_new_status_is_told(context, monkeypatch):
    turned = pl.when(pl.col("indicator") == "B.III.8").then(pl.lit("met")).otherwise("status").alias("status")
    show(monkeypatch, context, history=context.history.with_columns(turned))
    now = figure_row(context, "B.III.8")["status"]
    assert now == "not_met"
    rows = report(context, "B.III").changes().frame.filter(pl.col("indicator") == "B.III.8")
    assert rows["told_0"][0].endswith("; Đạt → Không đạt")


def test_without_a_predecessor_there_is_no_table(context, monkeypatch):
    show(monkeypatch, context, history=context.history.filter(pl.col("period") == "2024-Q4"))
    told = report(context, "B.III").changes()
    assert isinstance(told, Prose)
    assert told.paragraphs == ("Chưa có số liệu của kỳ trước và cùng kỳ năm trước để so sánh.",)


def test_withheld_satisfaction_is_not_compared(context, monkeypatch):
    codes = pl.col("indicator").is_in(list(context.survey_codes))
    blank = pl.when(~codes).then("value").alias("value")
    show(monkeypatch, context, indicators=context.indicators.with_columns(blank))
    told = report(context, "A.I").changes()
    if not isinstance(told, Prose):
        assert "A.I.index" not in told.frame["indicator"].to_list()
        assert any("A.I.index" in note.text for note in told.notes)


# -- actions


def test_every_missed_target_has_its_gap_and_owner(context):
    found = report(context, "B.III")
    targets, _ = found.actions().parts
    open_ = {i.id for i in found.indicators if figure_row(context, i.id)["status"] in ("not_met", "pending", "at_risk")}
    assert set(targets.frame["code"]) == open_
    assert targets.frame["who"].null_count() == 0
    late = figure_row(context, "B.III.8")
    missing = int(late["denominator"] - late["numerator"])
    told = targets.frame.filter(pl.col("code") == "B.III.8")["what"][0]
    assert told.startswith(f"Nâng tỷ lệ hồ sơ giải quyết đúng hạn và sớm hạn lên mức 100{NBSP}%: cần thêm {missing} hồ")
    found.reconcile()


def test_days_left_are_those_to_the_deadline(context):
    targets, due = report(context, "B.VI").actions().parts
    day = context.timeframe.as_of
    for table in (targets, due):
        for row in table.frame.filter(pl.col("by").is_not_null()).iter_rows(named=True):
            assert row["left"] == (row["by"] - day).days
        assert table.frame["by"].drop_nulls().is_sorted()


def test_overdue_deliverables_and_those_due_soon_are_listed(context):
    _, due = report(context, "B.I").actions().parts
    day = context.timeframe.as_of
    for row in due.frame.iter_rows(named=True):
        assert row["state"] in ("Quá hạn", "Thiếu minh chứng") or day <= row["by"] <= day + dt.timedelta(actions.SOON)
        assert row["what"].startswith("Bổ sung minh chứng: " if row["state"] == "Thiếu minh chứng" else "Hoàn thành: ")


def row(value, status, n, whole, target, attainment=0.5):
    return {
        "value": value, "status": status, "numerator": n, "denominator": whole, "target": target,
        "attainment": attainment, "deadline": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("indicator", "figure", "gap", "expected"),
    [
        ("B.III.8b", row(8.0, "not_met", 8.0, None, 0.0), {"cases": 8}, "Xử lý dứt điểm 8 hồ sơ quá hạn chưa giải"),
        ("B.V.4", row(2.0, "not_met", 2.0, None, 0.0), {"cases": 2}, "Không để phát sinh thêm công chức, viên chức"),
        ("B.I.6", row(1.0, "pending", 1.0, None, 2.0), {"cases": 1}, "Có thêm 1 sáng kiến để đạt mục tiêu từ 2 sáng"),
        (
            "B.VI.4",
            row(0.8, "pending", 80e6, 100e6, 0.85),
            {"cases": 5_000_000},
            f"Nâng tỷ lệ giải ngân vốn ngân sách nhà nước lên mức từ 85{NBSP}% trở lên: cần thêm 5 triệu đồng",
        ),
        ("B.VI.3b", row(0.2, "pending", 20e6, 100e6, 0.1, 1.0), None, "Giữ tỷ lệ tiết kiệm chi phí hành chính ở mức"),
    ],
)
def test_what_is_asked_for_fits_the_measure(context, indicator, figure, gap, expected):
    assert asks.asked(context.indicator(indicator), figure, gap).startswith(expected)


def test_negative_savings_lack_more_than_the_target(context):
    figure = row(-0.05, "pending", -5e6, 100e6, 0.1, 0.0)
    told = asks.asked(context.indicator("B.VI.3b"), figure, {"cases": 15_000_000})
    assert "cần thêm 15 triệu đồng" in told
    assert f"hiện −5,0{NBSP}%" in told
    assert "vượt dự toán 5 triệu đồng" in told


# -- where a figure comes from


def test_every_indicator_has_a_fold_that_its_code_leads_to(context):
    found = report(context, "B.III")
    page = found.definitions()._repr_html_()
    anchors = re.findall(r'<div id="(cs-[^"]+)">', page)
    assert anchors == [f"{provenance.ANCHOR}{i.id}" for i in found.indicators]
    links = set(re.findall(r'href="#(cs-[^"]+)"', found.scorecard()._repr_html_()))
    assert links == set(anchors)


def test_a_fold_names_figure_window_basis_and_file(context):
    indicator = context.indicator("B.III.8")
    shown = provenance.fold(context, indicator)._repr_html_()
    figure = figure_row(context, "B.III.8")
    assert f"({figure['numerator']:.0f}/{figure['denominator']:.0f} hồ sơ)" in shown
    assert "15/09/2024 đến 14/12/2024" in shown
    assert indicator.legal_basis in shown
    file = context.dataset.files.filter(pl.col("table") == "cases").row(0, named=True)
    assert file["file"] in shown
    assert file["sha256"][:12] in shown
    assert file["sha256"][:13] not in shown


def test_the_sources_tell_rows_and_hashes_of_every_file(context):
    found = report(context, "B.III")
    table = provenance.sources_table(context, found.indicators)
    files = context.dataset.files.filter(pl.col("table").is_in(["cases", "procedures", "feedback", "deliverables"]))
    assert table.frame["accepted"].sum() == files["accepted"].sum()
    assert sorted(table.frame["hash"]) == sorted(files["sha256"].str.slice(0, 12))


def test_one_line_tells_the_quality_of_the_data(context):
    line = report(context, "B.III").data_line()
    files = context.dataset.files.filter(pl.col("table").is_in(["cases", "procedures", "feedback", "deliverables"]))
    assert f"đọc {files['read'].sum()} dòng" in line.told.replace(".", "")
    assert "chưa kiểm chứng: B.III.1, B.III.9, B.III.10b" in line.told
    assert 'href="data_quality.html"' in line._repr_html_()
    assert "href" not in provenance.DataLine("x")._repr_html_()
