"""A run of the command line in a process of its own over four small reports, for tests that end it by force."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from notebook_files import TABLES, write_notebook

from chiso.catalogue import load_catalogue
from chiso.runs import plan

REPORTS = ("overview", "A.I", "A.II", "B.I")
#: Files that tell of the run itself, and differ from one to the next.
BESIDE = ("timings.json", "run.html")

#: The command line with a folder's own notebooks and imports; it ends itself and its children at the n-th move.
_PROGRAM = """
import os, pathlib, signal, sys
from chiso import cli
from chiso.runs import data, indexes, pages, plan
here, reports, last = pathlib.Path(sys.argv[1]), sys.argv[2].split(","), int(sys.argv[3])
plan.notebook_folder = lambda: here / "notebooks"
data.project_folder = lambda: here / "project"
every = plan.all_jobs
for module in (plan, pages, indexes):
    module.all_jobs = lambda catalogue: tuple(job for job in every(catalogue) if job.component in reports)
moved, replace = 0, pathlib.Path.replace
def counted(path, target):
    global moved
    moved += 1
    if moved == last:
        os.killpg(0, signal.SIGKILL)
    return replace(path, target)
if last:
    pathlib.Path.replace = counted
cli.main(sys.argv[4:])
"""


def make_folder(folder: Path) -> Path:
    """Make a folder with ``data``, ``notebooks`` and ``project``."""
    for part in ("data", "project"):
        (folder / part).mkdir(parents=True)
    for name, content in TABLES.items():
        (folder / "data" / f"{name}.csv").write_text(content, encoding="utf-8")
    for job in plan.all_jobs(load_catalogue(2024)):
        if job.component in REPORTS:
            write_notebook(folder / "notebooks" / job.source.name, READS)
    return folder


#: A cell that shows a table: its page is another when the table is.
READS = "import pathlib\nprint(pathlib.Path(data, 'cases.csv').read_text(encoding='utf-8'))"


def correct(folder: Path) -> None:
    """Correct one row of the cases."""
    file = folder / "data" / "cases.csv"
    content = file.read_text(encoding="utf-8")
    assert "2024-10-12T09" in content
    file.write_text(content.replace("2024-10-12T09", "2024-10-08T09"), encoding="utf-8")


def start(folder: Path, *words: str, last: int = 0, env=None, cwd=None) -> subprocess.Popen:
    """Start ``chiso run 2024-Q4`` in a process group of its own."""
    command = [sys.executable, "-c", _PROGRAM, folder, ",".join(REPORTS), last, "run", "2024-Q4"]
    command += ["--data", folder / "data", "--out", folder / "out", *words]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    return subprocess.Popen([str(word) for word in command], env={**os.environ, **(env or {})}, cwd=cwd, **pipes)


def run(folder: Path, *words: str, **settings) -> tuple[int, str]:
    """Run to the end; return the exit code and all that was told."""
    process = start(folder, *words, **settings)
    told = "".join(process.communicate(timeout=300))
    return process.returncode, told


def kill(process: subprocess.Popen) -> None:
    """Cut the power."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def files(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all outputs but those of the work folder and those that tell of the run itself."""
    found = {}
    for path in (folder / "out").rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder / "out").parts)
        if path.is_file() and not hidden and path.name not in BESIDE:
            found[path.relative_to(folder / "out").as_posix()] = path.read_bytes()
    return found
