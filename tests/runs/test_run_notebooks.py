"""Whole runs over small notebooks: what happens to the reports when one of them goes wrong."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import nullcontext
from datetime import date

import nbformat
import polars as pl
import pytest
from notebook_files import write_notebook

from chiso.catalogue import load_catalogue
from chiso.errors import ChisoError
from chiso.runs import engine, pages, pool, tasks
from chiso.runs.console import Console
from chiso.runs.execute import execute
from chiso.runs.plan import Job, Request, make_plan

#: Files that tell of the run itself: times.
BESIDE = ("timings.json", "run.html")


@pytest.fixture
def run(data, out):
    """Carry out a request; return exit code and all lines told."""

    def call(*components, **wishes):
        told = io.StringIO()
        plan = make_plan(Request("2024-Q4", data, out, components, **wishes))
        return execute(plan, Console(told, told)), told.getvalue()

    return call


@pytest.fixture
def period(out):
    return out / "2024-Q4"


def manifest(period):
    return json.loads((period / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(params=["warm", "stock"])
def run_one(request, tmp_path):
    """Run cells as a notebook of their own, in a thread as a run does, by each engine."""

    def call(*sources, folder=tmp_path, memory=None):
        job = Job("X", "one", "Một", write_notebook(folder / "one.ipynb", *sources))
        found = []

        def work():
            with engine.open_kernel(folder, memory) if request.param == "warm" else nullcontext() as kernel:
                found.append(engine.run_notebook(job, {"period": "2024-Q4"}, folder, kernel))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return found[0]

    return call


def test_a_good_notebook(run_one, tmp_path):
    done = run_one("import os, sys\nprint(period, os.getcwd())", "")
    assert done.failure is None
    assert done.notebook.cells[2].outputs[0].text == f"2024-Q4 {tmp_path}\n"
    assert "papermill" not in done.notebook.metadata


def test_an_error_names_its_cell(run_one):
    done = run_one("1", "1 / 0", "2")
    assert (done.failure.status, done.failure.error, done.failure.source) == ("failed", "ZeroDivisionError", "1 / 0")
    assert done.notebook.cells[done.failure.cell - 1].source == "1 / 0"
    assert "division by zero" in done.failure.traceback


@pytest.mark.parametrize("source", ["import sys; sys.exit(0)", "raise SystemExit"])
def test_an_early_exit_is_a_failure(run_one, source):
    assert run_one(source, "2").failure.error == "SystemExit"


@pytest.mark.parametrize("end", ["SIGKILL", "SIGSEGV"])
def test_a_killed_kernel_is_a_failure(run_one, end):
    done = run_one("1", f"print('đến đây', flush=True)\nimport os, signal\nos.kill(os.getpid(), signal.{end})")
    assert done.failure.status == "killed"
    assert "os.kill" in done.failure.source


@pytest.mark.parametrize("limit", ["CELL_TIMEOUT", "NOTEBOOK_TIMEOUT"])
def test_a_cell_that_never_ends_is_a_failure(run_one, monkeypatch, limit):
    monkeypatch.setattr(engine, limit, 2)
    done = run_one("import time\ntime.sleep(60)")
    assert done.failure.status == "timed_out"


def test_braces_and_blanks_in_paths(run_one, tmp_path):
    folder = tmp_path / "a {b} ạ"
    folder.mkdir()
    assert run_one("period", folder=folder).failure is None


def test_a_whole_run(run, period, out, few):
    code, told = run()
    assert code == 0, told
    assert told.rstrip().endswith(str(period / "index.html"))
    found = manifest(period)
    assert {entry["status"] for entry in found["parts"].values()} == {"ok"}
    assert len(found["parts"]) == 4 + 6
    assert all((period / name).is_file() for name in found["outputs"])
    assert {"overview.html", "notebooks/overview.ipynb", "index.html", "history.parquet"} <= set(found["outputs"])
    assert {"phu-luc-SIPAS-2024-Q4.xlsx", "phu-luc-PAR-INDEX-2024-Q4.xlsx"} <= set(found["outputs"])
    assert (out / "index.html").is_file()
    executed = nbformat.read(period / "notebooks" / "overview.ipynb", as_version=4)
    assert executed.cells[2].outputs[0].text == "2024-Q4 \n"
    assert not [p.name for p in period.rglob(".*")]
    assert "[10/10]" in told


def test_the_same_run_twice_gives_the_same_bytes(run, period, few):
    run()
    before = {p: p.read_bytes() for p in period.rglob("*") if p.is_file() and p.name not in BESIDE}
    run(force=True)
    after = {p: p.read_bytes() for p in period.rglob("*") if p.is_file() and p.name not in BESIDE}
    assert [p.name for p in before if before[p] != after.get(p)] == []


def test_failures_leave_error_pages_and_the_command_to_resume(run, period, notebooks, data, out):
    write_notebook(notebooks / "A1_access.ipynb", "raise ValueError('thiếu <bảng>')")
    write_notebook(notebooks / "overview.ipynb", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    code, told = run("A.I", "overview", "B.VII")
    assert code == 1
    command = f"chiso run 2024-Q4 --data {data} --out {out} --component overview --component A.I"
    assert told.rstrip().splitlines()[-1] == command
    page = (period / "A1_access.html").read_text(encoding="utf-8")
    assert "thiếu &lt;bảng&gt;" in page
    assert "ValueError" in page
    statuses = {part: entry["status"] for part, entry in manifest(period)["parts"].items() if "files" in entry}
    reports = {stem: status for stem, status in statuses.items() if f"{stem}.html" in manifest(period)["outputs"]}
    assert reports == {"overview": "killed", "A1_access": "failed", "B7_digital_government": "ok"}
    assert (period / "B7_digital_government.html").is_file()


def test_one_component_keeps_the_rest(run, period, notebooks):
    assert run("A.I", "B.I")[0] == 0
    kept = (period / "B1_direction.html").stat().st_mtime_ns
    before = manifest(period)
    assert run("A.I", force=True)[0] == 0
    assert (period / "B1_direction.html").stat().st_mtime_ns == kept
    assert manifest(period)["parts"] == before["parts"]
    assert manifest(period)["outputs"].keys() == before["outputs"].keys()


def test_a_whole_run_removes_what_it_no_longer_makes(run, period, few, data):
    with (data / "cases.csv").open("a", encoding="utf-8") as file:
        file.write("H9,T1,NOPE,online,2024-10-01T08:00:00,,,\n")
    run("A.I")
    assert (period / "rejected.xlsx").is_file()
    (period / "own.txt").write_text("the user's")
    text = (data / "cases.csv").read_text(encoding="utf-8")
    (data / "cases.csv").write_text("\n".join(text.splitlines()[:-1]) + "\n", encoding="utf-8")
    run()
    assert not (period / "rejected.xlsx").exists()
    assert (period / "own.txt").is_file()


def test_a_page_that_cannot_be_made_is_a_failed_report(run, period, notebooks, monkeypatch):
    def broken(*_: object) -> str:
        raise RuntimeError("template")

    monkeypatch.setattr(pages, "report", broken)
    code, told = run("A.I")
    assert code == 1
    assert "template" in (period / "A1_access.html").read_text(encoding="utf-8")


def test_an_interrupted_run_leaves_old_pages_whole(run, period, notebooks, monkeypatch):
    run("A.I", "A.II")
    before = {p: p.read_bytes() for p in period.glob("*.html")}
    assert before
    real = engine.run_notebook

    def interrupted(job, *rest, **more):
        if job.stem == "A1_access":
            raise KeyboardInterrupt
        return real(job, *rest, **more)

    monkeypatch.setattr(tasks, "run_notebook", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("A.I", "A.II", force=True)
    assert {p: p.read_bytes() for p in period.glob("*.html")} == before


_INTERRUPTED = """
import sys, pathlib
from chiso import cli
from chiso.runs import data, plan
here = pathlib.Path(sys.argv.pop(1))
plan.notebook_folder = lambda: here / "notebooks"
data.project_folder = lambda: here / "project"
cli.main(sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_stops_kernels_and_says_so(run, period, notebooks, data, out, tmp_path):
    run("A.I")
    before = (period / "A1_access.html").read_bytes()
    mark = tmp_path / "pid"
    wait = f"import os, pathlib, time\npathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
    write_notebook(notebooks / "A1_access.ipynb", wait)
    words = [sys.executable, "-c", _INTERRUPTED, tmp_path, "run", "2024-Q4", "--data", data, "--out", out]
    process = subprocess.Popen([*words, "--component", "A.I"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for _ in range(300):
        if mark.is_file() and mark.read_text():
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, warned = process.communicate(timeout=30)
    assert process.returncode == 130, warned.decode()
    assert "Đã dừng" in warned.decode()
    assert "Traceback" not in warned.decode()
    assert (period / "A1_access.html").read_bytes() == before
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


def test_parameters_reach_the_notebook(run, period, notebooks, data, out):
    write_notebook(notebooks / "A1_access.ipynb", "print([period, unit, data, out, as_of, window])")
    assert run("A.I", unit="VP", window="calendar")[0] == 0
    executed = nbformat.read(period / "notebooks" / "A1_access.ipynb", as_version=4)
    expected = ["2024-Q4", "VP", str(data), str(out / ".work"), "", "calendar"]
    assert executed.cells[2].outputs[0].text == f"{expected}\n"


def test_an_undeclared_parameter_stops_before_anything_runs(run, out, notebooks):
    write_notebook(notebooks / "B1_direction.ipynb", "1", parameters='period = ""\nunits = ""\n')
    with pytest.raises(ChisoError, match=r"B1_direction.*“unit”.*units"):
        run()
    assert not out.exists()


def test_a_bar_on_a_terminal(notebooks):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    console = Console(stream, stream)
    with console.progress(2) as progress:
        progress.begin("A1_access")
        progress.done("A1_access", "ok")
        console.say("giữa chừng")
    assert "A1_access" in stream.getvalue()
    assert "còn" in stream.getvalue()
    assert "giữa chừng" in stream.getvalue()


def test_tables_of_other_figures_take_the_old_reports_away(run, period, out, notebooks):
    assert run("A.I")[0] == 0
    (period / "own.txt").write_text("the user's")
    code, told = run(results_only=True)
    assert (code, "Đã xóa" in told) == (0, False)
    assert (period / "A1_access.html").is_file()
    code, told = run(results_only=True, unit="VP")
    assert code == 0
    assert len([line for line in told.splitlines() if "Đã xóa" in line]) == 1
    assert not [p.name for p in period.rglob("*") if p.suffix in (".html", ".xlsx", ".ipynb")]
    assert (period / "own.txt").is_file()
    assert not (out / "index.html").exists()
    found = manifest(period)
    assert (found["unit_name"], found["parts"]) == ("Văn phòng", {})
    assert all((period / name).is_file() for name in found["outputs"])


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        ({"unit": "VP"}, "đơn vị VP"),
        ({"window": "calendar"}, "theo ngày lịch"),
        ({"as_of": date(2024, 11, 30)}, "số liệu đến 30/11/2024"),
        ({"body": "Sở Khác"}, "Sở Khác"),
    ],
)
def test_some_reports_of_other_figures_are_refused(run, period, data, notebooks, wishes, told):
    run("A.I")
    before = {p: p.read_bytes() for p in period.rglob("*") if p.is_file()}
    if name := wishes.pop("body", None):
        (data / "chiso.toml").write_text(f'[body]\nname = "{name}"\n', encoding="utf-8")
    with pytest.raises(ChisoError, match=rf"toàn Sở.*{told}.*không có --component.*--out"):
        run("A.I", **wishes)
    assert {p: p.read_bytes() for p in period.rglob("*") if p.is_file()} == before


def test_some_reports_of_corrected_data_are_redone_and_the_others_marked(run, period, data, notebooks):
    run("A.I", "A.II")
    content = (data / "cases.csv").read_text(encoding="utf-8")
    (data / "cases.csv").write_text(content.replace("H4", "H5"), encoding="utf-8")
    assert run("A.I")[0] == 0
    assert (period / "index.html").read_text(encoding="utf-8").count("lập từ số liệu cũ") == 1


def test_the_index_of_all_periods_names_units_and_synthetic_data(run, out, data, notebooks):
    def index():
        return (out / "index.html").read_text(encoding="utf-8")

    run("A.I", unit="VP")
    assert "đơn vị Văn phòng" in index()
    assert "dữ liệu mô phỏng" not in index()
    (data / "chiso.toml").write_text('[body]\nname = "Sở"\nsynthetic = true\n', encoding="utf-8")
    execute(make_plan(Request("2024-Q3", data, out, ("A.I",))), Console(io.StringIO(), io.StringIO()))
    assert index().count("dữ liệu mô phỏng") == 1
    assert 'class="synthetic"' not in index()
    shutil.rmtree(out / "2024-Q4")
    execute(make_plan(Request("2024-Q3", data, out, ("A.I",))), Console(io.StringIO(), io.StringIO()))
    assert 'class="synthetic"' in index()


def test_the_index_counts_only_indicators_with_a_target_that_are_judged(run, period, notebooks):
    run("A.I", "B.III")
    catalogue = load_catalogue(2024)
    judged = {i.id for i in catalogue.indicators if i.target is not None and i.judged}
    figures = pl.read_parquet(period / "indicators.parquet").filter(pl.col("unit_code").is_null())
    counted = figures.filter(pl.col("indicator").is_in(judged))["status"].to_list().count("no_data")
    assert counted < figures["status"].to_list().count("no_data")
    page = (period / "index.html").read_text(encoding="utf-8")
    assert re.search(rf'data-value="{counted}"', page)
    (card,) = re.findall(r'A1_access.html">[^<]*</a>\s*<span class="key-detail">([^<]*)', page)
    targeted = [i for i in catalogue.of_component("A.I") if i.id in judged]
    assert sum(int(n) for n in re.findall(r"\d+", card)) == len(targeted)


def test_a_run_that_breaks_off_leaves_the_old_reports_whole_and_none_of_another_unit(run, out, few, monkeypatch):
    folder = out / "2024-Q4"
    assert run()[0] == 0
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    assert folder / "A1_access.html" in before

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pool, "carry_out", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(unit="VP")
    after = {p: p.read_bytes() for p in out.rglob("*") if p.is_file() and ".work" not in p.parts}
    assert {p: b for p, b in after.items() if p.suffix != ".lock"} == {
        p: b for p, b in before.items() if p.suffix != ".lock"
    }
    assert run(unit="VP")[0] == 0
    assert manifest(folder)["unit"] == "VP"
    assert not (out / ".work").exists()
    assert "Văn phòng" in (folder / "A1_access.html").read_text(encoding="utf-8")
