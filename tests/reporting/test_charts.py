import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib
import polars as pl
import pytest

from chiso.reporting import theme
from chiso.reporting.charts import compare_units, trend
from chiso.reporting.charts.grid import _apart

SVG = "{http://www.w3.org/2000/svg}"

QUARTERS = [f"quý {n}/{y}" for y in (2022, 2023, 2024) for n in ("I", "II", "III", "IV")]
LONG = "Phòng " + "Xây dựng chính quyền và công tác thanh niên " * 5
EVIL = '</text><script>alert(1)</script> $x_1$ \x01 \u202eRTL 😀 & "q"'


def series(*values: float | None) -> pl.DataFrame:
    labels = QUARTERS[len(QUARTERS) - len(values) :]
    return pl.DataFrame({"label": labels, "value": list(values)}, schema={"label": pl.String, "value": pl.Float64})


def units(*rows: tuple[str, float | None], base: int | None = None) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema={"unit": pl.String, "value": pl.Float64}, orient="row")
    return frame if base is None else frame.with_columns(n=pl.col("value") * base, d=pl.lit(base))


def picture(chart) -> str:
    """The SVG that the page holds, checked to be well-formed."""
    svg = re.search(r"<svg.*</svg>", chart._repr_html_(), re.DOTALL)[0]
    assert svg == chart.svg
    ET.fromstring(svg)
    return svg


@pytest.mark.parametrize(
    "frame",
    [
        series(),
        series(None, None, None),
        series(0.9),
        series(0.0, 0.0),
        series(1.0, 1.0),
        series(-0.1, 0.2, None, 1.3),
        series(*[i / 12 for i in range(12)]),
    ],
    ids=["none", "all null", "one point", "zero", "all", "negative and above one", "twelve"],
)
@pytest.mark.parametrize("percent", [True, False])
def test_trend_draws_whatever_comes(frame, percent):
    chart = trend(frame, title="Tỷ lệ đúng hạn", target=1.0, comparator="==", percent=percent)
    assert picture(chart)
    assert chart.alt.startswith("Tỷ lệ đúng hạn.")


def test_trend_tells_the_finding_in_words():
    chart = trend(series(0.5, None, 0.875), title="Tỷ lệ", target=0.85)
    assert "từ 50,0\xa0% (quý II/2024) đến 87,5\xa0% (quý IV/2024)" in chart.alt
    assert "Mục tiêu ≥\xa085\xa0%" in chart.alt
    assert chart.notes == ("○ Kỳ chưa có dữ liệu.",)


def test_trend_shows_the_last_periods_only():
    eight = trend(series(*[0.1 * i for i in range(10)]), title="t").alt
    assert "20,0\xa0%" in eight
    assert "10,0\xa0%" not in eight


@pytest.mark.parametrize(
    "frame",
    [
        units(),
        units(("A", None)),
        units(("A", 1.0)),
        units(*[(f"Đơn vị {i}", i / 60) for i in range(60)], base=60),
        units((LONG[:200], 0.5), ("B", 0.0), ("C", -0.2), ("D", None), ("E", 1.4)),
        units((EVIL, 0.5), ("B", 0.7)),
    ],
    ids=["none", "all null", "one", "sixty", "long, negative, null", "evil"],
)
def test_units_draw_whatever_comes(frame):
    chart = compare_units(frame, title="So sánh", target=0.85)
    assert picture(chart)
    assert chart.height <= 11


def test_units_are_told_best_first_with_those_that_missed():
    chart = compare_units(units(("B", 0.9), ("A", 0.9), ("C", 0.5), ("D", None)), title="So sánh", target=0.85)
    assert "4 đơn vị: tốt nhất là A (90,0\xa0%), kém nhất là C (50,0\xa0%)" in chart.alt
    assert "1 đơn vị chưa đạt" in chart.alt
    assert "1 đơn vị chưa có dữ liệu" in chart.alt
    lower = compare_units(units(("A", 3), ("B", 1)), title="t", better="lower", percent=False)
    assert "tốt nhất là B (1), kém nhất là A (3)" in lower.alt


