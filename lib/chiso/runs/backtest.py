"""How right the forecasts of the reporting years that are over were: a table of the run."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.pieces import SURVEY, Pieces
from chiso.indicators.views import Sources
from chiso.reporting import privacy
from chiso.scoring.forecast import TESTED, backtest
from chiso.sources import Dataset
from chiso.sources.kept import NOTHING_KEPT, Shelf, key_of, packed
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

    pieces = Pieces(shelf, dataset, catalogue, t)

    def make() -> dict[str, pl.DataFrame]:
        names = past["period"].unique(maintain_order=True).to_list()
        hidden = pieces.frames(lambda: {"": _hidden(dataset, catalogue, t, names)}, "hidden", SURVEY, names)[""]
        shown = _published(past, hidden, privacy.survey_codes(catalogue))
        return {"": backtest(shown, catalogue, rule=t.rule, register=register, budget=budget)}

    if shelf is NOTHING_KEPT:
        return make()[""]
    return pieces.frames(make, "backtest", (*SURVEY, "deliverables", "budget"), content_of(past))[""]


def content_of(frame: pl.DataFrame) -> str:
    """Return the hash of a frame: rows, order and dtypes."""
    return key_of(packed({"": frame}))


def _hidden(dataset: Dataset, catalogue: Catalogue, t: Timeframe, periods: Iterable[str]) -> pl.DataFrame:
    """Return what may not be published: period, unit (null: the whole), factor."""
    rows = []
    for name in periods:
        period = Period.parse(name)
        then = t if period == t.period else Timeframe(period, t.rule)
        cells = privacy.hidden(Sources(dataset, catalogue, then))
        rows += [(name, *cell) for cell in sorted(cells, key=lambda cell: (cell[0] or "", cell[1]))]
    return pl.DataFrame(rows, schema=dict.fromkeys(("period", "unit_code", "factor"), pl.String), orient="row")


def _published(history: pl.DataFrame, hidden: pl.DataFrame, codes: dict[str, str]) -> pl.DataFrame:
    """Return the history with what may not be published blanked."""
    cells: dict[str, privacy.Hidden] = {}
    for period, *cell in hidden.iter_rows():
        cells.setdefault(period, set()).add((cell[0], cell[1]))
    parts = history.partition_by("period", maintain_order=True, as_dict=True).items()
    blanked = [privacy.blank(frame, cells.get(str(period), set()), codes) for (period,), frame in parts]
    return pl.concat(blanked).drop("withheld")
