"""Figures against engines of another kind: brute force by numerical derivative, jackknife, regression, identities."""

import dataclasses

import numpy as np
import polars as pl
import pytest
from survey_reference import sample

from chiso.survey import compare, design, joint_shares, means, rake, ratio, shares
from chiso.survey.domains import groupings
from chiso.survey.estimates import _Cells, _dense_variance, _estimate, _fitted_variance
from chiso.survey.shares import lines_of

FACTORS = {
    f: [c for c in sample("likert").columns if c.startswith(f + "_")]
    for f in ("access", "procedure", "staff", "result", "feedback")
}
LIKERT = sample("likert")


def _brute_variance(statistic, weights, stratum, n, population):
    """Variance from the derivative of ``statistic(weights)`` in each weight, row by row and stratum by stratum."""
    z = np.empty(weights.size)
    for i in range(weights.size):
        step = 1e-4 * weights[i]
        up, down = weights.copy(), weights.copy()
        up[i] += step
        down[i] -= step
        z[i] = weights[i] * (statistic(up) - statistic(down)) / (2 * step)
    total = 0.0
    for h in np.unique(stratum):
        part = z[stratum == h]
        total += (1 - n[h] / population[h]) * n[h] / (n[h] - 1) * ((part - part.mean()) ** 2).sum()
    return total


def _index(columns, w, group, how):
    """Index of a group written out plainly."""
    x = LIKERT.select(columns).to_numpy().astype(float)[group]
    w = w[group]
    good, valid = (x >= 4) * w[:, None], ~np.isnan(x) * w[:, None]
    if how == "pooled":
        return good.sum() / valid.sum()
    return (good.sum(axis=0) / valid.sum(axis=0)).mean()


@pytest.mark.parametrize("how", ["pooled", "mean_of_items"])
def test_linearisation_equals_numerical_derivatives(how):
    d = design(LIKERT, stratum="unit", population="population")
    n, population = d.psu_count, d.psu_population
    table = shares(d, FACTORS, convention=how, by="gender")
    for value in ("nam", "nu"):
        group = (LIKERT["gender"] == value).to_numpy()

        def overall(w, group=group):
            return np.mean([_index(c, w, group, how) for c in FACTORS.values()])

        row = table.filter(pl.col("gender") == value, pl.col("level") == "overall")
        assert row["share"][0] == pytest.approx(overall(d.weights), rel=1e-12)
        brute = _brute_variance(overall, d.weights, d.stratum, n, population)
        assert row["se"][0] ** 2 == pytest.approx(brute, rel=1e-6)


def test_stratified_jackknife_agrees():
    d = design(LIKERT, stratum="unit", weight="weight")
    x = LIKERT["staff_1"].to_numpy()
    y, known = np.nan_to_num(x >= 4), ~np.isnan(x)

    def share(w):
        return (w * y * known).sum() / (w * known).sum()

    total, whole = 0.0, share(d.weights)
    for h in range(7):
        rows = np.flatnonzero(d.stratum == h)
        for i in rows:
            w = d.weights.copy()
            w[rows] *= rows.size / (rows.size - 1)
            w[i] = 0
            total += (rows.size - 1) / rows.size * (share(w) - whole) ** 2
    got = shares(d, ["staff_1"])
    assert got["se"][0] == pytest.approx(np.sqrt(total), rel=5e-3)


def test_bootstrap_agrees_roughly():
    rng = np.random.default_rng(5)
    d = design(LIKERT, stratum="unit", weight="weight")
    x = LIKERT.select(FACTORS["staff"]).to_numpy().astype(float)
    good, valid = ((x >= 4) * d.weights[:, None]).sum(axis=1), (~np.isnan(x) * d.weights[:, None]).sum(axis=1)
    rows = [np.flatnonzero(d.stratum == h) for h in range(7)]
    draws = []
    for _ in range(1500):
        times = np.zeros(d.n)
        for part in rows:  # n_h - 1 of n_h, weights n_h / (n_h - 1): Rao and Wu
            picked = rng.integers(0, part.size, part.size - 1)
            times[part] += np.bincount(picked, minlength=part.size) * part.size / (part.size - 1)
        draws.append((times * good).sum() / (times * valid).sum())
    got = shares(d, FACTORS["staff"]).filter(pl.col("level") == "overall")
    assert got["se"][0] == pytest.approx(np.std(draws), rel=0.06)


