"""The forked engine gives what the stock engine gives, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest
from notebook_files import write_notebook

from chiso.runs import engine
from chiso.runs.plan import Job
from chiso.runs.warm.process import KernelDied, WarmKernel, available

pytestmark = pytest.mark.skipif(not available(), reason="no fork here")

#: What notebooks do that an engine could get wrong.
CELLS = (
    "print('một'); import sys; print('hai', file=sys.stderr); print('ba')",
    "import pandas as pd, polars as pl\npd.DataFrame({'tỉnh': ['Khánh Hòa'], 'số': [1.5]})",
    "pl.DataFrame({'a': range(1000)}).lazy().group_by(pl.col('a') % 7).len().sort('a').collect()",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2, 4]); plt.title('Tỷ lệ đúng hạn')",
    "from IPython.display import display, HTML, clear_output\nfor i in (1, 2):\n    clear_output(True)\n    display(i)",
    "handle = display(HTML('<b>cũ</b>'), display_id='one')",
    "handle.update(HTML('<b>mới</b>'))",
    "import asyncio\nawait asyncio.sleep(0, 'xong')",
    "sorted(__import__('os').environ.get('MPLBACKEND', '').split(':'))",
    "__name__, '' in sys.path, In[1][:5], _",
    "raise ValueError('hỏng')",
    "'không tới'",
)


def both(tmp_path, *sources):
    """Run cells by both engines; return the two executions."""
    job = Job("X", "one", "Một", write_notebook(tmp_path / "one.ipynb", *sources))
    with engine.open_kernel(tmp_path) as kernel:
        warm = engine.run_notebook(job, {"period": "2024-Q4"}, tmp_path, kernel)
    return warm, engine.run_notebook(job, {"period": "2024-Q4"}, tmp_path, None)


def test_outputs_are_those_of_the_stock_engine_cell_by_cell(tmp_path):
    warm, stock = both(tmp_path, *CELLS)
    for mine, theirs in zip(warm.notebook.cells, stock.notebook.cells, strict=True):
        assert mine == theirs, mine.source
    assert nbformat.writes(warm.notebook) == nbformat.writes(stock.notebook)
    assert (warm.failure.cell, warm.failure.error) == (stock.failure.cell, stock.failure.error)
    (picture,) = [o for c in warm.notebook.cells for o in c.get("outputs", ()) if "image/png" in o.get("data", {})]
    assert len(picture["data"]["image/png"]) > 5000


def test_a_cell_that_may_raise_does_not_stop_the_notebook(tmp_path):
    file = write_notebook(tmp_path / "one.ipynb", "1 / 0", "'tới'")
    notebook = nbformat.read(file, as_version=4)
    notebook.cells[1].metadata["tags"] = ["raises-exception"]
    nbformat.write(notebook, file)
    with engine.open_kernel(tmp_path) as kernel:
        done = engine.run_notebook(Job("X", "one", "Một", file), {}, tmp_path, kernel)
    assert done.notebook.cells[-1].outputs[0].data["text/plain"] == "'tới'"


def test_state_is_not_shared(tmp_path):
    cells = ("import random, chiso\nchiso.left = 1", "random.random()")
    first, second = (both(tmp_path, *cells)[0] for _ in range(2))
    numbers = [done.notebook.cells[-1].outputs[0].data["text/plain"] for done in (first, second)]
    assert numbers[0] != numbers[1]
    probe = both(tmp_path, "import chiso\nhasattr(chiso, 'left')")[0]
    assert probe.notebook.cells[-1].outputs[0].data["text/plain"] == "False"


def test_a_cell_that_eats_memory_fails_and_nothing_else(tmp_path):
    job = Job("X", "one", "Một", write_notebook(tmp_path / "one.ipynb", "big = b'x' * (3 << 30)"))
    with engine.open_kernel(tmp_path, memory=2 << 30) as kernel:
        done = engine.run_notebook(job, {}, tmp_path, kernel)
    assert (done.failure.status, done.failure.error) == ("failed", "MemoryError")


def test_what_was_shown_before_a_kernel_died_is_kept(tmp_path):
    dying = "display('đến đây')\nimport os, time\ntime.sleep(0.5)\nos._exit(3)"
    job = Job("X", "one", "Một", write_notebook(tmp_path / "one.ipynb", dying))
    with engine.open_kernel(tmp_path) as kernel:
        done = engine.run_notebook(job, {}, tmp_path, kernel)
    assert done.failure.status == "killed"
    assert done.notebook.cells[-1].outputs[0].data["text/plain"] == "'đến đây'"


def test_a_kernel_that_does_not_start_is_tried_once_more(tmp_path, monkeypatch):
    tried = []

    class Stillborn:
        def __init__(self, *_: object) -> None:
            tried.append(1)
            raise KernelDied

    monkeypatch.setattr(engine, "WarmKernel", Stillborn)
    with pytest.raises(KernelDied), engine.open_kernel(tmp_path):
        pass
    assert len(tried) == engine.STARTS == 2


def test_closing_ends_the_process_whatever_it_does(tmp_path):
    with WarmKernel(tmp_path) as kernel:
        process = psutil.Process(kernel._process.pid)
        next(kernel.execute("print(1, flush=True)\nimport time\ntime.sleep(60)"))
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


_ORPHAN = """
import pathlib, sys, time
from chiso.runs.warm.process import WarmKernel
if __name__ == "__main__":
    kernel = WarmKernel(pathlib.Path(sys.argv[1]))
    for message in kernel.execute("import os, time; print(os.getpid(), flush=True); time.sleep(60)"):
        if message["msg_type"] == "stream":
            print(message["content"]["text"].strip(), flush=True)
"""


def test_a_notebook_does_not_outlive_a_run_that_was_killed(tmp_path):
    script = tmp_path / "orphan.py"
    script.write_text(_ORPHAN)
    run = subprocess.Popen([sys.executable, script, tmp_path], stdout=subprocess.PIPE, text=True)
    child = psutil.Process(int(run.stdout.readline()))
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    for _ in range(100):
        if not child.is_running():
            break
        time.sleep(0.1)
    assert not child.is_running()


def test_papermill_itself_finds_the_engine(tmp_path):
    source, target = write_notebook(tmp_path / "one.ipynb", "print(period)"), tmp_path / "done.ipynb"
    command = [sys.executable, "-m", "papermill", "--engine", "chiso", "-p", "period", "2024-Q3", source, target]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert nbformat.read(target, as_version=4).cells[2].outputs[0].text == "2024-Q3\n"
