"""Groups and margins, the target, ranks, change, planning: what the figures mean, at the boundaries."""

import doctest
import importlib
import pkgutil

import numpy as np
import polars as pl
import pytest
from survey_reference import sample

import chiso.survey
from chiso.survey import (
    allocate,
    change,
    compare,
    cronbach_alpha,
    decide,
    decision_text,
    design,
    drivers,
    importance_performance,
    quota_table,
    rank_bands,
    sample_size,
    shares,
    verdict_text,
)


@pytest.mark.parametrize("module", [m.name for m in pkgutil.iter_modules(chiso.survey.__path__)])
def test_doctests(module):
    assert doctest.testmod(importlib.import_module(f"chiso.survey.{module}")).failed == 0


def test_every_public_function_has_an_example():
    functions = [getattr(chiso.survey, n) for n in chiso.survey.__all__ if n[0].islower()]
    assert [f.__name__ for f in functions if ">>>" not in (f.__doc__ or "")] == [
        "compare_forms",
        "load_questionnaire",
    ]


PEOPLE = pl.DataFrame(
    {
        "unit": ["B", "A", "A", "B", "B", None],
        "sex": ["f", "f", "m", "m", "f", "f"],
        "q": [5, 4, 1, 2, 4, 5],
    }
)


def test_groups_and_margins_in_one_call():
    table = shares(PEOPLE, ["q"], by=["unit", "sex"], margins=True)
    assert table.select("unit", "sex", "domain", "n", "share").rows() == [
        (None, None, "", 6, 4 / 6),
        ("A", None, "unit", 2, 1 / 2),
        ("B", None, "unit", 3, 2 / 3),
        (None, "f", "sex", 4, 1.0),
        (None, "m", "sex", 2, 0.0),
        ("A", "f", "unit*sex", 1, 1.0),
        ("A", "m", "unit*sex", 1, 0.0),
        ("B", "f", "unit*sex", 2, 1.0),
        ("B", "m", "unit*sex", 1, 0.0),
    ]
    apart = shares(PEOPLE, ["q"], by=[["sex"], ["unit"]])
    assert apart["domain"].to_list() == ["sex", "sex", "unit", "unit"]
    assert apart.columns[:3] == ["sex", "unit", "domain"]


def test_groups_of_any_type():
    plain = shares(PEOPLE, ["q"], by=["unit", "sex"])
    typed = PEOPLE.with_columns(pl.col("unit").cast(pl.Categorical), pl.col("sex").cast(pl.Enum(["m", "f"])))
    for frame in (typed, PEOPLE.to_pandas().astype({"unit": "category"})):
        table = shares(frame, ["q"], by=["unit", "sex"]).with_columns(pl.col("unit", "sex").cast(pl.String))
        assert table.sort("unit", "sex").equals(plain)
    for values in ([1, 2, 2, 1, 1, None], [True, False, False, True, True, None]):
        table = shares(PEOPLE.with_columns(unit=pl.Series(values)), ["q"], by="unit")
        assert sorted(table["n"]) == [2, 3]


def test_the_order_of_rows_does_not_matter():
    likert = sample("likert")
    a = shares(likert, ["staff_1", "staff_2"], stratum="unit", population="population", by="gender")
    b = shares(
        likert.sample(fraction=1, shuffle=True, seed=3),
        ["staff_1", "staff_2"],
        stratum="unit",
        population="population",
        by="gender",
    )
    for column in ("share", "se", "ci_low", "deff"):
        np.testing.assert_allclose(a[column], b[column], rtol=1e-12)
    teams = likert.with_columns(team=(pl.col("id") * 7919) % 90)
    a = shares(teams, ["staff_1"], cluster="team", by="gender")
    b = shares(teams.sample(fraction=1, shuffle=True, seed=3), ["staff_1"], cluster="team", by="gender")
    np.testing.assert_allclose(a["se"], b["se"], rtol=1e-12)


def test_lines_of_factors_overall_and_the_direct_question():
    frame = pl.DataFrame({"a1": [5, 1], "a2": [5, 5], "b1": [1, 1], "o": [4, 4]})
    items = {"A": ["a1", "a2"], "B": ["b1"]}
    table = shares(frame, items, direct="o")
    assert table.select("level", "code", "convention", "n", "n_answers", "share").rows() == [
        ("item", "a1", None, 2, 2, 0.5),
        ("item", "a2", None, 2, 2, 1.0),
        ("item", "b1", None, 2, 2, 0.0),
        ("factor", "A", "pooled", 2, 4, 0.75),
        ("factor", "B", "pooled", 2, 2, 0.0),
        ("overall", "overall", "mean_of_factors", 2, 6, 0.375),
        ("direct", "o", None, 2, 2, 1.0),
    ]
    pooled = shares(frame, items, overall="pooled").filter(pl.col("level") == "overall")
    direct = shares(frame, items, overall="direct", direct="o").filter(pl.col("level") == "overall")
    assert (pooled["share"][0], direct["share"][0], direct["convention"][0]) == (3 / 6, 1.0, "direct")
    assert shares(frame, items, convention=None)["level"].unique().to_list() == ["item"]


