"""Several periods in one word, over the ends of years, and what is refused."""

import pytest

from chiso.worktime import Period, PeriodError, parse_periods


def names(value):
    return [str(period) for period in parse_periods(value)]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2024-Q4", ["2024-Q4"]),
        ("quý IV, 2024", ["2024-Q4"]),
        ("2023-Q3..2024-Q2", ["2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2"]),
        ("2024-Q4..2024-Q4", ["2024-Q4"]),
        ("2024-11..2025-02", ["2024-11", "2024-12", "2025-01", "2025-02"]),
        ("2023-H1..2025-H1", ["2023-H1", "2024-H1", "2025-H1"]),
        ("2023-9M..2024-9M", ["2023-9M", "2024-9M"]),
        ("2022..2024", ["2022", "2023", "2024"]),
        ("2024-W51..2025-W02", ["2024-W51", "2024-W52", "2025-W01", "2025-W02"]),
        ("2020-W52..2021-W01", ["2020-W52", "2020-W53", "2021-W01"]),
        ("quý I/2024..quý II/2024", ["2024-Q1", "2024-Q2"]),
        ("2024-Q1 … 2024-Q2", ["2024-Q1", "2024-Q2"]),
        ("2024-Q1,2024-Q3", ["2024-Q1", "2024-Q3"]),
        ("2024-Q3; 2024-Q1, 2024-Q2..2024-Q3,", ["2024-Q1", "2024-Q2", "2024-Q3"]),
        ("2024,2024-Q4,2024-12,2024-9M", ["2024-9M", "2024", "2024-Q4", "2024-12"]),
    ],
)
def test_periods_from_the_oldest(value, found):
    assert names(value) == found


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("2024-Q1..2024-06", "khác loại kỳ (quý, tháng)"),
        ("2024-Q4..2024-Q1", "2024-Q1..2024-Q4"),
        ("2024-Q1..", "Không hiểu khoảng"),
        ("..2024-Q1", "Không hiểu khoảng"),
        ("2024-Q1..2024-Q2..2024-Q3", "Không hiểu khoảng"),
        ("2024-Q1..2024-Q5", "quý từ Q1 đến Q4"),
        ("2024-W52..2024-W53", "năm 2024 có 52 tuần"),
        ("2000-01..2010-01", "tối đa 120 kỳ"),
        ("2000-01..2009-12,2010-01", "tối đa 120 kỳ"),
        ("2024-Q1,hôm nay", "hôm nay"),
        ("hôm nay", "hôm nay"),
        (",", "Không hiểu kỳ"),
        ("", "Không hiểu kỳ"),
    ],
)
def test_what_is_refused(value, told):
    with pytest.raises(PeriodError) as refused:
        parse_periods(value)
    assert told in str(refused.value)


def test_as_many_as_ten_years_of_months():
    found = parse_periods("2000-01..2009-12")
    assert len(found) == 120 and found[-1] == Period(2009, "month", 12)
