"""Whether tables, columns and calendar that a figure needs are there; what is not is noted."""

from __future__ import annotations

from typing import Literal

from chiso.indicators.case_balance import NEEDS, NEEDS_FOR_FIELDS
from chiso.indicators.measure import Measure
from chiso.indicators.notes import Notes
from chiso.indicators.views import VIEWS, Sources, recent
from chiso.sources import Dataset, load_contract
from chiso.worktime import CalendarError, WorkCalendar


def computable(sources: Sources, key: str, measure: Measure, notes: Notes) -> bool:
    """Return whether a measure can be computed; notes at its indicator what it lacks."""
    dataset, view = sources.dataset, VIEWS[measure.view]
    indicator = key.partition("/")[0]
    missing = [t for t in (view.table, *view.others) if not dataset.accepted(t)]
    for table in missing:
        notes.add(indicator, "missing_table", "warning", table=table)
    if missing:
        return False
    origins = {origin for column in measure.uses for origin in view.origins(column)} | set(view.keys)
    own_date = load_contract()[view.table].own_date
    if own_date:  # without it no row is known to have existed on the as-of day
        origins.add((view.table, own_date.name))
    absent = sorted(o for o in origins if o[1] not in dataset.columns(o[0]))
    for table, column in absent:
        notes.add(indicator, "missing_column", "warning", table=table, column=column)
    if absent:
        return False
    if measure.working_days:
        deadline = measure.working_days
        rows = sources.as_of(view.table).filter(deadline.among)
        days = rows.select(recent(deadline.column, sources.timeframe)).collect()[deadline.column]
        try:
            WorkCalendar.load().require(days, deadline.days)
        except CalendarError as error:
            notes.add(indicator, "calendar", "error", message=str(error))
            return False
    return True


def balance_split(dataset: Dataset, notes: Notes) -> Literal["field", "unit"] | None:
    """Return how far the case balance can be split: by field and unit, by unit only, or None: not at all."""
    if not dataset.accepted("cases"):
        notes.add("case_balance", "missing_table", "warning", table="cases")
        return None
    absent = [("cases", column) for column in NEEDS if column not in dataset.columns("cases")]
    no_fields = [(table, column) for table, column in NEEDS_FOR_FIELDS if column not in dataset.columns(table)]
    for table, column in absent + no_fields:
        if not dataset.accepted(table):
            notes.add("case_balance", "missing_table", "warning", table=table)
        else:
            notes.add("case_balance", "missing_column", "warning", table=table, column=column)
    if absent:
        return None
    return "unit" if no_fields or not dataset.accepted("procedures") else "field"
