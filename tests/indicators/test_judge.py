"""Status and attainment of one figure: the indicator's rule, the figure, the as-of day, by hand."""

from datetime import date

import pytest
from handmade import plan

from chiso.catalogue import Indicator
from chiso.indicators.judge import Figure, attainment, status, target_of

YEAR = 2024
MID_YEAR = date(2024, 6, 30)


def rule(indicator: str, **changes: object) -> Indicator:
    return plan().indicator(indicator).model_copy(update=changes)


def of(numerator: float, denominator: float) -> Figure:
    return Figure(numerator, denominator, numerator / denominator if denominator else None)


def number(n: float) -> Figure:
    return Figure(n, None, float(n))


NO_DATA = Figure(0, 0, None)
SHARE = "B.VII.4a"  # a share at least its target, without a deadline


# ---------------------------------------------------------------------------------------- exactly at the target


@pytest.mark.parametrize(
    ("target", "numerator", "denominator"),
    [
        (0.6, 3, 5),
        (0.3, 3, 10),  # 0.3 is no binary fraction: decided on 3 and 10
        (0.3, 30_000_000_003, 100_000_000_010),
        (0.8, 4, 5),
        (0.4, 2, 5),
        (0.85, 17, 20),
        (0.85, 1_020_000_000_017, 1_200_000_000_020),  # amounts in VND
        (0.1, 1, 10),
        (0.1, 7_000_000_000_001, 70_000_000_000_010),
        (1.0, 7, 7),
    ],
)
def test_at_the_target_is_met_and_one_unit_below_is_not(target: float, numerator: int, denominator: int) -> None:
    at_least = rule(SHARE, comparator=">=", target=target)
    assert status(at_least, of(numerator, denominator), None, MID_YEAR, YEAR) == "met"
    assert status(at_least, of(numerator - 1, denominator), None, MID_YEAR, YEAR) == "not_met"


@pytest.mark.parametrize(("target", "numerator", "denominator"), [(0.6, 3, 5), (0.3, 3, 10), (0.87, 87, 100)])
def test_above_is_not_met_at_equality(target: float, numerator: int, denominator: int) -> None:
    above = rule(SHARE, comparator=">", target=target)
    assert status(above, of(numerator, denominator), None, MID_YEAR, YEAR) == "not_met"
    assert status(above, of(numerator + 1, denominator), None, MID_YEAR, YEAR) == "met"


def test_all_means_all() -> None:
    everything = rule("B.III.8")
    assert status(everything, of(10**9, 10**9), None, MID_YEAR, YEAR) == "met"
    # So close that the quotient is 1.0 as a float after rounding to any printed digit.
    assert status(everything, of(10**9 - 1, 10**9), None, MID_YEAR, YEAR) == "not_met"
    assert status(everything, of(2**60 - 1, 2**60), None, MID_YEAR, YEAR) == "not_met"  # the quotient is 1.0 itself


def test_overall_satisfaction_must_be_above_87_percent() -> None:
    index = rule("sipas")
    assert status(index, Figure(4.35, 5, 0.87), None, MID_YEAR, YEAR) == "not_met"
    assert status(index, Figure(4.3505, 5, 0.8701), None, MID_YEAR, YEAR) == "met"


def test_equality_of_the_index_is_not_lost_in_the_mean_of_five() -> None:
    # Factors 12/20, 18/20 and three times 19/20: their mean is 87/100, as floats 0.8700000000000001.
    factors = [12 / 20, 18 / 20, 19 / 20, 19 / 20, 19 / 20]
    figure = Figure(sum(factors), 5, sum(factors) / 5)
    assert status(rule("sipas"), figure, None, MID_YEAR, YEAR) == "not_met"


# ------------------------------------------------------------------------------------------------------ counts


def test_count_of_at_least_two() -> None:
    at_least = rule("B.I.6", deadline=None)
    assert [status(at_least, number(n), None, MID_YEAR, YEAR) for n in (0, 1, 2, 3)] == [
        "not_met",
        "not_met",
        "met",
        "met",
    ]
    assert [attainment(at_least, number(n), None) for n in (0, 1, 2, 3)] == [0.0, 0.5, 1.0, 1.0]


def test_count_of_none() -> None:
    none = rule("B.V.4")
    assert [status(none, number(n), None, MID_YEAR, YEAR) for n in (0, 1, 5)] == ["met", "not_met", "not_met"]
    assert [attainment(none, number(n), None) for n in (0, 1, 5)] == [1.0, 0.0, 0.0]


