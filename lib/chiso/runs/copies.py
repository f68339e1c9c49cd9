"""What reports read of a run, for machines that do not see its disk: an import without the exports it was made of.

Exports name people; what an import keeps of them does not. So a copy is made of the import and of the data folder's
own settings, templates, questionnaires and scorecards, and of nothing else.
"""

from __future__ import annotations

import json
from pathlib import Path

from chiso.indicators.survey_form import form_files
from chiso.messages import language, language_folder
from chiso.runs.data import CATALOGUE, IMPORT, MARK
from chiso.runs.inputs import FORMS_TEMPLATE, WORD_TEMPLATE, scorecard_files
from chiso.runs.plan import Plan
from chiso.runs.prepare import RESULTS, Prepared
from chiso.runs.stage import STATE, state
from chiso.sources.config import SCORECARDS, TEMPLATES
from chiso.sources.taken_over import SUFFIX


def data_files(plan: Plan, prepared: Prepared) -> dict[str, Path | bytes]:
    """Return the files of a copy of a data folder."""
    found: dict[str, Path | bytes] = {
        f"{IMPORT}/{file.relative_to(prepared.processed).as_posix()}": file
        for file in sorted(prepared.processed.rglob("*"))
        if file.is_file() and file.suffix != SUFFIX
    }
    found |= {file.name: file for file in form_files(plan.data)}
    found |= {f"{SCORECARDS}/{file.name}": file for file in scorecard_files(plan.data)}
    templates = (plan.data / TEMPLATES / name for name in (WORD_TEMPLATE, FORMS_TEMPLATE))
    found |= {f"{TEMPLATES}/{file.name}": file for file in templates if file.is_file()}
    body = prepared.body.model_dump(mode="json")
    if (path := prepared.body.catalogue.path) is not None:
        body["catalogue"]["path"] = f"{CATALOGUE}/{path.name}" if path.is_file() else CATALOGUE
        found |= {f"{CATALOGUE}/{file.name}": file for file in _plans(path)}
    found[MARK] = json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
    return found


def _plans(path: Path) -> list[Path]:
    """Return the files of a body's own catalogue: a plan and its translation beside it, or a folder of them."""
    beside = path.with_suffix(f".{language()}.toml")
    files = [path, beside] if path.is_file() else sorted(path.glob("*.toml"))
    return [file for file in files if file.is_file()]


def result_files(plan: Plan, prepared: Prepared) -> dict[str, Path | bytes]:
    """Return the result tables and what they were made of, by their names within an output folder."""
    folder = results_folder(Path(), plan)
    found: dict[str, Path | bytes] = {
        (folder / name).as_posix(): prepared.results / name for name in prepared.record.files
    }
    return found | {(folder / STATE).as_posix(): state({}, {RESULTS: prepared.record}).encode()}


def results_folder(out: Path, plan: Plan) -> Path:
    """Return the folder of a plan's result tables within a copy of the output folder."""
    return language_folder(out) / str(plan.timeframe.period)
