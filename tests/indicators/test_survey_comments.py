"""Comments by theme: counted, in any spelling; never their words."""

import doctest

import polars as pl
import pytest

from chiso.indicators import survey_comments
from chiso.indicators.survey_comments import count_comments, load_themes, themes_of


def themes(comment):
    found = themes_of(pl.Series([comment], dtype=pl.String)).row(0, named=True)
    return {name for name, is_so in found.items() if is_so}


def test_doctests():
    assert doctest.testmod(survey_comments).failed == 0


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("Thái độ phục vụ lịch sự, trả kết quả chậm", {"attitude", "result", "time", "all"}),
        ("THÁI ĐỘ TỐT", {"attitude", "all"}),
        ("Tha\u0301i đô\u0323 tốt", {"attitude", "all"}),  # letters and marks apart
        ("thai do tot, thu tuc ruom ra", {"attitude", "paperwork", "all"}),  # no diacritics at all
        ("Phòng có điều hoà", {"facilities", "all"}),  # the tone mark's other place
        ("Nên nhận phiếu qua bưu điện", {"other", "all"}),
        ("Lệ phí hợp lý", {"fees", "all"}),
        ("Phi lý quá", {"other", "all"}),  # phi is not phí where the comment has diacritics
        ("Sớmnhất", {"other", "all"}),  # no whole word
        (None, set()),
    ],
)
def test_themes(comment, found):
    assert themes(comment) == found


def test_every_word_finds_its_own_theme():
    for theme in load_themes():
        for word in theme.words:
            assert theme.id in themes(f"Về {word}."), word
        assert theme.factor in (None, "A.I", "A.II", "A.III", "A.IV", "A.V")


def test_counts_by_unit_and_whole():
    rows = pl.DataFrame(
        {"unit_code": ["a", "a", "b", None, "b"], "comment": ["Chờ lâu, thái độ kém", "Tốt", "Chờ lâu", "Chậm", None]}
    )
    found = count_comments(rows, "2024-Q4")
    assert found.drop("period").rows() == [
        (None, "all", 4),
        (None, "attitude", 1),
        (None, "time", 3),
        (None, "other", 1),
        ("a", "all", 2),
        ("a", "attitude", 1),
        ("a", "time", 1),
        ("a", "other", 1),
        ("b", "all", 1),
        ("b", "time", 1),
    ]
    assert count_comments(rows.drop("comment"), "2024-Q4").is_empty()
    assert count_comments(rows.filter(pl.col("comment").is_null()), "2024-Q4").is_empty()
