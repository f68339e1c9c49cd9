from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import pytest
from openpyxl import Workbook, load_workbook

from chiso.reporting import excel, formats
from chiso.reporting.workbook import Material, appendix_sheets, appendix_workbook, roman


@pytest.fixture(scope="module", params=["A", "B"])
def index(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def content(material, index) -> bytes:
    return appendix_workbook(material, index)


@pytest.fixture(scope="module")
def book(content):
    return load_workbook(io.BytesIO(content))


@pytest.fixture(scope="module")
def shown(content):
    """The workbook as a program reads it that does not calculate."""
    return load_workbook(io.BytesIO(content), data_only=True)


def appendices(book):
    return book.worksheets[3:]


def header_row(ws) -> int:
    return int(ws.print_title_rows.replace("$", "").split(":")[1])


def test_a_sheet_for_each_table_after_cover_and_contents(material, index, book):
    sheets = appendix_sheets(material, index)
    assert book.sheetnames[:3] == ["Bìa", "Mục lục", "Ghi chú"]
    assert book.sheetnames[3:] == [f"{roman(n)}. {s.name}" for n, s in enumerate(sheets, 1)]
    assert all(len(name) <= 31 for name in book.sheetnames)
    components = {"A": ["A.I", "A.II", "A.III", "A.IV", "A.V"], "B": ["B.I", "B.VII", "P"]}
    assert set(components[index]) < {s.name for s in sheets}


def test_numbers_are_those_of_the_tables(material, index, shown):
    for sheet, ws in zip(appendix_sheets(material, index), appendices(shown), strict=True):
        start = header_row(ws) + 1
        for at, row in enumerate(sheet.table.rows(), start):
            for column, cell in enumerate(row.cells, 1):
                written = ws.cell(at, column)
                if cell.format in formats.NUMERIC and cell.value is not None:
                    assert written.data_type == "n"
                    assert written.value == pytest.approx(cell.value, rel=1e-15)  # openpyxl writes 16 digits
                    assert written.number_format == formats.excel_format(cell.value, cell.format)
                elif cell.format == "date" and cell.value is not None:
                    assert written.is_date and written.value.date() == cell.value
                else:
                    assert written.data_type == "s" or written.value is None


def test_form_is_merged_as_the_form_is(material, book):
    ws = next(ws for ws in book.worksheets if ws.title.endswith("Biểu II.06"))
    bottom = header_row(ws)
    top = bottom - 2
    spans = {str(r) for r in ws.merged_cells.ranges}
    assert {f"A{top}:A{bottom}", f"B{top}:B{bottom}", f"C{top}:F{top}", f"G{top}:J{top}", f"K{top}:M{top}"} <= spans
    assert {f"C{top + 1}:C{bottom}", f"D{top + 1}:E{top + 1}", f"M{top + 1}:M{bottom}"} <= spans
    assert ws.print_title_rows == f"${top}:${bottom}"


def test_no_text_is_a_formula(content, book):
    values = {cell.value for ws in book for row in ws.iter_rows() for cell in row if cell.data_type == "s"}
    assert "=1+1" in values
    live = [cell.value for ws in book for row in ws.iter_rows() for cell in row if cell.data_type == "f"]
    assert live
    assert all(re.fullmatch(r"=(SUM|AVERAGE)\([A-Z]+\d+:[A-Z]+\d+\)|=[A-Z]+\d+([-+/][A-Z]+\d+)+", f) for f in live)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any(b"TargetMode" in archive.read(name) for name in archive.namelist())  # no link leaves the file


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x", "\tx", "=cmd|' /C calc'!A0", "\x00\x0b=1", "a\uffff"])
def test_hostile_text_stays_text(value):
    book = Workbook()
    excel.write(book.active["A1"], value)
    saved = io.BytesIO()
    book.save(saved)
    cell = load_workbook(saved).active["A1"]
    assert cell.data_type == "s"
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\uffff]", cell.value)


