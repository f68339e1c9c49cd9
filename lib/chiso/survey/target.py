"""Whether a share is above a target: what the answers allow to say, and how many more it would take."""

from __future__ import annotations

import numpy as np
import polars as pl
import scipy

from chiso.messages import text
from chiso.survey.frames import fail, need, to_polars

DECISIONS = ("above", "below", "undecided_over", "undecided_under", "no_interval", "no_data")


def decide(table: pl.DataFrame, target: float, *, level: float = 0.95, population: str | None = None) -> pl.DataFrame:
    """Set shares against a target.

    Args:
        table: a table from :func:`chiso.survey.shares`.
        target: the share to be exceeded, between 0 and 1.
        level: confidence level of the table's intervals (for ``n_needed``).
        population: column with the size of a row's population (such as ``sum_weights``), for ``n_needed``; none: large.

    Returns:
        ``table`` with ``target``; ``over`` (the point value exceeds the target); ``confidence`` that the true share
        exceeds the target, 0–1 (one less the one-sided p value: t on the logit; binomial on Kish's effective n at 0 and
        1); ``decision``: ``above`` or ``below`` (the whole interval is), ``undecided_over`` or ``undecided_under`` (the
        interval holds the target, the point value is over it or not), ``no_interval`` (no degrees of freedom),
        ``no_data``; ``n_needed``: answers with which the same share, asked the same way, would decide (null where the
        share equals the target, is 0 or 1, or is not estimated).

    Raises:
        SurveyError: a column is missing; the target is not between 0 and 1.

    Source:
        Duality of test and interval; n = z² S² / (p(1-p)·d)² with d the distance on the logit scale and S² the
        variance that a single answer stands for (Cochran 1977, ch. 4).

    Examples:
        >>> import polars as pl
        >>> from chiso.survey import shares
        >>> table = shares(pl.DataFrame({"q1": [5] * 140 + [2] * 20}), ["q1"])
        >>> decide(table, 0.87).select("share", "over", pl.col("confidence").round(2), "decision", "n_needed").row(0)
        (0.875, True, 0.57, 'undecided_over', 17492)
    """
    if not 0 < target < 1:
        fail("target_outside", value=target)
    if not 0 < level < 1:
        fail("level_outside", value=level)
    table = to_polars(table)
    columns = ["share", "se", "df", "ci_low", "ci_high", "n", "n_effective"]
    need(table, [*columns, *([population] if population else [])])
    share, se, df, low, high, n, effective = (_floats(table, c) for c in columns)
    inside = (share > 0) & (share < 1)
    usable = inside & (se > 1e-14) & (df > 0)
    p, s = np.where(usable, share, 0.5), np.where(usable, se, 1.0)
    distance, slope = scipy.special.logit(p) - scipy.special.logit(target), s / (p * (1 - p))
    confidence = np.where(usable, scipy.special.stdtr(np.where(usable, df, 1.0), distance / slope), np.nan)
    edge = ~inside & ~np.isnan(low)
    confidence = np.where(edge & (share == 1), 1 - target**effective, confidence)
    confidence = np.where(edge & (share == 0), (1 - target) ** effective, confidence)
    certain = ~np.isnan(low) & (low == high)
    confidence = np.where(certain, (share > target).astype(float), confidence)
    size = _floats(table, population) if population else np.full(share.size, np.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        of_one = s**2 / (1 / n - 1 / size)
        wanted = (distance * p * (1 - p) / scipy.special.ndtri((1 - level) / 2)) ** 2
        needed = np.ceil(1 / (wanted / of_one + 1 / size))
    needed = np.where(usable & (np.abs(distance) > 1e-12) & np.isfinite(needed), needed, np.nan)
    decision = np.select(
        [np.isnan(share), np.isnan(low), low > target, high < target, share > target],
        ["no_data", "no_interval", "above", "below", "undecided_over"],
        "undecided_under",
    )
    return table.with_columns(
        target=pl.lit(target),
        over=pl.Series(share > target).set(pl.Series(np.isnan(share)), None),
        confidence=pl.Series(confidence).fill_nan(None),
        decision=pl.Series(decision.astype(str).tolist()),
        n_needed=pl.Series(needed).fill_nan(None).cast(pl.Int64),
    )


def decision_text(decision: str, target: str) -> str:
    """Return a decision of :func:`decide` as a sentence.

    Args:
        decision: the key.
        target: the target as the reader writes it.

    Examples:
        >>> decision_text("undecided_over", "87 %")
        'kết quả cao hơn nhưng chưa đủ cơ sở để kết luận vượt 87 %'
    """
    if decision not in DECISIONS:
        fail("unknown_choice", name="decision", value=decision, choices=", ".join(DECISIONS))
    return text(f"survey.decision_{decision}", target=target)


def _floats(table: pl.DataFrame, column: str) -> np.ndarray:
    return table[column].cast(pl.Float64).fill_null(np.nan).to_numpy()
