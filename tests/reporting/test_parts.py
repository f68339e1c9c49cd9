"""Folds, call-outs, actions, changes, filters: what a page shows, and what a reader without eyes is told."""

import re
from html.parser import HTMLParser

import pytest

from chiso.messages import text
from chiso.reporting.html import KeyFigure, KeyFigures, Prose
from chiso.reporting.parts import Action, Actions, Callout, Change, Changes, Filter, FilterBar, Fold, direction_html

EVIL = "<script>alert('x')</script> & \"quoted\" 😀"


class Parsed(HTMLParser):
    """Tags with their attributes, and the text."""

    def __init__(self, part) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(part if isinstance(part, str) else part._repr_html_())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self.words)).strip()


PARTS = [
    Fold((Prose((EVIL,)),), EVIL),
    Callout((EVIL,), "caveat", EVIL),
    Actions((Action(EVIL, EVIL, EVIL, "not_met", EVIL, EVIL, "a.html#b", EVIL),)),
    Changes((Change(EVIL, "up", EVIL, EVIL, EVIL, True, EVIL, EVIL, 0.5, 0.75),)),
    FilterBar("board", (Filter("unit", EVIL, ((EVIL, EVIL),)),), search=True),
    KeyFigures((KeyFigure(EVIL, EVIL, change=EVIL, detail=EVIL),)),
]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: type(part).__name__)
def test_whatever_comes_from_data_is_escaped_and_not_in_the_name(part):
    page = part._repr_html_()
    assert "<script" not in page
    assert EVIL in Parsed(part).text or EVIL in str([attrs for _, attrs in Parsed(part).tags])
    assert "alert" not in repr(part)


def test_a_fold_is_closed_and_says_in_print_where_the_rest_stands():
    (closed,) = Parsed(Fold((Prose(("Bên trong.",)),))).all("details")
    assert "open" not in closed and "data-printed" not in closed
    assert closed["data-brief"].strip().startswith("–")
    (opened,) = Parsed(Fold((), open=True, printed=True)).all("details")
    assert "open" in opened and "data-printed" in opened
    assert Parsed(Fold((Prose(("Bên trong.",)),))).text == "Nguồn và cách tính Bên trong."


@pytest.mark.parametrize("kind", ["info", "caveat", "problem"])
def test_a_callout_has_a_title_in_words_not_colour_alone(kind):
    part = Parsed(Callout(("Một câu.",), kind))
    assert part.text.startswith(text(f"reporting.callout.{kind}"))
    assert part.all("div")[0]["class"] == f"callout callout-{kind}"


def test_actions_say_what_who_and_when():
    action = Action("Lập báo cáo", "Văn phòng Sở", "31/12/2024", "pending", "B.I.1", "còn 2 phần", left="còn 17 ngày")
    shown = Parsed(Actions((action,)))
    for part in ("Hạn 31/12/2024", "còn 17 ngày", "Chưa đến hạn", "B.I.1", "Lập báo cáo", "còn 2 phần", "Văn phòng Sở"):
        assert part.replace(" ", "") in shown.text.replace(" ", "")
    assert not shown.all("a")
    assert Parsed(Actions((Action("x", "y", "z", href="#t"),))).all("a") == [{"href": "#t"}]


@pytest.mark.parametrize(
    ("direction", "good", "told", "colour"),
    [
        ("up", True, "↑ Tăng (tốt hơn)", "good"),
        ("up", False, "↑ Tăng (kém hơn)", "bad"),
        ("down", True, "↓ Giảm (tốt hơn)", "good"),
        ("down", None, "↓ Giảm", "neutral"),
        ("same", None, "= Không đổi", "neutral"),
        ("new", None, "◆ Mới có", "neutral"),
        ("unknown", None, "○ Chưa có số", "neutral"),
    ],
)
def test_a_direction_is_arrow_and_word(direction, good, told, colour):
    shown = Parsed(str(direction_html(direction, good)))
    assert shown.text == told
    assert shown.all("span")[0]["class"] == f"direction direction-{colour}"
    assert shown.all("span")[1] == {"aria-hidden": "true"}


def test_changes_keep_their_numbers_beside_the_text():
    change = Change("Đúng hạn", "up", "97,4 %", "98,1 %", "+0,7 điểm %", True, before_value=0.974, now_value=0.981)
    shown = Parsed(Changes((change,)))
    values = [attrs["data-value"] for _, attrs in shown.tags if "data-value" in attrs]
    assert values == ["0.974", "0.981"]
    assert "97,4 % → 98,1 %" in shown.text
    bare = Parsed(Changes((Change("Mới", "new", "–", "3"),)))
    assert not any("data-value" in attrs for _, attrs in bare.tags)


def test_a_filter_bar_waits_for_its_script_and_labels_every_field():
    bar = Parsed(FilterBar("board", (Filter("status", "Tình trạng", (("met", "Đạt"),)),), search=True))
    (form,) = bar.all("form")
    assert "hidden" in form and form["data-for"] == "board"
    fields = bar.all("select") + bar.all("input")
    assert {label["for"] for label in bar.all("label")} == {field["id"] for field in fields}
    assert [option["value"] for option in bar.all("option")] == ["", "met"]
    (output,) = bar.all("output")
    assert "{shown}" in output["data-template"] and "{all}" in output["data-template"]
