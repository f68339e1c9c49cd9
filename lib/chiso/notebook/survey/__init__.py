"""How sure the satisfaction figures are, as reports show it: intervals, target, units, changes, scale, drivers."""

from chiso.notebook.survey.access import table
from chiso.notebook.survey.changes import changes, unit_changes
from chiso.notebook.survey.comments import comments
from chiso.notebook.survey.groups import groups
from chiso.notebook.survey.levels import lines, ranks, target, unit_intervals
from chiso.notebook.survey.planning import next_survey
from chiso.notebook.survey.quality import drivers, scale
from chiso.notebook.survey.sentences import change_verdict, evidence

__all__ = [
    "change_verdict",
    "changes",
    "comments",
    "drivers",
    "evidence",
    "groups",
    "lines",
    "next_survey",
    "ranks",
    "scale",
    "table",
    "target",
    "unit_changes",
    "unit_intervals",
]
