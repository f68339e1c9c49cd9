"""What a run tells: to a log, to a terminal, to a program; and what hinders it in nothing."""

import io
import json
import os
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest

from chiso.errors import ChisoError
from chiso.runs.checks import DataGate
from chiso.runs.console import Console
from chiso.runs.progress import TaskName


def lines(stream):
    return stream.getvalue().splitlines()


def without_seconds(told):
    return [line.rsplit(" (", 1)[0] for line in told]


@pytest.fixture
def out():
    return io.StringIO()


@pytest.fixture
def err():
    return io.StringIO()


# -- a log


def test_a_plain_line_a_finished_task(out, err):
    with Console(out, err).progress(3) as progress:
        for name, status in [("A1_access", "ok"), ("A2_procedures", "failed"), ("A3", "timed_out")]:
            progress.begin(name)
            progress.done(name, status)
    assert without_seconds(lines(out)) == [
        "[1/3] A1_access: xong",
        "[2/3] A2_procedures: lỗi",
        "[3/3] A3: quá thời gian",
    ]
    assert err.getvalue() == ""


def test_several_periods_and_bodies(out, err):
    name = TaskName("B3_procedures", "2024-Q4", "so-noi-vu")
    with Console(out, err).progress(1) as progress:
        progress.begin(name)
        progress.done(name, "ok")
    assert out.getvalue().startswith("[1/1] so-noi-vu 2024-Q4 B3_procedures: xong (")


def test_what_is_unchanged_is_told_in_one_line(out, err):
    with Console(out, err).progress(13) as progress:
        for number in range(12):
            progress.done(f"fresh{number}", "fresh")
        progress.begin("B3_procedures")
        progress.done("B3_procedures", "ok")
    assert without_seconds(lines(out)) == ["12 mục không đổi, giữ nguyên.", "[13/13] B3_procedures: xong"]


def test_all_unchanged(out, err):
    with Console(out, err).progress(2) as progress:
        progress.done("a", "fresh")
        progress.done("b", "fresh")
    assert lines(out) == ["2 mục không đổi, giữ nguyên."]


def test_a_task_may_end_without_having_begun(out, err):
    with Console(out, err).progress(1) as progress:
        progress.done("a", "killed")
    assert lines(out) == ["[1/1] a: bị dừng đột ngột (0,0 giây)"]


def test_warnings_go_elsewhere(out, err):
    console = Console(out, err)
    console.say("Đã xong.")
    console.warn("Thiếu bảng.")
    console.event("planned", tasks=3)
    console.wrote(Path("index.html"))
    assert (out.getvalue(), err.getvalue()) == ("Đã xong.\n", "Thiếu bảng.\n")


def test_from_many_threads(out, err):
    with Console(out, err).progress(40) as progress:

        def work(name):
            progress.begin(name)
            progress.done(name, "ok")

        threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [line.split("]")[0] for line in lines(out)] == [f"[{n}/40" for n in range(1, 41)]


# -- JSON lines


def events(stream):
    return [json.loads(line) for line in lines(stream)]


def test_one_object_a_line(out, err):
    console = Console.for_log("json", out, err)
    with console.session("run", period="2024-Q4") as session:
        console.say("Đang đọc\nhai dòng")
        console.warn("Thiếu bảng.")
        with console.progress(2, {"A1_access": 3.0}) as progress:
            names = TaskName("A1_access", "2024-Q4", "so-noi-vu"), "overview"
            progress.queued(names)
            progress.done("overview", "fresh")
            progress.begin(names[0])
            progress.done(names[0], "failed")
        console.wrote(Path("outputs/2024-Q4/index.html"), Path("outputs/2024-Q4/index.html"))
        session.code = 1
    told = events(out)
    assert [e["event"] for e in told] == ["started", "message", "message", *["task"] * 5, "finished"]
    assert all(datetime.fromisoformat(e["time"]).tzinfo for e in told)
    assert told[0]["command"] == "run"
    assert told[0]["period"] == "2024-Q4"
    assert [(e["level"], e["message"]) for e in told[1:3]] == [
        ("info", "Đang đọc\nhai dòng"),
        ("warning", "Thiếu bảng."),
    ]
    tasks = [(e["task"], e["status"], e["level"], e["finished"], e["total"]) for e in told[3:8]]
    assert tasks == [
        ("A1_access", "queued", "info", 0, 2),
        ("overview", "queued", "info", 0, 2),
        ("overview", "fresh", "info", 1, 2),
        ("A1_access", "running", "info", 1, 2),
        ("A1_access", "failed", "error", 2, 2),
    ]
    assert (told[3]["period"], told[3]["body"], "period" in told[4]) == ("2024-Q4", "so-noi-vu", False)
    assert "seconds" not in told[6]
    assert told[7]["seconds"] >= 0
    assert told[7]["seconds_left"] == 0
    last = told[-1]
    assert (last["exit_code"], last["level"], last["paths"]) == (1, "error", ["outputs/2024-Q4/index.html"])
    assert err.getvalue() == ""
    assert "Đang đọc\\nhai" in out.getvalue()  # letters as they are, ends of lines escaped


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ChisoError("Không có thư mục."), 2, "Không có thư mục."),
        (DataGate("Dữ liệu chưa đạt."), 3, "Dữ liệu chưa đạt."),
        (ZeroDivisionError("division by zero"), 70, "division by zero"),
        (KeyboardInterrupt(), 130, None),
    ],
)
def test_the_last_event_comes_however_a_command_ends(out, error, code, message):
    console = Console.for_log("json", out)
    with pytest.raises(type(error)), console.session("run"):
        raise error
    told = events(out)
    assert told[-1]["exit_code"] == code
    assert told[-1].get("message") == message


