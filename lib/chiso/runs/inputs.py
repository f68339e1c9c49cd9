"""The inputs of a run by name, each as a hash: what every report rests on, the tables of the import, the figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from chiso.catalogue import Catalogue
from chiso.errors import ChisoError
from chiso.indicators import Results
from chiso.indicators.survey_form import form_files
from chiso.messages import DEFAULT, language, text
from chiso.runs import reads
from chiso.runs.files import sha256
from chiso.runs.fingerprint import LENGTH, digest, library, together, versions
from chiso.runs.plan import Job, Plan
from chiso.sources import Dataset, load_contract
from chiso.sources.config import SCORECARDS, TEMPLATES, Body

WORD_TEMPLATE, FORMS_TEMPLATE = "bao-cao.docx", "bieu-mau.xlsx"
#: Inputs that are templates of office files, and inputs of reports alone.
OWN_TEMPLATES = ("word_template", "forms_template")
#: What everything rests on.
BASE = (
    "library", "versions", "catalogue", "settings", "questionnaires", "scorecards", "timeframe", "unit", "language",
)  # fmt: skip
NOTEBOOK, REPORTS = "notebook", "reports"
#: Tables beside the results whose rows are figures of an indicator.
_BY_INDICATOR = ("history", "forecasts")
#: Hash of what is not there.
ABSENT = "–"


def base(plan: Plan, dataset: Dataset) -> dict[str, str]:
    """Return what all figures and reports of a plan rest on, but for the tables: the names of :data:`BASE`."""
    frame = plan.timeframe
    return {
        "library": library(),
        "versions": digest(dict(versions())),
        **_beside_tables(plan.catalogue, dataset),
        "timeframe": digest([str(frame.period), frame.rule, frame.as_of]),
        "unit": plan.request.unit or "",
        "language": language(),
    }


def _beside_tables(catalogue: Catalogue, dataset: Dataset) -> dict[str, str]:
    body = dataset.body.model_dump(mode="json", exclude={"catalogue": {"path"}})  # what stands there counts, not where
    return {
        "catalogue": digest([catalogue.model_dump(mode="json"), own_plans(dataset.body)]),
        "settings": digest(body),
        "questionnaires": digest(files_in(form_files(dataset.folder))),
        "scorecards": digest(files_in(scorecard_files(dataset.folder))),
    }


def of_data(catalogue: Catalogue, dataset: Dataset) -> dict[str, str]:
    """Return in few hashes all that is read of a data folder but its templates: the same ones, the same data.

    The names are among those of :func:`base` and :func:`tables`.
    """
    return {**_beside_tables(catalogue, dataset), reads.ACCOUNTS: _whole(dataset)}


def _whole(dataset: Dataset) -> str:
    """Return one hash of all tables and accounts of an import."""
    names = sorted(dataset.contracts)
    general = dataset.findings.filter(~pl.col("table").is_in(names) | pl.col("table").is_null())
    whole = {name: dataset.digest(name) for name in names}
    return together({**whole, "": digest(general), "hand_backs": digest(dataset.hand_backs)})


def tables(dataset: Dataset) -> dict[str, str]:
    """Return the hashes of the import's tables and accounts: the names that begin so in :mod:`chiso.runs.reads`."""
    names = sorted(dataset.contracts)
    found = {reads.ACCOUNTS: _whole(dataset)}
    found |= {reads.of_account(name): digest(getattr(dataset, name)) for name in (*reads.FRAMES, reads.TALLIES)}
    own = {name: dataset.contracts[name].model_dump(mode="json") for name in names if name not in load_contract()}
    found[reads.of_account(reads.CONTRACTS)] = digest(own)
    found[reads.of_account(reads.SHEETS)] = dataset.rejected_digest()[:LENGTH]
    found[reads.EXPORTS] = digest(dataset.exported_days)
    for (name,), files in dataset.files.partition_by("table", as_dict=True, maintain_order=True).items():
        found[f"{reads.FILES}{name}"] = digest(files)
    for name in names:
        found[reads.TABLE + name] = dataset.rows_digest(name)[:LENGTH]
        found[reads.COLUMNS + name] = digest(sorted(dataset.columns(name)))
        found[reads.ROWS + name] = str(dataset.accepted(name))
    return found


