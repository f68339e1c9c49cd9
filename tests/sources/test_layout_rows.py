"""Rows that are no data are counted by kind; what totals say is held against the rows."""

import io

import openpyxl
import polars as pl
import pytest
from sources_excel import workbook

from chiso.sources.layout.header import find_header
from chiso.sources.layout.rows import data_rows
from chiso.sources.mapping.model import RowChoice, SourceMapping
from chiso.sources.readers import ROW, Sheet

TABLE = """
[tables.money]
key = ["place"]
[tables.money.columns]
place = { label = "Nơi", type = "text", required = true }
paid = { label = "Đã chi", type = "int" }
share = { label = "Tỷ lệ", type = "float", additive = false }
cost = { label = "Chi phí", type = "float" }
[[sources]]
file = "money*"
table = "money"
"""
HEAD = ["STT", "Nơi", "Đã chi", "Tỷ lệ", "Chi phí"]


def laid_out(rows, choice=None, table="units"):
    frame = pl.DataFrame(rows, schema=[f"c{i}" for i in range(len(rows[0]))], orient="row").cast(pl.String)
    sheet = Sheet(None, frame.with_columns(pl.int_range(1, pl.len() + 1).alias(ROW)))
    mapping = SourceMapping(file="x", table=table)
    return data_rows(sheet, find_header(sheet, mapping), mapping.contract, choice or RowChoice())


def test_every_kind_is_counted():
    data, layout = laid_out(
        [
            ["SỞ NỘI VỤ", None, None],
            [None, None, None],
            ["Mã đơn vị", "Tên đơn vị", "Loại đơn vị"],
            ["(1)", "(2)", "(3)"],
            ["I. Khối hành chính", None, None],
            ["U1", "Phòng Một", "division"],
            ["Mã đơn vị", "Tên đơn vị", "Loại đơn vị"],
            ["U2", "Phòng Hai", "division"],
            [None, None, None],
            ["Tổng cộng", None, "2"],
            ["Ghi chú: đến hết ngày", None, None],
            ["Người lập biểu", None, "Giám đốc"],
        ]
    )
    assert data["c0"].to_list() == ["U1", "U2"]
    assert dict(layout.counts) == {
        "title": 1, "header": 1, "numbering": 1, "section": 1, "total": 1, "note": 2, "blank": 2
    }  # fmt: skip
    assert layout.total == 9


def test_a_complete_row_is_data_whatever_its_number_says():
    rows = [["STT", "Mã đơn vị", "Tên đơn vị", "Loại đơn vị"]]
    rows += [[str(i), f"U{i}", "Phòng", "division"] for i in range(1, 5)]
    rows += [["V", "U9", "Phòng", "division"], ["II", None, "Khối sự nghiệp", "3"]]
    data, layout = laid_out(rows)
    assert data["c1"].to_list() == ["U1", "U2", "U3", "U4", "U9"]
    assert dict(layout.counts) == {"section": 1}


def test_a_mapping_takes_and_skips_rows():
    rows = [["STT", "Mã đơn vị", "Tên đơn vị"], ["1", "U1", "Phòng"], ["A", "U2", "Phòng"], ["2", "U3", "Tạm"]]
    data, layout = laid_out(rows, RowChoice(take={"STT": (r"\d+",)}, skip={"unit_name": ("Tạm",)}))
    assert data["c1"].to_list() == ["U1"]
    assert layout.total == 2


@pytest.fixture
def money(import_files):
    def run(rows, extra=""):
        toml = TABLE + extra
        return import_files({"chiso.toml": toml, "money.xlsx": workbook({"S": [["BẢNG CHI"], HEAD, *rows]})})

    return run


def told(data, rule):
    return data.findings.filter(rule=rule)["message"].to_list()


ROWS = [
    [None, "TỔNG SỐ", 60, None, 6.5],
    ["I", "MIỀN NÚI", 30, None, 3.5],
    [1, "Hà Giang", 10, 100, 1.25],
    [2, "Lào Cai", 20, 100, 2.25],
    ["II", "ĐỒNG BẰNG", 30, None, 3],
    [3, "Hà Nội", 30, 50, 3.0],
]


def test_sections_with_figures_and_a_total_above_are_no_data_and_agree(money):
    data = money(ROWS)
    assert data.scan("money").collect()["place"].to_list() == ["Hà Giang", "Hà Nội", "Lào Cai"]
    account = data.files.filter(table="money").row(0, named=True)
    assert (account["read"], account["accepted"], account["layout"], account["rejected"]) == (7, 3, 4, 0)
    assert "6 ô" in told(data, "totals_agree")[0]
    assert told(data, "total_differs") == []
    assert "2 dòng nhóm" in told(data, "layout")[0]


