"""Hand-made samples on which the usual mistakes give another number, and ours is the right one."""

import numpy as np
import polars as pl
import pytest

from chiso.survey import design, shares


@pytest.fixture
def answers():
    """Two strata of unequal size and level; in one of them many blanks."""
    return pl.DataFrame(
        {
            "unit": ["A"] * 12 + ["B"] * 8,
            "q1": [5] * 10 + [2] * 2 + [5] * 2 + [1] * 2 + [None] * 4,
            "population": [60] * 12 + [800] * 8,
        }
    )


def test_by_hand(answers):
    """Every figure written out."""
    row = shares(answers, ["q1"], stratum="unit", population="population").row(0, named=True)
    w = np.array([5.0] * 12 + [100.0] * 8)
    valid = np.array([1.0] * 16 + [0.0] * 4)
    y = np.array([1.0] * 10 + [0.0] * 2 + [1.0] * 2 + [0.0] * 6)
    share = (w * y).sum() / (w * valid).sum()
    z = w * (y - share * valid) / (w * valid).sum()
    a, b = z[:12], z[12:]
    variance = (1 - 12 / 60) * 12 / 11 * ((a - a.mean()) ** 2).sum() + (1 - 8 / 800) * 8 / 7 * (
        (b - b.mean()) ** 2
    ).sum()
    assert row["share"] == pytest.approx(share, rel=1e-14)
    assert row["se"] == pytest.approx(np.sqrt(variance), rel=1e-13)
    assert (row["n"], row["n_missing"], row["df"]) == (16, 4, 14)
    assert row["n_effective"] == pytest.approx((w * valid).sum() ** 2 / (w**2 * valid).sum())
    assert row["share_unweighted"] == 12 / 16


def test_dropping_blanks_first_gives_another_error(answers):
    right = shares(answers, ["q1"], stratum="unit", population="population")
    wrong = shares(answers.drop_nulls(), ["q1"], stratum="unit", population="population")
    assert abs(wrong["se"][0] / right["se"][0] - 1) > 0.05


def test_dropping_the_others_first_gives_another_error():
    frame = pl.DataFrame(
        {"unit": ["A"] * 10 + ["B"] * 10, "sex": ["f", "m"] * 10, "q": [5, 5, 1, 5, 5] * 4, "w": [3.0, 7] * 10}
    )
    right = shares(frame, ["q"], stratum="unit", weight="w", by="sex").filter(pl.col("sex") == "f")
    wrong = shares(frame.filter(pl.col("sex") == "f"), ["q"], stratum="unit", weight="w")
    assert right["share"][0] == pytest.approx(wrong["share"][0], rel=1e-14)
    assert right["se"][0] != pytest.approx(wrong["se"][0], rel=1e-3)


def test_without_correction_strata_weights_or_t(answers):
    right = shares(answers, ["q1"], stratum="unit", population="population").row(0, named=True)
    weighted = answers.with_columns(w=pl.Series([5.0] * 12 + [100.0] * 8))
    no_fpc = shares(weighted, ["q1"], stratum="unit", weight="w").row(0, named=True)
    no_strata = shares(weighted, ["q1"], weight="w").row(0, named=True)
    assert no_fpc["share"] == no_strata["share"] == pytest.approx(right["share"], rel=1e-14)
    assert no_fpc["se"] > right["se"] * 1.004
    assert no_strata["se"] != pytest.approx(no_fpc["se"], rel=1e-3)
    assert right["share_unweighted"] > right["share"] + 0.1
    normal = shares(answers, ["q1"], stratum="unit", population="population", df=float("inf")).row(0, named=True)
    assert normal["ci_high"] - normal["ci_low"] < 0.95 * (right["ci_high"] - right["ci_low"])


def test_pooled_answers_are_not_independent_answers():
    """Respondents who say the same to every item: three items are worth one, not three."""
    frame = pl.DataFrame({"q1": [5, 5, 5, 1, 1, 5, 2, 5]}).with_columns(q2="q1", q3="q1")
    table = shares(frame, ["q1", "q2", "q3"])
    one, pooled = table["se"][0], table["se"][3]
    assert pooled == pytest.approx(one, rel=1e-13)
    assert pooled > 1.5 * np.sqrt(0.625 * 0.375 / 23)


def test_conventions_differ_where_blanks_are_uneven():
    frame = pl.DataFrame({"q1": [5, 5, 5, 5], "q2": [1, None, None, None]})
    pooled = shares(frame, ["q1", "q2"])["share"][2]
    mean = shares(frame, ["q1", "q2"], convention="mean_of_items")["share"][2]
    assert (pooled, mean) == (4 / 5, 1 / 2)


@pytest.mark.parametrize("method", ["logit", "wilson", "beta", "mean", "asin"])
def test_edges(method):
    """Exact at 0 and 1, nothing without degrees of freedom, never outside 0–1."""
    frame = pl.DataFrame(
        {"unit": ["a"] * 10 + ["b"] * 10 + ["c"] + ["d"] * 3, "q": [5] * 10 + [1] * 10 + [5] + [5, 5, 1]}
    )
    table = shares(frame, ["q"], by="unit", interval=method)
    all_good, none_good, one, three = table.rows(named=True)
    assert (all_good["share"], all_good["se"], all_good["ci_high"], all_good["interval"]) == (1, 0, 1, "exact")
    assert all_good["ci_low"] == pytest.approx(0.025 ** (1 / 10), rel=1e-12)  # Clopper–Pearson
    assert none_good["ci_high"] == pytest.approx(1 - 0.025 ** (1 / 10), rel=1e-12)
    assert none_good["ci_low"] == 0
    assert (one["df"], one["ci_low"], one["ci_high"], one["interval"]) == (0, None, None, "none")
    assert 0 <= three["ci_low"] < three["share"] < three["ci_high"] <= 1


