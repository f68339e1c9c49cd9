"""Scores from attainment: items, components, totals, coverage and ranks by hand."""

from typing import Any

import polars as pl
import pytest

from chiso.catalogue import Catalogue, load_catalogue
from chiso.scoring import scores

#: The seven items of B.I: B.I.2 has two indicators with a target, B.I.5 three, the others one.
B_I = ("B.I.1", "B.I.2", "B.I.3", "B.I.4", "B.I.5", "B.I.6", "B.I.7")


@pytest.fixture(scope="module")
def plan() -> Catalogue:
    return load_catalogue(2024)


def attained(plan: Catalogue, values: dict[str, float | None], unit: str | None = None) -> list[dict[str, Any]]:
    """Rows of the result table: what scores read of them."""
    return [
        {"indicator": i, "plan_item": plan.indicator(i).plan_item, "unit_code": unit, "attainment": value}
        for i, value in values.items()
    ]


def scored(plan: Catalogue, *groups: list[dict[str, Any]]) -> dict[tuple[str | None, str, str], dict[str, Any]]:
    schema = {"indicator": pl.String, "plan_item": pl.String, "unit_code": pl.String, "attainment": pl.Float64}
    frame = pl.DataFrame([row for rows in groups for row in rows], schema=schema, orient="row")
    table = scores(frame, plan)
    assert table.select("unit_code", "level", "code").is_duplicated().sum() == 0
    return {(r["unit_code"], r["level"], r["code"]): r for r in table.rows(named=True)}


def test_an_item_is_the_mean_of_its_indicators_with_data(plan: Catalogue) -> None:
    found = scored(plan, attained(plan, {"B.I.5a": 1.0, "B.I.5b": 0.5, "B.I.5c": 0.0, "B.I.2a": 0.4, "B.I.2b": None}))
    assert found[None, "criterion", "B.I.5"]["points"] == 0.5
    assert found[None, "criterion", "B.I.2"]["points"] == 0.4  # the other has no data: not a zero
    row = found[None, "criterion", "B.I.5"]
    assert (row["scorecard"], row["max_points"], row["percent"], row["coverage"]) == ("attainment", 1, 50, 1)


def test_indicators_without_target_are_in_no_score(plan: Catalogue) -> None:
    # A.IV.1: on time has a target, early and repeat visits are watched only. A.I.3 has no target at all.
    found = scored(plan, attained(plan, {"A.IV.1a": 0.8, "A.IV.1b": None, "A.IV.1c": None, "A.I.3": None}))
    assert found[None, "criterion", "A.IV.1"]["points"] == 0.8
    items = {code for _, level, code in found if level == "criterion"}
    assert not items & {"A.I.3", "A.II.1", "III.2"}


def test_an_item_without_data_has_no_score(plan: Catalogue) -> None:
    found = scored(plan, attained(plan, {"B.I.1": None, "B.I.3": 1.0}))
    row = found[None, "criterion", "B.I.1"]
    assert (row["points"], row["max_points"], row["percent"], row["coverage"]) == (None, None, None, 0)


def test_a_component_is_the_mean_of_its_items_not_of_its_indicators(plan: Catalogue) -> None:
    values = {"B.I.1": 1.0, "B.I.5a": 0.0, "B.I.5b": 0.0, "B.I.5c": 0.0, "B.I.7": None}
    row = scored(plan, attained(plan, values))[None, "area", "B.I"]
    assert (row["points"], row["percent"]) == (0.5, 50)  # B.I.1 = 1, B.I.5 = 0
    assert row["coverage"] == 2 / 7


def test_a_full_component(plan: Catalogue) -> None:
    values = {"B.I.1": 1.0, "B.I.2a": 1.0, "B.I.2b": 0.0, "B.I.3": 1.0, "B.I.4": 0.5, "B.I.6": 0.5, "B.I.7": 1.0}
    values |= {"B.I.5a": 0.5, "B.I.5b": 0.5, "B.I.5c": 0.5}
    row = scored(plan, attained(plan, values))[None, "area", "B.I"]
    assert row["points"] == pytest.approx((1 + 0.5 + 1 + 0.5 + 0.5 + 0.5 + 1) / 7)
    assert row["coverage"] == 1


