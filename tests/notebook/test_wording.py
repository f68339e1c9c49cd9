"""Sentences and titles: the right number, verb and comparison."""

import datetime as dt

import polars as pl
import pytest

from chiso.catalogue import load_catalogue
from chiso.notebook import Report, figures
from chiso.reporting import wording
from chiso.worktime import Period

CATALOGUE = load_catalogue(2024)
ON_TIME, OPEN, SIPAS, Q766 = (CATALOGUE.indicator(i) for i in ("B.III.8", "B.III.8b", "A.I.index", "B.III.9"))
BEFORE = Period.parse("2024-Q3")
NBSP = "\N{NO-BREAK SPACE}"


def row(value, status="not_met", numerator=19, denominator=20, target=1.0, deadline=None):
    return {
        "value": value, "status": status, "numerator": numerator, "denominator": denominator,
        "target": target, "deadline": deadline,
    }  # fmt: skip


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


def test_a_sentence_has_value_base_change_and_verdict():
    told = wording.sentence(ON_TIME, row(0.95), ["giảm 1 so với a", "tăng 2 so với b"])
    assert told == (
        f"Hồ sơ giải quyết đúng hạn và sớm hạn: 95,0{NBSP}% (19/20), giảm 1 so với a và tăng 2 so với b; "
        f"không đạt mục tiêu 100{NBSP}%."
    )


def test_a_pending_one_names_target_and_deadline():
    pending = CATALOGUE.indicator("B.VI.4")
    told = wording.sentence(pending, row(0.5, "pending", 1, 2, 0.85, dt.date(2024, 12, 15)), [])
    assert told.endswith(f"chưa đến hạn (mục tiêu ≥{NBSP}85{NBSP}%, hạn 15/12/2024).")


def test_without_data_there_is_no_number():
    assert wording.sentence(ON_TIME, row(None, "no_data", 0, 0), []).endswith("chưa có dữ liệu trong kỳ.")
    assert "không công bố" in wording.sentence(SIPAS, row(None, None) | {"withheld": True}, [])


def test_a_factor_is_only_compared_with_the_reference():
    low = wording.sentence(SIPAS, row(0.86, None, target=None), [], respondents=40)
    assert f"86,0{NBSP}% (40 người trả lời)" in low
    assert f"thấp hơn mức tham chiếu 87{NBSP}%" in low
    assert "không thấp hơn" in wording.verdict(SIPAS, row(0.87, None, target=None))


def test_an_index_not_verified_is_not_judged():
    assert "chưa kết luận" in wording.verdict(Q766, row(85.0, None, target=80.0))


@pytest.mark.parametrize(
    ("words", "expected"), [([], ""), (["a"], "a"), (["a", "b"], "a và b"), (["a", "b", "c"], "a, b và c")]
)
def test_words_are_enumerated(words, expected):
    assert wording.enumerate_words(words) == expected


def test_key_results_count_every_indicator_once(context):
    report = Report(context, context.catalogue.component("B.III"))
    first, *others = report.key_results("B.III.8").paragraphs
    statuses = context.indicators.filter(pl.col("unit_code").is_null() & (pl.col("component") == "B.III"))["status"]
    assert first.startswith("Trong quý IV/2024 (15/09/2024–14/12/2024), nội dung “Cải cách thủ tục hành chính”")
    assert f"{statuses.drop_nulls().len()} chỉ số được giao mục tiêu" in first
    for status, word in (("met", "đạt"), ("not_met", "không đạt"), ("no_data", "chưa có dữ liệu")):
        if count := (statuses == status).sum():
            assert f"{count} {word}" in first
    assert others[0].startswith("Hồ sơ giải quyết đúng hạn và sớm hạn: ")
    missed = (statuses == "not_met").sum() - (context.figure("B.III.8")["status"] == "not_met")
    listed = sum(paragraph.count(";") + 1 for paragraph in others[1:])
    assert listed == missed


def test_accumulating_figures_are_not_compared_with_the_quarter_before(context):
    report = Report(context, context.catalogue.component("B.I"))
    told = report.key_results("B.I.5b").paragraphs[1]
    assert "quý III/2024" not in told
    assert "quý IV/2023" in told or "so với" not in told


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