# --------------------------------------------------------------------------------------------------- deadlines


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (date(2024, 12, 12), "pending"),
        (date(2024, 12, 13), "not_met"),  # the deadline is D: judged
        (date(2024, 12, 14), "not_met"),
    ],
)
def test_pending_while_the_deadline_is_after_d(as_of: date, expected: str) -> None:
    by_13_december = rule("B.I.1")
    assert status(by_13_december, of(9, 10), None, as_of, YEAR) == expected
    assert status(by_13_december, of(10, 10), None, as_of, YEAR) == "met"  # met early is met


def test_the_deadline_lies_in_the_plan_year() -> None:
    # A whole official year begins on 15/12 of the year before, after the same day of that year.
    assert status(rule("B.I.1"), of(9, 10), None, date(2023, 12, 20), YEAR) == "pending"


def test_without_deadline_it_is_judged_at_d() -> None:
    assert status(rule("B.III.8"), of(9, 10), None, date(2024, 1, 14), YEAR) == "not_met"


@pytest.mark.parametrize(
    ("as_of", "at", "below"),
    [
        (date(2024, 12, 30), "pending", "pending"),
        (date(2024, 12, 31), "met", "not_met"),
    ],
)
def test_savings_are_pending_until_31_december_whatever_the_value(as_of: date, at: str, below: str) -> None:
    savings = rule("B.VI.3b")
    assert status(savings, of(1, 10), None, as_of, YEAR) == at
    assert status(savings, of(1, 11), None, as_of, YEAR) == below


def test_pending_whatever_the_value_still_needs_a_value() -> None:
    assert status(rule("B.VI.3b"), NO_DATA, None, MID_YEAR, YEAR) == "no_data"


# --------------------------------------------------------------------------------------- no data, no target, no verdict


def test_no_data_before_everything_else() -> None:
    for indicator in ("B.III.8", "B.I.1", "A.I.3", "B.III.9", "B.VII.4a"):
        assert status(rule(indicator), NO_DATA, None, MID_YEAR, YEAR) == "no_data"
        assert attainment(rule(indicator), NO_DATA, None) is None
    assert status(rule("B.V.4"), Figure(None, None, None), None, MID_YEAR, YEAR) == "no_data"


def test_zero_is_not_no_data() -> None:
    assert status(rule("B.III.8"), of(0, 3), None, MID_YEAR, YEAR) == "not_met"
    assert attainment(rule("B.III.8"), of(0, 3), None) == 0.0


def test_without_target_there_is_no_status() -> None:
    assert status(rule("A.I.3"), of(1, 2), None, MID_YEAR, YEAR) is None
    assert attainment(rule("A.I.3"), of(1, 2), None) is None
    assert status(rule("A.III.1"), number(0), None, MID_YEAR, YEAR) is None


@pytest.mark.parametrize(("indicator", "figure"), [("B.I.2a", of(0, 1)), ("B.I.6", number(0))])
def test_targets_of_the_department_are_none_of_a_units(indicator: str, figure: Figure) -> None:
    late = date(2024, 12, 31)
    assert status(rule(indicator), figure, None, late, YEAR) == "not_met"
    assert status(rule(indicator), figure, "U1", late, YEAR) is None
    assert target_of(rule(indicator), "U1") is None
    assert attainment(rule(indicator), figure, "U1") is None


def test_other_targets_hold_for_units_too() -> None:
    assert status(rule("B.III.8"), of(1, 2), "U1", MID_YEAR, YEAR) == "not_met"
    assert target_of(rule("B.III.8"), "U1") == 1


def test_service_quality_index_is_not_judged_until_verified() -> None:
    for points in (90, 80, 10):
        assert status(rule("B.III.9"), of(points, 1), None, MID_YEAR, YEAR) is None


# -------------------------------------------------------------------------------------------------- attainment


@pytest.mark.parametrize(
    ("target", "figure", "expected"),
    [
        (0.6, of(3, 10), 0.5),
        (0.6, of(6, 10), 1.0),
        (0.6, of(9, 10), 1.0),  # never above 1
        (0.6, of(0, 10), 0.0),
        (0.1, Figure(-20, 100, -0.2), 0.0),  # never below 0
        (1.0, of(3, 4), 0.75),
    ],
)
def test_attainment_is_value_over_target_between_0_and_1(target: float, figure: Figure, expected: float) -> None:
    assert attainment(rule(SHARE, target=target), figure, None) == pytest.approx(expected)


def test_attainment_of_above_is_full_at_the_target_though_not_met() -> None:
    at = Figure(4.35, 5, 0.87)
    assert attainment(rule("sipas"), at, None) == 1.0
    assert status(rule("sipas"), at, None, MID_YEAR, YEAR) == "not_met"
