"""The forms: filled from the shipped template or the office's own, which is refused with its place where it must be."""

from __future__ import annotations

import io
from dataclasses import replace

import polars as pl
import pytest
from openpyxl import Workbook, load_workbook

from chiso.errors import ChisoError
from chiso.reporting.forms import forms_workbook, open_forms, own_forms
from chiso.reporting.forms.make_template import make_template
from chiso.reporting.forms.rows import expand
from chiso.reporting.forms.template import SHIPPED
from chiso.reporting.tables.cases import FORM, case_balance_table
from chiso.reporting.tables.scorecard import figures_of
from chiso.reporting.workbook import Material


def read(content: bytes, *, values: bool):
    return load_workbook(io.BytesIO(content), data_only=values)


def changed(path, change):
    book = load_workbook(SHIPPED)
    change(book)
    book.save(path)
    return path


@pytest.fixture(scope="module")
def content(material) -> bytes:
    return forms_workbook(material)


def test_shipped_template_is_what_the_script_makes(material):
    assert SHIPPED.read_bytes() == make_template()
    open_forms(None, material.catalogue)


def test_form_has_thirteen_columns_and_the_numbers_of_the_case_balance(material, content):
    live, shown = read(content, values=False)["II.06a"], read(content, values=True)["II.06a"]
    frame = case_balance_table(material.results.case_balance).frame
    assert shown.max_column == 13
    for at, row in enumerate(frame.iter_rows(named=True), 11):
        assert [shown.cell(at, c).value for c in range(3, 14)] == [row[name] for name in FORM]
        assert live.cell(at, 2).data_type == "s"
    last = 11 + frame.height - 1
    assert live.cell(last, 4).value == f"=SUM(D11:D{last - 1})"
    assert live.cell(11, 3).value == "=D11+E11+F11"
    # One case without a due date is finished and in no part: a number.
    assert sum(isinstance(live.cell(at, 7).value, int) for at in range(11, last)) == 1
    assert [r for r in live.merged_cells.ranges if live.cell(r.min_row, r.min_col).value == "NGƯỜI LẬP BIỂU"]


def test_what_the_form_has_no_column_for_is_told_below_it(material, content):
    """Total finished is one more than early, on time and late: the case without a due date."""
    shown = read(content, values=True)["II.06a"]
    last = 11 + case_balance_table(material.results.case_balance).frame.height - 1
    finished, *parts = [shown.cell(last, c).value for c in range(7, 11)]
    assert finished == sum(parts) + 1
    note = shown.cell(last + 1, 1)
    assert "1 hồ sơ đã giải quyết và 0 hồ sơ đang giải quyết" in note.value
    assert shown.row_dimensions[last + 1].height > 15
    balance = material.results.case_balance
    every = balance.with_columns(early=pl.col("early") + pl.col("finished_no_due"), finished_no_due=pl.lit(0))
    whole = replace(material, results=replace(material.results, case_balance=every))
    assert read(forms_workbook(whole), values=True)["II.06a"].cell(last + 1, 1).value is None


@pytest.mark.parametrize(("merged", "below"), [(True, 1), (False, 1), ("taken", 5)])
def test_an_own_template_without_a_place_for_it_tells_it_in_the_first_free_row(tmp_path, material, merged, below):
    """In a row merged already, in one that is not, and below the signatures where all above is taken."""

    def without(book):
        ws = book["II.06a"]
        place = next(c for row in ws.iter_rows() for c in row if c.value == "{{ghi_chu_bieu}}")
        place.value, row = None, place.row
        if merged is not True:
            ws.unmerge_cells(start_row=row, end_row=row, start_column=1, end_column=13)
        if merged == "taken":
            ws.cell(row, 2).value = "Ghi chú của đơn vị"

    path = changed(tmp_path / "bieu-mau.xlsx", without)
    book = read(forms_workbook(material, path), values=True)
    total = 11 + case_balance_table(material.results.case_balance).frame.height - 1
    ws, at = book["II.06a"], total + below
    assert "1 hồ sơ đã giải quyết và 0 hồ sơ đang giải quyết" in ws.cell(at, 1).value
    assert [str(m) for m in ws.merged_cells.ranges if m.min_row <= at <= m.max_row] == [f"A{at}:M{at}"]
    assert "hồ sơ đã giải quyết và" not in str([c.value for row in book["Thống kê CCHC"].iter_rows() for c in row])


