"""Amounts in another unit than đồng, as a sheet's title or header tells."""

import pytest
from sources_excel import workbook

from chiso.sources.contract import load_contract
from chiso.sources.layout.money import factors

UNITS = "unit_code,unit_name,kind\nU1,Phòng Một,division\n"
HEAD = ["Mã dòng ngân sách", "Ngày chốt số liệu", "Năm ngân sách", "Mã đơn vị", "Loại kinh phí"]
ROW = ["L1", "31/12/2024", 2024, "U1", "Quản lý hành chính"]


def read(import_files, titles, money, cells, settings=""):
    book = workbook({"Biểu 2": [*titles, [*HEAD, *money], [*ROW, *cells]]})
    files = {"units.csv": UNITS, "budget_20250102.xlsx": book}
    dataset = import_files(files | ({"chiso.toml": settings} if settings else {}), basics=False)
    row = dataset.scan("budget").collect().row(0, named=True)
    told = dataset.findings.filter(rule="money")["message"].to_list()
    return (row["planned_vnd"], row["spent_vnd"]), told


@pytest.mark.parametrize(
    ("title", "factor"),
    [("Đơn vị tính: triệu đồng", 10**6), ("ĐVT: 1.000 đồng", 10**3), ("(Đơn vị: tỷ đồng)", 10**9)],
)
def test_the_unit_above_the_table_holds_for_its_amounts(import_files, title, factor):
    amounts, (message,) = read(import_files, [["SỞ NỘI VỤ"], [title]], ["Dự toán", "Đã chi"], [1250.5, "880"])
    assert amounts == (int(1250.5 * factor), 880 * factor)
    assert (
        "Dự toán, Đã chi" in message and title in message and "multiply = { planned_vnd = 1, spent_vnd = 1 }" in message
    )


def test_a_headers_own_unit_goes_before_the_title(import_files):
    money = ["Dự toán (triệu đồng)", "Đã chi (đồng)"]
    amounts, told = read(import_files, [["Đơn vị tính: nghìn đồng"]], money, [2, 300])
    assert amounts == (2_000_000, 300) and len(told) == 1


@pytest.mark.parametrize("header", ["Dự toán (đồng)", "du toan (dong)", "Dự toán (VND)"])
def test_dong_are_dong(import_files, header):
    assert read(import_files, [], [header, "Đã chi (đồng)"], [2, 300]) == ((2, 300), [])


def test_words_that_look_like_a_unit_are_none():
    column = load_contract()["budget"].column("spent_vnd")
    for title in ("Đã giải ngân (đồng)", "da giai ngan (dong)", "Chi cho công ty (đồng)", "Chi công ty đồng bằng"):
        assert factors([], [(column, title)]) == {}
    assert factors([], [(column, "Đã chi (ĐVT: tỷ đồng)")])["spent_vnd"].number == 10**9


@pytest.mark.parametrize("title", ["Đơn vị tính: đồng", "Tổng chi 5 triệu đồng", "Đơn vị: Phòng Triệu Đồng"])
def test_other_words_change_nothing(import_files, title):
    assert read(import_files, [[title]], ["Dự toán", "Đã chi"], [2, 300]) == ((2, 300), [])


def test_a_declared_factor_goes_before_what_the_sheet_says(import_files):
    settings = (
        '[[sources]]\nfile = "budget_*.xlsx"\ntable = "budget"\nmultiply = { planned_vnd = 1, spent_vnd = 1000 }\n'
    )
    titles = [["Đơn vị tính: triệu đồng"]]
    assert read(import_files, titles, ["Dự toán", "Đã chi"], [2, 300], settings) == ((2, 300_000), [])


def test_disbursement_without_accents_is_no_thousand(import_files):
    book = workbook({"Biểu 2": [["SỞ NỘI VỤ"], [*HEAD, "Dự toán", "da giai ngan (dong)"], [*ROW, 5, 2]]})
    dataset = import_files({"units.csv": UNITS, "budget_20250102.xlsx": book}, basics=False)
    assert dataset.scan("budget").collect()["disbursed_vnd"].to_list() == [2]
