"""Figures assembled from what was kept equal those computed anew, on random, sparse and dirty folders."""

import os
from datetime import date
from functools import partial
from pathlib import Path

import generate
import pytest
from polars.testing import assert_frame_equal

from chiso.runs import history
from chiso.runs.outlook import figures
from chiso.runs.plan import catalogue_for
from chiso.sources import Dataset, ingest
from chiso.sources.kept import NO_SHELVES, Kept
from chiso.worktime import Period, Timeframe

NOW = Timeframe(Period.parse("2024-Q4"), "decree09")


def assert_same(dataset: Dataset, kept: Kept) -> None:
    of_year = partial(catalogue_for, dataset.body)
    one, other = (figures(dataset, of_year, NOW, where) for where in (kept, NO_SHELVES))
    frames, expected = one.results.frames(), other.results.frames()
    assert list(frames) == list(expected)
    for name, frame in frames.items():
        assert_frame_equal(frame, expected[name], check_exact=True)
    for name in ("history", "forecasts", "backtest"):
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


#: Of all three with ``CHISO_SEEDS`` set; they take a minute.
SEEDS = [1, 3, 7] if "CHISO_SEEDS" in os.environ else [3]


@pytest.mark.parametrize("seed", SEEDS)
def test_kept_and_computed_anew_agree(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "LENGTH", 3)
    folder, kept = tmp_path / "data", Kept(tmp_path / "kept", "salt")
    around = [NOW.start, date(2024, 11, 1), NOW.as_of]
    generate.write_random_folder(
        folder, seed, dirty=seed != 3, around=around, periods=["2024-Q4", "2024-Q3"], sparse=seed != 1
    )
    for _ in range(2):
        assert_same(ingest(folder, tmp_path / "imports"), kept)
    for file in sorted(folder.glob("*.csv"))[seed % 2 :: 2]:  # the last line of every other file goes
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(lines[:-1]))
        assert_same(ingest(folder, tmp_path / "imports"), kept)
