from datetime import date, datetime

import polars as pl
import pytest

from chiso.sources.contract import ColumnContract
from chiso.sources.parse import Convention, clean, is_dont_know, parse, translate

VIETNAM = Convention("Asia/Ho_Chi_Minh")


def read(value, type_, convention=VIETNAM, **column):
    cells = clean(pl.Series("x", [value], dtype=pl.String))
    return parse(cells, ColumnContract(name="x", label="X", type=type_, **column), convention)[0]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-03-01", datetime(2024, 3, 1)),
        ("2024-03-01T08:30:00", datetime(2024, 3, 1, 8, 30)),
        ("2024-03-01 08:30", datetime(2024, 3, 1, 8, 30)),
        ("2024-03-01T08:30:00.123456789", datetime(2024, 3, 1, 8, 30, 0, 123456)),
        ("2024-03-01T20:00:00Z", datetime(2024, 3, 2, 3, 0)),
        ("2024-03-01T20:00:00+07:00", datetime(2024, 3, 1, 20, 0)),
        ("2024-03-01 20:00:00.5-0330", datetime(2024, 3, 2, 6, 30, 0, 500000)),
        ("01/03/2024", datetime(2024, 3, 1)),
        ("1/3/2024 8:05", datetime(2024, 3, 1, 8, 5)),
        ("29/02/2024 23:59:59", datetime(2024, 2, 29, 23, 59, 59)),
        ("12/31/2024", None),  # never month-first
        ("30/02/2024", None),
        ("2023-02-29", None),
        ("2024-03-01T24:00:00", None),
        ("2024-03-01T08:60", None),
        ("01-03-2024", None),
        ("45352", None),  # an Excel day count is one in Excel files only
        ("hôm qua", None),
    ],
)
def test_datetimes(written, expected):
    assert read(written, "datetime") == expected


def test_dates_drop_the_time_after_conversion():
    assert read("2024-03-01T20:00:00Z", "date") == date(2024, 3, 2)
    assert read("2024-03-01", "date") == date(2024, 3, 1)
    assert read("31/02/2024", "date") is None


def test_declared_date_conventions():
    assert read("01-03-2024", "date", Convention("UTC", dates="dmy")) == date(2024, 3, 1)
    assert read("1.3.2024", "date", Convention("UTC", dates="dmy")) == date(2024, 3, 1)
    assert read("01/03/2024", "date", Convention("UTC", dates="iso")) is None


@pytest.mark.parametrize(
    ("written", "hour"),
    [("09:55:45 SA", 9), ("09:55:45 CH", 21), ("12:55 AM", 0), ("12:55 ch", 12), ("9:55 pm", 21), ("21:55 CH", 21)],
)
def test_halves_of_the_day(written, hour):
    assert read(f"18/04/2019 {written}", "datetime").hour == hour


@pytest.mark.parametrize("written", ["21:55 SA", "00:55 CH", "25:00 PM", "9:55 xx", "9 CH"])
def test_halves_of_the_day_that_do_not_go_with_the_hour(written):
    assert read(f"18/04/2019 {written}", "datetime") is None


def test_month_first_only_where_declared():
    american = Convention("America/New_York", dates="mdy")
    assert read("04/18/2019 09:55:45 PM", "datetime", american) == datetime(2019, 4, 18, 21, 55, 45)
    assert read("04/05/2019", "date", american) == date(2019, 4, 5)
    assert read("04/05/2019", "date") == date(2019, 5, 4)
    assert read("18/04/2019", "date", american) is None
    assert read("2019-04-18", "date", american) == date(2019, 4, 18)


@pytest.mark.parametrize("dates", [None, "iso", "dmy", "mdy"])
@pytest.mark.parametrize(
    "written", ["01/02/24", "1/2/24", "24-01-02", "2024-13-01", "31/02/2024", "2024-02-30", "00/01/2024"]
)
def test_days_that_are_none_or_have_no_century(written, dates):
    assert read(written, "date", Convention("UTC", dates=dates)) is None


@pytest.mark.parametrize(
    "written", ["1.000 đ", "85 %", "85%", "(1.234)", "1 234", "1'234", "VND 5", "5 triệu", "1.234.56"]
)
@pytest.mark.parametrize("numbers", [None, "vi", "en", "plain"])
def test_numbers_with_something_else_are_none(written, numbers):
    assert read(written, "int", Convention("UTC", numbers=numbers)) is None
    assert read(written, "float", Convention("UTC", numbers=numbers)) is None


def test_excel_day_counts():
    excel = Convention("Asia/Ho_Chi_Minh", epoch=date(1899, 12, 30))
    assert read("45352", "date", excel) == date(2024, 3, 1)
    assert read("45352.354166666664", "datetime", excel) == datetime(2024, 3, 1, 8, 30)
    assert read("2024", "date", excel) is None  # a year is no day count
    assert read("73050", "date", excel) == date(2099, 12, 31)
    assert read("73051", "date", excel) is None


def test_day_counts_of_the_1904_system():
    mac = Convention("Asia/Ho_Chi_Minh", epoch=date(1904, 1, 1))
    assert read("43890", "date", mac) == date(2024, 3, 1)
    assert read("43890.5", "datetime", mac) == datetime(2024, 3, 1, 12)
    assert read("16802", "date", mac) == date(1950, 1, 1)
    assert read("16801", "date", mac) is None


