"""Forms as data: loaded, checked, applied, compared."""

from pathlib import Path

import polars as pl
import pytest

from chiso.errors import ChisoError
from chiso.survey import compare_forms, load_questionnaire, shares

FORM = """
code = "sipas-2024"
title = "Phiếu khảo sát năm 2024"

[scales.five]
codes = [1, 2, 3, 4, 5]
labels = ["Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"]
satisfied = [4, 5]
unknown = [9]

[scales.slip]
codes = [1, 2, 3]
labels = ["Không hài lòng", "Bình thường", "Hài lòng"]
satisfied = [3]

[[items]]
code = "access_1"
text = "Nơi ngồi chờ tại bộ phận một cửa"
factor = "access"
scale = "five"

[[items]]
code = "staff_1"
text = "Công chức gây khó khăn"
factor = "staff"
scale = "five"
reverse = true

[[items]]
code = "counter"
text = "Đánh giá tại quầy"
factor = "slip"
scale = "slip"
"""


@pytest.fixture
def form(tmp_path: Path):
    def write(text: str = FORM, name: str = "form.toml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return load_questionnaire(path)

    return write


def test_scales_are_never_mixed_and_reverse_items_turned(form):
    q = form()
    frame = pl.DataFrame({"access_1": [5, 9, 1], "staff_1": [1, 2, 5], "counter": [3, 3, 1]})
    ready = q.prepare(frame)
    assert ready["staff_1"].to_list() == [5, 4, 1]
    five = shares(ready, **q.settings("five"))
    assert dict(five.select("code", "share").rows()) == {
        "access_1": 0.5,
        "staff_1": 2 / 3,
        "access": 0.5,
        "staff": 2 / 3,
        "overall": (0.5 + 2 / 3) / 2,
    }
    assert shares(ready, **q.settings("slip"))["share"].to_list() == [2 / 3] * 3
    with pytest.raises(ChisoError, match="five, slip"):
        q.settings("ten")
    with pytest.raises(ChisoError, match="counter"):
        q.prepare(frame.drop("counter"))


def test_what_two_forms_share(form):
    before = form()
    text = FORM.replace("Nơi ngồi chờ", "Chỗ ngồi chờ").replace("satisfied = [3]", "satisfied = [2, 3]")
    text = text.replace('code = "staff_1"', 'code = "staff_2"')
    assert compare_forms(before, form(text, "next.toml")).rows() == [
        ("access_1", "access", "text_changed"),
        ("staff_1", "staff", "only_first"),
        ("counter", "slip", "scale_changed"),
        ("staff_2", "staff", "only_second"),
    ]
    assert set(compare_forms(before, before)["status"]) == {"same"}
    moved = form(FORM.replace('factor = "access"', 'factor = "procedure"'), "moved.toml")
    assert compare_forms(before, moved)["status"].to_list() == ["factor_changed", "same", "same"]


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("code = ", "code == ", "TOML"),
        ("satisfied = [3]", "satisfied = [4]", "scales.slip"),
        ("unknown = [9]", "unknown = [5]", "scales.five"),
        ('scale = "slip"', 'scale = "ten"', "ten"),
        ('code = "counter"', 'code = "staff_1"', "staff_1"),
        ("reverse = true", "revers = true", "items.2.revers"),
    ],
)
def test_a_form_that_is_wrong_is_refused(form, old, new, word):
    with pytest.raises(ChisoError, match=word):
        form(FORM.replace(old, new))
