"""The tables of a data folder, imported once and found again by every report of the run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl

from chiso.messages import language
from chiso.runs.fingerprint import digest, library, together, versions
from chiso.runs.plan import project_folder
from chiso.sources import Body, Dataset, ingest
from chiso.sources.ingest import open_import
from chiso.sources.kept import FOLDER, Kept

#: Within a copy of a data folder (:mod:`chiso.runs.copies`): whose data it is, the import, the body's own plans.
MARK, IMPORT, CATALOGUE = "imported.json", "import", "catalogue"


def processed_folder(data: Path) -> Path:
    """Return where imports of a data folder are kept: under ``data/processed`` of the project.

    A folder of ``data/raw`` keeps its name; another gets a mark of its path, so that two folders of one name do
    not share a place.
    """
    data = data.resolve()
    name = data.name
    if data.parent != project_folder() / "data" / "raw":
        name += f"-{hashlib.sha256(str(data).encode()).hexdigest()[:8]}"
    return project_folder() / "data" / "processed" / name


def open_dataset(data: Path, begin: Callable[[], object] | None = None) -> Dataset:
    """Import a data folder, or find the import already made of exactly these files; a copy has its import with it.

    Args:
        data: the data folder, or a copy.
        begin: called before files are imported; not where their import is found.

    Raises:
        ChisoError: see :func:`chiso.sources.ingest`.
    """
    dataset = _open_copy(data) if (data / MARK).is_file() else ingest(data, processed_folder(data), begin)
    return replace(dataset, kept=kept_figures(dataset))


def kept_figures(dataset: Dataset) -> Kept:
    """Return where what is made of a data folder is kept, beside its imports: of this code and language."""
    salt = together({"library": library(), "versions": digest(dict(versions())), "language": language()})
    return Kept(dataset.processed.parent / FOLDER, salt)


def _open_copy(folder: Path) -> Dataset:
    body = Body.model_validate(json.loads((folder / MARK).read_text(encoding="utf-8")))
    choice = body.catalogue
    if choice.path is not None:
        body = body.model_copy(update={"catalogue": choice.model_copy(update={"path": folder / choice.path})})
    return open_import(folder, folder / IMPORT, body)


def unit_name(dataset: Dataset, unit: str) -> str:
    """Return the name of a unit; its code where the list of units lacks it."""
    units = dataset.scan("units")
    if units is None:
        return unit
    found = units.filter(pl.col("unit_code") == unit).select("unit_name").collect()
    return str(found.item()) if found.height == 1 else unit
