"""The small quarter of tests/notebook, its results written once for the notebooks to read."""

import pytest
from golden import write_quarter


@pytest.fixture(scope="session")
def run_parameters(tmp_path_factory):
    """Parameters as a run passes them: absolute paths, results on disk."""
    return write_quarter(tmp_path_factory.mktemp("out"))
