"""The one import of the report notebooks: each call answers one question of a report."""

from chiso.notebook.explore import Explorer, open_explorer
from chiso.notebook.overview import Overview, open_overview
from chiso.notebook.quality import DataQuality, open_data_quality
from chiso.notebook.report import Report, open_report
from chiso.notebook.scorecard import Scorecard, open_scorecard
from chiso.notebook.sipas import Sipas, open_sipas

__all__ = [
    "DataQuality",
    "Explorer",
    "Overview",
    "Report",
    "Scorecard",
    "Sipas",
    "open_data_quality",
    "open_explorer",
    "open_overview",
    "open_report",
    "open_scorecard",
    "open_sipas",
]
