"""Ranks: from unrounded scores, ties share the smaller one."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chiso.scoring.ranking import ranks


def test_ties_share_the_smaller_rank_and_the_next_is_left_out():
    assert ranks([3.0, 5.0, 5.0, 1.0]).tolist() == [3, 1, 1, 4]


def test_scores_that_differ_beyond_rounding_are_no_tie():
    assert ranks([80.0, 80.0 + 1e-9]).tolist() == [2, 1]


def test_sums_that_differ_in_the_last_binary_digit_are_a_tie():
    first, second = 0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1
    assert first != second
    assert ranks([first, second, 0.0]).tolist() == [1, 1, 3]


def test_no_score_has_no_rank_and_takes_none():
    found = ranks([math.nan, 2.0, 3.0])
    assert math.isnan(found[0])
    assert found[1:].tolist() == [2, 1]
    assert np.isnan(ranks([math.nan, math.nan])).all()
    assert ranks([]).tolist() == []


def test_each_row_is_ranked_for_itself():
    assert ranks([[1.0, 2.0], [2.0, 1.0], [-1.0, -2.0]]).tolist() == [[2, 1], [1, 2], [1, 2]]


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30))
def test_the_rank_is_one_more_than_how_many_are_ahead(scores):
    expected = [1 + sum(other > own for other in scores) for own in scores]
    assert ranks(np.array(scores, dtype=float)).tolist() == expected
    assert ranks(np.array(scores) * 0.37 + 5).tolist() == expected
