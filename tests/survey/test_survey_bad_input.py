"""What cannot be estimated is refused in words: column, value, rows; never a silent number."""

import pandas as pd
import polars as pl
import pytest

from chiso.errors import ChisoError
from chiso.survey import (
    allocate,
    change,
    compare,
    cronbach_alpha,
    decide,
    decision_text,
    design,
    drivers,
    means,
    post_stratify,
    quota_table,
    rake,
    rank_bands,
    sample_size,
    shares,
    trim_weights,
    verdict_text,
)

FRAME = pl.DataFrame(
    {
        "unit": ["A", "A", "A", "B", "B"],
        "sex": ["f", "m", "f", "m", "f"],
        "w": [1.0, 2.0, 1.0, 3.0, 1.0],
        "q1": [5, 4, None, 2, 1],
        "q2": [3, 5, 5, 4, 2],
    }
)


def refused(call, *words):
    """Check that ``call`` fails in a message that holds all ``words``."""
    with pytest.raises(ChisoError) as failure:
        call()
    message = str(failure.value)
    for word in words:
        assert word in message, message


def with_column(**columns):
    return FRAME.with_columns(**{name: pl.Series(values) for name, values in columns.items()})


@pytest.mark.parametrize(
    ("frame", "settings", "words"),
    [
        (with_column(q1=[5, 4, 7, 0, 1]), {}, ["“q1”", "0, 7", "3, 4"]),
        (with_column(q1=[5.0, 4.5, 3, 2, 1]), {}, ["“q1”", "4.5", "dòng 2"]),
        (with_column(q1=["5", "4", "KB", "2", "1"]), {}, ["“q1”", "String"]),
        (with_column(q1=[None] * 5), {"items": ["q1"]}, ["q1", "hợp lệ"]),
        (FRAME, {"items": ["q1", "q22"]}, ["q22", "Có phải cột “q2”"]),
        (FRAME, {"items": ["q1", "q1"]}, ["q1", "hai lần"]),
        (FRAME, {"items": "q1"}, ['["q1"]']),
        (FRAME, {"items": []}, ["câu hỏi"]),
        (FRAME, {"by": "unti"}, ["unti", "“unit”"]),
        (FRAME, {"stratum": "units"}, ["units"]),
        (FRAME, {"stratum": "unit", "population": {"A": 30}}, ["B"]),
        (FRAME, {"stratum": "unit", "population": {"A": 2, "B": 10}}, ["“A”", "2", "3"]),
        (FRAME, {"stratum": "unit", "population": {"A": 0, "B": 10}}, ["A"]),
        (FRAME, {"stratum": "unit", "population": {"A": float("nan"), "B": 10}}, ["A"]),
        (FRAME, {"stratum": "unit", "population": 50}, ["unit"]),
        (FRAME, {"population": 4}, ["4", "5"]),
        (FRAME, {"population": 40, "fpc": 40}, ["fpc"]),
        (with_column(n=[9.0, 9, 8, 20, 20]), {"stratum": "unit", "population": "n"}, ["“n”", "“A”", "3"]),
        (with_column(f=[0.5, 0.5, 0.5, 20, 20]), {"stratum": "unit", "fpc": "f"}, ["fpc"]),
        (with_column(unit=["A", "A", None, "B", "B"]), {"stratum": "unit"}, ["“unit”", "3"]),
        (with_column(w=[1.0, 0, 1, -2, 1]), {"weight": "w"}, ["“w”", "2, 4"]),
        (with_column(w=[1.0, None, 1, 2, 1]), {"weight": "w"}, ["“w”", "dòng 2"]),
        (with_column(w=[1.0, float("nan"), 1, 2, 1]), {"weight": "w"}, ["“w”", "dòng 2"]),
        (with_column(w=[1.0, float("inf"), 1, 2, 1]), {"weight": "w"}, ["“w”", "dòng 2"]),
        (with_column(w=["a"] * 5), {"weight": "w"}, ["“w”"]),
        (FRAME, {"stratum": "unit", "cluster": "sex"}, ["hai tầng"]),
        (with_column(unit=["A", "A", "A", "A", "B"]), {"stratum": "unit"}, ["B", "lonely"]),
        (FRAME, {"interval": "wald"}, ["wald", "logit"]),
        (FRAME, {"convention": "mean"}, ["mean_of_items"]),
        (FRAME, {"items": {"f": ["q1"]}, "overall": "median"}, ["mean_of_factors"]),
        (FRAME, {"items": {"f": ["q1"]}, "overall": "direct"}, ["direct"]),
        (FRAME, {"items": {"f": ["q1"], "g": []}}, ["câu hỏi"]),
        (FRAME, {"level": 95}, ["95"]),
        (FRAME, {"df": -1}, ["-1"]),
        (FRAME, {"df": "all"}, ["domain"]),
        (FRAME, {"satisfied": (6,)}, ["6"]),
        (FRAME, {"lonely": "skip"}, ["skip", "adjust"]),
        (FRAME.clear(), {}, ["không có dòng"]),
        (FRAME.head(1), {}, ["một phiếu"]),
        ([1, 2], {}, ["list"]),
        (pd.DataFrame([[1, 2]], columns=["q1", "q1"]), {}, ["q1", "lặp"]),
    ],
)
def test_shares_refuse(frame, settings, words):
    refused(lambda: shares(frame, **({"items": ["q1", "q2"]} | settings)), *words)


