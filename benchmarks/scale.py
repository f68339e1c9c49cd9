"""Case indicators of a quarter by unit over millions of cases, against a bare scan, pandas and DuckDB.

    python benchmarks/scale.py [--cases 1000000] [--bodies 20] [--repeats 3] [--folder PLACE] [--dense]

Synthetic cases of several bodies over two years are written as Parquet, a file a body and quarter, and kept in
``--folder`` if one is given. Then, in turn, each time in a process of its own (loading libraries is not counted):

- ``scan``: the columns that the indicators read, streamed and dropped: the limit;
- ``chiso``: all indicators of cases and the case balance, of the whole, each body and unit, judged;
- ``chiso + keys``: the same, and that no case occurs twice;
- ``pandas``: numerators and denominators of the same indicators by body and unit; a body's files at a time, as
  pandas does not stream;
- ``DuckDB``: the same in SQL in one query, where the package is installed; nothing here needs it.

Their figures are compared. ``--dense``: all cases lie in the quarter and around it, so that none can be passed over.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from chiso.indicators.parts.counted import Counted, counted

PERIOD = "2024-Q4"
START, END = "2024-09-15", "2024-12-14"
DENSE = range(20, 24)  # the months September to December 2024
#: Indicators as SQL: (rows, hit) of shares; what is compared.
P = f"between DATE '{START}' and DATE '{END}'"
SHARES = {
    "A.I.3": (f"received {P}", "channel in ('online', 'postal')"),
    "A.II.1a": (f"finished {P}", "supplement_requests >= 1"),
    "A.II.1b": (f"finished {P}", "outcome = 'refused'"),
    "A.IV.1a": (f"finished {P} and due is not null", "finished <= due"),
    "A.IV.1b": (f"finished {P} and due is not null", "finished < due"),
    "A.IV.1c": (f"finished {P}", "visits > 2"),
    "B.III.4b": (f"received {P}", "progress_published"),
    "B.III.4c": (f"finished {P}", "result_published"),
    "B.III.6a": (f"finished {P} and supplement_requests >= 1", "supplement_forms >= supplement_requests"),
    "B.III.6b": (f"finished {P}", "supplement_requests <= 1"),
    "B.III.6c": (f"finished {P} and outcome = 'refused'", "refusal_form"),
    "B.III.6d": (
        "due between DATE '2024-09-14' and DATE '2024-12-13' and (finished is null or finished > due)",
        "apology_forms >= 1",
    ),
    "B.III.7a": (f"finished {P} and outcome = 'granted'", "result_electronic"),
    "B.III.7b": (f"received {P}", "digitised"),
    "B.III.7c": (f"received {P}", "data_reused"),
    "B.III.8": (f"finished {P} and due is not null", "finished <= due"),
    "B.VII.4a": (f"received {P} and online_level <> 'none'", "channel = 'online'"),
    "B.VII.4d": (f"received {P} and has_fee", "paid_online"),
}


def generate(folder: Path, cases: int, bodies: int, dense: bool) -> None:
    """Write the cases of each body by quarter, and its procedures."""
    from chiso.demo.cases import case_blocks
    from chiso.demo.clock import Clock
    from chiso.demo.department import load_department
    from chiso.demo.generate import conform
    from chiso.demo.procedures import make_procedures
    from chiso.sources import load_contract

    department, contract = load_department(), load_contract()
    clock = Clock(department)
    sizes = np.random.default_rng(1).dirichlet(np.full(bodies, 4.0))
    scale = 5.0 if dense else 1.0  # four of 24 months, the busier ones
    for number, size in enumerate(sizes):
        place = folder / f"body=H32.{number + 1:02d}"
        place.mkdir(parents=True)
        procedures = make_procedures(department, clock, number)
        conform(procedures.table, contract["procedures"]).write_parquet(place / "procedures.parquet")
        blocks = case_blocks(department, clock, procedures, number, max(round(cases * size * scale), 24))
        quarter: list[pl.DataFrame] = []
        for month, block in enumerate(blocks):
            if not dense or month in DENSE:
                quarter.append(conform(block, contract["cases"]))
            if quarter and month % 3 == 2:
                pl.concat(quarter).write_parquet(place / f"cases_{2023 + month // 12}-Q{month % 12 // 3 + 1}.parquet")
                quarter = []


def case_files(folder: Path) -> list[Path]:
    """Return the files of cases."""
    return sorted(folder.glob("*/cases_*.parquet"))


def scan(folder: Path) -> dict[str, list[float]]:
    """Stream the columns and drop them."""
    counted = _counted()
    pl.scan_parquet(case_files(folder)).select(counted.columns).sink_batches(lambda _: None)
    return {}


def _counted() -> Counted:
    from chiso.catalogue import load_catalogue
    from chiso.worktime import Period, Timeframe

    return counted(load_catalogue(2024), Timeframe(Period.parse(PERIOD)))


def chiso(folder: Path, keys: bool = False) -> dict[str, list[float]]:
    """Find, sum, combine, judge."""
    from chiso.catalogue import load_catalogue
    from chiso.indicators.parts import combine, partial
    from chiso.sources.parts import find_cases
    from chiso.worktime import Period, Timeframe

    catalogue, timeframe = load_catalogue(2024), Timeframe(Period.parse(PERIOD))
    part = partial(find_cases([folder]).files, catalogue, timeframe, check_keys=keys)
    rows = combine([part], catalogue, timeframe).indicators.filter(pl.col("unit_code").is_not_null())
    return {
        f"{r['body']} {r['unit_code']} {r['indicator']}": [r["numerator"], r["denominator"]]
        for r in rows.filter(pl.col("indicator").is_in(list(SHARES)), pl.col("denominator") > 0).iter_rows(named=True)
    }


def pandas_way(folder: Path) -> dict[str, list[float]]:
    """File by file: conditions as columns, summed by unit; then the sums of the files."""
    import pandas as pd

    columns = _counted().columns
    start, end = pd.Timestamp(START), pd.Timestamp(END)
    sums = []
    for body in sorted(folder.glob("body=*")):
        procedures = pd.read_parquet(body / "procedures.parquet")[["procedure_code", "online_level", "has_fee"]]
        f = pd.concat([pd.read_parquet(file, columns=columns) for file in sorted(body.glob("cases_*.parquet"))])
        received, finished, due = (f[c].dt.normalize() for c in ("received_at", "finished_at", "due_at"))
        f = f[received <= end].merge(procedures, on="procedure_code", how="left")
        received, finished, due = (f[c].dt.normalize() for c in ("received_at", "finished_at", "due_at"))
        finished = finished.where(finished <= end)
        r, d, known = received.between(start, end), finished.between(start, end), due.notna()
        day = pd.Timedelta(days=1)
        late = due.between(start - day, end - day) & (finished.isna() | (finished > due))
        asked, outcome, channel = f["supplement_requests"], f["outcome"], f["channel"]
        shares = {
            "A.I.3": (r, channel.isin(["online", "postal"])),
            "A.II.1a": (d, asked >= 1),
            "A.II.1b": (d, outcome == "refused"),
            "A.IV.1a": (d & known, finished <= due),
            "A.IV.1b": (d & known, finished < due),
            "A.IV.1c": (d, f["visits"] > 2),
            "B.III.4b": (r, f["progress_published"].eq(True)),
            "B.III.4c": (d, f["result_published"].eq(True)),
            "B.III.6a": (d & (asked >= 1), f["supplement_forms"] >= asked),
            "B.III.6b": (d, asked <= 1),
            "B.III.6c": (d & (outcome == "refused"), f["refusal_form"].eq(True)),
            "B.III.6d": (late, f["apology_forms"] >= 1),
            "B.III.7a": (d & (outcome == "granted"), f["result_electronic"].eq(True)),
            "B.III.7b": (r, f["digitised"].eq(True)),
            "B.III.7c": (r, f["data_reused"].eq(True)),
            "B.III.8": (d & known, finished <= due),
            "B.VII.4a": (r & (f["online_level"] != "none"), channel == "online"),
            "B.VII.4d": (r & f["has_fee"].eq(True), f["paid_online"].eq(True)),
        }
        frame = pd.DataFrame({f"{k}|n": (rows & hit) for k, (rows, hit) in shares.items()})
        frame = frame.assign(**{f"{k}|d": rows for k, (rows, _) in shares.items()}, body=body.name[5:])
        sums.append(frame.groupby([frame["body"], f["unit_code"]]).sum())
    total = pd.concat(sums).groupby(level=[0, 1]).sum()
    return _figures(dict(zip(total.index, total.to_dict("records"), strict=True)))


def duckdb_way(folder: Path) -> dict[str, list[float]]:
    """One query."""
    import duckdb

    sums = ", ".join(
        f'count(*) filter (where {rows}) as "{k}|d", count(*) filter (where ({rows}) and ({hit})) as "{k}|n"'
        for k, (rows, hit) in SHARES.items()
    )
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    connection.execute("set memory_limit = '2GB'")
    query = f"""
        with known as (
            select * replace (c.body as body), c.received_at::date as received, c.due_at::date as due,
                case when c.finished_at::date <= DATE '{END}' then c.finished_at::date end as finished
            from read_parquet('{folder}/*/cases_*.parquet', hive_partitioning = true) c
            left join (select procedure_code, body, online_level, has_fee
                       from read_parquet('{folder}/*/procedures.parquet', hive_partitioning = true)) p
            using (body, procedure_code) where c.received_at::date <= DATE '{END}')
        select body, unit_code, {sums} from known group by body, unit_code"""
    cursor = connection.execute(query)
    names = [d[0] for d in cursor.description]
    return _figures({row[:2]: dict(zip(names[2:], row[2:], strict=True)) for row in cursor.fetchall()})


def _figures(sums: dict[tuple[str, str], dict[str, float]]) -> dict[str, list[float]]:
    return {
        f"{body} {unit} {k}": [float(row[f"{k}|n"]), float(row[f"{k}|d"])]
        for (body, unit), row in sums.items()
        for k in SHARES
        if row[f"{k}|d"]
    }


WAYS: dict[str, Callable[[Path], dict[str, list[float]]]] = {
    "scan": scan,
    "chiso": chiso,
    "chiso + keys": lambda folder: chiso(folder, keys=True),
    "DuckDB": duckdb_way,
    "pandas": pandas_way,
}
LOADED = {"DuckDB": ("duckdb",), "pandas": ("pandas", "pyarrow")}


def turn(way: str, folder: Path) -> None:
    """Run one way in this process: seconds, peak memory and figures to standard output."""
    import chiso.indicators.parts  # noqa: F401
    from chiso.messages import DEFAULT, messages

    messages(DEFAULT)
    for library in LOADED.get(way, ()):
        importlib.import_module(library)
    _counted()
    begin = time.perf_counter()
    figures = WAYS[way](folder)
    took = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": took, "peak": peak, "figures": figures}))


def main() -> None:
    """Take turns and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--bodies", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the cases are written, or lie from a run before")
    parser.add_argument("--dense", action="store_true", help="all cases in and around the quarter")
    parser.add_argument("--without", nargs="*", default=[], help="ways to leave out")
    parser.add_argument("--turn", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.turn:
        return turn(asked.turn[0], Path(asked.turn[1]))
    ways = [way for way in WAYS if way not in asked.without]
    if "DuckDB" in ways and importlib.util.find_spec("duckdb") is None:
        print("DuckDB is not installed: left out (pip install duckdb)")
        ways.remove("DuckDB")
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary) / "cases"
        if not folder.exists():
            generate(folder, asked.cases, asked.bodies, asked.dense)
        _measure(folder, ways, asked.repeats)
    return None


