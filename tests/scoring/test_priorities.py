"""Gaps in cases, gains in points, what-if: by hand on rows of the plan of 2024."""

from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chiso.catalogue import Catalogue, load_catalogue
from chiso.indicators.results import SCHEMA
from chiso.scoring import scores
from chiso.scoring.gaps import cases_to_target
from chiso.scoring.priorities import effective_weights, gaps, priorities
from chiso.scoring.whatif import Change, WhatIfError, what_if


@pytest.fixture(scope="module")
def plan() -> Catalogue:
    return load_catalogue(2024)


@pytest.mark.parametrize(
    ("n", "whole", "target", "comparator", "fixed", "growing"),
    [
        (60, 100, 0.8, ">=", 20, 100),
        (80, 100, 0.8, ">=", 0, 0),
        (79, 100, 0.8, ">=", 1, 5),
        (80, 100, 0.8, ">", 1, 1),
        (81, 100, 0.8, ">", 0, 0),
        (99, 100, 1, "==", 1, None),
        (100, 100, 1, "==", 0, 0),
        (0, 3, 0.4, ">=", 2, 2),
        (29, 100, 0.29, ">=", 0, 0),  # 0.29 × 100 is 28.999… in binary
        (0, 0, 0.5, ">=", None, None),
        (1, 2, 1, ">", None, None),
        (1, None, 2, ">=", 1, 1),
        (2, None, 2, ">=", 0, 0),
        (3, None, 0, "==", 3, 3),
        (0, None, 0, "==", 0, 0),
    ],
)
def test_cases_to_target(n, whole, target, comparator, fixed, growing):
    assert cases_to_target(n, whole, target, comparator) == fixed
    assert cases_to_target(n, whole, target, comparator, growing=True) == growing


@given(st.integers(1, 400), st.data(), st.integers(0, 100), st.sampled_from([">=", ">"]), st.booleans())
def test_the_number_of_cases_is_the_smallest_that_is_enough(whole, data, percent, comparator, growing):
    n = data.draw(st.integers(0, whole))
    target = percent / 100
    found = cases_to_target(n, whole, target, comparator, growing)

    def reached(k: int) -> bool:
        share, wanted = Fraction(n + k, whole + k * growing), Fraction(percent, 100)
        return share > wanted if comparator == ">" else share >= wanted

    if found is None:
        assert not reached(whole - n if not growing else 10**6)
    else:
        assert reached(found)
        assert found == 0 or not reached(found - 1)


def row(plan: Catalogue, indicator: str, n: float | None, whole: float | None, unit: str | None = None, **more: Any):
    """A row of the result table; the value is n / whole, or n."""
    entry = plan.indicator(indicator)
    value = n if whole is None or n is None else n / whole
    target = entry.target if unit is None or entry.target_for_units else None
    attained = None
    if target is not None and value is not None:
        attained = float(value == 0) if target == 0 else max(0.0, min(1.0, value / target))
    return {
        "indicator": indicator,
        "plan_item": entry.plan_item,
        "component": entry.component,
        "unit_code": unit,
        "numerator": n,
        "denominator": whole,
        "value": value,
        "measure": entry.measure,
        "comparator": entry.comparator,
        "target": target,
        "status": "not_met" if attained is not None and attained < 1 else "met",
        "attainment": attained,
        "window": entry.window,
        "window_start": date(2024, 1, 1),
        "window_end": date(2024, 12, 14),
        "as_of": date(2024, 12, 14),
        "deadline": None,
        "verified": True,
        **more,
    }


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")


@pytest.fixture
def results(plan: Catalogue) -> pl.DataFrame:
    return table(
        row(plan, "B.I.1", 9, 10),
        row(plan, "B.I.5a", 4, 4),
        row(plan, "B.I.5b", 0, 4),
        row(plan, "B.I.5c", 2, None),
        row(plan, "B.VII.4a", 30, 100),
        row(plan, "A.IV.1a", 1, 2),
        row(plan, "A.IV.1b", 1, 4),  # no target
        row(plan, "B.VII.4a", 5, 10, "U1"),
        row(plan, "B.VII.4a", 6, 10, "U2"),
    )