def test_domain_mean_is_ratio_is_regression_on_the_indicator():
    d = design(LIKERT, stratum="unit", population="population")
    inside = ((LIKERT["gender"] == "nu") & LIKERT["staff_2"].is_not_null()).cast(pl.Float64)
    good = (LIKERT["staff_2"] >= 4).cast(pl.Float64).fill_null(0) * inside
    frame = LIKERT.with_columns(inside=inside, good=good)
    d2 = dataclasses.replace(d, data=frame)
    share = shares(d, ["staff_2"], by="gender").filter(pl.col("gender") == "nu").row(0, named=True)
    as_ratio = ratio(d2, "good", "inside").row(0, named=True)
    assert share["share"] == pytest.approx(as_ratio["estimate"], rel=1e-13)
    assert share["se"] == pytest.approx(as_ratio["se"], rel=1e-12)
    # weighted least squares of the answer on an intercept and the indicator of the other gender
    known = LIKERT["staff_2"].is_not_null().to_numpy()
    x = np.stack([np.ones(d.n), (LIKERT["gender"] == "nam").to_numpy().astype(float)], axis=1) * known[:, None]
    y = np.nan_to_num((LIKERT["staff_2"] >= 4).to_numpy().astype(float)) * known
    bread = np.linalg.inv((x * d.weights[:, None]).T @ x)
    beta = bread @ (x * d.weights[:, None]).T @ y
    scores = x * ((y - x @ beta) * d.weights)[:, None] @ bread
    v = np.zeros((2, 2))
    for h in range(7):
        part = scores[d.stratum == h]
        centred = part - part.mean(axis=0)
        n = d.psu_count[h]
        v += (1 - n / d.psu_population[h]) * n / (n - 1) * centred.T @ centred
    assert share["share"] == pytest.approx(beta[0], rel=1e-12)
    assert share["se"] == pytest.approx(np.sqrt(v[0, 0]), rel=1e-12)
    change = compare(d, ["staff_2"], "gender", first="nu", second="nam")
    assert change["difference"][0] == pytest.approx(beta[1], rel=1e-10)
    assert change["se"][0] == pytest.approx(np.sqrt(v[1, 1]), rel=1e-10)


def test_the_covariance_has_the_variances_of_the_table_on_its_diagonal():
    d = design(LIKERT, stratum="unit", population="population")
    table = shares(d, FACTORS, by="age")
    for joint in joint_shares(d, FACTORS, "age"):
        rows = table.filter(pl.col("code") == joint.code)
        np.testing.assert_allclose(np.sqrt(np.diag(joint.covariance)), rows["se"], rtol=1e-12)
        np.testing.assert_allclose(joint.share, rows["share"], rtol=1e-12)


def test_fitted_weights_by_sums_and_row_by_row():
    margins = {"gender": {"nam": 3000, "nu": 3234}, "age": {"18-29": 1500, "30-44": 2200, "45-59": 1734, "60+": 800}}
    for d in (
        design(LIKERT, stratum="unit", population="population"),
        design(LIKERT.with_columns(team=pl.col("id") // 6), cluster="team"),
    ):
        fitted = rake(d, margins).design
        _, statistics = lines_of(fitted, FACTORS)
        for by in ("unit", "gender", "channel"):
            (grouping,) = groupings(fitted.data, by, False)
            _, cells, z, _ = _estimate(fitted, statistics, grouping)
            assert isinstance(cells, _Cells)
            np.testing.assert_allclose(
                _fitted_variance(fitted, cells, z), _dense_variance(fitted, cells, z), rtol=1e-9, atol=1e-20
            )


def test_a_share_that_a_margin_fixes_has_no_error():
    d = rake(design(LIKERT, weight="weight"), {"gender": {"nam": 3000, "nu": 3234}}).design
    got = shares(d, ["gender"], satisfied=("nu",), scale=("nam", "nu"))
    assert got["share"][0] == pytest.approx(3234 / 6234, rel=1e-12)
    assert got["se"][0] == 0
    assert got.select("ci_low", "ci_high", "interval").row(0) == (got["share"][0], got["share"][0], "fixed")


def test_equal_weights_without_design_are_the_textbook():
    frame = pl.DataFrame({"q": [5] * 140 + [2] * 20})
    row = shares(frame, ["q"]).row(0, named=True)
    assert row["se"] == pytest.approx(np.sqrt(0.875 * 0.125 / 159), rel=1e-13)
    assert (row["df"], row["n_effective"], row["sum_weights"]) == (159, 160, 160)
    census = shares(frame, ["q"], population=160).row(0, named=True)
    assert (census["se"], census["ci_low"], census["ci_high"], census["interval"]) == (0, 0.875, 0.875, "fixed")


def test_means_of_a_binary_column_are_shares():
    frame = LIKERT.with_columns(s=(pl.col("staff_3") >= 4).cast(pl.Float64))
    d = design(frame, stratum="unit", population="population")
    a, b = (
        means(d, ["s"], by=["gender", "age"], margins=True),
        shares(d, ["staff_3"], by=["gender", "age"], margins=True),
    )
    for left, right in (("estimate", "share"), ("se", "se"), ("df", "df"), ("deff", "deff"), ("n", "n")):
        np.testing.assert_allclose(a[left], b[right], rtol=1e-12)
