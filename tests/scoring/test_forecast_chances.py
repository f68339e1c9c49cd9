"""The distributions behind the forecasts against SciPy's own, and what run-rates learn."""

import numpy as np
import pytest
from scipy import stats

from chiso.scoring.forecast import chances, rates
from chiso.scoring.forecast.outcome import least_hits, reached
from chiso.scoring.forecast.risk import outlook

TAILS = (0.1, 0.9)


def hits(trials, p, correlation, least):
    arrays = [np.array([x], float) for x in (trials, p, correlation, least)]
    return tuple(float(x[0]) for x in chances.hits(*arrays, TAILS))


@pytest.mark.parametrize("trials", [0, 1, 7, 400])
@pytest.mark.parametrize("p", [0.02, 0.5, 0.97])
def test_few_trials_are_exact(trials, p):
    correlation, least = 0.05, trials // 2
    strength = 1 / correlation - 1
    law = stats.betabinom(trials, p * strength, (1 - p) * strength)
    low, high, chance = hits(trials, p, correlation, least)
    assert chance == pytest.approx(law.sf(least - 1) if least else 1.0)
    assert (low, high) == (law.ppf(0.1), law.ppf(0.9))


@pytest.mark.parametrize("p", [0.1, 0.6, 0.95])
def test_many_trials_are_near(p):
    trials, correlation = 1000, 0.01
    strength = 1 / correlation - 1
    law = stats.betabinom(trials, p * strength, (1 - p) * strength)
    low, high, chance = hits(trials, p, correlation, round(trials * p))
    assert chance == pytest.approx(law.sf(round(trials * p) - 1), abs=0.01)
    assert low == pytest.approx(law.ppf(0.1), abs=3)
    assert high == pytest.approx(law.ppf(0.9), abs=3)
    assert hits(trials, p, correlation, trials)[2] == pytest.approx(law.pmf(trials), abs=1e-12)


def test_edges_of_the_wanted_hits():
    assert hits(10, 0.5, 0.1, 0)[2] == 1
    assert hits(10, 0.5, 0.1, -3)[2] == 1
    assert hits(10, 0.5, 0.1, 11)[2] == 0
    assert hits(5000, 0.5, 0.1, 5001)[2] == 0
    assert np.isnan(hits(10, 0.5, 0.1, np.nan)[2])
    assert hits(0, 0.5, 0.1, 0) == (0, 0, 1)


def test_counts():
    mean, spread = np.array([4.0]), np.array([0.5])
    law = stats.nbinom(2, 2 / 6)
    assert chances.count_at_least(mean, spread, np.array([3.0]))[0] == pytest.approx(law.sf(2))
    assert chances.negative_binomial(mean, spread, 0.9)[0] == law.ppf(0.9)
    none = np.zeros(1)
    assert chances.count_at_least(none, spread, np.array([1.0]))[0] == 0
    assert chances.count_at_least(none, spread, np.array([0.0]))[0] == 1


def test_targets_in_whole_hits():
    assert least_hits(0.85, ">=", 20) == 17
    assert least_hits(0.85, ">", 20) == 18
    assert least_hits(0.3, ">=", 10) == 3  # 0.3 * 10 is not 3 in binary
    assert np.isnan(least_hits(None, None, 10))
    assert reached(np.array([0.87, 0.88, np.nan]), 0.87, ">").tolist()[:2] == [0, 1]
    assert reached(np.array([0.0, 1.0]), 0.0, "==").tolist() == [1, 0]


def test_a_share_with_many_trials_follows_and_one_with_few_remembers():
    trials = np.array([[1e5] * 4, [4.0] * 4])
    found = rates.share(trials * np.array([0.5, 0.5, 0.5, 0.75]), trials, 91.0)
    assert found.p[0] > 0.72
    assert 0.53 < found.p[1] < 0.65


def test_a_jumping_rate_is_less_sure_than_a_steady_one():
    days, ages = np.full(6, 30.0), np.arange(150.0, -1, -30)
    counts = np.array([[20.0] * 6, [0.0, 40.0, 0.0, 40.0, 0.0, 40.0]])
    found = rates.rate(counts, days, ages)
    assert found.spread[1] > 5 * found.spread[0]
    assert found.per_day[0] == pytest.approx(20 / 30)


def test_levels_skip_what_is_missing():
    level, square, errors = rates.levels(np.array([[1.0, np.nan, 3.0]]), 0.5)
    assert (level[0], square[0], errors[0]) == (2, 4, 1)


def test_outlooks_at_their_edges():
    assert [outlook(p) for p in (0.8, 0.79, 0.5, 0.49, 0.2, 0.19)] == [
        "high",
        "middle",
        "middle",
        "low",
        "low",
        "very_low",
    ]
