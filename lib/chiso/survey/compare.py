"""Differences between shares: one period and another, one group and another; tested together by Holm's method.

Where a share is 0 or 1 its standard error is zero though it is not certain; in a comparison its variance is then
recovered from its exact interval, ((high - low) / t)² (Zou and Donner 2008), for interval, p and verdict; ``se`` stays
the design's own, and the row says so. ``recover=False`` leaves this out, as R does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Literal

import numpy as np
import polars as pl
import scipy

from chiso.messages import text
from chiso.survey.design import Design
from chiso.survey.domains import Grouping, groupings
from chiso.survey.frames import Frame, fail, need, some, to_polars
from chiso.survey.intervals import t_quantile
from chiso.survey.joint import Joint, Question, question
from chiso.survey.shares import Items

Against = Literal["pairs", "rest"]
VERDICTS = ("higher", "lower", "no_clear_difference", "not_comparable")


def compare(
    data: Frame | Design,
    items: Items,
    group: str,
    *,
    first: object = None,
    second: object = None,
    against: Against = "pairs",
    code: str | None = None,
    df: float | str = "domain",
    level: float = 0.95,
    family: str = "",
    within: Sequence[str] = (),
    recover: bool = True,
    **settings: Any,
) -> pl.DataFrame:
    """Compare groups of one sample: two of them, or every pair; covariances between the groups are kept.

    Args:
        data: one row a respondent, or a design. Two periods asked in one panel stand in one frame, the period as group
            (and the respondent as ``cluster`` where the same people answered twice).
        items: as in :func:`chiso.survey.shares`.
        group: column of the groups.
        first: with ``second``: only these two, the difference is ``second`` - ``first``. Default: every pair.
        second: see ``first``.
        against: ``pairs``: every pair; ``rest``: each group (``second``) with all the others (``first`` null).
        code: only the line with this code (an item, a factor, ``overall``, ``direct``). Default: all lines.
        df: ``domain`` (primary sampling units minus strata among those who answered in either group), ``design``, or a
            number.
        level: confidence level; the verdict is taken at 1 - level after Holm.
        family: name of the family of tests, put in the table.
        within: columns of the result (``level``, ``code``) whose values make families of their own; default: all rows
            of one call are one family.
        recover: give a share of 0 or 1 the variance of its exact interval (see the module).
        settings: design and answer settings of :func:`chiso.survey.shares` (``stratum``, ``population`` …).

    Returns:
        One row a line and pair: ``level``, ``code``, ``first``, ``second``, ``share_first``, ``share_second``,
        ``difference``, ``se``, ``df``, ``ci_low``, ``ci_high`` (of the difference, t), ``p`` (two-sided), ``p_holm``,
        ``family``, ``recovered`` (a variance recovered, see the module), ``verdict`` (``higher`` or ``lower``: second
        against first; ``no_clear_difference``; ``not_comparable``).

    Raises:
        SurveyError: as :func:`chiso.survey.shares`; a group that is not there; an unknown setting.

    Source:
        ``svyby(covmat=TRUE)`` with ``svycontrast`` of R's `survey`; Holm 1979.

    Examples:
        >>> import polars as pl
        >>> people = pl.DataFrame({"year": [2023] * 50 + [2024] * 50, "q1": [5] * 25 + [2] * 25 + [5] * 40 + [2] * 10})
        >>> compare(people, ["q1"], "year", first=2023, second=2024).select(
        ...     pl.col("difference", "se").round(4), "verdict"
        ... ).row(0)
        (0.3, 0.091, 'higher')
    """
    asked = question(data, items, code, level, settings)
    rows: list[dict[str, object]] = []
    for joint, a, b in _pairs(asked, group, first, second, against):
        difference, variance, recovered = joint.difference(a, b)
        free = joint.df(a, b) if df == "domain" else float(joint.sample.df) if df == "design" else float(df)
        rows.append(
            {
                "level": joint.level,
                "code": joint.code,
                "first": None if against == "rest" else joint.groups[a],
                "second": joint.groups[b],
                "share_first": joint.share[a],
                "share_second": joint.share[b],
                "difference": difference,
                "se": np.sqrt(variance),
                "df": free,
                "_wide": np.sqrt(variance + recovered * recover),
                "recovered": recover and recovered > 0,
            }
        )
    if not rows:
        fail("nothing_to_compare", column=group)
    table = pl.DataFrame(rows, infer_schema_length=None, schema_overrides={"first": pl.String})
    return tested(table, level=level, family=family, within=within)


def _pairs(
    asked: Question, group: str, first: object, second: object, against: str
) -> Iterator[tuple[Joint, int, int]]:
    """Give the shares of each wanted line with the places of the two groups to compare."""
    if against not in ("pairs", "rest"):
        fail("unknown_choice", name="against", value=against, choices="pairs, rest")
    (grouping,) = groupings(asked.sample.data, group, margins=False)
    if against == "rest":
        if grouping.keys.height < 2:
            return
        for g, name in enumerate(grouping.keys[group]):
            code = np.where(grouping.group < 0, -1, (grouping.group == g).astype(np.int64))
            two = Grouping((group,), pl.DataFrame({group: ["", str(name)]}), code)
            yield from ((joint, 0, 1) for joint in asked.ask(two))
        return
    for joint in asked.ask(grouping):
        if first is None and second is None:
            yield from ((joint, a, b) for a, b in combinations(range(len(joint.groups)), 2))
            continue
        absent = [str(g) for g in (first, second) if str(g) not in joint.groups]
        if absent:
            fail("group_unknown", column=group, names=some(absent), known=some(joint.groups))
        yield joint, joint.groups.index(str(first)), joint.groups.index(str(second))


def change(
    before: pl.DataFrame,
    after: pl.DataFrame,
    *,
    on: Sequence[str] = ("level", "code"),
    df: Literal["sum", "welch"] | float = "sum",
    level: float = 0.95,
    family: str = "",
    within: Sequence[str] = (),
    recover: bool = True,
) -> pl.DataFrame:
    """Compare two tables of shares from independent samples, such as two periods.

    Args:
        before: a table from :func:`chiso.survey.shares`.
        after: another, of the same lines and groups.
        on: columns that tell which rows belong together; rows in one table only are left out. Name the ``by`` columns.
        df: ``sum`` (both samples are strata of one: their degrees add up, as R has it), ``welch`` (Satterthwaite), or a
            number.
        level: confidence level.
        family: name of the family of tests.
        within: as in :func:`compare`.
        recover: as in :func:`compare`.

    Returns:
        The ``on`` columns, then as :func:`compare`, with ``share_before`` and ``share_after``.

    Raises:
        SurveyError: a column is missing, a row stands twice, or no row is in both.

    Examples:
        >>> import polars as pl
        >>> from chiso.survey import shares
        >>> last = shares(pl.DataFrame({"q1": [5] * 30 + [1] * 30}), ["q1"])
        >>> this = shares(pl.DataFrame({"q1": [5] * 35 + [1] * 25}), ["q1"])
        >>> change(last, this).select(pl.col("difference", "p").round(4), "df", "verdict").row(0)
        (0.0833, 0.3638, 118.0, 'no_clear_difference')
    """
    keys, wanted = list(on), ["share", "se", "df", "ci_low", "ci_high", "interval"]
    frames = []
    for frame in (before, after):
        frame = to_polars(frame)
        need(frame, [*keys, *wanted])
        if frame.select(keys).is_duplicated().any():
            fail("row_twice", columns=some(keys))
        frames.append(frame.select(*keys, *wanted))
    both = frames[0].join(frames[1], on=keys, how="inner", suffix="_after", nulls_equal=True, maintain_order="left")
    if both.is_empty():
        fail("nothing_in_both", columns=some(keys))
    a, b = (
        {c: both[c + end].cast(pl.Float64).to_numpy() for c in ("share", "se", "df", "ci_low", "ci_high")}
        for end in ("", "_after")
    )
    variances = []
    recovered = np.zeros(both.height, dtype=bool)
    for side, end in ((a, ""), (b, "_after")):
        exact = (both["interval" + end] == "exact").to_numpy() & recover
        wide = ((side["ci_high"] - side["ci_low"]) / t_quantile(side["df"], level)) ** 2
        variances.append(np.where(exact, wide, side["se"] ** 2))
        recovered |= exact
    va, vb = variances
    with np.errstate(invalid="ignore", divide="ignore"):
        welch = (va + vb) ** 2 / (va**2 / a["df"] + vb**2 / b["df"])
    free = a["df"] + b["df"] if df == "sum" else welch if df == "welch" else np.full(both.height, float(df))
    rows = both.select(keys).with_columns(
        share_before=pl.Series(a["share"]),
        share_after=pl.Series(b["share"]),
        difference=pl.Series(b["share"] - a["share"]),
        se=pl.Series(np.hypot(a["se"], b["se"])),
        _wide=pl.Series(np.sqrt(va + vb)),
        df=pl.Series(free),
        recovered=pl.Series(recovered),
    )
    return tested(rows, level=level, family=family, within=within)


def tested(rows: pl.DataFrame, *, level: float, family: str, within: Sequence[str] = ()) -> pl.DataFrame:
    """Add interval, p, Holm's p and the verdict to rows with ``difference``, ``_wide`` (its se) and ``df``."""
    difference, se, df = (rows[c].cast(pl.Float64).to_numpy() for c in ("difference", "_wide", "df"))
    usable = (se > 1e-14) & (df > 0)
    half = np.where(usable, t_quantile(np.where(usable, df, np.nan), level) * se, np.nan)
    p = np.full(difference.size, np.nan)
    p[usable] = 2 * scipy.special.stdtr(df[usable], -np.abs(difference[usable]) / se[usable])
    adjusted = holm(p)
    if within:
        need(rows, within)
        member = groupings(rows, list(within), margins=False)[0].group
        for one in np.unique(member):
            adjusted[member == one] = holm(p[member == one])
    clear = adjusted < 1 - level
    verdict = np.select(
        [np.isnan(p), clear & (difference > 0), clear],
        ["not_comparable", "higher", "lower"],
        "no_clear_difference",
    )
    table = rows.with_columns(
        pl.col("difference", "se", "df").fill_nan(None),
        ci_low=pl.Series(np.maximum(difference - half, -1)).fill_nan(None),
        ci_high=pl.Series(np.minimum(difference + half, 1)).fill_nan(None),
        p=pl.Series(p).fill_nan(None),
        p_holm=pl.Series(adjusted).fill_nan(None),
        family=pl.lit(family),
        verdict=pl.Series(verdict.astype(str).tolist()),
    )
    last = ["ci_low", "ci_high", "p", "p_holm", "family", "recovered", "verdict"]
    return table.select(*(c for c in table.columns if c not in (*last, "_wide")), *last)


def holm(p: Sequence[float] | np.ndarray) -> np.ndarray:
    """Adjust p values of one family by Holm's method; missing ones are no part of the family.

    Source:
        Holm 1979; ``p.adjust(method="holm")`` of R.

    Examples:
        >>> holm([0.01, 0.04, 0.03, float("nan")]).round(6).tolist()
        [0.03, 0.06, 0.06, nan]
    """
    p = np.asarray(p, dtype=float)
    found = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    found[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(order.size, 0, -1)))
    return found


def verdict_text(verdict: str) -> str:
    """Return a verdict of :func:`compare` or :func:`change` in words.

    Examples:
        >>> verdict_text("no_clear_difference")
        'không có khác biệt rõ'
    """
    if verdict not in VERDICTS:
        fail("unknown_choice", name="verdict", value=verdict, choices=", ".join(VERDICTS))
    return text(f"survey.verdict_{verdict}")
