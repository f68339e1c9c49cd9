"""How sure a ranking is: draws within their bounds, known answers, inputs without influence."""

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from chiso.scoring.aggregation import Composite, Goalposts, MinMax, Node, Tree
from chiso.scoring.scorecard import Criterion, Scorecard, Scored, Values, score
from chiso.scoring.uncertainty import (
    Methods,
    Normalisations,
    SurveyError,
    ThresholdNoise,
    WeightNoise,
    leave_out,
    monte_carlo,
    sensitivity,
    sobol_indices,
)
from chiso.scoring.uncertainty import montecarlo as module
from chiso.scoring.uncertainty.inputs import make_draws


@pytest.fixture
def composite() -> Composite:
    nodes = [Node("a", "g", 1), Node("b", "g", 3), Node("c", "h"), Node("g", "r", 2), Node("h", "r"), Node("r", None)]
    values = np.array([[0.9, 0.2, 0.4], [0.3, 0.8, 0.5], [0.5, 0.5, 0.9], [0.1, 0.1, 0.1]])
    return Composite(("A", "B", "C", "D"), Tree.of(nodes), values, np.ones(3), Goalposts((0.0,) * 3, (1.0,) * 3))


def test_weights_move_within_their_share_and_the_root_not_at_all(composite):
    noise = WeightNoise({1: 0.2, 2: 0.5})
    assert noise.width(composite) == 5
    uniform = np.random.default_rng(0).random((5000, 5))
    weights = make_draws(composite, (noise,), uniform).weights
    relative = weights / composite.tree.weights
    assert (np.abs(relative[:, :3] - 1) <= 0.2).all()
    assert np.abs(relative[:, :3] - 1).max() > 0.199
    assert np.abs(relative[:, 3:5] - 1).max() == pytest.approx(0.5, abs=0.01)
    assert (relative[:, 5] == 1).all()
    assert relative.mean(axis=0) == pytest.approx(np.ones(6), abs=0.02)
    assert (composite.tree.weights == [1, 3, 1, 2, 1, 1]).all()  # the composite's own are untouched


def test_noise_of_one_level_follows_that_of_another(composite):
    uniform = np.random.default_rng(0).random((100, 5))
    both = make_draws(composite, (WeightNoise({1: 0.2}), WeightNoise({2: 0.5}, "areas")), uniform).weights
    np.testing.assert_array_equal(both, make_draws(composite, (WeightNoise({1: 0.2, 2: 0.5}),), uniform).weights)
    with pytest.raises(ValueError, match="same name"):
        monte_carlo(composite, (WeightNoise({1: 0.2}), WeightNoise({2: 0.5})), 10)
    with pytest.raises(ValueError, match="negative"):
        monte_carlo(composite, (WeightNoise(1.0),), 10)


def test_the_same_seed_gives_the_same_draws_whatever_the_chunk(composite, monkeypatch):
    inputs = (WeightNoise(0.3), Normalisations((MinMax(1, 100), Goalposts((0.0,) * 3, (1.0,) * 3, 1, 100))))
    one = monte_carlo(composite, inputs, 500, seed=3)
    monkeypatch.setattr(module, "CHUNK", 100)
    two = monte_carlo(composite, inputs, 500, seed=3)
    np.testing.assert_array_equal(one.ranks, two.ranks)
    np.testing.assert_allclose(one.scores, two.scores, rtol=1e-13)
    assert (monte_carlo(composite, inputs, 500, seed=4).scores != one.scores).any()


def test_a_body_worst_in_everything_is_last_in_every_draw(composite):
    inputs = (WeightNoise(0.9), Methods(("arithmetic", "geometric", "harmonic")))
    table = monte_carlo(composite, inputs, 2000).table()
    rows = {r["unit"]: r for r in table.iter_rows(named=True)}
    assert rows["D"]["p_last"] == 1
    assert rows["D"]["mean_rank"] == rows["D"]["rank"] == rows["D"]["rank_5"] == rows["D"]["rank_95"] == 4
    assert table["p_first"].sum() == pytest.approx(1)
    assert rows["A"]["rank_5"] <= rows["A"]["rank_50"] <= rows["A"]["rank_95"]
    assert 1 < rows["B"]["mean_rank"] < 4


