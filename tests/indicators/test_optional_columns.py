"""What the contract calls optional is a column that no measure reads."""

from chiso.catalogue import load_catalogue
from chiso.indicators import service_quality
from chiso.indicators.case_balance import NEEDS, NEEDS_FOR_FIELDS
from chiso.indicators.engine import Measure, define
from chiso.indicators.views import VIEWS
from chiso.sources import load_contract
from chiso.worktime import Period, Timeframe


def test_no_measure_reads_an_optional_column():
    timeframe, catalogue = Timeframe(Period.parse("2024-Q4")), load_catalogue(2024)
    definitions = {i.id: define(i.function, timeframe, i.arguments) for i in catalogue.indicators}
    parts = service_quality.parts(catalogue, definitions, timeframe)
    measures = [d for d in definitions.values() if isinstance(d, Measure)] + [part.measure for part in parts.values()]
    read = {*NEEDS_FOR_FIELDS, *(("cases", column) for column in NEEDS), ("survey_responses", "answered_on")}
    for measure in measures:
        view = VIEWS[measure.view]
        read |= {origin for column in measure.uses for origin in view.origins(column)} | set(view.keys)
    optional = {(name, c.name) for name, table in load_contract().items() for c in table.columns if c.optional}
    required = {(name, c.name) for name, table in load_contract().items() for c in table.columns if c.required}
    assert len(read) > 40 and ("units", "active_to") in optional
    assert optional.isdisjoint(read) and optional.isdisjoint(required)
