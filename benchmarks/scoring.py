"""Monte Carlo of a composite score against the plain NumPy arithmetic of one draw, as many times.

    python benchmarks/scoring.py [--draws 10000] [--units 50] [--indicators 80]

Plain arithmetic of one draw: noise on the weights of indicators and groups, weighted means of the groups, their
weighted mean, ranks; in vectorised NumPy, without missing values. The library does that for all draws, with checks,
ties, missing values and the statistics table. Times are the best of several runs; memory is the peak that Python and
NumPy allocate during the library's run, beside the result's own arrays.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable

import numpy as np

from chiso.scoring.aggregation import Composite, Goalposts, MinMax, Node, Tree
from chiso.scoring.uncertainty import Methods, Normalisations, SurveyError, ThresholdNoise, WeightNoise, monte_carlo

GROUPS = 8


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--units", type=int, default=50)
    parser.add_argument("--indicators", type=int, default=80)
    asked = parser.parse_args()
    values = np.random.default_rng(1).random((asked.units, asked.indicators))
    composite = _composite(values)
    with_gaps = _composite(np.where(np.random.default_rng(2).random(values.shape) < 0.05, np.nan, values))
    plain = _best(lambda: _plain(values, 1000), 5) / 1000 * asked.draws
    print(f"{asked.draws:,} draws of {asked.units} bodies x {asked.indicators} indicators in {GROUPS} groups")
    print(f"{'plain NumPy, one draw x draws':44} {plain:7.3f} s")
    posts = Goalposts((0.0,) * asked.indicators, (1.0,) * asked.indicators, 1, 100)
    means = (Normalisations((MinMax(1, 100), posts)), Methods(("arithmetic", "geometric", "harmonic")))
    error = SurveyError(np.full(values.shape, 0.01), 0, 1)
    for name, chosen, inputs in (
        ("weights", composite, (WeightNoise(0.25),)),
        ("weights, 5 % of values missing", with_gaps, (WeightNoise(0.25),)),
        ("weights, normalisation, mean", composite, (WeightNoise(0.25), *means)),
        ("weights, thresholds, survey error", composite, (WeightNoise(0.25), ThresholdNoise(0.1), error, *means)),
    ):
        taken = _best(lambda c=chosen, i=inputs: monte_carlo(c, i, asked.draws).table(), 3)
        peak = _peak(lambda c=chosen, i=inputs: monte_carlo(c, i, asked.draws))
        print(f"{name:44} {taken:7.3f} s   ratio {taken / plain:6.2f}   peak {peak:5.0f} MB")


def _composite(values: np.ndarray) -> Composite:
    units, indicators = values.shape
    nodes = [Node(f"i{i}", f"g{i % GROUPS}") for i in range(indicators)]
    tree = Tree.of([*nodes, *(Node(f"g{g}", "all") for g in range(GROUPS)), Node("all", None)])
    return Composite(tuple(f"u{i}" for i in range(units)), tree, values, np.ones(indicators))


def _plain(values: np.ndarray, draws: int) -> np.ndarray:
    """One draw after the other, as a script would write it."""
    units, indicators = values.shape
    generator = np.random.default_rng(1)
    group = np.arange(indicators) % GROUPS
    member = (group[:, None] == np.arange(GROUPS)).astype(float)
    scaled = (values - values.min(axis=0)) / (values.max(axis=0) - values.min(axis=0)) * 100
    found = np.empty((draws, units))
    for draw in range(draws):
        weights = 1 + 0.25 * (2 * generator.random(indicators) - 1)
        above = 1 + 0.25 * (2 * generator.random(GROUPS) - 1)
        groups = (scaled * weights) @ member / (weights @ member)
        found[draw] = np.argsort(np.argsort(-(groups @ above) / above.sum())) + 1
    return found


def _best(work: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def _peak(work: Callable[[], object]) -> float:
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


if __name__ == "__main__":
    main()
