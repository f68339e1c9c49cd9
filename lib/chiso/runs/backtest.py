"""How right the forecasts of the reporting years that are over were: a table of the run."""

from __future__ import annotations

from io import BytesIO

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.pieces import SURVEY, Pieces
from chiso.indicators.views import Sources
from chiso.reporting import privacy
from chiso.scoring.forecast import TESTED, backtest
from chiso.sources import Dataset
from chiso.sources.kept import NOTHING_KEPT, Shelf, key_of
from chiso.worktime import Period, Timeframe


def back_test(
    dataset: Dataset,
    catalogue: Catalogue,
    timeframe: Timeframe,
    history: pl.DataFrame,
    *,
    register: pl.DataFrame | None = None,
    budget: pl.DataFrame | None = None,
    shelf: Shelf = NOTHING_KEPT,
) -> pl.DataFrame:
    """Back-test the plan years in a history of quarters whose last window is over.

    What may not be published is blanked first: nothing of it is in the errors that a report shows.

    Args:
        dataset: accepted tables; the survey says what may not be published.
        catalogue: the indicators, taken for all years.
        timeframe: the reported period.
        history: see :func:`chiso.runs.history.history`.
        register, budget: as for :func:`chiso.scoring.forecast.forecast`.
        shelf: what was tested before.

    Returns:
        Columns of :data:`chiso.scoring.forecast.TESTED`; no row where no year is over, or of periods other than
        quarters.
    """
    t = timeframe
    whole = t.as_of == t.end and t.period.number == 4
    years = pl.col("period").str.slice(0, 4).cast(pl.Int64)
    past = history.filter(years < t.plan_year + whole) if t.period.kind == "quarter" else history.clear()
    if past.is_empty():
        return pl.DataFrame(schema=TESTED)

    def make() -> dict[str, pl.DataFrame]:
        shown = _published(dataset, catalogue, t, past)
        return {"": backtest(shown, catalogue, rule=t.rule, register=register, budget=budget)}

    if shelf is NOTHING_KEPT:
        return make()[""]
    pieces = Pieces(shelf, dataset, catalogue, t)
    tables = (*SURVEY, "deliverables", "budget")
    return pieces.frames(make, "backtest", tables, content_of(past))[""]


def content_of(frame: pl.DataFrame) -> str:
    """Return the hash of a frame: rows, order and dtypes."""
    buffer = BytesIO()
    frame.rechunk().write_ipc_stream(buffer)
    return key_of(buffer.getvalue())


def _published(dataset: Dataset, catalogue: Catalogue, t: Timeframe, history: pl.DataFrame) -> pl.DataFrame:
    """Return the history with what may not be published blanked."""
    codes, frames = privacy.survey_codes(catalogue), []
    for (name,), frame in history.group_by("period", maintain_order=True):
        period = Period.parse(str(name))
        then = t if period == t.period else Timeframe(period, t.rule)
        frames.append(privacy.blank(frame, privacy.hidden(Sources(dataset, catalogue, then)), codes))
    return pl.concat(frames).drop("withheld")
