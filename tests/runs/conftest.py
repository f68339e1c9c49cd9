"""A tiny data folder, and a project folder of its own for each test."""

import pytest
from notebook_files import TABLES, write_notebook

from chiso import cli
from chiso.catalogue import load_catalogue
from chiso.runs import data as runs_data
from chiso.runs import indexes, pages, plan


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    """Imports are kept in the test's own folder, never in the project's."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.setattr(runs_data, "project_folder", lambda: folder)
    return folder


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for name, content in TABLES.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    """A folder of notebooks in place of the project's; each one runs well until a test writes another."""
    folder = tmp_path / "notebooks"
    monkeypatch.setattr(plan, "notebook_folder", lambda: folder)
    for job in plan.all_jobs(load_catalogue(2024)):
        write_notebook(job.source, "print(period, unit)", "1 + 1")
    return folder


@pytest.fixture
def few(notebooks, monkeypatch):
    """A catalogue of four reports, so that a whole run is short."""
    jobs = [job for job in plan.all_jobs(load_catalogue(2024)) if job.component in ("overview", "A.I", "A.II", "B.I")]
    for module in (plan, pages, indexes):
        monkeypatch.setattr(module, "all_jobs", lambda _: tuple(jobs))


@pytest.fixture
def chiso(capsys):
    """Run the command line; return exit code, standard output and error."""

    def call(*words):
        with pytest.raises(SystemExit) as left:
            cli.main([str(word) for word in words])
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return left.value.code, told.out, told.err

    return call
