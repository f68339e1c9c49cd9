"""Reports on a cluster: a scheduler and workers as processes of their own, on this machine's loopback only."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import dask
import psutil
import pytest
import whole_runs
from distributed import Client
from notebook_files import write_notebook

import chiso
from chiso import cli
from chiso.demo import generate
from chiso.errors import ChisoError
from chiso.messages import DEFAULT, text, use
from chiso.runs import dask_client, dask_parts, dask_pool
from chiso.runs.console import Console
from chiso.runs.dask_worker import Code
from chiso.runs.execute import execute
from chiso.runs.plan import Request, make_plan
from chiso.runs.stage import Stage
from chiso.sources.parts import CaseFile

#: How often a report may end its worker before it is given up, less one.
ALLOWED = 1
#: A report that fails where it runs on a worker and sees the run's own folders.
BLIND = """
import os
from pathlib import Path
assert not os.environ.get("TEST_WORKER") or (Path(data) / "imported.json").is_file()
assert not os.environ.get("TEST_WORKER") or not (Path(data) / "cases.csv").exists()
assert not os.environ.get("TEST_WORKER") or Path(out).name != ".work"
from chiso.runs.results import read_results
read_results(Path(out) / "2024-Q4").indicators.height
"""
#: A report that shows what the body's own plans say of two years, and sees on a worker their copy alone.
PLANS = """
import os
from pathlib import Path
from chiso.messages import use
from chiso.runs.data import open_dataset
from chiso.runs.plan import catalogue_for
use(lang)
body = open_dataset(Path(data)).body
assert not os.environ.get("TEST_WORKER") or body.catalogue.path.is_relative_to(Path(data) / "catalogue")
print([(plan.year, plan.title, plan.language) for plan in (catalogue_for(body, 2023), catalogue_for(body, 2024))])
"""
#: A report that tells which process it runs in, and waits until it may go on.
WAITS = """
import os, time
from pathlib import Path
place = Path({place!r})
with (place / "pids").open("a") as file:
    file.write(str(os.getpid()) + "\\n")
while not (place / "go").exists():
    time.sleep(0.05)