def _row(good, n, **settings):
    return decide(shares(pl.DataFrame({"q": [5] * good + [1] * (n - good)}), ["q"], **settings), 0.87).row(
        0, named=True
    )


def test_the_target():
    few, many, low = _row(140, 160), _row(14_000, 16_000), _row(120, 160)
    assert (few["over"], few["decision"]) == (True, "undecided_over")
    assert (many["over"], many["decision"]) == (True, "undecided_over")
    assert (low["over"], low["decision"], low["n_needed"]) == (False, "below", 33)
    assert low["confidence"] < 0.001 < 0.5 < few["confidence"] < many["confidence"] < 0.98
    needed = few["n_needed"]
    assert 17_000 < needed < 18_000
    assert _row(round(needed * 0.875), needed)["decision"] == "above"
    assert _row(round(needed * 0.875 * 0.9), round(needed * 0.9))["decision"] == "undecided_over"
    under = _row(138, 160)
    assert (under["share"], under["over"], under["decision"]) == (0.8625, False, "undecided_under")
    at = _row(87, 100)
    assert (at["over"], at["decision"], at["n_needed"]) == (False, "undecided_under", None)
    assert at["confidence"] == pytest.approx(0.5)


def test_the_target_at_the_edges():
    all_good = _row(10, 10)
    assert (all_good["decision"], all_good["n_needed"]) == ("undecided_over", None)
    assert all_good["confidence"] == pytest.approx(1 - 0.87**10)
    assert _row(40, 40)["decision"] == "above"
    single = shares(pl.DataFrame({"g": ["a", "b", "b"], "q": [5, 5, 1]}), ["q"], by="g")
    assert decide(single, 0.87).select("decision", "confidence").row(0) == ("no_interval", None)
    assert _row(0, 10)["confidence"] == pytest.approx(0.13**10)
    census = _row(9, 10, population=10)
    assert (census["share"], census["decision"], census["confidence"]) == (0.9, "above", 1.0)
    blank = shares(pl.DataFrame({"g": ["a", "b"], "q": [None, 5], "r": [5, 5]}), ["q", "r"], by="g")
    assert decide(blank, 0.87)["decision"][0] == "no_data"
    assert decide(blank, 0.87)["over"][0] is None


def test_words():
    assert decision_text("undecided_over", "87 %") == "kết quả cao hơn nhưng chưa đủ cơ sở để kết luận vượt 87 %"
    assert verdict_text("no_clear_difference") == "không có khác biệt rõ"


def test_change_of_independent_samples_is_one_design_with_periods_as_strata():
    likert = sample("likert")
    both = likert.with_columns(cell=pl.concat_str("unit", "period", separator="/"))
    a = shares(likert.filter(pl.col("period") == 2023), ["staff_1"], stratum="unit", weight="weight")
    b = shares(likert.filter(pl.col("period") == 2024), ["staff_1"], stratum="unit", weight="weight")
    apart = change(a, b).row(0, named=True)
    one = compare(both, ["staff_1"], "period", first=2023, second=2024, stratum="cell", weight="weight").row(
        0, named=True
    )
    for column in ("difference", "se", "df", "p", "ci_low", "ci_high"):
        assert apart[column] == pytest.approx(one[column], rel=1e-12), column
    welch = change(a, b, df="welch")["df"][0]
    assert min(a["df"][0], b["df"][0]) < welch < apart["df"]


def test_the_same_people_asked_twice_are_one_sample_with_clusters():
    rng = np.random.default_rng(2)
    first = rng.random(300) < 0.6
    second = np.where(rng.random(300) < 0.9, first, ~first)
    panel = pl.DataFrame(
        {
            "who": list(range(300)) * 2,
            "year": [1] * 300 + [2] * 300,
            "q": np.where(np.concatenate([first, second]), 5, 1),
        }
    )
    together = compare(panel, ["q"], "year", first=1, second=2, cluster="who").row(0, named=True)
    apart = compare(panel, ["q"], "year", first=1, second=2).row(0, named=True)
    d = second.astype(float) - first
    assert together["difference"] == pytest.approx(d.mean())
    assert together["se"] == pytest.approx(d.std(ddof=1) / np.sqrt(300), rel=1e-10)
    assert together["df"] == 299
    assert together["se"] < 0.6 * apart["se"]


