"""Intervals and comparisons of the satisfaction figures through the engine, on rows counted by hand."""

from math import sqrt

import polars as pl
import pytest
from handmade import Q4, Q4_INSIDE, answer, dataset, plan, run, stratum
from scipy import stats

from chiso.indicators import compute, survey_tables
from chiso.indicators.survey_comparisons import bands
from chiso.survey import rank_bands
from chiso.worktime import Period, Timeframe

FIVE = ("access_1", "procedure_1", "staff_1", "result_1", "feedback_1")


def five(mark, **values):
    return answer(**dict.fromkeys(FIVE, mark), **values)


def people(unit, satisfied, rest, **values):
    return [five(5, unit=unit, **values)] * satisfied + [five(2, unit=unit, **values)] * rest


def distinct(rows):
    """Responses of one list need keys of their own."""
    return [answer(**{k: v for k, v in row.values.items() if k != "response_id"}) for row in rows]


def row(results, code, unit=None, level=None, table=None):
    frame = results.satisfaction if table is None else results.statistics[f"satisfaction_{table}"]
    where = (pl.col("code") == code) & pl.col("unit_code").eq_missing(pl.lit(unit))
    if level:
        where &= pl.col("level") == level
    return frame.filter(where).row(0, named=True)


def test_frame_stratified_with_finite_population_correction():
    results = run(*distinct(people("a", 8, 4)), *distinct(people("b", 9, 3)), stratum("a", 120), stratum("b", 24))
    found = row(results, "A.I")
    pa, pb, wa, wb = 8 / 12, 9 / 12, 120 / 144, 24 / 144
    assert found["share"] == pytest.approx(wa * pa + wb * pb, rel=1e-12)
    variance = wa**2 * (1 - 12 / 120) * pa * (1 - pa) / 11 + wb**2 * (1 - 12 / 24) * pb * (1 - pb) / 11
    assert found["se"] == pytest.approx(sqrt(variance), rel=1e-12)
    assert row(results, "A.I", table="details")["df"] == 22
    assert found["ci_low"] < found["share"] < found["ci_high"]


def test_weights_alone_are_sampling_with_replacement():
    rows = [five(5, unit="a", weight=1.0)] * 6 + [five(2, unit="a", weight=3.0)] * 4
    results = run(*distinct(rows))
    p, weights = 6 / 18, [1.0] * 6 + [3.0] * 4
    z = [w * ((i < 6) - p) / 18 for i, w in enumerate(weights)]
    found = row(results, "A.I")
    assert results.weighting == "weight"
    assert found["share"] == pytest.approx(p)
    assert found["se"] == pytest.approx(sqrt(10 / 9 * sum(v * v for v in z)), rel=1e-12)
    assert row(results, "A.I", table="details")["share_unweighted"] == pytest.approx(0.6)


def test_neither_is_a_simple_random_sample_without_correction():
    results = run(*distinct(people("a", 60, 20)))
    found = row(results, "A.I")
    se = sqrt(0.75 * 0.25 / 79)
    half = stats.t.ppf(0.975, 79) * se / (0.75 * 0.25)
    assert found["se"] == pytest.approx(se, rel=1e-12)
    assert found["ci_low"] == pytest.approx(1 / (1 + (1 / 3) * 2.718281828459045**half), rel=1e-9)
    assert found["method"] == "logit"


def test_few_respondents_and_few_answers_on_a_side_take_the_interval_for_small_cells():
    assert row(run(*distinct(people("a", 20, 9))), "A.I")["method"] == "beta"  # 29 respondents
    assert row(run(*distinct(people("a", 21, 9))), "A.I")["method"] == "logit"
    assert row(run(*distinct(people("a", 60, 4))), "A.I")["method"] == "beta"  # 4 not satisfied
    assert row(run(*distinct(people("a", 60, 5))), "A.I")["method"] == "logit"


@pytest.mark.parametrize(("satisfied", "rest", "ends"), [(10, 0, (0.025 ** (1 / 10), 1)), (0, 10, (0, 1 - 0.025**0.1))])
def test_a_share_of_zero_or_one_has_the_exact_interval(satisfied, rest, ends):
    found = row(run(*distinct(people("a", satisfied, rest))), "A.I")
    assert (found["method"], found["se"]) == ("exact", 0)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx(ends, rel=1e-9)


