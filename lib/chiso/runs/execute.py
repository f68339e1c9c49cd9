"""Carrying out a plan: import, compute, write the tables, then the reports; the exit code tells how it went."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from chiso.indicators import Results, compute
from chiso.indicators.case_balance import BalanceError
from chiso.messages import locales, text
from chiso.reporting.tables import exported_before
from chiso.runs import checks, manifest
from chiso.runs.console import Console
from chiso.runs.data import open_dataset
from chiso.runs.files import require_writable, sweep, write_text
from chiso.runs.lock import exclusive
from chiso.runs.outlook import Outlook, look_ahead
from chiso.runs.plan import Plan, catalogue_for
from chiso.runs.results import HISTORY, write_results
from chiso.runs.warm.process import available, warm_up
from chiso.scoring import scores
from chiso.sources import Dataset

OK, SOME_FAILED, USAGE, DATA_GATE = 0, 1, 2, 3


@dataclass
class Timings:
    """Seconds spent, by stage and by notebook."""

    started: datetime = field(default_factory=datetime.now)
    stages: dict[str, float] = field(default_factory=dict)
    notebooks: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.stages[name] = round(time.perf_counter() - start, 3)

    def write(self, folder: Path) -> None:
        """Write the timings beside the manifest."""
        content = {
            "started": self.started.isoformat(timespec="seconds"),
            "finished": datetime.now().isoformat(timespec="seconds"),
            "stages": self.stages,
            "notebooks": self.notebooks,
        }
        write_text(folder / manifest.TIMINGS, json.dumps(content, indent=1, sort_keys=True) + "\n")


def execute(plan: Plan, console: Console | None = None) -> int:
    """Carry out a plan.

    Returns:
        0, or 1 where a report or an indicator failed (the others are there).

    Raises:
        OutputError: the output folder cannot be written.
        DataGate: the data does not pass a strict run, or its case balance does not close.
        ChisoError: another run has the folder, or the data folder cannot be used.
    """
    console = console or Console()
    require_writable(plan.out)
    with exclusive(plan.out, str(plan.timeframe.period)):
        sweep(plan.folder)
        timings = Timings()
        if plan.jobs and plan.request.engine == "warm" and available():
            warm_up()  # it loads the libraries while the tables are read and computed
        with timings.stage("ingest"):
            dataset = open_dataset(plan.data)
        checks.check_unit(plan.request.unit, dataset)
        checks.check_same_reports(plan, dataset, manifest.read_manifest(plan.folder))
        if plan.request.strict:
            checks.strict_gate(dataset)
        _tell_data(dataset, plan, console)
        with timings.stage("compute"):
            try:
                results = compute(dataset, plan.catalogue, plan.timeframe)
            except BalanceError as error:
                raise checks.DataGate(str(error)) from error
        with timings.stage("outlook"):
            outlook = look_ahead(dataset, partial(catalogue_for, dataset.body), plan.timeframe, results)
        _tell_results(dataset, outlook.results, plan, console)
        if plan.request.results_only:
            return _tables_only(plan, dataset, outlook, timings, console)
        return _everything(plan, dataset, outlook, timings, console)


def _tables_only(plan: Plan, dataset: Dataset, outlook: Outlook, timings: Timings, console: Console) -> int:
    """Write the result tables; reports of the same figures stay, those of other data, unit, window or day go."""
    before = manifest.read_manifest(plan.folder)
    description = manifest.describe(plan, dataset, plan.catalogue)
    results = outlook.results
    with timings.stage("results"):
        attained = scores(results.indicators, plan.catalogue)
        written = write_results(plan.folder, results, scores=attained, forecasts=outlook.forecasts)
    if before.get("run") != description["run"]:
        _remove(plan.folder / f"{HISTORY}.parquet")  # it told of other data
    kept, entries = _kept(plan.folder, before), before.get("notebooks", {})
    removed: list[Path] = []
    if not manifest.same_figures(before, description):
        removed, kept, entries = [old for old in kept if old not in written], [], {}
        for old in removed:
            _remove(old)
    manifest.write_manifest(
        plan.folder, description, entries, {*written, *kept}, before.get("headline") if kept else None
    )
    timings.write(plan.folder)
    if reported := sum(old.suffix in (".html", ".xlsx", ".docx", ".pdf") for old in removed):
        from chiso.runs import reports  # not light; needed only where there were reports

        reports.write_top_index(plan.out)
        console.warn(text("runs.reports_removed", count=reported, folder=plan.folder))
    console.say(text("runs.tables_written", folder=plan.folder))
    return _code(results, failed=False)


def _everything(plan: Plan, dataset: Dataset, outlook: Outlook, timings: Timings, console: Console) -> int:
    """Write the result tables, then notebooks, pages, workbooks and indexes."""
    from chiso.runs import indexes, reports, workbooks  # papermill, nbconvert and matplotlib: not for the tables alone

    before = manifest.read_manifest(plan.folder)
    for printed in manifest.printed(plan.folder, before):
        _remove(printed)  # of pages that are made anew
    description = manifest.describe(plan, dataset, plan.catalogue)
    results, trend = outlook.results, outlook.history
    with timings.stage("results"):
        attained = scores(results.indicators, plan.catalogue)
        written = write_results(plan.folder, results, scores=attained, history=trend, forecasts=outlook.forecasts)
    if before and not manifest.same_subject(before, description):
        # Should this run break off, no page of another unit, window or day stands beside its tables.
        for old in set(_kept(plan.folder, before)) - set(written):
            _remove(old)
        before = {}
        manifest.write_manifest(plan.folder, description, {}, set(written))
    with timings.stage("notebooks"):
        outcomes = reports.run_jobs(plan, dataset, console)
    timings.notebooks = {o.job.stem: round(o.seconds, 3) for o in outcomes}
    for outcome in outcomes:
        written += outcome.files
    with timings.stage("workbooks"):
        written += workbooks.write_workbooks(plan, dataset, results, trend, description["run"])
    entries: dict[str, Any] = {
        o.job.stem: {"component": o.job.component, "status": o.status, "run": description["run"]} for o in outcomes
    }
    if plan.partial:
        entries = {**before.get("notebooks", {}), **entries}
        written += _kept(plan.folder, before)
    else:
        for old in set(_kept(plan.folder, before)) - set(written):
            _remove(old)
    with timings.stage("index"):
        headline = indexes.headline(plan, dataset, results)
        written.append(reports.write_index(plan, dataset, results, description["run"], entries))
    manifest.write_manifest(plan.folder, description, entries, set(written), headline)
    timings.write(plan.folder)
    reports.write_top_index(plan.out)
    failed = [o for o in outcomes if o.status != "ok"]
    for outcome in failed:
        console.warn(text("runs.report_failed", title=outcome.job.title, why=outcome.summary))
    console.say(text("runs.reports_written", index=plan.folder / "index.html"))
    if failed:
        command = plan.request.command(o.job.component for o in failed)
        console.say(text("runs.resume", command=command))
    return _code(results, failed=bool(failed))


def _code(results: Results, *, failed: bool) -> int:
    return SOME_FAILED if failed or results.failed else OK


def _kept(folder: Path, before: dict[str, Any]) -> list[Path]:
    """Return the files of an earlier run that are still there."""
    return [folder / name for name in before.get("outputs", {}) if (folder / name).is_file()]


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _tell_data(dataset: Dataset, plan: Plan, console: Console) -> None:
    for finding in dataset.findings.filter(pl.col("severity") == "error").iter_rows(named=True):
        console.warn(text("runs.file_error", file=finding["file"] or finding["table"], message=finding["message"]))
    if missing := checks.missing_tables(dataset):
        console.warn(text("runs.tables_missing", count=len(missing), tables=", ".join(missing)))
    if refused := checks.rejected_tables(dataset):
        key = "runs.tables_rejected_only" if plan.request.results_only else "runs.tables_rejected"
        console.warn(text(key, count=len(refused), tables=", ".join(refused), folder=plan.folder))
    _tell_files(dataset, console)
    rejected = dataset.files["rejected"].sum()
    if rejected:
        key = "runs.rows_rejected_only" if plan.request.results_only else "runs.rows_rejected"
        console.warn(text(key, count=rejected, folder=plan.folder))


def _tell_files(dataset: Dataset, console: Console) -> None:
    """Name in one line the files that were passed over and those read in spite of their names."""
    told = []
    for rule, key in (("ignored", "runs.files_ignored"), ("file_name", "runs.files_strange")):
        names = sorted(dataset.findings.filter(pl.col("rule") == rule)["file"].drop_nulls().unique())
        told += [text(key, count=len(names), files=", ".join(names))] if names else []
    if told:
        console.warn(" ".join(told))


def _tell_results(dataset: Dataset, results: Results, plan: Plan, console: Console) -> None:
    errors = results.notes.filter(pl.col("severity") == "error").unique("indicator", maintain_order=True)
    for note in errors.iter_rows(named=True):
        console.warn(text("runs.indicator_failed", indicator=note["indicator"], message=note["message"]))
    frame = plan.timeframe
    days = {"start": locales.day(frame.start), "end": locales.day(frame.as_of)}
    if newest := exported_before(dataset, frame):
        console.warn(text("runs.exported_before", period=frame.period.label, day=locales.day(newest), **days))
    elif checks.is_empty(results):
        console.warn(text("runs.empty_period", period=frame.period.label, **days))
