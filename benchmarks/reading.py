"""How long an import of a large workbook takes, against a bare read of it by the same engine.

    .venv/bin/python benchmarks/reading.py [--rows 100000] [--repeats 5]

Builds a workbook of cases with 20 columns once, then takes turns: a bare `fastexcel` read of all cells as text, and the
whole import (reading, header, types, rules, duplicates, Parquet). Each turn is a process of its own, so that its peak
memory is its own; starting the process and importing libraries are not counted.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
from openpyxl import Workbook

COLUMNS = [
    *("case_id", "procedure_code", "unit_code", "officer_id", "applicant_kind", "channel"),
    *("received_at", "due_at", "finished_at", "outcome", "supplement_requests", "supplement_forms", "visits"),
    *("progress_published", "result_published", "fee_vnd", "paid_online", "digitised"),
    *("result_electronic", "data_reused"),
]


def write_workbook(path: Path, rows: int) -> None:
    """Write a workbook of ``rows`` cases as a system exports them: real dates, Vietnamese words, numbers, blanks."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Hồ sơ")
    sheet.append(COLUMNS)
    begin = datetime(2024, 1, 2, 8, 0)
    for i in range(rows):
        received = begin + timedelta(minutes=3 * i % 400_000, days=i % 300)
        sheet.append(
            [
                f"000.00.01.H01-{i:08d}",
                f"1.00{i % 90:04d}",
                f"U{i % 12}",
                f"CB{i % 40:02d}",
                "Tổ chức" if i % 3 else "Cá nhân",
                "Trực tuyến" if i % 5 else "Trực tiếp",
                received,
                received + timedelta(days=10),
                received + timedelta(days=i % 15, hours=2) if i % 17 else None,
                "Đồng ý" if i % 17 else None,
                i % 3,
                i % 2,
                1 + i % 2,
                "Có" if i % 4 else "Không",
                "Có",
                25_000 * (i % 5),
                "Có" if i % 6 else "Không",
                "Có" if i % 7 else None,
                "Có" if i % 8 else "Không",
                "Không",
            ]
        )
    book.save(path)


def write_folder(folder: Path, rows: int) -> None:
    """Write a data folder: the workbook, and the units and procedures its codes refer to."""
    write_workbook(folder / "cases_2024_20251231.xlsx", rows)
    units = pl.DataFrame({"unit_code": [f"U{i}" for i in range(12)]}).with_columns(
        unit_name="unit_code", kind=pl.lit("division")
    )
    units.write_csv(folder / "units.csv")
    codes = pl.DataFrame({"procedure_code": [f"1.00{i:04d}" for i in range(90)]})
    codes.with_columns(
        procedure_name="procedure_code",
        field=pl.lit("Hộ tịch"),
        unit_code=pl.lit("U1"),
        online_level=pl.lit("full"),
        has_fee=pl.lit("true"),
    ).write_csv(folder / "procedures.csv")


def bare(folder: Path) -> int:
    """Read all cells as text, and nothing else."""
    import fastexcel

    sheet = fastexcel.read_excel(next(folder.glob("*.xlsx"))).load_sheet(
        0, header_row=None, skip_rows=0, dtypes="string"
    )
    return pl.DataFrame(sheet).height - 1


def whole(folder: Path) -> int:
    """Import the folder."""
    from chiso.sources import ingest

    with tempfile.TemporaryDirectory() as processed:
        data = ingest(folder, Path(processed))
        return data.accepted("cases")


WAYS = {"bare": bare, "import": whole}


def measure(way: str, folder: Path) -> None:
    """Print seconds, peak memory (MB) and rows of one turn; libraries are loaded before the clock starts."""
    import fastexcel  # noqa: F401

    import chiso.sources  # noqa: F401

    begin = time.perf_counter()
    rows = WAYS[way](folder)
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "rows": rows}))


def main() -> None:
    """Measure both ways in turn and print a table."""
    parser = argparse.ArgumentParser(description="Import of a large workbook against a bare read of it.")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--measure", nargs=2, metavar=("WAY", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        return measure(options.measure[0], Path(options.measure[1]))
    with tempfile.TemporaryDirectory() as folder:
        write_folder(Path(folder), options.rows)
        turns: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for _ in range(options.repeats):
            for way, found in turns.items():
                command = [sys.executable, __file__, "--measure", way, folder]
                run = subprocess.run(command, capture_output=True, text=True, check=True)
                found.append(json.loads(run.stdout))
    print(f"{options.rows} rows x {len(COLUMNS)} columns, {options.repeats} turns; Python {platform.python_version()}")
    print("| way | rows | min s | median s | peak MB |")
    print("|---|---|---|---|---|")
    best = {}
    for way, found in turns.items():
        seconds = [turn["seconds"] for turn in found]
        best[way] = (min(seconds), statistics.median(seconds))
        peak = max(turn["peak"] for turn in found)
        print(f"| {way} | {found[0]['rows']:.0f} | {best[way][0]:.2f} | {best[way][1]:.2f} | {peak:.0f} |")
    ratios = [slow / quick for slow, quick in zip(best["import"], best["bare"], strict=True)]
    print(f"ratio import / bare: {ratios[0]:.2f} (min), {ratios[1]:.2f} (median)")
    return None


if __name__ == "__main__":
    main()
