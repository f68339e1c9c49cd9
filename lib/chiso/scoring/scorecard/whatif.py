"""What if, for scorecards: change values or rules and see points, percent and ranks move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from chiso.scoring.scorecard.faults import Faults
from chiso.scoring.scorecard.score import Scored, score
from chiso.scoring.scorecard.values import Status


def what_if(
    scored: Scored,
    values: Mapping[tuple[str, str, str], float | Status] | None = None,
    rules: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[Scored, pl.DataFrame]:
    """Score again with some values or rules changed.

    Args:
        scored: as it is.
        values: by (period, unit, code): another value, ``"missing"`` or ``"not_applicable"``.
        rules: by criterion: other parameters, such as ``{"target": 0.9}``.

    Returns:
        The scores as they would be, and the rows that differ: period, unit, level, code, and points, percent, rank
        before (``_before``) and after.

    Raises:
        KeyError: a period, unit or criterion that is not there.
        ScorecardError: rules that make no sense; all are listed.
    """
    card, faults = scored.card, Faults()
    criteria = list(card.criteria)
    for code, parameters in (rules or {}).items():
        at = card.position(code)
        criteria[at] = criteria[at].model_copy(update=dict(parameters))
        for fault in criteria[at].faults():
            faults.add(f"{code}.{fault.parameter}", fault.message, **fault.values)
    faults.stop()
    after = score(replace(card, criteria=tuple(criteria)), scored.values.changed(dict(values or {})))
    key, columns = ["period", "unit", "level", "code"], ["points", "percent", "rank"]
    joined = after.table().join(scored.table(), on=key, how="left", suffix="_before", maintain_order="left")
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in columns)
    return after, joined.filter(differs).select(*key, *(n + s for n in columns for s in ("_before", "")))
