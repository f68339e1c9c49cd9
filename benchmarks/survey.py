"""How long all items × all groups of a survey of 100,000 responses take, against a published package doing the same.

    .venv/bin/python benchmarks/survey.py [--rows 100000] [--repeats 3] [--peer other/bin/python]

25 items in five factors, 60 units as strata with finite-population correction, six groupings and the whole: shares,
standard errors, degrees of freedom, logit intervals. Three ways take turns, each in a process of its own (loading
libraries is not counted), and their figures are compared:

- ``chiso``: one call of :func:`chiso.survey.shares`, items only, and once more with factors and overall index;
- ``svy``: the package of that name (Rust and Polars), in the environment of ``--peer``
  (``python -m venv other && other/bin/pip install svy``); a call a grouping, all items in it;
- ``loop``: the formula item by item and group by group in NumPy, the plain way to write it.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

FACTORS = {f: [f"{f}_{i}" for i in range(1, 6)] for f in ("access", "procedure", "staff", "result", "feedback")}
ITEMS = [c for items in FACTORS.values() for c in items]
GROUPS = {"unit": 60, "field": 25, "gender": 2, "age": 5, "channel": 3, "kind": 2}


def write_survey(path: Path, rows: int) -> None:
    """Write answers 1–5 with 5 % blanks, groups, and each unit's population."""
    rng = np.random.default_rng(2024)
    answers = rng.choice(6, (rows, len(ITEMS)), p=[0.05, 0.05, 0.1, 0.15, 0.35, 0.3])
    frame = pl.DataFrame({c: answers[:, i] for i, c in enumerate(ITEMS)}).with_columns(pl.all().replace(0, None))
    groups = {g: pl.Series(rng.integers(0, k, rows)).cast(pl.String) for g, k in GROUPS.items()}
    frame = frame.with_columns(**groups)
    size = rng.integers(3000, 9000, GROUPS["unit"]) * rows // 100_000 + 3000
    population = {str(u): int(n) for u, n in enumerate(size)}
    in_unit = pl.len().over("unit")
    frame = frame.with_columns(population=pl.col("unit").replace_strict(population, return_dtype=pl.Int64))
    frame = frame.with_columns(population=pl.max_horizontal("population", in_unit))
    frame.with_columns(weight=pl.col("population") / in_unit).write_parquet(path)


def chiso_way(frame: pl.DataFrame, indices: bool) -> tuple[float, dict[str, list[float]]]:
    """One call for all."""
    from chiso.survey import shares

    begin = time.perf_counter()
    items = FACTORS if indices else ITEMS
    settings = {} if indices else {"convention": None}
    table = shares(frame, items, stratum="unit", population="population", by=[[], *([g] for g in GROUPS)], **settings)
    took = time.perf_counter() - begin
    figures = {}
    for row in table.filter(pl.col("level") == "item").rows(named=True):
        group = next((f"{g}={row[g]}" for g in GROUPS if row[g] is not None), "all")
        figures[f"{group} {row['code']}"] = [row["share"], row["se"], row["ci_low"], row["ci_high"]]
    return took, figures


def svy_way(frame: pl.DataFrame) -> tuple[float, dict[str, list[float]]]:
    """The package svy: satisfied as 0 and 1, then one call a grouping with all items."""
    import svy

    begin = time.perf_counter()
    frame = frame.with_columns((pl.col(c) >= 4).cast(pl.Int64) for c in ITEMS)
    sample = svy.Sample(frame, svy.Design(stratum="unit", wgt="weight", pop_size="population"))
    found = {}
    for group in (None, *GROUPS):
        found[group] = sample.estimation.prop(ITEMS, by=group, drop_nulls=True, ci_method="logit")
    took = time.perf_counter() - begin
    figures = {}
    for group, estimates in found.items():
        for item, estimate in zip(ITEMS, estimates, strict=True):
            table = estimate.to_polars()
            level = next(c for c in table.columns if c not in ("est", "se", "lci", "uci", "cv", "df", "n", group))
            for row in table.filter(pl.col(level).cast(pl.Float64) == 1).rows(named=True):
                name = f"{group}={row[group]}" if group else "all"
                figures[f"{name} {item}"] = [row["est"], row["se"], row["lci"], row["uci"]]
    return took, figures


