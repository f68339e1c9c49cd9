"""Sampling designs: simple random, stratified, clusters in one stage; weights and finite populations.

The arguments mean what those of ``svydesign`` of R's `survey` mean (Lumley, *Complex Surveys*, 2010, ch. 2–3).
A design keeps every sampled row: an estimate for a part of the sample gives the others weight zero, so that their
strata and clusters still count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, Literal

import numpy as np
import polars as pl

from chiso.survey.frames import Frame, codes, fail, need, numbers, rows_of, some, to_polars

Lonely = Literal["fail", "remove", "certainty", "adjust", "average"]
LONELY = ("fail", "remove", "certainty", "adjust", "average")


@dataclass(frozen=True)
class Calibration:
    """Margins to which weights were fitted in one step, for the variance.

    Attributes:
        kind: ``raking`` or ``post_stratification``.
        margins: per margin: cell of each row (n), weights after the margin was fitted (n), weights before (n).
    """

    kind: str
    margins: tuple[tuple[np.ndarray, np.ndarray, np.ndarray], ...]


@dataclass(frozen=True)
class Design:
    """A sample and how it was drawn. Build it with :func:`design`.

    Attributes:
        data: the sampled rows (n).
        weights: sampling weight of each row (n), all positive.
        stratum: stratum of each row (n), 0 … H-1.
        psu: primary sampling unit of each row (n), 0 … m-1.
        psu_stratum: stratum of each primary sampling unit (m).
        psu_count: primary sampling units sampled in each stratum (H).
        psu_population: those in the population (H); infinite where sampled with replacement.
        strata: names of the strata (H).
        lonely: rule for a stratum with one sampled unit.
        calibrations: how the weights were fitted to margins, in order.
    """

    data: pl.DataFrame
    weights: np.ndarray
    stratum: np.ndarray
    psu: np.ndarray
    psu_stratum: np.ndarray
    psu_count: np.ndarray
    psu_population: np.ndarray
    strata: tuple[str, ...]
    lonely: Lonely = "fail"
    calibrations: tuple[Calibration, ...] = ()

    @property
    def n(self) -> int:
        """Sampled rows."""
        return self.weights.size

    @property
    def clustered(self) -> bool:
        """Whether a primary sampling unit may have several rows."""
        return self.psu_stratum.size != self.n

    @property
    def df(self) -> int:
        """Degrees of freedom of the whole design: primary sampling units minus strata."""
        return self.psu_stratum.size - len(self.strata)

    @property
    def uncorrected(self) -> np.ndarray:
        """Share of each stratum that was not sampled (H), the finite-population correction: 1 - n / N."""
        return 1 - self.psu_count / self.psu_population

    def with_weights(self, weights: np.ndarray, calibration: Calibration | None = None) -> Design:
        """Return the same sample with other weights."""
        added = (calibration,) if calibration else ()
        return replace(self, weights=weights, calibrations=self.calibrations + added)


def design(
    frame: Frame,
    *,
    stratum: str | None = None,
    population: str | float | Mapping[Any, float] | pl.DataFrame | None = None,
    fpc: str | float | Mapping[Any, float] | None = None,
    weight: str | None = None,
    cluster: str | None = None,
    nest: bool = False,
    lonely: Lonely = "fail",
) -> Design:
    """Describe how the rows of ``frame`` were sampled.

    Args:
        frame: one row a respondent (Polars or pandas).
        stratum: column of the stratum; none: one stratum.
        population: how many units (people, or clusters where ``cluster`` is given) each stratum has: a column, one
            number, a mapping stratum → number, or a frame with the columns ``stratum`` and ``population``. Gives the
            finite-population correction and, where there is no ``weight``, weights N_h / n_h.
        fpc: the same as R's ``fpc=``: population sizes as above, or sampling fractions (all at most 1).
        weight: column of sampling weights. With neither population nor fpc: sampling with replacement.
        cluster: column of the primary sampling unit (one stage; R's ``ids=``).
        nest: cluster names may repeat in other strata.
        lonely: rule for a stratum with one sampled unit that is not the whole stratum: ``fail``; ``remove`` or
            ``certainty`` (adds nothing to the variance); ``adjust`` (centred at the mean of all units); ``average``
            (the mean variance of the other strata). The names and effects are those of ``survey.lonely.psu`` in R.

    Returns:
        The design; with no weight, population or fpc every weight is 1.

    Raises:
        SurveyError: an unknown column, a blank stratum, cluster, weight or population, a weight that is not positive, a
            stratum without population, a population smaller than the sample, a cluster in two strata.

    Examples:
        >>> import polars as pl
        >>> answers = pl.DataFrame({"district": ["A", "A", "A", "B", "B"], "q1": [5, 4, 2, 5, 3]})
        >>> sample = design(answers, stratum="district", population={"A": 90, "B": 40})
        >>> sample.weights.tolist(), sample.df
        ([30.0, 30.0, 30.0, 20.0, 20.0], 3)
    """
    data = to_polars(frame)
    if lonely not in LONELY:
        fail("unknown_choice", name="lonely", value=lonely, choices=", ".join(LONELY))
    if population is not None and fpc is not None:
        fail("population_and_fpc")
    labels, strata = _strata(data, stratum)
    psu, psu_stratum = _clusters(data, cluster, labels, nest)
    counts = np.bincount(psu_stratum, minlength=strata.len())
    sizes = _sizes(data, population if population is not None else fpc, stratum, labels, strata)
    if sizes is None:
        sizes = np.full(strata.len(), np.inf)
    elif fpc is not None and (sizes <= 1).all():
        if (sizes <= 0).any():
            fail("population_not_positive", strata=some(strata.filter(sizes <= 0)))
        sizes = counts / sizes
    elif fpc is not None and (sizes < 1).any():
        fail("fpc_mixed")
    if (short := sizes < counts * (1 - 1e-12)).any():
        h = int(np.flatnonzero(short)[0])
        fail("population_too_small", stratum=strata[h], population=f"{sizes[h]:g}", sample=int(counts[h]))
    if weight is not None:
        weights = _weights(data, weight)
    elif np.isfinite(sizes).all():
        weights = (sizes / counts)[labels]
    else:
        weights = np.ones(data.height)
    names = tuple(str(s) for s in strata)
    return Design(data, weights, labels, psu, psu_stratum, counts, sizes, names, lonely)


def _strata(data: pl.DataFrame, stratum: str | None) -> tuple[np.ndarray, pl.Series]:
    if stratum is None:
        return np.zeros(data.height, dtype=np.int64), pl.Series([""])
    need(data, [stratum])
    labels, strata = codes(data, stratum)
    if (labels < 0).any():
        fail("blank", column=stratum, rows=rows_of(labels < 0))
    return labels, strata


def _clusters(data: pl.DataFrame, cluster: str | None, labels: np.ndarray, nest: bool) -> tuple[np.ndarray, np.ndarray]:
    if cluster is None:
        return np.arange(data.height), labels
    need(data, [cluster])
    psu, names = codes(data, cluster)
    if (psu < 0).any():
        fail("blank", column=cluster, rows=rows_of(psu < 0))
    if nest:
        _, first, psu = np.unique(labels * names.len() + psu, return_index=True, return_inverse=True)
        return psu, labels[first]
    _, first = np.unique(psu, return_index=True)
    if (split := labels != labels[first][psu]).any():
        fail("cluster_in_two_strata", cluster=names[int(psu[split][0])], rows=rows_of(split))
    return psu, labels[first]


def _weights(data: pl.DataFrame, weight: str) -> np.ndarray:
    weights = numbers(data, weight)
    if np.isnan(weights).any():
        fail("blank", column=weight, rows=rows_of(np.isnan(weights)))
    if (weights <= 0).any():
        bad = weights <= 0
        fail("weight_not_positive", column=weight, value=f"{weights[bad][0]:g}", rows=rows_of(bad))
    return weights


def _sizes(
    data: pl.DataFrame, given: object, stratum: str | None, labels: np.ndarray, strata: pl.Series
) -> np.ndarray | None:
    """Population (or fraction) of each stratum (H)."""
    if given is None:
        return None
    if isinstance(given, str):
        values = numbers(data, given)
        if np.isnan(values).any():
            fail("blank", column=given, rows=rows_of(np.isnan(values)))
        first = np.unique(labels, return_index=True)[1]
        sizes = values[first]
        if (differs := values != sizes[labels]).any():
            fail("population_varies", column=given, stratum=strata[int(labels[differs][0])], rows=rows_of(differs))
    elif isinstance(given, Real):
        sizes = np.full(strata.len(), float(given))
        if stratum is not None and strata.len() > 1 and float(given) > 1:
            fail("population_single", column=stratum)
    else:
        sizes = _sizes_by_name(given, stratum, strata)
    if not (np.isfinite(sizes) & (sizes > 0)).all():
        fail("population_not_positive", strata=some(strata.filter(~(sizes > 0))))
    return sizes


def _sizes_by_name(given: object, stratum: str | None, strata: pl.Series) -> np.ndarray:
    if isinstance(given, Mapping):
        table = {str(k): float(v) for k, v in given.items()}
    else:
        frame = to_polars(given)
        key = "stratum" if stratum is None or stratum not in frame.columns else stratum
        need(frame, [key, "population"])
        if frame[key].is_duplicated().any():
            fail("stratum_twice", strata=some(frame[key].filter(frame[key].is_duplicated()).unique().sort()))
        table = dict(zip((str(k) for k in frame[key]), numbers(frame, "population").tolist(), strict=True))
    missing = [s for s in strata if str(s) not in table]
    if missing:
        fail("stratum_without_population", strata=some(missing))
    return np.array([table[str(s)] for s in strata])
