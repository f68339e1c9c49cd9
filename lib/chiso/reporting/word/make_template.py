"""Makes the shipped template ``bao-cao.docx``: layout of Decree 30/2020/NĐ-CP, appendix I.

``python -m chiso.reporting.word.make_template`` writes it anew. An office changes a copy of the file in Word; this is
only for those who change what is shipped.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from chiso.messages import LANGUAGES, locales, text, use
from chiso.reporting import theme
from chiso.reporting.packing import repacked
from chiso.reporting.word import styles
from chiso.reporting.word.template import shipped
from chiso.reporting.word.writer import write

FONT = "Times New Roman"
_LEFT, _RIGHT = Mm(66), Mm(94)


def make_template() -> bytes:
    """Return the template."""
    document = docx.Document()
    relations = document.part.package.rels
    for name in [name for name, relation in relations.items() if relation.reltype.endswith("/thumbnail")]:
        del relations[name]  # a picture of another document
    _styles(document)
    _page(document)
    _head(document)
    _title(document)
    document.add_paragraph("{{noi_dung}}", style=styles.BODY)
    _signature(document)
    properties = document.core_properties
    properties.author = properties.last_modified_by = "chiso"
    properties.title, properties.comments = text("word.template.title"), ""
    properties.created = properties.modified = datetime(2024, 1, 1)
    raw = io.BytesIO()
    document.save(raw)
    return repacked(raw.getvalue())


# ------------------------------------------------------------------------------------------------------------- styles


def _styles(document: Document) -> None:
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    language = defaults.find(qn("w:lang"))
    language.set(qn("w:val"), locales.locale().tag)
    _style(document, "Normal", size=14)
    indent: dict[str, Any] = {"first": Mm(10), "align": ALIGN.JUSTIFY}
    keep: dict[str, Any] = {"keep": True}
    _style(document, styles.HEADING, 14, bold=True, caps=True, before=6, after=6, first=Mm(10), **keep)
    _style(document, styles.SUBHEADING, 14, bold=True, before=6, after=6, first=Mm(10), **keep)
    _style(document, styles.BODY, 14, after=6, line=1.1, id="NoiDung", **indent)
    _style(document, styles.GROUP, 14, italic=True, after=6, line=1.1, id="NhomChiSo", **indent)
    _style(document, styles.BULLET, 14, after=4, line=1.1, id="GachDauDong", **indent)
    _style(document, styles.NOTE, 11, italic=True, before=3, after=3, id="GhiChu", align=ALIGN.JUSTIFY)
    _style(document, styles.CAPTION, 13, bold=True, before=6, after=4, align=ALIGN.CENTER, id="TenBang", **keep)
    _style(document, styles.CELL, 11, before=1, after=1, id="OBang")
    _style(document, styles.HEAD_CELL, 11, bold=True, before=1, after=1, align=ALIGN.CENTER, id="TieuDeCot")
    _style(document, styles.SMALL_CELL, 10, before=1, after=1, id="OBangNho")
    _style(document, styles.SMALL_HEAD_CELL, 9, bold=True, before=1, after=1, align=ALIGN.CENTER, id="TieuDeCotNho")
    _style(document, styles.BAND, 9, bold=True, align=ALIGN.CENTER, colour=theme.BAND, id="BangMoPhong")
    centred: dict[str, Any] = {"align": ALIGN.CENTER}
    _style(document, "Cơ quan chủ quản", 13, id="CoQuanChuQuan", **centred)
    _style(document, "Cơ quan ban hành", 13, bold=True, id="CoQuanBanHanh", **centred)
    _style(document, "Quốc hiệu", 12, bold=True, id="QuocHieu", **centred)
    _style(document, "Tiêu ngữ", 13, bold=True, id="TieuNgu", **centred)
    _style(document, "Số, ký hiệu", 13, before=4, id="SoKyHieu", **centred)
    _style(document, "Địa danh, thời gian", 13, italic=True, before=4, id="DiaDanh", **centred)
    _style(document, "Tên loại", 14, bold=True, before=18, id="TenLoai", **centred)
    _style(document, "Trích yếu", 14, bold=True, id="TrichYeu", **centred)
    _style(document, "Kỳ báo cáo", 14, before=3, id="KyBaoCao", **centred)
    _style(document, "Kính gửi", 14, before=12, after=12, id="KinhGui", **centred)
    _style(document, "Từ Nơi nhận", 12, bold=True, italic=True, id="TuNoiNhan")
    _style(document, "Nơi nhận", 11, id="NoiNhan")
    _style(document, "Chức vụ người ký", 14, bold=True, id="ChucVu", **centred)
    _style(document, "Kẻ ngang", 2, id="KeNgang")
    _style(document, "Số trang", 13, id="SoTrang", **centred)
    blank = document.styles.add_style(styles.BLANK, WD_STYLE_TYPE.CHARACTER)
    blank.element.set(qn("w:styleId"), "CanDien")
    shading = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", "FFF200")):
        shading.set(qn(f"w:{name}"), value)
    blank.element.get_or_add_rPr().append(shading)


def _style(
    document: Document,
    name: str,
    size: float,
    *,
    bold: bool = False,
    italic: bool = False,
    caps: bool = False,
    before: float = 0,
    after: float = 0,
    line: float = 1.0,
    first: int | None = None,
    align: ALIGN | None = None,
    keep: bool = False,
    colour: str = "#000000",
    id: str = "",
) -> None:
    known = name in document.styles
    style = document.styles[name] if known else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    if id:
        style.element.set(qn("w:styleId"), id)
    if not known:
        style.base_style, style.quick_style = document.styles["Normal"], True
    font, form = style.font, style.paragraph_format
    font.name, font.size, font.bold, font.italic = FONT, Pt(size), bold, italic
    font.all_caps, font.color.rgb = caps or None, RGBColor.from_string(colour.lstrip("#").upper())
    fonts = style.element.rPr.rFonts
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]  # a theme's fonts would win
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), FONT)
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), line
    form.first_line_indent, form.alignment, form.keep_with_next = first, align, keep or None


# ---------------------------------------------------------------------------------------------------------------- page


def _page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = section.right_margin = Mm(20)
    section.left_margin, section.header_distance, section.footer_distance = Mm(30), Mm(7), Mm(7)
    section.different_first_page_header_footer = True  # the first page has no number
    header = section.header.paragraphs[0]
    header.style = "Số trang"
    for kind, code in (("begin", None), (None, "PAGE"), ("end", None)):
        run = header.add_run()
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = code
        run._r.append(part)
    section.first_page_header.paragraphs[0].style = "Số trang"


def _columns(document: Document) -> tuple[_Cell, _Cell]:
    table = document.add_table(1, 2)
    table.autofit = False
    row = table.rows[0]
    row.cells[0].width, row.cells[1].width = _LEFT, _RIGHT
    for column, width in zip(table.columns, (_LEFT, _RIGHT), strict=True):
        column.width = width
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "0")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")
    return row.cells[0], row.cells[1]


def _line(paragraph: Paragraph, left: int, right: int) -> None:
    """Draw a line under the paragraph before, between two indents."""
    paragraph.style = "Kẻ ngang"
    paragraph.paragraph_format.left_indent, paragraph.paragraph_format.right_indent = left, right
    border, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        bottom.set(qn(f"w:{name}"), value)
    border.append(bottom)
    paragraph._p.get_or_add_pPr().insert_element_before(
        border, "w:shd", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:rPr"
    )


def _fill(cell: _Cell, *lines: tuple[str, str]) -> None:
    for number, (value, style) in enumerate(lines):
        paragraph = cell.paragraphs[0] if not number else cell.add_paragraph()
        paragraph.style = style
        write(paragraph, value)


def _head(document: Document) -> None:
    left, right = _columns(document)
    _fill(left, ("{{co_quan_chu_quan}}", "Cơ quan chủ quản"), ("{{co_quan}}", "Cơ quan ban hành"))
    _line(left.add_paragraph(), Mm(22), Mm(22))
    number = left.add_paragraph(style="Số, ký hiệu")
    write(number, text("word.template.number"))
    _fill(right, (text("word.template.state"), "Quốc hiệu"), (text("word.template.motto"), "Tiêu ngữ"))
    _line(right.add_paragraph(), Mm(18.5), Mm(18.5))
    write(right.add_paragraph(style="Địa danh, thời gian"), text("word.template.place"))


def _title(document: Document) -> None:
    document.add_paragraph(text("word.template.kind"), style="Tên loại")
    document.add_paragraph("{{trich_yeu}}", style="Trích yếu")
    document.add_paragraph("{{ky_bao_cao}}", style="Kỳ báo cáo")
    _line(document.add_paragraph(), Mm(55), Mm(55))
    write(document.add_paragraph(style="Kính gửi"), text("word.template.addressee"))


def _signature(document: Document) -> None:
    left, right = _columns(document)
    recipients = ((text(f"word.template.recipient_{n}"), "Nơi nhận") for n in (1, 2, 3))
    _fill(left, (text("word.template.recipients"), "Từ Nơi nhận"), *recipients)
    blank = [("", "Chức vụ người ký")] * 4
    _fill(
        right,
        ("{{chuc_vu}}", "Chức vụ người ký"),
        *blank,
        (text("word.template.name"), "Chức vụ người ký"),
    )


if __name__ == "__main__":
    for spoken in LANGUAGES:
        use(spoken)
        shipped().write_bytes(make_template())
