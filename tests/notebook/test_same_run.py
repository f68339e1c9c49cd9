"""Results on disk that were made for another window, or from other data, are refused."""

import os
import shutil

import pytest

from chiso.errors import ChisoError
from chiso.notebook import context as notebook_context
from chiso.notebook.context import open_context
from chiso.runs import manifest
from chiso.runs.manifest import FILE
from chiso.runs.stage import Record


@pytest.fixture
def recorded(dataset, out, tmp_path, monkeypatch):
    """An output folder with a run's record; the changes come into the record."""

    def make(**changes):
        monkeypatch.setattr(notebook_context, "open_dataset", lambda folder: dataset)
        shutil.copytree(out / "2024-Q4", tmp_path / "2024-Q4")
        inputs = dataset.files.select("table", "sha256").to_dicts()
        content = {"window": "decree09", "window_start": "2024-09-15", "inputs": inputs} | changes
        record = manifest.content(content, Record("ok"), {}, Record("ok"), {})
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


def test_results_from_other_data_are_refused(recorded, dataset):
    other = dataset.files.select("table", "sha256").to_dicts()
    other[0]["sha256"] = "0" * 64
    with pytest.raises(ChisoError, match="được tính từ dữ liệu khác"):
        opened(recorded(inputs=other))


def test_a_record_older_than_the_results_is_of_the_run_before(recorded):
    folder = recorded(inputs=[])
    os.utime(folder / "2024-Q4" / FILE, (0, 0))  # a run writes its record last
    assert opened(folder).folder is not None
