"""What a figure could not use and why, told once each."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from chiso.indicators.measure import Measure
from chiso.indicators.recording import touched
from chiso.indicators.results import NOTES_SCHEMA
from chiso.indicators.views import VIEWS
from chiso.messages import text
from chiso.sources import load_contract


class Notes:
    """The notes of one computation, in the order in which they were found."""

    def __init__(self) -> None:
        self._found: list[dict[str, object]] = []

    def add(self, indicator: str, reason: str, severity: str = "info", **values: object) -> None:
        """Note a reason (a message ``indicators.note_<reason>``) at an indicator; ``values`` fill the message."""
        table, column = str(values.get("table", "")), str(values.get("column", ""))
        names = {"table": table, "column": column}
        if table:
            contract = load_contract()[table]
            names["table"] = contract.label
            if column:
                names["column"] = contract.column(column).label
        message = text(f"indicators.note_{reason}", **(values | names))
        found = {
            "indicator": indicator,
            "severity": severity,
            "reason": reason,
            "table": table or None,
            "column": column or None,
            "rows": values.get("rows"),
            "message": message,
        }
        self._append(found)

    def extend(self, notes: pl.DataFrame) -> None:
        """Add notes made elsewhere (columns: :data:`NOTES_SCHEMA`)."""
        for found in notes.iter_rows(named=True):
            self._append(found)

    def _append(self, found: dict[str, object]) -> None:
        if found not in self._found:  # the parts of an index may lack the same table
            self._found.append(found)

    def gap(self, gap: Mapping[str, object], measures: Mapping[str, Measure]) -> None:
        """Note a column that is not recorded any more at each indicator that rests on it."""
        table, column = str(gap["table"]), str(gap["column"])
        unit = text("indicators.all_units") if gap["unit_code"] is None else str(gap["unit_code"])
        since = f"{gap['since']:%m/%Y}"
        rests = {key.partition("/")[0] for key, measure in measures.items() if touched(measure, table, column)}
        for indicator in sorted(rests):
            self.add(indicator, "stopped", rows=gap["rows"], table=table, column=column, unit=unit, since=since)

    def left_out(self, key: str, measure: Measure, whole: Mapping[str, float]) -> None:
        """Note the rows that left a measure or had a blank in it; ``whole``: aggregated over all rows of the view."""
        table = VIEWS[measure.view].table
        for name, rows in whole.items():
            parts = name.split("|")
            if parts[0] != key or len(parts) < 3 or not rows:
                continue
            if parts[1] == "left_out":
                self.add(key, parts[2], rows=int(rows), table=table)
            else:
                origin, column = VIEWS[measure.view].origins(parts[2])[0]
                self.add(key, "blank", rows=int(rows), table=origin, column=column)

    def frame(self) -> pl.DataFrame:
        """Return the notes as a table (columns: :data:`NOTES_SCHEMA`)."""
        return pl.DataFrame(self._found, schema=NOTES_SCHEMA, orient="row")
