"""The record of a run: what went in, what came out, each with its hash; the same inputs give the same bytes.

Times and durations stand in ``timings.json``, so that the manifest of a repeated run differs in nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import chiso
from chiso.indicators.survey_form import form_files
from chiso.messages import language
from chiso.runs.files import sha256, write_text
from chiso.runs.fingerprint import together, versions
from chiso.runs.inputs import ABSENT, OWN_TEMPLATES, files_in, scorecard_files
from chiso.runs.plan import Plan
from chiso.runs.prepare import Prepared
from chiso.runs.stage import Record
from chiso.sources import Dataset

FILE = "manifest.json"
TIMINGS = "timings.json"
#: The page of the run itself.
RUN_PAGE = "run.html"
#: Folder of a period for its pages as PDF.
PDF = "pdf"

#: The index of a period, and of all.
INDEX = "index.html"


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a period's folder; empty where there is none that can be read."""
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def describe(plan: Plan, dataset: Dataset, prepared: Prepared) -> dict[str, Any]:
    """Return what the figures and reports of a run are about and made of, in words and hashes."""
    frame = dataset.files.with_columns(exported_on=dataset.files["exported_on"].dt.to_string("iso"))
    found = prepared.inputs
    return {
        "run": prepared.run,
        "period": str(plan.timeframe.period),
        "window": plan.timeframe.rule,
        "window_start": plan.timeframe.start.isoformat(),
        "window_end": plan.timeframe.end.isoformat(),
        "as_of": plan.timeframe.as_of.isoformat(),
        "unit": plan.request.unit,
        "unit_name": prepared.unit_name,
        "language": language(),
        "body": {"name": dataset.body.name, "synthetic": dataset.body.synthetic},
        "catalogue": {"year": plan.catalogue.year, "version": plan.catalogue.version, "sha256": found["catalogue"]},
        "library": {"version": chiso.__version__, "sha256": found["library"]},
        "versions": dict(versions()),
        "inputs": list(frame.iter_rows(named=True)),
        "corrections": dataset.hand_backs.to_dicts(),
        "questionnaires": questionnaires(dataset),
        "scorecards": files_in(scorecard_files(plan.data)),
        "templates": {name: None if found[name] == ABSENT else found[name] for name in OWN_TEMPLATES},
    }


def questionnaires(dataset: Dataset) -> dict[str, str]:
    """Return the SHA-256 of the data folder's questionnaires by file name."""
    return files_in(form_files(dataset.folder))


def content(
    description: Mapping[str, Any],
    results: Record,
    parts: Mapping[str, Record],
    index: Record,
    outputs: Mapping[str, str],
) -> str:
    """Return the manifest of a period.

    Args:
        description: what :func:`describe` gave.
        results: record of the result tables.
        parts: records of reports and office files.
        index: record of the period's index.
        outputs: SHA-256 of the files of the folder that belong to the period.
    """
    made = {name: {**record.plain(), "fingerprint": together(record.inputs)} for name, record in parts.items()}
    records = {"results": results.plain(), "parts": made, "index": index.plain()}
    return _json({**description, **records, "outputs": dict(outputs)}, indent=1) + "\n"


def parts_of(content: Mapping[str, Any]) -> dict[str, Record]:
    """Return the records that a manifest holds: reports, office files, ``results`` and ``index``."""
    found = {name: Record.of(record) for name, record in content.get("parts", {}).items()}
    return found | {name: Record.of(content[name]) for name in ("results", "index") if name in content}


def headline(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a manifest tells of the figures in short (:mod:`chiso.runs.headline`); empty where nothing."""
    return content.get("results", {}).get("about", {}).get("headline", {})


def failed(content: Mapping[str, Any]) -> int:
    """Return how many reports and office files of a manifest are not there as they should."""
    return sum(part["status"] != "ok" for part in content.get("parts", {}).values())


def durations(folder: Path) -> dict[str, float]:
    """Return the seconds that each part of a period took when it was made last."""
    try:
        found = json.loads((folder / TIMINGS).read_text(encoding="utf-8"))["parts"]
        return {str(name): float(seconds) for name, seconds in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


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