def test_weights_follow_the_score(plan, results):
    weights = effective_weights(results, plan)
    found = {(u, i): w for u, i, w in weights.select("unit_code", "indicator", "weight").iter_rows()}
    assert found == {
        (None, "B.I.1"): pytest.approx(1 / 4),
        (None, "B.I.5a"): pytest.approx(1 / 12),
        (None, "B.I.5b"): pytest.approx(1 / 12),
        (None, "B.I.5c"): pytest.approx(1 / 12),
        (None, "B.VII.4a"): pytest.approx(1 / 2),
        (None, "A.IV.1a"): 1,
        ("U1", "B.VII.4a"): 1,
        ("U2", "B.VII.4a"): 1,
    }
    joined = weights.join(results, on=["unit_code", "indicator"], nulls_equal=True)
    by_hand = joined.group_by("unit_code", "index").agg((pl.col("weight") * pl.col("attainment")).sum())
    for unit, index, total in by_hand.iter_rows():
        score = scores(results, plan).filter(
            pl.col("unit_code").eq_missing(unit) & (pl.col("code") == index) & (pl.col("level") == "total")
        )
        assert score["points"][0] == pytest.approx(total)


def test_priorities_by_gain_and_by_gain_per_case(plan, results):
    found = priorities(results, plan)
    department = {r["indicator"]: r for r in found.filter(pl.col("unit_code").is_null()).iter_rows(named=True)}
    assert set(department) == {"B.I.1", "B.I.5b", "B.I.5c", "B.VII.4a", "A.IV.1a"}
    online = department["B.VII.4a"]
    assert (online["cases"], online["cases_growing"]) == (30, 75)
    assert online["gap"] == pytest.approx(0.3)
    assert online["gain"] == pytest.approx(25)
    assert online["gain_per_case"] == pytest.approx(25 / 30)
    assert department["B.I.1"]["cases"] == 1
    assert department["B.I.1"]["cases_growing"] is None
    assert department["B.I.1"]["gain"] == pytest.approx(2.5)
    assert department["B.I.5b"]["cases"] == 2  # 30 % of four is 1.2
    assert department["B.I.5c"]["cases"] == 2
    assert department["A.IV.1a"]["order_by_gain"] == department["A.IV.1a"]["order_by_case"] == 1
    assert [department[i]["order_by_gain"] for i in ("B.VII.4a", "B.I.5b", "B.I.5c", "B.I.1")] == [2, 3, 3, 5]
    assert found.filter(pl.col("unit_code") == "U1")["cases"].to_list() == [1]
    assert found.filter(pl.col("unit_code") == "U2").is_empty()  # reached


def test_full_attainment_of_one_target_brings_exactly_its_gain(plan, results):
    before = scores(results, plan)
    for one in priorities(results, plan).iter_rows(named=True):
        full = {"value": one["target"]}
        after = what_if(results, plan, [Change(one["indicator"], one["unit_code"], **full)]).scores
        chosen = pl.col("unit_code").eq_missing(one["unit_code"]) & (pl.col("code") == one["index"])
        gained = after.filter(chosen)["percent"][0] - before.filter(chosen)["percent"][0]
        assert gained == pytest.approx(one["gain"], abs=1e-9)


def test_an_index_has_a_gain_but_no_cases(plan):
    rows = table(row(plan, "B.III.9", 60.0, None, status=None))
    (found,) = priorities(rows, plan).iter_rows(named=True)
    assert (found["cases"], found["gain_per_case"]) == (None, None)
    assert (found["gap"], found["gain"]) == (20, pytest.approx(25))


def test_an_index_that_reached_its_target_is_not_listed(plan):
    assert priorities(table(row(plan, "B.III.9", 80.0, None, status=None)), plan).is_empty()
    assert priorities(table(row(plan, "B.III.9", 84.0, None, status=None)), plan).is_empty()


def test_money_is_no_number_of_cases(plan):
    rows = table(row(plan, "B.VI.4", 80e9, 100e9), row(plan, "B.VI.3a", 1, 2))
    found = {r["indicator"]: r for r in priorities(rows, plan).iter_rows(named=True)}
    assert (found["B.VI.4"]["counted"], found["B.VI.4"]["cases"]) == ("money", 5_000_000_000)
    assert found["B.VI.4"]["gain_per_case"] is None
    assert found["B.VI.4"]["order_by_case"] is None
    assert found["B.VI.3a"]["order_by_case"] == 1


