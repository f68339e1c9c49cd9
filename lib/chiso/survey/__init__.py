"""Satisfaction as survey statistics: shares with honest uncertainty, by linearisation with the whole design kept."""

from chiso.survey.design import Design, design
from chiso.survey.frames import SurveyError
from chiso.survey.intervals import interval
from chiso.survey.means import means, ratio, totals
from chiso.survey.shares import shares

__all__ = ["Design", "SurveyError", "design", "interval", "means", "ratio", "shares", "totals"]
