"""Shares of several groups estimated together: what differences and ranks are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chiso.survey.design import Design
from chiso.survey.domains import By, Grouping, groupings
from chiso.survey.estimates import Statistic, influences
from chiso.survey.frames import Frame, fail, some
from chiso.survey.intervals import clopper_pearson, t_quantile
from chiso.survey.shares import Items, Line, as_design, lines_of
from chiso.survey.variance import covariance

_DRAWN = ("stratum", "population", "fpc", "weight", "cluster")
_ANSWERS = ("convention", "overall", "direct", "satisfied", "scale", "unknown")


@dataclass(frozen=True)
class Joint:
    """Shares of one line in several groups, with their full covariance.

    Attributes:
        level: level of the line.
        code: its code.
        groups: names of the groups (G).
        share: shares, NaN where nobody answered (G).
        covariance: covariance of the shares (G, G).
        n: respondents of each group who gave an answer that counts (G).
        units: primary sampling units with such a respondent (G, m); None where each respondent is one.
        strata: strata with such a respondent (G, H).
        recovered: variance recovered for a share of 0 or 1, else zero (G).
        sample: the design.
    """

    level: str
    code: str
    groups: tuple[str, ...]
    share: np.ndarray
    covariance: np.ndarray
    n: np.ndarray
    units: np.ndarray | None
    strata: np.ndarray
    recovered: np.ndarray
    sample: Design

    def df(self, *which: int) -> float:
        """Primary sampling units minus strata among those who answered in any of the groups ``which``."""
        groups = list(which)
        units = self.n[groups].sum() if self.units is None else self.units[groups].any(axis=0).sum()
        return float(units - self.strata[groups].any(axis=0).sum())

    def difference(self, first: int, second: int) -> tuple[float, float, float]:
        """Return share of ``second`` less share of ``first``, its variance, and the variance recovered besides."""
        v = self.covariance
        variance = v[first, first] + v[second, second] - 2 * v[first, second]
        return self.share[second] - self.share[first], variance, self.recovered[first] + self.recovered[second]


@dataclass(frozen=True)
class Question:
    """What is to be estimated for the groups: a sample, its lines, and which of them are wanted."""

    sample: Design
    lines: Sequence[Line]
    statistics: Sequence[Statistic]
    wanted: Sequence[int]
    level: float

    def ask(self, grouping: Grouping) -> list[Joint]:
        """Estimate every wanted line in the groups of one grouping."""
        sample = self.sample
        found, each = influences(sample, self.statistics, grouping, self.wanted)
        names = tuple(" · ".join(str(v) for v in row) for row in grouping.keys.rows()) or ("",)
        result = []
        for j, z, answered in each:
            share, variance = found.value[j], covariance(sample, z, np.asarray(answered.any(axis=0)))
            variance[:, np.isnan(share)] = variance[np.isnan(share)] = np.nan
            with np.errstate(invalid="ignore", divide="ignore"):
                effective = found.weight[j] ** 2 / found.weight_squares[j]
            edge = ((share < 1e-12) | (share > 1 - 1e-12)) & ~found.census[j] & (found.df[j] > 0)
            low, high = clopper_pearson(np.round(share), effective, self.level)
            recovered = np.where(edge, ((high - low) / t_quantile(found.df[j], self.level)) ** 2, 0.0)
            units = _present(sample.psu, answered, sample.psu_stratum.size) if sample.clustered else None
            strata = _present(sample.stratum, answered, len(sample.strata))
            n, line = answered.sum(axis=1), self.lines[j]
            result.append(Joint(line.level, line.code, names, share, variance, n, units, strata, recovered, sample))
        return result


def question(data: Frame | Design, items: Items, code: str | None, level: float, settings: dict[str, Any]) -> Question:
    """Read the answers once; see :func:`joint_shares` for the arguments."""
    if not 0 < level < 1:
        fail("level_outside", value=level)
    if unknown := sorted(set(settings) - {*_DRAWN, *_ANSWERS, "lonely"}):
        fail("unknown_setting", names=some(unknown))
    drawn = {name: settings.get(name) for name in _DRAWN}
    sample = as_design(data, **drawn, lonely=settings.get("lonely", "fail"))
    lines, statistics = lines_of(sample, items, **{k: v for k, v in settings.items() if k in _ANSWERS})
    wanted = list(range(len(lines)))
    if code is not None:
        single = [line.level if line.level in ("overall", "direct") else None for line in lines]
        wanted = [j for j, line in enumerate(lines) if code in (line.code, single[j])][:1]
        if not wanted:
            fail("line_unknown", code=code, known=some(dict.fromkeys(line.code for line in lines)))
    return Question(sample, lines, statistics, wanted, level)


def joint_shares(
    data: Frame | Design, items: Items, by: By, *, code: str | None = None, level: float = 0.95, **settings: Any
) -> list[Joint]:
    """Estimate shares of the groups of one grouping together, with covariances between groups.

    Args:
        data: one row a respondent, or a design.
        items: as in :func:`chiso.survey.shares`.
        by: the columns that make the groups (crossed).
        code: only the line with this code, or of the level ``overall`` or ``direct``; default all.
        level: confidence level of the exact interval behind a recovered variance.
        settings: any of the design and answer settings of :func:`chiso.survey.shares`.

    Returns:
        The shares of each line.

    Examples:
        >>> import polars as pl
        >>> people = pl.DataFrame({"team": [1, 1, 2, 2], "sex": ["f", "m", "f", "m"], "q1": [5, 5, 1, 1]})
        >>> (joint,) = joint_shares(people, ["q1"], "sex", cluster="team")
        >>> joint.share.tolist(), joint.covariance.round(6).tolist()
        ([0.5, 0.5], [[0.25, 0.25], [0.25, 0.25]])
    """
    asked = question(data, items, code, level, settings)
    found = groupings(asked.sample.data, by, margins=False)
    if len(found) != 1:
        fail("one_grouping")
    return asked.ask(found[0])


def _present(label: np.ndarray, answered: np.ndarray, size: int) -> np.ndarray:
    """Which of ``size`` labels occur among the rows of each group (G, size)."""
    return np.stack([np.bincount(label[rows], minlength=size) > 0 for rows in answered])
