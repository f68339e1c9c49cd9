"""Folders of synthetic data, and the sample that is shipped."""

import tomllib
from pathlib import Path

import fastexcel
import openpyxl
import polars as pl
import pytest

from chiso.catalogue import load_catalogue
from chiso.demo import DEFAULT_CASES, generate, write, write_demo
from chiso.errors import ChisoError
from chiso.indicators import compute
from chiso.sources import Dataset, ingest
from chiso.sources.contract import load_contract
from chiso.sources.privacy.door import CODES_OF_PEOPLE
from chiso.sources.privacy.pseudonyms import load_pseudonyms
from chiso.worktime import Period, Timeframe

SAMPLE = Path(__file__).parents[2] / "data" / "raw" / "sample"

# File, line and column of every fault planted in the shipped sample that costs a row.
PLANTED = {
    ("cases_2023_20240104.csv", "received_at", "type"),
    ("cases_2023_20240104.csv", "unit_code", "unknown_units"),
    ("cases_2023_20240104.csv", "finished_at", "not_before"),
    ("cases_2023_20240104.csv", "supplement_requests", "negative"),
    ("cases_2023_20240104.csv", "case_id", "conflict"),
    ("cases_2024_20250102.xlsx", "procedure_code", "unknown_procedures"),
    ("cases_2024_20250102.xlsx", "finished_at", "type"),
    ("cases_2024_20250102.xlsx", "received_at", "after_export"),
    ("cases_2024_20250102.xlsx", "channel", "type"),
    ("documents_20250102.csv", "registered_on", "type"),
    ("feedback_20250102.xlsx", "kind", "required"),
    ("inspections_20250102.xlsx", "findings_resolved", "at_most"),
    ("survey_responses_20250102.xlsx", "answered_on", "type"),
}


