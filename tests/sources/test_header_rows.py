"""Headers of several rows, in two languages, in free spelling."""

import polars as pl
import pytest

from chiso.sources.layout.header import find_header, header_score, is_numbering, join, match_row
from chiso.sources.mapping.model import SourceMapping
from chiso.sources.readers import ROW, Sheet

CASES = SourceMapping(file="x", table="cases")
TITLES = ["Mã hồ sơ", "Mã thủ tục", "Mã đơn vị", "Hình thức nộp", "Ngày tiếp nhận"]


def sheet(*rows, merged=()) -> Sheet:
    width = max(map(len, rows))
    padded = [[*row, *[None] * (width - len(row))] for row in rows]
    frame = pl.DataFrame(padded, schema=[f"c{i}" for i in range(width)], orient="row").cast(pl.String)
    return Sheet(None, frame.with_columns(pl.int_range(1, pl.len() + 1).alias(ROW)), merged=merged)


def levels(*rows, merged=()):
    return [heading and heading.title for heading in join([list(row) for row in rows], merged)]


@pytest.mark.parametrize(
    "written",
    [
        "Ngay tiep nhan",
        "NGÀY TIẾP NHẬN",
        "Ngày\ntiếp  nhận",
        "Ngày tiếp nhận (1)",
        "Ngày tiếp nhận*",
        "Ngày tiếp-nhận:",
    ],
)
def test_a_header_is_recognised_in_free_spelling(written):
    assert match_row([*TITLES[:4], written], CASES)["received_at"] == 4


def test_an_exact_header_goes_before_a_forgiving_one():
    assert match_row(["Ma ho so", "Mã hồ sơ", "Mã đơn vị"], CASES)["case_id"] == 1


def test_a_forgiving_header_of_two_columns_is_left_alone_and_told():
    header = find_header(sheet([*TITLES[1:], "Ma ho so", "MA HO SO (1)"], ["1"] * 6), CASES)
    assert "case_id" not in header.columns
    assert header.doubtful == (("case_id", ("Ma ho so", "MA HO SO (1)")),)


def test_an_unaccented_word_that_could_be_two_columns_is_neither():
    table = SourceMapping(file="x", table="units").contract.model_copy(update={"name": "two"})
    columns = (
        table.columns[0].model_copy(update={"label": "Má", "synonyms": ()}),
        table.columns[1].model_copy(update={"label": "Mả", "synonyms": ()}),
    )
    mapping = SourceMapping(file="x", table="units")
    mapping._own = table.model_copy(update={"columns": columns, "key": ("unit_code",)})
    assert match_row(["ma", "x"], mapping) == {}
    assert match_row(["Má", "Mả"], mapping) == {"unit_code": 0, "unit_name": 1}


def test_a_header_of_one_row_stays_one_row():
    header = find_header(sheet(["DANH SÁCH"], TITLES, ["H1", "P1", "U1", "online", "01/03/2024"]), CASES)
    assert (header.first, header.position) == (1, 1)
    assert list(header.columns.values()) == ["c0", "c1", "c2", "c3", "c4"]


def test_words_broken_over_rows_are_joined_downwards():
    rows = (["Mã", "Mã", "Mã", "Hình thức", "Ngày"], ["hồ sơ", "thủ tục", "đơn vị", "nộp", "tiếp nhận"])
    header = find_header(sheet(["Sở Nội vụ"], *rows, ["H1", "P1", "U1", "online", "01/03/2024"]), CASES)
    assert set(header.columns) == {"case_id", "procedure_code", "unit_code", "channel", "received_at"}
    assert (header.first, header.position) == (1, 2)
    assert header.titles["case_id"] == "Mã / hồ sơ"


def test_merged_parents_spread_over_their_columns():
    rows = (["TT", "Thu", None, "Chi", None], [None, "Dự toán", "Thực hiện", "Dự toán", "Thực hiện"])
    expected = ["TT", "Thu / Dự toán", "Thu / Thực hiện", "Chi / Dự toán", "Chi / Thực hiện"]
    assert levels(*rows, merged=((0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 0, 4))) == expected
    assert levels(*rows) == expected  # a file that does not tell merged cells


def test_a_parent_does_not_spread_over_a_column_under_another_parent():
    rows = (["Tổng", "Bổ sung", None, None], ["chi", None, "cân đối", "mục tiêu"], [None, "Tổng số", None, None])
    assert levels(*rows) == ["Tổng / chi", "Bổ sung / Tổng số", "Bổ sung / cân đối", "Bổ sung / mục tiêu"]


