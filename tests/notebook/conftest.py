"""A small synthetic quarter, and its results as a run leaves them on disk."""

from functools import partial
from pathlib import Path

import pytest

from chiso.indicators import compute
from chiso.notebook.context import Context
from chiso.runs import data as runs_data
from chiso.runs.data import open_dataset
from chiso.runs.outlook import look_ahead
from chiso.runs.plan import catalogue_for
from chiso.runs.results import write_results
from chiso.scoring import scores
from chiso.worktime import Period, Timeframe

QUARTER = Path(__file__).parent / "quarter"


@pytest.fixture(scope="session")
def own_project(tmp_path_factory):
    """A folder in which imports are kept, not the project's."""
    return tmp_path_factory.mktemp("project")


@pytest.fixture(scope="module", autouse=True)
def in_own_project(own_project):
    """Keep imports there, as long as the tests of this folder run: processes that a run begins would not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs_data, "project_folder", lambda: own_project)
        yield


@pytest.fixture(scope="session")
def dataset(own_project):
    """The quarter's tables, imported into a folder of the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs_data, "project_folder", lambda: own_project)
        return open_dataset(QUARTER)


@pytest.fixture(scope="session")
def out(dataset, tmp_path_factory):
    """An output folder with the results of 2024-Q4."""
    folder = tmp_path_factory.mktemp("out")
    timeframe = Timeframe(Period.parse("2024-Q4"))
    catalogue = catalogue_for(dataset.body, 2024)
    results = compute(dataset, catalogue, timeframe)
    outlook = look_ahead(dataset, partial(catalogue_for, dataset.body), timeframe, results)
    attained = scores(results.indicators, catalogue)
    write_results(
        folder / "2024-Q4", outlook.results, scores=attained, history=outlook.history, forecasts=outlook.forecasts
    )
    return folder


@pytest.fixture
def context(dataset, out):
    """The whole department in the fourth quarter, on results read from disk; each test has its own."""
    timeframe = Timeframe(Period.parse("2024-Q4"))
    return Context(dataset, catalogue_for(dataset.body, 2024), timeframe, folder=out / "2024-Q4")


@pytest.fixture
def of_unit(context):
    """The same for one unit."""
    return lambda unit: Context(context.dataset, context.catalogue, context.timeframe, unit, context.folder)