def test_one_respondent_has_no_interval_and_does_not_stop_the_whole():
    results = run(*distinct(people("a", 8, 4)), five(2, unit="b"), stratum("a", 120), stratum("b", 24))
    alone = row(results, "A.I", "b")
    assert [alone[c] for c in ("share", "se", "ci_low", "ci_high", "method")] == [0.0, None, None, None, None]
    assert row(results, "A.I")["se"] > 0
    assert row(results, "sipas", "b", table="target")["decision"] == "no_interval"


def test_a_unit_asked_whole_has_no_sampling_error():
    found = row(run(*distinct(people("a", 8, 4)), stratum("a", 12)), "A.I", "a")
    assert (found["method"], found["ci_low"], found["ci_high"]) == ("fixed", found["share"], found["share"])


def test_more_respondents_than_the_frame_has_people_is_told_and_counts_as_a_large_population():
    results = run(*distinct(people("a", 8, 4)), stratum("a", 6))
    assert row(results, "A.I")["se"] == pytest.approx(sqrt((2 / 3) * (1 / 3) / 11), rel=1e-12)
    note = results.notes.filter(pl.col("reason") == "frame_short").row(0, named=True)
    assert note["severity"] == "info"
    assert ": a." in note["message"]


def test_a_unit_without_population_falls_back_to_no_weights_with_intervals():
    results = run(*distinct(people("a", 8, 4)), *distinct(people("b", 9, 3)), stratum("a", 120))
    assert results.weighting == "none"
    assert row(results, "A.I")["se"] == pytest.approx(sqrt(17 / 24 * 7 / 24 / 23), rel=1e-12)


def test_respondents_of_weight_zero_are_counted_and_told():
    rows = [five(5, unit="a", weight=1.0)] * 3 + [five(2, unit="a", weight=1.0)] * 2 + [five(2, unit="a", weight=0.0)]
    results = run(*distinct(rows))
    assert (row(results, "A.I")["n"], row(results, "A.I")["share"]) == (6, pytest.approx(0.6))
    assert results.notes.filter(pl.col("reason") == "weight_zero")["rows"].to_list() == [1]


def test_all_blank_gives_no_row_and_no_error():
    results = run(*[answer(unit="a", access_1=None) for _ in range(6)])
    assert results.satisfaction["se"].null_count() == results.satisfaction.height
    assert all(frame.is_empty() for frame in results.statistics.values())


def test_nothing_after_the_as_of_day_counts():
    rows = [*people("a", 8, 4), five(2, unit="a", answered="2024-12-05")]
    inside = run(*distinct(rows), frame=Q4_INSIDE)
    assert row(inside, "A.I", table="details")["n"] == 12
    assert row(run(*distinct(rows), frame=Q4), "A.I", table="details")["n"] == 13


@pytest.mark.parametrize(
    ("satisfied", "rest", "decision"),
    [(190, 10, "above"), (88, 12, "undecided_over"), (85, 15, "undecided_under"), (120, 80, "below")],
)
def test_the_target_is_decided_by_the_whole_interval(satisfied, rest, decision):
    results = run(*distinct(people("a", satisfied, rest)))
    found = row(results, "sipas", table="target")
    assert found["decision"] == decision
    assert found["target"] == 0.87
    assert (found["n_needed"] > satisfied + rest) == decision.startswith("undecided")


def test_units_are_compared_with_the_rest_and_with_each_other():
    rows = [*people("a", 40, 2), *people("b", 38, 4), *people("c", 20, 22)]
    results = run(*distinct(rows))
    table = results.statistics["satisfaction_units"].filter(pl.col("code") == "sipas")
    rest = {r["unit_code"]: r for r in table.filter(pl.col("other").is_null()).iter_rows(named=True)}
    assert rest["c"]["difference"] == pytest.approx(20 / 42 - 78 / 84)
    assert [rest[u]["verdict"] for u in "abc"] == ["higher", "higher", "lower"]
    assert [(rest[u]["rank"], rest[u]["rank_best"], rest[u]["rank_worst"]) for u in "abc"] == [
        (1, 1, 2),
        (2, 1, 2),
        (3, 3, 3),
    ]
    pairs = table.filter(pl.col("other").is_not_null())
    assert set(pairs.select("other", "unit_code").rows()) == {("a", "b"), ("a", "c"), ("b", "c")}
    # a report that leaves out a unit ranks the others among themselves
    two = bands(table.filter((pl.col("unit_code") != "a") & pl.col("other").ne_missing(pl.lit("a"))), 0.95)
    assert two.rows() == [("b", 1, 1, 1), ("c", 2, 2, 2)]


