"""Scorecards with points: criteria as data, one engine for ``chiso score`` and the reports."""

from chiso.scoring.scorecard.criterion import Criterion, Kind, RuleName, Step
from chiso.scoring.scorecard.faults import ScorecardError
from chiso.scoring.scorecard.model import Node, Rating, Scorecard
from chiso.scoring.scorecard.rules import points
from chiso.scoring.scorecard.score import Scored, score
from chiso.scoring.scorecard.tables import read_criteria, read_scorecard_tables
from chiso.scoring.scorecard.values import Values

__all__ = [
    "Criterion",
    "Kind",
    "Node",
    "Rating",
    "RuleName",
    "Scored",
    "Scorecard",
    "ScorecardError",
    "Step",
    "Values",
    "points",
    "read_criteria",
    "read_scorecard_tables",
    "score",
]
