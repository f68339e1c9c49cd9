"""What ``chiso score`` computes: the tables it writes, and what it says."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import polars as pl

from chiso.messages import text
from chiso.scoring.scorecard.change import changes
from chiso.scoring.scorecard.gains import gains
from chiso.scoring.scorecard.removal import leave_one_out
from chiso.scoring.scorecard.score import Scored, score
from chiso.scoring.scorecard.tables import read_scorecard_tables

MOST_NOTES = 20


class Answer(NamedTuple):
    """Tables by file name (without ending), and what is said: notes line by line, a summary."""

    tables: dict[str, pl.DataFrame]
    notes: list[str]
    summary: str


def score_files(criteria: Path, values: Path) -> Answer:
    """Score two CSV files.

    Returns:
        ``scores`` (period, unit, level, code, points, max_points, percent, rank), ``coverage``, ``changes``,
        ``leave_one_out`` and ``gains``; see ``docs/scorecards.md``.

    Raises:
        ScorecardError: every fault of both files; nothing was computed.
    """
    card, found, notes = read_scorecard_tables(criteria, values)
    scored = score(card, found)
    table = scored.table()
    tables = {
        "scores": table.drop("coverage"),
        "coverage": table.select("period", "unit", "level", "code", "coverage"),
        "changes": changes(scored),
        "leave_one_out": leave_one_out(scored),
        "gains": gains(scored),
    }
    return Answer(tables, _notes(notes), _summary(scored))


def _notes(notes: list[str]) -> list[str]:
    if not notes:
        return []
    lines = [text("scoring.note.head", count=len(notes)), *(f"  - {note}" for note in notes[:MOST_NOTES])]
    return lines if len(notes) <= MOST_NOTES else [*lines, text("scoring.note.more", count=len(notes) - MOST_NOTES)]


def _summary(scored: Scored) -> str:
    count = {
        "criteria": len(scored.card.criteria),
        "areas": len(set(scored.card.areas)),
        "units": len(scored.values.units),
        "periods": len(scored.values.periods),
    }
    return text("scoring.command.counted", **count)
