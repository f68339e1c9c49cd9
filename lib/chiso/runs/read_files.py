"""``chiso read``: files into tidy tables with their account, to try a mapping or to hand the tables on."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.runs.files import output_error
from chiso.sources import Dataset
from chiso.sources.mapping.lookup import NamedMapping
from chiso.sources.reading import read_files

#: Marks a folder as one that `chiso read` wrote, and may replace.
SUMMARY = "summary.txt"
ACCOUNTS = ("files", "rejects", "findings", "cells", "differences")
#: Findings, and reasons of rejects, shown on the console; the files have all of them.
SHOWN = 10


@dataclass(frozen=True)
class ReadAnswer:
    """What became of the files: 0 all rows read, 1 some rejected or a file unread, 2 nothing read; and in words."""

    code: int
    summary: str


def read_into(paths: Sequence[Path], mapping: NamedMapping | None, out: Path) -> ReadAnswer:
    """Read files and write tables (Parquet and CSV), account, rejects and findings into ``out``.

    The folder is written beside its place and renamed when it is whole; one that an earlier call wrote is replaced.

    Raises:
        ChisoError: a file does not exist; ``out`` holds something else, or cannot be written.
    """
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / SUMMARY).is_file())):
        raise ChisoError(text("sources.reading.out_taken", folder=out))
    try:
        out.absolute().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".chiso-read-", dir=out.absolute().parent) as name:
            work, written = Path(name) / "import", Path(name) / "out"
            work.mkdir()
            written.mkdir()
            dataset = read_files(paths, mapping, work)
            answer = _answer(dataset, out)
            _write(dataset, written)
            (written / SUMMARY).write_text(answer.summary + "\n", encoding="utf-8")
            if out.exists():
                out.rename(Path(name) / "old")
            shutil.move(written, out)
    except OSError as error:
        raise output_error(out, error) from error
    return answer


def _write(dataset: Dataset, folder: Path) -> None:
    for table in dataset.tables:
        frame = dataset.scan(table)
        if frame is not None:
            rows = frame.collect()
            rows.write_parquet(folder / f"{table}.parquet")
            inert(rows).write_csv(folder / f"{table}.csv", include_bom=True)
        if (rejected := dataset.rejected(table)) is not None:
            inert(rejected).write_csv(folder / f"rejected_{table}.csv", include_bom=True)
    for name in ACCOUNTS:
        inert(getattr(dataset, name)).write_csv(folder / f"{name}.csv", include_bom=True)


def inert(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame whose text cells no spreadsheet takes for a formula: those get an apostrophe in front."""
    words = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    risky = [pl.col(name).str.contains(r"^[=+\-@\t\r]").fill_null(False) for name in words]
    marked = [
        pl.when(risk).then(pl.lit("'") + pl.col(name)).otherwise(pl.col(name)).alias(name)
        for name, risk in zip(words, risky, strict=True)
    ]
    return frame.with_columns(marked)


def _answer(dataset: Dataset, out: Path) -> ReadAnswer:
    lines = []
    sums = dataset.files.group_by("table").agg(
        pl.col("read", "accepted", "merged", "superseded", "rejected", "layout").sum()
    )
    for row in sums.sort("table").rows(named=True):
        lines.append(text("sources.reading.table", **{**row, "table": dataset.contracts[row["table"]].label}))
    errors = dataset.findings.filter(pl.col("severity") == "error")
    warnings = dataset.findings.filter(pl.col("severity") == "warning")
    for kind, told in (("error", errors), ("warning", warnings)):
        shown = told.head(SHOWN)
        lines += [
            text(f"sources.reading.{kind}", file=f" {file}" if file else "", message=m)
            for file, m in shown.select("file", "message").rows()
        ]
        if told.height > SHOWN:
            lines.append(text("sources.reading.more", count=told.height - SHOWN, file="findings.csv"))
    reasons = (
        dataset.rejects.group_by("reason")
        .agg(pl.len(), pl.first("file", "row"))
        .sort("len", "reason", descending=[True, False])
    )
    for row in reasons.head(SHOWN).rows(named=True):
        lines.append(
            text("sources.reading.reject", count=row["len"], reason=row["reason"], file=row["file"], row=row["row"])
        )
    if reasons.height > SHOWN:
        lines.append(text("sources.reading.more", count=reasons.height - SHOWN, file="rejects.csv"))
    lines.append(text("sources.reading.written", folder=out))
    accepted = sum(dataset.accepted(table) for table in dataset.tables)
    code = 2 if not accepted else 1 if errors.height or dataset.rejects.height else 0
    return ReadAnswer(code, "\n".join(lines))