def _content(path: Path) -> object:
    """Bytes of a text file; the cells of a workbook, whose compression may differ from machine to machine."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    book = fastexcel.read_excel(path)
    return {
        name: pl.DataFrame(book.load_sheet(name, header_row=None, dtypes="string")).rows() for name in book.sheet_names
    }


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo(tmp_path_factory.mktemp("office") / "sample", style="office")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return ingest(SAMPLE, tmp_path_factory.mktemp("processed") / "sample")


def test_the_shipped_sample_is_what_the_generator_writes(rebuilt: Path):
    # The example of a scorecard was put beside the tables: it is no export, and the generator knows no scores.
    shipped = sorted(path.name for path in SAMPLE.iterdir() if path.name != "scorecards")
    assert shipped == sorted(path.name for path in rebuilt.iterdir())
    for name in shipped:
        assert _content(SAMPLE / name) == _content(rebuilt / name), name
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*")) < 3_000_000


def test_workbooks_depend_on_their_content_alone(rebuilt: Path, tmp_path: Path):
    again = write_demo(tmp_path / "again", style="office")
    for path in rebuilt.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name


def test_the_sample_says_everywhere_that_it_is_simulated():
    body = tomllib.loads((SAMPLE / "chiso.toml").read_text(encoding="utf-8"))["body"]
    assert body["synthetic"] is True and body["notice"]
    assert "MÔ PHỎNG" in (SAMPLE / "README.md").read_text(encoding="utf-8")
    for path in SAMPLE.glob("*.xlsx"):
        book = openpyxl.load_workbook(path, read_only=True)
        title = [row[0] for row in book.active.iter_rows(max_row=2, values_only=True)]
        book.close()
        assert all("DỮ LIỆU MÔ PHỎNG" in line for line in title), path.name


def test_only_the_planted_rows_are_refused(sample: Dataset):
    refused = sample.rejects.select("file", "column", "rule").rows()
    assert set(refused) == PLANTED
    assert len(refused) == len(PLANTED) + 1  # a conflict refuses both versions
    faults = sample.cells.filter(pl.col("rule") == "answer")
    assert faults.select("column", "value").rows() == [("staff_2", "7")]
    # The frame of the second quarter was drawn up without three units: the one thing that does not agree.
    # (Totals of the sheets differ where rows under them were refused.)
    warned = sample.findings.filter(pl.col("severity") != "info")["rule"]
    assert warned.filter(warned != "total_differs").to_list() == ["frame"]
    assert sample.differences.select("rule", "key", "unit_code").rows() == [
        ("frame", "2024-Q2", unit) for unit in ("CCVC", "TCBC", "XDCQ")
    ]
    files = sample.files
    parts = files.select(pl.sum_horizontal("accepted", "merged", "superseded", "rejected", "layout"))
    assert parts.to_series().to_list() == files["read"].to_list()
    assert files["merged"].sum() >= 2 and files["superseded"].sum() > 50


def test_office_layout_carries_the_same_data_as_the_tables(sample: Dataset):
    tables = generate()
    pseudonyms = load_pseudonyms(sample.processed.parent)
    for name, table in load_contract().items():
        key = list(table.key)
        scanned = sample.scan(name)
        assert scanned is not None
        accepted = scanned.collect().sort(key)
        expected = tables[name].sort(key).join(accepted.select(key), on=key, how="semi")
        assert accepted.height == expected.height > 0.99 * tables[name].height - 2, name
        for column in expected.columns:
            told = pseudonyms.replace(expected[column]) if column in CODES_OF_PEOPLE else expected[column]
            same = accepted[column].eq_missing(told)
            if table.column(column).answer:  # don't-know codes and the answer off the scale leave the cell blank
                same |= accepted[column].is_null()
            assert same.all(), (name, column)


def test_every_status_occurs(sample: Dataset):
    results = compute(sample, load_catalogue(2024), Timeframe(Period.parse("2024-Q2")))
    whole = results.indicators.filter(pl.col("unit_code").is_null())
    counts = dict(whole.group_by("status").len().rows())
    assert {"met", "not_met", "pending", "no_data"} <= set(counts)
    assert min(counts["met"], counts["not_met"], counts["pending"]) >= 10
    value = dict(whole.select("indicator", "value").rows())
    assert 0.95 < value["B.III.8"] < 0.99
    assert 0.84 < value["sipas"] < 0.89


def test_plain_folders_are_canonical_csv_and_repeat_byte_for_byte(tmp_path: Path):
    first, second = (write_demo(tmp_path / name, cases=300, seed=4) for name in ("a", "b"))
    names = sorted(path.name for path in first.iterdir())
    assert names == sorted([f"{table}.csv" for table in load_contract()] + ["README.md", "chiso.toml"])
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    dataset = ingest(first, tmp_path / "processed")
    assert dataset.rejects.is_empty()
    assert dataset.accepted("cases") == 300


def test_many_cases_become_one_parquet_file_a_month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(write, "CSV_LIMIT", 250)
    folder = write_demo(tmp_path / "many", cases=400, seed=4)
    files = sorted(folder.glob("cases_*.parquet"))
    assert len(files) == 24 and not (folder / "cases.csv").exists()
    together = pl.concat([pl.read_parquet(file) for file in files])
    assert together.equals(generate(4, 400)["cases"])
    with pytest.raises(ChisoError, match="400"):
        write_demo(tmp_path / "office", cases=400, style="office")


def test_a_folder_with_other_data_is_left_alone(tmp_path: Path):
    own = tmp_path / "own"
    own.mkdir()
    (own / "cases.csv").write_text("case_id\n1\n")
    for overwrite in (False, True):
        with pytest.raises(ChisoError, match="own"):
            write_demo(own, cases=5, overwrite=overwrite)
    assert [path.name for path in tmp_path.iterdir()] == ["own"]
    assert [path.name for path in own.iterdir()] == ["cases.csv"]


def test_a_synthetic_folder_is_replaced_only_when_asked(tmp_path: Path):
    folder = tmp_path / "demo"
    folder.mkdir()  # an empty folder is taken
    write_demo(folder, cases=5, seed=1)
    before = (folder / "cases.csv").read_bytes()
    with pytest.raises(ChisoError):
        write_demo(folder, cases=5, seed=2)
    assert (folder / "cases.csv").read_bytes() == before
    write_demo(folder, cases=5, seed=2, overwrite=True)
    assert (folder / "cases.csv").read_bytes() != before
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "_write_notice", full)
    with pytest.raises(ChisoError, match="đĩa đã đầy"):
        write_demo(tmp_path / "demo", cases=5)
    assert not list(tmp_path.iterdir())


def test_an_unknown_style_is_refused(tmp_path: Path):
    with pytest.raises(ChisoError, match="fancy"):
        write_demo(tmp_path / "demo", cases=5, style="fancy")  # type: ignore[arg-type]


def test_default_size_is_the_shipped_one():
    assert f"{DEFAULT_CASES} hồ sơ" in (SAMPLE / "README.md").read_text(encoding="utf-8")
