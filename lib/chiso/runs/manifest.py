"""The record of a run: what went in, what came out, each with its hash; the same inputs give the same bytes.

Times and durations stand in ``timings.json``, so that the manifest of a repeated run differs in nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import chiso
from chiso.catalogue import Catalogue
from chiso.indicators.survey_form import form_files
from chiso.messages import language
from chiso.runs.data import unit_name
from chiso.runs.files import sha256, write_text
from chiso.runs.plan import Plan, project_folder
from chiso.sources import Dataset
from chiso.sources.config import SCORECARDS, TEMPLATES

FILE = "manifest.json"
TIMINGS = "timings.json"
#: Folder of a period for its pages as PDF.
PDF = "pdf"

#: What decides whose figures a folder holds; another library alone does not make them others.
IDENTITY = (
    "period", "window", "as_of", "unit", "body", "catalogue", "inputs", "corrections", "questionnaires", "language",
)  # fmt: skip


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a period's folder; empty where there is none that can be read."""
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def same_figures(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two manifests tell of the same data, unit, window and as-of day."""
    return all(one.get(key) == other.get(key) for key in IDENTITY)


def same_subject(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two manifests tell of the same body, unit, window and as-of day, be the data corrected or not."""
    return all(one.get(key) == other.get(key) for key in ("body", "unit", "window", "as_of"))


def describe(plan: Plan, dataset: Dataset, catalogue: Catalogue) -> dict[str, Any]:
    """Return what decides the figures and reports of a run, and ``run``, the hash of it all."""
    frame = dataset.files.with_columns(exported_on=dataset.files["exported_on"].dt.to_string("iso"))
    content: dict[str, Any] = {
        "period": str(plan.timeframe.period),
        "window": plan.timeframe.rule,
        "window_start": plan.timeframe.start.isoformat(),
        "window_end": plan.timeframe.end.isoformat(),
        "as_of": plan.timeframe.as_of.isoformat(),
        "unit": plan.request.unit,
        "unit_name": unit_name(dataset, plan.request.unit) if plan.request.unit else None,
        "language": language(),
        "body": {"name": dataset.body.name, "synthetic": dataset.body.synthetic},
        "catalogue": {"year": catalogue.year, "version": catalogue.version},
        "library": chiso.__version__,
        "locked_versions": _locked_versions(),
        "inputs": list(frame.iter_rows(named=True)),
        "corrections": dataset.hand_backs.to_dicts(),
        "questionnaires": questionnaires(dataset),
        "word_template": sha256(own) if (own := plan.data / TEMPLATES / "bao-cao.docx").is_file() else None,
        "forms_template": sha256(own) if (own := plan.data / TEMPLATES / "bieu-mau.xlsx").is_file() else None,
        "scorecards": {file.name: sha256(file) for file in scorecard_files(plan.data)},
    }
    digest = hashlib.sha256(_json(content).encode()).hexdigest()[:16]
    return {"run": digest, **content}


def questionnaires(dataset: Dataset) -> dict[str, str]:
    """Return the SHA-256 of the data folder's questionnaires by file name."""
    return {path.name: sha256(path) for path in form_files(dataset.folder)}


def _locked_versions() -> str | None:
    lock = project_folder() / "requirements.lock"
    return sha256(lock) if lock.is_file() else None


def scorecard_files(data: Path) -> list[Path]:
    """Return the files of a data folder's own scorecards."""
    return sorted(file for file in (data / SCORECARDS).glob("*") if file.is_file() and file.name[0] not in ".~")


def write_manifest(
    folder: Path,
    description: Mapping[str, Any],
    notebooks: Mapping[str, Mapping[str, Any]],
    outputs: Iterable[Path],
    headline: Mapping[str, Any] | None = None,
) -> Path:
    """Write the manifest of a period.

    Args:
        folder: the period's output folder.
        description: what :func:`describe` gave.
        notebooks: by stem: component, status and the run they come from.
        outputs: files of the folder that belong to the period.
        headline: what the index of all periods tells of this one; none where the period has no index.
    """
    files = {path.relative_to(folder).as_posix(): sha256(path) for path in outputs if path.is_file()}
    content = {**description, "notebooks": notebooks, "outputs": files}
    if headline:
        content["headline"] = headline
    return write_text(folder / FILE, _json(content, indent=1) + "\n")


def printed(folder: Path, content: Mapping[str, Any]) -> list[Path]:
    """Return the PDFs that a manifest names."""
    return [folder / name for name in content.get("outputs", {}) if name.startswith(f"{PDF}/")]


def replace_printed(folder: Path, outputs: Iterable[Path]) -> None:
    """Put PDFs into the manifest of a period in place of earlier ones, which go: the next run knows them as its own."""
    content = read_manifest(folder)
    if not content:
        return
    added = {path.relative_to(folder).as_posix(): sha256(path) for path in outputs}
    for old in printed(folder, content):
        if old.relative_to(folder).as_posix() not in added:
            old.unlink(missing_ok=True)
    kept = {name: digest for name, digest in content.get("outputs", {}).items() if not name.startswith(f"{PDF}/")}
    write_text(folder / FILE, _json({**content, "outputs": kept | added}, indent=1) + "\n")


def replace_text(folder: Path, file: Path, text: str) -> None:
    """Write one of a period's files anew and put its hash into the manifest."""
    write_text(file, text)
    content, name = read_manifest(folder), file.relative_to(folder).as_posix()
    if name in content.get("outputs", {}):
        content["outputs"][name] = sha256(file)
        write_text(folder / FILE, _json(content, indent=1) + "\n")


def _json(content: Mapping[str, Any], indent: int | None = None) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=indent)
