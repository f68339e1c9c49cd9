"""B.III.9 – the service-quality index "766", as far as the department's own data can tell.

Its criteria, maxima, thresholds and ratings are in the catalogue. A criterion's source is another indicator, or one of
the two shares that stand here because no indicator measures them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.measure import Definition, Measure, Part, PointsIndex, done_by, in_period, indicator, share
from chiso.worktime import Timeframe


@indicator
def index(t: Timeframe) -> PointsIndex:
    """Points earned over points assessable, on 0-100."""
    return PointsIndex()


def progress(t: Timeframe) -> Measure:
    """Cases finished in P on time or open in time, with at most one supplement request (criterion 2.1)."""
    finished, due = pl.col("finished_at"), pl.col("due_at")
    counted = (in_period("finished_at", t) | finished.is_null()) & due.is_not_null()
    in_time = pl.when(finished.is_null()).then(due >= t.as_of).otherwise(done_by("finished_at", "due_at"))
    return share("cases", counted, in_time & (pl.col("supplement_requests") <= 1))


def online_full(t: Timeframe) -> Measure:
    """Cases of fully online procedures that were filed online."""
    rows = in_period("received_at", t) & (pl.col("online_level") == "full")
    return share("cases_with_procedure", rows, pl.col("channel") == "online")


OWN: Mapping[str, Callable[[Timeframe], Measure]] = {"progress": progress, "online_full": online_full}


def parts(catalogue: Catalogue, definitions: Mapping[str, Definition], t: Timeframe) -> dict[str, Part]:
    """The criteria that can be assessed, by code.

    Raises:
        KeyError: a criterion's source is neither an indicator of the catalogue nor one of :data:`OWN`.
    """
    found = {}
    for criterion in catalogue.service_quality.criteria:
        if criterion.source is None:
            continue
        measure = OWN[criterion.source](t) if criterion.source in OWN else definitions[criterion.source]
        assert isinstance(measure, Measure), criterion.source
        found[criterion.code] = Part(measure, criterion.max_points, criterion.full_from or 1.0)
    return found