def test_bands_are_those_of_the_survey_library():
    rows = [*people("a", 40, 2), *people("b", 30, 12), *people("c", 20, 22), *people("d", 5, 3)]
    results = run(*distinct(rows))
    data = pl.DataFrame([r.values for r in rows]).select("unit_code", *FIVE)
    expected = rank_bands(data, {f: [f] for f in FIVE}, "unit_code").sort("group")
    table = results.statistics["satisfaction_units"].filter((pl.col("code") == "sipas") & pl.col("other").is_null())
    columns = ["rank", "rank_best", "rank_worst"]
    assert table.sort("unit_code").select(columns).rows() == expected.select(columns).rows()


def test_changes_against_the_period_before_and_the_year_before():
    rows = [
        *people("a", 90, 10),
        *people("a", 60, 40, answered="2024-08-01"),
        *people("a", 88, 12, answered="2023-11-01"),
    ]
    results = run(*distinct(rows))
    table = results.statistics["satisfaction_changes"].filter(
        pl.col("unit_code").is_null() & (pl.col("code") == "sipas")
    )
    found = {r["against"]: r for r in table.iter_rows(named=True)}
    assert (found["previous"]["before"], found["year_before"]["before"]) == ("2024-Q3", "2023-Q4")
    assert found["previous"]["difference"] == pytest.approx(0.3)
    assert (found["previous"]["verdict"], found["year_before"]["verdict"]) == ("higher", "no_clear_difference")


def test_changes_compare_only_items_asked_in_both_periods():
    now = distinct([answer(unit="a", access_1=5, access_2=1)] * 20)
    before = distinct([answer(unit="a", access_1=5, answered="2024-08-01")] * 19)
    before += [answer(unit="a", access_1=1, answered="2024-08-01")]
    table = (
        run(*now, *before)
        .statistics["satisfaction_changes"]
        .filter(pl.col("unit_code").is_null() & (pl.col("code") == "A.I"))
    )
    found = table.row(0, named=True)
    assert (found["share_before"], found["share_after"]) == (pytest.approx(0.95), pytest.approx(1.0))
    assert (found["items_compared"], found["all_items"]) == (1, False)


@pytest.mark.parametrize("factor_index", ["pooled", "mean_of_items"])
@pytest.mark.parametrize("overall", ["mean_of_factors", "pooled", "direct"])
def test_points_and_estimates_agree_under_every_convention(factor_index, overall):
    rows = [
        answer(
            unit="ab"[i % 2],
            overall=1 + i % 5,
            access_2=None if i % 3 else 5,
            **{c: 2 + (i * k) % 4 for k, c in enumerate(FIVE, 1)},
        )
        for i in range(40)
    ]
    settings = plan().settings
    sipas = settings.sipas.model_copy(update={"factor_index": factor_index, "overall": overall})
    catalogue = plan().model_copy(update={"settings": settings.model_copy(update={"sipas": sipas})})
    results = compute(dataset(*rows, stratum("a", 100), stratum("b", 900)), catalogue, Q4)
    both = results.satisfaction.join(
        results.statistics["satisfaction_details"], on=["unit_code", "level", "code"], nulls_equal=True
    )
    assert both.height == results.satisfaction.height
    assert (both["share"] - both["share_right"]).abs().max() < 1e-12
    assert results.satisfaction["se"].null_count() == 0


def test_a_share_that_differs_from_the_counted_one_stops_the_run():
    results = run(*distinct(people("a", 8, 4)))
    points = results.satisfaction.with_columns(pl.col("share") + 1e-9)
    with pytest.raises(ArithmeticError):
        survey_tables._filled(points, results.statistics["satisfaction_details"])


def test_a_trend_does_without():
    rows = distinct(people("a", 8, 4))
    found = compute(dataset(*rows), plan(), Timeframe(Period.parse("2024-Q4")), statistics=False)
    assert found.satisfaction["se"].null_count() == found.satisfaction.height
    assert all(frame.is_empty() for frame in found.statistics.values())
