"""One pass over some files of cases: sums by body, unit, field and procedure, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.case_balance import COUNTS
from chiso.indicators.figures import active_units
from chiso.indicators.parts.counted import BALANCE, TABLE, VIEW, Counted, counted
from chiso.indicators.parts.state import KEYS, Partial, basis_of, total
from chiso.indicators.views import VIEWS, Sources
from chiso.sources import Dataset, load_contract
from chiso.sources.parts import CaseFile, Measured, lookup, measure, require_unique, scan
from chiso.sources.parts.read import alike, day_after, lookup_columns
from chiso.worktime import Timeframe

#: Scans and rows of one query, about: enough to keep all cores busy, few enough to bound plan and memory.
SCANS_A_QUERY, ROWS_A_QUERY = 128, 10_000_000
_FILE, _BODY = "_file", "_body"


@dataclass(frozen=True)
class Tables:
    """What views use of a dataset, over frames that are there."""

    frames: Mapping[str, pl.LazyFrame]
    present: Mapping[str, frozenset[str]]

    def scan(self, table: str) -> pl.LazyFrame | None:
        """Return a table's rows, None where it is missing."""
        return self.frames.get(table)

    def accepted(self, table: str) -> int:
        """Return a number above 0 where the table has rows."""
        return int(table in self.frames)

    def columns(self, table: str) -> frozenset[str]:
        """Return the columns that were really there."""
        return self.present.get(table, frozenset())

    def sources(self, catalogue: Catalogue, timeframe: Timeframe, within: tuple[str, ...] = ()) -> Sources:
        """Return the sources of the views: all they ask of a dataset is here."""
        return Sources(cast(Dataset, self), catalogue, timeframe, within)


def partial(
    files: Sequence[CaseFile], catalogue: Catalogue, timeframe: Timeframe, *, check_keys: bool = True
) -> Partial:
    """Sum what the indicators of cases count over some files.

    Args:
        files: any case files; whole bodies, if keys are to be checked between files of a body.
        catalogue: the plan's indicators.
        timeframe: period, window and as-of day.
        check_keys: refuse cases that occur twice in a body.

    Returns:
        The part, for :func:`chiso.indicators.parts.combine`; small whatever the number of rows.

    Raises:
        ChisoError: files that cannot be read, lack required columns or have columns of another type; cases that occur
            twice.
    """
    measured = measure(files)
    if check_keys:
        require_unique(measured)
    wanted = counted(catalogue, timeframe)
    bodies = sorted({m.file.body for m in measured})
    number = {body: i for i, body in enumerate(bodies)}
    pieces = [_sums(batch, number, wanted, catalogue, timeframe) for batch in _batches(measured)]
    names = pl.DataFrame({_BODY: list(number.values()), "body": bodies}, {_BODY: pl.UInt32, "body": pl.String})
    named = pl.concat(pieces).join(names, on=_BODY, how="left").drop(_BODY)
    fine = total(named, ["body", "unit_code", *wanted.keys, "field"])
    return Partial(
        basis_of(catalogue, timeframe),
        sums=_named(fine, KEYS["sums"], {n: c for n, c in wanted.names.items() if not _apart(n, wanted)}),
        distinct=_distinct(fine, wanted),
        balance=_named(fine, KEYS["balance"], {name: wanted.names[f"{BALANCE}|{name}"] for name in COUNTS}).filter(
            pl.col("total") > 0
        ),
        columns=_columns(measured),
        units=_units(measured, catalogue, timeframe),
        files=_account(measured, timeframe),
    )


def _batches(measured: Sequence[Measured]) -> Iterator[list[list[Measured]]]:
    """Yield groups of files that are read as one, as many as one query takes."""
    batch: list[list[Measured]] = []
    rows = 0
    for group in alike(measured):
        for start in range(0, len(group), SCANS_A_QUERY):
            batch.append(group[start : start + SCANS_A_QUERY])
            rows += sum(m.rows for m in batch[-1])
            if len(batch) >= SCANS_A_QUERY or rows >= ROWS_A_QUERY:
                yield batch
                batch, rows = [], 0
    if batch:
        yield batch


def _sums(
    batch: Sequence[Sequence[Measured]],
    number: Mapping[str, int],
    wanted: Counted,
    catalogue: Catalogue,
    t: Timeframe,
) -> pl.DataFrame:
    """Every flag summed by body, unit and key: the one pass over the rows."""

    def marked(group: Sequence[Measured]) -> pl.LazyFrame:
        body = pl.lit(number[group[0].file.body], pl.UInt32).alias(_BODY)
        return scan(group, wanted.columns).with_columns(body)

    cases = pl.concat([marked(group) for group in batch])
    procedures = pl.concat([p.lazy() for p in _procedures((m for group in batch for m in group), number)])
    sources = Tables({TABLE: cases, "procedures": procedures}, {}).sources(catalogue, t, (_BODY,))
    keys = [_BODY, "unit_code", *wanted.keys]
    rows = VIEWS[VIEW].build(sources).filter(wanted.keep)
    raw = sorted({name for amount in wanted.amounts.values() for name in amount.meta.root_names()} - {*keys, "field"})
    flags = rows.select(*keys, "field", *raw, *(flag.alias(name) for name, flag in wanted.flags.items()))
    sums = [pl.col(name).sum().cast(pl.Int64) for name in wanted.flags]
    amounts = [amount.alias(name) for name, amount in wanted.amounts.items()]
    field = pl.col("field").first()  # one a procedure
    return flags.group_by(keys).agg(field, *sums, *amounts).collect(engine="streaming")


