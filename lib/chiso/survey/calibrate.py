"""Weights fitted to known population figures: raking, post-stratification; weights trimmed; each with its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from chiso.survey.design import Calibration, Design
from chiso.survey.frames import codes, fail, need, numbers, rows_of, some, to_polars

Margins = Mapping[str, Mapping[Any, float]] | Sequence[pl.DataFrame]


@dataclass(frozen=True)
class Fitted:
    """Weights after fitting or trimming, and what that did.

    Attributes:
        design: the same sample with the new weights; its standard errors take the fitting into account.
        converged: whether the margins were met within the tolerance (raking).
        iterations: rounds over all margins.
        largest_gap: largest distance between a fitted and a known population figure.
        margins: one row a cell: ``margin``, ``value``, ``n``, ``population``, ``before``, ``after`` (sums of weights);
            empty for trimming.
        weights: two rows, ``before`` and ``after``: ``smallest``, ``largest``, ``sum``, ``n_effective`` (Kish:
            (Σw)² / Σw²), ``deff_weights`` (n / n_effective), ``changed`` (weights that differ from before).
    """

    design: Design
    converged: bool
    iterations: int
    largest_gap: float
    margins: pl.DataFrame
    weights: pl.DataFrame


@dataclass(frozen=True)
class _Margin:
    name: str
    labels: tuple[str, ...]
    cell: np.ndarray
    population: np.ndarray


def rake(
    sample: Design,
    margins: Margins,
    *,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
    allow_unconverged: bool = False,
) -> Fitted:
    """Fit weights to several known margins in turn until the fitted margins no longer move.

    Args:
        sample: the design.
        margins: column → (value → population figure); or frames with the margin's columns and ``population``.
        tolerance: largest change of a fitted margin cell in one round; below 1 a fraction of the sum of weights, else a
            number of units. R's default, loose, is ``tolerance=1, max_iterations=10``.
        max_iterations: rounds at most.
        allow_unconverged: give back weights that did not settle, with ``converged`` false, instead of failing.

    Raises:
        SurveyError: a blank or unknown value, a value without population or without respondents, margins with different
            sums, no convergence.

    Source:
        Deming and Stephan 1940; steps, stopping rule and variance as ``rake()`` of R's `survey`.

    Examples:
        >>> import polars as pl
        >>> from chiso.survey import design
        >>> people = pl.DataFrame({"sex": ["f", "f", "f", "m"], "age": ["18", "60", "18", "60"]})
        >>> fitted = rake(design(people, population=100), {"sex": {"f": 52, "m": 48}, "age": {"18": 40, "60": 60}})
        >>> fitted.design.weights.round(6).tolist(), fitted.converged
        ([20.0, 12.0, 20.0, 48.0], True)
    """
    read = _read(sample, margins)
    sums = [m.population.sum() for m in read]
    if max(sums) - min(sums) > 1e-6 * max(sums):
        fail("margins_disagree", sums=some(f"{m.name}: {s:g}" for m, s in zip(read, sums, strict=True)))
    weights = sample.weights
    limit = tolerance * weights.sum() if tolerance < 1 else tolerance
    old = [np.bincount(m.cell, weights) for m in read]
    converged, iterations = False, 0
    steps: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    while iterations < max_iterations and not converged:
        steps = []
        for m in read:
            before = weights
            weights = weights * (m.population / np.bincount(m.cell, weights))[m.cell]
            steps.append((m.cell, weights, before))
        new = [np.bincount(m.cell, weights) for m in read]
        converged = bool(max(np.abs(a - b).max() for a, b in zip(new, old, strict=True)) < limit)
        old = new
        iterations += 1
    if not converged and not allow_unconverged:
        gap = max(float(np.abs(np.bincount(m.cell, weights) - m.population).max()) for m in read)
        fail("raking_unconverged", rounds=max_iterations, gap=f"{gap:g}")
    fitted = sample.with_weights(weights, Calibration("raking", tuple(steps)))
    return _report(sample, fitted, read, converged, iterations)


def post_stratify(sample: Design, margin: Mapping[str, Mapping[Any, float]] | pl.DataFrame) -> Fitted:
    """Fit weights to the known figures of one margin (or one cross-classification).

    Args:
        sample: the design.
        margin: one column → (value → population figure); or a frame with the margin's columns and ``population``.

    Raises:
        SurveyError: as :func:`rake`.

    Source:
        Holt and Smith 1979; weights and variance as ``postStratify()`` of R's `survey`.

    Examples:
        >>> import polars as pl
        >>> from chiso.survey import design
        >>> people = pl.DataFrame({"sex": ["f", "f", "f", "m"]})
        >>> fitted = post_stratify(design(people, population=100), {"sex": {"f": 51, "m": 49}})
        >>> fitted.design.weights.tolist()
        [17.0, 17.0, 17.0, 49.0]
    """
    read = _read(sample, [margin] if isinstance(margin, pl.DataFrame) else margin)
    if len(read) != 1:
        fail("one_margin")
    m = read[0]
    weights = sample.weights * (m.population / np.bincount(m.cell, sample.weights))[m.cell]
    step = Calibration("post_stratification", ((m.cell, weights, sample.weights),))
    return _report(sample, sample.with_weights(weights, step), read, True, 1)


def trim_weights(
    sample: Design, *, upper: float = np.inf, lower: float = 0.0, strict: bool = False, max_iterations: int = 1000
) -> Fitted:
    """Cut weights to ``lower`` … ``upper`` and spread what was cut evenly over the others; the sum stays.

    Args:
        sample: the design.
        upper: largest weight allowed.
        lower: smallest weight allowed.
        strict: repeat until no weight is outside (spreading may push others out); weights once cut take no more.
        max_iterations: rounds at most.

    Raises:
        SurveyError: bounds that no weights with this sum can meet.

    Source:
        ``trimWeights()`` of R's `survey`.

    Examples:
        >>> import polars as pl
        >>> from chiso.survey import design
        >>> sample = design(pl.DataFrame({"w": [1.0, 2.0, 9.0]}), weight="w")
        >>> trim_weights(sample, upper=6).design.weights.tolist()
        [2.5, 3.5, 6.0]
    """
    weights = sample.weights
    if lower > upper or upper * weights.size < weights.sum() or lower * weights.size > weights.sum():
        fail("trim_impossible", lower=f"{lower:g}", upper=f"{upper:g}", mean=f"{weights.mean():g}")
    cut = np.zeros(weights.size, dtype=bool)
    rounds = 0
    while (outside := (weights < lower) | (weights > upper)).any() and rounds < max_iterations:
        kept = np.clip(weights, lower, upper)
        takes = ~outside & ~cut
        if not takes.any():
            fail("trim_impossible", lower=f"{lower:g}", upper=f"{upper:g}", mean=f"{weights.mean():g}")
        kept[takes] += (weights - kept).sum() / takes.sum()
        weights, cut, rounds = kept, cut | outside, rounds + 1
        if not strict:
            break
    return _report(sample, sample.with_weights(weights), [], not (strict and bool(outside.any())), rounds)


def _read(sample: Design, margins: Margins) -> list[_Margin]:
    if isinstance(margins, Mapping):
        found = [
            (c, pl.DataFrame({c: list(v), "population": [float(x) for x in v.values()]})) for c, v in margins.items()
        ]
    else:
        frames = [to_polars(m) for m in margins]
        found = [("*".join(c for c in m.columns if c != "population"), m) for m in frames]
    if not found:
        fail("no_margins")
    return [_margin(sample, name, frame) for name, frame in found]


def _margin(sample: Design, name: str, frame: pl.DataFrame) -> _Margin:
    need(frame, ["population"])
    columns = [c for c in frame.columns if c != "population"]
    need(sample.data, columns)
    labels = pl.concat_str([pl.col(c).cast(pl.String) for c in columns], separator=" × ")
    known = frame.select(label=labels, population=pl.Series(numbers(frame, "population"))).sort("label")
    cell, values = codes(sample.data.select(label=labels), "label")
    if (cell < 0).any():
        fail("blank", column=name, rows=rows_of(cell < 0))
    if known["label"].is_duplicated().any():
        fail("margin_twice", margin=name, values=some(known["label"].filter(known["label"].is_duplicated()).unique()))
    if not (known["population"].fill_nan(0) > 0).all():
        fail("margin_not_positive", margin=name, values=some(known.filter(~(pl.col("population") > 0))["label"]))
    if missing := sorted(set(values) - set(known["label"])):
        fail("margin_without_population", margin=name, values=some(missing))
    if absent := sorted(set(known["label"]) - set(values)):
        fail("margin_without_respondents", margin=name, values=some(absent))
    return _Margin(name, tuple(values), cell, known["population"].to_numpy())


def _report(before: Design, after: Design, margins: Sequence[_Margin], converged: bool, iterations: int) -> Fitted:
    rows = [
        pl.DataFrame(
            {
                "margin": [m.name] * len(m.labels),
                "value": list(m.labels),
                "n": np.bincount(m.cell),
                "population": m.population,
                "before": np.bincount(m.cell, before.weights),
                "after": np.bincount(m.cell, after.weights),
            }
        )
        for m in margins
    ]
    table = pl.concat(rows) if rows else pl.DataFrame(schema={"margin": pl.String, "value": pl.String, "n": pl.Int64})
    gap = float((table["after"] - table["population"]).abs().max()) if rows else 0.0  # type: ignore[arg-type]
    weights = pl.DataFrame([_weights("before", before, before), _weights("after", after, before)])
    return Fitted(after, converged, iterations, gap, table, weights)


def _weights(which: str, sample: Design, before: Design) -> dict[str, object]:
    w = sample.weights
    effective = float(w.sum() ** 2 / (w**2).sum())
    return {
        "which": which,
        "smallest": float(w.min()),
        "largest": float(w.max()),
        "sum": float(w.sum()),
        "n_effective": effective,
        "deff_weights": w.size / effective,
        "changed": int((np.abs(w / before.weights - 1) > 1e-12).sum()),
    }
