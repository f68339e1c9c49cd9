"""The movement of a composite score: by hand, and adding up whatever is missing."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chiso.scoring.aggregation import Composite, Goalposts, Node, Tree
from chiso.scoring.aggregation.change import compare

TREE = Tree.of(
    [Node("a", "g", 1), Node("b", "g", 3), Node("c", "h"), Node("g", "r", 2), Node("h", "r"), Node("r", None)]
)
SCALE = Goalposts((0.0,) * 3, (100.0,) * 3)


def composite(*rows: list[float], tree: Tree = TREE) -> Composite:
    return Composite(tuple("AB"[: len(rows)]), tree, np.array(rows), np.ones(3), SCALE)


def row(table: pl.DataFrame, code: str) -> dict[str, float]:
    return table.filter(pl.col("code") == code).row(0, named=True)


def test_a_value_that_rose_contributes_by_its_weight():
    found = compare(composite([40.0, 50, 60]), composite([52.0, 50, 60]))
    assert row(found, "a")["by_value"] == pytest.approx(12 * 2 / 3 / 4)
    assert row(found, "g")["contribution"] == pytest.approx(2)
    assert row(found, "h")["contribution"] == pytest.approx(0)
    assert row(found, "r")["score"] - row(found, "r")["score_before"] == pytest.approx(2)


def test_other_weights_and_a_value_that_is_gone():
    heavier = TREE.with_weights({"h": 2})
    found = compare(composite([60.0, 60, 90]), composite([60.0, 60, 90], tree=heavier))
    assert row(found, "r")["by_weight"] == pytest.approx(5)  # 70 to 75
    gone = compare(composite([60.0, 60, 90]), composite([60.0, 60, np.nan]))
    assert row(gone, "r")["by_coverage"] == pytest.approx(-10)
    assert row(gone, "r")["by_value"] == pytest.approx(0)
    assert row(gone, "c")["by_coverage"] < 0


def test_other_trees_and_means_are_refused():
    with pytest.raises(ValueError, match="same mean"):
        compare(composite([1.0, 2, 3]), replace(composite([1.0, 2, 3]), method="geometric"))
    with pytest.raises(ValueError, match="same"):
        compare(composite([1.0, 2, 3]), composite([1.0, 2, 3], [1.0, 2, 3]))


CELLS = st.one_of(st.floats(0, 100), st.just(np.nan))


@given(
    hnp.arrays(float, (2, 2, 3), elements=CELLS), hnp.arrays(float, (2, 5), elements=st.floats(0.1, 5)), st.booleans()
)
def test_contributions_always_add_up(values, weights, without_h):
    weights[1, 4] *= not without_h
    trees = [TREE.with_weights(dict(zip(TREE.codes[:5], w.tolist(), strict=True))) for w in weights]
    old, new = (composite(*v.tolist(), tree=t) for v, t in zip(values, trees, strict=True))
    found = compare(old, new)
    for unit in "AB":
        own = found.filter(pl.col("unit") == unit)
        root = row(own, "r")
        if root["score"] is None or root["score_before"] is None:
            assert root["contribution"] is None
            continue
        change = root["score"] - root["score_before"]
        assert root["contribution"] == pytest.approx(change, abs=1e-9)
        for column in ("contribution", "by_value", "by_weight", "by_coverage"):
            assert sum(row(own, c)[column] for c in "abc") == pytest.approx(root[column], abs=1e-9)
            assert row(own, "a")[column] + row(own, "b")[column] == pytest.approx(row(own, "g")[column], abs=1e-9)


@pytest.mark.parametrize("mean", ["geometric", "harmonic"])
def test_parts_of_other_means_add_up_exactly(mean):
    """Value, weight and coverage moved at once; the parts add up to the score's change in every body and group."""
    nodes = [
        Node("a", "g", 2),
        Node("b", "g", 1),
        Node("c", "h", 1),
        Node("g", "all", 1),
        Node("h", "all", 1),
        Node("all", None),
    ]
    posts = Goalposts((0.0,) * 3, (1.0,) * 3, 1, 100)
    old = np.array([[0.2, 0.5, 0.9], [0.4, np.nan, 0.3], [0.5, 0.5, 0.5]])
    new = np.array([[0.3, 0.4, 0.9], [0.4, 0.8, 0.1], [0.5, 0.5, 0.5]])
    trees = [Tree.of(nodes), Tree.of(nodes).with_weights({"a": 3, "h": 2})]
    pair = [
        Composite(("A", "B", "C"), tree, values, np.ones(3), posts, mean)
        for tree, values in zip(trees, (old, new), strict=True)
    ]
    found = compare(*pair)
    roots = [c.scores().of("all") for c in pair]
    whole = found.filter(code="all")
    np.testing.assert_allclose(whole["contribution"].to_numpy(), roots[1] - roots[0], atol=1e-9)
    for codes in (("a", "b", "c"), ("g", "h")):
        summed = (
            found.filter(pl.col("code").is_in(codes))
            .group_by("unit", maintain_order=True)
            .agg(pl.col("contribution").sum())
        )
        np.testing.assert_allclose(summed["contribution"].to_numpy(), roots[1] - roots[0], atol=1e-9)
    causes = found.select(pl.sum_horizontal("by_value", "by_weight", "by_coverage")).to_series()
    np.testing.assert_allclose(causes.to_numpy(), found["contribution"].to_numpy(), atol=1e-12)
    assert whole["by_coverage"].to_list()[1] != 0
    assert whole["by_value"].to_list()[2] == 0


def test_a_worse_indicator_moves_every_mean_downwards():
    nodes = [Node("a", "all"), Node("b", "all"), Node("all", None)]
    posts = Goalposts((0.0,) * 2, (1.0,) * 2, 1, 100)
    for mean in ("arithmetic", "geometric", "harmonic"):
        pair = [
            Composite(("A",), Tree.of(nodes), np.array([v]), np.ones(2), posts, mean) for v in ([0.5, 0.5], [0.3, 0.6])
        ]
        parts = dict(compare(*pair).select("code", "by_value").rows())
        assert parts["a"] < 0 < parts["b"], mean
