"""Figures assembled from what was kept equal those computed anew, and nothing reads a table outside its key."""

import os
from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache, partial
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from chiso.indicators import compute
from chiso.indicators.pieces import Pieces
from chiso.messages import LANGUAGES, use
from chiso.runs import history, outlook
from chiso.runs.data import kept_figures
from chiso.runs.outlook import figures
from chiso.runs.plan import catalogue_for
from chiso.runs.results import read_backtest, write_results
from chiso.scoring.forecast import TESTED
from chiso.sources import Dataset, ingest, load_contract
from chiso.sources.digests import TableDigest
from chiso.sources.kept import Kept
from chiso.worktime import Period, Timeframe

SAMPLE = Path(__file__).parents[1] / "notebook" / "quarter"
#: All fourteen with ``CHISO_SEEDS`` set; they take half a minute.
CHANGED = (
    tuple(load_contract()) if "CHISO_SEEDS" in os.environ else ("units", "cases", "survey_responses", "deliverables")
)
NOW = Timeframe(Period.parse("2024-Q4"), "decree09")


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return ingest(SAMPLE, tmp_path_factory.mktemp("imports"))


@pytest.fixture(autouse=True)
def short_trend(monkeypatch):
    """The plan year and the year before's last quarter: enough for a back-test, and quick."""
    monkeypatch.setattr(history, "LENGTH", 4)


def catalogues(dataset):
    return cache(partial(catalogue_for, dataset.body))


def assert_same(one, other):
    """Equal to the last digit, in order and dtypes."""
    frames = zip(one.results.frames().items(), other.results.frames().items(), strict=True)
    for (name, frame), (again, expected) in frames:
        assert name == again
        assert_frame_equal(frame, expected, check_exact=True)
    for name in ("history", "forecasts", "backtest"):
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def without_a_row(dataset: Dataset, table: str, folder: Path) -> Dataset:
    """Return an import that lacks one row of a table, in the middle of it."""
    target = folder / table
    target.mkdir(parents=True)
    for file in dataset.processed.glob("*.parquet"):
        (target / file.name).symlink_to(file)
    rows = pl.read_parquet(dataset.processed / f"{table}.parquet")
    (target / f"{table}.parquet").unlink()
    middle = rows.height // 2
    pl.concat([rows[:middle], rows[middle + 1 :]]).write_parquet(target / f"{table}.parquet")
    digests = {**dataset._digests, table: TableDigest(f"without a row of {table}", "")}
    return replace(dataset, processed=target, _digests=digests)


def test_from_the_shelf_as_computed_and_after_a_change_in_each_table(sample, tmp_path):
    kept, of_year = Kept(tmp_path / "kept", "salt"), catalogues(sample)
    assert_same(figures(sample, of_year, NOW, kept), figures(sample, of_year, NOW))
    assert_same(figures(sample, of_year, NOW, kept), figures(sample, of_year, NOW))
    for table in CHANGED:
        changed = without_a_row(sample, table, tmp_path)
        assert_same(figures(changed, of_year, NOW, kept), figures(changed, of_year, NOW))


@pytest.mark.parametrize("missing", [("cases",), ("procedures", "units"), ("survey_frame", "budget", "deliverables")])
def test_tables_that_lack_columns_that_lack(sample, tmp_path, missing):
    fewer = {name: rows for name, rows in sample._accepted.items() if name not in missing}
    columns = {n: c - {"unit_code", "finished_at"} if n == "feedback" else c for n, c in sample._columns.items()}
    digests = {n: sample._digests[""] if n in missing else d for n, d in sample._digests.items()}
    digests["feedback"] = TableDigest("fewer columns", "")
    poor = replace(sample, _accepted=fewer, _columns=columns, _digests=digests)
    kept, of_year = Kept(tmp_path, "salt"), catalogues(sample)
    figures(sample, of_year, NOW, kept)
    for _ in range(2):
        assert_same(figures(poor, of_year, NOW, kept), figures(poor, of_year, NOW))


class Watched(Dataset):
    """An import that notes which tables are read."""

    def __getattribute__(self, name):
        if name in ("scan", "columns", "accepted"):
            return partial(self._noted, object.__getattribute__(self, name))
        return object.__getattribute__(self, name)

    def _noted(self, method, table):
        self.__dict__["read"].add(table)
        return method(table)


def test_no_piece_reads_a_table_outside_its_key(sample, tmp_path, monkeypatch):
    watched = Watched(**{f.name: getattr(sample, f.name) for f in fields(Dataset)})
    watched.__dict__["read"] = set()
    seen: dict[str, set[str]] = {}
    whole = Pieces.frames

    def frames(self, make, name, tables, *values):
        def noted() -> Mapping[str, pl.DataFrame]:
            before, watched.__dict__["read"] = watched.__dict__["read"], set()
            found = make()
            seen[name] = watched.__dict__["read"]
            assert seen[name] <= set(tables), name
            watched.__dict__["read"] = before
            return found

        return whole(self, noted, name, tables, *values)

    monkeypatch.setattr(Pieces, "frames", frames)
    figures(watched, catalogues(sample), NOW, Kept(tmp_path, "salt"))
    assert {"case_balance", "active_units", "survey", "survey_statistics", "reach cases", "backtest"} <= seen.keys()


def test_no_view_reads_a_table_beside_its_own(sample):
    from chiso.indicators.views import VIEWS, Sources

    for view in VIEWS.values():
        watched = Watched(**{f.name: getattr(sample, f.name) for f in fields(Dataset)})
        watched.__dict__["read"] = set()
        view.build(Sources(watched, catalogues(sample)(2024), NOW)).collect()
        assert watched.__dict__["read"] == set(view.tables)


def test_a_changed_table_makes_only_what_reads_it(sample, tmp_path, monkeypatch):
    kept, of_year = Kept(tmp_path / "kept", "salt"), catalogues(sample)
    figures(sample, of_year, NOW, kept)
    made: list[str] = []
    put = Pieces.put
    monkeypatch.setattr(
        Pieces, "put", lambda self, frames, name, *rest: (made.append(name), put(self, frames, name, *rest))
    )
    figures(sample, of_year, NOW, kept)
    assert made == []
    figures(without_a_row(sample, "documents", tmp_path), of_year, NOW, kept)
    assert set(made) <= {"documents", "reach documents", "results", "forecast", "backtest"}
    assert made.count("documents") == len(history.periods(NOW.period))


def test_language_and_code_are_part_of_what_is_kept(sample):
    try:
        salts = set()
        for language in LANGUAGES:
            use(language)
            salts.add(kept_figures(sample).salt)
        assert len(salts) == len(LANGUAGES)
    finally:
        use(LANGUAGES[0])
    assert kept_figures(sample).folder == sample.processed.parent / "figures"


def test_the_back_test_is_a_table_of_the_run(sample, tmp_path):
    of_year = catalogues(sample)
    found = figures(sample, of_year, NOW)
    assert found.backtest.schema == pl.Schema(TESTED)
    assert found.backtest.height
    write_results(tmp_path, found.results, backtest=found.backtest)
    assert_frame_equal(
        read_backtest(tmp_path), outlook.tested(sample, of_year(2024), NOW, found.history), check_exact=True
    )
    month = Timeframe(Period.parse("2024-11"), "decree09")
    assert outlook.tested(sample, of_year(2024), month, found.history).schema == pl.Schema(TESTED)


def test_without_a_shelf_nothing_is_kept(sample, tmp_path):
    before = sorted(sample.processed.parent.iterdir())
    compute(sample, catalogues(sample)(2024), NOW, statistics=False)
    assert sorted(sample.processed.parent.iterdir()) == before
