"""Ratios of totals and means of them, for every group of a grouping, with their linearised variances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from chiso.survey.design import Design
from chiso.survey.domains import Grouping
from chiso.survey.frames import fail
from chiso.survey.variance import average_factor, covariance, lonely_strata, psu_totals, scale, steps

_MOST = 100_000_000  # numbers held at once for a covariance: 0.8 GB


@dataclass(frozen=True)
class Ratio:
    """Σ w y / Σ w d. A mean has d = 1 where y is known; ``d`` zero: the row has no part in it.

    Attributes:
        y: numerator of each row (n), zero where blank.
        d: denominator of each row (n), zero where blank.
        valid: rows that have a part in it (n).
        total: estimate Σ w y itself.
    """

    y: np.ndarray
    d: np.ndarray
    valid: np.ndarray
    total: bool = False


@dataclass(frozen=True)
class Mean:
    """Plain mean of other estimates.

    Attributes:
        of: their places in the list.
        all_needed: no value where one of them has none; else the mean of those that have one.
    """

    of: tuple[int, ...]
    all_needed: bool


Statistic = Ratio | Mean


@dataclass(frozen=True)
class Estimates:
    """Figures of k statistics in G groups; each array is (k, G).

    Attributes:
        value: weighted estimate; NaN where nobody answered.
        variance: of ``value``.
        n: rows with a part in it.
        answers: plain Σ d.
        missing: rows of the group without a part in it.
        weight: sum of weights over the n rows.
        weight_squares: sum of squared weights over the n rows.
        unweighted: the same estimate with every weight 1.
        df: primary sampling units minus strata, counted over the n rows.
        group_df: the same, counted over all rows of the group.
        srs_variance: variance of a simple random sample of the same n, finite-population correction included.
        census: whether every stratum with a part in it was sampled whole.
    """

    value: np.ndarray
    variance: np.ndarray
    n: np.ndarray
    answers: np.ndarray
    missing: np.ndarray
    weight: np.ndarray
    weight_squares: np.ndarray
    unweighted: np.ndarray
    df: np.ndarray
    group_df: np.ndarray
    srs_variance: np.ndarray
    census: np.ndarray


class _Cells:
    """Rows sorted by group, stratum and primary sampling unit; sums at each level."""

    def __init__(self, sample: Design, grouping: Grouping):
        rows = np.flatnonzero(grouping.group >= 0)
        group, stratum, psu = grouping.group[rows], sample.stratum[rows], sample.psu[rows]
        strata = len(sample.strata)
        key = group * strata + stratum
        order = np.lexsort((psu, key)) if sample.clustered else np.argsort(key, kind="stable")
        self.rows = rows[order]
        self.row_group = group[order]
        self.group_start = np.flatnonzero(np.diff(self.row_group, prepend=-1))
        key, psu = key[order], psu[order]
        new_unit = np.ones(key.size, dtype=bool)
        if sample.clustered and key.size:
            new_unit[1:] = (key[1:] != key[:-1]) | (psu[1:] != psu[:-1])
        self.unit_start = np.flatnonzero(new_unit)
        unit_key = key[self.unit_start]
        new_cell = np.ones(unit_key.size, dtype=bool)
        new_cell[1:] = unit_key[1:] != unit_key[:-1]
        self.cell_start = np.flatnonzero(new_cell)
        self.unit_cell = np.cumsum(new_cell) - 1
        self.cell_units = np.bincount(self.unit_cell, minlength=self.cell_start.size)
        cell_key = unit_key[self.cell_start]
        self.cell_group, self.cell_stratum = np.divmod(cell_key, strata)
        self.groups = grouping.keys.height if grouping.columns else 1
        self.single = self.unit_start.size == key.size

    def units(self, x: np.ndarray) -> np.ndarray:
        """Sum sorted rows by unit."""
        return x if self.single else np.add.reduceat(x, self.unit_start)

    def cells(self, x: np.ndarray) -> np.ndarray:
        """Sum units by cell (group and stratum)."""
        return np.add.reduceat(x, self.cell_start) if x.size else np.zeros(0)

    def sums(self, x: np.ndarray) -> np.ndarray:
        """Sum cells by group."""
        return np.bincount(self.cell_group, x, self.groups)

    def rows_sum(self, x: np.ndarray) -> np.ndarray:
        """Sum sorted rows by group."""
        return np.add.reduceat(x, self.group_start, dtype=float) if x.size else np.zeros(self.groups)


def estimate(sample: Design, statistics: Sequence[Statistic], grouping: Grouping) -> Estimates:
    """Estimate each of k statistics in each of G groups.

    The whole design is kept: rows outside a group and blank answers have weight zero, they are not dropped.
    """
    return _estimate(sample, statistics, grouping)[0]


def influences(
    sample: Design, statistics: Sequence[Statistic], grouping: Grouping, wanted: Sequence[int]
) -> tuple[Estimates, Iterator[tuple[int, np.ndarray, np.ndarray]]]:
    """Return the estimates and, for each of the ``wanted`` statistics in turn, what its full covariance is made of.

    Returns:
        the estimates (k, G); and one by one (place of the statistic, influence of every row on it in each group (G, n),
        rows with a part in it (G, n)).
    """
    found, cells, z, valid = _estimate(sample, statistics, grouping)
    shape = (cells.groups, sample.n)
    if np.prod(shape) > _MOST:
        fail("too_many_to_compare", groups=cells.groups, rows=sample.n)

    def each() -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        for j in wanted:
            full, part = np.zeros(shape), np.zeros(shape, dtype=bool)
            full[cells.row_group, cells.rows] = z[j]
            part[cells.row_group, cells.rows] = valid[j]
            yield j, full, part

    return found, each()


def _estimate(
    sample: Design, statistics: Sequence[Statistic], grouping: Grouping
) -> tuple[Estimates, _Cells, np.ndarray, np.ndarray]:
    cells = _Cells(sample, grouping)
    w = sample.weights[cells.rows]
    k, groups = len(statistics), cells.groups
    shape = (k, groups)
    value, unweighted, answers = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape)
    z = np.zeros((k, cells.rows.size))
    valid = np.zeros((k, cells.rows.size), dtype=bool)
    for j, statistic in enumerate(statistics):
        if isinstance(statistic, Ratio):
            y, d = statistic.y[cells.rows], statistic.d[cells.rows]
            valid[j] = statistic.valid[cells.rows]
            answers[j] = cells.rows_sum(d)
            some = cells.rows_sum(valid[j]) > 0
            wy, wd = cells.rows_sum(w * y), cells.rows_sum(w * d)
            if statistic.total:
                value[j] = np.where(some, wy, np.nan)
                unweighted[j] = np.where(some, cells.rows_sum(y), np.nan)
                z[j] = w * y
                continue
            with np.errstate(invalid="ignore", divide="ignore"):
                value[j] = wy / wd
                unweighted[j] = cells.rows_sum(y) / answers[j]
            at, below = np.nan_to_num(value[j]), np.where(wd != 0, wd, 1.0)
            z[j] = w * (y - at[cells.row_group] * d) / below[cells.row_group]
        else:
            of = list(statistic.of)
            known = ~np.isnan(value[of])
            share = known / np.maximum(known.sum(axis=0), 1)
            usable = known.all(axis=0) if statistic.all_needed else known.any(axis=0)
            for child, part in zip(of, share, strict=True):
                z[j] += z[child] * part[cells.row_group]
                valid[j] |= valid[child]
            answers[j] = answers[of].sum(axis=0)
            value[j] = np.where(usable, (np.nan_to_num(value[of]) * share).sum(axis=0), np.nan)
            unweighted[j] = np.where(usable, (np.nan_to_num(unweighted[of]) * share).sum(axis=0), np.nan)
    return _figures(sample, cells, z, valid, value, unweighted, answers), cells, z, valid


def _figures(
    sample: Design,
    cells: _Cells,
    z: np.ndarray,
    valid: np.ndarray,
    value: np.ndarray,
    unweighted: np.ndarray,
    answers: np.ndarray,
) -> Estimates:
    shape, w = value.shape, sample.weights[cells.rows]
    inverse = 1 / w
    n, weight, squares, srs = (np.zeros(shape) for _ in range(4))
    df, variance, census = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool)
    whole = sample.uncorrected[cells.cell_stratum] > 1e-7
    for j in range(shape[0]):
        n[j] = cells.rows_sum(valid[j])
        weight[j] = cells.rows_sum(w * valid[j])
        squares[j] = cells.rows_sum(w * w * valid[j])
        units = cells.units(valid[j].astype(float)) > 0
        present = cells.cells(units.astype(float))
        df[j] = cells.sums(present) - cells.sums(present > 0)
        census[j] = (n[j] > 0) & (cells.sums((present > 0) & whole) == 0)
        variance[j] = np.nan if sample.calibrations else _variance(sample, cells, z[j], present > 0)
        squared = cells.rows_sum(z[j] ** 2 * inverse) - cells.rows_sum(z[j]) ** 2 / np.maximum(weight[j], 1e-300)
        rest = np.where(weight[j] > n[j], weight[j] - n[j], np.nan)
        srs[j] = squared * rest / np.where(n[j] > 1, n[j] - 1, np.nan)
    if sample.calibrations:
        plain = sample.lonely not in ("adjust", "average") or not lonely_strata(sample).any()
        variance = _fitted_variance(sample, cells, z) if plain else _dense_variance(sample, cells, z)
    everyone = cells.sums(cells.cell_units.astype(float)) - cells.sums(np.ones(cells.cell_units.size))
    size = cells.rows_sum(np.ones(cells.rows.size))
    return Estimates(
        value=value,
        variance=np.where(np.isnan(value), np.nan, variance),
        n=n,
        answers=answers,
        missing=size - n,
        weight=weight,
        weight_squares=squares,
        unweighted=unweighted,
        df=df,
        group_df=np.broadcast_to(everyone, shape),
        srs_variance=srs,
        census=census,
    )


def _variance(sample: Design, cells: _Cells, z: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Variance by group from sorted influences; units without a row in the group count as zeros."""
    sampled = sample.psu_count[cells.cell_stratum]
    unit = cells.units(z)
    mean = cells.cells(unit) / sampled
    lonely = lonely_strata(sample)[cells.cell_stratum]
    if lonely.any() and sample.lonely == "adjust":
        everywhere = cells.rows_sum(z) / np.maximum(cells.sums(sampled * present), 1)
        mean = np.where(lonely, everywhere[cells.cell_group] * present, mean)
    inside = cells.cells((unit - mean[cells.unit_cell]) ** 2)
    spread = inside + (sampled - cells.cell_units) * mean**2
    found = cells.sums(scale(sample)[cells.cell_stratum] * spread)
    if lonely.any() and sample.lonely == "average":
        found = found * average_factor(cells.sums(present), cells.sums(present & ~lonely))
    return found


