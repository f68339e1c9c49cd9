"""Lists behind the figures: they agree with their indicators, for the department and for each unit, and name nobody."""

import polars as pl
import pytest

from chiso.notebook import Report
from chiso.notebook.lists.listing import listing
from chiso.notebook.overview import Overview
from chiso.notebook.quality import DataQuality

CALLS = {
    "A.I": ["channels()", "channels('field')", "steps_late('A.I.1')", "deliverables('A.I.2')"],
    "A.II": ["supplements()", "supplements('field')", "supplements('procedure_name', limit=2)", "simplifications()"],
    "A.III": ["complaints()", "inspections('discipline')", "feedback_by('unit_code')"],
    "A.IV": ["durations()", "punctuality()", "punctuality('field')", "cases_late()", "case_balance('unit_code')"],
    "A.V": ["feedback_by()", "feedback_by('source')", "feedback_late()", "deliverables('A.V.1')"],
    "B.I": ["deliverables('B.I.1', 'B.I.3', 'B.I.4', 'B.I.7')", "timeline('B.I.1')", "tasks()", "tasks_late()",
            "units_inspected()", "inspections('par')", "initiatives()", "alerts()"],
    "B.III": ["cases_overdue()", "case_balance()", "service_quality()", "procedures_unpublished()", "petitions_late()",
              "steps_late('B.III.1')", "steps_late('B.III.2')", "steps_late('B.III.3')"],
    "B.IV": ["inspections('decentralisation')", "deliverables('B.IV.2')"],
    "B.V": ["personnel('training')", "personnel('record_change')", "personnel_missed('appointment')",
            "personnel_missed('training')", "personnel_missed('record_change')", "discipline()"],
    "B.VI": ["budget('investment')", "budget('admin')", "budget_course('investment')", "budget_course('admin')"],
    "B.VII": ["documents()", "documents_missed('incoming')", "documents_missed('outgoing')",
              "procedures_without_online_case()", "procedures_without_online_payment()"],
}  # fmt: skip


@pytest.mark.parametrize("unit", [None, "CCVC", "VP"])
@pytest.mark.parametrize("component", CALLS)
def test_every_list_agrees_with_its_indicator(of_unit, component, unit):
    context = of_unit(unit)
    report = Report(context, context.catalogue.component(component))
    for call in CALLS[component]:
        html = eval(f"report.{call}")._repr_html_()
        assert "<table" in html or "<figure" in html
        for officer in officers(context):
            assert f">{officer}<" not in html
    assert report.ledger.sums
    report.reconcile()


def officers(context):
    cases = context.dataset.scan("cases").select("officer_id").unique().collect()["officer_id"].drop_nulls()
    staff = context.dataset.scan("personnel").select("staff_id").unique().collect()["staff_id"].drop_nulls()
    return [*cases, *staff]


def test_a_list_never_takes_the_code_of_a_person(context):
    with pytest.raises(ValueError, match="officer_id"):
        listing(context, "cases", context.view("cases"), ["case_id", "officer_id"], id="x", title="x")


def test_the_worst_stand_first_and_the_rest_is_told(context):
    report = Report(context, context.catalogue.component("A.II"))
    table = report.supplements("procedure_name", limit=2)
    *first, total = table.frame["supplemented"].to_list()
    every = report.supplements("procedure_name", limit=None).frame
    assert first == sorted(every.filter(pl.col("row_kind") == "")["supplemented"], reverse=True)[:2]
    assert total == context.figure("A.II.1a")["numerator"]
    procedures = every.height - 1
    assert table.notes[0].text.startswith(f"Hiển thị 2 trong tổng số {procedures} dòng")
    late = report.cases_late()
    assert late.frame.height == context.balance()["late"]
    assert f"{late.frame.height} hồ sơ" in late.title


def test_a_missing_table_is_said_where_its_list_would_be(context, monkeypatch):
    monkeypatch.setattr(type(context), "view", lambda self, name, *indicators: None)
    report = Report(context, context.catalogue.component("A.V"))
    assert "Bảng “Phản ánh, kiến nghị” không có dữ liệu hoặc thiếu cột" in report.feedback_late()._repr_html_()
    assert "chưa lập được" in report.inspections("par")._repr_html_()


def test_the_overview_shows_every_item_once_and_agrees(context):
    overview = Overview(context)
    board = overview.items().frame
    items = board.filter(pl.col("row_kind") == "")["item"].to_list()
    assert items == [item.id for item in context.catalogue.items]
    overview.first_screen()
    overview.changes()
    overview.components()
    late = overview.late().frame
    assert late["status"].unique().to_list() == ["not_met"]
    missed = context.indicators.filter(pl.col("unit_code").is_null() & (pl.col("status") == "not_met"))
    assert sorted(late["indicator"]) == sorted(missed["indicator"])
    overview.factors_by_unit()
    overview.reconcile()


def test_data_quality_accounts_for_every_row(context):
    quality = DataQuality(context)
    assert "17.375" not in quality.key_results().paragraphs[0]
    assert quality.rejects_by_rule().frame["rows"].sum() >= 1
    assert "không dòng nào bị mất" in quality.reconcile().paragraphs[0]


def test_a_row_number_is_a_name_without_a_thousands_sign(context):
    rejects = context.dataset.rejects.head(1).with_columns(row=pl.lit(12046, pl.Int64))
    dataset = type(context.dataset)(**{**context.dataset.__dict__, "rejects": rejects})
    quality = DataQuality(type(context)(dataset, context.catalogue, context.timeframe, None, context.folder))
    assert ">12046</td>" in quality.rejects()._repr_html_()


def test_a_lost_row_is_found(context):
    from chiso.notebook.ledger import ReconcileError

    files = context.dataset.files.with_columns(read=pl.col("read") + (pl.col("table") == "cases").cast(pl.Int64))
    lost = type(context.dataset)(**{**context.dataset.__dict__, "files": files})
    wrong = type(context)(lost, context.catalogue, context.timeframe, None, context.folder)
    with pytest.raises(ReconcileError, match=r"cases\.csv"):
        DataQuality(wrong).reconcile()


def test_a_list_over_a_column_nobody_recorded_is_not_made_up(context):
    columns = {**context.dataset._columns, "cases": context.dataset.columns("cases") - {"supplement_requests"}}
    less = type(context.dataset)(**{**context.dataset.__dict__, "_columns": columns})
    own = type(context)(less, context.catalogue, context.timeframe)
    report = Report(own, own.catalogue.component("A.II"))
    assert "A.II.1a" in own.uncomputed
    assert "thiếu cột" in report.supplements()._repr_html_()
    report.scorecard()
    report.reconcile()
