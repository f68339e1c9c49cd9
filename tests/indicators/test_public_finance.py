"""B.VI – reform of public finance (the register items are in test_deliverables)."""

import pytest
from handmade import Q4, Q4_CALENDAR, YEAR_END, adds, budget, expect, figure, fraction, noted, out, timeframe

MILLION = 1_000_000


def admin(line: str, as_of: str, planned: int | None, spent: int | None, **values: object):
    return budget("admin", line, as_of, planned=planned, spent=spent, **values)


def investment(line: str, as_of: str, allocated: int | None, disbursed: int | None, **values: object):
    return budget("investment", line, as_of, allocated=allocated, disbursed=disbursed, **values)


MAKE = {"B.VI.3b": (admin, 100, 60, 40), "B.VI.4": (investment, 100, 60, 60)}
PARAMETERS = ("indicator", "make", "whole", "part", "counted")
BOTH = pytest.mark.parametrize(PARAMETERS, [(i, *rest) for i, rest in MAKE.items()])


@BOTH
def test_each_line_counts_with_its_latest_snapshot_up_to_d(indicator, make, whole, part, counted) -> None:
    rows = [
        make("L1", "2024-06-30", whole, 1),
        make("L1", "2024-12-14", whole, part),  # on D itself: the latest
        make("L1", "2024-12-15", whole, 99),  # after D: not there
        make("L2", "2024-03-31", whole, part),  # of another line: still its latest
    ]
    assert fraction(indicator, *rows) == (2 * counted, 200)
    assert fraction(indicator, *reversed(rows)) == (2 * counted, 200)


@BOTH
def test_only_the_plan_years_budget(indicator, make, whole, part, counted) -> None:
    rows = [
        make("L1", "2024-06-30", whole, part),
        # Later snapshots of the line's other budget years do not hide this year's.
        make("L1", "2024-12-01", whole, 5, budget_year=2023),
        make("L1", "2024-12-02", whole, 5, budget_year=2025),
    ]
    assert fraction(indicator, *rows) == (counted, 100)


@BOTH
def test_the_budget_year_reaches_beyond_the_calendar_year(indicator, make, whole, part, counted) -> None:
    # A snapshot taken before 1 January counts for the budget year it says.
    assert fraction(indicator, make("L1", "2023-12-20", whole, part), frame=timeframe("2024-Q1")) == (counted, 100)


@BOTH
def test_a_line_with_a_blank_amount_leaves_both_sums(indicator, make, whole, part, counted) -> None:
    rows = [
        make("L1", "2024-06-30", whole, part),
        make("L2", "2024-06-30", whole, None),
        make("L3", "2024-06-30", None, part),
    ]
    assert fraction(indicator, *rows) == (counted, 100)
    assert noted(indicator, *rows) == {"blank_amount": 2}


@BOTH
def test_a_blank_latest_snapshot_is_not_replaced_by_an_older_one(indicator, make, whole, part, counted) -> None:
    rows = [make("L1", "2024-06-30", whole, part), make("L1", "2024-09-30", whole, None)]
    found = figure(indicator, *rows)
    assert (found["numerator"], found["denominator"], found["status"]) == (0, 0, "no_data")


def test_savings_are_planned_less_spent_over_planned_of_administrative_lines() -> None:
    expect(
        "B.VI.3b",
        saved_ten=adds(10, 100, admin("L1", "2024-06-30", 100, 90)),
        spent_all=adds(0, 50, admin("L2", "2024-06-30", 50, 50)),
        overspent=adds(-20, 100, admin("L3", "2024-06-30", 100, 120)),
        investment=out(budget("investment", "L4", "2024-06-30", planned=100, spent=10)),
    )


def test_disbursement_is_of_investment_lines() -> None:
    expect(
        "B.VI.4",
        disbursed=adds(85, 100, investment("L1", "2024-06-30", 100, 85)),
        nothing_disbursed=adds(0, 100, investment("L2", "2024-06-30", 100, 0)),
        administrative=out(budget("admin", "L3", "2024-06-30", allocated=100, disbursed=100)),
    )


def test_savings_are_pending_until_31_december_whatever_the_value() -> None:
    tenth = admin("L1", "2024-06-30", 1_234_567_890 * 10, 1_234_567_890 * 9)  # exactly 10 %, in VND
    assert figure("B.VI.3b", tenth, frame=Q4)["status"] == "pending"
    assert figure("B.VI.3b", tenth, frame=timeframe("2024", "calendar", as_of="2024-12-30"))["status"] == "pending"
    assert figure("B.VI.3b", tenth, frame=YEAR_END)["status"] == "met"
    short = admin("L1", "2024-06-30", 1_234_567_890 * 10, 1_234_567_890 * 9 + 1)  # one dong too much
    assert figure("B.VI.3b", short, frame=YEAR_END)["status"] == "not_met"
    assert figure("B.VI.3b", short, frame=Q4)["status"] == "pending"


def test_no_amounts_before_the_deadline_are_no_data_not_pending() -> None:
    assert figure("B.VI.3b", admin("L1", "2024-06-30", None, None))["status"] == "no_data"


def test_overspending_attains_nothing_and_not_less() -> None:
    found = figure("B.VI.3b", admin("L1", "2024-06-30", 100, 120), frame=YEAR_END)
    assert (found["value"], found["attainment"], found["status"]) == (-0.2, 0.0, "not_met")


def test_disbursement_of_exactly_85_percent_is_met() -> None:
    exact = investment("L1", "2024-06-30", 20 * MILLION, 17 * MILLION)
    assert figure("B.VI.4", exact)["status"] == "met"
    # Sums of amounts with no short decimal expansion: 85 % of 3 billion and one dong is more than was disbursed.
    rows = [investment("L1", "2024-06-30", 3_000_000_001, 2_550_000_000)]
    assert figure("B.VI.4", *rows)["status"] == "pending"  # D = 14/12, deadline 15/12


def test_disbursement_is_judged_on_15_december() -> None:
    short = investment("L1", "2024-06-30", 100, 84)
    assert figure("B.VI.4", short, frame=Q4)["status"] == "pending"  # D = 14/12
    on_it = timeframe("2024-Q4", "calendar", as_of="2024-12-15")
    assert figure("B.VI.4", short, frame=on_it)["status"] == "not_met"
    assert figure("B.VI.4", short, frame=Q4_CALENDAR)["status"] == "not_met"


def test_a_line_that_moved_belongs_to_the_unit_of_its_latest_snapshot() -> None:
    rows = [
        investment("L1", "2024-06-30", 100, 10, unit="old"),
        investment("L1", "2024-09-30", 100, 60, unit="new"),
    ]
    assert fraction("B.VI.4", *rows, unit="new") == (60, 100)
    assert fraction("B.VI.4", *rows) == (60, 100)
