"""A power cut at any moment of a run: outputs stay whole, the old or the new, and the run can be gone on with.

``CHISO_CUTS=100`` cuts the power a hundred times.
"""

import json
import os
import random
import shutil
import sys
import time

import psutil
import pytest
import whole_runs
from whole_runs import files

from chiso.runs.stage import Stage

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and process groups")

SEEDS = int(os.environ.get("CHISO_CUTS", "3"))


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


@pytest.mark.parametrize("seed", range(SEEDS))
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
