"""Two samples of 311 requests come in through mapping files."""

from pathlib import Path

import polars as pl
import pytest

from chiso.sources import Dataset, ingest

RAW = Path(__file__).parents[2] / "data" / "raw"


@pytest.fixture(scope="module", params=["boston311", "nyc311"])
def requests(request, tmp_path_factory) -> tuple[str, Dataset, pl.DataFrame]:
    source = pl.read_csv(RAW / request.param / f"{request.param}_100.csv", infer_schema=False)
    return request.param, ingest(RAW / request.param, tmp_path_factory.mktemp("processed")), source


def test_every_request_is_accepted(requests):
    _, data, source = requests
    assert data.rejects.is_empty()
    assert data.accepted("cases") == source.height == 100


def test_dates_are_those_of_the_source(requests):
    name, data, source = requests
    form = "%Y-%m-%d %H:%M:%S" if name == "boston311" else "%m/%d/%Y %I:%M:%S %p"
    cases = (
        data.scan("cases")
        .collect()
        .join(source.select(case_id="case_id", o="opened", d="due", c="closed"), on="case_id")
    )
    for ours, theirs in (("received_at", "o"), ("due_at", "d"), ("finished_at", "c")):
        expected = cases[theirs].str.to_datetime(form, time_unit="us")
        assert cases[ours].to_list() == expected.to_list()


def test_requests_without_a_due_date_have_none(requests):
    name, data, _ = requests
    assert data.scan("cases").collect()["due_at"].null_count() == {"boston311": 11, "nyc311": 58}[name]


def test_source_and_licence_stand_beside_the_data(requests):
    name, data, _ = requests
    notice = (RAW / name / "NOTICE.md").read_text(encoding="utf-8")
    assert "dathere/qsv" in notice and "MIT" in notice
    assert data.body.time_zone == "America/New_York"
