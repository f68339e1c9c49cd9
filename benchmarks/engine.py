"""The report notebooks of a quarter by four ways, from cold to .ipynb and HTML.

    .venv/bin/python benchmarks/engine.py [--period 2024-Q4] [--out FOLDER] [--turns 3] [--no-shell] [--only warm]

On the result tables of one finished run, each way a process of its own that starts with nothing loaded, in turns so
that a busy machine slows all alike; the shell loop takes one turn:

limit   The cells as plain Python. A process loads what the warm one loads and forks itself for each notebook, as many
        at a time as there are cores. The child reads the notebook, puts the parameters behind its parameters cell,
        executes each cell with ``exec`` and turns the value of its last expression into what IPython would show
        (``DisplayFormatter``: text and HTML, so tables are written and figures drawn). It keeps nothing: no notebook,
        no page, no messages.
warm    The engine of ``chiso run``: notebook and page, written.
stock   papermill's own engine in kernels behind sockets, as many at a time, from one process; notebook and page.
shell   For each notebook ``papermill`` and then ``jupyter nbconvert --to html --no-input``, one after the other.

Afterwards the notebooks of warm and stock must be the same bytes, their pages too, and the outputs of each cell those
of the shell loop; else the benchmark fails. Times are wall seconds and CPU seconds of all processes of the way.
"""

from __future__ import annotations

import argparse
import ast
import ctypes
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

