"""The notebooks of SIPAS, overview, scorecard, data quality and explore run cell by cell."""

from golden import NOTEBOOKS
from nbval_runs import lax


def test_they_run(tmp_path, run_parameters):
    sources = [path for path in sorted(NOTEBOOKS.glob("*.ipynb")) if not path.name.startswith("B")]
    assert len(sources) == 10
    done = lax(tmp_path, sources, run_parameters)
    assert done.returncode == 0, done.stdout + done.stderr
