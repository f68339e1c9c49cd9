"""Back-test of the forecasts: against what came, against "as last period", and against statsforecast.

    python benchmarks/forecast.py [--package-python PYTHON] [--kind quarter] [--thresholds]

Every plan year's figure at the end of its last period, from each earlier period of the year: the two years of sample
data (department rows and unit rows) and the real permit log (plan year 2011). Published packages run in an environment
of their own (``python -m venv fc_env; fc_env/bin/pip install statsforecast polars``; ``--package-python
fc_env/bin/python``), on the same series: the share of each period, the count that each adds, or the level; how many
cases are still to come they take from us. ``--thresholds``: how often calls of "will miss" were right.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import polars as pl

LEVEL = 80
#: data folder, plan years of the history, first period by kind (before it the records begin), tested years.
DATA = {
    "sample": ((2023, 2024), {"quarter": "2023-Q1", "month": "2023-01"}, (2023, 2024)),
    "permits": ((2010, 2011), {"quarter": "2010-Q4", "month": "2010-10"}, (2011,)),
}
KEY = ["indicator", "unit_code", "period"]
MODELS = ("AutoETS", "AutoARIMA", "AutoTheta")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--package-python", type=Path)
    parser.add_argument("--kind", choices=("quarter", "month"), default="quarter")
    parser.add_argument("--thresholds", action="store_true")
    parser.add_argument("--fit", nargs=2, type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.fit:
        fit(*asked.fit)
        return
    for name in DATA:
        tested, tasks = tested_on(name, asked.kind)
        table(f"{name}, {asked.kind}s", tested)
        if asked.thresholds:
            thresholds(tested)
        if asked.package_python:
            compare(tasks.filter(pl.col("unit_code").is_null() | (name != "sample")), asked.package_python)


def tested_on(name: str, kind: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the back-test and the series behind it."""
    from chiso.catalogue import load_catalogue
    from chiso.indicators import compute
    from chiso.indicators.views import VIEWS, MissingTable, Sources
    from chiso.scoring.forecast import backtest
    from chiso.sources import ingest
    from chiso.worktime import Period, Timeframe

    years, first, wanted = DATA[name]
    with tempfile.TemporaryDirectory() as folder:
        dataset = ingest(Path("data/raw") / name, Path(folder))
        catalogue = load_catalogue(2024)
        periods = [Period(y, kind, n) for y in years for n in range(1, {"quarter": 4, "month": 12}[kind] + 1)]
        frames = [
            compute(dataset, catalogue, Timeframe(p), statistics=False).indicators.select(
                pl.lit(str(p)).alias("period"), pl.all()
            )
            for p in periods
            if p >= Period.parse(first[kind])
        ]
        end = Timeframe(Period(years[-1], "year"), "calendar")
        try:
            register = VIEWS["deliverables"].build(Sources(dataset, catalogue, end)).collect()
        except MissingTable:
            register = None
        scanned = dataset.scan("budget")
        budget = None if scanned is None else scanned.collect()
    history = pl.concat(frames)
    start = time.perf_counter()
    tested = backtest(history, catalogue, register=register, budget=budget, level=LEVEL / 100)
    print(f"\n{name}: {tested.height} forecasts back-tested in {time.perf_counter() - start:.1f} s")
    tested = tested.filter(pl.col("period").str.slice(0, 4).is_in([str(y) for y in wanted]))
    return tested, series(history, catalogue, tested)


def series(history: pl.DataFrame, catalogue: object, tested: pl.DataFrame) -> pl.DataFrame:
    """The series behind each row of the back-test that has one, as a package would take them."""
    import numpy as np

    from chiso.scoring.forecast.flows import expected
    from chiso.scoring.forecast.series import series_of
    from chiso.worktime import Period, Timeframe

    rows = []
    for origin in tested["period"].unique(maintain_order=True):
        t = Timeframe(Period.parse(origin))
        seen = history.filter(pl.col("period").is_in([p for p in history["period"].unique() if p <= origin]))
        end = Timeframe(Period(t.plan_year, t.period.kind, {"quarter": 4, "month": 12}[t.period.kind])).as_of
        left = np.array(float((end - t.as_of).days))
        for kind, found in series_of(seen, catalogue, t).items():
            if kind not in ("flow", "count", "level"):
                continue
            n0, whole = found.so_far(found.numerator), found.so_far(found.denominator)
            added, trials = found.added(found.numerator), found.added(found.denominator)
            _, more = expected(found, found.denominator, left)
            values = {"flow": added / np.where(trials > 0, trials, np.nan), "count": added, "level": found.value}[kind]
            for i, row in enumerate(found.rows):
                known = values[i][~np.isnan(values[i])].tolist()
                rows.append((row["indicator"], row["unit_code"], origin, kind, n0[i], whole[i], more[i], known))
    names = ("indicator", "unit_code", "period", "kind", "n0", "whole", "more", "values")
    made = pl.DataFrame(rows, schema=names, orient="row")
    return tested.join(made, on=KEY, nulls_equal=True)


def table(title: str, tested: pl.DataFrame) -> None:
    """Print the summary of department and unit rows."""
    from chiso.scoring.forecast import summary

    named = tested.with_columns(
        rows=pl.when(pl.col("unit_code").is_null()).then(pl.lit("department")).otherwise(pl.lit("units")),
        family=pl.col("family")
        + "/"
        + pl.when(pl.col("indicator") == "B.III.9").then(pl.lit("points")).otherwise("measure"),
    )
    print(f"\n## {title}")
    markdown(summary(named, ["rows", "family"]))
    print("\nshares by run-rate, by periods ahead:")
    markdown(summary(named.filter(pl.col("family") == "flow/share"), ["rows", "ahead"]))
    left_out = named.filter(pl.col("forecast").is_null(), pl.col("actual").is_not_null())
    markdown(left_out.group_by("rows", "reason").len().sort("rows", "len", "reason"))


