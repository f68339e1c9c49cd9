"""Share of satisfied answers by item, factor and overall, for any groups, with standard errors and intervals.

Three conventions for an index of several items: ``pooled`` (satisfied answers / valid answers of all items, a ratio of
totals whose variance counts a respondent's answers together), ``mean_of_items``; and for the overall index
``mean_of_factors``, ``pooled`` or ``direct`` (the direct question).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from chiso.survey.answers import Code, read_answers
from chiso.survey.design import Design, Lonely, design
from chiso.survey.domains import By, by_columns, groupings
from chiso.survey.estimates import Estimates, Mean, Ratio, Statistic, estimate
from chiso.survey.frames import Frame, fail
from chiso.survey.intervals import Interval
from chiso.survey.intervals import interval as limits

Convention = Literal["pooled", "mean_of_items"]
Overall = Literal["mean_of_factors", "pooled", "direct"]
Items = Sequence[str] | Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Line:
    """What one row of a table of shares stands for.

    Attributes:
        level: ``item``, ``factor``, ``overall`` or ``direct``.
        code: item column, name of the factor, ``overall``, or the direct question's column.
        convention: how several items became one figure; None for a single question.
        pooled: whether answers, not respondents, are counted.
    """

    level: str
    code: str
    convention: str | None
    pooled: bool = False


def shares(
    data: Frame | Design,
    items: Items,
    *,
    stratum: str | None = None,
    population: str | float | Mapping[Any, float] | pl.DataFrame | None = None,
    fpc: str | float | Mapping[Any, float] | None = None,
    weight: str | None = None,
    cluster: str | None = None,
    lonely: Lonely = "fail",
    by: By = None,
    margins: bool = False,
    convention: Convention | None = "pooled",
    overall: Overall | None = "mean_of_factors",
    direct: str | None = None,
    satisfied: Sequence[Code] = (4, 5),
    scale: Sequence[Code] = (1, 2, 3, 4, 5),
    unknown: Sequence[Code] = (),
    interval: Interval = "logit",
    level: float = 0.95,
    df: float | str = "domain",
) -> pl.DataFrame:
    """Estimate the share of satisfied answers.

    A blank answer (or one of ``unknown``) has weight zero for that item; no row is dropped before the design is known.

    Args:
        data: one row a respondent (Polars or pandas), or a :class:`Design`, e.g. one with raked weights.
        items: item columns; or a mapping factor → its item columns.
        stratum: see :func:`design`, as are ``population``, ``fpc``, ``weight``, ``cluster`` and ``lonely``.
        population: see :func:`design`.
        fpc: see :func:`design`.
        weight: see :func:`design`.
        cluster: see :func:`design`.
        lonely: see :func:`design`.
        by: groups: a column, several columns (crossed), or several lists of columns. A row with a blank in a ``by``
            column is in no group of it.
        margins: also every smaller set of the ``by`` columns, down to the whole sample.
        convention: index of several items: ``pooled`` or ``mean_of_items`` (of the items that have answers); None: no
            index. With plain ``items`` it gives one line, level ``overall``.
        overall: over the factors: ``mean_of_factors`` (none unless each factor has answers), ``pooled``, ``direct``,
            or None.
        direct: column of the direct question on overall satisfaction; gets a line of its own.
        satisfied: codes counted as satisfied.
        scale: every code an answer may have.
        unknown: codes of "don't know", taken as blank.
        interval: ``logit``, ``wilson``, ``beta``, ``mean``, ``asin``; see :mod:`chiso.survey.intervals`.
        level: confidence level.
        df: degrees of freedom: ``domain`` (primary sampling units minus strata among those who answered), ``group`` (…
            among all rows of the group, R's ``degf`` of the subset), ``design``, or a number (``inf``: normal).

    Returns:
        One row a group and line: the ``by`` columns (null: all), ``domain`` (their names, joined by "*"), ``level``,
        ``code``, ``convention``, ``n`` (respondents), ``n_answers``, ``n_missing`` (the group's respondents without a
        valid answer), ``sum_weights``, ``n_effective`` (Kish: (Σw)² / Σw²), ``share``, ``se``, ``df``, ``ci_low``,
        ``ci_high``, ``interval`` (the method used, ``exact``, ``fixed`` or ``none``), ``deff`` (variance over that of
        a simple random sample of as many, as R's ``deff=TRUE``), ``share_unweighted``. Shares are 0–1.

    Raises:
        SurveyError: whatever :func:`design` refuses; an unknown item; an answer outside the scale; all answers blank.

    Source:
        Binder 1983; Lumley 2010; same numbers as ``svymean``, ``svyratio``, ``svyby``, ``svyciprop`` of R's `survey`.

    Examples:
        >>> import polars as pl
        >>> answers = pl.DataFrame(
        ...     {"district": list("AAAABBBB"), "q1": [5, 4, 2, 4, 5, 3, None, 4], "q2": [4, 4, 1, 5, 2, 3, 4, 5]}
        ... )
        >>> sizes = {"A": 400, "B": 80}
        >>> table = shares(answers, ["q1", "q2"], stratum="district", population=sizes, by="district")
        >>> for row in table.select("district", "code", "n", "share", "df").rows():
        ...     print(row)
        ('A', 'q1', 4, 0.75, 3.0)
        ('A', 'q2', 4, 0.75, 3.0)
        ('A', 'overall', 4, 0.75, 3.0)
        ('B', 'q1', 3, 0.6666666666666666, 2.0)
        ('B', 'q2', 4, 0.5, 3.0)
        ('B', 'overall', 4, 0.5714285714285714, 3.0)
    """
    sample = as_design(data, stratum, population, fpc, weight, cluster, lonely)
    lines, statistics = lines_of(sample, items, convention, overall, direct, satisfied, scale, unknown)
    tables = []
    for grouping in groupings(sample.data, by, margins):
        found = estimate(sample, statistics, grouping)
        groups = grouping.keys.height if grouping.columns else 1
        keys = pl.DataFrame({c: np.repeat(np.arange(groups), len(lines)) for c in ("_g",)})
        keys = keys.select(
            *(grouping.keys[c].gather(keys["_g"]) for c in grouping.columns),
            pl.Series("domain", ["*".join(grouping.columns)] * keys.height, dtype=pl.String),
        )
        tables.append(pl.concat([keys, _figures(sample, lines, found, groups, interval, level, df)], how="horizontal"))
    table = pl.concat(tables, how="diagonal")
    first = by_columns(by)
    return table.select(*first, *(c for c in table.columns if c not in first))


def as_design(
    data: Frame | Design,
    stratum: str | None,
    population: Any,
    fpc: Any,
    weight: str | None,
    cluster: str | None,
    lonely: Lonely,
) -> Design:
    """Return ``data`` if it is a design, else the design that the other arguments describe."""
    if isinstance(data, Design):
        if any(a is not None for a in (stratum, population, fpc, weight, cluster)):
            fail("design_twice")
        return data
    return design(data, stratum=stratum, population=population, fpc=fpc, weight=weight, cluster=cluster, lonely=lonely)


def lines_of(
    sample: Design,
    items: Items,
    convention: str | None = "pooled",
    overall: str | None = "mean_of_factors",
    direct: str | None = None,
    satisfied: Sequence[Code] = (4, 5),
    scale: Sequence[Code] = (1, 2, 3, 4, 5),
    unknown: Sequence[Code] = (),
) -> tuple[list[Line], list[Statistic]]:
    """Return the lines of a table of shares and the statistic behind each."""
    for name, given, known in (
        ("convention", convention, ("pooled", "mean_of_items")),
        ("overall", overall, ("mean_of_factors", "pooled", "direct")),
    ):
        if given is not None and given not in known:
            fail("unknown_choice", name=name, value=given, choices=", ".join(known))
    if isinstance(items, str):
        fail("items_is_text", value=items)
    plain = not isinstance(items, Mapping)
    named = items.items() if isinstance(items, Mapping) else [("overall", items)]
    factors = {str(name): list(group) for name, group in named}
    columns = [c for group in factors.values() for c in group]
    if overall == "direct" and direct is None and not plain:
        fail("no_direct_question")
    if any(not group for group in factors.values()):
        fail("no_items")
    read = read_answers(
        sample.data,
        [*columns, *([direct] if direct and direct not in columns else [])],
        satisfied=satisfied,
        scale=scale,
        unknown=unknown,
    )
    lines = [Line("item", c, None) for c in columns]
    statistics: list[Statistic] = [_pooled([read[c]]) for c in columns]
    if convention and (not plain or len(columns) > 1):
        place = {c: i for i, c in enumerate(columns)}
        for factor, group in factors.items():
            lines.append(Line("overall" if plain else "factor", factor, convention, convention == "pooled"))
            statistics.append(
                _pooled([read[c] for c in group])
                if convention == "pooled"
                else Mean(tuple(place[c] for c in group), all_needed=False)
            )
        if not plain and overall == "pooled":
            lines.append(Line("overall", "overall", overall, True))
            statistics.append(_pooled([read[c] for c in columns]))
        elif not plain and overall == "mean_of_factors":
            lines.append(Line("overall", "overall", overall))
            statistics.append(Mean(tuple(range(len(columns), len(columns) + len(factors))), all_needed=True))
    if direct:
        if overall == "direct" and convention and not plain:
            lines.append(Line("overall", "overall", "direct"))
            statistics.append(_pooled([read[direct]]))
        lines.append(Line("direct", direct, None))
        statistics.append(_pooled([read[direct]]))
    return lines, statistics


def _pooled(answers: Sequence[tuple[np.ndarray, np.ndarray]]) -> Ratio:
    """Satisfied over valid answers of one or several items."""
    y = np.sum([satisfied for satisfied, _ in answers], axis=0, dtype=float)
    d = np.sum([valid for _, valid in answers], axis=0, dtype=float)
    return Ratio(y, d, d > 0)


def degrees(sample: Design, found: Estimates, df: float | str) -> np.ndarray:
    """Return degrees of freedom (k, G) by the rule ``df``; see :func:`shares`."""
    if df == "domain":
        return found.df
    if df == "group":
        return np.array(found.group_df)
    if df == "design":
        return np.full(found.value.shape, float(sample.df))
    if isinstance(df, str) or not df > 0:
        fail("unknown_choice", name="df", value=df, choices="domain, group, design, > 0")
    return np.full(found.value.shape, float(df))


def _figures(
    sample: Design, lines: list[Line], found: Estimates, groups: int, method: Interval, level: float, df: float | str
) -> pl.DataFrame:
    """Rows of one grouping, group by group and line by line."""
    share = np.where(np.abs(found.value - np.round(found.value)) < 1e-12, np.round(found.value), found.value)
    se, degrees_ = np.sqrt(found.variance), degrees(sample, found, df)
    with np.errstate(invalid="ignore", divide="ignore"):
        effective = found.weight**2 / found.weight_squares
        deff = found.variance / found.srs_variance
    counted = np.where(np.array([line.pooled for line in lines])[:, None], found.answers, found.n)
    low, high, used = limits(
        share, se, degrees_, n=counted, n_effective=effective, method=method, level=level, census=found.census
    )

    def column(values: np.ndarray) -> pl.Series:
        return pl.Series(np.asarray(values, dtype=float).T.ravel()).fill_nan(None)

    whole = {
        "n": found.n,
        "n_answers": found.answers,
        "n_missing": found.missing,
    }
    return pl.DataFrame(
        {
            "level": [line.level for line in lines] * groups,
            "code": [line.code for line in lines] * groups,
            "convention": pl.Series([line.convention for line in lines] * groups, dtype=pl.String),
            **{name: column(values).cast(pl.Int64) for name, values in whole.items()},
            "sum_weights": column(found.weight),
            "n_effective": column(effective),
            "share": column(share),
            "se": column(se),
            "df": column(degrees_),
            "ci_low": column(low),
            "ci_high": column(high),
            "interval": used.T.ravel().astype(str).tolist(),
            "deff": column(np.where(np.isfinite(deff), deff, np.nan)),
            "share_unweighted": column(found.unweighted),
        }
    )
