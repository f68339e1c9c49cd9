"""What stands in a sentence beside a satisfaction figure."""

from __future__ import annotations

import polars as pl

from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.notebook.survey.access import LINE, expect, table
from chiso.reporting.evidence import evidence as told
from chiso.survey import verdict_text
from chiso.worktime import Period


def evidence(context: Context, ledger: Ledger, indicator: str) -> str:
    """Return what stands beside a satisfaction figure: its interval and, with a target, what the answers allow."""
    code = context.survey_codes.get(indicator)
    if code is None:
        return ""
    rows = table(context, "details").filter(context.own & (pl.col("code") == code) & pl.col("share").is_not_null())
    if not rows.height:
        return ""
    row = rows.row(0, named=True)
    expect(ledger, "details", rows, LINE, "ci_low", "ci_high")
    decided = table(context, "target").filter(context.own & (pl.col("code") == code))
    if decided.height:
        expect(ledger, "target", decided, LINE, "confidence", "n_needed")
    goal = decided.row(0, named=True) if decided.height else None
    return told(row, goal, context.catalogue.settings.sipas.confidence)


def change_verdict(context: Context, indicator: str, period: Period) -> str:
    """Return the verdict on a satisfaction figure's change since ``period``; empty where there is none."""
    code = context.survey_codes.get(indicator)
    if code is None:
        return ""
    rows = table(context, "changes").filter(context.own & (pl.col("code") == code) & (pl.col("before") == str(period)))
    return verdict_text(rows["verdict"][0]) if rows.height else ""
