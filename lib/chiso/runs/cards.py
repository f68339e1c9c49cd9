"""The point tables of a data folder: scorecards (``scorecards/<name>.toml``) and what was filled in for a period.

What was filled in stands beside the scorecard as ``<name>_<period>.xlsx`` or ``.csv``. The agency assessment of Decree
61 comes with the package; a file ``decree61_<period>`` is enough for it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from chiso.messages import text
from chiso.scoring.scorecard.assessment import assessed
from chiso.scoring.scorecard.card_file import load_scorecard, own_scorecard
from chiso.scoring.scorecard.faults import ScorecardError
from chiso.scoring.scorecard.model import Scorecard
from chiso.scoring.scorecard.points_file import WHOLE, Points, read_points, values_of
from chiso.scoring.scorecard.score import Scored
from chiso.sources.config import SCORECARDS
from chiso.worktime import Period, PeriodError

AGENCIES = "decree61"
_ENDINGS = (".xlsx", ".csv")


@dataclass(frozen=True)
class Filled:
    """A scorecard and what was filled in for a period.

    Attributes:
        name: of its files.
        card: the scorecard.
        points: what was filled in; empty without a file.
        file: name of the file, or how it would be called.
        there: whether there is one.
    """

    name: str
    card: Scorecard
    points: Points
    file: str
    there: bool

    def in_force(self, year: int) -> bool:
        """Return whether the scorecard holds in a plan year."""
        return (self.card.valid_from or year) <= year <= (self.card.valid_to or year)


def filled_cards(data: Path, period: Period, indicators: Collection[str]) -> tuple[Filled, ...]:
    """Read the scorecards of a data folder and what was filled in for a period, by name.

    Args:
        data: the data folder.
        period: whose points.
        indicators: ids that criteria may name.

    Raises:
        ScorecardError: every fault of all the files, with file and key.
    """
    folder = data / SCORECARDS
    found, faults = [], []
    names = sorted(
        {file.stem for file in folder.glob("*.toml")} | ({AGENCIES} if _file(folder, AGENCIES, period) else set())
    )
    for name in names:
        try:
            own = folder / f"{name}.toml"
            card = load_scorecard(own, indicators) if own.is_file() else own_scorecard(name)
            file = _file(folder, name, period)
            points = read_points(file, card) if file else Points()
        except ScorecardError as error:
            faults.append(str(error))
            continue
        there = file is not None and points.entered
        if name != AGENCIES or there:  # an empty sheet says nothing
            found.append(Filled(name, card, points, file.name if file else f"{name}_{period}.xlsx", there))
    if faults:
        raise ScorecardError("\n".join([text("scoring.fault.folder", folder=folder.name), *faults]))
    return tuple(found)


def assessed_card(one: Filled, indicators: pl.DataFrame, period: Period) -> dict[str, Scored]:
    """Score a filled-in scorecard on the figures of a result table, each assessment and what is final.

    Args:
        one: the scorecard.
        indicators: result table of the period.
        period: its year decides which criteria are in force.
    """
    figures = {
        (unit or WHOLE, indicator): value
        for unit, indicator, value in indicators.select("unit_code", "indicator", "value").rows()
        if value is not None
    }
    return assessed(one.card, values_of(one.card, one.points, figures, str(period), period.year))


def _file(folder: Path, name: str, period: Period) -> Path | None:
    """Return the file filled in for a period, whatever spelling of the period its name bears."""
    for file in sorted(folder.glob(f"{name}_*")):
        if file.suffix.lower() not in _ENDINGS or file.name.startswith("~"):
            continue
        try:
            if Period.parse(file.stem.removeprefix(f"{name}_")) == period:
                return file
        except PeriodError:
            continue
    return None
