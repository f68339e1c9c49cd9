"""Where a unit may stand among the others, given how uncertain the shares are."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import scipy

from chiso.survey.compare import holm
from chiso.survey.design import Design
from chiso.survey.frames import Frame, fail
from chiso.survey.joint import joint_shares
from chiso.survey.shares import Items


def rank_bands(
    data: Frame | Design, items: Items, group: str, *, code: str | None = None, level: float = 0.95, **settings: Any
) -> pl.DataFrame:
    """Rank groups by their share, each with a band of ranks; all bands hold together with confidence ``level``.

    Every pair of groups is tested (t, covariances kept, Holm over all pairs). A group's best possible rank is 1 + the
    number of groups clearly above it, its worst the number of groups less those clearly below it.

    Args:
        data: one row a respondent, or a design.
        items: as in :func:`chiso.survey.shares`.
        group: column of the groups (units).
        code: the line to rank by; default ``overall``, or the only line; see :func:`compare`.
        level: confidence level of all bands together.
        settings: design and answer settings of :func:`chiso.survey.shares`.

    Returns:
        One row a group, best first (ties share the smaller rank): ``group``, ``code``, ``n`` (who answered), ``share``,
        ``se``, ``rank``, ``rank_best``, ``rank_worst``, ``clearly_above`` and ``clearly_below`` (groups). Groups
        without an answer come last with nulls and are not ranked.

    Raises:
        SurveyError: as :func:`chiso.survey.compare`; no such line.

    Source:
        Simultaneous confidence sets for ranks from stepdown-adjusted pairwise differences: Mogstad, Romano, Shaikh and
        Wilhelm 2024, "Inference for Ranks" (Review of Economic Studies), with Holm's adjustment in place of resampling.

    Examples:
        >>> import polars as pl
        >>> unit = ["A"] * 100 + ["B"] * 100 + ["C"] * 12
        >>> answer = [5] * 90 + [1] * 10 + [5] * 60 + [1] * 40 + [5] * 6 + [1] * 6
        >>> people = pl.DataFrame({"unit": unit, "q1": answer})
        >>> rank_bands(people, ["q1"], "unit").select("group", "rank", "rank_best", "rank_worst").rows()
        [('A', 1, 1, 1), ('B', 2, 2, 3), ('C', 3, 2, 3)]
    """
    found = joint_shares(data, items, group, code=code, level=level, **settings)
    chosen = found if len(found) == 1 else [joint for joint in found if joint.level == "overall"]
    if not chosen:
        fail("which_line", known=", ".join(joint.code for joint in found))
    joint = chosen[0]
    size = len(joint.groups)
    if size < 2:
        fail("nothing_to_compare", column=group)
    first, second = np.triu_indices(size, 1)
    pairs = [joint.difference(int(a), int(b)) for a, b in zip(first, second, strict=True)]
    difference, variance, recovered = (np.array(part, dtype=float) for part in zip(*pairs, strict=True))
    df = np.array([joint.df(int(a), int(b)) for a, b in zip(first, second, strict=True)])
    usable = (variance + recovered > 1e-28) & (df > 0)
    p = np.full(first.size, np.nan)
    p[usable] = 2 * scipy.special.stdtr(
        df[usable], -np.abs(difference[usable]) / np.sqrt((variance + recovered)[usable])
    )
    clear = holm(p) < 1 - level
    above, below = np.zeros(size, dtype=int), np.zeros(size, dtype=int)
    np.add.at(above, np.where(difference[clear] > 0, first[clear], second[clear]), 1)
    np.add.at(below, np.where(difference[clear] > 0, second[clear], first[clear]), 1)
    ranked = ~np.isnan(joint.share)
    rank = np.array([1 + int((joint.share > s + 1e-12).sum()) for s in joint.share])
    table = pl.DataFrame(
        {
            "group": list(joint.groups),
            "code": [joint.code] * size,
            "n": joint.n,
            "share": joint.share,
            "se": np.sqrt(np.diag(joint.covariance)),
            "rank": rank,
            "rank_best": 1 + above,
            "rank_worst": int(ranked.sum()) - below,
            "clearly_above": above,
            "clearly_below": below,
        }
    ).with_columns(pl.col("share", "se").fill_nan(None))
    blank = pl.col("share").is_null()
    columns = ["rank", "rank_best", "rank_worst", "clearly_above", "clearly_below"]
    return table.with_columns(pl.when(~blank).then(pl.col(c)).alias(c) for c in columns).sort(
        blank, "rank", "group", nulls_last=True
    )