def test_the_total_is_the_mean_of_the_components(plan: Catalogue) -> None:
    # B.I = (1 + 1 + 1) / 3, B.II = 0; the five others have no data.
    found = scored(plan, attained(plan, {"B.I.1": 1.0, "B.I.3": 1.0, "B.I.4": 1.0, "B.II.1": 0.0}))
    row = found[None, "total", "B"]
    assert (row["points"], row["percent"]) == (0.5, 50)
    assert row["coverage"] == 4 / 40  # of the 40 items of B


def test_all_components_weigh_the_same_whatever_their_items(plan: Catalogue) -> None:
    # Every item of B.III (11 of 40) attains all, all others nothing: one component of seven.
    values = {i.id: float(i.component == "B.III") for i in plan.indicators if i.target is not None and i.id[0] == "B"}
    row = scored(plan, attained(plan, values))[None, "total", "B"]
    assert row["points"] == pytest.approx(1 / 7)
    assert row["coverage"] == 1


def test_action_items_of_a_stand_beside_and_there_is_no_grand_total(plan: Catalogue) -> None:
    found = scored(plan, attained(plan, {"sipas": 0.9, "A.I.1": 1.0, "A.V.1a": 0.0, "A.V.1b": 0.0, "P.III.2": 1.0}))
    assert {code for _, level, code in found if level == "total"} == {"A", "B"}
    # A.I = 1, A.V = 0; neither the satisfaction index nor the report on the plan is in it.
    assert found[None, "total", "A"]["points"] == 0.5
    assert found[None, "total", "B"]["points"] is None
    assert found[None, "total", "B"]["coverage"] == 0


def test_ranks_of_units_with_ties_share_the_smaller(plan: Catalogue) -> None:
    values = {None: 0.7, "U1": 0.5, "U2": 0.9, "U3": 0.9, "U4": None, "U5": 0.1}
    found = scored(plan, *(attained(plan, {"B.III.8": v}, unit) for unit, v in values.items()))
    for key in (("criterion", "B.III.8"), ("area", "B.III"), ("total", "B")):
        ranks = {unit: found[unit, *key]["rank"] for unit in values}
        assert ranks == {None: None, "U1": 3, "U2": 1, "U3": 1, "U4": None, "U5": 4}, key


def test_ranks_come_from_unrounded_scores(plan: Catalogue) -> None:
    values = {"U1": 0.81234567, "U2": 0.81234568}
    found = scored(plan, *(attained(plan, {"B.III.8": v}, unit) for unit, v in values.items()))
    assert [found[unit, "area", "B.III"]["rank"] for unit in values] == [2, 1]


def test_the_same_figures_in_another_order_are_a_tie(plan: Catalogue) -> None:
    """Their sums differ in the last binary digit: 2/3 + 25/29 + 1/13 against 1/13 + 25/29 + 2/3."""
    items, figures = ("B.IV.1", "B.IV.3", "B.IV.4"), (2 / 3, 25 / 29, 1 / 13)
    first = attained(plan, dict(zip(items, figures, strict=True)), "a")
    second = attained(plan, dict(zip(items, reversed(figures), strict=True)), "b")
    found = scored(plan, first, second, attained(plan, {"B.IV.1": 0.1}, "c"))
    assert found["a", "total", "B"]["points"] != found["b", "total", "B"]["points"]
    assert [found[u, "total", "B"]["rank"] for u in "abc"] == [1, 1, 3]
    assert found["c", "criterion", "B.IV.3"]["rank"] is None


def test_each_unit_is_scored_on_its_own_rows(plan: Catalogue) -> None:
    groups = [
        attained(plan, {"B.I.1": 1.0}, "U1"),
        attained(plan, {"B.I.1": 0.0}, "U2"),
        attained(plan, {"B.I.1": 0.5}),
    ]
    found = scored(plan, *groups)
    assert [found[unit, "total", "B"]["points"] for unit in (None, "U1", "U2")] == [0.5, 1.0, 0.0]


def test_order_of_rows_does_not_matter(plan: Catalogue) -> None:
    groups = [
        attained(plan, {"B.I.5a": 0.1, "B.I.5b": 0.2, "B.I.5c": 1.0, "B.I.1": 0.3}, u) for u in ("U1", "U2", None)
    ]
    assert scored(plan, *groups) == scored(plan, *(list(reversed(rows)) for rows in reversed(groups)))
