"""Folds, call-outs, filters: what a page shows, and what a reader without eyes is told."""

import re
from html.parser import HTMLParser

import pytest

from chiso.messages import text
from chiso.reporting.html import KeyFigure, KeyFigures, Prose
from chiso.reporting.parts import Callout, Filter, FilterBar, Fold

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


def test_a_filter_bar_waits_for_its_script_and_labels_every_field():
    bar = Parsed(FilterBar("board", (Filter("status", "Tình trạng", (("met", "Đạt"),)),), search=True))
    (form,) = bar.all("form")
    assert "hidden" in form and form["data-for"] == "board"
    fields = bar.all("select") + bar.all("input")
    assert {label["for"] for label in bar.all("label")} == {field["id"] for field in fields}
    assert [option["value"] for option in bar.all("option")] == ["", "met"]
    (output,) = bar.all("output")
    assert "{shown}" in output["data-template"] and "{all}" in output["data-template"]
