"""One pass over some files of cases: sums by body, unit, field and procedure, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.case_balance import COUNTS
from chiso.indicators.figures import active_units
from chiso.indicators.parts.counted import BALANCE, COUNTED, TABLE, VIEW, Counted, counted
from chiso.indicators.parts.state import KEYS, Partial, basis_of, total
from chiso.indicators.views import VIEWS, Sources
from chiso.sources import Dataset, load_contract
from chiso.sources.parts import CaseFile, Measured, lookup, measure, require_unique, scan
from chiso.sources.parts.read import day_after, lookup_columns
from chiso.worktime import Timeframe

#: Files of one query: enough to keep all cores busy, few enough for the plan of a query to stay small.
FILES_A_QUERY = 256
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
    pieces: list[pl.DataFrame] = []
    counts: list[pl.DataFrame] = []
    for start in range(0, len(measured), FILES_A_QUERY):
        batch = dict(enumerate(measured[start : start + FILES_A_QUERY], start))
        fine = _sums(batch, number, wanted, catalogue, timeframe)
        counts.append(fine.group_by(_FILE).agg(pl.col(wanted.names[COUNTED]).sum().alias(COUNTED)))
        pieces.append(_by_body(fine, bodies, wanted))
    fine = total(pl.concat(pieces), ["body", "unit_code", *wanted.keys])
    return Partial(
        basis_of(catalogue, timeframe),
        sums=_named(fine, KEYS["sums"], {n: c for n, c in wanted.names.items() if not _apart(n, wanted)}),
        distinct=_distinct(fine, wanted),
        balance=_named(fine, KEYS["balance"], {name: wanted.names[f"{BALANCE}|{name}"] for name in COUNTS}).filter(
            pl.col("total") > 0
        ),
        columns=_columns(measured),
        units=_units(measured, catalogue, timeframe),
        files=_account(measured, pl.concat(counts), timeframe),
    )


def _sums(
    batch: Mapping[int, Measured], number: Mapping[str, int], wanted: Counted, catalogue: Catalogue, t: Timeframe
) -> pl.DataFrame:
    """Every flag summed by file, unit and key: the one pass over the rows."""

    def marked(frame: pl.LazyFrame, file: int, body: str) -> pl.LazyFrame:
        return frame.with_columns(pl.lit(file, pl.UInt32).alias(_FILE), pl.lit(number[body], pl.UInt32).alias(_BODY))

    cases = pl.concat([marked(scan(m, wanted.columns), i, m.file.body) for i, m in batch.items()])
    procedures = pl.concat([p.lazy() for p in _procedures(batch.values(), number)])
    sources = Tables({TABLE: cases, "procedures": procedures}, {}).sources(catalogue, t, (_BODY,))
    keys = [_FILE, _BODY, "unit_code", *wanted.keys]
    rows = VIEWS[VIEW].build(sources).filter(wanted.keep)
    raw = sorted({name for amount in wanted.amounts.values() for name in amount.meta.root_names()} - set(keys))
    flags = rows.select(*keys, *raw, *(flag.alias(name) for name, flag in wanted.flags.items()))
    sums = [pl.col(name).sum().cast(pl.Int64) for name in wanted.flags]
    amounts = [amount.alias(name) for name, amount in wanted.amounts.items()]
    return flags.group_by(keys).agg(*sums, *amounts).collect(engine="streaming")


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


def _by_body(fine: pl.DataFrame, bodies: Sequence[str], wanted: Counted) -> pl.DataFrame:
    names = pl.DataFrame({"body": bodies}, schema={"body": pl.String}).with_row_index(_BODY)
    named = fine.drop(_FILE).join(names, on=_BODY, how="left").drop(_BODY)
    return total(named, ["body", "unit_code", *wanted.keys])


def _named(fine: pl.DataFrame, keys: Sequence[str], names: Mapping[str, str]) -> pl.DataFrame:
    sums = (pl.col(column).sum().alias(name) for name, column in names.items())
    return fine.group_by(keys).agg(sums).sort(keys)


def _apart(name: str, wanted: Counted) -> bool:
    """Whether a sum belongs to another table than ``sums``: the balance, distinct counts, the account of the files."""
    key, _, what = name.partition("|")
    measure = wanted.measures.get(key)
    return key in (BALANCE, COUNTED) or (measure is not None and measure.distinct is not None and what in ("n", "d"))


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


def _account(measured: Sequence[Measured], counts: pl.DataFrame, t: Timeframe) -> pl.DataFrame:
    """How many rows of each file there are, and what became of them."""
    known = _known(measured, t)
    frame = pl.DataFrame(
        {
            "body": [m.file.body for m in measured],
            "file": [str(m.file.path) for m in measured],
            "rows": [m.rows for m in measured],
            "later": [m.rows - known[i] for i, m in enumerate(measured)],
            "first_key": [m.keys[0] if m.keys else None for m in measured],
            "last_key": [m.keys[1] if m.keys else None for m in measured],
        },
        schema_overrides={"first_key": pl.String, "last_key": pl.String},
    ).with_row_index(_FILE)
    counted_rows = pl.col(COUNTED).fill_null(0)
    return frame.join(counts, on=_FILE, how="left", maintain_order="left").select(
        "body",
        "file",
        "rows",
        "later",
        (pl.col("rows") - pl.col("later") - counted_rows).alias("outside"),
        counted_rows.alias(COUNTED),
        "first_key",
        "last_key",
    )


def _known(measured: Sequence[Measured], t: Timeframe) -> list[int]:
    """Return the rows received by the as-of day, by file; read only where the footer does not tell."""
    end = day_after(t.as_of)
    known = [m.rows for m in measured]
    unclear = [i for i, m in enumerate(measured) if m.rows and (m.latest is None or m.latest >= end)]
    for start in range(0, len(unclear), FILES_A_QUERY):
        frames = [
            scan(measured[i], ["received_at"]).select(pl.lit(i, pl.UInt32).alias(_FILE), pl.col("received_at") < end)
            for i in unclear[start : start + FILES_A_QUERY]
        ]
        rows = pl.concat(frames).group_by(_FILE).agg(pl.col("received_at").sum()).collect(engine="streaming")
        for i, count in rows.iter_rows():
            known[i] = count
    return known