def _measure(folder: Path, ways: list[str], repeats: int) -> None:
    rows = pl.scan_parquet(case_files(folder)).select(pl.len()).collect().item()
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    peaks: dict[str, float] = {}
    figures: dict[str, dict[str, list[float]]] = {}
    for _ in range(repeats):
        for way in ways:
            command = [sys.executable, "-W", "ignore", __file__, "--turn", way, str(folder)]
            run = subprocess.run(command, capture_output=True, text=True)
            if run.returncode:
                sys.exit(run.stderr)
            found = json.loads(run.stdout.splitlines()[-1])
            seconds[way].append(found["seconds"])
            peaks[way] = max(peaks.get(way, 0), found["peak"])
            figures[way] = found["figures"]
    print(
        f"{platform.platform()}, Python {platform.python_version()}, {rows:,} cases in {len(case_files(folder))} files"
    )
    print(f"{'way':14} {'min s':>8} {'median':>8} {'x scan':>7} {'peak MB':>8}")
    for way in ways:
        times = sorted(seconds[way])
        assert not figures[way] or figures[way] == figures["chiso"], f"{way}: other figures"
        shown = times[0], times[len(times) // 2], times[0] / min(seconds["scan"]), peaks[way]
        print(f"{way:14} {shown[0]:8.2f} {shown[1]:8.2f} {shown[2]:7.2f} {shown[3]:8.0f}")


if __name__ == "__main__":
    main()
