import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sources_rows import CASES, case, cases

from chiso.errors import ChisoError
from chiso.sources import ingest
from chiso.sources.contract import load_contract
from chiso.sources.privacy.pseudonyms import FILE_NAME as KEY
from chiso.sources.store import KEPT

BASICS = {
    "units.csv": "unit_code,unit_name,kind\nU1,Phòng Một,division\n",
    "procedures.csv": "procedure_code,procedure_name,field,unit_code,online_level,has_fee\nP1,T,L,U1,full,true\n",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def test_accepted_tables_have_the_contract_columns_and_types(import_files):
    data = import_files({"cases.csv": cases(case("C1"))})
    schema = data.scan("cases").collect_schema()
    assert schema == pl.Schema({c.name: c.dtype for c in load_contract()["cases"].columns})
    assert data.scan("budget") is None
    assert data.columns("budget") == frozenset()
    assert data.accepted("budget") == 0


def test_the_same_files_are_imported_once(tmp_path):
    folder = write(tmp_path / "data", {**BASICS, "cases.csv": cases(case("C1"), case("C2", channel="fax"))})
    first = ingest(folder, tmp_path / "out")
    written = {f: f.stat().st_mtime_ns for f in first.processed.iterdir()}
    again = ingest(folder, tmp_path / "out")
    assert again.processed == first.processed
    assert {f: f.stat().st_mtime_ns for f in again.processed.iterdir()} == written
    for name in ("files", "rejects", "findings", "cells"):
        assert getattr(again, name).equals(getattr(first, name))
    assert again.columns("cases") == first.columns("cases")
    (folder / "cases.csv").write_text(cases(case("C1")), encoding="utf-8")
    assert ingest(folder, tmp_path / "out").processed != first.processed
    assert first.scan("cases").collect().height == 1  # an import is never changed


def test_only_the_newest_imports_are_kept(tmp_path):
    folder = write(tmp_path / "data", BASICS)
    made = []
    for n in range(KEPT + 2):
        write(folder, {"cases.csv": cases(*(case(f"C{i}") for i in range(n + 1)))})
        made.append(ingest(folder, tmp_path / "out").processed)
        os.utime(made[-1], ns=(n, n))
    assert sorted(p.name for p in (tmp_path / "out").iterdir() if p.is_dir()) == sorted(p.name for p in made[-KEPT:])


def test_raw_files_are_only_read(tmp_path):
    folder = write(tmp_path / "data", BASICS)
    before = {f.name: f.read_bytes() for f in folder.iterdir()}
    folder.chmod(0o555)
    try:
        ingest(folder, tmp_path / "out")
    finally:
        folder.chmod(0o755)
    assert {f.name: f.read_bytes() for f in folder.iterdir()} == before


def test_processed_folder_goes_under_the_project(tmp_path, monkeypatch):
    folder = write(tmp_path / "elsewhere" / "my", BASICS)
    (tmp_path / "project" / "notebooks").mkdir(parents=True)
    (tmp_path / "project" / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path / "project" / "notebooks")
    assert ingest(folder).processed.parent == tmp_path / "project" / "data" / "processed" / "my"


def test_unwritable_processed_folder_is_told(tmp_path):
    folder = write(tmp_path / "data", BASICS)
    (tmp_path / "out").touch()
    with pytest.raises(ChisoError, match="Không ghi được"):
        ingest(folder, tmp_path / "out")


def test_a_failed_import_leaves_nothing(tmp_path, monkeypatch):
    folder = write(tmp_path / "data", BASICS)
    monkeypatch.setattr(sys.modules["chiso.sources.ingest"], "save_index", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ingest(folder, tmp_path / "out")
    assert [entry.name for entry in (tmp_path / "out").iterdir()] == [KEY]


CELL = {
    "case_id": st.sampled_from(["C1", "C2", "C3", "C4", ""]),
    "procedure_code": st.sampled_from(["P1", "P1", "P9"]),
    "unit_code": st.sampled_from(["U1", "U1", "U9"]),
    "channel": st.sampled_from(["online", "Trực tiếp", "fax"]),
    "received_at": st.sampled_from(["2024-03-01", "01/03/2024", "2024-05-02T08:00:00"]),
    "supplement_requests": st.sampled_from(["", "1", "-1", "một"]),
}
ROW = st.one_of(
    st.fixed_dictionaries(CELL).map(lambda cells: case(cells.pop("case_id"), **cells)),
    st.sampled_from([",,,,,,,", "Tổng cộng,,,,,,,5", CASES.strip()]),
)
FILES = st.dictionaries(
    st.sampled_from(["cases.csv", "cases_20240401.csv", "cases_2024-Q1_20240701.csv", "cases_20240701.csv"]),
    st.lists(ROW, min_size=1, max_size=8),
    min_size=1,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files=FILES, seed=st.integers(0, 9))
def test_no_row_is_lost_and_order_does_not_matter(files, seed):
    with tempfile.TemporaryDirectory() as name:
        shuffled = {file: random.Random(seed).sample(rows, len(rows)) for file, rows in files.items()}
        outcomes = []
        for rows_by_file in (files, shuffled):
            folder = write(Path(name) / "data", {**BASICS, **{f: cases(*rows) for f, rows in rows_by_file.items()}})
            data = ingest(folder, Path(name) / "out")
            told = data.files.filter(table="cases")
            assert dict(told.select("file", "read").rows()) == {f: len(rows) for f, rows in files.items()}
            parts = told.select(pl.sum_horizontal("accepted", "merged", "superseded", "rejected", "layout"))
            assert parts.to_series().to_list() == told["read"].to_list()
            assert told["accepted"].sum() == data.accepted("cases")
            rejected = data.rejects.filter(table="cases").select("file", "row").unique().height
            assert rejected == told["rejected"].sum()
            accepted = data.scan("cases")
            outcomes.append((accepted.collect().rows() if accepted is not None else [], told.rows(named=True)))
            shutil.rmtree(folder)
        for _, told in outcomes:
            for row in told:
                row.pop("sha256")
        assert outcomes[0] == outcomes[1]
