"""What a report shows is among what it rests on: a change of it makes the report, or the figures, stale."""

import io
from importlib import resources

import polars as pl
import pytest
from notebook_files import write_notebook

from chiso.errors import ChisoError
from chiso.messages import DEFAULT, use
from chiso.runs import inputs
from chiso.runs.console import Console
from chiso.runs.data import open_dataset
from chiso.runs.execute import execute
from chiso.runs.plan import Job, Request, make_plan
from chiso.runs.reads import ACCOUNTS, RecordedDataset


def test_earlier_periods_are_measured_by_a_folder_of_plans_as_it_is_now(data, out, tmp_path):
    plans = data / "plans"
    plans.mkdir()
    (data / "chiso.toml").write_text('[catalogue]\npath = "plans"\n', encoding="utf-8")
    own = (resources.files("chiso.catalogue") / "plans/2024.toml").read_text(encoding="utf-8")
    (plans / "2024.toml").write_text(own, encoding="utf-8")
    earlier = own.replace("year = 2024", "year = 2023", 1)
    (plans / "2023.toml").write_text(earlier, encoding="utf-8")

    def history(folder):
        plan = make_plan(Request("2024-Q4", data, folder, results_only=True))
        execute(plan, Console(io.StringIO(), io.StringIO()))
        return pl.read_parquet(plan.folder / "history.parquet")

    before = history(out)
    head, at, rest = earlier.partition("target = ")
    (plans / "2023.toml").write_text(f"{head}{at}0.123{rest[rest.index(chr(10)) :]}", encoding="utf-8")
    after = history(out)
    assert after.equals(history(tmp_path / "anew"))
    assert not after.equals(before)


@pytest.mark.parametrize(("lang", "stale"), [("vi", False), ("en", True)])
def test_a_report_rests_on_the_translation_of_its_texts(tmp_path, lang, stale):
    job = Job("A.I", "A1_access", "", write_notebook(tmp_path / "A1_access.ipynb", "1"))
    words = tmp_path / "en.toml"
    words.write_text('"Một" = "One"\n', encoding="utf-8")
    use(lang)
    try:
        before = inputs.of_job(job)
        words.write_text('"Một" = "Two"\n', encoding="utf-8")
        assert (inputs.of_job(job) != before) is stale
    finally:
        use(DEFAULT)


def test_rejected_rows_are_noted_as_read(data):
    dataset = RecordedDataset.of(open_dataset(data))
    dataset.rejected_sheets()
    assert dataset.reads == {ACCOUNTS}


def test_data_that_changes_under_a_run_ends_it(few, notebooks, data, out):
    cases = data / "cases.csv"
    row = "H9,T1,VP,online,2024-11-03T08:00:00,2025-01-10T00:00:00,,"
    add = f"open({str(cases)!r}, 'a').write({row + chr(10)!r})"
    write_notebook(notebooks / "A1_access.ipynb", add)
    plan = make_plan(Request("2024-Q4", data, out, ("A.I",), engine="stock"))
    with pytest.raises(ChisoError, match=str(data)):
        execute(plan, Console(io.StringIO(), io.StringIO()))
    assert not plan.folder.exists() and not plan.stage.exists()
