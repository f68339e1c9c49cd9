"""Means, totals, ratios, domains and shares against R's survey on the api samples."""

import numpy as np
import polars as pl
import pytest
from survey_reference import close, sample

from chiso.errors import ChisoError
from chiso.survey import design, means, ratio, shares, totals

DESIGNS = {
    "dsrs": lambda: design(sample("apisrs"), fpc="fpc"),
    "dstrat": lambda: design(sample("apistrat"), stratum="stype", weight="pw", fpc="fpc"),
    "dclus": lambda: design(sample("apiclus1"), cluster="dnum", weight="pw", fpc="fpc"),
    "dwr": lambda: design(sample("apistrat"), stratum="stype", weight="pw"),
}
YES = {"satisfied": ("Yes",), "scale": ("No", "Yes")}
names = pytest.mark.parametrize("name", DESIGNS)


@names
def test_means_totals_and_ratio(name):
    d = DESIGNS[name]()
    close(means(d, ["api00"]).select("estimate", "se", "deff").row(0), f"{name}.mean.api00")
    close(means(d, ["target"]).select("estimate", "se").row(0), f"{name}.mean.target")
    close(totals(d, ["enroll"]).select("estimate", "se", "deff").row(0), f"{name}.total.enroll")
    close(ratio(d, "api.stu", "enroll").select("estimate", "se", "deff").row(0), f"{name}.ratio")


def test_a_frame_with_its_settings_is_the_design():
    frame, drawn = sample("apistrat"), {"stratum": "stype", "weight": "pw", "fpc": "fpc"}
    close(means(frame, ["api00"], **drawn).select("estimate", "se", "deff").row(0), "dstrat.mean.api00")
    close(totals(frame, ["enroll"], **drawn).select("estimate", "se", "deff").row(0), "dstrat.total.enroll")
    close(ratio(frame, "api.stu", "enroll", **drawn).select("estimate", "se", "deff").row(0), "dstrat.ratio")
    with pytest.raises(ChisoError, match="wieght"):
        means(frame, ["api00"], wieght="pw")
    with pytest.raises(ChisoError, match="thiết kế"):
        means(design(frame), ["api00"], weight="pw")


@names
def test_domains(name):
    d = DESIGNS[name]()
    table = means(d, ["api00"], by=["stype", "awards"]).sort("awards", "stype")  # R: the first factor runs fastest
    close([table["estimate"], table["se"]], f"{name}.by")
    table = totals(d, ["enroll"], by="stype")
    close([table["estimate"], table["se"]], f"{name}.bytotal")


@names
@pytest.mark.parametrize("method", ["logit", "wilson", "beta", "mean", "asin"])
def test_shares_with_intervals(name, method):
    d = DESIGNS[name]()
    columns = ["share", "se", "ci_low", "ci_high"]
    got = shares(d, ["awards"], interval=method, **YES)
    close(got.select(columns).row(0), f"{name}.prop.{method}")
    part = (pl.col("stype") != "E") & (pl.col("comp.imp") == "Yes")
    d = DESIGNS[name]()
    marked = d.__class__(**{**d.__dict__, "data": d.data.with_columns(part=part)})
    got = shares(marked, ["awards"], by="part", interval=method, level=0.9, **YES).filter("part")
    close(got.select(columns).row(0), f"{name}.domain.{method}", most=1.0)  # R lets "mean" leave 0–1


@names
def test_degrees_of_freedom(name):
    d = DESIGNS[name]()
    got = shares(d, ["awards"], by=[[], ["stype"]], **YES)
    whole = got.filter(pl.col("stype").is_null())["df"][0]
    close([whole, got.filter(pl.col("stype") == "H")["df"][0]], f"{name}.degf")
    assert d.df == whole


def test_lonely_strata():
    from survey_reference import golden

    rows = golden()["lonely.rows"].astype(int)
    frame = sample("apistrat")[rows]
    for rule in ("remove", "certainty", "adjust", "average"):
        d = design(frame, stratum="stype", weight="pw", fpc="fpc", lonely=rule)
        got = [means(d, ["api00"])["se"], totals(d, ["enroll"])["se"], *totals(d, ["enroll"], by="awards")["se"]]
        close(np.concatenate([np.ravel(g) for g in got]), f"lonely.{rule}")
