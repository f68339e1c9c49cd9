"""Shares of a Likert survey of 720 people, both conventions, against R's survey."""

import polars as pl
import pytest
from survey_reference import FITTED, PLAIN, close, sample

from chiso.survey import design, shares

FACTORS = {
    f: [c for c in sample("likert").columns if c.startswith(f + "_")]
    for f in ("access", "procedure", "staff", "result", "feedback")
}
DESIGNS = {
    "strat": lambda: design(sample("likert"), stratum="unit", population="population"),
    "weighted": lambda: design(sample("likert"), weight="weight"),
}
names = pytest.mark.parametrize("name", DESIGNS)


@names
@pytest.mark.parametrize("item", ["access_1", "feedback_2", "overall"])
@pytest.mark.parametrize("method", ["logit", "wilson", "beta"])
def test_items_with_blanks(name, item, method):
    near = FITTED if method == "logit" else PLAIN  # R fits its logit by glm(), which stops at a deviance of 1e-8
    table = shares(DESIGNS[name](), [item], by=["gender", "age"], margins=True, interval=method)
    whole = table.filter(pl.col("domain") == "")
    close(whole.select("share", "se", "ci_low", "ci_high", "df").row(0), f"likert.{name}.{item}.{method}", near)
    by = table.filter(pl.col("domain") == "gender*age").sort("age", "gender")
    close([by[c] for c in ("share", "se", "ci_low", "ci_high")], f"likert.{name}.{item}.{method}.by", near)


@names
def test_design_effect(name):
    close(shares(DESIGNS[name](), ["access_1"])["deff"], f"likert.{name}.deff")


@names
@pytest.mark.parametrize("group", ["all", "Huyen2", "nu"])
def test_conventions(name, group):
    by = [[], ["unit"], ["gender"]]

    def rows(table, level):
        chosen = {"all": pl.col("domain") == "", "Huyen2": pl.col("unit") == "Huyen2", "nu": pl.col("gender") == "nu"}
        found = table.filter(chosen[group].fill_null(False), pl.col("level") == level)
        return found.select("share", "se").rows()

    pooled = shares(DESIGNS[name](), FACTORS, by=by)
    mean = shares(DESIGNS[name](), FACTORS, by=by, convention="mean_of_items")
    whole = shares(DESIGNS[name](), FACTORS, by=by, overall="pooled")
    for j in range(5):
        close(rows(pooled, "factor")[j], f"likert.{name}.pooled.{group}.{j + 1}")
        close(rows(mean, "factor")[j], f"likert.{name}.meaned.{group}.{j + 1}")
    close(rows(pooled, "overall"), f"likert.{name}.mean5.{group}.1")
    close(rows(mean, "overall"), f"likert.{name}.mean5i.{group}.1")
    close(rows(whole, "overall"), f"likert.{name}.whole.{group}.1")


@pytest.mark.parametrize("method", ["logit", "wilson", "beta"])
def test_pooled_answers_are_a_cluster_sample_of_answers(method):
    got = shares(DESIGNS["strat"](), FACTORS["staff"], interval=method).filter(pl.col("level") == "overall")
    close(got.select("share", "se", "ci_low", "ci_high").row(0), f"likert.long.{method}")
