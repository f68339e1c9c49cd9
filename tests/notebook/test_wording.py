"""Sentences and titles: the right number, verb and comparison."""

import polars as pl
import pytest
from shown import show

from chiso.catalogue import load_catalogue
from chiso.notebook import Report, figures
from chiso.reporting import wording
from chiso.worktime import Period

CATALOGUE = load_catalogue(2024)
ON_TIME, OPEN, Q766 = (CATALOGUE.indicator(i) for i in ("B.III.8", "B.III.8b", "B.III.9"))
BEFORE = Period.parse("2024-Q3")
NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (0.95, 0.94, f"tăng 1,0 điểm{NBSP}% so với quý III/2024"),
        (0.94, 0.95, f"giảm 1,0 điểm{NBSP}% so với quý III/2024"),
        (0.95, 0.95, "không đổi so với quý III/2024"),
        (0.95001, 0.95, "không đổi so với quý III/2024"),
        (0.95, None, ""),
        (None, 0.95, ""),
    ],
)
def test_change_of_a_share(now, before, expected):
    assert wording.change(ON_TIME, now, before, BEFORE) == expected


def test_change_of_a_count_and_of_points():
    assert wording.change(OPEN, 8, 3, BEFORE) == "tăng 5 so với quý III/2024"
    assert wording.change(Q766, 80.04, 80.0, BEFORE) == "không đổi so với quý III/2024"
    assert wording.change(Q766, 79.5, 80.0, BEFORE) == "giảm 0,5 so với quý III/2024"


@pytest.mark.parametrize(
    ("words", "expected"), [([], ""), (["a"], "a"), (["a", "b"], "a và b"), (["a", "b", "c"], "a, b và c")]
)
def test_words_are_enumerated(words, expected):
    assert wording.enumerate_words(words) == expected


def test_key_results_count_every_indicator_once(context):
    report = Report(context, context.catalogue.component("B.III"))
    opening, body, rest = report.key_results("B.III.8").paragraphs
    whole = context.indicators.filter(pl.col("unit_code").is_null() & (pl.col("component") == "B.III"))
    statuses = whole["status"]
    assert opening.startswith("Trong quý IV/2024 (15/09/2024–14/12/2024), Sở Nội vụ tỉnh Thử Nghiệm tiếp nhận ")
    assert "Nội dung “Cải cách thủ tục hành chính” có" in opening
    assert f"{statuses.drop_nulls().len()} chỉ số được giao mục tiêu" in opening
    for status, word in (("met", "đạt"), ("not_met", "không đạt"), ("no_data", "chưa có dữ liệu")):
        if count := (statuses == status).sum():
            assert f"{count} {word}" in opening
    assert body.startswith("Tỷ lệ hồ sơ giải quyết đúng hạn và sớm hạn đạt ")
    for indicator in whole.filter(pl.col("status") == "not_met")["indicator"]:
        assert (body + rest).count(f"({indicator}:") + (body + rest).count(f"({indicator})") == 1


def test_the_volume_of_work_and_its_growth_open_the_report(context):
    report = Report(context, context.catalogue.component("B.III"))
    opening = report.key_results("B.III.8").paragraphs[0]
    received = context.figure("B.III.4b")["denominator"]
    before = context.figure("B.III.4b", context.period.previous())["denominator"]
    assert f"tiếp nhận {received:.0f} hồ sơ thủ tục hành chính" in opening
    if before:
        assert f"% so với {context.period.previous().label}" in opening
    report.reconcile()


def test_accumulating_figures_are_not_compared_with_the_quarter_before(context):
    report = Report(context, context.catalogue.component("B.I"))
    told = " ".join(report.key_results("B.I.5b").paragraphs)
    assert "quý III/2024" not in told
    report.reconcile()


def test_without_a_predecessor_it_says_so_once(context, monkeypatch):
    history = context.history.filter(pl.col("period") == "2024-Q4")
    show(monkeypatch, context, history=history)
    told = " ".join(Report(context, context.catalogue.component("B.III")).key_results("B.III.8").paragraphs)
    assert told.count("Chưa có số liệu của kỳ trước và cùng kỳ năm trước để so sánh.") == 1
    assert "so với quý" not in told


def test_a_component_without_any_data(context, monkeypatch):
    blank = [pl.lit(None, pl.Float64).alias(c) for c in ("numerator", "denominator", "value", "attainment")]
    status = pl.when(pl.col("target").is_not_null()).then(pl.lit("no_data")).alias("status")
    now, past = (frame.with_columns(*blank, status) for frame in (context.indicators, context.history))
    show(monkeypatch, context, indicators=now, history=past)
    opening, rest = Report(context, context.catalogue.component("B.II")).key_results("B.II.1").paragraphs
    assert opening.endswith("chưa có dữ liệu để đánh giá 2 chỉ số được giao mục tiêu.")
    assert rest == (
        "Chưa có dữ liệu để tính: tỷ lệ báo cáo về văn bản QPPL và thi hành pháp luật đúng hạn (B.II.1); "
        "tỷ lệ hoàn thành danh mục văn bản QPPL hết hiệu lực (B.II.2)."
    )


def test_where_nothing_happened_it_is_not_called_missing_data(context, monkeypatch):
    share = pl.col("measure") == "share"
    counts = [pl.when(share).then(0.0).otherwise(c).alias(c) for c in ("numerator", "denominator")]
    blank = [pl.when(~share).then(c).alias(c) for c in ("value", "attainment")]
    status = pl.when(share & pl.col("target").is_not_null()).then(pl.lit("no_data")).otherwise("status").alias("status")
    frame = context.indicators.with_columns(*counts, *blank, status)
    show(monkeypatch, context, indicators=frame)
    opening, *_, rest = Report(context, context.catalogue.component("B.VII")).key_results("B.VII.4a").paragraphs
    assert opening.startswith("Trong quý IV/2024 (15/09/2024–14/12/2024), nội dung “Xây dựng chính quyền điện tử")
    assert rest.startswith("Không phát sinh trường hợp nào để tính: tỷ lệ hồ sơ nộp trực tuyến (B.VII.4a); ")
    assert "Chưa có dữ liệu" not in rest


def test_a_units_report_has_the_department_beside(of_unit):
    own = of_unit("CCVC")
    report = Report(own, own.catalogue.component("B.III"))
    assert "toàn Sở" in report.key_results("B.III.8").paragraphs[1]
    whole = report.scorecard().frame.filter(pl.col("indicator") == "B.III.8")["whole"][0]
    assert whole == own.figure("B.III.8")["value"]
    chart, beside = report.trend("B.III.8").parts
    assert beside.frame["label"].to_list() == [p.label for p in figures.earlier(own)]
    assert beside.frame["whole"][-1] == whole
    report.reconcile()


def test_small_denominators_are_named_under_the_chart(context):
    report = Report(context, context.catalogue.component("B.III"))
    small = context.indicators.filter(
        (pl.col("indicator") == "B.III.8") & pl.col("unit_code").is_not_null() & pl.col("denominator").is_between(1, 9)
    )
    assert small.height
    notes = " ".join(report.compare_units("B.III.8").notes)
    for code in small["unit_code"]:
        assert context.unit_names[code] in notes
