"""Variance of estimates by Taylor linearisation, the whole design kept.

An estimate is a total of *influences*: z_i, already weighted. For a ratio of totals R = Σwy / Σwd they are
w (y - R d) / Σwd; rows outside the domain, and blank answers, have influence zero. The variance of such a total under
one-stage sampling is Σ_h f_h n_h/(n_h - 1) Σ_i (z_hi - z̄_h)² over primary sampling units i (Särndal, Swensson and
Wretman 1992, ch. 3 and 5; Binder 1983; ``svyrecvar`` of R's `survey` gives the same numbers).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chiso.survey.design import Design
from chiso.survey.frames import fail, some

_RAKING_ROUNDS = 10  # as often as R's svyrecvar projects a raked design's influences on its margins


@dataclass(frozen=True)
class Step:
    """One margin that influences are cleared of.

    Attributes:
        margin: its place among the design's margins.
        cell: cell of each row (n).
        after: weights that influences are divided by (n).
        base: weights of the cell means (n).
        total: sum of ``base`` in each cell.
    """

    margin: int
    cell: np.ndarray
    after: np.ndarray
    base: np.ndarray
    total: np.ndarray


def steps(sample: Design) -> list[Step]:
    """Return the margins in the order in which influences are cleared of them, repeated for raking."""
    found: list[Step] = []
    first = 0
    for calibration in sample.calibrations:
        raking = calibration.kind == "raking"
        once = []
        for i, (cell, after, before) in enumerate(calibration.margins, start=first):
            base = np.ones_like(after) if raking else before
            once.append(Step(i, cell, after, base, np.bincount(cell, base)))
        first += len(once)
        found += once * (_RAKING_ROUNDS if raking else 1)
    return found


def residuals(sample: Design, z: np.ndarray) -> np.ndarray:
    """Return influences (k, n) less what the margins explain to which the weights were fitted.

    Post-stratification: less the post-stratum's mean, weighted by the weights before. Raking: the plain means of each
    margin in turn, ten rounds (both as R's `survey` does).
    """
    for step in steps(sample):
        y = z / step.after * step.base
        means = np.stack([np.bincount(step.cell, row, step.total.size) for row in y]) / step.total
        z = z - means[:, step.cell] * step.after
    return z


def scale(sample: Design) -> np.ndarray:
    """Return f_h n_h / (n_h - 1) of each stratum (H); lonely strata by the design's rule.

    Raises:
        SurveyError: a stratum with one sampled unit under the rule ``fail``.
    """
    n, f = sample.psu_count, sample.uncorrected
    lonely = lonely_strata(sample)
    if lonely.any() and sample.lonely == "fail" and sample.n == 1:
        fail("one_respondent")
    if lonely.any() and sample.lonely == "fail":
        fail("lonely_stratum", strata=some(np.array(sample.strata)[lonely]))
    single = 1.0 if sample.lonely == "adjust" else 0.0
    return f * np.where(n > 1, n / np.maximum(n - 1, 1), single)


def lonely_strata(sample: Design) -> np.ndarray:
    """Return which strata (H) have one sampled unit that is not the whole stratum."""
    return (sample.psu_count == 1) & (sample.uncorrected > 1e-7)


def psu_totals(sample: Design, z: np.ndarray) -> np.ndarray:
    """Return influences (k, n) summed by primary sampling unit (k, m)."""
    if not sample.clustered:
        return z[:, np.argsort(sample.psu)] if (sample.psu != np.arange(sample.n)).any() else z
    return np.stack([np.bincount(sample.psu, row, sample.psu_stratum.size) for row in z])


def covariance(sample: Design, z: np.ndarray, present: np.ndarray | None = None) -> np.ndarray:
    """Return the covariance (k, k) of estimates with influences ``z`` (k, n).

    Args:
        sample: the design.
        z: weighted influences, zero for rows outside an estimate's domain.
        present: which rows belong to any of the domains (n); only the rules ``adjust`` and ``average`` for lonely
            strata look at it. Default: all.
    """
    totals = psu_totals(sample, residuals(sample, np.atleast_2d(z)))
    strata = sample.psu_stratum
    here = np.ones(len(sample.strata), dtype=bool)
    if present is not None and not sample.calibrations:
        here = np.bincount(sample.stratum[present], minlength=here.size) > 0
    means = np.stack([np.bincount(strata, row, here.size) for row in totals]) / sample.psu_count
    lonely = lonely_strata(sample)
    if lonely.any() and sample.lonely == "adjust":
        means[:, lonely] = (totals.sum(axis=1) / sample.psu_count[here].sum())[:, None]
    centred = (totals - means[:, strata]) * np.sqrt((scale(sample) * here)[strata])
    found = centred @ centred.T
    if lonely.any() and sample.lonely == "average":
        found = found * average_factor(here.sum(), (here & ~lonely).sum())
    return found


def average_factor(strata: np.ndarray | int, usable: np.ndarray | int) -> np.ndarray:
    """Return by what the variance of the usable strata is raised to stand for all; NaN where none is usable."""
    usable = np.asarray(usable, dtype=float)
    return np.asarray(strata) / np.where(usable > 0, usable, np.nan)
