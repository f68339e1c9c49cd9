"""Each rule at each of its edges."""

import math
from typing import Any

import pytest

from chiso.scoring.scorecard import Criterion, points


def earned(rule: str, value: float, **parameters: Any) -> float:
    criterion = Criterion(code="c", rule=rule, **{"max_points": 4, **parameters})  # type: ignore[arg-type]
    assert list(criterion.faults()) == []
    return float(points(criterion, value))


@pytest.mark.parametrize(
    ("value", "target", "expected"),
    [
        (1, None, 4),
        (0, None, 0),
        (0.999, None, 0),
        (2, None, 4),
        (-1, None, 0),
        (0.5, 0.5, 4),
        (0.4999, 0.5, 0),
        # the target is "none": only none gives the points
        (0, 0, 4),
        (1, 0, 0),
        (0.5, 0, 0),
    ],
)
def test_binary(value, target, expected):
    assert earned("binary", value, target=target) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.8, 4), (0.81, 4), (5, 4), (0.4, 2), (0.3999, 0), (0, 0), (-1, 0), (0.6, 3)],
)
def test_proportional_between_floor_and_target(value, expected):
    assert earned("proportional", value, target=0.8, floor=0.4) == pytest.approx(expected, abs=1e-12)


def test_proportional_without_floor_or_target_is_the_share_of_the_maximum():
    assert earned("proportional", 0.25) == 1
    assert earned("proportional", 1.0) == 4
    assert earned("proportional", 0.0) == 0
    assert earned("proportional", -0.5) == 0
    assert earned("proportional", 40, target=80) == 2


def test_proportional_with_floor_at_the_target_is_all_or_nothing():
    assert earned("proportional", 0.8, target=0.8, floor=0.8) == 4
    assert earned("proportional", 0.79, target=0.8, floor=0.8) == 0


@pytest.mark.parametrize(
    ("value", "expected"),
    [(100, 4), (1000, 4), (99.99, 2), (80, 2), (79.99, 0), (0, 0), (-1, 0)],
)
@pytest.mark.parametrize("order", [1, -1])
def test_steps_give_the_points_of_the_highest_threshold_reached(value, expected, order):
    assert earned("steps", value, steps=((100, 4), (80, 2), (0, 0))[::order]) == expected


def test_steps_below_the_lowest_threshold_give_nothing():
    assert earned("steps", 49, steps=((100, 4), (50, 1))) == 0
    assert earned("steps", 50, steps=((100, 4), (50, 1))) == 1


def test_steps_may_fall_where_less_is_better():
    falling = ((0, 4), (1, 2), (3, 0))
    assert [earned("steps", x, steps=falling) for x in (0, 0.5, 1, 2, 3, 9, -1)] == [4, 4, 2, 2, 0, 0, 0]


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (1, 1.5), (2, 3), (3, 4), (100, 4), (-2, 0), (0.5, 0.75)])
def test_count_is_capped(value, expected):
    assert earned("count", value, per_unit=1.5) == expected


def test_count_without_points_a_unit_is_full_at_its_target():
    assert [earned("count", x, target=8) for x in (0, 2, 8, 9)] == [0, 1, 4, 4]


@pytest.mark.parametrize(("value", "expected"), [(0, 4), (1, 2.5), (2, 1), (3, 0), (9, 0), (-1, 4)])
def test_deduct_ends_at_zero_and_adds_nothing(value, expected):
    assert earned("deduct", value, per_unit=1.5) == expected


@pytest.mark.parametrize(("value", "expected"), [(5, 4), (4, 4), (-3, 4), (15, 0), (16, 0), (10, 2), (12.5, 1)])
def test_linear_lower_between_best_and_worst(value, expected):
    assert earned("linear_lower", value, best=5, worst=15) == expected


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (3.25, 3.25), (4, 4), (4.5, 4), (-1, 0)])
def test_manual_points_stay_within_the_maximum(value, expected):
    assert earned("manual", value) == expected


@pytest.mark.parametrize("rule", ["binary", "proportional", "manual"])
def test_no_value_has_no_points(rule):
    assert math.isnan(earned(rule, math.nan))


def test_numbers_beyond_reason_stay_within_the_maximum():
    assert earned("proportional", 1e17, target=1e-300) == 4
    assert earned("count", 1e300, per_unit=1e300) == 4
    assert earned("deduct", 1e300, per_unit=1e300) == 0


def test_a_quotient_reaches_the_threshold_written_as_a_decimal():
    assert earned("steps", 4 / 5, steps=((0.8, 4), (0, 0))) == 4
    assert earned("proportional", 7 / 10, target=0.7, floor=0.7) == 4
    assert earned("binary", 87 / 100, target=0.87) == 4


@pytest.mark.parametrize(
    ("rule", "parameters", "fault"),
    [
        ("binary", {"target": -1}, ("target", "negative")),
        ("proportional", {"target": 0}, ("target", "target_positive")),
        ("proportional", {"target": -1}, ("target", "target_positive")),
        ("proportional", {"target": 0.5, "floor": 0.6}, ("floor", "floor_above_target")),
        ("proportional", {"floor": 1.1}, ("floor", "floor_above_target")),
        ("steps", {}, ("step", "needed")),
        ("steps", {"steps": ((80, 2), (80, 3), (0, 0))}, ("step", "steps_overlap")),
        ("steps", {"steps": ((80, 2), (100, 4), (0, 0))}, ("step", "steps_unsorted")),
        ("steps", {"steps": ((100, 2), (80, 4), (0, 0))}, ("step", "steps_points")),
        ("steps", {"steps": ((100, 5), (0, 0))}, ("step", "step_outside")),
        ("steps", {"steps": ((100, 4), (0, -1))}, ("step", "step_outside")),
        ("count", {}, ("per_unit", "needed")),
        ("count", {"per_unit": 0}, ("per_unit", "per_unit_positive")),
        ("deduct", {}, ("per_unit", "needed")),
        ("deduct", {"per_unit": -0.5}, ("per_unit", "per_unit_positive")),
        ("linear_lower", {"worst": 5}, ("best", "needed")),
        ("linear_lower", {"best": 5}, ("worst", "needed")),
        ("linear_lower", {"best": 5, "worst": 5}, ("best", "best_not_below_worst")),
        ("linear_lower", {"best": 6, "worst": 5}, ("best", "best_not_below_worst")),
    ],
)
def test_a_rule_that_makes_no_sense_is_a_fault(rule, parameters, fault):
    criterion = Criterion(code="c", max_points=4, rule=rule, **parameters)
    assert [found[:2] for found in criterion.faults()] == [fault]