def test_what_if_changes_figures_status_scores_and_ranks(plan, results):
    found = what_if(results, plan, [Change("B.VII.4a", "U1", numerator=7)])
    (changed,) = found.changed_indicators.iter_rows(named=True)
    assert (changed["unit_code"], changed["value_before"], changed["value"]) == ("U1", 0.5, 0.7)
    assert (changed["status_before"], changed["status"]) == ("not_met", "met")
    totals = {
        (r["unit_code"], r["code"]): r
        for r in found.changed_scores.filter(pl.col("level") == "total").iter_rows(named=True)
    }
    assert (totals["U1", "B"]["rank_before"], totals["U1", "B"]["rank"]) == (2, 1)
    assert (None, "B") not in totals  # the department's figure is one of its own
    assert results.filter(pl.col("unit_code") == "U1")["value"].to_list() == [0.5]


def test_another_target_holds_for_all_units(plan, results):
    found = what_if(results, plan, [Change("B.VII.4a", target=0.5)])
    status = {r["unit_code"]: (r["target"], r["status"]) for r in found.changed_indicators.iter_rows(named=True)}
    assert status == {None: (0.5, "not_met"), "U1": (0.5, "met"), "U2": (0.5, "met")}


def test_a_target_with_a_deadline_to_come_is_pending(plan):
    rows = table(row(plan, "B.I.6", 3, None, as_of=date(2024, 6, 30)))
    found = what_if(rows, plan, [Change("B.I.6", value=1)])
    assert found.indicators["status"].to_list() == ["pending"]
    assert found.indicators["attainment"].to_list() == [0.5]
    assert what_if(rows, plan, [Change("B.I.6", value=1, target=1)]).indicators["status"].to_list() == ["met"]


def test_nothing_changed_changes_nothing(plan, results):
    found = what_if(results, plan, [])
    assert found.indicators.equals(results)
    assert found.changed_indicators.is_empty()
    assert found.changed_scores.is_empty()


def test_all_impossible_changes_are_told_at_once(plan, results):
    changes = [
        Change("B.X", value=1),
        Change("B.I.1", "U9", value=1),
        Change("A.IV.1b", target=0.5),
        Change("B.I.5c", numerator=1),
        Change("B.I.1"),
        Change("B.I.1", value=1.2),
        Change("B.VII.4a", numerator=200),
        Change("B.VII.4a", target=1.5),
        Change("B.VII.4a", "U1", value=0.1),
        Change("B.VII.4a", "U1", value=0.2),
    ]
    with pytest.raises(WhatIfError) as error:
        what_if(results, plan, changes)
    assert len(str(error.value).splitlines()) == 1 + 9


def test_gaps_are_told_of_indicators_in_no_attainment_too(plan):
    """The report on the plan itself and the overall index are below target, and in neither score."""
    results = table(
        row(plan, "P.III.2", 0, 1),
        row(plan, "sipas", 4.3, 5),
        row(plan, "B.VII.4a", 30, 100),
        row(plan, "B.I.1", 3, 3),
        row(plan, "B.VII.4a", 5, 10, "U1"),
    )
    found = {(r["unit_code"], r["indicator"]): r for r in gaps(results, plan).iter_rows(named=True)}
    assert set(found) == {(None, "P.III.2"), (None, "sipas"), (None, "B.VII.4a"), ("U1", "B.VII.4a")}
    assert found[None, "P.III.2"]["cases"] == 1
    assert found[None, "sipas"]["cases"] is None
    assert found[None, "sipas"]["gap"] == pytest.approx(0.01)
    assert found[None, "B.VII.4a"]["cases"] == 30
    assert all(r["gain"] is None for r in found.values())
    scored = {(r["unit_code"], r["indicator"]) for r in priorities(results, plan).iter_rows(named=True)}
    assert scored == set(found) - {(None, "P.III.2"), (None, "sipas")}
