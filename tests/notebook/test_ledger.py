"""What a report showed must be what the result tables say."""

from dataclasses import replace

import polars as pl
import pytest

from chiso.notebook import Report
from chiso.notebook.ledger import Ledger, ReconcileError


def report(context, component="B.III"):
    return Report(context, context.catalogue.component(component))


def shown_report(context):
    shown = report(context)
    for show in (shown.scorecard, shown.case_balance, shown.cases_late, shown.service_quality):
        show()
    shown.trend("B.III.8")
    shown.compare_units("B.III.8")
    return shown


def test_agrees_and_says_how_many_numbers(context):
    shown = shown_report(context)
    numbers = len(shown.ledger.shown) + len(shown.ledger.sums)
    assert numbers > 150
    told = shown.reconcile().paragraphs[0]
    assert told.startswith(f"Đã đối chiếu {numbers} số liệu")
    assert "đều khớp" in told


def test_nothing_shown_is_said(context):
    assert report(context).reconcile().paragraphs == ("Chưa có số liệu nào để đối chiếu: chạy các ô ở trên trước.",)


@pytest.mark.parametrize("column", ["numerator", "denominator", "value"])
def test_a_tampered_figure_is_found(context, column):
    shown = shown_report(context)
    at = next(i for i, s in enumerate(shown.ledger.shown) if s.indicator == "B.III.8" and s.column == column)
    shown.ledger.shown[at] = replace(shown.ledger.shown[at], value=shown.ledger.shown[at].value + 0.001)
    with pytest.raises(ReconcileError, match=rf"B\.III\.8 \({column}, 2024-Q4") as error:
        shown.reconcile()
    assert "Có 1 số liệu không khớp" in str(error.value)


def test_a_tampered_status_is_found(context):
    shown = shown_report(context)
    at = next(i for i, s in enumerate(shown.ledger.shown) if s.column == "status" and s.value == "not_met")
    shown.ledger.shown[at] = replace(shown.ledger.shown[at], value="met")
    with pytest.raises(ReconcileError, match="status"):
        shown.reconcile()


def test_a_list_that_lost_a_row_is_found(context):
    ledger = Ledger(context)
    late = context.balance()["late"]
    ledger.expect("late", late - 1, lambda fresh: fresh.results.case_balance["late"].max())
    with pytest.raises(ReconcileError, match=f"báo cáo ghi {late - 1}"):
        ledger.reconcile()


def test_results_that_changed_on_disk_are_found(context, out, tmp_path):
    folder = tmp_path / "2024-Q4"
    folder.mkdir()
    for file in (out / "2024-Q4").glob("*.parquet"):
        (folder / file.name).write_bytes(file.read_bytes())
    moved = type(context)(context.dataset, context.catalogue, context.timeframe, None, folder)
    shown = shown_report(moved)
    frame = pl.read_parquet(folder / "indicators.parquet")
    one = (pl.col("indicator") == "B.III.4b") & pl.col("unit_code").is_null()
    changed = frame.with_columns(denominator=pl.when(one).then(pl.col("denominator") + 1).otherwise("denominator"))
    changed.write_parquet(folder / "indicators.parquet")
    with pytest.raises(ReconcileError) as error:
        shown.reconcile()
    assert "B.III.4b (denominator" in str(error.value)
    assert "cộng các đơn vị không bằng toàn Sở" in str(error.value)


def test_a_numerator_beyond_its_denominator_is_found(context):
    frame = context.results.indicators
    one = (pl.col("indicator") == "B.III.8") & pl.col("unit_code").is_null()
    wrong = frame.with_columns(numerator=pl.when(one).then(pl.col("denominator") + 1).otherwise("numerator"))
    tampered = replace(context.results, indicators=wrong)
    context.__dict__["results"] = tampered
    read = context.fresh()
    context.__dict__["fresh"] = lambda: replace(read, results=tampered)
    ledger = Ledger(context)
    ledger.take([{"indicator": "B.III.8", "status": "not_met"}], "status")
    with pytest.raises(ReconcileError, match="tử số không nằm giữa 0 và mẫu số"):
        ledger.reconcile()


def test_a_balance_that_does_not_close_is_found(context):
    table = context.results.case_balance
    whole = pl.col("unit_code").is_null() & pl.col("field").is_null()
    wrong = table.with_columns(open=pl.when(whole).then(pl.col("open") + 1).otherwise("open"))
    tampered = replace(context.results, case_balance=wrong)
    read = context.fresh()
    context.__dict__["fresh"] = lambda: replace(read, results=tampered)
    with pytest.raises(ReconcileError, match="Bảng cân đối hồ sơ không khớp"):
        Ledger(context).reconcile()


def test_distinct_counts_need_not_add_up(context):
    shown = report(context, "B.VII")
    shown.compare_units("B.VII.4b")
    shown.reconcile()
    units = context.indicators.filter((pl.col("indicator") == "B.VII.4b") & pl.col("unit_code").is_not_null())
    assert units["denominator"].sum() >= context.figure("B.VII.4b")["denominator"]


def test_withheld_cells_are_not_compared(context):
    ledger = Ledger(context)
    ledger.take([{"indicator": "A.I.index", "value": None, "withheld": True}], "value")
    assert ledger.shown == []