def loop_way(frame: pl.DataFrame) -> tuple[float, dict[str, list[float]]]:
    """Item by item, group by group, stratum by stratum."""
    from scipy import stats
    from scipy.special import expit, logit

    begin = time.perf_counter()
    w, population = frame["weight"].to_numpy(), frame["population"].to_numpy()
    stratum = frame["unit"].cast(pl.Int64).to_numpy()
    rows_of = [np.flatnonzero(stratum == h) for h in range(GROUPS["unit"])]
    figures = {}
    for item in ITEMS:
        x = frame[item].cast(pl.Float64).to_numpy()
        known, good = ~np.isnan(x), x >= 4
        for group in (None, *GROUPS):
            labels = frame[group].to_numpy() if group else None
            for label in np.unique(labels) if group else [None]:
                inside = known & (labels == label) if group else known
                share = (w * good)[inside].sum() / w[inside].sum()
                z = np.where(inside, w * (good - share), 0.0) / w[inside].sum()
                variance, strata = 0.0, 0
                for rows in rows_of:
                    part, n = z[rows], rows.size
                    variance += (1 - n / population[rows[0]]) * n / (n - 1) * ((part - part.mean()) ** 2).sum()
                    strata += bool(inside[rows].any())
                se = np.sqrt(variance)
                half = stats.t.isf(0.025, inside.sum() - strata) * se / (share * (1 - share))
                name = f"{group}={label}" if group else "all"
                figures[f"{name} {item}"] = [share, se, expit(logit(share) - half), expit(logit(share) + half)]
    return time.perf_counter() - begin, figures


def _turn(way: str, path: str) -> None:
    """Run one way in this process; time and figures to standard output."""
    frame = pl.read_parquet(path)
    if way.startswith("chiso"):
        took, figures = chiso_way(frame, indices=way == "chiso_indices")
    else:
        took, figures = svy_way(frame) if way == "svy" else loop_way(frame)
    print(json.dumps({"seconds": took, "figures": figures}))


def main() -> None:
    """Take turns and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peer", help="python of an environment with svy")
    parser.add_argument("--turn", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.turn:
        return _turn(*options.turn)
    pythons = {"chiso": sys.executable, "chiso_indices": sys.executable}
    if options.peer:
        pythons["svy"] = options.peer
    times: dict[str, list[float]] = {}
    figures: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "survey.parquet")
        write_survey(Path(path), options.rows)
        for repeat in range(options.repeats):
            for way, python in {**pythons, **({"loop": sys.executable} if repeat == 0 else {})}.items():
                run = subprocess.run(
                    [python, "-W", "ignore", __file__, "--turn", way, path], capture_output=True, text=True, check=True
                )
                result = json.loads(run.stdout.splitlines()[-1])
                times.setdefault(way, []).append(result["seconds"])
                figures[way] = result["figures"]
    print(f"{platform.platform()}, Python {platform.python_version()}, {options.rows:,} responses")
    base = statistics.median(times["chiso"])
    ours = figures["chiso"]
    for way, seconds in times.items():
        theirs = figures[way]
        assert theirs.keys() == ours.keys(), f"{way}: other cells"
        apart = max(max(abs(a / b - 1) for a, b in zip(theirs[k], ours[k], strict=True) if b) for k in ours)
        took = statistics.median(seconds)
        print(f"{way:14} {took:8.2f} s  x {took / base:6.1f}  {len(theirs)} shares, largest difference {apart:.1e}")
    return None


if __name__ == "__main__":
    main()
