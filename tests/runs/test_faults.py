"""What may happen to a run: power cut, full disk, deleted outputs, another run; outputs stay whole, the old or the new.

``CHISO_CUTS=100`` cuts the power a hundred times, ``CHISO_CUTS=20..39`` with the seeds 20 to 39.
"""

import ast
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest
import whole_runs
from notebook_files import write_notebook
from whole_runs import files

from chiso.runs.parameters import declared
from chiso.runs.plan import notebook_folder
from chiso.runs.stage import Stage

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and process groups")

FIRST, _, LAST = os.environ.get("CHISO_CUTS", "3").rpartition("..")
SEEDS = range(int(FIRST), int(LAST) + 1) if FIRST else range(int(LAST))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A folder with outputs, what an undisturbed run makes of one corrected row, and how long it takes."""
    here = tmp_path_factory.mktemp("runs")
    before = whole_runs.make_folder(here / "before")
    code, told = whole_runs.run(before)
    assert code == 0, told
    after = shutil.copytree(before, here / "after")
    whole_runs.correct(after)
    started = time.monotonic()
    code, told = whole_runs.run(after)
    assert code == 0, told
    return before, files(after), time.monotonic() - started


@pytest.fixture
def no_orphans():
    """No process is left that a test has begun."""
    mine = set(psutil.Process().children(recursive=True))
    groups = []
    yield groups
    for _ in range(100):
        left = [p for p in psutil.process_iter() if _group(p) in groups and p.status() != psutil.STATUS_ZOMBIE]
        left += [p for p in psutil.Process().children(recursive=True) if p not in mine and _running(p)]
        if not left:
            return
        time.sleep(0.1)
    for one in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    raise AssertionError(left)


def _group(process):
    try:
        return os.getpgid(process.pid)
    except OSError:
        return None


def _running(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("seed", SEEDS)
def test_a_power_cut_leaves_every_file_old_or_new_and_resume_finishes(course, tmp_path, no_orphans, seed):
    before, new, duration = course
    old, chance = files(before), random.Random(seed)
    assert old != new
    here = shutil.copytree(before, tmp_path / "here")
    whole_runs.correct(here)
    if seed % 2:  # among the moves, of which there are about as many again as files
        process = whole_runs.start(here, last=chance.randrange(1, 3 * len(new)))
        process.communicate(timeout=300)
    else:
        process = whole_runs.start(here)
        time.sleep(chance.uniform(0, duration))
    whole_runs.kill(process)
    no_orphans.append(process.pid)

    found = files(here)
    assert [name for name, content in found.items() if content not in (old.get(name), new.get(name))] == []
    Stage(here / "out" / ".work" / "2024-Q4", here / "out" / "2024-Q4")  # what the next holder of the lock does first
    of_period = [{n: c for n, c in all_.items() if "/" in n} for all_ in (files(here), old, new)]
    assert of_period[0] in of_period[1:]

    code, told = whole_runs.run(here, "--resume")
    assert code == 0, told
    assert files(here) == new
    assert not (here / "out" / ".work").exists()
    recorded = json.loads((here / "out" / "2024-Q4" / "manifest.json").read_text(encoding="utf-8"))
    assert {record["status"] for record in recorded["parts"].values()} == {"ok"}


def test_the_same_bytes_wherever_and_however_it_runs(course, tmp_path):
    """Another place, time zone, language of the system, order of hashes, rights of files and working directory."""
    _, expected, _ = course
    other = whole_runs.make_folder(tmp_path / "quite" / "another place")
    whole_runs.correct(other)
    strange = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "7", "HOME": str(tmp_path)}
    mask = os.umask(0o077)
    try:
        code, told = whole_runs.run(other, env=strange, cwd=tmp_path)
    finally:
        os.umask(mask)
    assert code == 0, told
    found = files(other)
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []


def test_of_two_runs_at_once_the_second_is_told_who_is_first(course, tmp_path):
    before, new, _ = course
    here = shutil.copytree(before, tmp_path / "here")
    whole_runs.correct(here)
    first = whole_runs.start(here)
    note = here / "out" / ".2024-Q4.holder.json"
    _until(lambda: note.is_file() or first.poll() is not None)
    code, told = whole_runs.run(here)
    assert code == 2 and f"tiến trình {first.pid}" in told
    first.communicate(timeout=300)
    assert first.returncode == 0
    assert files(here) == new


def test_outputs_deleted_while_running_cost_that_run_alone(course, tmp_path):
    before, new, _ = course
    here = shutil.copytree(before, tmp_path / "here")
    whole_runs.correct(here)
    process = whole_runs.start(here)
    state = here / "out" / ".work" / "2024-Q4" / "state.json"
    _until(lambda: state.is_file() or process.poll() is not None)
    shutil.rmtree(here / "out", ignore_errors=True)
    told = "".join(process.communicate(timeout=300))
    assert process.returncode in (0, 1, 2), told  # no defect
    code, told = whole_runs.run(here)
    assert code == 0, told
    assert files(here) == new


#: A report that opens its data while another row is in it, and then puts the row back; nobody sees half a file.
MEANWHILE = """
import pathlib
from chiso.notebook.context import open_context
from chiso.runs import data as imports
folder = pathlib.Path(data)
imports.project_folder = lambda: folder.parent / "project"
file = folder / {name!r}
before = file.read_bytes() if file.is_file() else None
def put(content):
    whole = folder.parent / "whole"
    whole.write_bytes(content)
    whole.replace(file)
put({content!r})
try:
    context = open_context(period=period, unit=unit, data=data, out=out, window=window, lang=lang)
    print(context.dataset.accepted("cases"))