def test_a_tie_is_first_for_both(composite):
    same = replace(composite, values=np.repeat(composite.values[:1], 4, axis=0))
    table = monte_carlo(same, (WeightNoise(0.5),), 50).table()
    assert table["p_first"].to_list() == table["p_last"].to_list() == [1, 1, 1, 1]


def test_a_body_without_a_score_has_no_statistics(composite):
    values = composite.values.copy()
    values[1] = math.nan
    table = monte_carlo(replace(composite, values=values), (WeightNoise(0.5),), 50).table()
    assert table.row(1)[1:] == (None,) * 11
    assert table["p_last"].to_list() == [0, None, 0, 1]


def test_mean_rank_of_two_bodies_has_a_known_answer():
    """A leads on a, B on b; weights 1 ± 0.5 u: A is first where its weight is the larger, half of the draws."""
    tree = Tree.of([Node("a", "r"), Node("b", "r"), Node("r", None)])
    two = Composite(("A", "B"), tree, np.array([[1.0, 0.0], [0.0, 1.0]]), np.ones(2), MinMax())
    table = monte_carlo(two, (WeightNoise(0.5),), 20_000).table()
    assert table["p_first"].to_list() == pytest.approx([0.5, 0.5], abs=0.015)
    assert table["mean_rank"].to_list() == pytest.approx([1.5, 1.5], abs=0.015)


def test_survey_error_has_the_standard_error_asked_for(composite):
    error = np.zeros((4, 3))
    error[0, 2] = 0.05
    found = monte_carlo(composite, (SurveyError(error, 0, 1),), 20_000)
    assert found.scores[:, 0].std() == pytest.approx(100 * 0.05 / 3, rel=0.03)  # c weighs a third
    assert np.ptp(found.scores[:, 1:], axis=0) == pytest.approx(0, abs=1e-12)


def test_thresholds_move_goalposts(composite):
    found = monte_carlo(composite, (ThresholdNoise(0.2),), 4000)
    # D: 0.1 of goalposts 0.8 to 1.2
    assert found.scores[:, 3].min() >= 10 / 1.2
    assert found.scores[:, 3].max() <= 10 / 0.8
    assert np.ptp(found.scores[:, 3]) > 1


def scored() -> tuple[Composite, Scored]:
    card = Scorecard(
        "c",
        "c",
        (
            Criterion(code="1", max_points=6, rule="proportional", target=0.8, floor=0.5),
            Criterion(code="2", max_points=4, rule="steps", steps=((100, 4), (80, 2), (0, 0))),
            Criterion(code="3", max_points=2, rule="manual"),
            Criterion(code="4", max_points=2, rule="count", per_unit=1, kind="bonus"),
        ),
        ("I", "I", "II", "II"),
    )
    values = Values.empty(("2024",), ("A", "B", "C"), card.codes).changed(
        {
            ("2024", "A", "1"): 0.6,
            ("2024", "A", "2"): 92.0,
            ("2024", "A", "3"): "not_applicable",
            ("2024", "B", "1"): 0.8,
            ("2024", "B", "3"): 1.0,
            ("2024", "C", "1"): "not_applicable",
            ("2024", "C", "2"): "not_applicable",
            ("2024", "C", "3"): "not_applicable",
        }
    )
    return Composite.of_scorecard(score(card, values), "2024"), score(card, values)


def test_a_scorecard_as_a_composite_has_the_same_percent():
    composite, own = scored()
    assert composite.scores().of("total")[:2].tolist() == pytest.approx([65, 100 * 7 / 12])
    assert composite.scores().of("total")[:2] == pytest.approx(own.total_percent[0, :2])
    assert np.isnan(composite.scores().of("total")[2])


def test_thresholds_of_a_scorecard_move_with_its_rules():
    composite, _ = scored()
    found = monte_carlo(composite, (ThresholdNoise(0.1),), 4000)
    # A: 4.5 of 6 at 0.6 of 0.8; 2 of 4 at 92 of 80..100; the floor 0.5 is far
    assert found.scores[:, 0].max() == pytest.approx(100 * (6 * 0.6 / 0.72 + 4) / 10, abs=0.3)
    assert found.scores[:, 0].min() == pytest.approx(100 * (6 * 0.6 / 0.88 + 2) / 10, abs=0.3)
    # B: manual points do not move, missing stays zero
    assert found.scores[:, 1].max() == pytest.approx(100 * 7 / 12)
    assert np.isnan(found.scores[:, 2]).all()