WAYS = ("limit", "warm", "stock")
#: At most this many times the limit, and at least this many times faster than the shell loop.
TARGETS = {"limit": 1.3, "shell": 8.0}
_SUBREAPER = 36
Seconds = tuple[float, float]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--period", default="2024-Q4")
    parser.add_argument("--data", type=Path, default=Path("data/raw/sample"))
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--no-shell", action="store_true", help="leave out the shell loop")
    parser.add_argument("--only", choices=WAYS, action="append", help="ways to measure (all)")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help="output folder of a finished run of the period; default: make one")
    parser.add_argument("--target", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        {"limit": _limit, "warm": _warm, "stock": _stock}[asked.way](asked)
        return
    with tempfile.TemporaryDirectory() as folder:
        _compare(asked, Path(folder))


def _compare(asked: argparse.Namespace, folder: Path) -> None:
    out = asked.out.absolute() if asked.out else folder / "out"
    given = ["--data", str(asked.data.absolute()), "--out", str(out)]
    if not asked.out:
        chiso = [sys.executable, "-c", "from chiso.cli import main; main()"]
        subprocess.run([*chiso, "run", asked.period, *given, "--component", "B.II"], check=True, capture_output=True)
    ways = asked.only or WAYS
    taken: dict[str, list[Seconds]] = {way: [] for way in ways}
    for _ in range(asked.turns):
        for way in ways:
            own = [__file__, "--period", asked.period, *given, "--way", way, "--target", str(folder / way)]
            taken[way].append(_measure([[sys.executable, *own]]))
    if not asked.no_shell:
        taken["shell"] = [_measure(_shell(asked, out, folder / "shell"))]
    _print({way: _median(turns) for way, turns in taken.items()}, asked.turns)
    _check(folder)


def _measure(commands: list[list[str]]) -> Seconds:
    """Run commands one after the other; return wall and CPU seconds of them and of all processes they leave."""
    if sys.platform == "linux":  # what outlives its parent, as the process that forks does, is counted here too
        ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    for command in commands:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wall = time.perf_counter() - start
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _median(turns: list[Seconds]) -> Seconds:
    return statistics.median(t[0] for t in turns), statistics.median(t[1] for t in turns)


def _print(taken: dict[str, Seconds], turns: int) -> None:
    print(f"{os.cpu_count()} cores, median of {turns} turns, load {os.getloadavg()[0]:.1f}")
    print(f"{'way':8}{'wall s':>9}{'CPU s':>9}{'wall/warm':>11}{'CPU/warm':>11}")
    wall, cpu = taken.get("warm", next(iter(taken.values())))
    for way, (own_wall, own_cpu) in taken.items():
        print(f"{way:8}{own_wall:9.2f}{own_cpu:9.2f}{own_wall / wall:11.2f}{own_cpu / cpu:11.2f}")
    for way, target in TARGETS.items():
        if way in taken:
            ratio = wall / taken[way][0] if way == "limit" else taken[way][0] / wall
            kind = "at most" if way == "limit" else "at least"
            name = "warm / limit" if way == "limit" else "shell / warm"
            print(f"{name}: {ratio:.2f} ({kind} {target})")


def _check(folder: Path) -> None:
    """Fail where the ways' notebooks or pages differ."""
    import nbformat

    outputs = {}
    for way in ("warm", "stock", "shell"):
        found = sorted((folder / way).glob("*.ipynb"))
        outputs[way] = {f.name: [_shown(c) for c in nbformat.read(f, as_version=4).cells] for f in found}
    names = [way for way, found in outputs.items() if found]
    for way in names[1:]:
        if outputs[way] != outputs[names[0]]:
            different = [n for n, cells in outputs[way].items() if cells != outputs[names[0]].get(n)]
            raise SystemExit(f"outputs of {way} and {names[0]} differ: {', '.join(different)}")
    if {"warm", "stock"} <= set(names):
        files = {f.name for way in ("warm", "stock") for f in (folder / way).iterdir()}
        different = [n for n in files if (folder / "warm" / n).read_bytes() != (folder / "stock" / n).read_bytes()]
        if different:
            raise SystemExit(f"files of warm and stock differ: {', '.join(sorted(different))}")
    print(f"outputs of {', '.join(names)} are equal: {len(outputs[names[0]])} notebooks" if names else "no notebooks")


def _shown(cell: Any) -> Any:
    return cell.source, cell.get("execution_count"), cell.get("outputs")


def _jobs(asked: argparse.Namespace) -> Any:
    from chiso.catalogue import load_catalogue
    from chiso.runs.plan import all_jobs
    from chiso.worktime import Period

    return all_jobs(load_catalogue(Period.parse(asked.period).year))


def _parameters(asked: argparse.Namespace) -> dict[str, str]:
    return {"period": asked.period, "data": str(asked.data), "out": str(asked.out)}


def _shell(asked: argparse.Namespace, out: Path, target: Path) -> list[list[str]]:
    target.mkdir()
    values = _parameters(argparse.Namespace(**{**vars(asked), "data": asked.data.absolute(), "out": out}))
    given = [word for name, value in values.items() for word in ("-r", name, value)]
    commands = []
    for job in _jobs(asked):
        done = str(target / f"{job.stem}.ipynb")
        commands.append([_program("papermill"), str(job.source), done, "--cwd", str(job.source.parent), *given])
        commands.append([_program("jupyter"), "nbconvert", "--to", "html", "--no-input", done])
    return commands


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _warm(asked: argparse.Namespace) -> None:
    from chiso.runs.warm.process import warm_up

    warm_up()
    _engine(asked, partial(_made_warm, asked))


def _made_warm(asked: argparse.Namespace, job: Any) -> tuple[Any, str]:
    from chiso.runs.engine import open_kernel, run_notebook

    with open_kernel(job.source.parent) as kernel:
        done = run_notebook(job, _parameters(asked), job.source.parent, kernel)
        return done, kernel.call("chiso.reporting.notebook_page:notebook_page", done.notebook, _frame(job))


def _stock(asked: argparse.Namespace) -> None:
    from chiso.reporting.notebook_page import notebook_page
    from chiso.runs.engine import run_notebook

    def run(job: Any) -> tuple[Any, str]:
        done = run_notebook(job, _parameters(asked), job.source.parent, None)
        return done, notebook_page(done.notebook, _frame(job))

    _engine(asked, run)


def _engine(asked: argparse.Namespace, run: Callable[[Any], tuple[Any, str]]) -> None:
    asked.target.mkdir(exist_ok=True)
    with ThreadPoolExecutor(_cores()) as pool:
        list(pool.map(lambda job: _write(asked.target, job, *run(job)), _jobs(asked)))


def _write(target: Path, job: Any, done: Any, page: str) -> None:
    import nbformat

    if done.failure is not None:
        raise SystemExit(f"{job.stem}: {done.failure}")
    (target / f"{job.stem}.ipynb").write_text(nbformat.writes(done.notebook) + "\n", encoding="utf-8")
    (target / f"{job.stem}.html").write_text(page, encoding="utf-8")


def _frame(job: Any) -> Any:
    from chiso.reporting.pages import Page

    return Page(job.title, "Sở", "Quý")


def _limit(asked: argparse.Namespace) -> None:
    """Fork a process for each notebook; nothing is computed before."""
    from chiso.runs.warm.process import PRELOADED

    for module in PRELOADED:
        import_module(module)
    running = 0
    for job in _jobs(asked):
        if running == _cores():
            _wait()
            running -= 1
        if not (child := os.fork()):
            _as_child(partial(_cells, job.source, _parameters(asked)))
        running += 1 if child else 0
    for _ in range(running):
        _wait()


def _wait() -> None:
    if os.wait()[1]:
        raise SystemExit("a notebook failed")


def _as_child(work: Callable[[], None]) -> None:
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def _cells(source: Path, parameters: dict[str, str]) -> None:
    import json

    from IPython.core.formatters import DisplayFormatter

    os.chdir(source.parent)
    show, names = DisplayFormatter(), {"__name__": "__main__"}
    for cell in json.loads(source.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), names)
        if last is not None:
            show.format(eval(compile(ast.Expression(last.value), "cell", "eval"), names))
        if "parameters" in cell["metadata"].get("tags", ()):
            names.update(parameters)


if __name__ == "__main__":
    main()
