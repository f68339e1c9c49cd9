"""Forecasts as Vietnamese sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Protocol

from chiso.messages import text
from chiso.scoring.forecast.risk import outlook


class Formats(Protocol):
    """How values are written; the module :mod:`chiso.reporting.formats` is one."""

    def percent(self, value: float | None, decimals: int = ..., *, trim: bool = ...) -> str:
        """A share of 1 as a percentage."""

    def number(self, value: float | None, decimals: int | None = ...) -> str:
        """A number."""

    def day(self, value: date | None) -> str:
        """A date."""


def sentence(row: Mapping[str, Any], formats: Formats) -> str:
    """Put a row of the forecast into one sentence that begins with how it was made, or say why there is none.

    Args:
        row: of :func:`chiso.scoring.forecast.predict.forecast`.
        formats: how values are written.

    Returns:
        Such as "Với tốc độ hiện nay, đến 15/12/2024 đạt khoảng 81 % (khoảng 76 %–86 %); khả năng đạt mục tiêu 85 %:
        thấp." Shares and satisfaction indices are written as percentages without decimals, counts and points as
        whole numbers, with more digits where that would hide the difference from the whole or from the target.
    """
    if row["method"] is None:
        return text("forecast.none", reason=text(f"forecast.reason.{row['reason']}"))

    goal = row["target"]
    scale_of_one = row["measure"] == "share" or (row["measure"] == "index" and (goal or 0) <= 1)
    written: Callable[[float, int], str] = formats.percent if scale_of_one else formats.number

    def show(value: float) -> str:
        # 99.6 % must not read as 100 %, nor 0.4 % as 0 %, nor 84.6 % as the target of 85 % that it misses.
        places = 1 if scale_of_one and (0 < value < 0.01 or 0.99 < value < 1) else 0
        while places < 2 and goal is not None and value != goal and written(value, places) == written(goal, places):
            places += 1
        return written(value, places)

    values = {"deadline": formats.day(row["deadline"]), "value": show(row["forecast"])}
    if row["method"] == "closed":
        said = text("forecast.closed", **values)
    else:
        ends = {"low": show(row["low"]), "high": show(row["high"])}
        # An interval that is no wider than the number shows nothing: it is told as "about".
        key = "open_sure" if ends["low"] == ends["high"] else "open"
        said = text(f"forecast.{key}", how=text(f"forecast.how.{row['method']}"), **values, **ends)
    if row["probability"] is None or row["target"] is None:
        return text("forecast.plain", said=said)
    shown = formats.percent(goal, trim=True) if scale_of_one else formats.number(goal)
    aim = text(f"forecast.target_{'more' if row['comparator'] == '>' else 'plain'}", value=shown)
    if row["method"] == "closed":
        return text("forecast.met" if row["probability"] == 1 else "forecast.missed", said=said, target=aim)
    chance = text(f"forecast.outlook.{outlook(row['probability'])}")
    return text("forecast.with_chance", said=said, target=aim, chance=chance)
