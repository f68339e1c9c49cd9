"""Results on disk that were made for another window, or from other data, are refused."""

import os
import shutil

import pytest

from chiso.errors import ChisoError
from chiso.notebook import context as notebook_context
from chiso.notebook.context import open_context
from chiso.runs import manifest
from chiso.runs.inputs import OtherData, of_data
from chiso.runs.manifest import FILE
from chiso.runs.plan import catalogue_for
from chiso.runs.prepare import RESULTS
from chiso.runs.stage import STATE, Record, state


@pytest.fixture
def recorded(dataset, out, tmp_path, monkeypatch):
    """An output folder with a run's record; the changes come into the record."""

    def make(**changes):
        monkeypatch.setattr(notebook_context, "open_dataset", lambda folder: dataset)
        shutil.copytree(out / "2024-Q4", tmp_path / "2024-Q4")
        made_of = of_data(catalogue_for(dataset.body, 2024), dataset) | changes.pop("made_of", {})
        content = {"window": "decree09", "window_start": "2024-09-15"} | changes
        record = manifest.content(content, Record("ok", made_of), {}, Record("ok"), {})
        (tmp_path / "2024-Q4" / FILE).write_text(record, encoding="utf-8")
        return tmp_path

    return make


def opened(folder, **parameters):
    return open_context(period="2024-Q4", out=str(folder), window="decree09", **parameters)


def test_results_of_the_same_window_and_data_are_read(recorded):
    folder = recorded()
    assert opened(folder).folder == folder / "2024-Q4"


@pytest.mark.parametrize("change", [{"window": "calendar"}, {"window_start": "2024-10-01"}])
def test_results_of_another_window_are_refused(recorded, change):
    with pytest.raises(ChisoError, match="khoảng thời gian khác .*kỳ báo cáo chốt ngày 14"):
        opened(recorded(**change))


@pytest.mark.parametrize("name", ["accounts", "catalogue", "settings", "questionnaires", "scorecards"])
def test_results_from_other_data_are_refused(recorded, name):
    with pytest.raises(OtherData, match="được tính từ dữ liệu khác"):
        opened(recorded(made_of={name: "0" * 16}))


def test_results_of_a_run_under_way_from_other_data_are_refused(recorded):
    folder = recorded()
    (folder / "2024-Q4" / STATE).write_text(state({}, {RESULTS: Record("ok", {"accounts": "0"})}), encoding="utf-8")
    with pytest.raises(OtherData, match="được tính từ dữ liệu khác"):
        opened(folder)


def test_a_record_older_than_the_results_is_of_the_run_before(recorded):
    folder = recorded(made_of={"accounts": "0"})
    os.utime(folder / "2024-Q4" / FILE, (0, 0))  # a run writes its record last
    assert opened(folder).folder is not None
