"""The scorecard report: everything it shows agrees with the result tables, and parts add up."""

import polars as pl
import pytest

from chiso.notebook import Scorecard
from chiso.notebook.context import Context
from chiso.notebook.ledger import ReconcileError
from chiso.notebook.scorecard import ahead, standing
from chiso.reporting.html import Block, Prose
from chiso.reporting.report import Table
from chiso.scoring import scores
from chiso.scoring.whatif import WhatIfError
from chiso.worktime import Period, Timeframe

CALLS = (
    ("header", ()), ("key_results", ()), ("standing", ("A",)), ("standing", ("B",)), ("points", ()),
    ("service_quality", (6,)), ("service_quality", (5,)), ("agencies", ()), ("changes", ("A",)), ("changes", ("B",)),
    ("forecast_chart", ()), ("forecasts", ()), ("backtest", ()), ("due", ()), ("priorities", ()), ("what_if", ()),
    ("league", ()), ("rank_chart", ()), ("units", ()), ("without_areas", ()), ("drivers", ()),
)  # fmt: skip


@pytest.mark.parametrize("unit", ["", "TDKT"])
def test_all_of_it_shows_and_reconciles(context, of_unit, unit):
    report = Scorecard(of_unit(unit) if unit else context)
    for name, arguments in CALLS:
        assert getattr(report, name)(*arguments)._repr_html_(), name
    assert len(report.ledger.sums) > 40
    assert isinstance(report.reconcile(), Prose)


def test_a_changed_figure_does_not_reconcile(context):
    report = Scorecard(context)
    table = report.standing("B")
    assert table.frame.height > 8
    wrong = report.ledger.sums[0]
    report.ledger.sums[0] = type(wrong)(wrong.label, 0.123, wrong.expected)
    with pytest.raises(ReconcileError):
        report.reconcile()


def test_what_is_missing_adds_up_to_the_whole(context):
    frame = Scorecard(context).standing("B").frame
    total = frame.filter(row_kind="total").row(0, named=True)
    for kind in ("subtotal", ""):
        assert frame.filter(row_kind=kind)["missing"].sum() == pytest.approx(total["missing"])
    assert total["missing"] == pytest.approx(100 * (1 - total["attainment"]))


def test_a_movement_is_split_without_rest(context):
    report = Scorecard(context)
    found = standing.movement(context, report.ledger, "B", context.period.previous())
    assert found is not None
    before = scores(standing.of_period(context, context.period.previous()), context.catalogue)
    moved = found.filter(level="total")["contribution"][0]
    pair = [f.filter(pl.col("unit_code").is_null(), level="total", code="B")["percent"][0]
            for f in (context.scores, before)]  # fmt: skip
    assert moved == pytest.approx(pair[0] - pair[1], abs=1e-9)
    for level in ("indicator", "item", "area"):
        assert found.filter(level=level)["contribution"].sum() == pytest.approx(moved, abs=1e-9)
    causes = found.select(pl.sum_horizontal("by_value", "by_weight", "by_coverage")).to_series()
    assert causes.to_list() == pytest.approx(found["contribution"].to_list(), abs=1e-12)


def test_pending_figures_have_their_forecast_or_the_reason_beside(context):
    report = Scorecard(context)
    rows = context.indicators.filter(pl.col("unit_code").is_null(), pl.col("status").is_in(["pending", "at_risk"]))
    said = ahead.beside(context, report.ledger, rows["indicator"].to_list())
    assert len(said) == rows.height > 0
    assert all("đến " in s or "Chưa dự báo được" in s for s in said)
    report.reconcile()


def test_what_lies_below_target_outside_the_attainment_is_told(context):
    report = Scorecard(context)
    below = context.indicators.filter(
        pl.col("unit_code").is_null(), pl.col("status").is_in(["not_met", "at_risk"]), pl.col("attainment") < 1
    )
    found = report.priorities()
    said = " ".join(note.text for note in found.notes)
    for name in below["indicator"]:
        assert name in found.frame["indicator"].to_list() or f"({name})" in said, name
    report.reconcile()


def test_a_movement_names_its_two_periods(context):
    report = Scorecard(context)
    period = context.period.year_before()
    found = standing.movement(context, report.ledger, "B", period)
    assert found is not None
    labels = [c.label for c in standing._areas(context, "B", period, found).columns]
    assert labels[1:3] == ["Quý IV/2023", "Quý IV/2024"]


def test_what_if_shows_status_and_score_before_and_after(context):
    report = Scorecard(context)
    rows = context.indicators.filter(pl.col("unit_code").is_null(), pl.col("status") == "not_met",
                                     pl.col("measure") == "share")  # fmt: skip
    name = rows["indicator"][0]
    found = report.what_if({name: 1.0})
    assert isinstance(found, Block)
    figures, scored = found.parts
    assert isinstance(figures, Table) and figures.frame["status"].to_list() == ["met"]
    assert isinstance(scored, Table) and (scored.frame["after"] > scored.frame["before"]).all()
    assert isinstance(report.what_if(targets={name: 0.01}), Block)


def test_of_a_period_before_the_records(dataset, context):
    report = Scorecard(Context(dataset, context.catalogue, Timeframe(Period.parse("2019-Q1"))))
    for name, arguments in CALLS:
        assert getattr(report, name)(*arguments)._repr_html_(), name
    report.reconcile()


@pytest.mark.parametrize("given", [3, {"B.VII.4a": "0,7"}])
def test_what_cannot_be_supposed_is_told(context, given):
    with pytest.raises(WhatIfError, match=r"what_if\("):
        Scorecard(context).what_if(given)
