"""Tables that notebooks, pages and workbooks share: built from result frames, independent of any output format."""

from chiso.reporting.tables.board import board_table, summary_table
from chiso.reporting.tables.cases import case_balance_table, overdue_cases_table
from chiso.reporting.tables.definitions import definitions_table, documents_table, not_measured_table
from chiso.reporting.tables.quality import (
    account_table,
    cells_table,
    findings_table,
    publishable,
    rejects_table,
)
from chiso.reporting.tables.recency import (
    corrections_table,
    differences_table,
    exported_before,
    gaps_table,
    late_frame,
    late_table,
    source_units_table,
    trend_frame,
    trend_table,
)
from chiso.reporting.tables.register import deliverables_table
from chiso.reporting.tables.scorecard import scorecard_table, units_table
from chiso.reporting.tables.sipas import details_table, item_texts
from chiso.reporting.tables.survey import survey_table
from chiso.reporting.tables.survey_groups import comments_table, groups_table, themes_table

__all__ = [
    "account_table",
    "board_table",
    "case_balance_table",
    "cells_table",
    "comments_table",
    "corrections_table",
    "definitions_table",
    "details_table",
    "deliverables_table",
    "differences_table",
    "documents_table",
    "exported_before",
    "findings_table",
    "gaps_table",
    "groups_table",
    "item_texts",
    "late_frame",
    "late_table",
    "not_measured_table",
    "overdue_cases_table",
    "publishable",
    "rejects_table",
    "scorecard_table",
    "source_units_table",
    "summary_table",
    "survey_table",
    "themes_table",
    "trend_frame",
    "trend_table",
    "units_table",
]
