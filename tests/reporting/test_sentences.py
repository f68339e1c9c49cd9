"""Sentences on figures: grammar of every measure, movement and verdict, and of figures that are not there."""

import datetime as dt

import polars as pl
import pytest

from chiso.catalogue import load_catalogue
from chiso.indicators.results import SCHEMA
from chiso.reporting import sentences
from chiso.reporting.asks import asked, gaps_of, lacking
from chiso.reporting.sentences import Change
from chiso.worktime import Period

NBSP = "\N{NO-BREAK SPACE}"
CATALOGUE = load_catalogue(2024)
ON_TIME, OPEN, DISCIPLINED, SIPAS, Q766, SAVINGS, SUPPLEMENTS = (
    CATALOGUE.indicator(i) for i in ("B.III.8", "B.III.8b", "B.V.4", "A.I.index", "B.III.9", "B.VI.3b", "A.II.1a")
)
NOW, Q3, YEAR_BEFORE = Period.parse("2024-Q4"), Period.parse("2024-Q3"), Period.parse("2023-Q4")


def row(value, status=None, numerator=19.0, denominator=20.0, target=None, deadline=None, attainment=0.5):
    return {
        "value": value, "status": status, "numerator": numerator, "denominator": denominator, "target": target,
        "deadline": deadline, "as_of": dt.date(2024, 12, 14), "attainment": attainment,
    }  # fmt: skip


def test_a_share_has_code_base_changes_and_verdict():
    changes = [Change("up", f"0,7 điểm{NBSP}%", "quý III/2024"), Change("up", f"1,7 điểm{NBSP}%", "cùng kỳ năm 2023")]
    told = sentences.sentence(ON_TIME, row(0.95, "not_met", target=1.0), changes)
    assert told == (
        f"Tỷ lệ hồ sơ giải quyết đúng hạn và sớm hạn đạt 95,0{NBSP}% (B.III.8: 19/20 hồ sơ), tăng 0,7 điểm{NBSP}% so "
        f"với quý III/2024 và 1,7 điểm{NBSP}% so với cùng kỳ năm 2023; không đạt mục tiêu 100{NBSP}%."
    )


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        (("up", "up"), "tăng 1 so với A và 2 so với B"),
        (("down", "down"), "giảm 1 so với A và 2 so với B"),
        (("up", "down"), "tăng 1 so với A nhưng giảm 2 so với B"),
        (("same", "up"), "không đổi so với A và tăng 2 so với B"),
        (("same", "same"), "không đổi so với A và B"),
        (("down",), "giảm 1 so với A"),
        ((), ""),
    ],
)
def test_two_movements_are_joined(ways, expected):
    sizes = ("1", "2")
    assert sentences.moved([Change(w, sizes[n], "AB"[n]) for n, w in enumerate(ways)]) == expected


def test_two_movements_of_one_size_are_told_once():
    both = [Change("down", "25,0", "A"), Change("down", "25,0", "B")]
    assert sentences.moved(both) == "giảm 25,0 so với A và B"


def test_what_statistics_allow_to_say_stands_once_where_it_is_the_same():
    same = [Change("up", "1", "A", "không có khác biệt rõ"), Change("up", "2", "B", "không có khác biệt rõ")]
    assert sentences.moved(same).endswith("tăng 1 so với A và 2 so với B (đều không có khác biệt rõ)")
    other = [Change("up", "1", "A", "không có khác biệt rõ"), Change("up", "2", "B", "cao hơn rõ")]
    assert sentences.moved(other) == "tăng 1 so với A (không có khác biệt rõ) và tăng 2 so với B (cao hơn rõ)"


@pytest.mark.parametrize(
    ("indicator", "now", "before", "expected"),
    [
        (ON_TIME, row(0.95), row(0.94), Change("up", f"1,0 điểm{NBSP}%", "x")),
        (ON_TIME, row(0.95001), row(0.95), Change("same", "", "x")),
        (OPEN, row(8.0, denominator=None), row(3.0, denominator=None), Change("up", "5 hồ sơ", "x")),
        (DISCIPLINED, row(0.0, denominator=None), row(2.0, denominator=None), Change("down", "2 người", "x")),
        (Q766, row(79.5), row(80.0), Change("down", "0,5 điểm", "x")),
        (ON_TIME, row(0.95), row(None), None),
        (ON_TIME, row(None), row(0.9), None),
        (ON_TIME, row(1.0, numerator=1.0, denominator=1.0), row(0.9), None),  # one case says nothing of a trend
        (ON_TIME, row(0.9), row(0.0, numerator=0.0, denominator=1.0), None),
    ],
)
def test_movement_of_each_measure(indicator, now, before, expected):
    assert sentences.change(indicator, now, before, "x") == expected


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (110, 100, Change("up", f"10,0{NBSP}%", "x")),
        (90, 100, Change("down", f"10,0{NBSP}%", "x")),
        (100, 100, Change("same", "", "x")),
        (5, 0, None),
        (5, None, None),
        (0, 5, Change("down", f"100,0{NBSP}%", "x")),
    ],
)
def test_growth_of_a_volume(now, before, expected):
    assert sentences.growth(now, before, "x") == expected


def test_counts_are_told_with_what_they_count():
    late = sentences.sentence(OPEN, row(8.0, "not_met", 8.0, None, target=0.0))
    assert late == "Có 8 hồ sơ quá hạn chưa giải quyết xong (B.III.8b); không đạt mục tiêu là không có hồ sơ nào."
    none = sentences.sentence(DISCIPLINED, row(0.0, "met", 0.0, None, target=0.0))
    assert none.startswith("Không có công chức, viên chức bị xử lý kỷ luật (B.V.4); đạt mục tiêu")


