"""What indexes tell of a period: both indices, and how many indicators stand how."""

from __future__ import annotations

from typing import Any

import polars as pl

from chiso.indicators import Results
from chiso.indicators.results import of_unit
from chiso.indicators.views import Sources
from chiso.reporting.privacy import published
from chiso.runs.plan import Plan
from chiso.scoring import scores
from chiso.sources import Dataset

STATUSES = ("met", "not_met", "at_risk", "pending", "no_data")


def headline(plan: Plan, dataset: Dataset, results: Results) -> dict[str, Any]:
    """Return what indexes tell of a period: both indices, and how many indicators stand how, in all and by component.

    Withheld figures are not in it.
    """
    shown = published(results.indicators, Sources(dataset, plan.catalogue, plan.timeframe))
    shown = shown.filter(of_unit(plan.request.unit))
    sipas = shown.filter(pl.col("indicator") == "sipas").to_dicts()
    attained = scores(results.indicators, plan.catalogue).filter(
        of_unit(plan.request.unit) & (pl.col("level") == "total") & (pl.col("code") == "B")
    )
    judged = [i.id for i in plan.catalogue.indicators if i.target is not None and i.judged]
    counted = shown.filter(pl.col("indicator").is_in(judged))
    return {
        "sipas": sipas[0]["value"] if sipas else None,
        "sipas_status": ("withheld" if sipas[0]["withheld"] else sipas[0]["status"]) if sipas else None,
        "par": attained["points"][0] if attained.height else None,
        "statuses": _counts(counted),
        "components": {
            str(c): _counts(rows) for (c,), rows in sorted(counted.partition_by("component", as_dict=True).items())
        },
    }


def _counts(figures: pl.DataFrame) -> dict[str, int]:
    """Return how many figures stand how, those alone that stand so."""
    return {s: n for s in STATUSES if (n := figures.filter(pl.col("status") == s).height)}
