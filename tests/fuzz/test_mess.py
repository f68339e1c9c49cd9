"""Clean tables made dirty in every way of real exports come back clean, and every dirty row with its reason.

``CHISO_SEEDS=1000`` widens the search; a failing seed is run alone with ``CHISO_SEED=<n>``.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from fuzz_clean import CleanRow
from fuzz_mess import Mess, make_mess

from chiso.sources import Dataset, ingest
from chiso.sources.contract import fold, load_contract

SEEDS = int(os.environ.get("CHISO_SEEDS", "40"))
ONE = os.environ.get("CHISO_SEED")
#: Codes of people are replaced at import: equal codes stay equal, others stay apart.
CODES = ("officer_id", "staff_id")


@pytest.mark.parametrize("seed", [int(ONE)] if ONE else range(SEEDS))
def test_a_dirty_folder_comes_back_clean(seed: int, tmp_path: Path):
    folder = tmp_path / "data"
    folder.mkdir()
    mess = make_mess(folder, seed)
    dataset = ingest(folder, tmp_path / "processed")
    problems = [*_accounts(mess, dataset), *_reasons(mess, dataset), *_no_answers(mess, dataset)]
    problems += _tables(mess, dataset)
    styles = {name: expected.style for name, expected in mess.files.items()}
    assert not problems, "\n".join([*problems, *(f"  {name}: {style}" for name, style in styles.items())])


def _accounts(mess: Mess, dataset: Dataset) -> list[str]:
    """Every row of every file is where it belongs."""
    told: dict[str, dict[str, int]] = {}
    for row in dataset.files.iter_rows(named=True):
        own = {k: row[k] for k in ("accepted", "merged", "superseded", "rejected", "layout")}
        assert row["read"] == sum(own.values())
        told[row["file"]] = {
            k: count + told.get(row["file"], own | dict.fromkeys(own, 0))[k] for k, count in own.items()
        }
    problems = []
    for name, expected in mess.files.items():
        wanted = {k: expected.fates[k] for k in ("accepted", "merged", "superseded", "rejected", "layout")}
        if told.get(name) != wanted:
            problems.append(f"{name}: rows {told.get(name)}, wanted {wanted}")
    return problems


def _reasons(mess: Mess, dataset: Dataset) -> list[str]:
    """Every dirty row is rejected for what was done to it, and no other row is."""
    told: dict[tuple[str, int], set[tuple[str, str]]] = {}
    for row in dataset.rejects.iter_rows(named=True):
        told.setdefault((row["file"], row["row"]), set()).add((row["rule"], row["column"]))
    wanted = {(name, line): why for name, expected in mess.files.items() for line, why in expected.rejects.items()}
    return [
        f"{place}: {sorted(map(str, told.get(place, ())))}, wanted {sorted(map(str, wanted.get(place, ())))}"
        for place in sorted({*told, *wanted})
        if told.get(place) != wanted.get(place)
    ]


def _no_answers(mess: Mess, dataset: Dataset) -> list[str]:
    """Don't-know codes and answers on no scale are counted, file by file."""
    problems = []
    for name, expected in mess.files.items():
        for rule in ("dont_know", "answer"):
            cells = dataset.cells.filter((pl.col("file") == name) & (pl.col("rule") == rule))
            if cells["count"].sum() != expected.cells[rule]:
                problems.append(f"{name}: {rule} {cells['count'].sum()}, wanted {expected.cells[rule]}")
    return problems


def _tables(mess: Mess, dataset: Dataset) -> list[str]:
    """The accepted rows are the clean ones, value by value."""
    problems = []
    for name, rows in mess.clean.items():
        frame = dataset.scan(name)
        if frame is None:
            problems.append(f"{name}: nothing accepted")
            continue
        got, wanted = frame.collect(), _frame(rows, frame.collect_schema())
        key = load_contract()[name].key
        got, wanted = got.select(wanted.columns).sort(key), wanted.sort(key)
        if name in mess.folded:
            got, wanted = _fold(got), _fold(wanted)
        for column in wanted.columns:
            if column in CODES:
                pairs = Counter(zip(got[column], wanted[column], strict=False))
                if len({a for a, _ in pairs}) != len(pairs) or len({b for _, b in pairs}) != len(pairs):
                    problems.append(f"{name}.{column}: codes of people mixed up")
            elif not got[column].equals(wanted[column], null_equal=True):
                pairs = [(a, b) for a, b in zip(got[column], wanted[column], strict=False) if a != b]
                problems.append(f"{name}.{column}: (got, wanted) {pairs[:3]}")
    return problems


def _frame(rows: list[CleanRow], schema: pl.Schema) -> pl.DataFrame:
    names = [name for name in rows[0] if name in schema]
    absent = [name for name in rows[0] if name not in schema]
    assert all(row[name] is None for row in rows for name in absent), absent
    return pl.DataFrame([{n: row[n] for n in names} for row in rows], schema={n: schema[n] for n in names})


def _fold(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.String).map_elements(fold, return_dtype=pl.String))
