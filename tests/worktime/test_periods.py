"""Periods, windows and as-of days."""

from datetime import date

import pytest

from chiso.worktime import Period, PeriodError, Timeframe


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("2024-W07", "2024-W07"),
        ("2024-3", "2024-03"),
        ("2024-q4", "2024-Q4"),
        ("2024-H1", "2024-H1"),
        ("2024-9m", "2024-9M"),
        (" 2024 ", "2024"),
        ("Quý I/2024", "2024-Q1"),
        ("quý 3 năm 2024", "2024-Q3"),
        ("QUÝ IV - 2024", "2024-Q4"),
        ("6 tháng", None),
        ("6 tháng đầu năm 2024", "2024-H1"),
        ("06 tháng/2024", "2024-H1"),
        ("9 tháng 2024", "2024-9M"),
        ("Năm 2024", "2024"),
        ("Tháng 3/2024", "2024-03"),
        ("Tuần 7/2024", "2024-W07"),
        ("2024-H2", None),
        ("2024-Q5", None),
        ("2024-13", None),
        ("2024-00", None),
        ("2024-W53", None),
        ("2020-W53", "2020-W53"),
        ("quý", None),
        ("", None),
    ],
)
def test_parse(written: str, canonical: str | None) -> None:
    if canonical is None:
        with pytest.raises(PeriodError):
            Period.parse(written)
    else:
        assert str(Period.parse(written)) == canonical


def test_labels_read_back() -> None:
    for name in ("2024-W07", "2024-03", "2024-Q4", "2024-H1", "2024-9M", "2024"):
        period = Period.parse(name)
        assert Period.parse(period.label) == period


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("2024-01", "2023-12-15", "2024-01-14"),
        ("2024-03", "2024-02-15", "2024-03-14"),
        ("2024-Q1", "2023-12-15", "2024-03-14"),
        ("2024-Q4", "2024-09-15", "2024-12-14"),
        ("2024-H1", "2023-12-15", "2024-06-14"),
        ("2024-9M", "2023-12-15", "2024-09-14"),
        ("2024", "2023-12-15", "2024-12-14"),
        ("2024-W01", "2024-01-01", "2024-01-07"),
    ],
)
def test_decree_window(name: str, start: str, end: str) -> None:
    t = Timeframe(Period.parse(name))
    assert (t.start.isoformat(), t.end.isoformat(), t.as_of) == (start, end, t.end)


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024-Q1", "2024-01-01", "2024-03-31"),
        ("2024-H1", "2024-01-01", "2024-06-30"),
        ("2024-9M", "2024-01-01", "2024-09-30"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("2025-W01", "2024-12-30", "2025-01-05"),
    ],
)
def test_calendar_window(name: str, start: str, end: str) -> None:
    t = Timeframe(Period.parse(name), "calendar")
    assert (t.start.isoformat(), t.end.isoformat()) == (start, end)


def test_previous_periods_join_without_gap() -> None:
    for name in ("2024-W01", "2024-01", "2024-Q1"):
        for rule in ("decree09", "calendar"):
            t = Timeframe(Period.parse(name), rule)  # type: ignore[arg-type]
            assert (t.start - t.previous().end).days == 1
    assert [str(Period.parse("2024-Q1").previous(n)) for n in (1, 4, 5, -1)] == [
        "2023-Q4",
        "2023-Q1",
        "2022-Q4",
        "2024-Q2",
    ]
    assert str(Period.parse("2021-W01").previous()) == "2020-W53"
    assert str(Period.parse("2020-W53").year_before()) == "2019-W52"


def test_as_of_day_stays_in_the_window() -> None:
    period = Period.parse("2024-Q4")
    assert Timeframe(period, as_of=date(2024, 9, 15)).as_of == date(2024, 9, 15)
    assert Timeframe(period, as_of=date(2024, 12, 14)).as_of == date(2024, 12, 14)
    for outside in (date(2024, 9, 14), date(2024, 12, 15)):
        with pytest.raises(PeriodError, match="15/09/2024–14/12/2024"):
            Timeframe(period, as_of=outside)


def test_unknown_window_rule() -> None:
    with pytest.raises(PeriodError, match="decree09"):
        Timeframe(Period.parse("2024"), "lunar")  # type: ignore[arg-type]


def test_year_and_days_left() -> None:
    t = Timeframe(Period.parse("2024-Q1"))
    assert (t.plan_year, t.year_start, t.year_end) == (2024, date(2024, 1, 1), date(2024, 12, 31))
    assert t.days_left(date(2024, 3, 14)) == 0
    assert t.days_left(date(2024, 3, 13)) == -1


def test_last_month() -> None:
    names = {"2024-Q1": 3, "2024-Q3": 9, "2024-9M": 9, "2024-H1": 6, "2024": 12, "2024-05": 5, "2024-W01": 1}
    assert {n: Period.parse(n).last_month for n in names} == names
