"""Runs when exports arrive: each change once, nothing half copied, never two at once, whatever a run does."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import date

import pytest

from chiso.errors import Busy, ChisoError
from chiso.runs.arrivals import Changes, differences, is_unfinished, look
from chiso.runs.checks import DataGate
from chiso.runs.console import Console
from chiso.runs.watch import Patience, this_quarter, watch

QUICK = Patience(quiet=0.15, tick=0.03, heartbeat=0.5, retry=0.05)


@pytest.fixture(autouse=True)
def old(data):
    """The files came long ago: the first run need not wait."""
    time.sleep(0.2)
    return data


@pytest.fixture
def told():
    return io.StringIO()


class Runs:
    """Stands for a run: does one step at a time, and stops the watch after the last."""

    def __init__(self, *steps):
        self.steps, self.count, self.at_work = list(steps), 0, threading.Lock()

    def __call__(self):
        assert self.at_work.acquire(blocking=False), "two runs at once"
        try:
            if self.count == len(self.steps):
                raise KeyboardInterrupt
            step = self.steps[self.count]
            self.count += 1
            return step() or 0
        finally:
            self.at_work.release()


def put(path, content="x"):
    """Write a file in one step, as nobody sees it half written."""
    hidden = path.with_name(f".{path.name}")
    hidden.write_text(content, encoding="utf-8")
    hidden.replace(path)


def later(action, seconds=0.1):
    """Do something soon after the run that asked for it has ended."""
    return lambda: threading.Timer(seconds, action).start()


def failing(error, then):
    def step():
        later(then)()
        raise error

    return step


def reasons(told):
    return [line.split(": ", 1)[1] for line in told.getvalue().splitlines() if "Chạy lại" in line]


# -- which files matter


@pytest.mark.parametrize(
    "name", ["~$cases.xlsx", ".cases.csv.swp", "cases.csv.part", "cases.csv.crdownload", "CASES.CSV.TMP", ".hidden"]
)
def test_what_is_still_written_is_no_export(data, name):
    before = look(data)
    (data / name).write_text("x", encoding="utf-8")
    now = look(data)
    assert is_unfinished(name)
    assert now.files == before.files
    assert set(now.unfinished) == {name}


def test_what_the_import_passes_over_does_not_matter(data):
    before = look(data)
    (data / "photo.png").write_bytes(b"x")
    (data / "minutes.xlsx").write_bytes(b"x")
    (data / "archive").mkdir()
    (data / "archive" / "cases.csv").write_text("x", encoding="utf-8")
    assert look(data).files == before.files


@pytest.mark.parametrize(
    "name",
    [
        "cases_2024-Q4.csv",
        "chiso.toml",
        "questionnaire.toml",
        "mappings/own.toml",
        "templates/bao-cao.docx",
        "rejected.xlsx",
    ],
)
def test_what_a_run_reads_matters(data, name):
    before = look(data)
    (data / name).parent.mkdir(exist_ok=True)
    (data / name).write_text("", encoding="utf-8")
    assert differences(before.files, look(data).files) == Changes(new=(name,))


def test_a_folder_that_cannot_be_read_by_its_settings_is_watched_whole(data):
    (data / "chiso.toml").write_text("[[", encoding="utf-8")
    (data / "minutes.xlsx").write_bytes(b"x")
    assert {"cases.csv", "chiso.toml", "minutes.xlsx"} <= set(look(data).files)


@pytest.fixture
def province(data, tmp_path):
    """Two bodies, a folder that is none, and one with a mapping of all."""
    folder = tmp_path / "province"
    for name in ("so-noi-vu", "so-y-te"):
        shutil.copytree(data, folder / name)
    (folder / "ghi-chu").mkdir()
    (folder / "ghi-chu" / "photo.png").write_bytes(b"x")
    time.sleep(0.2)
    return folder


def test_of_bodies_their_own_folders_matter(province):
    every = look(province, ["all"])
    assert {name.split("/")[0] for name in every.files} == {"so-noi-vu", "so-y-te"}
    assert set(look(province, ["so-y-te"]).files) == {n for n in every.files if n.startswith("so-y-te/")}
    assert every.newest > 0
    assert not look(province).files
    (province / "so-y-te" / "cases.csv.part").write_text("half", encoding="utf-8")
    (province / "so-moi").mkdir()
    (province / "so-moi" / "cases.csv").write_text("x", encoding="utf-8")
    now = look(province, ["all"])
    assert differences(every.files, now.files) == Changes(new=("so-moi/cases.csv",))
    assert set(now.unfinished) == {"so-y-te/cases.csv.part"}
    with pytest.raises(OSError, match="none"):
        look(province / "none", ["all"])


def test_times_that_lie_ahead_do_not_count(data):
    ahead = time.time() + 3600
    os.utime(data / "cases.csv", (ahead, ahead))
    assert 0 <= look(data).quiet_for() < 60


def test_differences_are_named():
    before = {"a": (1, 1), "b": (1, 1), "c": (1, 1)}
    changes = differences(before, {"b": (1, 2), "c": (1, 1), **{f"n{n}": (1, 1) for n in range(7)}})
    assert str(changes) == ("tệp mới n0, n1, n2, n3, n4 và 2 tệp khác; tệp thay đổi b; tệp không còn a")
    assert not differences(before, dict(before))


def test_this_quarter():
    months = [this_quarter(date(2024, month, 1)).number for month in range(1, 13)]
    assert months == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]


# -- watching


def test_an_arrival_for_one_body_is_a_run_and_others_are_passed_over(province, told):
    runs = Runs(
        later(lambda: put(province / "so-y-te" / "cases.csv", "b")),
        later(lambda: [put(province / "so-noi-vu" / "cases.csv", "c"), put(province / "so-y-te" / "units.csv", "d")]),
    )
    patience = Patience(quiet=0.15, tick=0.03, heartbeat=60)
    assert watch(province, runs, Console(told, told), patience, bodies=["so-y-te"]) == 130
    assert reasons(told) == ["tệp thay đổi so-y-te/cases.csv.", "tệp thay đổi so-y-te/units.csv."]


@pytest.mark.parametrize("poll", [0, 0.05], ids=["told", "poll"])
def test_each_arrival_is_a_run(data, told, poll):
    runs = Runs(
        later(lambda: put(data / "cases_2024-Q4.csv", "a")),
        later(lambda: put(data / "cases.csv", "b")),
        later(lambda: (data / "cases_2024-Q4.csv").unlink()),
    )
    patience = Patience(quiet=0.15, tick=0.03, heartbeat=60, poll=poll)
    assert watch(data, runs, Console(told, told), patience) == 130
    assert runs.count == 3
    assert reasons(told) == [
        "tệp mới cases_2024-Q4.csv.",
        "tệp thay đổi cases.csv.",
        "tệp không còn cases_2024-Q4.csv.",
    ]


def test_a_change_that_nobody_tells_is_found(data, told, monkeypatch):
    def refuses(*_, **__):
        raise OSError("inotify watch limit reached")

    monkeypatch.setattr("chiso.runs.watch.told_by_system", refuses)
    runs = Runs(later(lambda: put(data / "cases_2024-Q4.csv", "a")))
    assert watch(data, runs, Console(told, told), QUICK) == 130
    assert reasons(told) == ["tệp mới cases_2024-Q4.csv."]


def test_a_change_during_a_run_is_found_after_it(data, told):
    runs = Runs(lambda: put(data / "cases_2024-Q4.csv"))
    watch(data, runs, Console(told, told), QUICK)
    assert reasons(told) == ["tệp mới cases_2024-Q4.csv."]


def test_no_run_while_a_file_grows(data, told):
    ended = []

    def copy():
        with (data / "cases_2024-Q4.csv").open("w", encoding="utf-8") as file:
            for _ in range(10):
                file.write("x")
                file.flush()
                time.sleep(0.05)
        ended.append(time.monotonic())

    def second():
        assert ended
        assert time.monotonic() - ended[0] >= 0.4
        assert (data / "cases_2024-Q4.csv").stat().st_size == 10

        later((data / "cases_2024-Q4.csv").unlink)()

    runs = Runs(later(copy), second)
    watch(data, runs, Console(told, told), Patience(quiet=0.5, tick=0.03))
    assert reasons(told) == ["tệp mới cases_2024-Q4.csv.", "tệp không còn cases_2024-Q4.csv."]


def test_a_download_counts_under_its_own_name(data, told):
    def download():
        part = data / "cases_2024-Q4.csv.part"
        part.write_text("half", encoding="utf-8")
        time.sleep(0.4)  # longer than the folder must be quiet
        part.rename(data / "cases_2024-Q4.csv")

    runs = Runs(later(download))
    watch(data, runs, Console(told, told), QUICK)
    assert reasons(told) == ["tệp mới cases_2024-Q4.csv."]


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (ChisoError("Không có bảng nào."), 2, "Không có bảng nào."),
        (DataGate("Dữ liệu chưa đạt."), 3, "Dữ liệu chưa đạt."),
        (ZeroDivisionError("x"), 70, "lỗi ZeroDivisionError"),
    ],
)
def test_a_failing_run_ends_nothing(data, told, error, code, sentence):
    change = [lambda n=n: put(data / "cases.csv", "x" * n) for n in (1, 2)]
    runs = Runs(later(change[0]), failing(error, change[1]))
    watch(data, runs, Console(told, told), QUICK, defect=lambda e: f"lỗi {type(e).__name__}")
    assert sentence in told.getvalue()
    assert f"chưa thành công (mã thoát {code})" in told.getvalue()
    assert len(reasons(told)) == 2


def test_a_first_run_that_is_refused_ends_it(data, told):
    def refused():
        raise ChisoError("Không có báo cáo “B.IX”.")

    with pytest.raises(ChisoError, match="B.IX"):
        watch(data, refused, Console(told, told), QUICK)


def test_another_run_of_the_period_is_waited_for(data, told):
    def busy():
        raise Busy("Kỳ 2024-Q4 đang được lập.")

    runs = Runs(busy, busy, lambda: 1)
    patience = Patience(quiet=0.1, tick=0.03, retry=0.05, once=True)
    assert watch(data, runs, Console(told, told), patience) == 1
    assert runs.count == 3


def test_bodies_through_the_command_line(chiso, province, out, few):
    words = ["watch", "2024-Q4", "--once", "--quiet-for", 0, "--data", province, "--out", out, "--component", "A.I"]
    code, _, warned = chiso(*words, "--body", "so-y-tê")
    assert (code, "Có phải: so-y-te?" in warned, out.exists()) == (2, True, False)
    assert chiso(*words, "--body", "all")[0] == 0
    assert {p.parent.relative_to(out).as_posix() for p in out.glob("*/*/A1_access.html")} == {
        "so-noi-vu/2024-Q4", "so-y-te/2024-Q4",
    }  # fmt: skip


def test_once(data, told):
    runs = Runs(lambda: 1)
    assert watch(data, runs, Console(told, told), Patience(quiet=0.1, tick=0.03, once=True)) == 1
    assert runs.count == 1


def test_an_empty_folder_is_waited_for(tmp_path, told):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    threading.Timer(0.2, lambda: put(inbox / "cases.csv")).start()
    runs = Runs(lambda: 0)
    assert watch(inbox, runs, Console(told, told), Patience(quiet=0.1, tick=0.03, heartbeat=0.3, once=True)) == 0
    assert "chưa có tệp nào dùng được" in told.getvalue()


def test_a_folder_that_goes_away_and_comes_back(data, told):
    away = data.with_name("away")

    def unmount():
        data.rename(away)
        while "Không đọc được thư mục" not in told.getvalue():
            time.sleep(0.01)
        (away / "cases_2024-Q4.csv").write_text("x", encoding="utf-8")
        away.rename(data)

    runs = Runs(later(unmount))
    watch(data, runs, Console(told, told), QUICK)
    assert "Đã đọc lại được" in told.getvalue()
    assert reasons(told) == ["tệp mới cases_2024-Q4.csv."]


def test_programs_are_told_what_changed(data, told):
    runs = Runs(later(lambda: put(data / "cases_2024-Q4.csv", "a")))
    watch(data, runs, Console.for_log("json", told, told), QUICK)
    found = [json.loads(line) for line in told.getvalue().splitlines()]
    changes = [(e["first"], e.get("new")) for e in found if e["event"] == "changes"]
    assert changes == [(True, None), (False, ["cases_2024-Q4.csv"])]
    assert [e["exit_code"] for e in found if e["event"] == "waiting"] == [0]


# -- stopping


@pytest.mark.skipif(sys.platform == "win32", reason="signals are Unix")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
@pytest.mark.parametrize(("during", "code"), [("waiting", 0), ("running", 130)])
def test_it_stops_cleanly(data, tmp_path, number, during, code):
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from chiso.runs.console import Console\n"
        "from chiso.runs.watch import Patience, watch\n"
        "folder, during = Path(sys.argv[1]), sys.argv[2]\n"
        "def run():\n"
        "    print('running', flush=True)\n"
        "    if during == 'running': time.sleep(60)\n"
        "    return 0\n"
        "sys.exit(watch(folder, run, Console(), Patience(quiet=0.1, tick=0.05)))\n"
    )
    command = [sys.executable, "-c", script, str(data), during]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    try:
        awaited = "running" if during == "running" else "Đang chờ"
        while awaited not in (line := run.stdout.readline()):
            assert line, run.stderr.read()
        if during == "waiting":
            time.sleep(0.2)
        run.send_signal(number)
        out, err = run.communicate(timeout=20)
    finally:
        run.kill()
    assert (run.returncode, err) == (code, "")
    assert "Đã dừng theo dõi" in out
