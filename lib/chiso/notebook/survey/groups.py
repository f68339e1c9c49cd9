"""Satisfaction by groups of respondents."""

from __future__ import annotations

import polars as pl

from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.notebook.survey.access import expect
from chiso.reporting import privacy
from chiso.reporting.report import Table
from chiso.reporting.tables import groups_table


def groups(context: Context, ledger: Ledger) -> Table:
    """Return the overall index by field, channel, kind of respondent, gender, age band; of the whole department."""
    rows = context.results.statistics["satisfaction_groups"]
    table = groups_table(rows, context.catalogue, privacy.hidden_groups(context.sources))
    figures = (
        table.frame.filter(pl.col("row_kind") == "", pl.col("n").is_not_null()) if table.frame.height else rows.clear()
    )
    keys = ("dimension", "value", "level", "code")
    expect(ledger, "groups", figures, keys, "n", "share", "share_unweighted", "ci_low", "ci_high")
    return table
