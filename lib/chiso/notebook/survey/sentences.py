"""What stands in a sentence beside a satisfaction figure."""

from __future__ import annotations

from typing import Any

import polars as pl

from chiso.messages import text
from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.notebook.survey.access import LINE, expect, level_of, own, table
from chiso.reporting import formats
from chiso.survey import decision_text, verdict_text
from chiso.worktime import Period


def evidence(context: Context, ledger: Ledger, indicator: str) -> str:
    """Return what stands beside a satisfaction figure: its interval and, with a target, what the answers allow."""
    code = context.survey_codes.get(indicator)
    if code is None:
        return ""
    rows = table(context, "details").filter(own(context) & (pl.col("code") == code) & pl.col("share").is_not_null())
    if not rows.height:
        return ""
    row = rows.row(0, named=True)
    expect(ledger, "details", rows, LINE, "ci_low", "ci_high")
    interval = _interval(context, row)
    decided = table(context, "target").filter(own(context) & (pl.col("code") == code))
    if not decided.height:
        return text("sipas.told", interval=interval)
    goal = decided.row(0, named=True)
    expect(ledger, "target", decided, LINE, "confidence", "n_needed")
    decision = decision_text(goal["decision"], formats.percent(goal["target"], trim=True))
    if goal["confidence"] is None:
        return text("sipas.decided_short", interval=interval, decision=decision)
    told = text("sipas.decided", interval=interval, decision=decision, probability=_probability(goal["confidence"]))
    if goal["decision"].startswith("undecided") and goal["n_needed"]:
        told += " " + text("sipas.needed", n=formats.number(goal["n_needed"]), now=formats.number(goal["n"]))
    return told


def _interval(context: Context, row: dict[str, Any]) -> str:
    if row["method"] == "fixed":
        return text("sipas.evidence_certain")
    if row["ci_low"] is None:
        return text("sipas.evidence_none")
    low, high = formats.percent(row["ci_low"]), formats.percent(row["ci_high"])
    return text("sipas.evidence", level=level_of(context), low=low, high=high)


def _probability(value: float) -> str:
    if value > 0.999:
        return text("sipas.probability_high")
    return text("sipas.probability_low") if value < 0.001 else formats.percent(value)


def change_verdict(context: Context, indicator: str, period: Period) -> str:
    """Return the verdict on a satisfaction figure's change since ``period``; empty where there is none."""
    code = context.survey_codes.get(indicator)
    if code is None:
        return ""
    rows = table(context, "changes").filter(own(context) & (pl.col("code") == code) & (pl.col("before") == str(period)))
    return verdict_text(rows["verdict"][0]) if rows.height else ""