def _fitted_variance(sample: Design, cells: _Cells, z: np.ndarray) -> np.ndarray:
    """Variance by group (k, G) of weights fitted to margins.

    What the margins explain of an influence is spread over all rows, not the group's alone. It is Q a, with one column
    of Q for each cell of a margin; so the variance of z - Q a, a quadratic form with matrix M, is
    z'Mz - 2 a'Q'Mz + a'Q'MQ a, and only sums by group and cell are needed.
    """
    order = steps(sample)
    margins = list({step.margin: step for step in order}.values())
    starts = np.cumsum([0, *(m.total.size for m in margins)])
    q = np.zeros((starts[-1], sample.n))
    for m, start in zip(margins, starts[:-1], strict=True):
        q[start + m.cell, np.arange(sample.n)] = m.after
    units = psu_totals(sample, q)
    means = np.stack([np.bincount(sample.psu_stratum, row, len(sample.strata)) for row in units]) / sample.psu_count
    mq = (units - means[:, sample.psu_stratum]) * scale(sample)[sample.psu_stratum]
    qmq = mq @ units.T
    rows = cells.rows
    mq_rows = mq[:, sample.psu[rows]]
    crossed = [
        np.stack([np.bincount(m.cell, row * m.base / m.after, m.total.size) for row in q], axis=1) for m in margins
    ]
    found = np.zeros((z.shape[0], cells.groups))
    for j, influence in enumerate(z):
        sums = [
            np.bincount(
                cells.row_group * m.total.size + m.cell[rows],
                influence * (m.base / m.after)[rows],
                cells.groups * m.total.size,
            ).reshape(cells.groups, -1)
            for m in margins
        ]
        a = np.zeros((cells.groups, q.shape[0]))
        for step in order:
            here = slice(starts[step.margin], starts[step.margin + 1])
            a[:, here] += (sums[step.margin] - a @ crossed[step.margin].T) / step.total
        qmz = np.stack([cells.rows_sum(influence * row) for row in mq_rows], axis=1)
        plain = _variance(sample, cells, influence, np.ones(cells.cell_group.size, dtype=bool))
        value = plain - 2 * (a * qmz).sum(axis=1) + np.einsum("gi,ij,gj->g", a, qmq, a)
        found[j] = np.where(value > 1e-12 * plain, value, 0.0)  # a margin's own share is known: rounding is left
    return found


def _dense_variance(sample: Design, cells: _Cells, z: np.ndarray) -> np.ndarray:
    """The same group by group with every row written out: slower, and right for every rule for lonely strata."""
    found = np.zeros((z.shape[0], cells.groups))
    for g in range(cells.groups):
        full = np.zeros((z.shape[0], sample.n))
        full[:, cells.rows] = z * (cells.row_group == g)
        found[:, g] = np.diag(covariance(sample, full))
    return found
