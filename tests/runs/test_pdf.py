"""Pages printed as PDF: with a stand-in for the browser, and with the real one where the machine has it."""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import re
import shutil
import sys
import threading
import time
import zlib
from pathlib import Path

import pytest

from chiso.cli import main
from chiso.errors import ChisoError
from chiso.runs import browser, manifest
from chiso.runs.pdf import print_period

posix = pytest.mark.skipif(os.name != "posix", reason="the stand-in is a POSIX script")


def stand_in(folder: Path, body: str, name: str = "chromium") -> Path:
    """Write a program in place of a browser; ``target``, ``page`` and ``words`` are what it was told."""
    program = folder / name
    program.write_text(
        f"#!{sys.executable}\nimport os, sys, time\nfrom pathlib import Path\nwords = sys.argv[1:]\n"
        'target = Path(next(w for w in words if w.startswith("--print-to-pdf=")).split("=", 1)[1])\n'
        f"page = words[-1]\n{body}\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return program


PRINTS = 'target.write_text(f"%PDF-1.4 {page} %%EOF")'


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """The only folder in which programs are looked for; no browser is named."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv(browser.VARIABLE, raising=False)
    monkeypatch.setattr(browser, "_PLACES", {})
    return folder


@pytest.fixture
def period(tmp_path):
    """An output folder with a period of two pages."""
    folder = tmp_path / "out" / "2024-Q4"
    folder.mkdir(parents=True)
    for name in ("index", "overview"):
        (folder / f"{name}.html").write_text(f"<h1>{name}</h1>", encoding="utf-8")
    outputs = {"index.html": "x", "pdf/B1_old.pdf": "y"}
    (folder / "manifest.json").write_text(json.dumps({"run": "r", "outputs": outputs}), encoding="utf-8")
    return folder


def told(arguments: list[str], capsys) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    printed = capsys.readouterr()
    return int(left.value.code or 0), printed.out + printed.err


# ----------------------------------------------------------------------------------------------------------- stand-in


@posix
def test_one_pdf_a_page_and_the_manifest_names_them(programs, period, capsys):
    stand_in(programs, PRINTS)
    old = period / "pdf" / "B1_old.pdf"
    old.parent.mkdir()
    old.write_text("of a page that is gone")
    (period / "pdf" / "own.pdf").write_text("the user's own")
    code, said = told(["pdf", "Quý IV/2024", "--out", str(period.parent)], capsys)
    assert (code, said.strip()) == (0, f"Đã in 2 trang ra PDF trong {period / 'pdf'}")
    assert sorted(p.name for p in (period / "pdf").iterdir()) == ["index.pdf", "overview.pdf", "own.pdf"]
    assert (period / "pdf" / "index.pdf").read_text() == f"%PDF-1.4 {(period / 'index.html').as_uri()} %%EOF"
    content = manifest.read_manifest(period)
    assert set(content["outputs"]) == {"index.html", "pdf/index.pdf", "pdf/overview.pdf"}
    digest = hashlib.sha256((period / "pdf" / "index.pdf").read_bytes()).hexdigest()
    assert (content["run"], content["outputs"]["pdf/index.pdf"]) == ("r", digest)
    assert manifest.printed(period, content) == [period / "pdf" / "index.pdf", period / "pdf" / "overview.pdf"]


@posix
def test_browser_is_told_to_stay_off_the_network_and_off_the_users_profile(programs, period):
    stand_in(programs, f'{PRINTS}\nPath(os.environ["HOME"], "words").write_text("\\n".join(words))')
    before = os.environ.get("HOME")
    os.environ["HOME"] = str(programs)
    try:
        print_period("2024-Q4", period.parent)
    finally:
        os.environ.pop("HOME") if before is None else os.environ.__setitem__("HOME", before)
    words = (programs / "words").read_text().splitlines()
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in words
    assert "--export-tagged-pdf" in words and "--generate-pdf-document-outline" in words
    profile = next(w for w in words if w.startswith("--user-data-dir=")).split("=", 1)[1]
    assert not Path(profile).exists()  # of this print alone
    assert ("--no-sandbox" in words) == (os.geteuid() == 0)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there is no root")
@pytest.mark.parametrize(("user", "without"), [(0, True), (1000, False)])
def test_sandbox_is_given_up_by_root_only(monkeypatch, tmp_path, user, without):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert ("--no-sandbox" in browser.flags(tmp_path)) is without


def test_no_browser_says_what_to_install(programs, period, capsys):
    code, said = told(["pdf", "2024-Q4", "--out", str(period.parent)], capsys)
    assert code == 2
    for word in ("Google Chrome", "Microsoft Edge", "apt install chromium", browser.VARIABLE):
        assert word in said
    assert not (period / "pdf").exists()


@posix
@pytest.mark.parametrize("name", browser.NAMES)
def test_any_browser_of_the_family_will_do(programs, name):
    program = stand_in(programs, PRINTS, name)
    assert browser.find_browser() == str(program)


@posix
def test_the_environment_names_another_browser(programs, tmp_path, monkeypatch):
    stand_in(programs, PRINTS)
    own = stand_in(tmp_path, PRINTS, "my browser")
    monkeypatch.setenv(browser.VARIABLE, str(own))
    assert browser.find_browser() == str(own)
    monkeypatch.setenv(browser.VARIABLE, str(tmp_path / "none"))
    with pytest.raises(ChisoError, match="không có chương trình này"):
        browser.find_browser()


@posix
@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('print("display is gone", file=sys.stderr); sys.exit(7)', r"index\.html \(mã 7\): display is gone"),
        ("sys.exit(0)", r"\(mã 0\): trình duyệt không cho biết lý do"),
        ('target.write_text("no pdf")', r"\(mã 0\)"),
        ('target.write_text("%PDF-1.4 broken off")', r"\(mã 0\)"),
    ],
)
def test_a_browser_that_fails_is_told_and_the_old_file_stays(programs, period, body, why):
    stand_in(programs, body)
    old = period / "pdf" / "index.pdf"
    old.parent.mkdir()
    old.write_text("old")
    with pytest.raises(ChisoError, match=why):
        print_period("2024-Q4", period.parent)
    assert [p.name for p in old.parent.iterdir()] == ["index.pdf"]
    assert old.read_text() == "old"


@posix
def test_a_browser_that_hangs_is_stopped_with_all_its_processes(programs, period):
    child = period / "child"
    stand_in(programs, f'import subprocess\nrun = subprocess.Popen(["/bin/sleep", "60"])\n'
             f'Path({str(child)!r}).write_text(str(run.pid))\ntime.sleep(60)')  # fmt: skip
    start = time.monotonic()
    with pytest.raises(ChisoError, match="quá 2 giây"):
        print_period("2024-Q4", period.parent, timeout=2)
    assert time.monotonic() - start < 20
    status = Path(f"/proc/{child.read_text()}/status")
    for _ in range(50):  # its new parent has to collect it
        if not status.exists() or "State:\tZ" in status.read_text():
            break
        time.sleep(0.1)
    else:
        pytest.fail("a process of the browser was left behind")


@posix
def test_a_program_that_cannot_be_started_is_told(programs, period):
    program = stand_in(programs, PRINTS)
    program.write_text("#!/nowhere/at/all\n")
    with pytest.raises(ChisoError, match="Không chạy được trình duyệt"):
        print_period("2024-Q4", period.parent)


@posix
def test_a_period_without_pages_says_which_command_makes_them(programs, tmp_path):
    stand_in(programs, PRINTS)
    with pytest.raises(ChisoError, match="chiso run 2024-Q3"):
        print_period("2024-Q3", tmp_path)
    assert not (tmp_path / "2024-Q3").exists()


@posix
def test_no_period_is_told(programs, tmp_path):
    with pytest.raises(ChisoError, match="2024-Q9"):
        print_period("2024-Q9", tmp_path)


# ---------------------------------------------------------------------------------------------------------- real one


def real_browser() -> str | None:
    try:
        return browser.find_browser()
    except ChisoError:
        return None


real = pytest.mark.skipif(real_browser() is None, reason="no browser of the Chromium family on this machine")


def unpacked(content: bytes) -> str:
    """Return the PDF's objects as text, streams inflated where they can be."""
    parts = [content]
    for found in re.finditer(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        try:
            parts.append(zlib.decompress(found[1]))
        except zlib.error:
            continue
    return b"\n".join(parts).decode("latin-1")


@real
def test_a_real_print_is_tagged_has_bookmarks_and_asks_no_network(tmp_path):
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        at = f"http://127.0.0.1:{server.server_port}"
        page = tmp_path / "trang có dấu.html"
        page.write_text(
            f'<html lang="vi"><title>Báo cáo</title><link rel="stylesheet" href="{at}/s.css"><h1>Một</h1><h2>Hai</h2>'
            f'<p>Chữ</p><img alt="x" src="{at}/p.png"><script>fetch("{at}/f")</script></html>',
            encoding="utf-8",
        )
        target = tmp_path / "trang.pdf"
        browser.print_page(str(real_browser()), page, target)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    told = unpacked(target.read_bytes())
    assert "/StructTreeRoot" in told and "/MarkInfo" in told
    assert "/Outlines" in told
    assert str(tmp_path) not in told  # no header with the file's place
    assert asked == []


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium on this machine")
def test_a_page_that_is_not_there_is_an_error_or_no_secret(tmp_path):
    target = tmp_path / "a.pdf"
    with pytest.raises(ChisoError, match=r"gone\.html"):
        browser.print_page(str(shutil.which("chromium")), tmp_path / "gone.html", target)
