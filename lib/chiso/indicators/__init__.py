"""Every indicator as a pure function: a timeframe in, expressions over a prepared frame out."""

from chiso.indicators import (  # noqa: F401  (importing a component registers its functions)
    access,
    civil_service,
    deliverables,
    digital_government,
    direction,
    feedback,
    organisation,
    procedure,
    procedures,
    public_finance,
    result,
    satisfaction,
    service_quality,
    staff,
)
from chiso.indicators.engine import compute
from chiso.indicators.measure import registry
from chiso.indicators.results import Results

__all__ = ["Results", "compute", "registry"]
