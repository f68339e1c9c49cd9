"""The template of the Word draft: as the script makes it, changed by an office, or not to be used."""

from __future__ import annotations

import io

import docx
import pytest

from chiso.errors import ChisoError
from chiso.reporting.word import open_template, own_template, word_draft
from chiso.reporting.word.make_template import make_template
from chiso.reporting.word.template import SHIPPED, fill
from chiso.reporting.word.writer import write

FILES = {"A": "a.xlsx", "B": "b.xlsx"}
VALUES = dict.fromkeys(("co_quan_chu_quan", "co_quan", "trich_yeu", "ky_bao_cao", "chuc_vu"), "–")


def changed(path, change):
    document = docx.Document(str(SHIPPED))
    change(document)
    document.save(str(path))
    return path


def marker(document, name: str):
    return next(p for p in document.paragraphs if p.text == f"{{{{{name}}}}}")


def test_shipped_template_is_what_the_script_makes():
    made, shipped = docx.Document(io.BytesIO(make_template())), docx.Document(str(SHIPPED))
    assert made.element.xml == shipped.element.xml
    assert made.styles.element.xml == shipped.styles.element.xml
    assert make_template() == make_template()


def test_an_office_changes_fonts_heads_and_recipients(tmp_path, material):
    def change(document):
        document.styles["Nội dung"].font.name = "Arial"
        cell = document.tables[-1].rows[0].cells[0]
        cell.paragraphs[1].runs[0].text = "- Thường trực Tỉnh ủy;"
        document.add_paragraph("Trang cuối của cơ quan")

    document = docx.Document(io.BytesIO(word_draft(material, FILES, template=changed(tmp_path / "t.docx", change))))
    assert document.styles["Nội dung"].font.name == "Arial"
    assert "- Thường trực Tỉnh ủy;" in document.tables[-1].rows[0].cells[0].text
    assert document.paragraphs[-1].text == "Trang cuối của cơ quan"
    assert "I. Công tác chỉ đạo, điều hành" in [p.text for p in document.paragraphs]


def test_a_marker_that_word_has_cut_into_runs_is_filled_in_its_type(tmp_path):
    def change(document):
        paragraph = marker(document, "trich_yeu")
        paragraph.runs[0].text = "Về việc: {{trich"
        paragraph.runs[0].italic = True
        paragraph.add_run("_yeu}} (bản ")
        paragraph.add_run("1)")

    document = open_template(changed(tmp_path / "t.docx", change))
    fill(document, VALUES | {"trich_yeu": "Tên [[chỗ trống]] {{chuc_vu}}"})
    paragraph = next(p for p in document.paragraphs if p.text.startswith("Về việc"))
    assert paragraph.text == "Về việc: Tên [chỗ trống] {{chuc_vu}} (bản 1)"  # what is filled in is not read again
    assert paragraph.runs[0].italic
    assert [run.text for run in paragraph.runs if run.style.name == "Cần điền"] == ["[chỗ trống]"]


def test_blanks_beside_a_marker_stay_marked(tmp_path):
    def change(document):
        paragraph = marker(document, "ky_bao_cao")
        write(paragraph, " số [[…]]")

    document = open_template(changed(tmp_path / "t.docx", change))
    fill(document, VALUES | {"ky_bao_cao": "quý IV"})
    paragraph = next(p for p in document.paragraphs if p.text.startswith("quý IV"))
    assert paragraph.text == "quý IV số […]"
    assert paragraph.runs[-1].style.name == "Cần điền"


def test_a_style_that_is_gone_is_named(tmp_path):
    def change(document):
        document.styles["Gạch đầu dòng"].delete()

    with pytest.raises(ChisoError, match="thiếu kiểu định dạng .*: Gạch đầu dòng"):
        open_template(changed(tmp_path / "t.docx", change))


def test_an_unknown_marker_is_named_with_those_there_are(tmp_path):
    def change(document):
        document.add_paragraph("{{so_van_ban}}")

    with pytest.raises(ChisoError, match=r"không dùng được: so_van_ban.*\{\{trich_yeu\}\}"):
        open_template(changed(tmp_path / "t.docx", change))


@pytest.mark.parametrize("where", ["gone", "twice", "in a sentence"])
def test_the_place_of_the_content_is_there_once_in_a_paragraph_of_its_own(tmp_path, where):
    def change(document):
        if where == "twice":
            document.add_paragraph("{{noi_dung}}")
        else:
            marker(document, "noi_dung").runs[0].text = "" if where == "gone" else "Nội dung: {{noi_dung}}"

    with pytest.raises(ChisoError, match="đúng một đoạn riêng"):
        open_template(changed(tmp_path / "t.docx", change))


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 broken"])
def test_what_is_no_document_is_told(tmp_path, content):
    path = tmp_path / "bao-cao.docx"
    path.write_bytes(content)
    with pytest.raises(ChisoError, match="không phải văn bản Word"):
        open_template(path)


def test_a_workbook_under_the_name_of_the_template_is_told(tmp_path):
    import openpyxl

    path = tmp_path / "bao-cao.docx"
    openpyxl.Workbook().save(path)
    with pytest.raises(ChisoError, match="không phải văn bản Word"):
        open_template(path)


def test_own_template_lies_in_the_data_folder(tmp_path):
    assert own_template(tmp_path) is None
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "bao-cao.docx").write_bytes(SHIPPED.read_bytes())
    assert own_template(tmp_path) == tmp_path / "templates" / "bao-cao.docx"


def test_headers_over_odd_and_even_pages_all_get_the_band(tmp_path, material):
    def change(document):
        document.settings.odd_and_even_pages_header_footer = True

    document = docx.Document(io.BytesIO(word_draft(material, FILES, template=changed(tmp_path / "t.docx", change))))
    section = document.sections[0]
    for header in (section.header, section.first_page_header, section.even_page_header):
        assert "MÔ PHỎNG" in header.paragraphs[0].text
