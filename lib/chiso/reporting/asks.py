"""What a target asks for, in words: how much is missing, in what the indicator counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from chiso.catalogue import Catalogue, Indicator
from chiso.indicators.results import of_unit
from chiso.messages import text
from chiso.reporting import formats, sentences
from chiso.scoring.priorities import gaps

Row = Mapping[str, Any]


def gaps_of(indicators: pl.DataFrame, catalogue: Catalogue, unit: str | None) -> dict[str, Row]:
    """Return what each indicator of a unit (None: the whole) lacks to its target, by indicator; only those that lack.

    Args:
        indicators: result table of one timeframe, withheld figures blanked.
        catalogue: gives targets and comparators.
        unit: code.
    """
    own = of_unit(unit)
    rows = gaps(indicators.filter(own), catalogue)
    return {row["indicator"]: row for row in rows.iter_rows(named=True)}


def asked(indicator: Indicator, row: Row, gap: Row | None, answered: int | None = None, *, code: bool = False) -> str:
    """Return what an indicator asks for, as a task: the gap to its target, or to keep what is reached.

    Args:
        indicator: missed, at risk or still open.
        row: its row of the result table.
        gap: its row of :func:`gaps_of`; None where the target is reached.
        answered: respondents, of a satisfaction figure.
        code: whether the indicator's code stands with the figures (it does not where a column has it).
    """
    goal = sentences.target(indicator, row)
    words = {"name": sentences.name(indicator), "value": sentences.value(indicator, row)}
    if code and indicator.measure == "count":
        words["name"] = text("prose.others.no_data_one", name=words["name"], id=indicator.id)
    if indicator.measure == "count":
        if row["target"] == 0:
            return _none_wanted(indicator, row, words)
        if gap is not None and gap["cases"] is not None:
            cases = sentences.quantity(indicator, gap["cases"])
            now = text("prose.value_of", value=words["value"], id=indicator.id) if code else words["value"]
            return text("actions.count_more", cases=cases, target=goal, **words | {"value": now})
    behind = sentences.base(indicator, row, answered)
    behind = behind if code else behind.removeprefix(f"{indicator.id}: ")
    words |= {"base": behind, "target": text("actions.level", target=goal)}
    if gap is None:
        return text("actions.keep", **words | {"target": goal})
    if gap["cases"] is None:
        return text("actions.raise_points", cases=_points(indicator, gap["gap"]), **words)
    key = "raise_period" if indicator.window == "period" else "raise"
    cases = sentences.quantity(indicator, gap["cases"])
    return text(f"actions.{key}", cases=cases, noun=sentences.noun(indicator), **words)


def _none_wanted(indicator: Indicator, row: Row, words: dict[str, str]) -> str:
    if indicator.window == "as_of":
        return text("actions.settle", **words | {"value": formats.number(row["value"])})
    return text("actions.prevent", **words)


def _points(indicator: Indicator, gap: float) -> str:
    if indicator.as_percent:
        return formats.points(gap).lstrip("+")
    return text("prose.amount", value=formats.number(gap, 1), noun=text("prose.noun.points"))


def lacking(indicator: Indicator, row: Row, gap: Row | None) -> str:
    """Return how much a missed target lacks: "279 hồ sơ", "2,3 điểm %".

    Args:
        indicator: what is missed.
        row: its row of the result table.
        gap: its row of :func:`gaps_of`; None where there is none.
    """
    if gap is None or gap["cases"] is None:
        return _points(indicator, abs(row["target"] - row["value"]))
    return sentences.quantity(indicator, gap["cases"])
