"""Pending figures that will probably be missed are at risk; nothing after the as-of day has a say in it."""

from datetime import date
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from chiso.indicators import compute
from chiso.runs.outlook import look_ahead
from chiso.runs.plan import catalogue_for
from chiso.sources import ingest
from chiso.worktime import Period, Timeframe

SAMPLE = Path(__file__).parents[2] / "data" / "raw" / "sample"
QUARTER = Path(__file__).parents[1] / "notebook" / "quarter"


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return ingest(SAMPLE, tmp_path_factory.mktemp("processed"))


def ahead(dataset, timeframe):
    results = compute(dataset, catalogue_for(dataset.body, timeframe.plan_year), timeframe)
    return results, look_ahead(dataset, partial(catalogue_for, dataset.body), timeframe, results)


def test_only_pending_rows_change_and_only_to_at_risk(sample):
    results, outlook = ahead(sample, Timeframe(Period.parse("2024-Q3")))
    before, after = results.indicators, outlook.results.indicators
    assert before.drop("status").equals(after.drop("status"))
    moved = before.with_columns(after=after["status"]).filter(pl.col("status").ne_missing(pl.col("after")))
    assert set(moved["status"]) == {"pending"}
    assert set(moved["after"]) == {"at_risk"}
    risky = outlook.forecasts.filter("at_risk")
    assert moved.height == risky.height > 5
    assert (risky["probability"] < 0.5).all()
    # Among them disbursement, behind the curve of the year before; the present period of the history says the same.
    assert "B.VI.4" in set(risky.filter(pl.col("unit_code").is_null())["indicator"])
    assert outlook.history.filter(pl.col("period") == "2024-Q3").drop("period").equals(after)


def test_too_little_history_stays_pending_and_says_why(tmp_path):
    dataset = ingest(QUARTER, tmp_path)
    _, outlook = ahead(dataset, Timeframe(Period.parse("2024-Q4"), as_of=date(2024, 11, 20)))
    silent = outlook.forecasts.filter((pl.col("status") == "pending") & pl.col("method").is_null())
    assert silent.height
    assert silent["reason"].null_count() == 0
    rows = outlook.results.indicators.join(silent, on=["indicator", "unit_code"], nulls_equal=True, how="semi")
    assert set(rows["status"]) == {"pending"}


def test_nothing_after_the_as_of_day_is_read(sample, tmp_path):
    """The sample as it was exported and the sample cut to what was known on the day give the same forecasts."""
    day = date(2024, 8, 20)
    timeframe = Timeframe(Period.parse("2024-Q3"), as_of=day)
    _, whole = ahead(sample, timeframe)

    class Cut:
        """The dataset with later dates and rows taken out of the tables that forecasts read by themselves."""

        def __getattr__(self, name):
            return getattr(sample, name)

        def scan(self, table):
            frame = sample.scan(table)
            if table == "budget":
                return frame.filter(pl.col("as_of") <= day)
            if table == "deliverables":
                known = pl.col("done_on") <= day
                return frame.with_columns(pl.when(known).then(c).alias(c) for c in ("done_on", "evidence"))
            return frame

    _, cut = ahead(Cut(), timeframe)
    later = sample.scan("budget").filter(pl.col("as_of") > day).collect()
    assert later.height
    assert cut.forecasts.equals(whole.forecasts)
    assert set(whole.forecasts["method"].drop_nulls()) >= {"share", "register", "budget_curve"}


def test_months_look_back_to_the_years_beginning(sample):
    _, outlook = ahead(sample, Timeframe(Period.parse("2024-10")))
    found = outlook.forecasts.filter(pl.col("unit_code").is_null(), pl.col("indicator") == "B.III.8")
    assert found["method"].to_list() == ["share"]
