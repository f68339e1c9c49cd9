"""Workbooks and the Word draft as LibreOffice opens, calculates and prints them."""

from __future__ import annotations

import re

import pytest
from docx import Document
from printed import Printed
from pypdf import PdfReader

#: What a cell shows that is too narrow, or that a formula could not calculate.
AMISS = re.compile(r"##+|#(REF|NAME|VALUE|DIV/0|N/A|NUM|NULL)[!?]?|Err:\d+|Lỗi:\d+")
#: More sheets of paper than this, and a column has slipped from its page.
SHEETS = {".xlsx": 200, ".docx": 40}


@pytest.fixture(scope="module")
def printed(folder, office):
    files = sorted([*folder.glob("*.xlsx"), *folder.glob("*.docx")])
    assert len(files) >= 3
    return {file: Printed(office(file, "pdf")) for file in files}


def test_nothing_is_too_narrow_and_no_formula_fails(printed):
    found = {}
    for file, pdf in printed.items():
        for number, page in enumerate(pdf.pages, 1):
            words = " ".join(text for text, _ in page.texts)
            if amiss := AMISS.search(words):
                found.setdefault(file.name, []).append((number, words[max(0, amiss.start() - 40) : amiss.end() + 20]))
    assert found == {}


def test_paper_is_not_wasted(printed):
    for file, pdf in printed.items():
        assert 1 <= len(pdf.pages) <= SHEETS[file.suffix], file.name
        empty = [number for number, page in enumerate(pdf.pages, 1) if not page.texts]
        assert empty == [], file.name


def test_word_draft_has_the_heading_of_decree_30_and_is_in_one_typeface(printed):
    (draft,) = [pdf for file, pdf in printed.items() if file.suffix == ".docx"]
    first = " ".join(text for text, _ in draft.pages[0].texts)
    letters = re.sub(r"\s+", "", first)
    for words in ("CỘNGHÒAXÃHỘICHỦNGHĨAVIỆTNAM", "Độclập-Tựdo-Hạnhphúc", "BÁOCÁO"):
        assert words in letters, first[:400]
    fonts = set()
    for page in PdfReader(draft.path).pages:
        for font in page["/Resources"]["/Font"].values():
            fonts.add(re.sub(r"^[A-Z]{6}\+|[,-].*$", "", str(font.get_object()["/BaseFont"])[1:]).removesuffix("PSMT"))
    assert len({re.sub(r"(Bold|Italic|MT)+$", "", font) for font in fonts}) == 1, fonts


def test_word_draft_opens_and_saves_with_all_its_text(folder, office):

    (draft,) = folder.glob("*.docx")

    def texts(path):
        document = Document(path)
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return [text for text in (*(paragraph.text for paragraph in document.paragraphs), *cells) if text.strip()]

    assert texts(office(draft, "docx:MS Word 2007 XML")) == texts(draft)
