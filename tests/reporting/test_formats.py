import datetime as dt
import doctest
import math

import numpy as np
import pytest

from chiso.reporting import formats

NB = "\N{NO-BREAK SPACE}"


def test_examples_in_the_docstrings_hold():
    result = doctest.testmod(formats)
    assert result.attempted >= 5
    assert result.failed == 0


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (1234.5, None, "1.234,5"),
        (1234567, None, "1.234.567"),
        (0, None, "0"),
        (-1234.5, None, "−1.234,5"),
        (-0.001, None, "0"),  # no minus before a nought
        (0.125, 2, "0,13"),  # half up, as people round
        (2.5, 0, "3"),
        (80000, None, "80.000"),
        (12345678901234567, None, "12.345.678.901.234.567"),  # an int beyond 2**53 keeps its last digit
        (np.float64(0.15), 1, "0,2"),
        (None, None, "–"),
        (math.nan, None, "–"),
        (math.inf, None, "–"),
    ],
)
def test_numbers(value, decimals, shown):
    assert formats.number(value, decimals) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.875, "87,5"),
        (1.0, "100,0"),
        (1, "100,0"),
        (0.0, "0,0"),
        (0.99996, "99,996"),  # not all is not 100 %
        (0.9999999, "100,0000"),  # beyond four decimals we give up
        (0.0004, "0,04"),
        (-0.05, "−5,0"),
        (1.25, "125,0"),
        (0.8125, "81,3"),
    ],
)
def test_percent(value, shown):
    assert formats.percent(value) == f"{shown}{NB}%"


def test_points_carry_their_sign():
    assert formats.points(0.0123).startswith("+1,2")
    assert formats.points(-0.0123).startswith("−1,2")
    assert formats.points(0.0001).startswith("0,0")


def test_targets():
    assert formats.target_text(0.85, ">=", "share") == f"≥{NB}85{NB}%"
    assert formats.target_text(0.87, ">", "share") == f">{NB}87{NB}%"
    assert formats.target_text(0.0, "==", "count") == "0"
    assert formats.target_text(None, None, "share") == "–"


def test_dates():
    assert formats.day(dt.date(2024, 2, 5)) == "05/02/2024"
    assert formats.moment(dt.datetime(2024, 2, 5, 7, 3)) == "05/02/2024 07:03"
    assert formats.show(dt.datetime(2024, 2, 5, 7, 3), "date") == "05/02/2024"


def test_show_and_raw():
    assert formats.show("met", "status") == "● Đạt"
    assert [formats.show(v, "decimal") for v in (0.2, 0.314, 0.0)] == ["0,20", "0,31", "0,00"]
    assert formats.show(True, "bool") == "Có"
    assert formats.show(None, "text", missing="") == ""
    assert formats.raw(0.1 + 0.2) == "0.30000000000000004"
    assert formats.raw(np.float64(0.5)) == "0.5"
    assert formats.raw(True) == "true"
    assert formats.raw(dt.date(2024, 2, 5)) == "2024-02-05"
    assert formats.raw(math.nan) == ""
    with pytest.raises(ValueError, match="no format"):
        formats.show(1, "roman")


@pytest.mark.parametrize(
    ("value", "how", "code"),
    [
        (12.0, "number", "#,##0"),
        (12.5, "number", "#,##0.##"),
        (12.0, "decimal", "#,##0.00"),
        (0.875, "percent", "0.0\\ %"),
        (0.99996, "percent", "0.000\\ %"),
        (dt.date(2024, 2, 5), "date", "dd\\/mm\\/yyyy"),
        ("x", "text", "General"),
    ],
)
def test_excel_formats_follow_the_text(value, how, code):
    assert formats.excel_format(value, how) == code