def test_list_has_every_indicator_with_its_share_as_a_formula(material, content):
    live, shown = read(content, values=False)["Thống kê CCHC"], read(content, values=True)["Thống kê CCHC"]
    rows = {ws.cell(r, 2).value: r for ws in [shown] for r in range(8, ws.max_row + 1)}
    ids = [i.id for i in material.catalogue.indicators]
    assert [code for code in rows if code in set(ids)] == [
        i.id for c in dict.fromkeys(i.component for i in material.catalogue.indicators)
        for i in material.catalogue.indicators if i.component == c
    ]  # fmt: skip
    own = figures_of(material.indicators, None)
    for code in ids:
        value = shown.cell(rows[code], 7).value
        expected = own[code]["value"] if code in own else None
        assert value == "–" if expected is None else value == pytest.approx(expected, rel=1e-12)
    at = rows["B.III.8"]
    assert live.cell(at, 7).value == f"=E{at}/F{at}"
    assert not [c.value for row in shown.iter_rows() for c in row if isinstance(c.value, str) and "{{" in c.value]


def test_the_same_material_gives_the_same_bytes_and_synthetic_data_is_marked(material, content):
    assert forms_workbook(material) == content
    for ws in read(content, values=True):
        assert "MÔ PHỎNG" in ws["A1"].value and "MÔ PHỎNG" in ws.oddHeader.center.text
    body = material.dataset.body.model_copy(update={"synthetic": False})
    real = Material(material.results, replace(material.dataset, body=body), material.catalogue, material.timeframe)
    assert not any(ws["A1"].value for ws in read(forms_workbook(real), values=True))


def test_no_case_gives_one_line_that_says_so(material):
    empty = replace(material.results, case_balance=material.results.case_balance.clear())
    none = Material(empty, material.dataset, material.catalogue, material.timeframe)
    ws = read(forms_workbook(none), values=True)["II.06a"]
    assert ws["B11"].value == "Không phát sinh hồ sơ"
    assert ws["B12"].value == "Tổng cộng"


def test_an_office_adds_its_own_columns_formulas_and_figures(tmp_path, material):
    def change(book):
        ws = book["II.06a"]
        ws["N11"] = '=IF(G11=0,"",(H11+I11)/G11)'
        ws["N12"] = "=SUM(G11:G11)-G12"
        ws["B20"] = "Đúng hạn: {{B.III.8.ket_qua}} trong {{ky_bao_cao}}"
        ws["C20"] = "{{B.III.8.tu_so}}"
        book.create_sheet("Khác")["A1"] = "='II.06a'!G12"

    path = changed(tmp_path / "t.xlsx", change)
    content = forms_workbook(material, path)
    live, shown = read(content, values=False), read(content, values=True)
    last = 11 + case_balance_table(material.results.case_balance).frame.height - 1
    assert live["II.06a"][f"N{last - 1}"].value == f'=IF(G{last - 1}=0,"",(H{last - 1}+I{last - 1})/G{last - 1})'
    assert live["II.06a"][f"N{last}"].value == f"=SUM(G11:G{last - 1})-G{last}"
    assert shown["II.06a"][f"N{last}"].value == 0
    assert live["Khác"]["A1"].value == f"='II.06a'!G{last}"
    assert shown["Khác"]["A1"].value == shown["II.06a"][f"G{last}"].value > 0
    moved = last - 12
    row = next(
        r for r in material.indicators.iter_rows(named=True) if (r["indicator"], r["unit_code"]) == ("B.III.8", None)
    )
    assert shown["II.06a"][f"C{20 + moved}"].value == row["numerator"]
    assert "quý IV/2024" in shown["II.06a"][f"B{20 + moved}"].value


