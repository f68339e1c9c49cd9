"""What a report shows is among what it rests on: a change of it makes the report, or the figures, stale."""

import io
from dataclasses import replace
from importlib import resources

import polars as pl
import pytest
from notebook_files import write_notebook

from chiso.catalogue import load_catalogue
from chiso.errors import ChisoError
from chiso.indicators.views import Sources
from chiso.messages import DEFAULT, use
from chiso.reporting import privacy
from chiso.runs import inputs
from chiso.runs.console import Console
from chiso.runs.data import open_dataset
from chiso.runs.execute import execute
from chiso.runs.plan import Job, Request, make_plan
from chiso.runs.reads import RecordedDataset
from chiso.runs.reasons import told
from chiso.sources import Dataset
from chiso.sources.kept import NO_SHELVES, Kept
from chiso.worktime import Period, Timeframe


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
    assert dataset.reads == {"accounts:rejected_sheets"}


#: What each member of an import notes when ``cases`` are asked for.
NOTED = {
    "accepted": {"rows:cases"},
    "cells": {"accounts:cells"},
    "columns": {"columns:cases"},
    "contracts": {"accounts:contracts"},
    "corrections": {"accounts:corrections"},
    "differences": {"accounts:differences"},
    "exported_days": {"exports"},
    "files": {"accounts:files"},
    "files_of": {"files:cases"},
    "findings": {"accounts:findings"},
    "hand_backs": {"accounts:hand_backs"},
    "rejected": {"accounts:rejected_sheets", "accounts:rejects"},
    "rejected_sheets": {"accounts:rejected_sheets"},
    "rejects": {"accounts:rejects"},
    "rows_digest": {"table:cases"},
    "scan": {"table:cases"},
    "tables": {"accounts:tallies"},
    "tallies": {"accounts:tallies"},
}
#: Members that tell nothing of the tables, or that only the run itself asks.
PLAIN = {"folder", "processed", "body", "kept", "digest", "rejected_digest", "noting", "telling"}


def test_everything_an_import_tells_is_noted(data):
    members = {name for name in (*vars(Dataset), *Dataset.__dataclass_fields__) if not name.startswith("_")}
    assert members == {*NOTED, *PLAIN}
    known = inputs.tables(open_dataset(data))
    for name, noted in NOTED.items():
        dataset = RecordedDataset.of(open_dataset(data))
        found = getattr(dataset, name)
        if name == "rejected_sheets":
            found()
        elif callable(found):
            found(["cases"] if name == "files_of" else "cases")
        assert dataset.reads == noted, name
        assert noted <= known.keys(), name


def test_the_record_does_not_tell_whether_a_decision_was_found_or_taken(data, tmp_path):
    t = Timeframe(Period.parse("2024-Q4"), "decree09")
    noted = []
    for kept in (NO_SHELVES, Kept(tmp_path / "kept"), Kept(tmp_path / "kept")):
        dataset = RecordedDataset.of(replace(open_dataset(data), kept=kept))
        for decide in (privacy.hidden, privacy.hidden_groups, privacy.hidden_themes):
            decide(Sources(dataset, load_catalogue(2024), t))
        noted.append(dataset.reads)
    assert any((tmp_path / "kept").iterdir())
    assert noted == [{"table:survey_responses"}] * 3


def test_a_corrected_cell_leaves_what_does_not_show_it(data):
    before = inputs.tables(open_dataset(data))
    file = data / "cases.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("online", "postal", 1), encoding="utf-8")
    assert inputs.changed(before, inputs.tables(open_dataset(data)), ()) == [
        "accounts",
        "accounts:files",
        "files:cases",
        "table:cases",
    ]


def test_the_same_rows_in_other_bytes_change_their_file_alone(data):
    before = inputs.tables(open_dataset(data))
    file = data / "cases.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("online", '"online"', 1), encoding="utf-8")
    changed = inputs.changed(before, inputs.tables(open_dataset(data)), ())
    assert changed == ["accounts", "accounts:files", "files:cases"]
    contracts = open_dataset(data).contracts
    assert told(["files:cases"], contracts) == ["tệp của bảng “Hồ sơ thủ tục hành chính” đã đổi"]
    assert told(["files:cases", "rows:cases", "table:cases"], contracts) == ["bảng “Hồ sơ thủ tục hành chính” đã đổi"]


def test_data_that_changes_under_a_run_ends_it(few, notebooks, data, out):
    cases = data / "cases.csv"
    row = "H9,T1,VP,online,2024-11-03T08:00:00,2025-01-10T00:00:00,,"
    add = f"open({str(cases)!r}, 'a').write({row + chr(10)!r})"
    write_notebook(notebooks / "A1_access.ipynb", add)
    plan = make_plan(Request("2024-Q4", data, out, ("A.I",), engine="stock"))
    with pytest.raises(ChisoError, match=str(data)):
        execute(plan, Console(io.StringIO(), io.StringIO()))
    assert not plan.folder.exists() and not plan.stage.exists()
