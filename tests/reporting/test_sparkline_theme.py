import math
import xml.etree.ElementTree as ET

import pytest

from chiso.reporting import theme
from chiso.reporting.sparkline import sparkline


@pytest.mark.parametrize("values", [[], [None], [0.5], [0.5, 0.5], [None, 0.2, None, -3.0], [math.nan, 1.0]])
def test_sparkline_draws_whatever_comes(values):
    for target in (None, 0.9):
        root = ET.fromstring(sparkline(values, target))
        assert root.attrib["role"] == "img"
        for point in root.iter("circle"):
            assert 0 <= float(point.attrib["cx"]) <= 84
            assert 0 <= float(point.attrib["cy"]) <= 20


def test_sparkline_breaks_at_gaps():
    path = ET.fromstring(sparkline([1, 2, None, 3, 4])).find("path").attrib["d"]
    assert path.count("M") == 2
    assert path.count("L") == 2
    lonely = ET.fromstring(sparkline([1, None, 3, 4]))
    assert len(lonely.findall("circle")) == 2  # the single one and the last


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("status", theme.STATUSES)
def test_status_colours_are_legible_and_have_mark_and_word(status):
    from chiso.messages import text

    assert contrast(theme.STATUS[status], theme.PAPER) >= 4.5
    assert contrast(theme.STATUS[status], theme.STATUS_SOFT[status]) >= 4.5
    assert text(f"reporting.status.{status}.mark")
    assert text(f"reporting.status.{status}.word")


def test_every_status_has_a_mark_of_its_own():
    from chiso.messages import text

    marks = [text(f"reporting.status.{s}.mark") for s in theme.STATUSES]
    assert len(set(marks)) == len(marks)


def test_text_colours_are_legible():
    for colour in (theme.INK, theme.MUTED, theme.ACCENT, theme.TARGET, theme.BAND):
        assert contrast(colour, theme.PAPER) >= 4.5
    assert contrast(theme.INK, theme.ACCENT_SOFT) >= 4.5
    assert contrast(theme.MUTED, theme.SURFACE) >= 4.5


def test_style_sheet_names_only_tokens_that_exist_and_nothing_outside():
    import re

    sheet = theme.css()
    assert set(re.findall(r"var\(--([\w-]+)\)", sheet)) <= set(re.findall(r"--([\w-]+):", sheet))
    assert "http" not in sheet
    assert set(re.findall(r"url\(([^,)]*)", sheet)) == {"data:font/woff2;base64"}
    for status in theme.STATUSES:
        assert f".status-{status.replace('_', '-')}{{" in sheet


def test_excel_colours():
    assert theme.argb("#1f4e79") == "FF1F4E79"
