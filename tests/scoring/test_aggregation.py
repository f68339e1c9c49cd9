"""Aggregation: ASEM against COINr's scores, means and normalisation by hand, missing values, faults of a tree."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chiso.scoring.aggregation import (
    AggregationError,
    Composite,
    Custom,
    Goalposts,
    MinMax,
    Node,
    Tree,
    TreeError,
    composite_of,
)
from chiso.scoring.aggregation.means import aggregate_group, weighted_mean
from chiso.scoring.uncertainty import leave_out

ASEM = Path(__file__).parents[1] / "data" / "asem"
NAN = math.nan


@pytest.fixture(scope="module")
def asem() -> Composite:
    data = pl.read_csv(ASEM / "iData.csv", null_values=["NA", ""], infer_schema_length=None)
    return composite_of(data, pl.read_csv(ASEM / "iMeta.csv"))


def weights() -> dict[str, float]:
    return {str(code): float(w) for code, w in pl.read_csv(ASEM / "B_weights_unequal.csv").drop_nulls().iter_rows()}


@pytest.mark.parametrize("name", ["equal", "unequal"])
def test_asem_equals_coinr(asem, name):
    if name == "unequal":
        asem = replace(asem, tree=asem.tree.with_weights(weights()))
    found = asem.scores()
    scores, ranks = (pl.read_csv(ASEM / f"B_{kind}_arith_{name}.csv") for kind in ("scores", "ranks"))
    assert tuple(scores["uCode"]) == tuple(ranks["uCode"]) == asem.units
    assert len(scores.columns) == 12
    assert np.isnan(asem.values).sum() == 63
    for code in scores.columns[1:]:
        np.testing.assert_allclose(found.of(code), scores[code].to_numpy(), rtol=0, atol=1e-9)
        assert found.ranks[:, found.codes.index(code)].tolist() == ranks[code].to_list()


def test_asem_geometric_and_harmonic_lie_below_arithmetic(asem):
    scaled = replace(asem, normalisation=MinMax(1, 100))
    arithmetic, geometric, harmonic = (
        replace(scaled, method=m).scores().of("Index") for m in ("arithmetic", "geometric", "harmonic")
    )
    assert (arithmetic > geometric).all()
    assert (geometric > harmonic).all()


def test_asem_without_an_indicator_is_asem_of_the_others(asem):
    table = leave_out(asem, 1)
    rest = [n for n in asem.tree.nodes if n.code != "LPI"]
    keep = [i for i, code in enumerate(asem.tree.codes[: asem.tree.leaves]) if code != "LPI"]
    without = Composite(asem.units, Tree.of(rest), asem.values[:, keep], asem.directions[keep]).scores()
    found = table.filter(pl.col("removed") == "LPI")
    np.testing.assert_allclose(found["score"].to_numpy(), without.of("Index"), rtol=0, atol=1e-9)
    assert found["rank"].to_list() == without.ranks[:, -1].tolist()
    assert table["removed"].n_unique() == 49
    areas = leave_out(asem, 2)
    assert areas["removed"].n_unique() == 8
    assert areas.filter(pl.col("rank_change") != 0).height > 0


# --------------------------------------------------------------------------------------------------- by hand


def test_means_by_hand():
    x, w = np.array([[1.0, 2.0, 4.0]]), np.array([2.0, 1.0, 1.0])
    assert aggregate_group("arithmetic", x, w, ("a", "b", "c"))[0] == 2
    assert aggregate_group("geometric", x, w, ("a", "b", "c"))[0] == pytest.approx((1 * 1 * 2 * 4) ** 0.25)
    assert aggregate_group("harmonic", x, w, ("a", "b", "c"))[0] == pytest.approx(4 / (2 + 0.5 + 0.25))


@pytest.mark.parametrize("method", ["arithmetic", "geometric", "harmonic"])
def test_a_missing_value_takes_its_weight_with_it(method):
    x, w = np.array([[1.0, NAN, 4.0], [NAN, NAN, NAN]]), np.array([2.0, 5.0, 1.0])
    found = aggregate_group(method, x, w, ("a", "b", "c"))
    assert found[0] == pytest.approx(aggregate_group(method, x[:1, [0, 2]], w[[0, 2]], ("a", "c"))[0])
    assert np.isnan(found[1])


def test_values_without_weight_have_no_mean():
    assert np.isnan(weighted_mean(np.array([[1.0, NAN]]), np.array([0.0, 1.0]))).all()
    assert np.isnan(weighted_mean(np.array([[1.0, 2.0]]), np.array([0.0, 0.0]))).all()


def test_geometric_needs_positive_and_harmonic_values_that_are_not_zero():
    w = np.array([1.0, 1.0])
    for value in (0.0, -1.0):
        with pytest.raises(AggregationError, match="dương") as error:
            aggregate_group("geometric", np.array([[1.0, value]]), w, ("dat", "dương"))
        assert "dat," not in str(error.value)
    with pytest.raises(AggregationError, match="b"):
        aggregate_group("harmonic", np.array([[1.0, 0.0]]), w, ("a", "b"))
    assert aggregate_group("harmonic", np.array([[1.0, -2.0]]), w, ("a", "b"))[0] == 4


def test_a_function_of_ones_own_never_gets_weights_unless_it_asks():
    x, w = np.array([[1.0, 5.0], [4.0, 2.0]]), np.array([1.0, 3.0])
    seen: list[int] = []

    def worst(*given: np.ndarray) -> np.ndarray:
        seen.append(len(given))
        return given[0].min(axis=-1)

    assert aggregate_group(Custom(worst), x, w, ("a", "b")).tolist() == [1, 2]
    assert aggregate_group(Custom(worst, weighted=True), x, w, ("a", "b")).tolist() == [1, 2]
    assert seen == [1, 2]
    with pytest.raises(AggregationError):
        aggregate_group(Custom(lambda values: values.min()), x, w, ("a", "b"))


@pytest.mark.parametrize("method", ["arithmetic", "geometric", "harmonic"])
def test_draws_in_weights_or_values_give_what_one_draw_gives(method):
    generator = np.random.default_rng(0)
    x, w = 1 + generator.random((3, 4, 5)), generator.random((3, 5))
    x[1, 2, 3] = NAN
    codes = tuple("abcde")
    each = np.stack([aggregate_group(method, x[d], w[d], codes) for d in range(3)])
    np.testing.assert_allclose(aggregate_group(method, x, w, codes), each, rtol=1e-13)
    one = np.stack([aggregate_group(method, x[1], w[d], codes) for d in range(3)])
    np.testing.assert_allclose(aggregate_group(method, x[1], w, codes), one, rtol=1e-13)
    fixed = np.stack([aggregate_group(method, x[d], w[0], codes) for d in range(3)])
    np.testing.assert_allclose(aggregate_group(method, x, w[0], codes), fixed, rtol=1e-13)


@given(
    hnp.arrays(float, (4, 3), elements=st.floats(0.5, 100)),
    hnp.arrays(float, 3, elements=st.floats(0.1, 10)),
    st.floats(0.01, 50),
)
def test_means_keep_what_they_must(x, w, factor):
    codes = ("a", "b", "c")
    found = [aggregate_group(m, x, w, codes) for m in ("arithmetic", "geometric", "harmonic")]
    for mean, method in zip(found, ("arithmetic", "geometric", "harmonic"), strict=True):
        assert (mean >= x.min(axis=1) * (1 - 1e-12)).all()
        assert (mean <= x.max(axis=1) * (1 + 1e-12)).all()
        np.testing.assert_allclose(aggregate_group(method, x, w * factor, codes), mean, rtol=1e-9)  # relative weights
        np.testing.assert_allclose(aggregate_group(method, x * factor, w, codes), mean * factor, rtol=1e-9)
    assert (found[0] >= found[1] * (1 - 1e-12)).all()
    assert (found[1] >= found[2] * (1 - 1e-12)).all()


def test_min_max_by_hand():
    values = np.array([[1.0, 10.0, 7.0], [3.0, NAN, 7.0], [5.0, 20.0, 7.0]])
    found = MinMax()(values, np.array([1.0, -1.0, 1.0]))
    assert found[:, 0].tolist() == [0, 50, 100]
    assert found[[0, 2], 1].tolist() == [100, 0]
    assert np.isnan(found[1, 1])
    assert np.isnan(found[:, 2]).all()  # the same everywhere: tells nothing
    assert MinMax(1, 100)(values, np.ones(3))[:, 0].tolist() == [1, 50.5, 100]
    assert np.isnan(MinMax()(np.full((2, 1), NAN), np.ones(1))).all()


def test_goalposts_by_hand():
    values = np.array([[5.0, 5.0], [-1.0, -1.0], [0.0, 0.0], [10.0, 10.0], [11.0, 11.0], [NAN, NAN]])
    posts = Goalposts((0.0, 0.0), (10.0, 10.0), 0, 1)
    found = posts(values, np.array([1.0, -1.0]))
    assert found[:5, 0].tolist() == [0.5, 0, 0, 1, 1]
    assert found[:5, 1].tolist() == [0.5, 1, 1, 0, 0]
    assert np.isnan(found[5]).all()
    free = replace(posts, truncate=False)(values, np.array([1.0, -1.0]))
    assert free[1].tolist() == [-0.1, 1.1]


@given(
    hnp.arrays(float, (5, 2), elements=st.integers(-40, 40).map(float)),
    st.floats(0.1, 10),
    st.floats(-100, 100),
)
def test_ranks_do_not_change_with_the_unit_of_an_indicator(values, factor, shift):
    tree = Tree.of([Node("a", "r", 2), Node("b", "r", 1), Node("r", None)])
    plain = Composite(tuple("ABCDE"), tree, values, np.array([1.0, -1.0]))
    other = replace(plain, values=values * np.array([factor, 1.0]) + np.array([shift, 0.0]))
    np.testing.assert_allclose(other.scores().of("r"), plain.scores().of("r"), atol=1e-8)
    turned = replace(plain, values=-values, directions=-plain.directions)
    np.testing.assert_allclose(turned.scores().of("r"), plain.scores().of("r"), atol=1e-9)


def test_methods_by_group_and_the_share_that_must_be_known():
    nodes = [Node("a", "g"), Node("b", "g"), Node("g", "r"), Node("c", "r"), Node("r", None)]
    tree = Tree.of(nodes)
    posts = Goalposts((0.0,) * 3, (100.0,) * 3)
    composite = Composite(
        ("A", "B"),
        tree,
        np.array([[4.0, 16.0, 30.0], [4.0, NAN, 30.0]]),
        np.ones(3),
        posts,
        {"g": "geometric", "*": "arithmetic"},
    )
    assert composite.scores().of("g").tolist() == pytest.approx([8, 4])
    assert composite.scores().of("r").tolist() == pytest.approx([19, 17])
    strict = replace(composite, least_known=0.6).scores()
    assert np.isnan(strict.of("g")[1])
    assert np.isnan(strict.of("r")[1])  # one of two children is not enough either
    assert replace(composite, least_known=0.5).scores().of("r").tolist() == pytest.approx([19, 17])
    table = strict.table()
    assert table.filter(pl.col("code") == "r")["rank"].to_list() == [1, None]


# ----------------------------------------------------------------------------------------------------- the tree


def test_a_tree_of_uneven_depth_has_levels_and_effective_weights():
    nodes = [Node("r", None), Node("g", "r", 3), Node("c", "r", 1), Node("a", "g", 1), Node("b", "g", 4)]
    tree = Tree.of(nodes)
    assert tree.codes == ("c", "a", "b", "g", "r")
    assert tree.levels == (1, 1, 1, 2, 3)
    assert tree.effective_weights().tolist() == pytest.approx([0.25, 0.15, 0.6, 0.75, 1])
    assert [tree.codes[i] for i in tree.leaves_under("g")] == ["a", "b"]
    assert tree.leaves_under("c") == (0,)


def test_all_faults_of_a_tree_at_once():
    nodes = [
        Node("a", "g"),
        Node("a", "h"),
        Node("b", "nowhere"),
        Node("c", "g", -1),
        Node("d", "g", NAN),
        Node("x", "y"),
        Node("y", "x"),
        Node("g", "r"),
        Node("h", "r"),
        Node("r", None),
        Node("s", None),
    ]
    with pytest.raises(TreeError) as error:
        Tree.of(nodes)
    lines = [line.removeprefix("  - ") for line in str(error.value).splitlines()[1:]]
    assert [line.split(":")[0] for line in lines][:6] == ["a", "b", "c", "d", "x", "y"]
    assert "r, s" in lines[6]
    assert len(lines) == 7
    assert "g, h" in lines[0]


def test_weights_that_do_not_sum():
    nodes = [Node("a", "r", 0.5), Node("b", "r", 0.4), Node("r", None)]
    with pytest.raises(TreeError, match=r"r: .*0\.9.*1"):
        Tree.of(nodes, weights_sum=1)
    tenths = [Node(f"i{i}", "r", 0.1) for i in range(10)]
    assert Tree.of([*tenths, Node("r", None)], weights_sum=1).leaves == 10
    with pytest.raises(TreeError, match="bằng 0"):
        Tree.of([Node("a", "r", 0), Node("r", None)])
    with pytest.raises(TreeError, match="nope"):
        Tree.of(nodes).with_weights({"nope": 1})


def test_all_faults_of_two_tables_at_once():
    structure = pl.DataFrame(
        {
            "iCode": ["a", "b", "c", "d", "d", "r", "note"],
            "Parent": ["r", "r", "r", "r", "q", None, None],
            "Weight": [1, 1, 1, 1, 1, 1, None],
            "Direction": [1, 0, 1, 1, 1, 1, None],
            "Type": ["Indicator"] * 5 + ["Aggregate", "Group"],
        }
    )
    values = pl.DataFrame(
        {"uCode": ["A", "A"], "a": ["x", "y"], "b": [1.0, 2.0], "c": [None, None]}, schema_overrides={"c": pl.Float64}
    )
    with pytest.raises(TreeError) as error:
        composite_of(values, structure)
    lines = [line.removeprefix("  - ").split(":")[0] for line in str(error.value).splitlines()[1:]]
    assert lines == [
        "d",
        "d",
        "A",
        "a",
        "b",
        "c",
        "d",
    ]  # twice, unknown parent, body twice, text, direction, empty, none
    with pytest.raises(TreeError, match="uCode"):
        composite_of(values.drop("uCode"), structure)
    with pytest.raises(TreeError, match="Weight"):
        composite_of(values, structure.drop("Weight"))
