"""Earlier periods: a trend does not begin before the data does."""

from pathlib import Path

import polars as pl

from chiso.catalogue import load_catalogue
from chiso.indicators import compute
from chiso.runs.history import history
from chiso.sources import ingest
from chiso.worktime import Period, Timeframe

UNITS = "unit_code,unit_name,kind\nU1,Phòng Một,division\n"
PROCEDURES = "procedure_code,procedure_name,field,unit_code,online_level,has_fee\nP1,Thủ tục,Lĩnh vực,U1,full,false\n"
CASES = (
    "case_id,procedure_code,unit_code,channel,received_at,due_at,finished_at\n"
    "H1,P1,U1,online,2024-07-01,2024-07-10,2024-07-05\n"
    "H2,P1,U1,online,2024-10-01,2024-10-10,\n"
)


def test_a_period_before_the_data_has_no_counts(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for name, content in (("units", UNITS), ("procedures", PROCEDURES), ("cases", CASES)):
        (data / f"{name}.csv").write_text(content, encoding="utf-8")
    dataset = ingest(data, tmp_path / "processed")
    frame = Timeframe(Period.parse("2024-Q4"))
    results = compute(dataset, load_catalogue(2024), frame)
    found = history(dataset, load_catalogue, frame, results)
    overdue = found.filter(pl.col("indicator") == "B.III.8b", pl.col("unit_code").is_null())
    by_period = {row["period"]: (row["value"], row["status"]) for row in overdue.iter_rows(named=True)}
    assert by_period["2024-Q4"] == (1, "not_met")
    assert by_period["2024-Q3"] == (0, "met")
    assert by_period["2024-Q2"] == (None, "no_data")
