"""The first part of a run: tables imported, figures computed and written, everything told that a reader must know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from chiso.indicators import Results
from chiso.indicators.case_balance import BalanceError
from chiso.messages import locales, text
from chiso.reporting.tables import exported_before
from chiso.runs import checks, inputs
from chiso.runs.data import unit_name
from chiso.runs.files import sha256
from chiso.runs.headline import headline
from chiso.runs.outlook import figures
from chiso.runs.plan import Plan, catalogue_for
from chiso.runs.results import write_results
from chiso.runs.stage import Record
from chiso.scoring import scores
from chiso.sources import Dataset
from chiso.sources.config import Body
from chiso.sources.kept import NO_SHELVES

#: Name of the record of the result tables.
RESULTS = "results"


@dataclass(frozen=True)
class Prepared:
    """What the reports of a period are made with.

    Attributes:
        body: whose data it is.
        unit_name: name of the unit the reports are about.
        inputs: hashes of everything that can be read, by name (:mod:`chiso.runs.inputs`).
        results: folder of the result tables.
        out: what notebooks are told as the output folder, so that they find them.
        run: the id of the run: one hash of all data, settings, templates and code.
        record: of the result tables.
        processed: folder of the import.
    """

    body: Body
    unit_name: str | None
    inputs: dict[str, str]
    results: Path
    out: Path
    run: str
    record: Record
    processed: Path

    @property
    def failed(self) -> bool:
        """Whether an indicator could not be computed."""
        return bool(self.record.about["failed"])

    @property
    def warnings(self) -> list[str]:
        """What is to be told about the figures."""
        return list(self.record.about["warnings"])


def rests_on(plan: Plan, dataset: Dataset) -> dict[str, str]:
    """Return the inputs of the result tables."""
    return inputs.base(plan, dataset) | inputs.tables(dataset)


def prepared(plan: Plan, dataset: Dataset, wanted: dict[str, str], record: Record, folder: Path) -> Prepared:
    """Return what the reports of a period are made with.

    Args:
        plan: what is to be done.
        dataset: accepted tables.
        wanted: the inputs of the result tables.
        record: of the result tables.
        folder: where these stand.
    """
    unit, all_inputs = plan.request.unit, wanted | inputs.templates(plan.data)
    return Prepared(
        dataset.body,
        unit_name(dataset, unit) if unit else None,
        all_inputs | record.about["digests"],
        folder,
        plan.work if folder == plan.stage else Path(plan.request.out).absolute(),
        inputs.together(all_inputs),
        record,
        dataset.processed,
    )


def compute_results(plan: Plan, dataset: Dataset, wanted: dict[str, str], *, write: bool = True) -> Record:
    """Compute the figures of a period and write their tables into the work folder.

    Args:
        plan: what is to be done.
        dataset: accepted tables.
        wanted: the inputs, see :func:`rests_on`.
        write: whether to write; else the record alone is wanted.

    Raises:
        OutputError: the work folder cannot be written.
        DataGate: the case balance does not close.
    """
    try:
        kept = NO_SHELVES if plan.request.force else dataset.kept
        outlook = figures(dataset, partial(catalogue_for, dataset.body), plan.timeframe, kept)
    except BalanceError as error:
        raise checks.DataGate(str(error)) from error
    results = outlook.results
    attained = scores(results.indicators, plan.catalogue)
    more = {
        "history": outlook.history,
        "forecasts": outlook.forecasts,
        "backtest": outlook.backtest,
        "scores": attained,
    }
    written = write_results(plan.stage, results, **more) if write else []
    lacking = results.notes.filter(pl.col("severity") != "info")["indicator"]
    about = {
        "failed": results.failed,
        "warnings": _warnings(dataset, results, plan),
        "headline": headline(plan, dataset, results),
        "digests": inputs.figures(results, {n: f for n, f in more.items() if f is not None}, lacking),
    }
    files = {path.relative_to(plan.stage).as_posix(): sha256(path) for path in written}
    return Record("ok", wanted, files, about=about)


def _warnings(dataset: Dataset, results: Results, plan: Plan) -> list[str]:
    errors = results.notes.filter(pl.col("severity") == "error").unique("indicator", maintain_order=True)
    told = [
        text("runs.indicator_failed", indicator=note["indicator"], message=note["message"])
        for note in errors.iter_rows(named=True)
    ]
    frame = plan.timeframe
    days = {"start": locales.day(frame.start), "end": locales.day(frame.as_of)}
    if newest := exported_before(dataset, frame):
        told.append(text("runs.exported_before", period=frame.period.label, day=locales.day(newest), **days))
    elif checks.is_empty(results):
        told.append(text("runs.empty_period", period=frame.period.label, **days))
    return told


def tell_data(dataset: Dataset, plan: Plan) -> list[str]:
    """Return what is to be told about the import: files that failed, tables that lack, rows rejected."""
    told = []
    for finding in dataset.findings.filter(pl.col("severity") == "error").iter_rows(named=True):
        told.append(text("runs.file_error", file=finding["file"] or finding["table"], message=finding["message"]))
    if missing := checks.missing_tables(dataset):
        told.append(text("runs.tables_missing", count=len(missing), tables=", ".join(missing)))
    only = "_only" if plan.request.results_only else ""
    if refused := checks.rejected_tables(dataset):
        tables = ", ".join(refused)
        told.append(text(f"runs.tables_rejected{only}", count=len(refused), tables=tables, folder=plan.folder))
    told += _tell_files(dataset)
    if rejected := dataset.files["rejected"].sum():
        told.append(text(f"runs.rows_rejected{only}", count=rejected, folder=plan.folder))
    return told


def _tell_files(dataset: Dataset) -> list[str]:
    """Name in one line the files that were passed over and those read in spite of their names."""
    told = []
    for rule, key in (("ignored", "runs.files_ignored"), ("file_name", "runs.files_strange")):
        names = sorted(dataset.findings.filter(pl.col("rule") == rule)["file"].drop_nulls().unique())
        told += [text(key, count=len(names), files=", ".join(names))] if names else []
    return [" ".join(told)] if told else []
