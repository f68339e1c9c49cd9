"""Sobol indices: how much of a result's variance each uncertain input explains, alone and with the others.

Design of Saltelli (2002, Computer Physics Communications 145); first order after Saltelli et al. (2010, ibid. 181),
total after Jansen (1999, ibid. 117), as in COINr. Both are exactly zero for an input that changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Indices(NamedTuple):
    """Indices of K inputs for results of any shape (...): ``first`` and ``total`` (K, ...), ``variance`` (...).

    ``first_low`` … ``total_high``: 5 % and 95 % of a bootstrap over the sample; NaN without bootstrap.
    """

    names: tuple[str, ...]
    first: Floats
    total: Floats
    variance: Floats
    first_low: Floats
    first_high: Floats
    total_low: Floats
    total_high: Floats


def sobol_indices(
    function: Callable[[Floats], Floats],
    inputs: Mapping[str, int],
    samples: int = 1024,
    seed: int = 1,
    bootstrap: int = 0,
) -> Indices:
    """Estimate first-order and total indices.

    Args:
        function: results of uniform numbers: (n, d) in [0, 1) to (n,) or (n, ...).
        inputs: K names, each with how many of the d columns are its own (an input of several is taken as a whole).
        samples: base sample, a power of two; the function is called on samples × (K + 2) rows.
        seed: of the scrambled Sobol sequence.
        bootstrap: how often the sample is redrawn for the intervals.

    >>> found = sobol_indices(lambda u: u[:, 0] + 0 * u[:, 1], {"a": 1, "b": 1})
    >>> found.first.round(2).tolist(), found.total.round(2).tolist()
    ([1.0, 0.0], [1.0, 0.0])
    """
    if samples < 2 or samples & (samples - 1):
        raise ValueError("samples must be a power of two")
    width = sum(inputs.values())
    generator = np.random.default_rng(seed)
    # The sequence is tabulated up to so many columns; beyond them plain random numbers do.
    sobol = scipy.stats.qmc.Sobol
    sequence = 2 * width <= sobol.MAXDIM
    base = sobol(2 * width, rng=generator).random(samples) if sequence else generator.random((samples, 2 * width))
    first_sample, second_sample = base[:, :width], base[:, width:]
    one = np.asarray(function(first_sample), dtype=float)
    two = np.asarray(function(second_sample), dtype=float)
    mixed, start = [], 0
    for columns in inputs.values():
        sample = first_sample.copy()
        sample[:, start : start + columns] = second_sample[:, start : start + columns]
        mixed.append(np.asarray(function(sample), dtype=float))
        start += columns
    together = np.stack(mixed)
    first, total, variance = _estimate(one, two, together)
    nothing = np.full(first.shape, np.nan)
    bounds = (nothing,) * 4
    if bootstrap:
        generator = np.random.default_rng(seed)
        redrawn = [generator.integers(0, samples, samples) for _ in range(bootstrap)]
        found = [_estimate(one[rows], two[rows], together[:, rows])[:2] for rows in redrawn]
        low_high = np.quantile(np.array(found), (0.05, 0.95), axis=0)
        bounds = (low_high[0, 0], low_high[1, 0], low_high[0, 1], low_high[1, 1])
    return Indices(tuple(inputs), first, total, variance, *bounds)


def _estimate(one: Floats, two: Floats, mixed: Floats) -> tuple[Floats, Floats, Floats]:
    both = np.concatenate([one, two])
    variance, mean = both.var(axis=0, ddof=1), both.mean(axis=0)
    gain = ((two - mean) * (mixed - one)).mean(axis=1)
    spread = ((mixed - one) ** 2).mean(axis=1) / 2
    # A result that differs by its last binary digits only does not vary: there is nothing to explain.
    varies = np.broadcast_to(variance > (1e-12 * np.abs(both).max(axis=0)) ** 2, gain.shape)
    first = np.divide(gain, variance, out=np.zeros(gain.shape), where=varies)
    return first, np.divide(spread, variance, out=np.zeros(gain.shape), where=varies), variance
