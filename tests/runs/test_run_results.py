import csv
import json
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from chiso.catalogue import load_catalogue
from chiso.errors import ChisoError
from chiso.indicators import compute
from chiso.runs.data import open_dataset, processed_folder
from chiso.runs.files import OutputError, replacing
from chiso.runs.history import history, periods
from chiso.runs.results import INTERNAL, PUBLIC, read_history, read_results, read_scores, write_results
from chiso.worktime import Period, Timeframe


@pytest.fixture
def results(data):
    return compute(open_dataset(data), load_catalogue(2024), Timeframe(Period.parse("2024-Q4")))


def test_tables_come_back_as_they_were(results, out):
    attained = pl.DataFrame({"scorecard": ["attainment"], "points": [0.1]})
    write_results(out, results, scores=attained, history=results.indicators.head(1))
    back = read_results(out)
    for name in (*PUBLIC, *INTERNAL):
        assert_frame_equal(getattr(back, name), getattr(results, name))
    assert (back.units, back.weighting) == (results.units, results.weighting) == (("CCVC", "VP"), "none")
    assert_frame_equal(read_scores(out), attained)
    assert read_history(out).height == 1


def test_csv_has_every_digit_iso_dates_and_empty_for_null(results, out):
    third = results.indicators.with_columns(value=pl.lit(1 / 3), verified=pl.lit(False))
    write_results(out, type(results)(**{**vars(results), "indicators": third}))
    raw = (out / "indicators.csv").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    first = next(csv.DictReader(raw.decode("utf-8").splitlines()))
    assert float(first["value"]) == 1 / 3
    assert first["unit_code"] == ""
    assert first["verified"] == "false"
    assert date.fromisoformat(first["as_of"]) == date(2024, 12, 14)


def test_no_results_says_which_command_makes_them(out):
    with pytest.raises(ChisoError, match="chiso run out"):
        read_results(out)


def test_a_failed_write_leaves_all_old_tables(results, out, monkeypatch):
    write_results(out, results)
    before = {p.name: p.read_bytes() for p in out.iterdir()}

    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_csv", full_disk)
    changed = type(results)(**{**vars(results), "notes": results.notes.clear()})
    with pytest.raises(OutputError, match=r"indicators\.csv \(đĩa đã đầy\)"):
        write_results(out, changed)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before


def test_replacing_leaves_the_old_file_when_the_block_fails(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(ValueError, match="stop"), replacing(target) as temporary:
        temporary.write_text("new")
        raise ValueError("stop")
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["a.txt"]
    assert target.read_text() == "old"


def test_periods_of_the_trend():
    names = [str(p) for p in periods(Period.parse("2024-Q4"))]
    assert names == [f"{y}-Q{q}" for y in (2023, 2024) for q in (1, 2, 3, 4)]
    months = [str(p) for p in periods(Period.parse("2024-12"))]
    assert months[0] == "2023-12"
    assert months[1:] == [f"2024-{m:02d}" for m in range(1, 13)]  # the whole year: its figure is forecast from it
    assert [str(p) for p in periods(Period.parse("1900"))] == ["1900"]


def test_history_holds_whole_windows_of_the_same_rule(data, results):
    dataset = open_dataset(data)
    frame = Timeframe(Period.parse("2024-Q4"), "calendar", date(2024, 11, 1))
    now = compute(dataset, load_catalogue(2024), frame)
    found = history(dataset, load_catalogue, frame, now)
    assert found["period"].unique(maintain_order=True).to_list()[-1] == "2024-Q4"
    share = found.filter(pl.col("unit_code").is_null(), pl.col("indicator") == "B.III.8").sort("period")
    assert share["window_end"].to_list()[-2:] == [date(2024, 9, 30), date(2024, 11, 1)]
    assert share["denominator"].to_list()[-2:] == [0, 2]


def test_imports_of_two_folders_of_one_name_do_not_meet(tmp_path, project):
    one, other = processed_folder(tmp_path / "a" / "data"), processed_folder(tmp_path / "b" / "data")
    assert one != other
    assert processed_folder(project / "data" / "raw" / "sample") == project / "data" / "processed" / "sample"


def test_manifest_is_valid_json_without_times(data, out):
    from chiso.runs.execute import execute
    from chiso.runs.plan import Request, make_plan

    request = Request("2024-Q4", data, out, results_only=True)
    assert execute(make_plan(request)) == 0
    first = (out / "2024-Q4" / "manifest.json").read_bytes()
    assert execute(make_plan(request)) == 0
    assert (out / "2024-Q4" / "manifest.json").read_bytes() == first
    found = json.loads(first)
    assert found["outputs"].keys() >= {f"{n}.{e}" for n in PUBLIC for e in ("csv", "parquet")}
    (cases,) = [row for row in found["inputs"] if row["table"] == "cases"]
    assert (cases["file"], cases["accepted"], cases["rejected"]) == ("cases.csv", 4, 0)
    (data / "cases.csv").write_text((data / "cases.csv").read_text().replace("H4", "H5"))
    assert execute(make_plan(request)) == 0
    assert json.loads((out / "2024-Q4" / "manifest.json").read_text())["run"] != found["run"]