def test_a_person_is_told_of_no_session(out, err):
    with Console.for_log("text", out, err).session("run") as session:
        session.code = 1
    assert out.getvalue() == err.getvalue() == ""


# -- listeners that go away


class Broken(io.StringIO):
    writes = 0

    def write(self, text):
        self.writes += 1
        raise BrokenPipeError


@pytest.mark.parametrize("log", ["text", "json"])
def test_a_closed_pipe_ends_no_run(log):
    out = Broken()
    console = Console.for_log(log, out, out)
    with console.progress(2) as progress:
        for name in "ab":
            progress.begin(name)
            progress.done(name, "ok")
        console.warn("x")
    assert out.writes == 1  # nobody listens: nothing more is tried


@pytest.mark.parametrize("log", ["text", "json"])
def test_no_stream_at_all(log, monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)  # as in a program without a console on Windows
    monkeypatch.setattr(sys, "stderr", None)
    console = Console.for_log(log)
    console.say("x")
    console.warn("x")
    with console.progress(1) as progress:
        progress.begin("a")
        progress.done("a", "ok")


def test_a_reader_that_leaves_does_not_change_the_exit_code():
    code = (
        "from chiso.runs.console import Console\n"
        "c = Console()\n"
        "for n in range(20000): c.say('x' * 50)\n"
        "raise SystemExit(0)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    run.stdout.readline()
    run.stdout.close()
    errors = run.stderr.read()
    run.stderr.close()
    assert (run.wait(30), errors) == (0, b"")


# -- a terminal


class Terminal:
    """A pseudo-terminal of some width; ``text`` is what came over it."""

    def __init__(self, columns):
        import fcntl
        import struct
        import termios

        self.parent, child = os.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.stream = os.fdopen(child, "w", encoding="utf-8")
        self.received = b""
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        try:
            while piece := os.read(self.parent, 4096):
                self.received += piece
        except OSError:  # the other end is closed
            pass

    def text(self):
        self.stream.close()
        self.reader.join()
        os.close(self.parent)
        return self.received.decode("utf-8")


def screen(text):
    """Return all that was ever drawn in a row of the screen."""
    return [part for line in text.split("\n") for part in line.split("\r") if part.strip()]


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are Unix")
@pytest.mark.parametrize("columns", [120, 40])
def test_a_bar_with_the_time_left(columns):
    terminal = Terminal(columns)
    console = Console(terminal.stream, terminal.stream)
    with console.progress(3, {"A1_access": 40.0, "B3_procedures": 20.0, "overview": 60.0}, at_once=2) as progress:
        progress.done("overview", "fresh")
        progress.begin("A1_access")
        progress.begin("B3_procedures")
        console.warn("Thiếu bảng.")
        progress.done("A1_access", "ok")
        progress.done("B3_procedures", "failed")
    drawn = screen(terminal.text())
    assert "1 mục không đổi, giữ nguyên." in drawn
    assert "Thiếu bảng." in drawn
    assert [line for line in without_seconds(drawn) if line.startswith("[")] == [
        "[2/3] A1_access: xong",
        "[3/3] B3_procedures: lỗi",
    ]
    bars = [line for line in drawn if "|" in line]
    assert any("còn khoảng 40 giây" in bar for bar in bars)
    assert all(len(bar.rstrip()) <= columns for bar in bars)
    assert (columns == 40) or any("A1_access 0 s · B3_procedures 0 s" in bar for bar in bars)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are Unix")
def test_lines_go_to_a_file_while_the_bar_is_on_the_terminal(out):
    terminal = Terminal(80)
    with Console(out, terminal.stream).progress(1) as progress:
        progress.begin("a")
        progress.done("a", "ok")
    assert without_seconds(lines(out)) == ["[1/1] a: xong"]
    assert any("|" in line for line in screen(terminal.text()))


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are Unix")
def test_a_terminal_that_is_closed_ends_no_run():
    terminal = Terminal(80)
    console = Console(terminal.stream, terminal.stream)
    with console.progress(2) as progress:
        progress.begin("a")
        terminal.text()
        progress.done("a", "ok")
        progress.begin("b")
        progress.done("b", "ok")
        console.say("x")