def test_every_sheet_prints_on_a4_with_its_header_and_freezes_it(material, index, book):
    for ws in book.worksheets:
        assert ws.page_setup.paperSize == 9
        assert ws.sheet_properties.pageSetUpPr.fitToPage
        assert ws.page_setup.fitToWidth == 1
        alone = ws._charts and not ws.row_breaks.brk  # a chart may be set smaller to stand on its table's page
        assert ws.page_setup.fitToHeight in ((0, 1) if alone else (0,))
    for sheet, ws in zip(appendix_sheets(material, index), appendices(book), strict=True):
        assert re.fullmatch(rf"[A-Z]{header_row(ws) + 1}", ws.freeze_panes)
        wide = sum(excel.column_widths(sheet.table)) > 96
        assert ws.page_setup.orientation == ("landscape" if wide else "portrait")


def test_tables_can_be_filtered_without_their_total(book):
    for name, last in (("Tổng hợp", "Toàn chỉ số"), ("Số dòng đã đọc", "Tổng cộng")):
        ws = next(ws for ws in book.worksheets if ws.title.endswith(name))
        bottom = int(re.search(r"(\d+)$", ws.auto_filter.ref)[1])
        assert ws.cell(bottom + 1, 1).value == last


def test_synthetic_data_is_marked_on_every_sheet_and_page(book):
    for ws in book.worksheets:
        assert "MÔ PHỎNG" in ws["A1"].value
        assert "MÔ PHỎNG" in ws.oddHeader.center.text


def test_real_data_has_no_band(material):
    body = material.dataset.body.model_copy(update={"synthetic": False})
    real = Material(material.results, replace(material.dataset, body=body), material.catalogue, material.timeframe)
    book = load_workbook(io.BytesIO(appendix_workbook(real, "A")))
    assert not any("MÔ PHỎNG" in str(ws["A1"].value) for ws in book)


def test_head_tells_body_period_window_cut_off_and_catalogue(book):
    for ws in appendices(book):
        head = " ".join(str(ws.cell(row, 1).value) for row in range(1, 7))
        for told in ("Sở <Mẫu> & Thử", "quý IV/2024", "14/12/2024", "phiên bản 1.0", "Phụ lục"):
            assert told in head or told.upper() in head


def test_contents_lead_to_every_sheet(book):
    contents = book["Mục lục"]
    targets = [c.hyperlink.location for row in contents.iter_rows() for c in row if c.hyperlink and c.column == 2]
    assert [t.rsplit("!", 1)[0].strip("'") for t in targets] == book.sheetnames[2:]
    for ws in book.worksheets[2:]:
        back = [c.hyperlink.location for c in ws[1] if c.hyperlink]
        assert back == ["'Mục lục'!A1"]


def test_same_material_gives_the_same_bytes(material, index, content):
    again = Material(material.results, material.dataset, material.catalogue, material.timeframe)
    assert appendix_workbook(again, index) == content


def test_nobody_is_named_and_small_cells_are_hidden(book):
    text = " ".join(str(c.value) for ws in book for row in ws.iter_rows() for c in row if c.value is not None)
    assert "SECRET" not in text
    ws = next((ws for ws in book.worksheets if "Hài lòng theo đơn vị" in ws.title), None)
    if ws is not None:
        first = header_row(ws) + 1
        assert [ws.cell(first, c).value for c in range(2, 9)] == ["*"] * 7


def test_workbook_of_a_unit(material):
    own = Material(material.results, material.dataset, material.catalogue, material.timeframe, "U2")
    book = load_workbook(io.BytesIO(appendix_workbook(own, "B")))
    assert not any("theo đơn vị" in name for name in book.sheetnames)
    overdue = next(ws for ws in book.worksheets if "Hồ sơ quá hạn" in ws.title)
    assert overdue.cell(header_row(overdue) + 1, 1).value == "-H5"


def test_roman():
    assert [roman(n) for n in (1, 4, 9, 14, 19, 21, 40)] == ["I", "IV", "IX", "XIV", "XIX", "XXI", "XL"]