def unknown(book):
    book["Thống kê CCHC"]["D9"] = "{{chi_so.don_vi}}"


def no_indicator(book):
    book["II.06a"]["B20"] = "{{B.III.99.ket_qua}}"


def missing(book):
    book["II.06a"]["F11"] = None


def twice(book):
    book["II.06a"]["B20"] = "{{linh_vuc.ten}}"


def gone(book):
    del book["II.06a"]


def apart(book):
    ws = book["Thống kê CCHC"]
    ws["A6"], ws["A8"] = "{{thanh_phan.ten}}", None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (unknown, r"t\.xlsx, trang tính “Thống kê CCHC”, ô D9: không có chỗ điền \{\{chi_so\.don_vi\}\}"),
        (no_indicator, r"trang tính “II\.06a”, ô B20: .*B\.III\.99"),
        (missing, r"“II\.06a”, dòng 11 \(bắt đầu ở ô A11\) thiếu chỗ điền \{\{linh_vuc\.ky_truoc\}\}"),
        (twice, r"“II\.06a”.*linh_vuc.*nhiều dòng \(11, 20\)"),
        (gone, r"không có dòng lĩnh vực"),
        (apart, r"“Thống kê CCHC”, ô A6.*dòng 9"),
    ],
)
def test_a_template_that_cannot_be_used_is_told_with_its_place(tmp_path, material, change, told):
    with pytest.raises(ChisoError, match=told):
        open_forms(changed(tmp_path / "t.xlsx", change), material.catalogue)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_told(tmp_path, material, content):
    (tmp_path / "bieu-mau.xlsx").write_bytes(content)
    with pytest.raises(ChisoError, match="không phải sổ tính Excel"):
        open_forms(tmp_path / "bieu-mau.xlsx", material.catalogue)


def test_own_template_lies_in_the_data_folder(tmp_path):
    assert own_forms(tmp_path) is None
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "bieu-mau.xlsx").write_bytes(SHIPPED.read_bytes())
    assert own_forms(tmp_path) == tmp_path / "templates" / "bieu-mau.xlsx"


def test_text_put_in_is_not_read_again_and_is_no_formula(tmp_path, material):
    frame = material.results.case_balance
    hostile = frame.with_columns(field=frame["field"].replace({"@Nội vụ": "=1+1 {{co_quan}}"}))
    own = Material(
        replace(material.results, case_balance=hostile), material.dataset, material.catalogue, material.timeframe
    )
    ws = read(forms_workbook(own), values=False)["II.06a"]
    cell = next(ws.cell(r, 2) for r in range(11, 14) if "co_quan" in str(ws.cell(r, 2).value))
    assert (cell.value, cell.data_type) == ("=1+1 {{co_quan}}", "s")


def test_rows_below_follow():
    book = Workbook()
    ws = book.active
    ws["A1"], ws["A2"], ws["A3"], ws["A4"] = "head", "row", "=SUM(B2:B2)", "foot"
    ws.merge_cells("A2:C2")
    ws.merge_cells("A4:C5")
    ws.row_dimensions[4].height = 40
    ws.print_area = "A1:C5"
    expand(ws, 2, 2, [2, 2, 2])
    assert [ws.cell(r, 1).value for r in range(1, 7)] == ["head", "row", "row", "row", "=SUM(B2:B4)", "foot"]
    assert sorted(map(str, ws.merged_cells.ranges)) == ["A2:C2", "A3:C3", "A4:C4", "A6:C7"]
    assert (ws.row_dimensions[4].height, ws.row_dimensions[6].height) == (None, 40)
    assert ws.print_area.endswith("$A$1:$C$7")
