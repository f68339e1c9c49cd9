"""Figures in words: values, changes against earlier periods, verdicts against the target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chiso.catalogue import Indicator
from chiso.messages import text
from chiso.reporting import formats
from chiso.worktime import Period

Row = Mapping[str, Any]

#: Windows that start anew with each period. The others accumulate over the year: against the quarter before they only
#: tell that time has passed.
COMPARABLE = ("period", "as_of")


def value(indicator: Indicator, number: float | None) -> str:
    """Return an indicator's value: a percentage, a count, or points of 100."""
    if number is None:
        return text("notebook.word.no_data")
    if indicator.as_percent:
        return formats.percent(number)
    return formats.number(number, 1 if indicator.measure == "index" else None)


def target(indicator: Indicator) -> str:
    """Return the target with its comparator."""
    return formats.target_text(indicator.target, indicator.comparator, "share" if indicator.as_percent else "count")


def value_with_base(indicator: Indicator, row: Row, respondents: int | None = None) -> str:
    """Return a value with n/N, or with the respondents where it rests on the questionnaire."""
    shown = value(indicator, row["value"])
    if row["value"] is None:
        return shown
    if respondents is not None:
        return text("notebook.word.respondents", value=shown, n=formats.number(respondents))
    if indicator.measure == "share":
        return text("notebook.word.base", value=shown, base=formats.share_of(row["numerator"], row["denominator"]))
    return shown


def change(indicator: Indicator, now: float | None, before: float | None, period: Period) -> str:
    """Return the change since ``period`` ("tăng 1,2 điểm % so với quý III/2024"), empty where one side is missing."""
    if now is None or before is None:
        return ""
    difference = now - before
    if indicator.as_percent:
        size = formats.points(abs(difference)).lstrip("+")
    else:
        size = formats.number(abs(difference), 1 if indicator.measure == "index" else None)
    if size == (
        formats.points(0) if indicator.as_percent else formats.number(0, 1 if indicator.measure == "index" else None)
    ):
        return text("notebook.word.unchanged", period=period.label)
    return text(f"notebook.word.{'up' if difference > 0 else 'down'}", size=size, period=period.label)


def verdict(indicator: Indicator, row: Row) -> str:
    """Return the judgement as a clause: met, not met, not yet due, or what the figure is only compared with."""
    status = row["status"]
    if status == "no_data":
        return ""
    if status is not None:
        deadline = formats.day(row["deadline"])
        return text(f"notebook.verdict.{status}", target=target(indicator), deadline=deadline)
    if indicator.reference_line is not None and row["value"] is not None:
        side = "above" if row["value"] >= indicator.reference_line else "below"
        return text(f"notebook.verdict.{side}", reference=formats.percent(indicator.reference_line, trim=True))
    if indicator.target is not None and row["target"] is not None:
        return text("notebook.verdict.unjudged", target=target(indicator))
    return text("notebook.verdict.monitored")


def sentence(
    indicator: Indicator, row: Row, changes: list[str], respondents: int | None = None, beside: str = ""
) -> str:
    """Return one sentence on an indicator: value with its base, changes, verdict, the department's value."""
    if row["value"] is None:
        key = "withheld" if row.get("withheld") else "no_data"
        return text(f"notebook.sentence.{key}", name=indicator.name)
    parts = [value_with_base(indicator, row, respondents), beside, enumerate_words([c for c in changes if c])]
    body = ", ".join(p for p in parts if p)
    judged = verdict(indicator, row)
    return text("notebook.sentence.figure", name=indicator.name, body=body, verdict=f"; {judged}" if judged else "")


def enumerate_words(words: list[str]) -> str:
    """Return "a, b và c"."""
    if len(words) < 2:
        return "".join(words)
    return text("notebook.word.and", head=", ".join(words[:-1]), last=words[-1])


def capital(sentence: str) -> str:
    """Return a sentence with its first letter in capitals."""
    return sentence[:1].upper() + sentence[1:]
