"""Forecasts by run-rate: hand-made histories at the boundaries."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from chiso.catalogue import load_catalogue
from chiso.indicators.judge import Figure, attainment, status
from chiso.indicators.results import SCHEMA as RESULTS
from chiso.reporting import formats
from chiso.scoring.forecast import SCHEMA, backtest, forecast, sentence, summary
from chiso.worktime import Period, Timeframe

PLAN = load_catalogue(2024)


def row(period, indicator, numerator, denominator=None, unit=None):
    entry, t = PLAN.indicator(indicator), Timeframe(Period.parse(period))
    count = entry.measure == "count"
    value = numerator if count else (numerator / denominator if denominator else None)
    figure = Figure(numerator, denominator, value)
    target = entry.target if unit is None or entry.target_for_units else None
    return {
        "period": period,
        "indicator": indicator,
        "plan_item": entry.plan_item,
        "component": entry.component,
        "unit_code": unit,
        "numerator": numerator,
        "denominator": denominator,
        "value": value,
        "measure": entry.measure,
        "comparator": entry.comparator if target is not None else None,
        "target": target,
        "status": status(entry, figure, unit, t.as_of, t.plan_year),
        "attainment": attainment(entry, figure, unit),
        "window": entry.window,
        "window_start": t.start,
        "window_end": t.as_of,
        "as_of": t.as_of,
        "deadline": entry.deadline_on(t.plan_year) if target is not None else None,
        "verified": entry.verified,
    }


def history(indicator, figures, unit=None):
    """``figures``: period -> (numerator, denominator) or a count."""
    rows = [row(p, indicator, *(f if isinstance(f, tuple) else (f, None)), unit) for p, f in figures.items()]
    return pl.DataFrame(rows, schema={"period": pl.String} | RESULTS, orient="row")


def one(indicator, figures, period, unit=None, **options):
    found = forecast(history(indicator, figures, unit), PLAN, Timeframe(Period.parse(period)), **options)
    assert found.schema == pl.Schema(SCHEMA)
    assert found.height == 1
    return found.row(0, named=True)


def test_a_steady_share_goes_on_at_its_rate():
    # B.VII.4a: filed online, a period's share, target 60 %: three quarters of 50 / 100 leave the year at 50 %
    found = one("B.VII.4a", {f"2024-Q{q}": (50.0, 100.0) for q in (1, 2, 3)}, "2024-Q3")
    assert found["value_now"] == 0.5
    assert found["forecast"] == pytest.approx(0.5, abs=0.002)
    assert found["low"] < 0.5 < found["high"]
    assert found["high"] < 0.55
    assert found["probability"] < 0.01
    assert found["deadline"] == date(2024, 12, 14)  # no deadline of its own: the year's reporting window
    assert (found["method"], found["reason"]) == ("share", None)
    assert found["at_risk"] is None  # judged today (not met), not pending


def test_the_year_so_far_holds_more_than_the_present_period():
    found = one("B.VII.4a", {"2024-Q1": (10.0, 100.0), "2024-Q2": (90.0, 100.0)}, "2024-Q2")
    assert found["value_now"] == 0.5
    assert 0.5 < found["forecast"] < 0.75  # later periods count more


def test_last_year_teaches_the_first_period_of_a_year_but_does_not_count_in_it():
    last = {f"2023-Q{q}": (80.0, 100.0) for q in (1, 2, 3, 4)}
    found = one("B.VII.4a", last | {"2024-Q1": (40.0, 50.0)}, "2024-Q1")
    assert found["value_now"] == 0.8
    assert found["forecast"] == pytest.approx(0.8, abs=0.002)
    assert found["probability"] > 0.99


def test_the_first_period_of_all_is_not_forecast():
    found = one("B.VII.4a", {"2024-Q1": (40.0, 50.0)}, "2024-Q1")
    assert (found["forecast"], found["low"], found["probability"]) == (None, None, None)
    assert (found["method"], found["reason"]) == (None, "few_periods")
    assert found["value_now"] == 0.8


def test_no_history_gives_no_rows():
    empty = pl.DataFrame(schema={"period": pl.String} | RESULTS)
    found = forecast(empty, PLAN, Timeframe(Period.parse("2024-Q1")))
    assert found.is_empty()
    assert found.schema == pl.Schema(SCHEMA)


def test_a_year_whose_beginning_is_missing_is_said():
    found = one("B.VII.4a", {"2024-Q2": (5.0, 10.0), "2024-Q3": (5.0, 10.0)}, "2024-Q3")
    assert found["reason"] == "year_begins_before"


def test_zero_denominators_are_no_cases():
    found = one("B.VII.4a", {f"2024-Q{q}": (0.0, 0.0) for q in (1, 2, 3)}, "2024-Q3")
    assert (found["value_now"], found["forecast"], found["probability"]) == (None, None, None)
    assert found["reason"] in ("few_periods", "no_cases")


def test_a_period_without_cases_changes_nothing_but_the_rate():
    found = one("B.VII.4a", {"2024-Q1": (30.0, 40.0), "2024-Q2": (0.0, 0.0), "2024-Q3": (30.0, 40.0)}, "2024-Q3")
    assert found["forecast"] == pytest.approx(0.75, abs=0.01)


def test_all_of_them_is_impossible_after_one_miss():
    # B.III.8, = 100 %
    missed = one("B.III.8", {"2024-Q1": (99.0, 100.0), "2024-Q2": (100.0, 100.0)}, "2024-Q2")
    assert missed["probability"] == 0
    clean = one("B.III.8", {"2024-Q1": (100.0, 100.0), "2024-Q2": (100.0, 100.0)}, "2024-Q2")
    assert 0 < clean["probability"] < 1
    assert clean["forecast"] == 1
    assert clean["low"] < 1


def test_tasks_late_so_far_may_still_be_completed():
    # B.I.5a, cumulated: 10 due, 9 completed; then the tenth too
    found = one("B.I.5a", {"2024-Q1": (9.0, 10.0), "2024-Q2": (20.0, 20.0), "2024-Q3": (29.0, 30.0)}, "2024-Q3")
    assert found["value_now"] == pytest.approx(29 / 30)
    assert found["probability"] > 0


def test_a_count_reached_already_is_certain():
    # B.I.6, initiatives, at least 2 by 31/12
    found = one("B.I.6", {"2024-Q1": 0.0, "2024-Q2": 3.0}, "2024-Q2")
    assert found["status"] == "met"
    assert found["probability"] == 1
    assert found["at_risk"] is None
    assert found["low"] >= 3
    assert found["deadline"] == date(2024, 12, 31)


def test_a_pending_count_of_nothing_is_at_risk():
    found = one("B.I.6", {f"2024-Q{q}": 0.0 for q in (1, 2, 3)}, "2024-Q3")
    assert found["status"] == "pending"
    assert (found["forecast"], found["low"]) == (0, 0)
    assert 0 < found["probability"] < 0.2
    assert found["at_risk"] is True


def test_a_pending_count_on_its_way_is_not_at_risk():
    found = one("B.I.6", {"2023-Q3": 9.0, "2023-Q4": 12.0, "2024-Q1": 1.0}, "2024-Q1")
    assert found["status"] == "pending"
    assert found["at_risk"] is False


def test_none_at_all_needs_none_so_far_and_none_to_come():
    # B.V.4, disciplined officials, = 0
    clean = one("B.V.4", {f"2024-Q{q}": 0.0 for q in (1, 2, 3)}, "2024-Q3")
    assert 0.5 < clean["probability"] < 1
    broken = one("B.V.4", {"2024-Q1": 0.0, "2024-Q2": 1.0, "2024-Q3": 1.0}, "2024-Q3")
    assert broken["probability"] == 0


def test_units_cannot_pass_the_whole():
    # B.I.2a, units inspected: 4 of 5 at 2 a quarter
    found = one("B.I.2a", {"2024-Q1": (2.0, 5.0), "2024-Q2": (4.0, 5.0)}, "2024-Q2")
    assert (found["forecast"], found["high"]) == (1, 1)
    assert found["probability"] == 1
    of_unit = one("B.I.2a", {"2024-Q1": (0.0, 1.0), "2024-Q2": (1.0, 1.0)}, "2024-Q2", unit="VP")
    assert (of_unit["target"], of_unit["probability"], of_unit["at_risk"]) == (None, None, None)


def test_the_deadline_has_passed():
    found = one("B.VII.4a", {f"2024-Q{q}": (70.0, 100.0) for q in (1, 2, 3, 4)}, "2024-Q4")
    assert (found["method"], found["forecast"], found["low"], found["high"]) == ("closed", 0.7, 0.7, 0.7)
    assert found["probability"] == 1


def test_a_level_goes_on_and_learns_its_spread_from_its_errors():
    # B.III.4a: procedures public at D
    calm = {f"2023-Q{q}": (90.0, 100.0) for q in (1, 2, 3, 4)} | {"2024-Q1": (90.0, 100.0)}
    wild = calm | {"2023-Q2": (60.0, 100.0), "2023-Q4": (99.0, 100.0)}
    steady, jumping = one("B.III.4a", calm, "2024-Q1"), one("B.III.4a", wild, "2024-Q1")
    assert steady["method"] == "level"
    assert steady["forecast"] == jumping["forecast"] == 0.9
    assert jumping["high"] - jumping["low"] > steady["high"] - steady["low"] > 0
    short = one("B.III.4a", {"2024-Q1": (90.0, 100.0), "2024-Q2": (90.0, 100.0)}, "2024-Q2")
    assert short["reason"] == "few_periods"


def test_overdue_cases_as_a_level():
    figures = {f"2023-Q{q}": 0.0 for q in (1, 2, 3, 4)} | {"2024-Q1": 0.0}
    found = one("B.III.8b", figures, "2024-Q1")
    assert (found["forecast"], found["low"]) == (0, 0)
    assert 0.5 < found["probability"] < 1


def test_one_unit_more_changes_no_other_row():
    figures = {f"2024-Q{q}": (50.0 + q, 100.0) for q in (1, 2, 3)}
    alone = history("B.VII.4a", figures)
    unit = history("B.VII.4a", dict.fromkeys(figures, (1.0, 2.0)), unit="VP")
    t = Timeframe(Period.parse("2024-Q3"))
    both = forecast(pl.concat([unit, alone]), PLAN, t)
    assert both["unit_code"].to_list() == [None, "VP"]
    assert both[0].equals(forecast(alone, PLAN, t), null_equal=True)


def test_later_periods_and_other_kinds_are_not_seen():
    figures = {f"2024-Q{q}": (50.0, 100.0) for q in (1, 2)}
    t = Timeframe(Period.parse("2024-Q2"))
    more = history("B.VII.4a", figures | {"2024-Q3": (0.0, 900.0), "2024-H1": (1.0, 2.0)})
    assert forecast(more, PLAN, t).equals(forecast(history("B.VII.4a", figures), PLAN, t), null_equal=True)


def test_a_season_shows_from_two_whole_years_on():
    year = {1: 1.0, 2: 2.0, 3: 3.0, 4: 13.0}  # cumulated: ten of thirteen in the last quarter
    two = {f"{y}-Q{q}": n for y in (2022, 2023) for q, n in year.items()} | {f"2024-Q{q}": year[q] for q in (1, 2, 3)}
    assert one("B.I.6", two, "2024-Q3")["forecast"] == pytest.approx(13)
    one_year = {p: n for p, n in two.items() if not p.startswith("2022")}
    assert one("B.I.6", one_year, "2024-Q3")["forecast"] < 9


def test_months_and_half_years_are_forecast_by_days():
    months = one("B.VII.4a", {f"2024-{m:02d}": (50.0, 100.0) for m in range(1, 7)}, "2024-06")
    assert months["forecast"] == pytest.approx(0.5, abs=0.002)
    half = one("A.II.1c", {"2023-H1": 6.0, "2024-H1": 6.0}, "2024-H1")
    assert half["forecast"] == pytest.approx(6 + 6 / 182 * 183, rel=0.15)


def test_a_decreasing_cumulated_count_is_no_negative_rate():
    found = one("A.II.1c", {"2024-Q1": 5.0, "2024-Q2": 3.0}, "2024-Q2")
    assert found["forecast"] >= 3
    assert found["low"] >= 3


def test_the_same_input_gives_the_same_output():
    figures = {f"2024-Q{q}": (50.0 + q, 100.0) for q in (1, 2, 3)}
    assert one("B.VII.4a", figures, "2024-Q3") == one("B.VII.4a", dict(reversed(figures.items())), "2024-Q3")


def test_backtest_sees_only_what_was_known():
    figures = {f"2023-Q{q}": (50.0, 100.0) for q in (1, 2, 3)} | {"2023-Q4": (100.0, 100.0)}
    tested = backtest(history("B.VII.4a", figures), PLAN)
    assert tested["period"].to_list() == ["2023-Q1", "2023-Q2", "2023-Q3"]
    assert tested["ahead"].to_list() == [3, 2, 1]
    assert tested["actual"].to_list() == [0.625] * 3
    assert tested["met"].to_list() == [True] * 3
    assert tested["forecast"].to_list()[0] is None
    assert tested["forecast"].to_list()[2] == pytest.approx(0.5, abs=0.003)
    assert tested["naive"].to_list()[2] == pytest.approx(0.5, abs=0.003)
    table = summary(tested, ["family"])
    assert table["forecasts"].to_list() == [2]
    assert table["mae"][0] == pytest.approx(0.125, abs=0.003)
    assert table["coverage"][0] == 0


def test_sentences():
    figures = {f"2024-Q{q}": (50.0, 100.0) for q in (1, 2, 3)}
    said = sentence(one("B.VII.4a", figures, "2024-Q3"), formats)
    assert said.startswith("Với tốc độ hiện nay, đến 14/12/2024 đạt khoảng 50\N{NO-BREAK SPACE}% (khoảng ")
    assert said.endswith("); khả năng đạt mục tiêu 60\N{NO-BREAK SPACE}%: rất thấp.")
    nothing = sentence(one("B.VII.4a", {"2024-Q1": (1.0, 2.0)}, "2024-Q1"), formats)
    assert nothing == "Chưa dự báo được: chưa đủ số kỳ có số liệu."
    closed = one("B.VII.4a", {f"2024-Q{q}": (70.0, 100.0) for q in (1, 2, 3, 4)}, "2024-Q4")
    assert sentence(closed, formats) == (
        "Tính đến 14/12/2024 đạt 70\N{NO-BREAK SPACE}%; đã đạt mục tiêu 60\N{NO-BREAK SPACE}%."
    )
    count = sentence(one("A.II.1c", {"2024-Q1": 5.0, "2024-Q2": 9.0}, "2024-Q2"), formats)
    assert "%" not in count
    assert count.endswith(").")


@pytest.mark.parametrize(
    ("value", "target", "told"),
    [
        (0.846, 0.85, "đạt 84,6 %; không đạt mục tiêu 85 %."),
        (0.8496, 0.85, "đạt 84,96 %; không đạt mục tiêu 85 %."),
        (0.85, 0.85, "đạt 85 %; đã đạt mục tiêu 85 %."),
        (0.88, 0.875, "đạt 88,0 %; đã đạt mục tiêu 87,5 %."),
        (0.7, 0.875, "đạt 70 %; không đạt mục tiêu 87,5 %."),
        (0.996, 1.0, "đạt 99,6 %; không đạt mục tiêu 100 %."),
    ],
)
def test_a_sentence_tells_value_and_target_apart(value, target, told):
    closed = one("B.VII.4a", {f"2024-Q{q}": (70.0, 100.0) for q in (1, 2, 3, 4)}, "2024-Q4")
    row = closed | {"forecast": value, "target": target, "probability": float(value >= target)}
    assert sentence(row, formats).replace("\N{NO-BREAK SPACE}", " ") == f"Tính đến 14/12/2024 {told}"


def test_any_history_gives_numbers_that_make_sense():
    random = np.random.default_rng(6)
    shares = ["B.VII.4a", "B.III.8", "B.I.5a", "B.I.5b", "A.III.2", "B.I.2a", "B.III.4a", "B.VII.4b"]
    counts = ["B.I.6", "B.V.4", "B.I.5c", "B.III.8b", "A.III.1"]
    for trial in range(40):
        periods = [f"{y}-Q{q}" for y in (2022, 2023, 2024) for q in (1, 2, 3, 4)][random.integers(0, 4) : 11]
        scale = 10.0 ** random.integers(0, 5)
        rows = []
        for name in shares:
            whole = np.floor(random.random(len(periods)) * scale)
            good = np.floor(whole * np.clip(random.random(len(periods)) * 1.5, 0, 1))
            rows.append(history(name, {p: (n, d) for p, n, d in zip(periods, good, whole, strict=True)}))
        rows += [
            history(name, dict(zip(periods, np.floor(random.random(len(periods)) * scale), strict=True)))
            for name in counts
        ]
        found = forecast(pl.concat(rows), PLAN, Timeframe(Period.parse("2024-Q3")))
        assert found.height == len(shares) + len(counts)
        made = found.filter(pl.col("method").is_not_null())
        assert made.height > 0, trial
        assert made.select("forecast", "low", "high").null_count().row(0) == (0, 0, 0)
        assert made.filter((pl.col("low") > pl.col("forecast")) | (pl.col("forecast") > pl.col("high"))).is_empty()
        of_shares = made.filter(pl.col("measure") == "share")
        # A cumulated numerator may fall (corrections), never outside nothing and all.
        assert of_shares.filter((pl.col("low") < 0) | (pl.col("high") > 1 + 1e-9)).is_empty()
        assert made.filter(pl.col("low") < 0).is_empty()
        assert found.drop_nulls("probability").filter(~pl.col("probability").is_between(0, 1)).is_empty()
        assert found.filter(pl.col("method").is_null() == pl.col("reason").is_null()).is_empty()
        assert found.filter(
            pl.col("target").is_not_null() & pl.col("method").is_not_null(), pl.col("probability").is_null()
        ).is_empty()


def test_a_day_after_a_period_began_its_length_is_not_taken_for_a_period():
    t = Timeframe(Period.parse("2024-Q3"), as_of=date(2024, 6, 16))
    figures = {f"2024-Q{q}": (800.0, 1000.0) for q in (1, 2)} | {"2024-Q3": (8.0, 10.0)}
    found = forecast(history("B.VII.4a", figures), PLAN, t).row(0, named=True)
    assert found["low"] > 0.6
    assert found["high"] < 0.95
