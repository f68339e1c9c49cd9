"""Points side by side: what a body gives itself, what the appraisers give, what the survey gives, what counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np
import polars as pl

from chiso.scoring.scorecard.model import Scorecard
from chiso.scoring.scorecard.score import Scored, score
from chiso.scoring.scorecard.values import MISSING, Values

Assessment = Literal["self", "appraisal", "survey"]


def assessed(card: Scorecard, values: Mapping[Assessment, Values]) -> dict[str, Scored]:
    """Score each assessment, and what counts as final.

    Args:
        card: the scorecard.
        values: ``self``: figures that the rules turn into points; ``appraisal`` and ``survey``: points as they were
            given, for the same periods and bodies. ``self`` must be there.

    Returns:
        The assessments that were given, and ``final``: for a criterion that the survey judges its points, for every
        other one the appraised points. Where those are missing, the points of the body itself stand in.
    """
    own = score(card, values["self"])
    entered = replace(card, criteria=tuple(c.model_copy(update={"rule": "manual"}) for c in card.criteria))
    given: dict[str, Scored] = {name: score(entered, found) for name, found in values.items() if name != "self"}
    status = own.values.status.copy()
    earned, maximum = own.earned.copy(), own.maximum.copy()
    for at, criterion in enumerate(card.criteria):
        judge = given.get("survey" if criterion.judged_by == "survey" else "appraisal")
        if judge is None:
            continue
        said = judge.values.status[..., at] != MISSING
        for ours, theirs in ((earned, judge.earned), (maximum, judge.maximum), (status, judge.values.status)):
            ours[..., at] = np.where(said, theirs[..., at], ours[..., at])
    final = Scored(card, replace(own.values, status=status), earned, maximum)
    return {"self": own, **given, "final": final}


def side_by_side(scored: Mapping[str, Scored]) -> pl.DataFrame:
    """Return a row a period, body and row of the scorecard with the points of each assessment.

    Columns: period, unit, level, code, max_points (final), ``<assessment>_points`` for self, appraisal, survey and
    final (null where there is no such assessment), and ``difference``: final minus self.
    """
    key = ["period", "unit", "level", "code"]
    table = scored["final"].table().select(*key, "max_points")
    for name in ("self", "appraisal", "survey", "final"):
        column = f"{name}_points"
        if name not in scored:
            table = table.with_columns(pl.lit(None, dtype=pl.Float64).alias(column))
            continue
        found = scored[name].table().select(*key, pl.col("points").alias(column))
        table = table.join(found, on=key, how="left", maintain_order="left")
    return table.with_columns(difference=pl.col("final_points") - pl.col("self_points"))
