"""Figures in words: values, targets, changes; how words are joined. Whole sentences are in ``sentences``."""

from __future__ import annotations

from chiso.catalogue import Indicator
from chiso.messages import text
from chiso.reporting import formats
from chiso.worktime import Period

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


def movement(indicator: Indicator, now: float, before: float) -> tuple[str, str]:
    """Return which way a value went (``up``, ``down``, ``same``: as far as its decimals show) and how far."""
    difference = now - before

    def shown(number: float) -> str:
        if indicator.as_percent:
            return formats.points(number).lstrip("+")
        return formats.number(number, 1 if indicator.measure == "index" else None)

    size = shown(abs(difference))
    if size == shown(0):
        return "same", size
    return ("up" if difference > 0 else "down"), size


def change(indicator: Indicator, now: float | None, before: float | None, period: Period) -> str:
    """Return the change since ``period`` ("tăng 1,2 điểm % so với quý III/2024"), empty where one side is missing."""
    if now is None or before is None:
        return ""
    way, size = movement(indicator, now, before)
    return text(f"prose.change.{way}", size=size, period=period.label)


def enumerate_words(words: list[str]) -> str:
    """Return "a, b và c"."""
    if len(words) < 2:
        return "".join(words)
    return text("notebook.word.and", head=", ".join(words[:-1]), last=words[-1])


def capital(sentence: str) -> str:
    """Return a sentence with its first letter in capitals."""
    return sentence[:1].upper() + sentence[1:]
