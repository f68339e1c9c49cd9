"""Differences, covariances, Holm, alpha and drivers against R's survey, psych and relaimpo."""

import numpy as np
import polars as pl
import pytest
from survey_reference import FITTED, PLAIN, close, golden, sample

from chiso.survey import compare, cronbach_alpha, design, drivers, holm, joint_shares, shares

DESIGNS = {
    "dsrs": lambda: design(sample("apisrs"), fpc="fpc"),
    "dstrat": lambda: design(sample("apistrat"), stratum="stype", weight="pw", fpc="fpc"),
    "dclus": lambda: design(sample("apiclus1"), cluster="dnum", weight="pw", fpc="fpc"),
    "dwr": lambda: design(sample("apistrat"), stratum="stype", weight="pw"),
}
YES = {"satisfied": ("Yes",), "scale": ("No", "Yes")}
names = pytest.mark.parametrize("name", DESIGNS)


@names
def test_covariance_of_domains_and_their_difference(name):
    d = DESIGNS[name]()
    (joint,) = joint_shares(d, ["awards"], "comp.imp", **YES)
    close(joint.covariance, f"{name}.cov")
    row = compare(d, ["awards"], "comp.imp", first="No", second="Yes", recover=False, **YES)
    close(row.select("difference", "se").row(0), f"{name}.contrast")


@names
def test_the_design_based_t_test(name):
    d = DESIGNS[name]()
    # R takes one degree off for the slope, and lets a difference exceed 1
    row = compare(d, ["awards"], "comp.imp", first="No", second="Yes", df=d.df - 1, recover=False, **YES)
    expected = golden()[f"{name}.ttest"][[0, 2, 3, 4]]
    got = np.array(row.select("difference", "p", "ci_low", "ci_high").row(0))
    np.testing.assert_allclose(got, np.minimum(expected, 1), rtol=FITTED)


def test_change_between_periods_of_one_stratified_sample():
    d = design(sample("likert"), stratum="unit", population="population")
    row = compare(d, ["access_1"], "period", first=2023, second=2024)
    close(row.select("difference", "se", "df").row(0), "likert.change")


def test_units_in_pairs_with_holm():
    d = design(sample("likert"), stratum="unit", population="population")
    table = shares(d, ["access_1"], by="unit")
    close([table["share"], table["se"]], "likert.units")
    pairs = compare(d, ["access_1"], "unit")
    close(pairs["p"], "likert.pairs.p")
    close(pairs["p_holm"], "likert.pairs.holm")
    np.testing.assert_allclose(holm(golden()["likert.pairs.p"]), golden()["likert.pairs.holm"], rtol=1e-13)


@pytest.mark.parametrize("factor", ["access", "staff"])
def test_alpha(factor):
    frame = sample("likert")
    items = [c for c in frame.columns if c.startswith(factor + "_")]
    found = cronbach_alpha(frame, items)
    total = ["raw_alpha", "std_alpha", "g6", "average_r", "signal_noise", "ase", "mean", "sd", "median_r"]
    close(found.total.select(total).row(0), f"alpha.{factor}")
    dropped = ["alpha_if_dropped", "std_alpha_if_dropped", "g6_if_dropped", "average_r_if_dropped"]
    close([found.items[c] for c in dropped], f"alpha.{factor}.drop")
    columns = ["n", "raw_r", "std_r", "r_cor", "r_drop", "mean", "sd"]
    close([found.items[c] for c in columns], f"alpha.{factor}.stats")
    close(found.total.select("feldt_low", "feldt_high").row(0), f"alpha.{factor}.feldt")


@pytest.mark.parametrize("weight", [None, "weight"])
def test_lmg_of_the_likert_survey(weight):
    frame = sample("likert")
    items = [c for c in frame.columns if c[-2:-1] == "_"]
    found = drivers(frame, "overall", [items[i - 1] for i in (1, 4, 7, 8, 11, 13)], weight=weight)
    t = found.table
    betas = t["beta"] ** 2
    close(
        [found.r_squared, *t["lmg"], *t["last"], *t["first"], *betas], f"lmg.{'weighted' if weight else 'plain'}", PLAIN
    )
    if weight is None:
        close(t["vif"], "drivers.vif")


def test_lmg_of_the_swiss_fertility_data():
    rows = pl.read_csv(__import__("survey_reference").DATA / "swiss.csv")
    found = drivers(rows, "Fertility", [c for c in rows.columns if c != "Fertility"])
    t = found.table
    close([found.r_squared, *t["lmg"], *t["last"], *t["first"], *t["beta"] ** 2], "lmg.swiss")
