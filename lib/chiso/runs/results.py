"""The result tables of a period on disk: what other programs read, and what the notebooks show.

Parquet holds every table; those of the published interface are CSV as well: UTF-8, ISO dates, ``true`` and
``false``, an empty field for null, floats with all digits needed to read the same number back.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import polars as pl

from chiso.errors import ChisoError
from chiso.indicators import Results
from chiso.indicators.survey_tables import SCHEMAS
from chiso.messages import text
from chiso.runs.files import replacing

#: Tables that other programs read: Parquet and CSV.
PUBLIC = ("indicators", "case_balance", "satisfaction")
#: The survey's tables beside ``satisfaction``: Parquet and CSV too.
STATISTICS = tuple(SCHEMAS)
#: Tables that only reports need.
INTERNAL = ("points", "notes", "recency", "recording")
HISTORY = "history"
FORECASTS = "forecasts"
BACKTEST = "backtest"
SCORES = "scores"
#: Tables that are CSV too, in the order in which an index lists them.
CSV = (*PUBLIC, *STATISTICS, FORECASTS, SCORES)


def write_results(
    folder: Path,
    results: Results,
    *,
    scores: pl.DataFrame | None = None,
    history: pl.DataFrame | None = None,
    forecasts: pl.DataFrame | None = None,
    backtest: pl.DataFrame | None = None,
) -> list[Path]:
    """Write the tables of one period; all are written before the first replaces an older one.

    Args:
        folder: the period's output folder; made if missing.
        results: the computation.
        scores: attainment by item, component and index; also as CSV.
        history: indicators of earlier periods, with a column ``period``.
        forecasts: of the period's indicators to their deadlines; also as CSV.
        backtest: how right forecasts of the years that are over were.

    Returns:
        The files written.

    Raises:
        OutputError: the folder cannot be written.
    """
    extra = {SCORES: scores, HISTORY: history, FORECASTS: forecasts, BACKTEST: backtest}
    frames = {name: getattr(results, name) for name in (*PUBLIC, *INTERNAL)}
    frames |= results.statistics
    frames |= {name: frame for name, frame in extra.items() if frame is not None}
    written = []
    with ExitStack() as stack:
        for name, frame in frames.items():
            frame.write_parquet(stack.enter_context(replacing(folder / f"{name}.parquet")))
            written.append(folder / f"{name}.parquet")
            if name in CSV:
                frame.write_csv(stack.enter_context(replacing(folder / f"{name}.csv")))
                written.append(folder / f"{name}.csv")
    return written


def read_results(folder: Path) -> Results:
    """Read back what :func:`write_results` wrote.

    Raises:
        ChisoError: the period was not computed yet.
    """
    frames = {name: _read(folder, name) for name in (*PUBLIC, *INTERNAL)}
    weighting = frames["satisfaction"]["weighting"].drop_nulls()
    return Results(
        **frames,
        units=tuple(frames["indicators"]["unit_code"].drop_nulls().unique().sort()),
        weighting=weighting[0] if len(weighting) else "none",
        statistics={name: _read(folder, name) for name in STATISTICS},
    )


def read_history(folder: Path) -> pl.DataFrame:
    """Read the indicators of the period and the periods before it, with a column ``period``.

    Raises:
        ChisoError: the period was not computed yet, or its result tables alone.
    """
    return _read(folder, HISTORY)


def read_forecasts(folder: Path) -> pl.DataFrame:
    """Read the forecasts of the period's indicators to their deadlines.

    Raises:
        ChisoError: the period was not computed yet.
    """
    return _read(folder, FORECASTS)


def read_backtest(folder: Path) -> pl.DataFrame:
    """Read how right forecasts of the years that are over were.

    Raises:
        ChisoError: the period was not computed yet.
    """
    return _read(folder, BACKTEST)


def read_scores(folder: Path) -> pl.DataFrame:
    """Read the attainment by plan item, component and index.

    Raises:
        ChisoError: the period was not computed yet.
    """
    return _read(folder, SCORES)


def _read(folder: Path, name: str) -> pl.DataFrame:
    file = folder / f"{name}.parquet"
    if not file.is_file():
        raise ChisoError(text("runs.no_results", file=file, period=folder.name))
    return pl.read_parquet(file)
