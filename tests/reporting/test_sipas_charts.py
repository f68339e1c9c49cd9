"""Charts of the survey: the alternative text states what the picture shows; tables leave out withheld cells."""

import polars as pl

from chiso.catalogue import load_catalogue
from chiso.indicators.survey_statistics import DETAILS
from chiso.reporting.charts import diverging, intervals, quadrants
from chiso.reporting.tables import details_table

NBSP = "\N{NO-BREAK SPACE}"
LEVELS = ["1", "2", "3", "4", "5"]
LABELS = ["rất kém", "kém", "bình thường", "tốt", "rất tốt"]


def bars(**rows):
    return pl.DataFrame([{"name": name} | dict(zip(LEVELS, counts, strict=True)) for name, counts in rows.items()])


def test_diverging_bars_tell_both_sides_and_the_number_of_answers():
    chart = diverging(bars(Hướng_dẫn=[1, 1, 2, 3, 3]), LEVELS, LABELS, title="Câu yếu nhất")
    assert chart.alt.startswith("Câu yếu nhất. Hướng_dẫn: không hài lòng")
    assert f"không hài lòng 20,0{NBSP}%, bình thường 20,0{NBSP}%, hài lòng 60,0{NBSP}% (10 câu trả lời)" in chart.alt
    assert "<svg" in chart.svg


def test_diverging_bars_without_an_answer_say_so():
    frame = bars(a=[0] * 5)
    assert "Chưa có dữ liệu" in diverging(frame, LEVELS, LABELS, title="T").alt
    assert "Chưa có dữ liệu" in diverging(frame.clear(), LEVELS, LABELS, title="T").alt


def units():
    rows = [("Phòng A", 0.95, 0.9, 0.98, 60, "above"), ("Phòng B", 0.8, None, None, 1, "")]
    return pl.DataFrame(rows, schema=["name", "value", "low", "high", "n", "verdict"], orient="row")


def test_intervals_tell_value_ends_and_line():
    chart = intervals(units(), title="Đơn vị", line=0.87, line_label="Mục tiêu 87 %")
    assert chart.alt.startswith("Đơn vị. Mục tiêu 87 %. ")
    assert f"Phòng A 95,0{NBSP}% (khoảng 90,0{NBSP}% đến 98,0{NBSP}%)" in chart.alt
    assert f"Phòng B 80,0{NBSP}%." in chart.alt
    assert intervals(units(), title="T").svg == intervals(units(), title="T").svg


def test_differences_are_in_points():
    chart = intervals(units(), title="Thay đổi", line=0.0, line_label="không thay đổi", difference=True)
    assert f"+95,0 điểm{NBSP}%" in chart.alt


def test_intervals_of_nobody_say_so():
    assert "Chưa có dữ liệu" in intervals(units().clear(), title="T", line=0.5).alt


def test_the_grid_names_the_quadrant_of_each_factor():
    row = {"name": "Tiếp cận", "importance": 0.6, "performance": 0.5, "importance_cut": 0.5, "performance_cut": 0.7}
    chart = quadrants(pl.DataFrame([row | {"quadrant": "improve_first"}]), title="Lưới")
    assert "Tiếp cận: đóng góp 60,0" in chart.alt
    assert "Cải thiện trước" in chart.alt
    assert "Chưa có dữ liệu" in quadrants(pl.DataFrame(schema=dict.fromkeys(row, pl.Float64)), title="T").alt


def details(*rows):
    base = dict.fromkeys(DETAILS) | {"period": "2024-Q4", "weighting": "none", "n": 30, "share": 0.9, "se": 0.05}
    return pl.DataFrame([base | row for row in rows], schema=DETAILS)


def test_a_withheld_factor_takes_its_items_and_intervals_with_it():
    lines = [
        {"level": "item", "code": "access_1"},
        {"level": "factor", "code": "A.I"},
        {"level": "overall", "code": "sipas"},
    ]
    frame = details(*[line | {"unit_code": unit} for unit in (None, "a", "b") for line in lines])
    out = {("a", "A.I"), ("a", "sipas")}
    table = details_table(
        frame, load_catalogue(2024), {"a": "Phòng A", "b": "Phòng B"}, out, texts={"access_1": "Dễ tìm?"}
    )
    assert set(table.frame["unit"]) == {"Toàn Sở", "Phòng B"}
    assert table.frame.filter(pl.col("level") == "item")["name"].unique().to_list() == ["Dễ tìm?"]
    assert {"n", "share", "share_unweighted", "se", "ci_low", "ci_high", "method"} <= {c.name for c in table.columns}
    own = details_table(frame, load_catalogue(2024), {}, set(), unit="b")
    assert set(own.frame["unit"]) == {"Toàn Sở", "b"}
