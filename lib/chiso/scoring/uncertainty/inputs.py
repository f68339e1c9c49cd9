"""What may be uncertain in a composite: each input turns uniform numbers into draws of one assumption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import scipy
from numpy.typing import NDArray

from chiso.scoring.aggregation import Composite, Method, Normalisation

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass
class Draws:
    """Assumptions of D draws; None where all draws take the composite's own.

    ``weights`` (D, N); ``normalisation`` and ``method`` (D,) places in the alternatives; ``factors`` (D, 1, L) of the
    thresholds; ``errors`` (D, U, L) added to the values.
    """

    size: int
    weights: Floats | None = None
    normalisations: tuple[Normalisation, ...] = ()
    normalisation: Whole | None = None
    methods: tuple[Method | Mapping[str, Method], ...] = ()
    method: Whole | None = None
    factors: Floats | None = None
    errors: Floats | None = None


class Input(Protocol):
    """An uncertain assumption; with ``by_draw`` the normalised values differ by draw."""

    by_draw: ClassVar[bool]

    @property
    def name(self) -> str:
        """Name in tables; of its own among the inputs of a run."""

    def width(self, composite: Composite) -> int:
        """Return how many uniform numbers a draw needs."""

    def fill(self, composite: Composite, uniform: Floats, draws: Draws) -> None:
        """Turn uniform numbers (D, width) into draws."""


@dataclass(frozen=True)
class WeightNoise:
    """Each weight uniformly within ± ``share`` of itself, independently; groups are re-scaled to their sum.

    As COINr's ``get_noisy_weights``. ``share`` for all nodes but the root, or by level (1 = indicators).

    >>> WeightNoise(0.25).name
    'weights'
    """

    by_draw: ClassVar[bool] = False
    share: float | Mapping[int, float]
    name: str = "weights"

    def width(self, composite: Composite) -> int:
        """One number a weight that moves."""
        return int((self._shares(composite) > 0).sum())

    def fill(self, composite: Composite, uniform: Floats, draws: Draws) -> None:
        """Draw weights; several inputs of this kind (one a level) may follow each other."""
        shares = self._shares(composite)
        moved = np.flatnonzero(shares)
        if draws.weights is None:
            draws.weights = np.tile(composite.tree.weights, (draws.size, 1))
        draws.weights[:, moved] *= 1 + (2 * uniform - 1) * shares[moved]

    def _shares(self, composite: Composite) -> Floats:
        levels = composite.tree.levels
        if not isinstance(self.share, Mapping):
            shares = np.full(len(levels), float(self.share))
        else:
            shares = np.array([float(self.share.get(level, 0.0)) for level in levels])
        if shares.max() >= 1:
            raise ValueError("a weight that moves by its whole size or more may become negative")
        shares[-1] = 0.0
        return shares


@dataclass(frozen=True)
class Normalisations:
    """One of several normalisations, each as likely."""

    by_draw: ClassVar[bool] = False
    alternatives: tuple[Normalisation, ...]
    name: str = "normalisation"

    def width(self, composite: Composite) -> int:
        """One number."""
        return 1

    def fill(self, composite: Composite, uniform: Floats, draws: Draws) -> None:
        """Draw normalisations."""
        draws.normalisations = self.alternatives
        draws.normalisation = _choice(uniform, len(self.alternatives))


@dataclass(frozen=True)
class Methods:
    """One of several means, each as likely."""

    by_draw: ClassVar[bool] = False
    alternatives: tuple[Method | Mapping[str, Method], ...]
    name: str = "aggregation"

    def width(self, composite: Composite) -> int:
        """One number."""
        return 1

    def fill(self, composite: Composite, uniform: Floats, draws: Draws) -> None:
        """Draw means."""
        draws.methods = self.alternatives
        draws.method = _choice(uniform, len(self.alternatives))


@dataclass(frozen=True)
class ThresholdNoise:
    """Thresholds (goalposts; targets, floors, steps of scorecard rules) of each indicator uniformly ± ``share``."""

    by_draw: ClassVar[bool] = True
    share: float
    name: str = "thresholds"

    def width(self, composite: Composite) -> int:
        """One number an indicator."""
        return composite.tree.leaves

    def fill(self, composite: Composite, uniform: Floats, draws: Draws) -> None:
        """Draw factors of the thresholds."""
        if not 0 <= self.share < 1:
            raise ValueError("thresholds may move by less than their whole size")
        draws.factors = 1 + (2 * uniform[:, None, :] - 1) * self.share


@dataclass(frozen=True, eq=False)
class SurveyError:
    """Sampling error of values that were estimated from a survey: normal, cut at the limits of the scale.

    Attributes:
        standard_error: (U, L) in the values' own units; 0 where a value is no estimate.
        lowest, highest: limits of the values (0 and 1 for shares).
    """

    by_draw: ClassVar[bool] = True
    standard_error: Floats
    lowest: float = -np.inf
    highest: float = np.inf
    name: str = "survey"

    def width(self, composite: Composite) -> int:
        """One number an estimate."""
        return int((self.standard_error > 0).sum())

    def fill(self, composite: Composite, uniform: Floats, draws: Draws) -> None:
        """Draw errors."""
        estimated = self.standard_error > 0
        errors = np.zeros((draws.size, *self.standard_error.shape))
        normal = scipy.special.ndtri(np.clip(uniform, 1e-12, 1 - 1e-12))
        drawn = composite.values[estimated] + normal * self.standard_error[estimated]
        errors[:, estimated] = np.clip(drawn, self.lowest, self.highest) - composite.values[estimated]
        draws.errors = errors


def _choice(uniform: Floats, alternatives: int) -> Whole:
    return np.minimum((uniform[:, 0] * alternatives).astype(np.int64), alternatives - 1)


def widths(composite: Composite, inputs: tuple[Input, ...]) -> dict[str, int]:
    """Return how many uniform numbers each input needs, by name.

    Raises:
        ValueError: two inputs of the same name.
    """
    found = {item.name: item.width(composite) for item in inputs}
    if len(found) != len(inputs):
        raise ValueError(f"inputs of the same name: {[item.name for item in inputs]}")
    return found


def make_draws(composite: Composite, inputs: tuple[Input, ...], uniform: Floats) -> Draws:
    """Turn uniform numbers (D, sum of widths) into draws of all inputs."""
    draws, start = Draws(len(uniform)), 0
    for item in inputs:
        end = start + item.width(composite)
        item.fill(composite, uniform[:, start:end], draws)
        start = end
    return draws


def evaluate(composite: Composite, draws: Draws) -> Floats:
    """Return the root's score in each draw, shape (D, U)."""
    scores = np.empty((draws.size, len(composite.units)))
    zeros = np.zeros(draws.size, dtype=np.int64)
    normal = zeros if draws.normalisation is None else draws.normalisation
    mean = zeros if draws.method is None else draws.method
    for n, normalisation in enumerate(draws.normalisations or (composite.normalisation,)):
        for m, method in enumerate(draws.methods or (composite.method,)):
            rows = np.flatnonzero((normal == n) & (mean == m))
            if not rows.size:
                continue
            values: Any = composite.values if draws.errors is None else composite.values + draws.errors[rows]
            factors: Any = 1.0 if draws.factors is None else draws.factors[rows]
            scaled = normalisation(values, composite.directions, factors)
            weights = composite.tree.weights if draws.weights is None else draws.weights[rows]
            scores[rows] = composite.fold(scaled, weights, method)[-1]
    return scores
