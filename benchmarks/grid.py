"""Bodies by periods in one command, against the same one by one and against the cells as plain Python.

    .venv/bin/python benchmarks/grid.py [--bodies 3] [--periods 2024-Q1..2024-Q4] [--cases 2000] [--no-single]

Synthetic bodies are written first, each with a name and a seed of its own. Then, each from nothing kept (a copy of the
data of its own, so that no import or figure of another way is found):

grid     ``chiso run PERIODS --body all``: import, figures, notebooks, pages, Word and Excel files.
single   The same reports, one command for each body and period after the other.
reports  The notebooks of the grid once more by its engine, from one process, on the tables of the grid: each executed,
         its page rendered, both written. What it takes beyond the limit is the engine's alone.
limit    The cells of all notebooks as plain Python in forked processes, as many at a time as there are cores
         (see ``engine.py``): on the tables of the grid, nothing imported, computed, rendered or kept.

The periods' folders of grid and single must be the same bytes, but for times. Wall and CPU seconds are of all
processes of a way; on a busy machine CPU is what to compare. The memory of the grid's own process is looked at twice a
second: it must not grow with what is done, so the second half of its time is compared with the first.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from engine import Seconds, _as_child, _cells, _cores, _jobs, _made_warm, _measure, _parameters, _wait, _write

from chiso.runs.data import processed_folder
from chiso.sources.privacy.pseudonyms import VARIABLE
from chiso.worktime import parse_periods

WAYS = ("reports", "limit")
CHISO = [sys.executable, "-c", "from chiso.cli import main; main()"]
#: Files that tell times or the command.
TIMED = ("timings.json", "run.html")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bodies", type=int, default=3)
    parser.add_argument("--periods", default="2024-Q1..2024-Q4")
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--no-single", action="store_true", help="leave out the runs one by one")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        (_limit if asked.way == "limit" else _reports)(list(_notebooks(asked.root, asked.periods)))
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        os.environ[VARIABLE] = str(root / "pseudonym.key")  # else copies of a folder would get others
        try:
            _compare(asked, root)
        finally:
            for data in root.glob("*/data/*"):
                shutil.rmtree(processed_folder(data), ignore_errors=True)


def _compare(asked: argparse.Namespace, root: Path) -> None:
    ways = ["grid"] if asked.no_single else ["grid", "single"]
    for number in range(1, asked.bodies + 1):
        _write_body(root / ways[0] / "data" / f"body-{number}", number, asked.cases)
    for way in ways[1:]:
        shutil.copytree(root / ways[0] / "data", root / way / "data")
    taken: dict[str, Seconds] = {}
    with _Memory() as memory:
        taken["grid"] = _measure([_chiso(root / "grid", asked.periods, "", "--body", "all")])
    if not asked.no_single:
        names = sorted(folder.name for folder in (root / "single" / "data").iterdir())
        periods = [str(period) for period in parse_periods(asked.periods)]
        taken["single"] = _measure([_chiso(root / "single", p, name) for name in names for p in periods])
        _check(root)
    for way in WAYS:
        own = [sys.executable, __file__, "--way", way, "--root", str(root / "grid"), "--periods", asked.periods]
        taken[way] = _measure([own])
    notebooks = len(list(root.glob("grid/out/*/*/notebooks/*.ipynb")))
    _print(taken, notebooks, memory)


def _write_body(folder: Path, number: int, cases: int) -> None:
    demo = [*CHISO, "demo", str(folder), "--seed", str(number), "--cases", str(cases)]
    subprocess.run(demo, check=True, stdout=subprocess.DEVNULL)
    settings = folder / "chiso.toml"
    lines = settings.read_text(encoding="utf-8").splitlines(keepends=True)
    named = [f'name = "Body {number}"\n' if line.startswith("name =") else line for line in lines]
    settings.write_text("".join(named), encoding="utf-8")


def _chiso(place: Path, period: str, body: str, *words: str) -> list[str]:
    return [*CHISO, "run", period, "--data", str(place / "data" / body), "--out", str(place / "out" / body), *words]


class _Memory:
    """Looks at the resident bytes of the process that this one starts."""

    def __init__(self) -> None:
        self.looks: list[int] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        own: psutil.Process | None = None
        while not self._ended.wait(0.5):
            try:
                own = own or next(iter(psutil.Process().children()), None)
                if own is not None:
                    self.looks.append(own.memory_info().rss)
            except psutil.Error:
                return

    def told(self) -> str:
        """Return the medians of both halves and the peak."""
        half = len(self.looks) // 2
        first, second = (median(part) / 1e6 for part in (self.looks[half // 2 : half], self.looks[half:]))
        peak = max(self.looks) / 1e6
        return (
            f"memory of the grid's process, MB: {first:.0f}, then {second:.0f}; peak {peak:.0f} ({second / first:.2f})"
        )


def _notebooks(place: Path, periods: str) -> Iterator[tuple[argparse.Namespace, Any]]:
    """Yield each report of each body and period with its parameters."""
    for body in sorted((place / "data").iterdir()):
        for period in parse_periods(periods):
            asked = argparse.Namespace(period=str(period), data=body, out=place / "out" / body.name)
            asked.target = place / "reports" / body.name / str(period)
            yield from ((asked, job) for job in _jobs(asked))


def _reports(notebooks: list[tuple[argparse.Namespace, Any]]) -> None:
    """Make each notebook and its page in a process forked from a warm one."""
    from chiso.runs.warm.process import warm_up

    warm_up()
    for asked, _ in notebooks:
        asked.target.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(_cores()) as pool:
        list(pool.map(lambda one: _write(one[0].target, one[1], *_made_warm(*one)), notebooks))


def _limit(notebooks: list[tuple[argparse.Namespace, Any]]) -> None:
    """Fork a process for each notebook."""
    from chiso.runs.warm.process import PRELOADED

    for module in PRELOADED:
        import_module(module)
    running = 0
    for asked, job in notebooks:
        if running == _cores():
            _wait()
            running -= 1
        if not os.fork():
            _as_child(partial(_cells, job.source, _parameters(asked)))
        running += 1
    for _ in range(running):
        _wait()


def _check(root: Path) -> None:
    """Fail where the periods' folders of grid and single differ."""
    files = {}
    for way in ("grid", "single"):
        out = root / way / "out"
        found = [file for file in out.glob("*/2*/**/*") if file.is_file() and file.name not in TIMED]
        files[way] = {file.relative_to(out).as_posix(): file.read_bytes() for file in found}
    names = sorted({*files["grid"], *files["single"]})
    if different := [name for name in names if files["grid"].get(name) != files["single"].get(name)]:
        raise SystemExit(f"files of grid and single differ: {', '.join(different[:9])}")
    print(f"{len(names)} files of grid and single are equal")


def _print(taken: dict[str, Seconds], notebooks: int, memory: _Memory) -> None:
    print(f"{notebooks} notebooks, {_cores()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'way':8}{'wall s':>9}{'CPU s':>9}{'notebooks/s':>13}{'CPU s each':>12}{'wall/limit':>12}{'CPU/limit':>11}")
    grid, limit = taken["grid"], taken["limit"]
    for way, (wall, cpu) in taken.items():
        each = f"{notebooks / wall:13.2f}{cpu / notebooks:12.2f}"
        print(f"{way:8}{wall:9.1f}{cpu:9.1f}{each}{wall / limit[0]:12.2f}{cpu / limit[1]:11.2f}")
    busy = grid[1] / grid[0] / _cores()
    print(f"grid: {busy:.0%} of the cores in use")
    print(memory.told())


if __name__ == "__main__":
    main()