def test_a_design_is_described_once():
    refused(lambda: shares(design(FRAME), ["q1"], weight="w"), "thiết kế")
    refused(lambda: means(design(FRAME), ["unit"]), "“unit”")
    table = pl.DataFrame({"unit": ["A", "A", "B"], "population": [9, 9, 9]})
    refused(lambda: design(FRAME, stratum="unit", population=table), "A")


def test_one_respondent_in_a_stratum_has_stated_rules():
    frame = with_column(unit=["A", "A", "A", "A", "B"])
    removed = shares(frame, ["q2"], stratum="unit", population={"A": 40, "B": 10}, lonely="remove")
    whole = shares(frame, ["q2"], stratum="unit", population={"A": 40, "B": 1})  # all of B was asked: nothing unknown
    average = shares(frame, ["q2"], stratum="unit", population={"A": 40, "B": 10}, lonely="average")
    assert removed["df"][0] == whole["df"][0] == 3
    assert average["se"][0] == pytest.approx(removed["se"][0] * 2**0.5)


def test_unknown_codes_are_blank_not_wrong():
    frame = with_column(q1=[5, 4, 9, 9, 1])
    refused(lambda: shares(frame, ["q1"]), "9")
    row = shares(frame, ["q1"], unknown=(9,)).row(0, named=True)
    assert (row["n"], row["n_missing"], row["share"]) == (3, 2, 2 / 3)
    words = with_column(q1=["hài lòng", "KB", None, "chưa", "hài lòng"])
    row = shares(words, ["q1"], satisfied=("hài lòng",), scale=("hài lòng", "chưa"), unknown=("KB",)).row(0, named=True)
    assert (row["n"], row["n_missing"], row["share"]) == (3, 2, 2 / 3)


@pytest.mark.parametrize(
    ("margins", "words"),
    [
        ({"sex": {"f": 50}}, ["sex", "m"]),
        ({"sex": {"f": 50, "m": 40, "x": 1}}, ["sex", "x"]),
        ({"sex": {"f": 50, "m": 0}}, ["sex", "m"]),
        ({"sex": {"f": 50, "m": 50}, "unit": {"A": 40, "B": 50}}, ["sex: 100", "unit: 90"]),
        ({"gender": {"f": 50, "m": 50}}, ["gender"]),
        ({}, ["cơ cấu"]),
    ],
)
def test_raking_refuses(margins, words):
    refused(lambda: rake(design(FRAME), margins), *words)


def test_raking_that_does_not_settle_is_no_result():
    frame = pl.DataFrame({"a": ["x", "x", "y"], "b": ["u", "v", "v"]})
    margins = {"a": {"x": 50, "y": 50}, "b": {"u": 60, "v": 40}}  # y stands only with v: 50 > 40
    refused(lambda: rake(design(frame), margins, max_iterations=50), "50 vòng")
    assert not rake(design(frame), margins, max_iterations=50, allow_unconverged=True).converged
    refused(lambda: post_stratify(design(frame), margins), "rake")
    refused(lambda: trim_weights(design(FRAME, weight="w"), upper=1.2), "1.2")


def test_other_calls_refuse():
    table = shares(FRAME, ["q1"])
    refused(lambda: change(table, table.with_columns(code=pl.lit("x"))), "code")
    refused(lambda: change(pl.concat([table, table]), table), "lặp")
    refused(lambda: compare(FRAME, ["q1"], "sex", first="f", second="x"), "x", "f, m")
    refused(lambda: compare(FRAME.with_columns(one=pl.lit(1)), ["q1"], "one"), "một nhóm")
    refused(lambda: compare(FRAME, ["q1"], "sex", wieght="w"), "wieght")
    refused(lambda: compare(FRAME, ["q1"], "sex", code="q9"), "q9")
    refused(lambda: rank_bands(FRAME, ["q1", "q2"], "sex", convention=None), "q1, q2")
    refused(lambda: decide(table, 87), "87")
    refused(lambda: decision_text("met", "87 %"), "met")
    refused(lambda: verdict_text("same"), "same")
    refused(lambda: cronbach_alpha(FRAME, ["q1"]), "q1")
    refused(lambda: cronbach_alpha(pl.DataFrame({"a": [1, 2, None, None], "b": [None, None, 1, 2]}), ["a", "b"]), "“a”")
    refused(lambda: drivers(FRAME, "q1", ["q2"]), "hai yếu tố")
    refused(lambda: drivers(FRAME.head(4), "q1", ["q2", "w"]), "3", "4")
    long = pl.concat([FRAME] * 3)
    refused(lambda: drivers(long.with_columns(c=pl.lit(1)), "q1", ["q2", "c"]), "c")
    refused(lambda: drivers(long.with_columns(c=pl.col("q2") * 2), "q1", ["q2", "c"]), "q2, c")
    refused(lambda: sample_size(0), "0")
    refused(lambda: sample_size(100, response=0), "response")
    refused(lambda: sample_size(100, margin=5), "margin")
    refused(lambda: allocate({"A": 10, "B": 5}, 16), "16", "15")
    refused(lambda: allocate({"A": 10, "B": 5}, 3), "3", "4")
    refused(lambda: allocate({"A": 10.5}, 3), "A")
    refused(lambda: allocate({"A": 10}, 3, method="optimal"), "neyman")
    refused(lambda: quota_table(allocate({"A": 10}, 3), {"sex": {}}), "sex")
