"""Whether the data can be trusted: the sentence, what to mend first, what a fault costs."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from chiso.notebook.context import Context
from chiso.notebook.quality import DataQuality
from chiso.notebook.trust import NOTABLE, costs_table, trust
from chiso.worktime import Period, Timeframe


@pytest.fixture
def altered(context):
    """The context with its import changed."""
    return lambda **parts: Context(
        replace(context.dataset, **parts), context.catalogue, context.timeframe, folder=context.folder
    )


def clean(dataset):
    """The import's parts without a fault."""
    return {
        "files": dataset.files.with_columns(rejected=pl.lit(0, pl.Int64), exported_on=pl.lit(None, pl.Date)),
        "findings": dataset.findings.clear(),
        "differences": dataset.differences.clear(),
    }


def finding(rule, table="cases"):
    return pl.DataFrame([{"severity": "error", "table": table, "file": "x.xlsx", "rule": rule, "message": "m"}])


def test_good_data_is_said_to_be_good(altered, context):
    found = trust(altered(**clean(context.dataset)))
    kinds = {fault.kind for fault in found.faults}
    assert kinds <= {"late"}  # the specimen's rows end before the closing day
    if not kinds:
        assert found.level == "good" and found.first == ""
        assert "tin được" in found.sentence


@pytest.mark.parametrize(("rejected", "notable"), [(0.0099, False), (NOTABLE, True), (0.5, True)])
def test_one_row_in_a_hundred_rejected_asks_for_caution(altered, context, rejected, notable):
    parts = clean(context.dataset)
    rows = pl.when(pl.col("table") == "cases").then(10_000)
    parts["files"] = parts["files"].with_columns(
        read=rows.otherwise("read").cast(pl.Int64),
        layout=pl.lit(0, pl.Int64),
        rejected=pl.when(pl.col("table") == "cases").then(round(10_000 * rejected)).otherwise(0).cast(pl.Int64),
    )
    (fault,) = [f for f in trust(altered(**parts)).faults if f.kind == "rejected"]
    assert fault.table == "cases" and fault.notable == notable
    assert "B.III.8" in fault.touched and fault.lost == ()


def with_notes(context, notes):
    return replace(context._tables, results=replace(context._tables.results, notes=notes))


def test_what_costs_indicators_comes_first(altered, context):
    notes = context.results.notes
    lost = {"indicator": "A.V.1b", "severity": "warning", "reason": "missing_column", "table": "feedback",
            "column": "answered_on", "rows": None, "message": "m"}  # fmt: skip
    own = altered(findings=pl.concat([context.dataset.findings, finding("total_differs")]))
    own.__dict__["_tables"] = with_notes(context, pl.concat([notes, pl.DataFrame([lost], schema=notes.schema)]))
    found = trust(own)
    assert found.level == "partial" and "1/79 chỉ số không tính được" in found.sentence
    assert (found.faults[0].table, found.faults[0].kind, found.faults[0].lost) == ("feedback", "column", ("A.V.1b",))
    assert found.first.startswith("Sửa trước hết: Phản ánh, kiến nghị – thiếu 1 cột")
    assert costs_table(found).frame["lost"][0] == "1: A.V.1b"


def test_a_missing_table_costs_the_indicators_that_read_it(altered, context):
    own = altered(_accepted={**context.dataset._accepted, "feedback": 0})
    lacking = {"severity": "warning", "reason": "missing_table", "table": "feedback", "column": None, "rows": None}
    lost = [{"indicator": i, "message": "m", **lacking} for i in ("A.III.1", "A.V.1b", "B.III.10a", "B.III.10b")]
    schema = context.results.notes.schema
    own.__dict__["_tables"] = with_notes(context, pl.concat([context.results.notes, pl.DataFrame(lost, schema=schema)]))
    found = trust(own)
    assert (found.faults[0].kind, len(found.faults[0].lost)) == ("missing", 4)
    assert found.level == "partial"


def test_a_file_that_cannot_be_read_is_told_with_its_table(altered, context):
    found = trust(altered(findings=finding("unreadable")))
    fault = next(f for f in found.faults if f.kind == "unreadable")
    assert fault.table == "cases" and "B.III.8" in fault.touched
    assert found.level in ("caution", "partial")


def test_the_page_says_it_in_a_callout_with_its_counts(context):
    html = DataQuality(context).verdict()._repr_html_()
    assert "Số liệu tin được đến đâu?" in html
    assert "Sửa trước hết:" in html
    assert html.count('class="key-value"') == 5


def exported(context, day, period="2024-Q4"):
    """The context with every file exported on a day; none where the names of the files tell no day."""
    files = context.dataset.files.with_columns(exported_on=pl.lit(day, pl.Date))
    return Context(replace(context.dataset, files=files), context.catalogue, Timeframe(Period.parse(period)))


def test_a_period_after_every_export_cannot_be_used(context):
    own = exported(context, date(2024, 9, 14))  # the quarter begins on 15/09/2024
    found = trust(own)
    assert found.level == "before"
    assert found.sentence.startswith("Không dùng được số liệu của quý IV/2024: bản xuất mới nhất là ngày 14/09/2024")
    assert found.first.startswith("Chọn lại kỳ báo cáo") and "14/12/2024" in found.first
    assert {f.kind for f in found.faults} >= {"before"} and not {f.kind for f in found.faults} & {"short", "late"}
    assert found.sentence in DataQuality(own).verdict()._repr_html_()


def test_exports_within_the_period_ask_for_caution_by_table(context):
    found = trust(exported(context, date(2024, 9, 15)))
    short = [f for f in found.faults if f.kind == "short"]
    assert found.level in ("caution", "partial")
    assert {f.words for f in short} == {"số liệu mới đến ngày 15/09/2024"}
    assert "cases" in {f.table for f in short}
    assert not [f for f in trust(exported(context, date(2024, 12, 14))).faults if f.kind in ("before", "short")]


def test_where_no_export_tells_its_day_nothing_is_said_of_it(context):
    found = trust(exported(context, None, "2027-Q1"))
    assert found.level != "before" and not [f for f in found.faults if f.kind in ("before", "short")]


def test_a_file_without_a_day_that_has_rows_of_the_period_is_heeded(context):
    own = exported(context, date(2024, 9, 14))
    day = pl.when(pl.col("table") != "cases").then("exported_on")
    own.dataset.__dict__["files"] = own.dataset.files.with_columns(exported_on=day)
    assert trust(own).level != "before"
