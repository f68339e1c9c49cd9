"""Weights fitted to margins against rake(), postStratify() and trimWeights() of R's survey."""

import numpy as np
import pytest
from survey_reference import FITTED, close, sample

from chiso.survey import design, means, post_stratify, rake, shares, totals, trim_weights

DESIGNS = {
    "dsrs": lambda: design(sample("apisrs"), fpc="fpc"),
    "dstrat": lambda: design(sample("apistrat"), stratum="stype", weight="pw", fpc="fpc"),
    "dclus": lambda: design(sample("apiclus1"), cluster="dnum", weight="pw", fpc="fpc"),
}
TYPES = {"E": 4421, "H": 755, "M": 1018}
WIDE = {"No": 1072, "Yes": 5122}
YES = {"satisfied": ("Yes",), "scale": ("No", "Yes")}
names = pytest.mark.parametrize("name", DESIGNS)


def _check(fitted, key, tolerance):
    close(fitted.weights[:20], f"{key}.weights", tolerance)
    close(means(fitted, ["api00"]).select("estimate", "se").row(0), f"{key}.mean", tolerance)
    close(totals(fitted, ["enroll"]).select("estimate", "se").row(0), f"{key}.total", tolerance)
    table = means(fitted, ["api00"], by="awards")
    close([table["estimate"], table["se"]], f"{key}.by", tolerance)


@names
@pytest.mark.parametrize("how", ["tight", "default"])
def test_raking(name, how):
    settings = {"tolerance": 1e-12} if how == "tight" else {"tolerance": 1, "max_iterations": 10}
    fitted = rake(DESIGNS[name](), {"stype": TYPES, "sch.wide": WIDE}, **settings)
    key = f"{name}.rake.{how}"
    _check(fitted.design, key, FITTED / 1000)
    for method in ("logit", "wilson", "beta"):
        got = shares(fitted.design, ["awards"], interval=method, **YES)
        close(got.select("share", "se", "ci_low", "ci_high").row(0), f"{key}.{method}", FITTED / 1000)
    assert fitted.converged
    assert fitted.largest_gap < (1e-6 if how == "tight" else 1)


def test_the_default_is_as_good_as_converged():
    fitted = rake(DESIGNS["dclus"](), {"stype": TYPES, "sch.wide": WIDE})
    _check(fitted.design, "dclus.rake.tight", 1e-8)


@names
def test_post_stratification(name):
    _check(post_stratify(DESIGNS[name](), {"sch.wide": WIDE}).design, f"{name}.post", 1e-9)


def test_trimming():
    raked = rake(DESIGNS["dstrat"](), {"stype": TYPES, "sch.wide": WIDE}, tolerance=1e-12).design
    close(trim_weights(raked, upper=45, lower=15).design.weights, "trim.loose", 1e-9)
    strict = trim_weights(raked, upper=45, lower=15, strict=True)
    close(strict.design.weights, "trim.strict", 1e-9)
    assert strict.weights["sum"][0] == pytest.approx(strict.weights["sum"][1])
    assert np.all(strict.design.weights <= 45)
