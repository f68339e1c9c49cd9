"""Satisfaction by groups of respondents through the engine, on rows counted by hand."""

import polars as pl
import pytest
from handmade import run, stratum
from test_survey_statistics import distinct, people

from chiso.indicators.survey_groups import BLANK
from chiso.survey import shares


def groups(results, dimension, code="sipas"):
    table = results.statistics["satisfaction_groups"]
    rows = table.filter((pl.col("dimension") == dimension) & (pl.col("code") == code))
    return {row["value"]: row for row in rows.iter_rows(named=True)}


def test_points_of_each_group_and_of_those_who_left_it_blank():
    rows = people("a", 6, 2, gender="Nam") + people("b", 3, 3, gender="Nữ") + people("b", 1, 1)
    found = groups(run(*distinct(rows)), "gender")
    assert {value: (row["n"], round(row["share"], 12)) for value, row in found.items()} == {
        BLANK: (2, 0.5),
        "Nam": (8, 0.75),
        "Nữ": (6, 0.5),
    }
    assert all(0 <= row["ci_low"] < row["share"] < row["ci_high"] <= 1 for row in found.values())


def test_a_column_nobody_filled_makes_no_groups():
    table = run(*distinct(people("a", 6, 2, gender="Nam"))).statistics["satisfaction_groups"]
    assert table["dimension"].unique().to_list() == ["gender"]


def test_weights_and_design_are_those_of_the_whole_sample():
    rows = people("a", 8, 4, channel="x") + people("b", 9, 3, channel="x") + people("b", 2, 5, channel="y")
    results = run(*distinct(rows), stratum("a", 120), stratum("b", 38))
    found = groups(results, "channel", "A.I")
    data = pl.DataFrame(
        [("a", "x", 5)] * 8 + [("a", "x", 2)] * 4 + [("b", "x", 5)] * 9 + [("b", "x", 2)] * 3
        + [("b", "y", 5)] * 2 + [("b", "y", 2)] * 5,
        schema=["unit", "channel", "q"], orient="row",
    )  # fmt: skip
    table = shares(data, ["q"], stratum="unit", population={"a": 120, "b": 38}, by="channel")
    for row in table.iter_rows(named=True):
        mine = found[row["channel"]]
        assert (mine["share"], mine["se"], mine["df"]) == pytest.approx((row["share"], row["se"], row["df"]), rel=1e-12)
        assert mine["share_unweighted"] == pytest.approx(row["share_unweighted"])
