"""A notebook that goes wrong in whatever way costs its own report: through the command line, until it is mended."""

import html
import json
import re
import sys

import pytest
from notebook_files import write_notebook

from chiso.runs import engine, pool

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals; a limit of memory")

DIES = "print('đến đây', flush=True)\nimport os, signal\nos.kill(os.getpid(), signal.{})"

#: What goes wrong, in the fourth cell (None: before any), the report's status, and what its page says.
FAULTS = {
    "sigkill": (DIES.format("SIGKILL"), "killed", "bị dừng đột ngột ở ô số 4"),
    "sigsegv": (DIES.format("SIGSEGV"), "killed", "bị dừng đột ngột ở ô số 4"),
    "endless": ("while True: pass", "timed_out", "Ô số 4 chạy quá thời gian cho phép"),
    "memory": ("big = b'x' * (3 << 30)", "failed", "Ô số 4 cần nhiều bộ nhớ hơn"),
    "error": ("raise ValueError('thiếu cột')", "failed", "Ô số 4 báo lỗi ValueError: thiếu cột"),
    "no json": (None, "failed", "Sổ tính A1_access.ipynb không mở được"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_costs_one_report_until_it_is_mended(chiso, data, out, notebooks, few, monkeypatch, fault):
    source, status, told = FAULTS[fault]
    notebook = notebooks / "A1_access.ipynb"
    whole = notebook.read_bytes()
    if source is None:
        notebook.write_bytes(whole[: len(whole) // 2])
    else:
        write_notebook(notebook, "print('trước')", source)
    monkeypatch.setattr(engine, "CELL_TIMEOUT", 2)
    monkeypatch.setattr(pool, "capacity", lambda jobs: (2, 2 << 30))
    words, folder = ("run", "2024-Q4", "--data", data, "--out", out), out / "2024-Q4"

    code, _, warned = chiso(*words)
    assert code == 1
    assert told in seen(folder / "A1_access.html")
    assert "--component A.I" in seen(folder / "A1_access.html")
    assert source is None or source.splitlines()[-1] in seen(folder / "A1_access.html")
    assert told[1:] in warned
    assert statuses(folder) == {"overview": "ok", "A1_access": status, "A2_procedure": "ok", "B1_direction": "ok"}
    assert all((folder / f"{stem}.html").is_file() for stem in statuses(folder))
    made = (folder / "B1_direction.html").stat().st_mtime_ns

    notebook.write_bytes(whole)
    code, said, _ = chiso(*words, "--resume")
    assert code == 0, said
    assert set(statuses(folder).values()) == {"ok"}
    assert told not in seen(folder / "A1_access.html")
    assert (folder / "B1_direction.html").stat().st_mtime_ns == made
    assert "Không có gì thay đổi" in chiso(*words, "--resume")[1]
    assert "Không có lần lập dở dang hay báo cáo lỗi nào" in chiso("run", "2024-Q4", "--out", out, "--resume")[1]


def seen(page):
    content = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page.read_text(encoding="utf-8"), flags=re.S)
    return " ".join(html.unescape(content).split())


def statuses(folder):
    """Return how each report stands in the record of the run."""
    parts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["parts"]
    return {name: part["status"] for name, part in parts.items() if part.get("component")}


def test_resume_asks_for_failed_reports_as_they_were_asked_for(chiso, data, out, notebooks, few):
    notebook = notebooks / "A1_access.ipynb"
    whole = notebook.read_bytes()
    write_notebook(notebook, "1 / 0")
    own = ("--unit", "VP", "--as-of", "2024-11-30", "--component", "A.I", "--component", "B.I")
    words, folder = ("run", "2024-Q4", "--data", data, "--out", out), out / "2024-Q4"
    assert chiso(*words, *own)[0] == 1
    notebook.write_bytes(whole)
    assert chiso(*words, "--resume")[0] == 0
    assert statuses(folder) == {"A1_access": "ok", "B1_direction": "ok"}
    record = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (record["unit"], record["as_of"]) == ("VP", "2024-11-30")