def test_where_less_is_better_a_figure_is_not_reached():
    assert sentences.sentence(SUPPLEMENTS, row(0.05)).startswith(f"Tỷ lệ hồ sơ phải bổ sung là 5,0{NBSP}%")
    assert f" là 0,0{NBSP}% (B.III.8: 0/20 hồ sơ)" in sentences.sentence(ON_TIME, row(0.0, numerator=0.0))
    assert f" đạt 100,0{NBSP}% (B.III.8: 20/20 hồ sơ)" in sentences.sentence(ON_TIME, row(1.0, numerator=20.0))


def test_one_case_alone_is_told():
    assert "(B.III.8: 1/1, chỉ có 01 hồ sơ)" in sentences.sentence(ON_TIME, row(1.0, None, 1.0, 1.0))


def test_money_is_told_in_millions_and_overspending_as_such():
    told = sentences.sentence(SAVINGS, row(-0.05, "pending", -290e6, 5_780e6, 0.1, dt.date(2024, 12, 31)))
    assert f"là −5,0{NBSP}% (B.VI.3b: −290/5.780 triệu đồng, vượt dự toán 290 triệu đồng)" in told
    assert told.endswith(f"chưa đến hạn đánh giá (mục tiêu từ 10{NBSP}% trở lên, hạn 31/12/2024, còn 17 ngày).")


@pytest.mark.parametrize(
    ("status", "attainment", "expected"),
    [
        ("pending", 0.9, "chưa đến hạn đánh giá"),
        ("pending", 1.0, "đang ở mức mục tiêu"),
        ("at_risk", 0.9, "có nguy cơ không đạt mục tiêu"),
        ("met", 1.0, "đạt mục tiêu"),
        ("not_met", 0.9, "không đạt mục tiêu"),
        ("no_data", None, ""),
        (None, None, ""),
    ],
)
def test_verdicts(status, attainment, expected):
    target = None if status is None else 0.1
    found = row(0.05, status, target=target, deadline=dt.date(2024, 12, 31), attainment=attainment)
    assert sentences.verdict(SAVINGS, found).startswith(expected)
    assert bool(sentences.verdict(SAVINGS, found)) == bool(expected)


def test_figures_that_are_not_there():
    assert sentences.sentence(ON_TIME, row(None, "no_data", None, None)) == (
        "Chưa có dữ liệu để tính tỷ lệ hồ sơ giải quyết đúng hạn và sớm hạn (B.III.8)."
    )
    assert sentences.sentence(ON_TIME, row(None, "no_data", 0.0, 0.0)) == (
        "Không phát sinh hồ sơ thuộc phạm vi tính tỷ lệ hồ sơ giải quyết đúng hạn và sớm hạn (B.III.8)."
    )
    assert sentences.sentence(DISCIPLINED, row(None, "no_data", None, None)) == (
        "Chưa có dữ liệu để tính số công chức, viên chức bị xử lý kỷ luật (B.V.4)."
    )
    hidden = sentences.sentence(SIPAS, row(None, None, None, None) | {"withheld": True})
    assert hidden == "Chỉ số hài lòng về tiếp cận dịch vụ (A.I.index) không công bố để bảo vệ người trả lời."


def test_a_factor_is_only_compared_with_the_reference():
    low = sentences.sentence(SIPAS, row(0.86), respondents=40)
    assert f"86,0{NBSP}% (A.I.index: 40 người trả lời); thấp hơn mức tham chiếu 87{NBSP}%" in low
    assert "không thấp hơn" in sentences.verdict(SIPAS, row(0.87))


def test_an_index_not_verified_is_not_judged():
    told = sentences.sentence(Q766, row(84.1, None, 48.78, 58.0, 80.0))
    assert "đạt 84,1 điểm (B.III.9: 48,78/58 điểm)" in told
    assert "chưa kết luận so với mục tiêu từ 80 điểm trở lên" in told


def test_earlier_periods_have_names():
    assert sentences.since(Q3, NOW) == "quý III/2024"
    assert sentences.since(YEAR_BEFORE, NOW) == "cùng kỳ năm 2023"
    assert sentences.since(Period.parse("2023"), Period.parse("2024")) == "năm 2023"
    assert sentences.predecessors(ON_TIME, NOW) == [Q3, YEAR_BEFORE]
    assert sentences.predecessors(SAVINGS, NOW) == [YEAR_BEFORE]
    assert sentences.predecessors(ON_TIME, Period.parse("2024")) == [Period.parse("2023")]
    assert sentences.predecessors(ON_TIME, Period(1900, "quarter", 1)) == []


def test_every_indicator_can_be_named():
    for indicator in CATALOGUE.indicators:
        name = sentences.name(indicator)
        assert name
        assert name[0].islower() or name[:2].isupper(), name
        assert sentences.noun(indicator) or sentences.is_money(indicator)


def test_a_target_outside_the_attainment_is_asked_for_like_the_others():
    """Nothing of the report on the plan is done yet: there is no level of 100 % to keep."""
    entry = CATALOGUE.indicator("P.III.2")
    told = row(0.0, "pending", 0.0, 1.0, target=1.0, deadline=dt.date(2024, 12, 4), attainment=0.0)
    told |= {"indicator": "P.III.2", "unit_code": None, "measure": "share", "comparator": "=="}
    gap = gaps_of(pl.DataFrame([told], schema=SCHEMA), CATALOGUE, None)["P.III.2"]
    assert asked(entry, told, gap).startswith("Nâng ")
    assert "cần thêm 1 đầu việc" in asked(entry, told, gap)
    assert lacking(entry, told, gap) == "1 đầu việc"