def figures(results: Results, more: Mapping[str, pl.DataFrame], uncomputed: Iterable[str]) -> dict[str, str]:
    """Return the hashes of result tables, and of the figures of each indicator in all tables that have a row of it.

    Args:
        results: of the period.
        more: further tables by name; the history and the forecasts are figures, as are the results' own.
        uncomputed: indicators that lack a table or a column.
    """
    by_indicator = {"indicators": results.indicators, "notes": results.notes}
    by_indicator |= {name: frame for name, frame in more.items() if name in _BY_INDICATOR}
    parts: dict[str, dict[str, str]] = {}
    for name, frame in by_indicator.items():
        for (indicator,), rows in frame.partition_by("indicator", as_dict=True, maintain_order=True).items():
            parts.setdefault(str(indicator), {})[name] = digest(rows)
    found = {f"{reads.FIGURES}:{indicator}": together(parts[indicator]) for indicator in sorted(parts)}
    found[reads.FIGURES] = together(found)
    names = ("case_balance", "satisfaction", "points", "notes", "recency", "recording")
    tables = {name: getattr(results, name) for name in names}
    tables |= {name: frame for name, frame in more.items() if name not in _BY_INDICATOR}
    found |= {reads.RESULT + name: digest(frame) for name, frame in tables.items()}
    found[f"{reads.RESULT}statistics"] = together({name: digest(f) for name, f in sorted(results.statistics.items())})
    found[f"{reads.RESULT}units"] = digest(list(results.units))
    found[f"{reads.RESULT}weighting"] = results.weighting
    found[f"{reads.RESULT}uncomputed"] = digest(sorted(uncomputed))
    return found


def own_plans(body: Body) -> dict[str, str]:
    """Return the SHA-256 of a body's own plans where it has a folder of them: earlier periods are measured by theirs.

    Of one file nothing: it is the plan of all years.
    """
    path = body.catalogue.path
    return files_in(sorted(path.glob("*.toml"))) if path is not None and path.is_dir() else {}


def of_job(job: Job) -> str:
    """Return the hash of a report's notebook, and of the translations of its texts where the run needs them."""
    words = [] if language() == DEFAULT else [_of_file(job.source.parent / f"{language()}.toml")]
    return digest([_of_file(job.source), *words])


def of_reports(jobs: Iterable[Job]) -> str:
    """Return the hash of the reports that pages lead to."""
    return digest([[job.stem, job.component, job.title] for job in jobs])


class OtherData(ChisoError):
    """What is read now is not what the results at hand were made of."""


def require_same(recorded: Mapping[str, str], now: Mapping[str, str], folder: Path, data: Path) -> None:
    """Refuse to show results beside other data than they were made of.

    Args:
        recorded: inputs of the results; what is not among them is not compared.
        now: what is read beside them.
        folder: of the results.
        data: the data folder.

    Raises:
        OtherData: an input has changed.
    """
    if any(recorded.get(name, found) != found for name, found in now.items()):
        raise OtherData(text("runs.other_data", folder=folder, data=data))


def templates(data: Path) -> dict[str, str]:
    """Return the hashes of a data folder's own templates of office files."""
    files = zip(OWN_TEMPLATES, (WORD_TEMPLATE, FORMS_TEMPLATE), strict=True)
    return {name: _of_file(data / TEMPLATES / file) for name, file in files}


def _of_file(path: Path) -> str:
    return sha256(path)[:LENGTH] if path.is_file() else ABSENT


def files_in(files: Iterable[Path]) -> dict[str, str]:
    """Return the SHA-256 of files by name."""
    return {path.name: sha256(path) for path in files}


def scorecard_files(data: Path) -> list[Path]:
    """Return the files of a data folder's own scorecards."""
    return sorted(file for file in (data / SCORECARDS).glob("*") if file.is_file() and file.name[0] not in ".~")


def changed(recorded: Mapping[str, str], now: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """Return the inputs that are not as recorded: of those recorded and of ``names``, which no record may lack."""
    wanted = sorted({*recorded, *names})
    return [name for name in wanted if recorded.get(name, "") != now.get(name, ABSENT)]