def test_nobody_answered_in_a_group():
    frame = pl.DataFrame({"unit": ["a", "a", "a", "b", "b"], "q1": [5, 4, 1, None, None], "q2": [5, 4, 1, 2, 4]})
    table = shares(frame, {"f": ["q1"], "g": ["q2"]}, by="unit")
    b = table.filter(pl.col("unit") == "b")
    assert b.filter(pl.col("code") == "q1").select("n", "n_missing", "share", "se", "ci_low", "interval").row(0) == (
        (0, 2, None, None, None, "none")
    )
    assert b.filter(pl.col("level") == "overall")["share"][0] is None  # needs every factor
    assert table.filter(pl.col("level") == "overall")["share"].to_list() == [2 / 3, None]


ROUNDS = 3000


def _simple(rng):
    """600 of 4,000 people."""
    good = rng.random(4000) < 0.7
    picks = [rng.choice(4000, 600, replace=False) for _ in range(ROUNDS)]
    return good, np.array(picks), np.zeros(600, dtype=int), {0: 4000}, None


def _stratified(rng):
    """500 people of three units, unequal fractions and levels."""
    size, n = [3000, 1500, 600], [200, 150, 150]
    good = rng.random(5100) < np.repeat([0.85, 0.7, 0.45], size)
    first = np.cumsum([0, *size])
    picks = [[first[h] + rng.choice(size[h], n[h], replace=False) for h in range(3)] for _ in range(ROUNDS)]
    return good, np.array([np.concatenate(p) for p in picks]), np.repeat([0, 1, 2], n), dict(enumerate(size)), None


def _clusters(rng):
    """70 of 400 teams of 12 whose members are alike."""
    team = np.repeat(np.arange(400), 12)
    good = rng.random(team.size) < np.clip(rng.normal(0.65, 0.12, 400), 0, 1)[team]
    picks = [(rng.choice(400, 70, replace=False)[:, None] * 12 + np.arange(12)).ravel() for _ in range(ROUNDS)]
    return good, np.array(picks), np.zeros(840, dtype=int), {0: 400}, team


@pytest.mark.parametrize("population", [_simple, _stratified, _clusters])
def test_95_percent_intervals_cover_94_to_96_percent(population):
    """Samples drawn 3,000 times; each is a domain with strata of its own, so that one call estimates them all."""
    good, picks, stratum, sizes, team = population(np.random.default_rng(20))
    again = np.repeat(np.arange(ROUNDS), picks.shape[1])
    strata = again * 10 + np.tile(stratum, ROUNDS)
    frame = pl.DataFrame({"again": again, "stratum": strata, "q": np.where(good[picks.ravel()], 5, 2)})
    settings = {}
    if team is not None:
        frame = frame.with_columns(team=again * 1000 + team[picks.ravel()])
        settings = {"cluster": "team"}
    population_of = {int(s): sizes[int(s) % 10] for s in np.unique(strata)}
    sample = design(frame, stratum="stratum", population=population_of, **settings)
    for method in ("logit", "wilson"):
        table = shares(sample, ["q"], by="again", interval=method)
        held = table.select(pl.lit(float(good.mean())).is_between("ci_low", "ci_high")).to_series()
        assert table.height == ROUNDS
        assert 0.94 <= held.mean() <= 0.96, method
    alone = shares(frame.filter(pl.col("again") == 7), ["q"], stratum="stratum", population=population_of, **settings)
    together = shares(sample, ["q"], by="again").filter(pl.col("again") == 7)
    assert alone["se"][0] == pytest.approx(together["se"][0], rel=1e-12)


def test_design_from_pandas_and_lazy_is_the_same():
    frame = pl.DataFrame({"unit": ["a", "a", "b", "b"], "q": [5, None, 1, 4]})
    pandas = frame.to_pandas()
    assert pandas["q"].isna().sum() == 1
    ours = shares(frame, ["q"], stratum="unit", population={"a": 10, "b": 20})
    assert shares(pandas, ["q"], stratum="unit", population={"a": 10, "b": 20}).equals(ours)
    assert shares(frame.lazy(), ["q"], stratum="unit", population={"a": 10, "b": 20}).equals(ours)


def test_fractions_and_sizes_are_the_same_correction():
    frame = pl.DataFrame({"unit": ["a"] * 4 + ["b"] * 5, "q": [5, 1, 4, 5, 2, 5, 5, 4, 1]})
    sizes = design(frame, stratum="unit", fpc={"a": 40, "b": 25})
    fractions = design(frame, stratum="unit", fpc={"a": 0.1, "b": 0.2})
    assert sizes.weights.tolist() == pytest.approx(fractions.weights.tolist())
    assert shares(sizes, ["q"])["se"][0] == pytest.approx(shares(fractions, ["q"])["se"][0], rel=1e-14)
    one = design(frame, fpc=0.1)
    assert one.psu_population.tolist() == [90]
    for whole in (90, np.int64(90), np.float64(90)):
        assert design(frame, population=whole).weights.tolist() == [10] * 9
    table = pl.DataFrame({"unit": ["b", "a", "c"], "population": [25, 40, 7]})  # a unit without answers is no stratum
    for given in (table, table.to_pandas(), table.rename({"unit": "stratum"})):
        assert design(frame, stratum="unit", population=given).weights.tolist() == pytest.approx(sizes.weights.tolist())
