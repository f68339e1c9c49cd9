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


#: What dichromats see of linear light (Machado, Oliveira and Fernandes 2009, severity 1), and grey print.
SIGHT = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deuteranopia": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritanopia": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
    "grey": ((0.2126, 0.7152, 0.0722),) * 3,
}


def seen(colour: str, sight: str) -> tuple[float, float, float]:
    """The colour in CIE Lab, as those with a kind of sight see it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    r, g, b = (min(1.0, max(0.0, sum(w * p for w, p in zip(row, linear, strict=True)))) for row in SIGHT[sight])
    x, y, z = (
        0.4124 * r + 0.3576 * g + 0.1805 * b,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        0.0193 * r + 0.1192 * g + 0.9505 * b,
    )
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x / 0.9505, y, z / 1.089))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def apart(a: str, b: str, sight: str) -> float:
    """Distance of two colours; from 2 one sees that they differ, from 10 at a glance."""
    return math.dist(seen(a, sight), seen(b, sight))


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("parts", [theme.PUNCTUALITY, theme.LIKERT], ids=["punctuality", "likert"])
def test_neighbours_in_a_bar_are_told_apart_by_everyone_and_in_grey_print(parts, sight):
    for one, other in zip(parts, parts[1:], strict=False):
        assert apart(one, other, sight) >= 14


@pytest.mark.parametrize("sight", SIGHT)
def test_a_bar_that_misses_its_target_differs_for_everyone(sight):
    assert apart(theme.ACCENT, theme.PUNCTUALITY[2], sight) >= 14


@pytest.mark.parametrize("sight", ["normal", "protanopia", "deuteranopia", "tritanopia"])
def test_statuses_differ_in_colour_for_everyone(sight):
    """Beside mark and word; in grey print these alone tell them apart."""
    named = ["met", "not_met", "pending", "at_risk", "no_data"]
    found = {
        (a, b): apart(theme.STATUS[a], theme.STATUS[b], sight)
        for i, a in enumerate(named)
        for b in named[i + 1 :]
        if {a, b} != {"pending", "no_data"}  # both say: not known yet
    }
    assert min(found.values()) >= 10, found


def test_every_token_of_the_style_sheet_is_used():
    import re

    sheet = theme.css()
    given = set(re.findall(r"--((?:size|space|status)-[\w-]+):", sheet))
    assert given - set(re.findall(r"var\(--([\w-]+)", sheet)) == set()


def test_style_sheet_names_only_tokens_that_exist_and_nothing_outside():
    import re

    sheet = theme.css()
    words = set(re.findall(r"content:var\(--([\w-]+)\)", sheet))  # of the board on a phone: the table brings them
    assert words == {"value", "goal", "deadline", "owner"}
    assert set(re.findall(r"var\(--([\w-]+)\)", sheet)) - words <= set(re.findall(r"--([\w-]+):", sheet))
    assert "http" not in sheet
    assert set(re.findall(r"url\(([^,)]*)", sheet)) == {"data:font/woff2;base64"}
    for status in theme.STATUSES:
        assert f".status-{status.replace('_', '-')}{{" in sheet


def test_excel_colours():
    assert theme.argb("#1f4e79") == "FF1F4E79"
