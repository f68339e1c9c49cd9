"""Data at the edges: what it says is shown as text, nowhere obeyed."""

from __future__ import annotations

import pytest
from docx import Document
from edge_data import IMAGE, LONG, SCRIPT
from lxml import html
from openpyxl import load_workbook


@pytest.fixture(scope="module")
def trees(edge):
    return {file.name: html.fromstring(file.read_bytes()) for file in sorted(edge.glob("*.html"))}


def test_markup_in_data_is_text_on_every_page(trees):
    """Each page has only scripts of its own and no picture or heading that the data brought."""
    shown = set()
    for name, tree in trees.items():
        assert [e for e in tree.iter("script") if "alert(1)" in (e.text or "")] == [], name
        assert tree.xpath("//*[@onerror or @onload or @onclick]") == [], name
        assert [h for h in tree.iter("h1") if "Tiêu đề giả" in h.text_content()] == [], name
        assert tree.xpath("//a[starts-with(@href, 'javascript') or starts-with(@href, 'http')]") == [], name
        words = tree.text_content()
        shown |= {mark for mark in (SCRIPT, IMAGE, "{{ 7 * 7 }}", LONG) if mark in words}
    assert shown == {SCRIPT, IMAGE, "{{ 7 * 7 }}", LONG}


def test_marks_of_direction_and_no_width_do_not_reach_pages(trees):
    for name, tree in trees.items():
        words = tree.text_content()
        assert [hex(ord(mark)) for mark in "\u202e\u202d\u2067\u200b\u2060\ufeff" if mark in words] == [], name


def test_component_without_data_and_with_one_case_have_their_reports(trees):
    for name in ("A5_feedback.html", "B5_civil_service.html"):
        assert "Traceback" not in trees[name].text_content()
        assert trees[name].xpath("//main//table"), name


def test_formulas_in_data_are_text_in_workbooks(edge):
    """A cell that is a formula is one of ours: none reaches out of its workbook."""
    texts = 0
    for file in sorted(edge.glob("*.xlsx")):
        book = load_workbook(file)
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        assert "example.test" not in str(cell.value), (file.name, sheet.title, cell.coordinate)
                        assert not str(cell.value).startswith("=1+1"), (file.name, sheet.title, cell.coordinate)
                    texts += isinstance(cell.value, str) and "example.test" in cell.value
                    if cell.hyperlink is not None and cell.hyperlink.target:
                        assert "example.test" not in cell.hyperlink.target
    assert texts > 0


def test_word_draft_has_the_long_name_whole(edge):
    (draft,) = edge.glob("*.docx")
    document = Document(draft)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    words = " ".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    assert "\u202e" not in words
    assert "alert(1)" in words or LONG in words
