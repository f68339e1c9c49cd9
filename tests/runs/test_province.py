"""``chiso province`` as a user calls it."""

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from chiso.cli import _run
from chiso.demo import generate


def store(folder: Path) -> Path:
    tables = generate(cases=300)
    for body in ("H32.01", "H32.02"):
        (folder / f"body={body}").mkdir(parents=True)
        tables["cases"].write_parquet(folder / f"body={body}" / "part-0.parquet")
    for name in ("procedures", "units"):
        tables[name].write_parquet(folder / f"{name}.parquet")
    return folder


def test_tables_are_written_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = store(tmp_path / "cases")
    assert _run(["province", "2024-Q4", str(place), "--out", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().out
    assert "2 cơ quan" in told and "600 hồ sơ" in told
    folder = tmp_path / "out" / "2024-Q4"
    names = ("account", "case_balance", "files", "indicators", "notes")
    assert sorted(p.name for p in folder.iterdir()) == sorted(f"{n}.{e}" for n in names for e in ("csv", "parquet"))
    found = pl.read_parquet(folder / "indicators.parquet")
    assert set(found["body"]) == {None, "H32.01", "H32.02"}
    assert found["unit_code"].drop_nulls().len()
    first = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert _run(["province", "2024-Q4", str(place), "--out", str(tmp_path / "out")]) == 0
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == first


def test_every_process_writes_the_same_bytes(tmp_path: Path) -> None:
    place, found = store(tmp_path / "cases"), []
    for seed in ("1", "2"):
        out = tmp_path / seed
        command = [sys.executable, "-m", "chiso.cli", "province", "2024-Q4", str(place), "--out", str(out)]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed})
        found.append({p.name: p.read_bytes() for p in (out / "2024-Q4").iterdir()})
    assert pl.read_parquet(tmp_path / "1" / "2024-Q4" / "notes.parquet").filter(reason="blank").height > 1
    assert found[0] == found[1]


def test_bodies_alone(tmp_path: Path) -> None:
    place = store(tmp_path / "cases")
    assert _run(["province", "2024-Q4", str(place), "--by", "body", "--out", str(tmp_path / "out")]) == 0
    for name in ("indicators", "case_balance"):
        assert not pl.read_parquet(tmp_path / "out" / "2024-Q4" / f"{name}.parquet")["unit_code"].drop_nulls().len()


def test_nothing_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert _run(["province", "2024-Q4", str(tmp_path / "empty")]) == 2
    assert _run(["province", "2024-Q4", str(tmp_path / "none*")]) == 2
    assert "none*" in capsys.readouterr().err
