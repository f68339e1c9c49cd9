"""Whether the data can be trusted: the sentence, what to mend first, what a fault costs."""

from dataclasses import replace

import polars as pl
import pytest

from chiso.notebook.context import Context
from chiso.notebook.quality import DataQuality
from chiso.notebook.trust import NOTABLE, costs_table, trust


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


def test_what_costs_indicators_comes_first(altered, context):
    notes = context.results.notes
    lost = {"indicator": "A.V.1b", "severity": "warning", "reason": "missing_column", "table": "feedback",
            "column": "answered_on", "rows": None, "message": "m"}  # fmt: skip
    own = altered(findings=pl.concat([context.dataset.findings, finding("total_differs")]))
    own.__dict__["results"] = replace(
        context.results, notes=pl.concat([notes, pl.DataFrame([lost], schema=notes.schema)])
    )
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
    own.__dict__["results"] = replace(
        context.results, notes=pl.concat([context.results.notes, pl.DataFrame(lost, schema=schema)])
    )
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