def test_a_share_of_one_is_not_certain_in_a_comparison():
    frame = pl.DataFrame({"unit": ["a"] * 3 + ["b"] * 60, "q": [5] * 3 + [5] * 48 + [1] * 12})
    row = compare(frame, ["q"], "unit").row(0, named=True)
    assert (row["recovered"], row["verdict"]) == (True, "no_clear_difference")
    naive = compare(frame, ["q"], "unit", recover=False).row(0, named=True)
    assert (naive["recovered"], naive["verdict"], naive["se"]) == (False, "lower", row["se"])
    nothing = pl.DataFrame({"unit": ["a", "b", "b"], "q": [5, 5, 1]})
    assert compare(nothing.head(2), ["q"], "unit")["verdict"][0] == "not_comparable"


def test_holm_is_within_one_call_and_named():
    table = compare(
        sample("likert"), ["staff_1"], "unit", stratum="unit", population="population", family="đơn vị, quý IV"
    )
    assert table["family"].unique().to_list() == ["đơn vị, quý IV"]
    assert table.height == 21
    assert (table["p_holm"] >= table["p"]).all()
    smallest = table.sort("p").row(0, named=True)
    assert smallest["p_holm"] == pytest.approx(min(1, 21 * smallest["p"]))


def test_each_group_against_the_rest():
    likert = sample("likert")
    settings = {"stratum": "unit", "population": "population"}
    table = compare(likert, ["staff_1"], "gender", against="rest", **settings)
    pair = compare(likert, ["staff_1"], "gender", **settings).row(0, named=True)
    assert table.select("first", "second").rows() == [(None, "nam"), (None, "nu")]
    assert table["difference"].to_list() == pytest.approx([-pair["difference"], pair["difference"]])
    assert table["se"].to_list() == pytest.approx([pair["se"]] * 2)
    units = compare(likert, ["staff_1"], "unit", against="rest", **settings)
    by_hand = likert.with_columns(two=pl.col("unit") == "Xa1")
    one = compare(by_hand, ["staff_1"], "two", first=False, second=True, **settings).row(0, named=True)
    row = units.filter(pl.col("second") == "Xa1").row(0, named=True)
    for column in ("difference", "se", "df", "p"):
        assert row[column] == pytest.approx(one[column], rel=1e-12)


def test_families_within_lines():
    settings = {"stratum": "unit", "population": "population", "convention": None}
    likert, items = sample("likert"), ["staff_1", "staff_2"]
    table = compare(likert, items, "unit", within=["code"], **settings)
    for item in items:
        alone = compare(likert, [item], "unit", **settings)
        assert table.filter(pl.col("code") == item)["p_holm"].to_list() == pytest.approx(alone["p_holm"].to_list())


def test_rank_bands_hold_all_true_ranks():
    """300 surveys of six units: the share of surveys in which every band holds the true rank is at least 95 %."""
    rng = np.random.default_rng(3)
    true = np.array([0.9, 0.85, 0.8, 0.75, 0.7, 0.5])
    unit = np.repeat(list("ABCDEF"), 120)
    held = 0
    for _ in range(300):
        frame = pl.DataFrame({"unit": unit, "q": np.where(rng.random(720) < np.repeat(true, 120), 5, 1)})
        bands = rank_bands(frame, ["q"], "unit").sort("group")
        right = np.arange(1, 7)
        held += bool(((bands["rank_best"].to_numpy() <= right) & (right <= bands["rank_worst"].to_numpy())).all())
    assert held >= 0.95 * 300


def test_rank_bands_of_few_answers_are_wide():
    frame = pl.DataFrame(
        {
            "unit": ["a"] * 200 + ["b"] * 200 + ["c"] * 12 + ["d"] * 2,
            "q": [5] * 180 + [1] * 20 + [5] * 120 + [1] * 80 + [5] * 5 + [1] * 7 + [None] * 2,
        }
    )
    table = rank_bands(frame, ["q"], "unit")
    assert table.select("group", "rank", "rank_best", "rank_worst").rows() == [
        ("a", 1, 1, 1),
        ("b", 2, 2, 3),
        ("c", 3, 2, 3),
        ("d", None, None, None),
    ]


def test_sample_sizes():
    assert sample_size(1000, 0.05)["n"].to_list() == [286, 278]
    assert sample_size(10**7, 0.05)["n"].to_list() == [400, 385]
    exact = sample_size(10_000, 0.05, deff=1.5, response=0.8).filter(pl.col("method") == "exact").row(0, named=True)
    assert (exact["n"], exact["ask"], exact["enough"]) == (545, 682, True)
    assert exact["margin"] <= 0.05
    assert sample_size(5, 0.01, response=0.5)["enough"].to_list() == [False, False]


