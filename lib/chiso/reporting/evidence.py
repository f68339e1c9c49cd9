"""How sure a satisfaction figure is, in words: its interval and, with a target, what the answers allow to conclude."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chiso.messages import text
from chiso.reporting import formats
from chiso.survey import decision_text


def evidence(details: Mapping[str, Any], goal: Mapping[str, Any] | None, confidence: float) -> str:
    """Return the sentences that stand beside a satisfaction figure.

    Args:
        details: its row of ``satisfaction_details``.
        goal: its row of ``satisfaction_target``; None where the plan sets no target.
        confidence: of the interval, 0 to 1.
    """
    interval = _interval(details, confidence)
    if goal is None:
        return text("sipas.told", interval=interval)
    decision = decision_text(goal["decision"], formats.percent(goal["target"], trim=True))
    if goal["confidence"] is None:
        return text("sipas.decided_short", interval=interval, decision=decision)
    told = text("sipas.decided", interval=interval, decision=decision, probability=_probability(goal["confidence"]))
    if goal["decision"].startswith("undecided") and goal["n_needed"]:
        told += " " + text("sipas.needed", n=formats.number(goal["n_needed"]), now=formats.number(goal["n"]))
    return told


def _interval(row: Mapping[str, Any], confidence: float) -> str:
    if row["method"] == "fixed":
        return text("sipas.evidence_certain")
    if row["ci_low"] is None:
        return text("sipas.evidence_none")
    low, high = formats.percent(row["ci_low"]), formats.percent(row["ci_high"])
    return text("sipas.evidence", level=formats.percent(confidence, trim=True), low=low, high=high)


def _probability(value: float) -> str:
    if value > 0.999:
        return text("sipas.probability_high")
    return text("sipas.probability_low") if value < 0.001 else formats.percent(value)
