"""The Word draft read back: layout, order of parts, every number of its tables, blanks, suppression, the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import docx
import polars as pl
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm

from chiso.indicators import compute
from chiso.reporting import formats
from chiso.reporting.word import word_draft
from chiso.reporting.word.facts import Facts
from chiso.reporting.word.outlook import MOST_CASES, missed_table
from chiso.reporting.word.work import due_table, overdue_table, work_of
from chiso.reporting.workbook import Material
from chiso.sources import ingest
from chiso.worktime import Period, Timeframe

FILES = {"A": "phu-luc-SIPAS-2024-Q4.xlsx", "B": "phu-luc-PAR-INDEX-2024-Q4.xlsx"}
NBSP = "\N{NO-BREAK SPACE}"


def opened(content: bytes):
    return docx.Document(io.BytesIO(content))


def lines(document) -> list[str]:
    return [p.text for p in document.paragraphs]


def whole(document) -> str:
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join([*lines(document), *cells])


def own_tables(document):
    """Return the tables between heads and signature."""
    return document.tables[1:-1]


@pytest.fixture(scope="module")
def content(material) -> bytes:
    return word_draft(material, FILES)


@pytest.fixture(scope="module")
def document(content):
    return opened(content)


def history(material, period: str = "2024-Q3") -> pl.DataFrame:
    """Return the figures of the quarter and of one before, each figure of which is half of its own."""
    now = material.results.indicators
    before = now.with_columns(value=pl.col("value") / 2, period=pl.lit(period))
    return pl.concat([before, now.with_columns(period=pl.lit("2024-Q4"))])


# ------------------------------------------------------------------------------------------------------------- layout


def test_page_is_that_of_decree_30(document):
    section = document.sections[0]
    # Word keeps twentieths of a point: half a millimetre is far more than it rounds away.
    for found, least, most in (
        (section.page_width, 210, 210),
        (section.page_height, 297, 297),
        (section.top_margin, 20, 25),
        (section.bottom_margin, 20, 25),
        (section.left_margin, 30, 35),
        (section.right_margin, 15, 20),
    ):
        assert Mm(least) - Mm(0.5) < found < Mm(most) + Mm(0.5)


def test_type_is_times_new_roman_13_to_14_in_the_body(document):
    for name in ("Nội dung", "Gạch đầu dòng", "Heading 1", "Heading 2", "Tên loại", "Trích yếu"):
        font = document.styles[name].font
        assert font.name == "Times New Roman"
        assert 13 <= font.size.pt <= 14
    assert document.styles["Nội dung"].paragraph_format.alignment == WD_ALIGN_PARAGRAPH.JUSTIFY
    assert {p.style.name for p in document.paragraphs} <= {s.name for s in document.styles}


def test_heads_stand_side_by_side_and_number_place_and_date_are_left_to_fill_in(document):
    left, right = document.tables[0].rows[0].cells
    told = [p.text for p in left.paragraphs if p.text]
    assert told == ["[Cơ quan chủ quản]", "SỞ <MẪU> & THỬ", "Số: […]/BC-[…]"]
    told = [p.text for p in right.paragraphs if p.text]
    assert told[:2] == ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
    assert told[2] == "[Địa danh], ngày […] tháng […] năm […]"


def test_title_comes_before_addressee_and_content(document):
    found = [line for line in lines(document) if line][:4]
    assert found[0] == "BÁO CÁO"
    assert found[1].startswith("Kết quả thực hiện Kế hoạch cải thiện chất lượng phục vụ")
    assert found[2] == "(Kỳ báo cáo: quý IV/2024, số liệu từ ngày 15/09/2024 đến ngày 14/12/2024)"
    assert found[3] == "Kính gửi: [Cơ quan nhận báo cáo]."


def test_signature_block_ends_the_document(document):
    left, right = document.tables[-1].rows[0].cells
    assert left.paragraphs[0].text == "Nơi nhận:"
    assert [p.text for p in right.paragraphs if p.text] == ["GIÁM ĐỐC", "[Họ và tên]"]
    assert next(line for line in reversed(lines(document)) if line).endswith("./.")


def test_page_number_from_the_second_page_and_the_band_on_every_page(document):
    section = document.sections[0]
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml
    assert "PAGE" not in section.first_page_header._element.xml
    for header in (section.header, section.first_page_header):
        assert header.paragraphs[0].text == "DỮ LIỆU MÔ PHỎNG – KHÔNG PHẢI SỐ LIỆU THẬT"


def test_real_data_has_no_band(material):
    body = material.dataset.body.model_copy(update={"synthetic": False})
    real = replace(material, dataset=replace(material.dataset, body=body))
    document = opened(word_draft(real, FILES))
    section = document.sections[0]
    assert "MÔ PHỎNG" not in "".join(
        p.text for p in (*section.header.paragraphs, *section.first_page_header.paragraphs)
    )
    assert "mô phỏng" not in whole(document)


@pytest.mark.parametrize(
    ("name", "province", "heads"),
    [
        ("Sở Nội vụ tỉnh Mô Phỏng", "Tỉnh Mô Phỏng", ["UBND TỈNH MÔ PHỎNG", "SỞ NỘI VỤ", "GIÁM ĐỐC"]),
        ("Sở Y tế", "Tỉnh Mô Phỏng", ["UBND TỈNH MÔ PHỎNG", "SỞ Y TẾ", "GIÁM ĐỐC"]),
        ("UBND huyện Giả", None, ["[Cơ quan chủ quản]", "UBND HUYỆN GIẢ", "[Chức vụ người ký]"]),
    ],
)
def test_issuing_body_and_the_body_above_it(material, name, province, heads):
    body = material.dataset.body.model_copy(update={"name": name, "province": province})
    document = opened(word_draft(replace(material, dataset=replace(material.dataset, body=body)), FILES))
    left = document.tables[0].rows[0].cells[0]
    signer = document.tables[-1].rows[0].cells[1].paragraphs[0]
    assert [left.paragraphs[0].text, left.paragraphs[1].text, signer.text] == heads


# ------------------------------------------------------------------------------------------------------------ content


def test_headings_in_the_order_officials_use(document):
    first = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert [line.split(".")[0] for line in first] == ["I", "II", "III", "IV", "V", "VI"]
    assert first[0] == "I. Công tác chỉ đạo, điều hành"
    assert first[3] == "IV. Tồn tại, hạn chế và nguyên nhân"
    assert document.styles["Heading 1"].font.all_caps
    second = [p.text for p in document.paragraphs if p.style.name == "Heading 2"]
    areas = ["1. Cải cách thể chế", "2. Cải cách thủ tục hành chính", "3. Cải cách tổ chức bộ máy"]
    assert second[2:5] == areas
    factors = second[8:13]
    assert factors[0] == "1. Tiếp cận dịch vụ" and factors[-1].startswith("5. ")


def test_every_cell_of_every_table_is_the_value_of_its_frame(material, document):
    facts, work = Facts(material, FILES), work_of(material)
    of = {id: reference.table for id, reference in facts.references.items()}
    expected = [
        of["summary-B"].without("coverage"),
        of["case-balance-field"],
        of["scorecard-A"].without("item", "deadline", "owner"),
        missed_table(facts),
        of["overdue-cases"].head(MOST_CASES).without("field", "apology_forms"),
        overdue_table(work, work.overdue),
        due_table(work.due, ""),
    ]
    found = own_tables(document)
    assert len(found) == len(expected)
    numbers = 0
    for table, shown in zip(expected, found, strict=True):
        body = shown.rows[len(table.header_rows) or 1 :]
        assert len(body) == table.frame.height > 0, table.id
        for row, line in zip(table.rows(), body, strict=True):
            for cell, written in zip(row.cells, line.cells, strict=True):
                value = cell.value or "none" if cell.format == "status" else cell.value
                assert written.text == formats.show(value, cell.format, cell.column.missing), (table.id, cell)
                numbers += isinstance(cell.value, int | float)
    assert numbers > 100


def test_case_balance_is_merged_as_the_form_is(document):
    table = own_tables(document)[1]
    head = [[cell.text for cell in row.cells] for row in table.rows[:3]]
    assert head[0] == ["STT", "Lĩnh vực", *["Số hồ sơ tiếp nhận"] * 4, *["Số hồ sơ đã giải quyết"] * 4,
                       *["Số hồ sơ đang giải quyết"] * 3]  # fmt: skip
    assert head[1][2:6] == ["Tổng số", "Trong kỳ", "Trong kỳ", "Từ kỳ trước"]
    assert head[2][3:5] == ["Trực tuyến", "Trực tiếp, dịch vụ bưu chính"]
    assert all(row._tr.trPr.find(docx.oxml.ns.qn("w:tblHeader")) is not None for row in table.rows[:3])
    assert [cell.text for cell in table.rows[-1].cells][:3] == ["", "Tổng cộng", "6"]


def test_sentences_give_n_and_n_total_target_and_deadline(document):
    told = lines(document)
    late = next(line for line in told if line.startswith("- Hồ sơ giải quyết đúng hạn và sớm hạn:"))
    assert late == f"- Hồ sơ giải quyết đúng hạn và sớm hạn: 66,7{NBSP}% (B.III.8: 2/3 hồ sơ); mục tiêu 100{NBSP}%."
    plan = next(line for line in told if line.startswith("- Nhiệm vụ kế hoạch CCHC hoàn thành có minh chứng:"))
    assert f"40,0{NBSP}% (B.I.1: 2/5 đầu việc)" in plan
    assert "- Hồ sơ quá hạn chưa giải quyết xong: 1 hồ sơ (B.III.8b); mục tiêu 0." in told
    flow = next(line for line in told if line.startswith("Trong kỳ, số hồ sơ"))
    assert "phải giải quyết là 6 hồ sơ: tiếp nhận trực tuyến 3 hồ sơ" in flow
    assert "từ kỳ trước chuyển sang 1 hồ sơ" in flow
    assert "Đã giải quyết 4 hồ sơ: trước hạn 1, đúng hạn 1, quá hạn 1" in flow


def test_compared_with_the_period_before_where_it_is_there(material):
    told = lines(opened(word_draft(material, FILES, history(material))))
    late = next(line for line in told if line.startswith("- Hồ sơ giải quyết đúng hạn và sớm hạn:"))
    assert f"66,7{NBSP}% (B.III.8: 2/3 hồ sơ); tăng 33,3 điểm{NBSP}% so với quý III/2024" in late
    plan = next(line for line in told if line.startswith("- Nhiệm vụ kế hoạch CCHC"))
    assert "so với" not in plan  # accumulates over the year: the quarter before tells nothing
    told = lines(opened(word_draft(material, FILES, history(material, "2023-Q4"))))
    plan = next(line for line in told if line.startswith("- Nhiệm vụ kế hoạch CCHC"))
    assert f"tăng 20,0 điểm{NBSP}% so với cùng kỳ năm 2023" in plan


def test_earlier_satisfaction_that_may_not_be_published_is_not_compared(material):
    # The survey of the earlier quarter has no answer in the data, so nothing of it is withheld; the unit's own is now.
    own = replace(material, unit="U1")
    told = lines(opened(word_draft(own, FILES, history(material))))
    assert any(line.startswith("Chỉ số hài lòng chung (*) (sipas) không công bố") for line in told)
    assert any(line.startswith("Không công bố kết quả để bảo vệ người trả lời:") for line in told)
    assert not any("người trả lời)" in line for line in told)


def test_causes_and_measures_are_left_to_the_author_and_marked(document):
    marked = [run.text for p in document.paragraphs for run in p.runs if run.style.name == "Cần điền"]
    assert sum("phân tích, bổ sung" in run for run in marked) == 2
    assert all(run.startswith("[") and run.endswith("]") for run in marked)
    for paragraph in document.paragraphs:  # a bracket of ours is never left unmarked
        plain = "".join(run.text for run in paragraph.runs if run.style.name != "Cần điền")
        assert "[" not in plain and "]" not in plain, paragraph.text
    fill = document.styles["Cần điền"].element.rPr.find(docx.oxml.ns.qn("w:shd"))
    assert fill.get(docx.oxml.ns.qn("w:fill")) == "FFF200"


def test_no_marker_of_the_template_is_left(document):
    headers = [p.text for s in document.sections for h in (s.header, s.first_page_header) for p in h.paragraphs]
    assert not re.search(r"\{\{|\}\}|\[\[|\]\]", whole(document) + "".join(headers))


def test_rules_that_were_not_checked_are_marked_and_listed(material, document):
    note = next(line for line in lines(document) if line.startswith("- (*)"))
    ids = [i.id for i in material.catalogue.indicators if not i.verified]
    assert note.startswith(f"- (*) {len(ids)} chỉ số") and note.endswith(f"{', '.join(ids)}.")
    marked = {line[2:].split(" (*)")[0] for line in lines(document) if line.startswith("- ") and " (*):" in line}
    unchecked = {i.name for i in material.catalogue.indicators if not i.verified}
    assert marked and marked <= unchecked


def test_appendices_are_named_with_their_sheet(material, document):
    told = "\n".join(lines(document))
    sheets = [sheet.table.id for sheet in material.sheets("B")]
    number = sheets.index("scorecard-B-III")
    assert f"(trang “{['I', 'II', 'III', 'IV', 'V', 'VI'][number]}. B.III”, tệp {FILES['B']})" in told
    assert f"Phụ lục kèm theo: {FILES['A']} và {FILES['B']}." in told


def test_small_cells_stay_hidden_and_nobody_is_named(material):
    own = opened(word_draft(replace(material, unit="U1"), FILES))
    assert "SECRET" not in whole(own)
    row = next(row for row in own_tables(own)[2].rows if row.cells[0].text == "sipas")
    assert [cell.text for cell in row.cells][2:] == ["–", "–", "–", f">{NBSP}87{NBSP}%", "✕ Không công bố"]


def test_what_comes_next_names_unit_and_deadline(material, document):
    table = own_tables(document)[-1]
    rows = [[cell.text for cell in row.cells] for row in table.rows[1:]]
    assert [rows[0][1], rows[0][2], rows[0][4]] == ["Còn hạn", "B.I.1", "31/12/2024"]
    assert rows[0][3] == material.units["U2"]
    late = [[cell.text for cell in row.cells] for row in own_tables(document)[-2].rows[1:]]
    assert [(row[1], row[5]) for row in late if row[1] != "Năm trước"] == [
        ("Thiếu", "Thiếu minh chứng"), ("Quá hạn", "Quá hạn 43 ngày")]  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- limits


def test_same_material_gives_the_same_bytes(material, content):
    assert word_draft(replace(material), FILES) == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2024-12-14T00:00:00Z"}
    assert opened(content).core_properties.author == "chiso"


#: Order in which Word asks for the children of some elements (ECMA-376, part 1, 17); it refuses another.
ORDER = {
    "tblPr": "tblStyle tblpPr tblOverlap tblW jc tblCellSpacing tblInd tblBorders shd tblLayout tblCellMar tblLook",
    "trPr": "cantSplit tblHeader",
    "tcPr": "tcW gridSpan vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign",
    "pPr": "pStyle keepNext keepLines pageBreakBefore widowControl numPr pBdr shd tabs spacing ind jc rPr",
    "rPr": "rStyle rFonts b bCs i iCs caps strike color spacing kern sz szCs highlight u shd vertAlign lang",
    "r": "rPr fldChar instrText t br tab",
}


def test_the_parts_of_the_file_stand_in_the_order_word_asks_for(document):
    seen = 0
    sections = [h._element for s in document.sections for h in (s.header, s.first_page_header)]
    for root in (document.element, *sections):
        for name, order in ORDER.items():
            for element in root.iter(docx.oxml.ns.qn(f"w:{name}")):
                places = [order.split().index(child.tag.split("}")[1]) for child in element]
                assert places == sorted(places), (name, [child.tag for child in element])
                seen += 1
    assert seen > 500


def test_nothing_leads_out_of_the_file(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any(b"TargetMode" in archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("period", ["2024", "2024-9M", "2024-H1", "2024-W46", "2023-Q1", "2025-Q1"])
def test_other_periods(material, period):
    timeframe = Timeframe(Period.parse(period))
    other = Material(
        compute(material.dataset, material.catalogue, timeframe), material.dataset, material.catalogue, timeframe
    )
    document = opened(word_draft(other, FILES))
    assert timeframe.period.label in "\n".join(lines(document))
    assert len([p for p in document.paragraphs if p.style.name == "Heading 1"]) == 6


def many_units(folder, tables: dict[str, str]):
    for name, content in tables.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return folder


def test_empty_data_says_so_and_invents_nothing(tmp_path, material):
    folder = many_units(tmp_path, {"units": "unit_code,unit_name,kind\nU1,Phòng Một,division\n"})
    dataset = ingest(folder, tmp_path / "processed")
    bare = Material(
        compute(dataset, material.catalogue, material.timeframe), dataset, material.catalogue, material.timeframe
    )
    document = opened(word_draft(bare, FILES))
    told = "\n".join(lines(document))
    assert "Chưa có dữ liệu để tính chỉ số hài lòng chung (*) (sipas)." in told
    assert "Chưa có dữ liệu hồ sơ hoặc danh mục thủ tục hành chính" in told
    assert "Chưa có bảng theo dõi đầu việc, nhiệm vụ" in told
    assert "Chưa có dữ liệu để xác định hồ sơ quá hạn" in told


def test_sixty_units_long_names_and_hostile_texts(tmp_path, material):
    long = ("Phòng " + "rất dài " * 30)[:200]
    names = [long, "Phòng 😀 <script>alert(1)</script>", "Phòng \u202egnohP\u202c [[x]] {{noi_dung}}", "x" * 200]
    names += [f"Phòng {n}" for n in range(56)]
    units = "".join(f"U{n},{name},division\n" for n, name in enumerate(names))
    tasks = "".join(f"D{n},2024,B.I.1,task,Việc {n} & <b>,U{n},2024-11-01,,\n" for n in range(60))
    head = "deliverable_id,plan_year,plan_item,kind,title,unit_code,due_on,done_on,evidence\n"
    folder = many_units(tmp_path, {"units": "unit_code,unit_name,kind\n" + units, "deliverables": head + tasks})
    dataset = ingest(folder, tmp_path / "processed")
    results = compute(dataset, material.catalogue, material.timeframe)
    department = Material(results, dataset, material.catalogue, material.timeframe)
    document = opened(word_draft(department, FILES))
    table = own_tables(document)[-1]
    assert len(table.rows) == 31
    assert "Hiển thị 30 trong tổng số 60 dòng" in "\n".join(lines(document))
    grid = [int(column.get(docx.oxml.ns.qn("w:w"))) for column in table._tbl.tblGrid]
    assert min(grid) > 300 and abs(sum(grid) - 9071) < 30
    for unit, name in (("U0", long.strip()), ("U1", names[1]), ("U2", "Phòng gnohP")):
        own = opened(word_draft(replace(department, unit=unit), FILES))
        left = own.tables[0].rows[0].cells[0]
        assert left.paragraphs[1].text.casefold().startswith(name.casefold()[:20])
        assert len([p for p in own.paragraphs if p.style.name == "Heading 1"]) == 6
        assert "[Chức vụ người ký]" in own.tables[-1].rows[0].cells[1].text
