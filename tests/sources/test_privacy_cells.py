"""Recognising personal data by content: what must be found, and all that looks a little like it and must not be."""

import io

import openpyxl
import polars as pl
import pytest
from sources_rows import CASES

from chiso.sources.privacy.personal import column_kind, hide_cells, mask_text, person_cells, person_kind


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("name", ["Nguyễn Thị Ánh", "TRẦN VĂN BÌNH", "Lê Hoàng Long", "Võ Thị Sáu", "Nguyen Van An", "Đặng Thùy Trâm"]),
        ("name", ["Khuất Duy Tiến"]),
        ("identity", ["079203001234", "001099012345", "052 180 003 456"]),
        ("identity", ["024578913", "211234567", "331900112", "012345678", "280777123"]),
        ("phone", ["0912345678", "0987.654.321", "+84 935 123 456", "(0256) 3822 294", "84905123456"]),
        ("email", ["a.b@tinh.gov.vn", "nguoi-dan@example.com"]),
        ("address", ["Thôn 3, xã Hòa Bình", "số 12 đường Trần Phú, phường 5", "Tổ 4, thị trấn Tuy Phước, huyện X"]),
        ("birth", ["01/02/1980", "31/12/1955", "1999-07-08", "15/06/1971"]),
        ("birth", ["1980", "1955", "1999", "1971"]),
    ],
)
def test_columns_about_people(kind, cells):
    assert column_kind(pl.Series(cells)) == kind


@pytest.mark.parametrize(
    "cells",
    [
        ["000.00.19.H29-240301-0001", "000.00.19.H29-240301-0002", "H29.19-240302-0001"],
        [f"{n:012d}" for n in range(1_000_000_123, 1_000_000_180)],  # ids given out one after another
        [f"09120{n:05d}" for n in range(200, 260)],
        ["150000000", "230000000", "120500000", "99000000"],
        ["123456789", "123456790", "123456791", "123456792"],
        ["1.004.227", "2.001.955", "1.010.723.000.00.00.H08"],
        ["Phòng Tổ chức cán bộ", "Văn phòng Sở", "Thanh tra Sở", "Chi cục Văn thư - Lưu trữ"],
        ["Hồ Sơ", "Văn Bản Đến", "Đào Tạo Bồi Dưỡng", "Lưu Trữ", "Thái Độ Phục Vụ"],
        ["HỒ SƠ TRỰC TUYẾN", "CAO ĐẲNG SƯ PHẠM", "TỪ CHỐI", "QUẢN LÝ NHÀ NƯỚC"],
        ["Báo cáo xã A, huyện B về cải cách hành chính", "Kế hoạch kiểm tra phường 1, thành phố Y"],
        ["UBND xã An Nhơn, huyện X", "UBND phường 5, thành phố Y", "Ủy ban nhân dân xã Z, huyện T"],
        ["Cấp giấy phép xây dựng, huyện", "Đăng ký khai sinh", "Xác nhận, xã"],
        ["01/03/2024", "02/04/2024", "15/05/2023"],
        ["2022", "2023", "2024"],
        ["1", "2", "3", "4", "5"],
        ["Trực tuyến", "Trực tiếp", "Bưu chính"],
        ["Nam", "Nữ"],
        ["12/QĐ-SNV", "801/QĐ-UBND", "15/2024/NĐ-CP"],
        ["Hà Nội", "Lâm Đồng", "Thái Nguyên", "An Giang", "Cao Bằng", "Ninh Bình"],
        [],
    ],
)
def test_columns_about_things(cells):
    assert column_kind(pl.Series(cells, dtype=pl.String)) is None


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Gọi 0912 345 678 hoặc 0987.654.321", "Gọi [đã che] hoặc [đã che]"),
        ("Thư: a.b@tinh.gov.vn.", "Thư: [đã che]."),
        ("CCCD 079203001234 cấp", "CCCD [đã che] cấp"),
        ("CMND số: 212345678", "CMND số: [đã che]"),
        ("0256 3822 294 (máy bàn)", "[đã che] (máy bàn)"),
        ("Báo cáo số 649/BC-SNV ngày 03.10.2024 08:15", None),
        ("Quyết định 0912345678/QĐ", None),
        ("Hồ sơ H29-0912345678", None),
        ("Tổng 1.234.567.890 đồng, 150000000", None),
        ("2024-03-10 08:15:00", None),
        ("mã 000.00.19.H29-240301-0001", None),
        ("số 212345678", None),  # nine digits alone may be anything
    ],
)
def test_numbers_within_texts(text, masked):
    assert mask_text(text) == (masked or text)


def test_single_cells_are_hidden_only_where_their_form_is_a_persons():
    cells = pl.Series(["Nguyễn Thị Ánh", "0912345678", "U1", "31/02/2024", None, "gọi 0912345678"])
    hidden = "(dữ liệu cá nhân, không ghi lại)"
    assert hide_cells(cells).to_list() == [hidden, hidden, "U1", "31/02/2024", None, "gọi [đã che]"]
    assert person_cells(cells) == ["0912345678", "Nguyễn Thị Ánh"]
    assert person_kind("Trần Phú") == "name"
    assert person_cells(pl.Series(["Trần Phú"])) == []  # two words: as well a street, a ward, a school


def test_the_columns_of_the_fourteen_tables_hold_nobody():
    """No column of the sample's kinds of cells is taken for personal data."""
    from chiso.sources.contract import load_contract

    labels = [column.label for table in load_contract().values() for column in table.columns]
    values = [label for t in load_contract().values() for c in t.columns for label in c.values.values()]
    assert [cell for cell in (*labels, *values) if person_kind(cell)] == []


def test_labels_of_totals_and_names_of_sheets_name_nobody(import_files):
    head = ["STT", "Mã hồ sơ", "Mã thủ tục", "Mã đơn vị", "Hình thức nộp", "Ngày tiếp nhận", "Phí, lệ phí (đồng)"]
    book = openpyxl.Workbook()
    book.active.title = "Nguyễn Thị Hồng Ánh"
    for row in (
        head,
        ["I", "Trần Thị Hương Giang", None, None, None, None, 7],
        [1, "H1", "P1", "U1", "online", "01/02/2024", 5],
        [2, "H2", "P1", "U1", "online", "01/02/2024", "x"],
    ):
        book.active.append(row)
    book.active.row_dimensions[4].hidden = True
    out = io.BytesIO()
    book.save(out)
    data = import_files({"cases.xlsx": out.getvalue()})
    frames = (data.files, data.rejects, data.findings, data.cells, *(s.frame for s in data.rejected_sheets()))
    told = " ".join(str(frame.rows()) for frame in frames)
    assert "lệch" in told and "hàng ẩn" in told
    assert not any(name in told for name in ("Hương", "Hồng"))
    assert set(data.files.filter(pl.col("table") == "cases")["sheet"]) == {"(trang tính 1, tên không ghi lại)"}


def test_identity_numbers_under_the_header_of_a_count_are_no_counts(import_files):
    line = "P1,U1,online,2024-02-01,,,"
    data = import_files({"cases.csv": f"{CASES}H1,{line}079203001234\nH2,{line}0912345678\nH3,{line}012\n"})
    assert data.accepted("cases") == 1
    assert set(data.rejects["rule"]) == {"type"}
    assert not {"079203001234", "0912345678"} & set(data.rejects["value"])