def test_a_hidden_total_is_told_once_and_as_hidden(import_files):
    rows = [row[:] for row in ROWS]
    rows[1][2:] = [31, None, 9]
    book = openpyxl.load_workbook(io.BytesIO(workbook({"S": [["BẢNG CHI"], HEAD, *rows]})))
    book["S"].row_dimensions[4].hidden = True
    content = io.BytesIO()
    book.save(content)
    data = import_files({"chiso.toml": TABLE, "money.xlsx": content.getvalue()})
    assert told(data, "total_differs") == []
    (message,) = told(data, "total_hidden")
    for part in ("S, dòng 4", "MIỀN NÚI", "bị ẩn", "2 ô"):
        assert part in message


def test_a_total_that_is_not_the_sum_is_told_with_its_place(money):
    rows = [row[:] for row in ROWS]
    rows[1][2] = 31
    (message,) = told(money(rows), "total_differs")
    for part in ("S, dòng 4", "MIỀN NÚI", "“Đã chi”", "ghi 31", "là 30", "lệch 1"):
        assert part in message


def test_whole_numbers_add_up_exactly_and_decimals_within_their_rounding(money):
    rows = [[1, "A", 10, None, 1.1], [2, "B", 10, None, 2.2], [None, "Tổng cộng", 21, None, 3.4]]
    (message,) = told(money(rows), "total_differs")  # 3.4 is 3.3 within three half tenths, 21 is not 20
    assert "“Đã chi”" in message


def test_a_declared_tolerance_takes_the_place_of_rounding(money):
    rows = [[1, "A", 10, None, 1.1], [2, "B", 10, None, 2.2], [None, "Tổng cộng", 21, None, 3.4]]
    assert told(money(rows, "tolerance = 1\n"), "total_differs") == []


def test_subtotals_below_the_detail(money):
    rows = [
        [1, "A", 1, None, 1],
        [2, "B", 2, None, 2],
        [None, "Cộng", 3, None, 3],
        [3, "C", 4, None, 4],
        [None, "Cộng", 4, None, 4],
        [None, "Tổng cộng", 7, None, 7],
    ]
    data = money(rows)
    assert told(data, "total_differs") == []
    assert "6 ô" in told(data, "totals_agree")[0]


def test_rejected_rows_are_not_in_the_sum(money):
    rows = [[1, "A", 10, None, 1], [2, "B", "mười", None, 1], [None, "Tổng cộng", 20, None, 2]]
    messages = told(money(rows), "total_differs")
    assert any("ghi 20" in message and "là 10" in message for message in messages)


def test_a_blank_total_is_compared_with_nothing(money):
    data = money(
        [[1, "A", 10, None, 1], [2, "B", 10, None, 1], [3, "C", 1, None, 1], [None, "Tổng cộng", None, None, 3]]
    )
    assert told(data, "total_differs") == []
    assert "1 ô" in told(data, "totals_agree")[0]


def test_a_line_cut_short_by_its_quotes_is_never_layout(import_files):
    header = "STT;Mã hồ sơ;Mã thủ tục;Mã đơn vị;Hình thức nộp;Ngày tiếp nhận\n"
    lines = '1;H1;P1;U1;Trực tuyến;01/10/2024\n2;"H2;P1;U1;Trực tuyến;02/10/2024\n3;H3;P1;U1;Trực tuyến;03/10/2024\n'
    data = import_files({"cases.csv": header + lines})
    account = data.files.filter(pl.col("table") == "cases").row(0, named=True)
    assert (account["read"], account["accepted"], account["rejected"], account["layout"]) == (3, 2, 1, 0)
    assert data.rejects.select("row", "rule").rows() == [(3, "cells")]


def test_names_under_a_signature_block_are_no_data(import_files):
    rows = [
        ["Mã hồ sơ", "Mã thủ tục", "Mã đơn vị", "Hình thức nộp", "Ngày tiếp nhận"],
        ["H1", "P1", "U1", "Trực tuyến", "01/10/2024"],
        ["Người lập biểu", None, None, "Thủ trưởng đơn vị", None],
        [None, None, None, None, None],
        ["Trần Thị B", None, None, "Lê C", None],
        ["H2", "P1", None, None, None],  # a code, so a row that somebody has to look at
        ["Trần Thị B", "P1", None, None, None],
    ]
    data = import_files({"cases.xlsx": workbook({"HS": rows})})
    account = data.files.filter(pl.col("table") == "cases").row(0, named=True)
    assert (account["accepted"], account["rejected"], account["layout"]) == (1, 2, 3)
    assert sorted(set(data.rejects["row"])) == [6, 7]
    assert "Trần" not in str(data.rejects.filter(pl.col("row") < 6).rows())
