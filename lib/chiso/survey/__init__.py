"""Satisfaction as survey statistics: shares with honest uncertainty, by linearisation with the whole design kept."""

from chiso.survey.calibrate import Fitted, post_stratify, rake, trim_weights
from chiso.survey.design import Design, design
from chiso.survey.frames import SurveyError
from chiso.survey.intervals import interval
from chiso.survey.means import means, ratio, totals
from chiso.survey.shares import shares

__all__ = [
    "Design",
    "Fitted",
    "SurveyError",
    "design",
    "interval",
    "means",
    "post_stratify",
    "rake",
    "ratio",
    "shares",
    "totals",
    "trim_weights",
]