def test_the_column_that_numbers_the_rows_is_nobodys_parent():
    assert levels(["S", None, "Thu"], ["T", "Tỉnh", None], ["T", None, None]) == ["S / T / T", "Tỉnh", "Thu"]


def test_children_are_told_apart_by_their_parents():
    rows = (["Đơn vị", "Thu", None, "Chi", None], [None, "Tổng số", "Khác", "Tổng số", "Khác"], ["U1", 1, 2, 3, 4])
    mapping = SourceMapping(
        file="x",
        table="budget",
        columns={"unit_code": "Đơn vị", "planned_vnd": "Thu / Tổng số", "spent_vnd": "*chi*tổng số"},
    )
    header = find_header(sheet(*rows), mapping)
    assert header.columns == {"unit_code": "c0", "planned_vnd": "c1", "spent_vnd": "c3"}


def test_a_header_declared_first_is_not_taken_again():
    mapping = SourceMapping(
        file="x", table="budget", columns={"planned_vnd": "*mục tiêu*tổng*", "spent_vnd": "*bổ sung*tổng*"}
    )
    assert match_row(["Bổ sung tổng số", "Bổ sung mục tiêu tổng số"], mapping) == {"planned_vnd": 1, "spent_vnd": 0}


def test_a_column_without_a_header_is_named_by_its_letter():
    mapping = SourceMapping(file="x", table="units", columns={"unit_name": ["Tên gọi", "@C"], "unit_code": "Mã"})
    header = find_header(sheet(["Mã", "Loại đơn vị", None], *[["U1", "Phòng", "Một"]] * 4), mapping)
    assert header.columns["unit_name"] == "c2"
    assert "unit_name" not in match_row(["Mã", "Loại đơn vị"], mapping)  # there is no column C


@pytest.mark.parametrize("row", [["Mã hồ sơ\nCase", "Mã đơn vị\nUnit"], ["Case\nMã hồ sơ", "Unit - Mã đơn vị"]])
def test_either_language_of_a_cell_is_enough(row):
    assert match_row(row, CASES) == {"case_id": 0, "unit_code": 1}


def test_a_whole_cell_below_a_merged_parent_goes_before_a_line_of_it():
    rows = (["unit_code", "Thông tin", None], [None, "ten don vi", "Loại\nđơn vị"], ["U1", "Phòng Một", "division"])
    header = find_header(sheet(*rows, merged=((0, 1, 0, 2),)), SourceMapping(file="x", table="units"))
    assert (header.position, header.columns) == (1, {"unit_code": "c0", "unit_name": "c1", "kind": "c2"})


def test_a_second_row_in_another_language_belongs_to_the_header():
    rows = sheet(["case_id", "unit_code", "x"], ["Mã hồ sơ", "Mã đơn vị", "y"], ["H1", "U1", "1"])
    header = find_header(rows, CASES)
    assert (header.first, header.position) == (0, 1)
    again = find_header(sheet(["Mã hồ sơ", "Mã đơn vị"], ["Mã hồ sơ", "Mã đơn vị"], ["H1", "U1"]), CASES)
    assert again.position == 0  # the same words: the header repeated, and counted as such


def test_of_two_columns_under_one_merged_header_the_one_with_data_is_meant():
    rows = [["Mã hồ sơ", "Đơn vị xử lý", None], *[["H1", None, "U1"]] * 6]
    mapping = SourceMapping(file="x", table="cases", columns={"unit_code": "*xử lý"})
    assert find_header(sheet(*rows, merged=((1, 1, 1, 2),)), mapping).columns["unit_code"] == "c2"
    assert find_header(sheet(*rows), mapping).columns["unit_code"] == "c2"


@pytest.mark.parametrize(
    "row",
    [
        ["(1)", "(2)", "(3)"],
        ["A", "B", "1", "2"],
        ["1", "2", "3", "4", "5", "6=7+8+9", "7", "8", "9=10+11"],
        ["A", "B", "1", "2", "3", "4", "5", "#REF!"],
        ["A", "B", "1", "2", "3=4 + 5", "4", "5", "6", "6", "7"],
    ],
)
def test_rows_that_number_the_columns(row):
    assert is_numbering(row)


@pytest.mark.parametrize(
    "row", [["1", "2"], ["1", "3", "2"], ["1", "12", "40", "41"], ["1", "An", "2"], ["2", "3", "4"]]
)
def test_rows_that_do_not(row):
    assert not is_numbering(row)


def test_a_title_is_no_header():
    assert header_score([["Mã hồ sơ", "của Sở"]], CASES) == 0
    assert find_header(sheet(["Báo cáo", "quý"], ["a", "b"]), CASES) is None