def test_a_status_outweighs_the_target():
    frame = units(("A", 0.9), ("B", 0.8)).with_columns(status=pl.Series(["not_met", "met"]))
    assert "1 đơn vị chưa đạt" in compare_units(frame, title="t", target=0.85).alt
    alone = compare_units(frame.with_columns(status=pl.lit("met")), title="t", target=0.95)
    assert "0 đơn vị chưa đạt" in alone.alt


def test_title_and_names_are_escaped_in_the_page():
    page = trend(series(0.5, 0.6), title=EVIL, notes=(EVIL,))._repr_html_()
    assert "<script" not in page
    assert page.count("&lt;script") == 4  # title, label of the scrolling part, alternative text, note
    assert 'aria-label=""' not in page


def test_same_numbers_same_bytes_whatever_the_user_s_settings():
    frame = units(("A", 0.9), (LONG, 0.5), base=10)
    first = compare_units(frame, title="t", target=0.85)
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 20, "svg.hashsalt": None}):
        second = compare_units(frame, title="t", target=0.85)
    assert first.svg == second.svg
    assert "<dc:date>" not in first.svg


def test_another_process_gives_the_same_bytes():
    code = (
        "import polars as pl, hashlib; from chiso.reporting.charts import trend;"
        "f = pl.DataFrame({'label': ['a', 'b'], 'value': [0.5, 0.75]});"
        "print(hashlib.sha256(trend(f, title='t', target=0.6).svg.encode()).hexdigest())"
    )
    runs = {subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)}
    assert len(runs) == 1


def test_drawing_leaves_no_pyplot_state():
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_the_picture_s_text_is_text_in_the_page_s_font():
    svg = picture(compare_units(units(("Phòng Tổ chức", 0.9), base=10), title="t", target=0.85))
    texts = [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]
    assert "Phòng Tổ chức" in texts
    assert "9/10" in texts
    assert f'font-family="{theme.FONT}, sans-serif"' in svg
    assert svg.count("font-family") == 1


def test_the_picture_states_its_finding_once():
    chart = trend(series(0.5, 0.875), title="Tỷ lệ", target=0.85)
    root = ET.fromstring(picture(chart))
    assert root.attrib["role"] == "img"  # what is in it is not read out a second time
    assert root.attrib["aria-label"] == chart.alt
    assert "focusable" not in root.attrib


def test_a_shortened_name_has_its_whole_as_tooltip():
    root = ET.fromstring(picture(compare_units(units((LONG[:200], 0.5), ("Ngắn", 0.7)), title="t")))
    assert [title.text for title in root.iter(f"{SVG}title")] == [" ".join(LONG[:200].split())]


def test_names_within_a_page_are_the_picture_s_own():
    charts = [trend(series(0.5, value), title="t", target=0.6) for value in (0.7, 0.8)]
    ids = [set(re.findall(r'id="([^"]+)"', picture(chart))) for chart in charts]
    assert not ids[0] & ids[1]
    for chart, own in zip(charts, ids, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)", chart.svg)) | set(re.findall(r'href="#([^"]+)"', chart.svg)) == own


def test_coordinates_have_no_digits_that_nobody_sees():
    svg = picture(compare_units(units(*[(f"Đơn vị {i}", i / 60) for i in range(60)], base=60), title="t", target=0.85))
    assert not re.findall(r'(?:[ "MLHV]|^)-?\d+\.\d{2,}', re.sub(r'style="[^"]*"', "", svg))
    assert len(svg) < 40_000
    assert len(picture(trend(series(0.5, 0.7, 0.8), title="t", target=0.6))) < 7_000


def test_a_name_cannot_turn_the_direction_of_the_page():
    shown = trend(series(0.5, 0.6), title=f"Tỷ lệ {EVIL}")._repr_html_()
    caption = re.search(r"<figcaption>(.*?)</figcaption>", shown, re.DOTALL)[1]
    assert "\u202e" not in caption
    assert "\u202e" not in picture(compare_units(units((EVIL, 0.5)), title="t"))


def test_labels_of_a_grid_keep_apart():
    shifts = _apart([0.0, 0.01, 0.02, 1.0], [1, 2, 1, 1])
    assert shifts[0] == 0.0
    assert shifts[3] == 0.0  # far enough away
    assert 0 < shifts[1] < shifts[2]
    assert _apart([], []) == []
