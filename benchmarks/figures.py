"""The figures of a quarter: all computed, nothing changed, one row changed in each table; seconds and shares of all.

Run: python benchmarks/figures.py [data folder]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import polars as pl

from chiso.runs.outlook import Outlook, figures
from chiso.runs.plan import catalogue_for
from chiso.sources import Dataset, ingest, load_contract
from chiso.sources.digests import TableDigest
from chiso.sources.kept import NO_SHELVES, Kept
from chiso.worktime import Period, Timeframe

TURNS = 3
NOW = Timeframe(Period.parse("2024-Q4"), "decree09")


def changed(dataset: Dataset, table: str, turn: int, folder: Path) -> Dataset:
    """Return the import without one row of a table, another one each turn."""
    target = folder / f"{table}-{turn}"
    target.mkdir()
    for file in dataset.processed.glob("*.parquet"):
        (target / file.name).symlink_to(file)
    rows = pl.read_parquet(dataset.processed / f"{table}.parquet")
    (target / f"{table}.parquet").unlink()
    place = rows.height // 2 + turn
    pl.concat([rows[:place], rows[place + 1 :]]).write_parquet(target / f"{table}.parquet")
    digests = {**dataset._digests, table: TableDigest(f"{table} {turn}", "")}
    return replace(dataset, processed=target, _digests=digests)


def seconds(run: Callable[[], Outlook]) -> float:
    """Return how long a computation takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main(data: Path) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        dataset = ingest(data, folder / "imports")
        of_year = cache(partial(catalogue_for, dataset.body))
        kept = Kept(folder / "kept")
        made = partial(figures, dataset, of_year, NOW)
        made(NO_SHELVES)  # libraries are loaded
        found = {
            "all computed, nothing kept": [seconds(partial(made, NO_SHELVES)) for _ in range(TURNS)],
            "all computed and kept": [seconds(partial(made, Kept(folder / f"kept-{n}"))) for n in range(TURNS)],
        }
        made(kept)
        found["nothing changed"] = [seconds(partial(made, kept)) for _ in range(TURNS)]
        for table in load_contract():
            if dataset.accepted(table):
                others = [changed(dataset, table, turn, folder) for turn in range(TURNS)]
                found[f"a row of `{table}`"] = [seconds(partial(figures, o, of_year, NOW, kept)) for o in others]
    whole = statistics.median(found["all computed, nothing kept"])
    print("| what | s | of all |\n|---|---|---|")
    for what, times in found.items():
        print(f"| {what} | {statistics.median(times):.2f} | {statistics.median(times) / whole:.2f} |")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "data/raw/sample"))
