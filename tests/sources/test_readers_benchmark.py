"""The benchmark measures what it says: both ways read every row."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_both_ways_read_every_row(tmp_path):
    spec = importlib.util.spec_from_file_location("reading", ROOT / "benchmarks" / "reading.py")
    reading = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reading)
    reading.write_folder(tmp_path, 200)
    assert (reading.bare(tmp_path), reading.whole(tmp_path)) == (200, 200)
