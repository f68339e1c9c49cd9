"""The service-quality index "766" as a scorecard, in the portal's six groups or the decision's five.

Criteria, maxima and thresholds are the catalogue's; the figures are those of indicator B.III.9
(:mod:`chiso.indicators.service_quality`). What systems outside the department tell does not apply until entered.
"""

from __future__ import annotations

import tomllib
from typing import Literal

import polars as pl

from chiso.catalogue import Catalogue
from chiso.scoring.scorecard.card_file import own_file
from chiso.scoring.scorecard.criterion import Criterion
from chiso.scoring.scorecard.model import Rating, Scorecard
from chiso.scoring.scorecard.values import NOT_APPLICABLE, Values

CODE = "766"


def service_quality_card(catalogue: Catalogue, groups: Literal[5, 6] = 6) -> Scorecard:
    """Return the index as a scorecard.

    Raises:
        ValueError: a criterion of the catalogue is in no group or in two (a defect of the package's data).
    """
    quality = catalogue.service_quality
    content = own_file("service_quality_groups").read_text(encoding="utf-8")
    grouping = next(g for g in tomllib.loads(content)["groups"] if g["count"] == groups)
    area_of = {code: str(at) for at, codes in enumerate(grouping["codes"], 1) for code in codes}
    if sorted(area_of) != sorted(c.code for c in quality.criteria) or sum(map(len, grouping["codes"])) != len(area_of):
        raise ValueError("groups of the service-quality index do not hold each of its criteria once")
    ordered = sorted(quality.criteria, key=lambda c: int(area_of[c.code]))
    return Scorecard(
        CODE,
        catalogue.indicator("B.III.9").name,
        tuple(
            Criterion(
                code=c.code,
                name=c.name,
                max_points=c.max_points,
                rule="proportional",
                target=c.full_from or 1.0,
                indicator=c.source,
                legal_basis=quality.legal_basis,
                verified=quality.verified,
            )
            for c in ordered
        ),
        tuple(area_of[c.code] for c in ordered),
        names=tuple((str(at), name) for at, name in enumerate(grouping["names"], 1)),
        ratings=tuple(Rating(r.start, r.name) for r in quality.ratings),
        legal_basis=quality.legal_basis,
        verified=quality.verified,
    )


def service_quality_values(card: Scorecard, parts: pl.DataFrame, period: str, department: str) -> Values:
    """Return the figures of a run as values of the scorecard.

    Args:
        card: of :func:`service_quality_card`.
        parts: table ``points`` of the results (unit_code, code, share).
        period: label of the run's period.
        department: label of the whole department (``unit_code`` null).
    """
    rows = parts.select(pl.col("unit_code").fill_null(department), "code", "share")
    units = (department, *sorted(set(rows["unit_code"]) - {department}))
    values = Values.empty((period,), units, card.codes)
    values.status[:] = NOT_APPLICABLE
    known = {(period, unit, code): share for unit, code, share in rows.iter_rows() if share is not None}
    return values.changed(known)
