"""Means, totals and ratios of numbers, for any groups: what shares are made of, for any survey variable."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import Any

import numpy as np
import polars as pl

from chiso.survey.design import Design, design
from chiso.survey.domains import By, by_columns, groupings
from chiso.survey.estimates import Ratio, Statistic, estimate
from chiso.survey.frames import Frame, fail, need, numbers, some
from chiso.survey.intervals import t_quantile
from chiso.survey.shares import degrees


def means(
    data: Frame | Design,
    columns: Sequence[str],
    *,
    by: By = None,
    margins: bool = False,
    level: float = 0.95,
    df: float | str = "domain",
    **drawn: Any,
) -> pl.DataFrame:
    """Estimate the mean of each numeric column; a blank has weight zero for its column.

    Args:
        data: one row a respondent (Polars or pandas), or a design.
        columns: numeric columns.
        by: groups, as in :func:`chiso.survey.shares`.
        margins: also the smaller sets of the ``by`` columns.
        level: confidence level of estimate ± t se.
        df: as in :func:`chiso.survey.shares`; ``float("inf")`` gives R's ``confint(svymean())``.
        drawn: how a frame was sampled: ``stratum``, ``population``, ``fpc``, ``weight``, ``cluster``, ``nest``,
            ``lonely`` of :func:`chiso.survey.design`.

    Returns:
        The ``by`` columns, ``domain``, ``variable``, ``n``, ``n_missing``, ``estimate``, ``se``, ``df``, ``ci_low``,
        ``ci_high``, ``deff``; in the column's own unit.

    Raises:
        SurveyError: unknown column, or one without numbers.

    Source:
        Lumley 2010; same numbers as ``svymean(na.rm=TRUE)`` of one variable and ``svyby`` of R's `survey`.

    Examples:
        >>> import polars as pl
        >>> answers = pl.DataFrame({"days": [3.0, 5.0, 4.0, None]})
        >>> means(answers, ["days"], population=100).select("n", "n_missing", "estimate").row(0)
        (3, 1, 4.0)
    """
    sample = _sample(data, drawn)
    return _table(sample, columns, [_known(sample, c, total=False) for c in columns], by, margins, level, df)


def totals(
    data: Frame | Design,
    columns: Sequence[str],
    *,
    by: By = None,
    margins: bool = False,
    level: float = 0.95,
    df: float | str = "domain",
    **drawn: Any,
) -> pl.DataFrame:
    """Estimate the population total of each numeric column; arguments and result as in :func:`means`.

    Source:
        Horvitz–Thompson; ``svytotal`` of R's `survey`.

    Examples:
        >>> import polars as pl
        >>> from chiso.survey import design
        >>> sample = design(pl.DataFrame({"days": [3.0, 5.0, 4.0]}), population=100)
        >>> round(totals(sample, ["days"])["estimate"][0], 6)
        400.0
    """
    sample = _sample(data, drawn)
    return _table(sample, columns, [_known(sample, c, total=True) for c in columns], by, margins, level, df)


def ratio(
    data: Frame | Design,
    numerator: str,
    denominator: str,
    *,
    by: By = None,
    margins: bool = False,
    level: float = 0.95,
    df: float | str = "domain",
    **drawn: Any,
) -> pl.DataFrame:
    """Estimate the ratio of two totals over the rows where both are known; arguments and result as in :func:`means`.

    Source:
        ``svyratio(na.rm=TRUE)`` of R's `survey`.

    Examples:
        >>> import polars as pl
        >>> from chiso.survey import design
        >>> sample = design(pl.DataFrame({"late": [1, 0, 3], "cases": [10, 20, 20]}), population=100)
        >>> round(ratio(sample, "late", "cases")["estimate"][0], 6)
        0.08
    """
    sample = _sample(data, drawn)
    y, d = numbers(sample.data, numerator), numbers(sample.data, denominator)
    valid = ~(np.isnan(y) | np.isnan(d))
    statistic = Ratio(np.where(valid, y, 0.0), np.where(valid, d, 0.0), valid)
    return _table(sample, [f"{numerator}/{denominator}"], [statistic], by, margins, level, df)


def _sample(data: Frame | Design, drawn: dict[str, Any]) -> Design:
    """Return ``data`` if it is a design, else the design that the settings describe."""
    if isinstance(data, Design):
        if drawn:
            fail("design_twice")
        return data
    if unknown := sorted(set(drawn) - set(signature(design).parameters)):
        fail("unknown_setting", names=some(unknown))
    return design(data, **drawn)


def _known(sample: Design, column: str, total: bool) -> Ratio:
    values = numbers(sample.data, column)
    valid = ~np.isnan(values)
    return Ratio(np.where(valid, values, 0.0), valid.astype(float), valid, total)


def _table(
    sample: Design,
    names: Sequence[str],
    statistics: Sequence[Statistic],
    by: By,
    margins: bool,
    level: float,
    df: float | str,
) -> pl.DataFrame:
    if not statistics:
        fail("no_items")
    if not 0 < level < 1:
        fail("level_outside", value=level)
    first = by_columns(by)
    need(sample.data, first)
    tables = []
    for grouping in groupings(sample.data, by, margins):
        found = estimate(sample, statistics, grouping)
        groups = found.value.shape[1]
        of = np.repeat(np.arange(groups), len(names))
        se, free = np.sqrt(found.variance), degrees(sample, found, df)
        half = t_quantile(free, level) * se
        with np.errstate(invalid="ignore", divide="ignore"):
            deff = found.variance / found.srs_variance
        figures = {
            "estimate": found.value,
            "se": se,
            "df": free,
            "ci_low": found.value - half,
            "ci_high": found.value + half,
            "deff": np.where(np.isfinite(deff), deff, np.nan),
        }
        tables.append(
            pl.DataFrame(
                [grouping.keys[c].gather(of) for c in grouping.columns]
                + [
                    pl.Series("domain", ["*".join(grouping.columns)] * of.size, dtype=pl.String),
                    pl.Series("variable", list(names) * groups, dtype=pl.String),
                    pl.Series("n", found.n.T.ravel()).cast(pl.Int64),
                    pl.Series("n_missing", found.missing.T.ravel()).cast(pl.Int64),
                ]
                + [pl.Series(name, values.T.ravel()).fill_nan(None) for name, values in figures.items()]
            )
        )
    table = pl.concat(tables, how="diagonal")
    return table.select(*first, *(c for c in table.columns if c not in first))
