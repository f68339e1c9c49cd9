"""Writing the synthetic department into a folder: whole, or not at all."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import polars as pl

from chiso.demo.department import load_department
from chiso.demo.exports import write_office
from chiso.demo.generate import DEFAULT_CASES, DEFAULT_SEED, generate, produce
from chiso.errors import ChisoError
from chiso.messages import text
from chiso.messages.system import reason

Style = Literal["plain", "office"]
STYLES = ("plain", "office")
#: More cases than this are written as Parquet, one file a month.
CSV_LIMIT = 200_000
SETTINGS = "chiso.toml"


def write_demo(
    folder: Path,
    cases: int = DEFAULT_CASES,
    seed: int = DEFAULT_SEED,
    style: Style = "plain",
    overwrite: bool = False,
) -> Path:
    """Write the synthetic department to ``folder`` and return its path.

    Style ``plain``: ``<table>.csv`` with canonical columns; cases beyond :data:`CSV_LIMIT` as
    ``cases_<month>.parquet``. Style ``office``: as an office exports it (Excel with titles and totals, Vietnamese
    headers, a dozen faulty rows). Either way with ``chiso.toml`` and a README that say the data is made up. The same
    arguments give the same files. A month of cases is held in memory at a time (``plain``).

    Args:
        folder: new or empty folder; with ``overwrite`` also one that an earlier call has written.
        cases: number of cases, at least 1 (``office``: at most :data:`CSV_LIMIT`).
        seed: seed of the random streams, 0 or more.
        style: ``plain`` or ``office``.
        overwrite: replace a synthetic folder.

    Raises:
        ChisoError: the folder holds something else, an argument is out of range, or the disk refuses.
    """
    if style not in STYLES:
        raise ChisoError(text("demo.style", style=style, known=", ".join(STYLES)))
    if style == "office" and cases > CSV_LIMIT:
        raise ChisoError(text("demo.too_many", cases=cases, limit=CSV_LIMIT))
    folder = folder.absolute()
    with _replacing(folder, overwrite) as building:
        if style == "office":
            write_office(building, generate(seed, cases))
        else:
            _write_plain(building, seed, cases)
        _write_notice(building, cases, seed, style)
    return folder


def _write_plain(folder: Path, seed: int, cases: int) -> None:
    with (folder / "cases.csv").open("wb") if cases <= CSV_LIMIT else contextlib.nullcontext() as stream:
        header = True

        def sink(month: str, block: pl.DataFrame) -> None:
            nonlocal header
            if stream is None:
                block.write_parquet(folder / f"cases_{month}.parquet")
            else:
                block.write_csv(stream, include_header=header, datetime_format="%Y-%m-%dT%H:%M:%S")
            header = False

        tables = produce(seed, cases, sink)
    for name, frame in tables.items():
        frame.write_csv(folder / f"{name}.csv")


def _write_notice(folder: Path, cases: int, seed: int, style: Style) -> None:
    department = load_department()
    values = {"office": department.office, "province": department.province, "cases": cases, "seed": seed}
    settings = text("demo.settings", **values)
    tomllib.loads(settings)  # a broken message must not become a broken folder
    (folder / SETTINGS).write_text(settings, encoding="utf-8", newline="\n")
    readme = text("demo.readme", **values) + text(f"demo.readme_{style}")
    (folder / "README.md").write_text(readme, encoding="utf-8", newline="\n")


@contextlib.contextmanager
def _replacing(folder: Path, overwrite: bool) -> Iterator[Path]:
    """A temporary folder beside ``folder`` that takes its place when the block ends without an error."""
    occupied = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    if occupied and not (overwrite and _is_synthetic(folder)):
        raise ChisoError(text("demo.occupied", folder=folder))
    building = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        yield building
        building.chmod(0o755)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
            folder.rename(old / folder.name)
            building.rename(folder)
            shutil.rmtree(old)
        else:
            building.rename(folder)
    except OSError as error:
        raise ChisoError(text("demo.disk", folder=folder, error=reason(error))) from error
    finally:
        if building is not None:
            shutil.rmtree(building, ignore_errors=True)


def _is_synthetic(folder: Path) -> bool:
    """Whether the folder says of itself that its data is made up."""
    try:
        settings = tomllib.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return settings.get("body", {}).get("synthetic") is True