def test_allocation_adds_up_within_its_bounds():
    strata = {"A": 1000, "B": 333, "C": 333, "D": 3, "E": 1}
    for method in ("proportional", "equal"):
        for n in (9, 10, 57, 100, 1669, 1670):
            table = allocate(strata, n, method=method)
            assert table["n"].sum() == n
            assert (table["n"] <= table["population"]).all()
            assert (table["n"] >= table["population"].clip(upper_bound=2)).all()
    assert allocate(strata, 100)["n"].to_list() == [58, 20, 19, 2, 1]
    frame = pl.DataFrame({"stratum": ["A", "B"], "population": [100, 100], "share": [0.5, 0.9]})
    assert allocate(frame, 80, method="neyman")["n"].to_list() == [50, 30]  # √0,25 : √0,09 = 5 : 3
    sure = pl.DataFrame({"stratum": ["A", "B"], "population": [100, 100], "share": [0.5, 1.0]})
    assert allocate(sure, 80, method="neyman")["n"].to_list() == [78, 2]
    assert allocate(sure, 180, method="neyman")["n"].to_list() == [100, 80]
    deviations = pl.DataFrame({"stratum": ["A", "B"], "population": [100, 300], "s": [3.0, 1.0]})
    assert allocate(deviations, 40, method="neyman", spread="s")["n"].to_list() == [20, 20]


def test_quotas_add_up_to_each_stratum():
    plan = allocate({"A": 500, "B": 77, "C": 30}, 61)
    table = quota_table(plan, {"sex": {"f": 0.51, "m": 0.49}, "age": {"18-29": 20, "30-59": 60, "60+": 20}})
    sums = table.group_by("stratum", "characteristic", maintain_order=True).agg(pl.col("n").sum())
    assert sums["n"].to_list() == [n for n in plan["n"] for _ in range(2)]


def test_alpha_leaves_out_items_without_variance_and_turns_items_round():
    frame = pl.DataFrame({"a": [1, 2, 3, 4, 5], "b": [2, 2, 3, 5, 5], "c": [5, 3, 3, 2, 1], "d": [4] * 5})
    found = cronbach_alpha(frame, ["a", "b", "c", "d"], reverse=["c"])
    assert found.left_out == ("d",)
    turned = cronbach_alpha(frame.with_columns(c=6 - pl.col("c")), ["a", "b", "c"])
    assert found.total["raw_alpha"][0] == pytest.approx(turned.total["raw_alpha"][0])
    assert turned.total["raw_alpha"][0] > 0.9
    two = cronbach_alpha(frame, ["a", "b"])
    assert two.items["alpha_if_dropped"].to_list() == [None, None]


def test_drivers_split_r_squared():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 12)) @ np.linalg.cholesky(0.4 + 0.6 * np.eye(12)).T
    y = x @ np.linspace(0, 1, 12) + rng.normal(size=400)
    frame = pl.DataFrame({f"x{i:02}": x[:, i] for i in range(12)}).with_columns(y=pl.Series(y))
    found = drivers(frame, "y", [f"x{i:02}" for i in range(12)])
    residual = y - np.column_stack([np.ones(400), x]) @ np.linalg.lstsq(np.column_stack([np.ones(400), x]), y)[0]
    assert found.r_squared == pytest.approx(1 - (residual**2).sum() / ((y - y.mean()) ** 2).sum(), rel=1e-12)
    assert found.table["lmg"].sum() == pytest.approx(found.r_squared, rel=1e-12)
    assert found.table["relative_weight"].sum() == pytest.approx(found.r_squared, rel=1e-12)
    assert found.table["lmg_share"].sum() == pytest.approx(1)
    assert np.corrcoef(found.table["lmg"], found.table["relative_weight"])[0, 1] > 0.99
    grid = importance_performance(
        found.table, pl.DataFrame({"code": ["x00", "x11"], "share": [0.5, 0.9]}), cut=(0.1, 0.87)
    )
    assert grid.select("code", "quadrant", "performance_cut").rows() == [
        ("x00", "low_priority", 0.87),
        ("x11", "keep_up", 0.87),
    ]


def test_uncorrelated_drivers_get_their_own_r_squared():
    frame = pl.DataFrame(
        {"a": [1, 1, -1, -1] * 3, "b": [1, -1, 1, -1] * 3, "e": [1, 1, 1, 1, -1, -1, -1, -1, 0, 0, 0, 0]}
    )
    frame = frame.with_columns(y=2 * pl.col("a") + pl.col("b") + pl.col("e"))
    found = drivers(frame, "y", ["a", "b"])
    total = 4 + 1 + 8 / 12
    assert found.table["lmg"].to_list() == pytest.approx([4 / total, 1 / total])
    assert found.table["vif"].to_list() == pytest.approx([1, 1])
    assert found.n_left_out == 0


def test_design_of_a_sample_drawn_with_replacement():
    d = design(pl.DataFrame({"q": [5, 1, 5], "w": [2.0, 3, 5]}), weight="w")
    assert np.isinf(d.psu_population).all()
    assert shares(d, ["q"])["share"][0] == pytest.approx(0.7)
