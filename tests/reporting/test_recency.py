"""Sources over time: the period against the one before, units, late exports, corrections, disagreements."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from chiso.indicators.recording import recency_of
from chiso.reporting import tables
from chiso.sources import ingest
from chiso.sources.account import CORRECTIONS, DIFFERENCES
from chiso.worktime import Period, Timeframe

QUARTER = Timeframe(Period.parse("2024-Q4"), "calendar")
HEAD = "case_id,procedure_code,unit_code,channel,received_at\n"
NAMES = {"U1": "Phòng Một", "U2": "Phòng Hai"}


@pytest.fixture
def dataset(tmp_path):
    def run(*cases: str, name: str = "cases.csv"):
        (tmp_path / "units.csv").write_text(
            "unit_code,unit_name,kind\nU1,Phòng Một,division\nU2,Hai,division\n", "utf-8"
        )
        (tmp_path / "procedures.csv").write_text(
            "procedure_code,procedure_name,field,unit_code,online_level,has_fee\nP1,Một,Hội,U1,full,true\n", "utf-8"
        )
        rows = "".join(f"C{n},P1,{row}\n" for n, row in enumerate(cases))
        (tmp_path / name).write_text(HEAD + rows, "utf-8")
        return ingest(tmp_path, tmp_path / "processed")

    return run


def late(data):
    return tables.late_table(data, recency_of(data, "cases", QUARTER), QUARTER, 31)


def row_of(table, name: str) -> dict:
    return table.frame.filter(pl.col(table.columns[0].name) == name).row(0, named=True)


def test_rows_are_counted_by_their_own_date_and_compared_with_the_period_before(dataset):
    now = ["U1,online,2024-10-01", "U1,online,2024-12-31", "U1,online,2024-11-11", "U1,fax,2024-10-05"]
    before = ["U1,online,2024-09-30", "U1,online,2024-07-01"]
    row = row_of(
        tables.trend_table(dataset(*now, *before, "U1,online,2025-01-01"), QUARTER), "Hồ sơ thủ tục hành chính"
    )
    assert (row["before"], row["now"], row["change"]) == (2, 3, 0.5)
    assert (row["share_before"], row["share_now"]) == (0.0, 0.25)


def test_without_rows_before_there_is_no_change(dataset):
    row = row_of(tables.trend_table(dataset("U1,online,2024-10-01"), QUARTER), "Hồ sơ thủ tục hành chính")
    assert (row["before"], row["now"], row["change"]) == (0, 1, None)


def test_rejected_rows_by_unit_and_those_of_no_known_unit(dataset):
    data = dataset("U1,online,2024-10-01", "U1,fax,2024-10-01", "U9,online,2024-10-01", ",online,2024-10-01")
    frame = tables.source_units_table(data, NAMES).frame
    assert frame.select("unit_code", "accepted", "rejected").rows() == [("U1", 2, 1), (None, 0, 2)]
    assert frame["unit"].to_list()[0] == "Phòng Một"
    assert frame["unit"].to_list()[1].startswith("Không rõ")


@pytest.mark.parametrize(("exported", "told"), [("20241130", False), ("20241129", True)])
def test_a_source_is_late_beyond_the_threshold(dataset, exported, told):
    data = dataset("U1,online,2024-10-01", name=f"cases_{exported}.csv")
    row = row_of(late(data), "Hồ sơ thủ tục hành chính")
    assert row["newest"] == date(2024, 10, 1)
    assert ("Chậm 32 ngày" in row["state"], "Không chậm (31 ngày)" in row["state"]) == (told, not told)


def test_without_an_export_date_the_newest_row_decides(dataset):
    row = row_of(late(dataset("U1,online,2024-10-01")), "Hồ sơ thủ tục hành chính")
    assert "Chậm 91 ngày" in row["state"]
    assert "không có ngày" in row_of(late(dataset("U1,online,2024-10-01")), "Đơn vị")["state"]


def test_differences_are_grouped_by_rule_with_examples(dataset):
    rows = [("cases", "due_days", "U1", f"C{n}", "due_at", "a", "b", "cases.csv") for n in range(5)]
    rows.append(("cases", "vanished", "U1", "C9", "case_id", None, None, "cases.csv"))
    data = replace(dataset("U1,online,2024-10-01"), differences=pl.DataFrame(rows, schema=DIFFERENCES, orient="row"))
    first, second = tables.differences_table(data).frame.to_dicts()
    assert (first["rows"], first["examples"]) == (5, "C0; C1; C2")
    assert first["rule"] == "Hạn trả khác số ngày làm việc của thủ tục"
    assert second["rows"] == 1


def test_corrections_are_counted_by_file_and_column(dataset):
    rows = [
        ("cases", "cases.csv", None, n, "channel", "Kênh", "fax", "online", "rejected.xlsx", n < 3, False)
        for n in (2, 3)
    ]
    data = replace(dataset("U1,online,2024-10-01"), corrections=pl.DataFrame(rows, schema=CORRECTIONS, orient="row"))
    (row,) = tables.corrections_table(data).frame.to_dicts()
    assert (row["rows"], row["accepted"], row["correction"]) == (2, 1, "rejected.xlsx")
