"""A tiny data folder, and a project folder of its own for each test."""

import pytest
from notebook_files import write_notebook

from chiso.catalogue import load_catalogue
from chiso.runs import data as runs_data
from chiso.runs import indexes, pages, plan

TABLES = {
    "units": "unit_code,unit_name,kind\nVP,Văn phòng,division\nCCVC,Công chức viên chức,division\n",
    "procedures": "procedure_code,procedure_name,field,unit_code,online_level,has_fee\n"
    "T1,Cấp phép,Nội vụ,CCVC,full,true\n",
    "cases": "case_id,procedure_code,unit_code,channel,received_at,due_at,finished_at,outcome\n"
    "H1,T1,CCVC,online,2024-10-01T08:00:00,2024-10-10T00:00:00,2024-10-09T09:00:00,granted\n"
    "H2,T1,CCVC,in_person,2024-10-02T08:00:00,2024-10-10T00:00:00,2024-10-12T09:00:00,granted\n"
    "H3,T1,VP,online,2024-11-02T08:00:00,2024-11-10T00:00:00,2024-11-10T23:00:00,granted\n"
    "H4,T1,VP,online,2024-11-03T08:00:00,2025-01-10T00:00:00,,\n",
}


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