@pytest.mark.parametrize(
    ("written", "plain", "vi", "en"),
    [
        ("1234", 1234, 1234, 1234),
        ("-5", -5, -5, -5),
        ("12.0", 12, None, 12),
        ("1.5", None, None, None),
        ("80.000", None, 80000, 80),
        ("1.234.567", None, 1234567, None),
        ("1,234,567", None, None, 1234567),
        ("80,000", None, 80, 80000),
        ("1.5E+7", 15000000, None, None),
        ("99999999999999999999", None, None, None),
        ("1 000", None, None, None),
    ],
)
def test_whole_numbers_by_convention(written, plain, vi, en):
    got = [read(written, "int", Convention("UTC", numbers=n)) for n in ("plain", "vi", "en")]
    assert got == [plain, vi, en]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1.234.567", 1234567),
        ("-1,234,567", -1234567),
        ("35.000.000.000", 35_000_000_000),
        ("1.234.567,0", 1234567),
        ("1,234.00", 1234),
        ("80.000", None),  # eighty thousand, or eighty
        ("80,000", None),
        ("1.234,5", None),  # no whole number
        ("1.23.456", None),
        ("1.234,567.8", None),
    ],
)
def test_without_a_convention_what_can_be_read_in_one_way_is_read(written, value):
    assert read(written, "int", Convention("UTC")) == value


@pytest.mark.parametrize(
    ("written", "numbers", "factor", "value"),
    [
        ("1250", None, 1_000_000, 1_250_000_000),
        ("1250.5", None, 1_000_000, 1_250_500_000),
        ("880.1230", None, 1_000_000, 880_123_000),  # a number of the file, made unlike typed text
        ("880.123", None, 1_000_000, None),
        ("1.250,5", "vi", 1_000_000, 1_250_500_000),
        ("0,1", "vi", 1000, 100),
        ("0,0001", "vi", 1000, None),
        ("1500", "plain", 0.001, None),
        ("2000", "plain", 0.001, 2),
        ("", None, 1000, None),
    ],
)
def test_whole_numbers_in_another_unit_are_exact(written, numbers, factor, value):
    column = ColumnContract(name="c", label="c", type="int")
    series = pl.Series(["12345", written or None])
    assert parse(series, column, Convention("UTC", numbers=numbers), factor).to_list()[1] == value


@pytest.mark.parametrize("written", ["2024/10/01", "01/10/2024", "ngày 01 tháng 10 năm 2024", "1 tháng 10 năm 2024"])
def test_days_in_other_unmistakable_forms(written):
    assert read(written, "date", Convention("UTC")) == date(2024, 10, 1)


def test_the_time_may_stand_before_the_day():
    assert read("08:05 01/10/2024", "datetime", Convention("UTC")) == datetime(2024, 10, 1, 8, 5)
    assert read("23:59:58, 01/10/2024", "datetime", Convention("UTC", dates="dmy")) == datetime(2024, 10, 1, 23, 59, 58)
    assert read("24:00 01/10/2024", "datetime", Convention("UTC")) is None
    assert read("08:05 01/10/2024", "datetime", Convention("UTC", dates="iso")) is None
    assert read("08:05 10/01/2024", "datetime", Convention("UTC", dates="mdy")) is None  # not told how that is meant
    assert read("01/10/24", "date", Convention("UTC", dates="dmy")) is None


def test_decimal_numbers():
    assert read("1.25", "float") == 1.25
    assert read("0.250", "float") == 0.25
    assert read("1.250", "float") is None  # one and a quarter, or a thousand and more
    assert read("1.250", "float", Convention("UTC", numbers="plain")) == 1.25
    assert read("1.250", "float", Convention("UTC", numbers="vi")) == 1250
    assert read("1,25", "float") is None
    assert read("1.234,5", "float", Convention("UTC", numbers="vi")) == 1234.5
    assert read("nan", "float") is None
    assert read("1e999", "float") is None


@pytest.mark.parametrize("written", ["true", "TRUE", "1", "1.0", "Có", "CÓ", "x", "X", "Yes", "Đúng", "✓"])
def test_true(written):
    assert read(written, "bool") is True


@pytest.mark.parametrize("written", ["false", "FALSE", "0", "Không", "no", "Sai", "☐"])
def test_false(written):
    assert read(written, "bool") is False


def test_enum_by_code_or_label():
    values = {"online": "Trực tuyến", "in_person": "Trực tiếp"}
    assert read("ONLINE", "enum", values=values) == "online"
    assert read("trực\xa0tiếp ", "enum", values=values) == "in_person"
    assert read("Bưu chính", "enum", values=values) is None


def test_clean_folds_invisible_characters_and_blanks():
    cells = pl.Series(["  a\u200b b\xa0", " \xa0 ", "", None, "Hoa\u0300"])
    assert clean(cells).to_list() == ["a b", None, None, None, "Hoà"]
    assert clean(pl.Series([None, None], dtype=pl.String)).to_list() == [None, None]


def test_translate_values_and_blanks():
    cells = pl.Series(["Desk", "DESK ", None, "khác"])
    assert translate(clean(cells), {"desk": "in_person"}).to_list() == ["in_person", "in_person", None, "khác"]
    assert translate(clean(cells), {"": "0"}).to_list() == ["Desk", "DESK", "0", "khác"]
    assert translate(clean(cells), {"khác": ""}).to_list() == ["Desk", "DESK", None, None]


def test_dont_know_codes():
    cells = pl.Series(["9", "kb", "KHÔNG BIẾT", "Không trả lời", "6", None])
    assert is_dont_know(cells).to_list() == [True, True, True, True, False, False]
