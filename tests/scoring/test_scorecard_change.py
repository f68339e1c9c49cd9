"""Changes split by cause, what-if on scorecards: by hand and by what must hold."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from chiso.scoring.scorecard import Criterion, Scorecard, ScorecardError, Values, score
from chiso.scoring.scorecard.change import changes, compare
from chiso.scoring.scorecard.whatif import what_if
from chiso.scoring.shapley import shapley


def card(*maxima: float, areas: tuple[str, ...] | None = None, first: int = 1) -> Scorecard:
    criteria = tuple(Criterion(code=f"c{i}", max_points=m, rule="manual") for i, m in enumerate(maxima, first))
    return Scorecard("t", "t", criteria, areas or ("I",) * len(maxima))


def one(scorecard: Scorecard, *points, period: str = "p", unit: str = "A"):
    values = Values.empty((period,), (unit,), scorecard.codes)
    return score(
        scorecard, values.changed({(period, unit, c): p for c, p in zip(scorecard.codes, points, strict=True)})
    )


def parts(table: pl.DataFrame, code: str) -> tuple[float, ...]:
    row = table.filter(pl.col("code") == code).row(0, named=True)
    return tuple(row[f"by_{cause}"] for cause in ("value", "weight", "coverage"))


def test_values_alone():
    found = compare(one(card(6, 4), 3.0, 4.0), one(card(6, 4), 6.0, 2.0))
    assert parts(found, "c1") == pytest.approx((30, 0, 0))
    assert parts(found, "c2") == pytest.approx((-20, 0, 0))
    assert parts(found, "total") == pytest.approx((10, 0, 0))


def test_a_criterion_reported_at_last_is_a_change_of_coverage():
    found = compare(one(card(6, 4), "missing", 4.0), one(card(6, 4), 6.0, 4.0))
    assert parts(found, "c1") == pytest.approx((0, 0, 60))
    assert parts(found, "c2") == pytest.approx((0, 0, 0))


def test_a_criterion_that_no_longer_applies_is_a_change_of_coverage():
    # 3 of 10 becomes 3 of 6: 30 to 50 percent, all of it because c2 with no points dropped out
    found = compare(one(card(6, 4), 3.0, 0.0), one(card(6, 4), 3.0, "not_applicable"))
    assert parts(found, "total") == pytest.approx((0, 0, 20))
    # measured from the mean total of 40 %: c2 stood 40 below at a weight of .4; c1 10 above, weight .6 to 1
    assert parts(found, "c2") == pytest.approx((0, 0, 16))
    assert parts(found, "c1") == pytest.approx((0, 0, 4))


def test_other_maxima_are_a_change_of_weight():
    found = compare(one(card(5, 5), 5.0, 0.0), one(card(8, 2), 8.0, 0.0))
    assert parts(found, "total") == pytest.approx((0, 30, 0))


def test_a_criterion_that_comes_with_a_new_scorecard_is_a_change_of_weight():
    found = compare(one(card(5), 5.0), one(card(5, 5), 5.0, 0.0))
    assert parts(found, "total") == pytest.approx((0, -50, 0))
    gone = compare(one(card(5, 5), 5.0, 0.0), one(card(5), 5.0))
    assert parts(gone, "total") == pytest.approx((0, 50, 0))
    row = gone.filter(pl.col("code") == "c2").row(0, named=True)
    assert row["points_change"] is None
    assert row["contribution"] == pytest.approx(parts(gone, "c2")[1])


def test_bodies_to_which_nothing_applied_have_no_contribution():
    found = compare(one(card(5), "not_applicable"), one(card(5), 5.0))
    total = found.filter(pl.col("level") == "total").row(0, named=True)
    assert total["contribution"] is None
    assert total["percent_change"] is None


def test_what_cannot_be_told_apart_goes_to_coverage():
    # c1 comes to apply while c2 leaves the scorecard: with the new weights and the old coverage nothing would be left
    found = compare(one(card(5, 5), "not_applicable", 5.0), one(card(5), 2.0))
    assert parts(found, "total") == pytest.approx((0, 0, -60))


def test_one_period_has_no_change():
    assert changes(one(card(5), 5.0)).is_empty()


CELL = st.one_of(st.floats(0, 5), st.sampled_from(["missing", "not_applicable"]))


@drawn(st.data(), st.integers(1, 5), st.integers(1, 5))
def test_contributions_always_add_up(data, before, after):
    def side(count, first):
        maxima = data.draw(st.lists(st.floats(0.5, 5), min_size=count, max_size=count))
        cells = data.draw(st.lists(CELL, min_size=count, max_size=count))
        return one(card(*maxima, areas=tuple("I" if i % 2 else "II" for i in range(count)), first=first), *cells)

    old, new = side(before, 1), side(after, data.draw(st.integers(1, 3)))
    found = compare(old, new)
    total = found.filter(pl.col("level") == "total").row(0, named=True)
    change = (new.total_percent - old.total_percent)[0, 0]
    if np.isnan(change):
        assert total["contribution"] is None
        return
    assert total["contribution"] == pytest.approx(change, abs=1e-9)
    assert total["by_value"] + total["by_weight"] + total["by_coverage"] == pytest.approx(change, abs=1e-9)
    criteria = found.filter(pl.col("level") == "criterion")
    for column in ("contribution", "by_value", "by_weight", "by_coverage"):
        assert criteria[column].sum() == pytest.approx(total[column], abs=1e-9)


def test_shapley_of_a_product_and_of_a_cause_without_effect():
    found = shapley(lambda new: np.array((2.0, 3.0)[new[0]] * (5.0, 7.0)[new[1]] + 0 * new[2]), 3)
    assert found.tolist() == pytest.approx([6, 5, 0])  # 10 to 21: 1 × (5+7)/2 and 2 × (2+3)/2


# ------------------------------------------------------------------------------------------------------ what if


def test_what_if_a_value_or_a_rule_changes():
    criteria = (
        Criterion(code="c1", max_points=6, rule="proportional", target=0.9),
        Criterion(code="c2", max_points=4, rule="manual"),
    )
    scorecard = Scorecard("t", "t", criteria, ("I", "II"))
    values = Values.empty(("p",), ("A", "B"), scorecard.codes).changed(
        {("p", "A", "c1"): 0.45, ("p", "A", "c2"): 4.0, ("p", "B", "c1"): 0.9, ("p", "B", "c2"): 2.0}
    )
    own = score(scorecard, values)
    after, rows = what_if(own, {("p", "A", "c1"): 0.9})
    assert after.total_percent.tolist() == [[100, 80]]
    assert rows.filter(pl.col("level") == "total").select("unit", "rank_before", "rank").rows() == [
        ("A", 2, 1),
        ("B", 1, 2),
    ]
    assert own.total_percent.tolist() == [[70, 80]]
    _, rows = what_if(own, rules={"c1": {"target": 0.45}})
    assert set(rows["code"]) == {"c1", "I", "total"}
    _, rows = what_if(own, {("p", "A", "c2"): "not_applicable"})
    assert rows.filter(pl.col("code") == "total").row(0, named=True)["percent"] == 50
    with pytest.raises(KeyError):
        what_if(own, {("p", "A", "c9"): 1.0})
    with pytest.raises(ScorecardError, match="c1.target"):
        what_if(own, rules={"c1": {"target": 0}})