"""
#: A report that ends its worker: the process that its own was asked for by.
DEADLY = "import multiprocessing, os\nos.kill(multiprocessing.parent_process().pid, 9)\nimport time; time.sleep(60)"


class Cluster:
    def __init__(self, folder):
        self.folder, self.workers = folder, []
        self.file = folder / "scheduler.json"
        env = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(ALLOWED)}
        self.scheduler = self._start("scheduler", ["--port", "0", "--scheduler-file", self.file], env)
        end = time.monotonic() + 30
        while not self.file.is_file() and time.monotonic() < end:
            time.sleep(0.05)
        self.address = json.loads(self.file.read_text(encoding="utf-8"))["address"]
        assert self.address.startswith("tcp://127.0.0.1:")

    def _start(self, kind, words, env=()):
        command = [sys.executable, "-m", "dask", kind, "--host", "127.0.0.1", "--no-dashboard", *map(str, words)]
        place = self.folder / f"{kind}-{time.monotonic_ns()}"
        place.mkdir()
        settings = {**os.environ, "PYTHONPATH": str(Path(chiso.__file__).parents[1]), "TEST_WORKER": "1", **dict(env)}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command, cwd=place, env=settings, **quiet)

    def grow(self, count, nanny="--no-nanny", env=()):
        """Have so many workers."""
        self.workers = [worker for worker in self.workers if worker.poll() is None] + [
            self._start(
                "worker",
                [self.address, nanny, "--nthreads", 1, "--death-timeout", 20, "--local-directory", self.folder],
                env,
            )
            for _ in range(count - sum(worker.poll() is None for worker in self.workers))
        ]

    def close(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    found = Cluster(tmp_path_factory.mktemp("cluster"))
    found.grow(2)
    yield found
    found.close()


@pytest.fixture
def two(cluster):
    """The cluster with two workers."""
    cluster.grow(2)
    with Client(cluster.address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    return cluster


@pytest.fixture
def run(data, out, few):
    def call(*components, out=out, **wishes):
        console = Console(io.StringIO(), io.StringIO())
        return execute(make_plan(Request("2024-Q4", data, out, components, **wishes)), console)

    return call


def on(cluster, **wishes):
    return {"engine": "dask", "scheduler": cluster.address, **wishes}


def files(folder):
    """Content of a period's files; the page and the times of the run itself are its own."""
    found = {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    return {name: content for name, content in found.items() if name not in ("timings.json", "run.html")}


@pytest.fixture
def english():
    """Reports in English."""
    use("en")
    yield
    use(DEFAULT)


@pytest.fixture
def reports_alone(monkeypatch):
    """No office files."""
    monkeypatch.setattr("chiso.runs.run.office_files", lambda plan: {})


@contextmanager
def written(monkeypatch):
    """Count how often each file is written."""
    counts, write = {}, Stage.write

    def counting(self, name, content):
        counts[name] = counts.get(name, 0) + 1
        return write(self, name, content)

    monkeypatch.setattr(Stage, "write", counting)
    yield counts


def test_the_same_bytes_on_workers_that_do_not_see_the_run(two, run, data, notebooks, tmp_path):
    (data / "chiso.toml").write_text('[body]\nname = "Sở Thử nghiệm"\n', encoding="utf-8")
    write_notebook(notebooks / "overview.ipynb", BLIND)
    assert run(out=tmp_path / "local") == 0
    assert run(out=tmp_path / "dask", **on(two)) == 0
    local, dask = files(tmp_path / "local" / "2024-Q4"), files(tmp_path / "dask" / "2024-Q4")
    assert local.keys() == dask.keys()
    assert [name for name in local if local[name] != dask[name]] == []


@pytest.mark.parametrize("path", ["plans", "plans/2024.toml"])
def test_the_bodys_own_plans_and_their_english_reach_workers(
    english, two, run, data, notebooks, tmp_path, path, reports_alone
):
    """``path`` is what ``chiso.toml`` names: a folder of plans, or a plan with its translation beside it."""
    (data / "plans").mkdir()
    (data / "chiso.toml").write_text(f'[catalogue]\npath = "{path}"\n', encoding="utf-8")
    shipped = resources.files("chiso.catalogue") / "plans"
    plan, phrases = (shipped.joinpath(name).read_text(encoding="utf-8") for name in ("2024.toml", "2024.en.toml"))
    title = tomllib.loads(plan)["title"]
    for year in (2023, 2024):
        own = plan.replace("year = 2024", f"year = {year}", 1).replace(title, f"Kế hoạch riêng {year}")
        (data / "plans" / f"{year}.toml").write_text(own, encoding="utf-8")
        words = phrases.replace("[texts]\n", f'[texts]\n"Kế hoạch riêng {year}" = "Own plan {year}"\n', 1)
        (data / "plans" / f"{year}.en.toml").write_text(words, encoding="utf-8")
    write_notebook(notebooks / "overview.ipynb", PLANS)
    assert run("overview", out=tmp_path / "local") == 0
    assert run("overview", out=tmp_path / "dask", **on(two)) == 0
    local, dask = (files(tmp_path / place / "en" / "2024-Q4") for place in ("local", "dask"))
    assert b"Own plan 2024" in local["notebooks/overview.ipynb"]
    assert (b"Own plan 2023" in local["notebooks/overview.ipynb"]) is (path == "plans")
    assert local.keys() == dask.keys()
    assert [name for name in local if local[name] != dask[name]] == []


def test_through_a_shared_store_each_file_goes_once(two, run, out, notebooks, tmp_path, reports_alone):
    write_notebook(notebooks / "overview.ipynb", BLIND)
    store = tmp_path / "store"
    assert run("overview", **on(two, shared=store.as_uri())) == 0
    kept = {file: file.stat().st_mtime_ns for file in store.rglob("*") if file.is_file()}
    assert kept and not [file for file in kept if file.name.endswith(".part")]
    assert run("overview", force=True, **on(two, shared=store.as_uri())) == 0
    assert {file: file.stat().st_mtime_ns for file in kept} == kept


def test_the_tasks_of_a_killed_worker_are_taken_over(two, run, out, notebooks, tmp_path, monkeypatch, reports_alone):
    mark = tmp_path / "begun"
    for stem in ("overview", "A1_access", "A2_procedure", "B1_direction"):
        source = f"import time\nopen({str(mark)!r}, 'a').write('x')\ntime.sleep(0.7)"
        write_notebook(notebooks / f"{stem}.ipynb", source)
    victim = two.workers[0]
    begun = dask_pool.DaskPool._begun

    def killing(self, event):
        begun(self, event)
        if victim.poll() is None:
            os.kill(victim.pid, signal.SIGKILL)
            victim.wait()

    monkeypatch.setattr(dask_pool.DaskPool, "_begun", killing)
    with written(monkeypatch) as counts:
        assert run(**on(two)) == 0
    assert victim.poll() is not None
    assert {f"{stem}.html" for stem in ("overview", "A1_access", "A2_procedure", "B1_direction")} <= counts.keys()
    assert {name: n for name, n in counts.items() if n != 1} == {}
    record = json.loads((out / "2024-Q4" / "manifest.json").read_text(encoding="utf-8"))
    assert {part["status"] for part in record["parts"].values()} == {"ok"}


def test_a_report_that_ends_its_workers_is_given_up_and_costs_no_other(cluster, run, out, notebooks, reports_alone):
    cluster.grow(3)
    with Client(cluster.address, set_as_default=False) as client:
        client.wait_for_workers(3, timeout=60)
    write_notebook(notebooks / "A1_access.ipynb", DEADLY)
    assert run(**on(cluster)) == 1
    record = json.loads((out / "2024-Q4" / "manifest.json").read_text(encoding="utf-8"))
    statuses = {name: part["status"] for name, part in record["parts"].items()}
    assert statuses.pop("A1_access") == "killed"
    assert set(statuses.values()) == {"ok"}
    assert text("runs.why_killed", cell=0)[1:10] in (out / "2024-Q4" / "A1_access.html").read_text(encoding="utf-8")


def test_a_worker_under_a_nanny_makes_reports_in_warm_processes(run, notebooks, tmp_path, reports_alone):
    write_notebook(notebooks / "overview.ipynb", "import sys\nassert 'chiso.runs.warm.kernel' in sys.modules")
    cluster = Cluster(tmp_path)
    try:
        cluster.grow(1, nanny="--nanny")
        assert run("overview", **on(cluster)) == 0
    finally:
        cluster.close()


def test_a_worker_with_another_library_is_refused(two, run, out, monkeypatch):
    monkeypatch.setattr(Code, "here", classmethod(lambda cls: cls("0123456789abcdef", {"polars": "0.1"})))
    with pytest.raises(ChisoError, match=r"0123456789abcdef.*polars .* ≠ 0\.1"):
        run("overview", **on(two))
    assert not (out / "2024-Q4").exists()


def test_a_worker_without_this_library_is_refused(run, out, notebooks, tmp_path):
    package = tmp_path / "other" / "chiso" / "__init__.py"
    package.parent.mkdir(parents=True)
    package.write_text('"""What was called so before."""\n', encoding="utf-8")
    cluster = Cluster(tmp_path)
    try:
        cluster.grow(1, env={"PYTHONPATH": str(package.parents[1])})
        with pytest.raises(ChisoError, match=r"Máy làm việc tcp://127\.0\.0\.1:\d+ không lập .*chiso\.runs.* Cài cùng"):
            run("overview", **on(cluster))
    finally:
        cluster.close()
    assert not out.exists()


@pytest.mark.parametrize("late", [False, True])
def test_a_worker_that_sees_another_store_is_refused(two, run, out, notebooks, tmp_path, monkeypatch, late):
    """What is kept in memory no other process sees. ``late``: the worker was not there yet when the run began."""
    if late:
        monkeypatch.setattr(dask_pool.DaskPool, "_show_store", lambda self: None)
    with pytest.raises(ChisoError, match=r"tcp://127\.0\.0\.1:\d+ không đọc được kho chung memory://.*không có tệp mà"):
        run("overview", **on(two, shared=f"memory://{tmp_path.name}"))
    assert not (out / "2024-Q4").exists()


def test_a_shared_folder_is_the_runs_wherever_workers_stand(two, run, tmp_path, notebooks, reports_alone, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("overview", **on(two, shared="store")) == 0
    assert (tmp_path / "store").is_dir()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--scheduler", "tcp://127.0.0.1:9"], "dask scheduler"),
        ([], "--scheduler"),
        (["--scheduler", "127.0.0.1:x y"], "127.0.0.1:x y"),
    ],
)
def test_no_scheduler_is_told_in_a_sentence(words, told, data, out, notebooks, capsys, monkeypatch):
    monkeypatch.setattr(dask_client, "CONNECT", 0.5)
    with pytest.raises(SystemExit) as left:
        cli.main(["run", "2024-Q4", "--data", str(data), "--out", str(out), "--engine", "dask", *words])
    assert left.value.code == 2
    error = capsys.readouterr().err
    assert told in error and "Traceback" not in error


