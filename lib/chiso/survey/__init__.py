"""Satisfaction as survey statistics: shares with honest uncertainty, by linearisation with the whole design kept."""

from chiso.survey.calibrate import Fitted, post_stratify, rake, trim_weights
from chiso.survey.compare import change, compare, holm, verdict_text
from chiso.survey.design import Design, design
from chiso.survey.drivers import Drivers, drivers, importance_performance
from chiso.survey.frames import SurveyError
from chiso.survey.intervals import interval
from chiso.survey.joint import joint_shares
from chiso.survey.means import means, ratio, totals
from chiso.survey.planning import allocate, quota_table, sample_size
from chiso.survey.questionnaire import Questionnaire, compare_forms, load_questionnaire
from chiso.survey.ranks import rank_bands
from chiso.survey.scale import Alpha, cronbach_alpha, nonresponse
from chiso.survey.shares import shares
from chiso.survey.target import decide, decision_text

__all__ = [
    "Alpha",
    "Design",
    "Drivers",
    "Fitted",
    "Questionnaire",
    "SurveyError",
    "allocate",
    "change",
    "compare",
    "compare_forms",
    "cronbach_alpha",
    "decide",
    "decision_text",
    "design",
    "drivers",
    "holm",
    "importance_performance",
    "interval",
    "joint_shares",
    "load_questionnaire",
    "means",
    "nonresponse",
    "post_stratify",
    "quota_table",
    "rake",
    "rank_bands",
    "ratio",
    "sample_size",
    "shares",
    "totals",
    "trim_weights",
    "verdict_text",
]
