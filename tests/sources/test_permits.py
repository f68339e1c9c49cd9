"""The real permit cases come in by configuration alone."""

import csv
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from chiso.sources import Dataset, ingest

PERMITS = Path(__file__).parents[2] / "data" / "raw" / "permits"


@pytest.fixture(scope="module")
def permits(tmp_path_factory) -> Dataset:
    return ingest(PERMITS, tmp_path_factory.mktemp("processed"))


@pytest.fixture(scope="module")
def source() -> list[dict[str, str]]:
    with (PERMITS / "receipt_cases.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_case_is_accounted_for(permits):
    row = permits.files.filter(table="cases").row(0, named=True)
    assert row["read"] == 1434
    assert (row["accepted"], row["merged"], row["superseded"], row["rejected"], row["layout"]) == (1434, 0, 0, 0, 0)
    assert permits.rejects.is_empty()


def test_dates_are_the_local_ones_of_the_source(permits, source):
    cases = permits.scan("cases").collect()
    got = {row["case_id"]: row for row in cases.iter_rows(named=True)}
    changed = 0
    for row in source:
        case = got[row["case_id"]]
        columns = (("received", "received_at"), ("planned_end", "due_at"), ("finished", "finished_at"))
        for theirs, ours in columns:
            assert (case[ours].isoformat()[:10] if case[ours] else "") == row[theirs][:10]
        if row["finished"]:
            due, done = (datetime.fromisoformat(row[n]).astimezone(UTC).date() for n in ("planned_end", "finished"))
            local = case["due_at"].date(), case["finished_at"].date()
            changed += (done > due, done == due) != (local[1] > local[0], local[1] == local[0])
    assert changed == 91  # by UTC dates these would change between early, on time and late


def test_channels_departments_and_officers(permits, source):
    cases = permits.scan("cases").collect()
    assert dict(cases["channel"].value_counts().rows()) == {"online": 1250, "in_person": 110, "postal": 74}
    assert dict(cases["unit_code"].value_counts().rows()) == Counter(row["department"] for row in source)
    assert cases["officer_id"].n_unique() == len({row["officer"] for row in source})
    assert cases["procedure_code"].unique().to_list() == ["WABO"]
    assert cases.filter(pl.col("finished_at").is_null()).height == sum(not row["finished"] for row in source)


def test_source_and_licence_stand_beside_the_data(permits):
    notice = (PERMITS / "NOTICE.md").read_text(encoding="utf-8")
    assert "10.4121/uuid:a07386a5-7be3-4367-9535-70bc9e77dbe6" in notice
    assert "4TU" in notice
    assert permits.body.time_zone == "Europe/Amsterdam"
    assert not permits.body.synthetic