def test_without_the_extra_the_command_that_installs_it_is_told(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ChisoError, match=r"pip install .*chiso\[dask\]"):
        run("overview", engine="dask", scheduler="tcp://127.0.0.1:9")


def test_a_lost_scheduler_is_told(run, out, notebooks, tmp_path, monkeypatch, reports_alone):
    cluster, begun = Cluster(tmp_path), dask_pool.DaskPool._begun

    def killing(self, event):
        begun(self, event)
        cluster.scheduler.kill()

    write_notebook(notebooks / "overview.ipynb", "import time; time.sleep(60)")
    monkeypatch.setattr(dask_pool.DaskPool, "_begun", killing)
    try:
        cluster.grow(1)
        with dask.config.set({"distributed.comm.timeouts.connect": 1}), pytest.raises(ChisoError, match="Mất kết nối"):
            run("overview", **on(cluster))
    finally:
        cluster.close()
    assert not (out / "2024-Q4").exists()


def _pids(place):
    return (place / "pids").read_text(encoding="utf-8").split() if (place / "pids").is_file() else []


def _until(found, seconds=20):
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_run_that_ends_leaves_its_workers_free_and_goes_on_later(two, tmp_path):
    here = whole_runs.make_folder(tmp_path / "here")
    write_notebook(here / "notebooks" / "B1_direction.ipynb", WAITS.format(place=str(tmp_path)))
    words = ["--engine", "dask", "--scheduler", two.address, "--component", "B.I"]
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)):
        begun = len(_pids(tmp_path))
        process = whole_runs.start(here, *words, *(["--resume"] if begun else []))
        _until(lambda begun=begun: len(_pids(tmp_path)) > begun)
        process.send_signal(number)
        told = "".join(process.communicate(timeout=20))
        assert process.returncode == code, told
        assert ("Đã dừng theo yêu cầu" in told) is (code > 0) and "Traceback" not in told
        assert (here / "out" / ".work" / "2024-Q4" / "state.json").is_file()
        assert not (here / "out" / "2024-Q4").exists()
        _until(lambda: not any(psutil.pid_exists(int(pid)) for pid in _pids(tmp_path)))
    (tmp_path / "go").touch()
    code, told = whole_runs.run(here, *words, "--resume")
    assert code == 0, told
    assert len(_pids(tmp_path)) == 4
    record = json.loads((here / "out" / "2024-Q4" / "manifest.json").read_text(encoding="utf-8"))
    assert {part["status"] for part in record["parts"].values()} == {"ok"}


