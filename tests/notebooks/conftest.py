"""The small quarter of tests/notebook, its results written once for the notebooks to read."""

from functools import partial

import pytest
from golden import PARAMETERS, PROJECT

from chiso.indicators import compute
from chiso.runs.data import open_dataset
from chiso.runs.history import history
from chiso.runs.plan import catalogue_for
from chiso.runs.results import write_results
from chiso.scoring import scores
from chiso.worktime import Period, Timeframe


@pytest.fixture(scope="session")
def run_parameters(tmp_path_factory):
    """Parameters as a run passes them: absolute paths, results on disk."""
    dataset = open_dataset(PROJECT / PARAMETERS["data"])
    out = tmp_path_factory.mktemp("out")
    timeframe = Timeframe(Period.parse(PARAMETERS["period"]))
    catalogue = catalogue_for(dataset.body, timeframe.plan_year)
    results = compute(dataset, catalogue, timeframe)
    trend = history(dataset, partial(catalogue_for, dataset.body), timeframe, results)
    folder = out / PARAMETERS["period"]
    write_results(folder, results, scores=scores(results.indicators, catalogue), history=trend)
    return PARAMETERS | {"data": str(PROJECT / PARAMETERS["data"]), "out": str(out)}