finally:
    file.unlink() if before is None else put(before)
"""


@pytest.mark.parametrize("name", ["cases.csv", "chiso.toml"])
def test_no_report_shows_data_that_was_there_for_a_while_only(course, tmp_path, name):
    before, new, _ = course
    here = shutil.copytree(before, tmp_path / "here")
    whole_runs.correct(here)
    rows = (here / "data" / "cases.csv").read_bytes()
    other = rows.replace(b"H4,", b"H9,") if name == "cases.csv" else '[body]\nname = "Sở khác"\n'.encode()
    notebook = here / "notebooks" / "A1_access.ipynb"
    kept = notebook.read_bytes()
    write_notebook(notebook, MEANWHILE.format(name=name, content=other))
    code, told = whole_runs.run(here)
    assert code == 2 and "đã thay đổi trong khi đang lập báo cáo" in told, told
    assert (here / "data" / "cases.csv").read_bytes() == rows
    assert files(here) == files(before)
    write_notebook(notebook, MEANWHILE.format(name="cases.csv", content=rows))
    assert whole_runs.run(here)[0] == 0
    notebook.write_bytes(kept)
    code, told = whole_runs.run(here)
    assert code == 0 and files(here) == new, told


#: A report that says that it has begun, and takes its time.
SLOW = "import pathlib, time\npathlib.Path({mark!r}).touch()\ntime.sleep(60)"


@pytest.mark.parametrize(
    ("number", "code", "moment", "engine"),
    [
        (signal.SIGTERM, 143, "import", "warm"),
        (signal.SIGTERM, 143, "first task", "warm"),
        (signal.SIGTERM, 143, "report", "warm"),
        (signal.SIGTERM, 143, "report", "stock"),
        (signal.SIGINT, 130, "report", "warm"),
    ],
)
def test_a_run_that_is_told_to_end_does_so_and_goes_on_later(
    course, tmp_path, no_orphans, number, code, moment, engine
):
    before, new, _ = course
    here = shutil.copytree(before, tmp_path / "here")
    whole_runs.correct(here)
    notebook = here / "notebooks" / "B1_direction.ipynb"
    kept = notebook.read_bytes()
    mark = tmp_path / "mark"
    write_notebook(notebook, SLOW.format(mark=str(mark)))
    state = here / "out" / ".work" / "2024-Q4" / "state.json"
    reached = {
        "import": (here / "out" / ".2024-Q4.holder.json").is_file,
        "first task": lambda: state.is_file() and "running" in state.read_text(encoding="utf-8"),
        "report": mark.is_file,
    }
    process = whole_runs.start(here, "--engine", engine)
    no_orphans.append(process.pid)
    _until(reached[moment])
    process.send_signal(number)
    asked = time.monotonic()
    told = "".join(process.communicate(timeout=50))
    assert process.returncode == code, told
    assert time.monotonic() - asked < 20
    assert "Đã dừng theo yêu cầu" in told and "Traceback" not in told
    assert files(here) == files(before)
    assert not (here / "out" / ".2024-Q4.holder.json").exists()
    assert not list((here / "out").rglob(f".{process.pid}-*"))

    notebook.write_bytes(kept)
    code, told = whole_runs.run(here, *(["--resume"] if state.is_file() else []))
    assert code == 0, told
    assert files(here) == new


@pytest.fixture
def small_disk(course, tmp_path):
    """Outputs of before on a file system of their own, and how to mount it anew."""
    before, _, _ = course
    here = shutil.copytree(before, tmp_path / "here")
    whole_runs.correct(here)
    kept = (here / "out").rename(here / "kept")
    out = here / "out"
    out.mkdir()
    held = sum(-(-f.stat().st_size // 4096) * 4 + 4 for f in kept.rglob("*") if f.is_file())

    def mount(*options):
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", out], capture_output=True)
        if done.returncode:
            pytest.skip(f"no file system can be mounted: {done.stderr.decode(errors='replace').strip()}")

    mount(f"size={4 * held}k")
    try:
        shutil.copytree(kept, out, dirs_exist_ok=True)
        yield here, held, mount
    finally:
        subprocess.run(["umount", "-l", out], check=False)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a small disk")
@pytest.mark.parametrize("room", [1.1, 1.6])
def test_a_full_disk_leaves_what_was_there(course, small_disk, room):
    before, new, _ = course
    here, held, mount = small_disk
    mount("remount", f"size={int(held * room)}k")
    code, told = whole_runs.run(here)
    assert code == 2 and "dung lượng đĩa" in told, told
    assert files(here) == files(before)
    mount("remount", f"size={4 * held}k")
    code, told = whole_runs.run(here)
    assert code == 0, told
    assert files(here) == new


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a disk")
def test_a_place_that_may_not_be_written_is_told(course, small_disk):
    before, new, _ = course
    here, _, mount = small_disk
    mount("remount", "ro")
    code, told = whole_runs.run(here)
    assert code == 2 and "Không ghi được" in told, told
    assert files(here) == files(before)
    mount("remount", "rw")
    code, told = whole_runs.run(here)
    assert code == 0 and files(here) == new, told


def test_every_parameter_of_every_notebook_is_read():
    for source in sorted(notebook_folder().glob("*.ipynb")):
        cells = [c for c in nbformat.read(source, 4).cells if c.cell_type == "code"]
        rest = "\n".join(c.source for c in cells if "parameters" not in c.metadata.get("tags", ()))
        used = {node.id for node in ast.walk(ast.parse(rest)) if isinstance(node, ast.Name)}
        assert set(declared(source)) <= used, source.name


def _until(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
