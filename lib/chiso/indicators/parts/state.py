"""The sums over some files of cases: small, exact, and added up with those of other files in any order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import polars as pl

import chiso
from chiso.catalogue import Catalogue
from chiso.errors import ChisoError
from chiso.messages import text
from chiso.worktime import Timeframe

BASIS = "basis.json"
#: Columns that a row of each table is about; all others are summed.
KEYS = {
    "sums": ("body", "unit_code"),
    "distinct": ("indicator", "body", "unit_code", "value"),
    "balance": ("body", "unit_code", "field"),
}


@dataclass(frozen=True)
class Partial:
    """What one part contributes.

    Everything in it is a count or a set, so that the sum of parts is the whole, however the rows are divided. Shares
    are made of it only when all parts are together. Distinct counts carry their keys: a procedure that two parts have
    cases of is one procedure.

    Attributes:
        basis: catalogue, period, window, as-of day and version that it was computed by, as JSON.
        sums: a row a body and unit; a column a sum, named as :func:`chiso.indicators.figures.aggregations` names it.
        distinct: a row an indicator, body, unit and key with a row; n hits and d rows of it.
        balance: a row a body, unit and field; the counts of the case balance.
        columns: a row a body, table and column that some file really had.
        units: a row a body and unit active on any day of P.
        files: a row a file: body, file, rows, later (not yet received on the as-of day), first_key, last_key.
    """

    basis: str
    sums: pl.DataFrame
    distinct: pl.DataFrame
    balance: pl.DataFrame
    columns: pl.DataFrame
    units: pl.DataFrame
    files: pl.DataFrame

    def save(self, folder: Path) -> None:
        """Write the part into a folder, as Parquet."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in self.tables().items():
            frame.write_parquet(folder / f"{name}.parquet")
        (folder / BASIS).write_text(self.basis, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Partial:
        """Read back what :meth:`save` wrote."""
        names = [f.name for f in fields(cls) if f.name != "basis"]
        tables = {name: pl.read_parquet(folder / f"{name}.parquet") for name in names}
        return cls((folder / BASIS).read_text(encoding="utf-8"), **tables)

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the tables by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "basis"}


def basis_of(catalogue: Catalogue, timeframe: Timeframe) -> str:
    """Return what parts must share to be added up."""
    plan = hashlib.sha256(catalogue.model_dump_json(exclude={"language"}).encode()).hexdigest()
    return json.dumps(
        {
            "catalogue": plan,
            "period": str(timeframe.period),
            "window": timeframe.rule,
            "as_of": timeframe.as_of.isoformat(),
            "version": chiso.__version__,
        },
        sort_keys=True,
    )


def add(parts: Sequence[Partial]) -> Partial:
    """Return the sum of parts.

    Raises:
        ChisoError: no part, parts computed by another catalogue, period or version, or a file in two of them.
    """
    if not parts:
        raise ChisoError(text("parts.no_parts"))
    if len({part.basis for part in parts}) > 1:
        raise ChisoError(text("parts.other_basis"))
    joined = {name: pl.concat([part.tables()[name] for part in parts]) for name in parts[0].tables()}
    files = joined["files"].sort("body", "file")
    if (again := files.filter(files["file"].is_duplicated())).height:
        raise ChisoError(text("parts.file_twice", files=", ".join(again["file"].unique().sort())))
    return Partial(
        parts[0].basis,
        **{name: total(joined[name], keys) for name, keys in KEYS.items()},
        columns=joined["columns"].unique().sort(pl.all()),
        units=joined["units"].unique().sort(pl.all()),
        files=files,
    )


def total(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Return the sums by key, in the order of the keys."""
    return frame.group_by(keys).agg(pl.exclude(keys).sum()).sort(keys)
