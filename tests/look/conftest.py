"""Runs to look at, made once; a browser without network; an office suite. Used only by `make test-look`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from edge_data import EDGE_PERIOD, write_edge_data
from filelock import FileLock
from playwright.sync_api import Browser, sync_playwright
from programs import find_office
from seen import Seen, opened

from chiso.cli import main
from chiso.runs import plan
from chiso.runs.browser import find_browser
from chiso.runs.data import processed_folder

PERIOD = "2024-Q4"
SAMPLE = plan.project_folder() / plan.DATA


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--runs", type=Path, help="folder in which the runs are kept and, if there, found again")


def chiso(*arguments: str | Path) -> int:
    """Run the program as a user does and return its exit code."""
    return subprocess.run([sys.executable, "-m", "chiso.cli", *map(str, arguments)], check=False).returncode


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of everything made here, the same for all workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (
        request.config.getoption("--runs") or (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "runs"
    )
    folder.mkdir(parents=True, exist_ok=True)
    return Path(folder).absolute()


@pytest.fixture(scope="session")
def sample_out(runs: Path) -> Path:
    """Output folder of the sample: what `make report` and `chiso pdf` make."""
    out = runs / "sample"
    with FileLock(runs / "sample.lock"):
        if not (out / PERIOD / "pdf" / "index.pdf").is_file():
            assert chiso("run", PERIOD, "--data", SAMPLE, "--out", out) == 0
            assert chiso("pdf", PERIOD, "--out", out) == 0
    return out


@pytest.fixture(scope="session")
def sample(sample_out: Path) -> Path:
    """The sample's period folder: pages, workbooks, Word draft, result tables, ``pdf/``."""
    return sample_out / PERIOD


@pytest.fixture(scope="session")
def edge(runs: Path) -> Path:
    """Period folder of data at the edges: see :mod:`edge_data`."""
    out, data = runs / "edge", runs / "edge-data"
    with FileLock(runs / "edge.lock"):
        if not (out / EDGE_PERIOD / "pdf" / "index.pdf").is_file():
            write_edge_data(data)
            try:
                assert chiso("run", EDGE_PERIOD, "--data", data, "--out", out) == 0
            finally:
                shutil.rmtree(processed_folder(data), ignore_errors=True)
            assert chiso("pdf", EDGE_PERIOD, "--out", out) == 0
    return out / EDGE_PERIOD


# Each in one worker, which reads the printed files once.
@pytest.fixture(
    scope="session",
    params=[pytest.param(run, marks=pytest.mark.xdist_group(f"files of {run}")) for run in ("sample", "edge")],
)
def folder(request: pytest.FixtureRequest) -> Path:
    """Period folder of the sample, then of the data at the edges."""
    return Path(request.getfixturevalue(request.param))


@pytest.fixture(scope="session")
def english(runs: Path) -> Path:
    """Period folder with one report, the overview and the indexes in English."""
    out = runs / "english"
    folder = out / "en" / PERIOD
    with FileLock(runs / "english.lock"):
        if not (folder / "manifest.json").is_file():
            wanted = ("--component", "A.IV", "--component", "overview")
            assert chiso("run", PERIOD, "--data", SAMPLE, "--out", out, "--lang", "en", *wanted) == 0
    return folder


@pytest.fixture(scope="session")
def failed(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Period folder with the page in place of a report that failed."""
    out = runs / "failed"
    page = out / PERIOD / "B2_institutions.html"
    with FileLock(runs / "failed.lock"):
        if not page.is_file():
            _run_a_broken_notebook(out, tmp_path_factory.mktemp("notebooks"))
    return page.parent


def _run_a_broken_notebook(out: Path, folder: Path) -> None:
    for notebook in plan.notebook_folder().glob("*.ipynb"):
        shutil.copy(notebook, folder)
    target = folder / "B2_institutions.ipynb"
    broken = nbformat.read(target, as_version=4)
    broken.cells.append(nbformat.v4.new_code_cell("1 / 0  # <b>why</b>"))
    nbformat.write(broken, target)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as left:
        patch.setattr(plan, "notebook_folder", lambda: folder)
        main(["run", PERIOD, "--data", str(SAMPLE), "--out", str(out), "--component", "B.II"])
    assert left.value.code == 1


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium, with no way to any network."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_browser(),
            args=["--host-resolver-rules=MAP * ~NOTFOUND", "--font-render-hinting=none", "--disable-lcd-text"],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def look(browser: Browser) -> Iterator[Callable[..., Seen]]:
    """``look(file, width=1280, scripts=True)``: a page opened, with all that it asked for and said."""
    with opened(browser) as open_page:
        yield open_page


@pytest.fixture(scope="session")
def office(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """``office(file, "pdf")``: a workbook or Word file as LibreOffice calculates and writes it; once a file."""
    program, profile = find_office(), tmp_path_factory.mktemp("office")
    assert program is not None

    def convert(file: Path, kind: str) -> Path:
        folder = runs / "office" / file.parent.parent.name / kind.split(":")[0]
        folder.mkdir(parents=True, exist_ok=True)
        made = folder / f"{file.stem}.{kind.split(':')[0]}"
        with FileLock(made.with_suffix(".lock")):
            if not made.is_file() or made.stat().st_mtime < file.stat().st_mtime:
                command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", kind]
                done = subprocess.run(
                    [*command, "--outdir", folder, file], capture_output=True, text=True, timeout=180, check=False
                )
                assert made.is_file(), done.stdout + done.stderr
        return made

    return convert