@pytest.fixture
def province(tmp_path, chiso):
    """``chiso province`` over five bodies of several files."""
    cases = generate(cases=400)
    for number in range(5):
        folder = tmp_path / "cases" / f"body=H32.0{number}"
        folder.mkdir(parents=True)
        own = cases["cases"].gather_every(number + 1)
        for part, rows in enumerate(own.iter_slices(150)):
            rows.write_parquet(folder / f"part-{part}.parquet")
    for name in ("procedures", "units"):
        cases[name].write_parquet(tmp_path / "cases" / f"{name}.parquet")

    def call(*words):
        code, told, error = chiso("province", "2024-Q4", tmp_path / "cases", *words)
        return code, told + error

    return call


def test_a_province_in_parts_on_workers_has_the_same_figures(two, province, tmp_path):
    assert province("--out", tmp_path / "local")[0] == 0
    code, told = province("--out", tmp_path / "dask", "--engine", "dask", "--scheduler", two.address)
    assert code == 0 and "Đã cộng 5 phần" in told, told
    local, dask = files(tmp_path / "local" / "2024-Q4"), files(tmp_path / "dask" / "2024-Q4")
    assert len(local) == 10 and local == dask


def test_faulty_cases_of_a_province_are_told_as_on_one_machine(two, province, tmp_path):
    file = next((tmp_path / "cases" / "body=H32.01").iterdir())
    shutil.copy(file, file.with_name("part-9.parquet"))
    code, told = province("--out", tmp_path / "local")
    assert code == 2 and "H32.01" in told
    assert province("--out", tmp_path / "dask", "--engine", "dask", "--scheduler", two.address) == (code, told)
    assert not (tmp_path / "dask").exists()


def test_a_worker_that_sees_other_cases_is_refused(two, province, tmp_path, monkeypatch):
    monkeypatch.setattr(dask_parts, "mark", lambda path: "not what workers find")
    code, told = province("--out", tmp_path / "dask", "--engine", "dask", "--scheduler", two.address)
    assert code == 2
    assert re.search(r"Máy làm việc tcp://127\.0\.0\.1:\d+ không thấy tệp \S+\.parquet như máy này thấy", told), told
    assert not (tmp_path / "dask").exists()


def test_bodies_are_divided_by_size_and_never_cut(tmp_path):
    sizes = {"a": [50, 10], "b": [30], "c": [20, 20], "d": [5]}
    found = []
    for body, own in sizes.items():
        for number, size in enumerate(own):
            path = tmp_path / f"{body}{number}"
            path.write_bytes(bytes(size))
            found.append(CaseFile(path, body))
    parts = dask_parts.divided(found, 2)
    assert [[file.path.name for file in part] for part in parts] == [["b0", "c0", "c1"], ["a0", "a1", "d0"]]
    assert [len(part) for part in dask_parts.divided(found, 9)] == [2, 2, 1, 1]
