"""The notebooks of PAR-INDEX run cell by cell, for the department and one of them for a unit."""

from golden import NOTEBOOKS
from nbval_runs import copy_with, lax


def test_they_run(tmp_path, run_parameters):
    sources = sorted(NOTEBOOKS.glob("B*.ipynb"))
    assert len(sources) == 7
    copy_with(NOTEBOOKS / "B3_procedures.ipynb", tmp_path / "unit.ipynb", run_parameters | {"unit": "CCVC"})
    done = lax(tmp_path, sources, run_parameters)
    assert done.returncode == 0, done.stdout + done.stderr