def thresholds(tested: pl.DataFrame) -> None:
    """Print how often each probability came true and which threshold made the fewest wrong calls."""
    judged = tested.drop_nulls(["probability", "met"]).filter(pl.col("method") != "closed")
    for name, rows in (("pending rows", judged.filter(pl.col("status") == "pending")), ("all with a target", judged)):
        if rows.is_empty():
            continue
        p, met = rows["probability"].to_numpy(), rows["met"].to_numpy().astype(float)
        base = met.mean()
        print(f"\n{name}: {len(p)}, met {base:.2f}, Brier score {((p - met) ** 2).mean():.3f}", end="")
        print(f" (always the share met: {base * (1 - base):.3f})")
        bins = rows.with_columns(said=(pl.col("probability") * 5).floor().clip(0, 4) / 5)
        markdown(bins.group_by("said").agg(pl.len(), pl.col("probability").mean(), pl.col("met").mean()).sort("said"))
        calls = [
            (t, int((p < t).sum()), int(((p < t) & (met == 1)).sum()), int(((p >= t) & (met == 0)).sum()))
            for t in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
        ]
        markdown(pl.DataFrame(calls, schema=("threshold", "called", "false_alarms", "missed"), orient="row"))


def compare(tasks: pl.DataFrame, python: Path) -> None:
    """Print our errors beside the package's, on the rows that all could forecast."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "in.parquet", Path(folder) / "out.parquet"
        tasks.write_parquet(given)
        start = time.perf_counter()
        subprocess.run([python, __file__, "--fit", given, found], check=True)
        taken = time.perf_counter() - start
        fitted = pl.read_parquet(found)
    print(f"\nstatsforecast against chiso on the same rows ({taken:.0f} s):")
    joined = tasks.join(fitted, on=KEY, nulls_equal=True).drop_nulls(["forecast", "actual"])
    scale = joined.filter((pl.col("measure") != "index") | (pl.col("actual") <= 1))  # not the points of 0-100
    rows = []
    for kind in ("flow", "count", "level"):
        for model in MODELS:
            low, high = f"{model}_low", f"{model}_high"
            mine = scale.filter(pl.col("kind") == kind).drop_nulls([model]).filter(pl.col(high).is_finite())
            found = [kind, model, mine.height]
            for point, below, above in ((model, low, high), ("forecast", "low", "high")):
                inside = mine["actual"].is_between(mine[below] - 1e-9, mine[above] + 1e-9)
                error, width = (mine[point] - mine["actual"]).abs().mean(), (mine[above] - mine[below]).mean()
                found += [error, inside.mean(), width]
            rows.append(found)
    ours = ("chiso_mae", "chiso_coverage", "chiso_width")
    schema = ("family", "model", "forecasts", "mae", "coverage", "width", *ours)
    markdown(pl.DataFrame(rows, schema=schema, orient="row"))


def fit(given: Path, found: Path) -> None:
    """Run the package on the series (in its own environment, without chiso)."""
    import warnings

    from statsforecast import StatsForecast
    from statsforecast import models as library

    warnings.simplefilter("ignore")  # a handful of points: the package warns of each
    tasks = pl.read_parquet(given)
    refused = dict.fromkeys(MODELS, 0)
    chosen = [getattr(library, name)(season_length=1) for name in MODELS]
    rows = []
    for row in tasks.filter(pl.col("values").list.len() >= 3).iter_rows(named=True):
        y, ahead = row["values"], row["ahead"]
        frame = pl.DataFrame({"unique_id": ["x"] * len(y), "ds": list(range(1, len(y) + 1)), "y": y})
        said = {name: row[name] for name in KEY}
        for name, model in zip(MODELS, chosen, strict=True):
            try:
                steps = StatsForecast(models=[model], freq=1).forecast(df=frame, h=ahead, level=[LEVEL])
            except (NotImplementedError, IndexError, ValueError, ZeroDivisionError):  # too few points for the model
                refused[name] += 1
                continue
            for column, suffix in ((name, ""), (f"{name}-lo-{LEVEL}", "_low"), (f"{name}-hi-{LEVEL}", "_high")):
                said[f"{name}{suffix}"] = combined(row, steps[column].to_list())
        rows.append(said)
    names = [f"{m}{s}" for m in MODELS for s in ("", "_low", "_high")]
    print(f"of {len(rows)} series too short for the model: {refused}", flush=True)
    schema = dict.fromkeys(KEY, pl.String) | dict.fromkeys(names, pl.Float64)
    pl.DataFrame(rows, schema=schema).with_columns(pl.col(pl.Float64).fill_nan(None)).write_parquet(found)


def combined(row: dict[str, object], steps: list[float]) -> float | None:
    """The year's figure from what there is and a forecast of the steps to come."""
    if row["kind"] == "level":
        return steps[-1]
    if row["kind"] == "count":
        return row["n0"] + max(0.0, sum(steps))
    share = min(1.0, max(0.0, sum(steps) / len(steps)))
    total = row["whole"] + row["more"]
    return (row["n0"] + share * row["more"]) / total if total else None


def markdown(frame: pl.DataFrame) -> None:
    """Print a frame as a Markdown table."""
    print("\n| " + " | ".join(frame.columns) + " |")
    print("|" + "---|" * frame.width)
    for row in frame.iter_rows():
        print(
            "| " + " | ".join("–" if v is None else f"{v:.3f}" if isinstance(v, float) else str(v) for v in row) + " |"
        )


if __name__ == "__main__":
    main()