def test_leave_one_out_of_areas_and_indicators(composite):
    table = leave_out(composite, 2)
    without_h = table.filter(pl.col("removed") == "h")
    assert without_h["score"].to_list() == pytest.approx([37.5, 67.5, 50, 10])
    assert without_h["rank"].to_list() == [3, 1, 2, 4]
    # in full: A 38.33, B 61.67, C 63.33, D 10
    assert without_h["rank_change"].to_list() == [0, 1, -1, 0]
    only = leave_out(composite, 1).filter(pl.col("removed") == "c")  # the only one of its area
    assert only["score"].to_list() == pytest.approx(without_h["score"].to_list())


# ---------------------------------------------------------------------------------------------------- Sobol


def ishigami(u: np.ndarray) -> np.ndarray:
    x = 2 * np.pi * u - np.pi
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_ishigami_has_its_known_indices():
    found = sobol_indices(ishigami, {"x1": 1, "x2": 1, "x3": 1, "nothing": 1}, 8192)
    a, b = 7, 0.1
    variance = a**2 / 8 + b * np.pi**4 / 5 + b**2 * np.pi**8 / 18 + 0.5
    alone = [0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8, 0]
    jointly = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    assert found.variance == pytest.approx(variance, rel=0.02)
    assert found.first[:3] == pytest.approx(np.array(alone) / variance, abs=0.02)
    total = np.array([alone[0] + jointly, alone[1], jointly]) / variance
    assert found.total[:3] == pytest.approx(total, abs=0.02)
    assert (found.first[3], found.total[3]) == (0, 0)  # exactly


def test_rounding_is_no_variance():
    found = sobol_indices(lambda u: 10 + 1e-15 * u[:, 0], {"a": 1, "b": 1}, 64)
    assert found.total.tolist() == [0, 0]


def test_inputs_of_several_columns_are_taken_as_a_whole():
    found = sobol_indices(lambda u: u[:, 0] + u[:, 1] + 2 * u[:, 2], {"two": 2, "one": 1}, 4096)
    assert found.first == pytest.approx([2 / 6, 4 / 6], abs=0.02)
    assert found.total == pytest.approx([2 / 6, 4 / 6], abs=0.02)


def test_more_columns_than_the_sequence_has():
    found = sobol_indices(lambda u: u[:, :5].sum(axis=1) + u[:, -1], {"many": 11_000, "one": 1}, 64)
    assert found.total == pytest.approx([5 / 6, 1 / 6], abs=0.35)


def test_a_result_that_never_changes_has_no_drivers():
    found = sobol_indices(lambda u: np.ones(len(u)), {"a": 1, "b": 1}, 64)
    assert found.first.tolist() == found.total.tolist() == [0, 0]


def test_the_bootstrap_holds_the_known_answer():
    found = sobol_indices(lambda u: u[:, 0] + 2 * u[:, 1], {"a": 1, "b": 1}, 1024, bootstrap=200)
    assert (found.first_low <= [0.2, 0.8]).all()
    assert (found.first_high >= [0.2, 0.8]).all()
    assert (found.total_low < found.total).all()
    with pytest.raises(ValueError, match="power of two"):
        sobol_indices(ishigami, {"x": 3}, 1000)


def test_an_assumption_without_influence_has_index_zero(composite):
    single = replace(composite, method={"h": "geometric", "*": "arithmetic"})
    inputs = (
        WeightNoise({1: 0.2}),
        Methods(({"h": "geometric", "*": "arithmetic"}, {"h": "harmonic", "*": "arithmetic"})),  # h has one child
        WeightNoise({2: 0.5}, "areas"),
    )
    table = sensitivity(single, inputs, 256, bootstrap=10)
    nothing = table.filter(pl.col("input") == "aggregation")
    assert nothing["first"].abs().max() == pytest.approx(0, abs=1e-12)
    assert nothing["total"].abs().max() == pytest.approx(0, abs=1e-12)
    of_a = table.filter((pl.col("unit") == "A") & (pl.col("result") == "score"))
    drivers = dict(of_a.select("input", "total").iter_rows())
    assert drivers["weights"] > 0.5
    assert table.filter(pl.col("result") == "rank_shift").height == 3
    assert table.height == 3 * (1 + 4)