def _procedures(measured: Iterable[Measured], number: Mapping[str, int]) -> Iterator[pl.DataFrame]:
    """Yield the procedures of each body; an empty table keeps the columns where no body has any."""
    contract = load_contract()["procedures"]
    yield pl.DataFrame(schema={c.name: c.dtype for c in contract.columns} | {_BODY: pl.UInt32()})
    seen: set[str] = set()
    for m in measured:
        path = m.file.lookup("procedures")
        if path is not None and m.file.body not in seen:
            seen.add(m.file.body)
            yield lookup("procedures", path).with_columns(pl.lit(number[m.file.body], pl.UInt32).alias(_BODY))


def _named(fine: pl.DataFrame, keys: Sequence[str], names: Mapping[str, str]) -> pl.DataFrame:
    sums = (pl.col(column).sum().alias(name) for name, column in names.items())
    return fine.group_by(keys).agg(sums).sort(keys)


def _apart(name: str, wanted: Counted) -> bool:
    """Whether a sum belongs to another table than ``sums``: the balance, distinct counts, the account of the files."""
    key, _, what = name.partition("|")
    measure = wanted.measures.get(key)
    return key == BALANCE or (measure is not None and measure.distinct is not None and what in ("n", "d"))


def _distinct(fine: pl.DataFrame, wanted: Counted) -> pl.DataFrame:
    schema = {"indicator": pl.String, "body": pl.String, "unit_code": pl.String, "value": pl.String}
    tables = [pl.DataFrame(schema=schema | {"n": pl.Int64, "d": pl.Int64})]
    for key, m in wanted.measures.items():
        if m.distinct is None:
            continue
        names = {"n": wanted.names[f"{key}|n"], "d": wanted.names[f"{key}|d"]}
        sums = _named(fine, ["body", "unit_code", m.distinct.key], names).filter(pl.col("d") > 0)
        value = pl.col(m.distinct.key).cast(pl.String).alias("value")
        tables.append(sums.select(pl.lit(key).alias("indicator"), "body", "unit_code", value, "n", "d"))
    return pl.concat(tables).sort(KEYS["distinct"])


def _columns(measured: Sequence[Measured]) -> pl.DataFrame:
    found = {(m.file.body, TABLE, column) for m in measured for column in m.present}
    for m in measured:
        for table, _ in m.file.lookups:
            found |= {(m.file.body, table, column) for column in lookup_columns(table, m.file)}
    return pl.DataFrame(
        sorted(found), schema={"body": pl.String, "table": pl.String, "column": pl.String}, orient="row"
    )


def _units(measured: Sequence[Measured], catalogue: Catalogue, t: Timeframe) -> pl.DataFrame:
    found = set()
    for body, path in sorted({(m.file.body, path) for m in measured if (path := m.file.lookup("units"))}):
        tables = Tables({"units": lookup("units", path).lazy()}, {})
        found |= {(body, unit) for unit in active_units(tables.sources(catalogue, t))}
    return pl.DataFrame(sorted(found), schema={"body": pl.String, "unit_code": pl.String}, orient="row")


def _account(measured: Sequence[Measured], t: Timeframe) -> pl.DataFrame:
    """How many rows of each file there are, and how many are later than the as-of day."""
    known = _known(measured, t)
    return pl.DataFrame(
        {
            "body": [m.file.body for m in measured],
            "file": [str(m.file.path) for m in measured],
            "rows": [m.rows for m in measured],
            "later": [m.rows - known[i] for i, m in enumerate(measured)],
            "first_key": [m.keys[0] if m.keys else None for m in measured],
            "last_key": [m.keys[1] if m.keys else None for m in measured],
        },
        schema_overrides={"first_key": pl.String, "last_key": pl.String},
    )


def _known(measured: Sequence[Measured], t: Timeframe) -> list[int]:
    """Return the rows received by the as-of day, by file; read only where the footer does not tell."""
    end = day_after(t.as_of)
    known = [m.rows for m in measured]
    unclear = [i for i, m in enumerate(measured) if m.rows and (m.latest is None or m.latest >= end)]
    for start in range(0, len(unclear), SCANS_A_QUERY):
        frames = [
            scan([measured[i]], ["received_at"]).select(pl.lit(i, pl.UInt32).alias(_FILE), pl.col("received_at") < end)
            for i in unclear[start : start + SCANS_A_QUERY]
        ]
        rows = pl.concat(frames).group_by(_FILE).agg(pl.col("received_at").sum()).collect(engine="streaming")
        for i, count in rows.iter_rows():
            known[i] = count
    return known
