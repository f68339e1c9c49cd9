"""What is wrong with whole files stands among the key results, and a file that cannot be read in the row account."""

from dataclasses import replace

import polars as pl

from chiso.catalogue import load_catalogue
from chiso.notebook.context import Context
from chiso.notebook.quality import DataQuality
from chiso.notebook.troubles import troubles
from chiso.reporting.html import table_html
from chiso.reporting.tables import account_table
from chiso.sources import ingest
from chiso.worktime import Period, Timeframe

TIMEFRAME = Timeframe(Period.parse("2024-Q4"))
UNITS = "unit_code,unit_name,kind\nU1,Phòng A,division\n"
CASES = "case_id,procedure_code,unit_code,channel,received_at\n"


def imported(tmp_path, **files):
    folder = tmp_path / "data"
    folder.mkdir()
    for name, content in {"units_20250101": UNITS, **files}.items():
        (folder / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return ingest(folder, tmp_path / "processed")


def told(dataset, timeframe=TIMEFRAME, days=31):
    return list(troubles(Context(dataset, load_catalogue(2024), timeframe), days))


def test_nothing_is_told_where_nothing_is_wrong(tmp_path):
    dataset = imported(tmp_path)
    assert told(dataset) == []
    assert "không đọc được" not in table_html(account_table(dataset))


def test_files_without_data_are_told_first(tmp_path):
    dataset = imported(tmp_path, cases=b"\x00\x01\x00", feedback="", units_20240101=UNITS)
    first, second = told(dataset)
    assert first.startswith("1 tệp không đọc được") and "cases.csv" in first
    assert second.startswith("1 tệp trống") and "feedback.csv" in second


def test_an_unreadable_file_stands_in_the_account_without_zeros(tmp_path):
    dataset = imported(tmp_path, cases=b"\x00\x01\x00")
    table = account_table(dataset)
    row = table.frame.filter(pl.col("file") == "cases.csv").row(0, named=True)
    assert (row["read"], row["accepted"], row["layout"]) == (None, None, None)
    assert "không đọc được" in table_html(table)
    assert table.frame.row(-1, named=True)["read"] == dataset.files["read"].sum()


def test_an_account_of_unreadable_files_alone(tmp_path):
    dataset = imported(tmp_path, cases=b"\x00\x01\x00")
    alone = replace(dataset, files=dataset.files.clear())
    assert account_table(alone).frame["file"].to_list() == ["cases.csv"]


def test_a_late_source_is_told_on_the_day_after_the_limit(tmp_path):
    late = Timeframe(Period.parse("2025-01"))
    dataset = imported(tmp_path)
    days = (late.as_of - dataset.files["exported_on"][0]).days
    assert told(dataset, late, days) == []
    (sentence,) = told(dataset, late, days - 1)
    assert sentence.startswith(f"1 nguồn chậm quá {days - 1} ngày") and "Đơn vị" in sentence


def test_rows_gone_and_totals_that_differ_are_told_with_their_files(tmp_path):
    dataset = imported(tmp_path)
    gone = pl.DataFrame([{"table": "cases", "rule": "vanished", "key": k, "file": "old.csv"} for k in ("H1", "H2")])
    total = {"severity": "warning", "table": "budget", "file": "b.xlsx", "rule": "total_differs", "message": ""}
    changed = replace(
        dataset,
        differences=pl.concat([dataset.differences, gone], how="diagonal"),
        findings=pl.concat([dataset.findings, pl.DataFrame([total])]),
    )
    first, second = told(changed)
    assert first.startswith("2 dòng") and "old.csv" in first
    assert second.startswith("Dòng tổng") and "b.xlsx" in second


def test_the_key_results_hold_them(context):
    dataset = context.dataset
    broken = pl.DataFrame(
        [{"severity": "error", "table": "cases", "file": "x.xlsx", "rule": "unreadable", "message": "m"}]
    )
    changed = replace(dataset, findings=pl.concat([dataset.findings, broken]))
    other = Context(changed, context.catalogue, context.timeframe, folder=context.folder)
    paragraphs = DataQuality(other).key_results().paragraphs
    assert "x.xlsx" in paragraphs[1] and "x.xlsx" not in " ".join(DataQuality(context).key_results().paragraphs)
