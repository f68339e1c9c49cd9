"""The reports of a quarter on this machine and on two dask workers of it, from the command to the last file.

    .venv/bin/python benchmarks/dask_engine.py [--period 2024-Q4] [--data FOLDER] [--workers 2] [--turns 3]

A scheduler and workers are started on the loopback interface only, and warmed by one run that is not counted: workers
stay from run to run. Then, in turns so that a busy machine slows both alike: ``chiso run --force`` as it is, and with
``--engine dask``. Afterwards the files of both must be the same bytes, but for page and times of the run itself.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: At most this many times the time of the machine alone.
TARGET = 1.25
OWN = ("run.html", "timings.json")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--period", default="2024-Q4")
    parser.add_argument("--data", type=Path, default=Path("data/raw/sample"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _cluster(Path(folder), asked.workers) as address:
        ways = {"local": [], "dask": ["--engine", "dask", "--scheduler", address]}
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for turn in range(asked.turns + 1):
            for way, words in ways.items():
                seconds = _run(asked, Path(folder) / way, words)
                if turn:
                    taken[way].append(seconds)
        _check(Path(folder) / "local", Path(folder) / "dask")
    print(f"{os.cpu_count()} cores, {asked.workers} workers, {asked.turns} turns, load {os.getloadavg()[0]:.1f}")
    for way, found in taken.items():
        print(f"{way:8}{statistics.median(found):8.2f} s  ({', '.join(f'{seconds:.1f}' for seconds in found)})")
    ratio = statistics.median(d / own for own, d in zip(taken["local"], taken["dask"], strict=True))
    print(f"dask / local, median of the turns: {ratio:.2f} (at most {TARGET})")


def _run(asked: argparse.Namespace, out: Path, words: list[str]) -> float:
    start = time.perf_counter()
    command = [sys.executable, "-c", "from chiso.cli import main; main()", "run", asked.period, "--force"]
    subprocess.run([*command, "--data", str(asked.data), "--out", str(out), *words], check=True, capture_output=True)
    return time.perf_counter() - start


@contextmanager
def _cluster(folder: Path, workers: int) -> Iterator[str]:
    """Yield the address of a scheduler on the loopback interface, with workers."""
    file = folder / "scheduler.json"
    own = ["--host", "127.0.0.1", "--no-dashboard"]
    processes = [_dask("scheduler", [*own, "--port", "0", "--scheduler-file", str(file)], folder)]
    try:
        while not file.is_file():
            time.sleep(0.1)
        address = json.loads(file.read_text(encoding="utf-8"))["address"]
        for _ in range(workers):
            processes.append(_dask("worker", [address, *own, "--nthreads", "1"], folder))
        yield address
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()


def _dask(kind: str, words: list[str], folder: Path) -> subprocess.Popen[bytes]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-m", "dask", kind, *words], cwd=folder, **quiet)


def _check(local: Path, dask: Path) -> None:
    """Fail where the files of both differ."""
    found = [{f.relative_to(out): f.read_bytes() for f in out.rglob("*") if f.is_file()} for out in (local, dask)]
    differing = [str(n) for n in {*found[0], *found[1]} if n.name not in OWN and found[0].get(n) != found[1].get(n)]
    if differing:
        raise SystemExit(f"files differ: {', '.join(sorted(differing))}")
    print(f"{len(found[0])} files of both are the same bytes")


if __name__ == "__main__":
    main()
