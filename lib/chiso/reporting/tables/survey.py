"""Satisfaction by unit, without the cells that may not be published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.survey import FACTORS
from chiso.messages import text
from chiso.reporting import privacy
from chiso.reporting.report import Column, Note, Table


def survey_table(
    satisfaction: pl.DataFrame,
    catalogue: Catalogue,
    units: Mapping[str, str],
    out: privacy.Hidden,
    unit: str | None = None,
) -> Table:
    """Return the satisfaction index of each factor and overall, by unit, with the number of respondents.

    Cells with fewer than five respondents, and those from which one could be derived, show ``*``; a unit's number of
    respondents goes with its first withheld cell.

    Args:
        satisfaction: result table: internal, unsuppressed.
        catalogue: names of the factors.
        units: unit names by code.
        out: cells that may not be published (:func:`chiso.reporting.privacy.hidden`).
        unit: code for one unit's row beside the whole; None: all units.
    """
    codes = [*FACTORS.values(), privacy.OVERALL]
    levels = satisfaction.filter(pl.col("level").is_in(["factor", "overall"]) & pl.col("code").is_in(codes))
    shown: dict[str | None, dict[str, Any]] = {}
    for row in levels.iter_rows(named=True):
        shown.setdefault(row["unit_code"], {})[row["code"]] = row
    entries = []
    for code in [*sorted(u for u in shown if u is not None and unit in (None, u)), *([None] if None in shown else [])]:
        cells = shown[code]
        hidden = {c for c in codes if (code, c) in out}
        respondents = max((row["n"] for row in cells.values()), default=0)
        entries.append(
            {
                "unit": text("tables.survey.whole") if code is None else units.get(code, code),
                "n": None if hidden else respondents,
                "n_format": "withheld" if hidden else None,
                "row_kind": "total" if code is None else "",
            }
            | {c: None if c in hidden else cells.get(c, {}).get("share") for c in codes}
            | {f"{c}_format": "withheld" if c in hidden else None for c in codes}
        )
    schema: dict[str, Any] = {"unit": pl.String, "n": pl.Int64, "n_format": pl.String, "row_kind": pl.String}
    schema |= dict.fromkeys(codes, pl.Float64) | {f"{c}_format": pl.String for c in codes}
    names = {c: text("tables.survey.factor", code=c, name=catalogue.component(c).name) for c in FACTORS.values()}
    names[privacy.OVERALL] = text("tables.survey.overall")
    columns = (
        Column("unit", text("tables.column.unit"), width=40),
        Column("n", text("tables.survey.respondents"), "integer", "n_format", width=12),
        *[Column(c, names[c], "percent", f"{c}_format", width=17) for c in codes],
    )
    notes = (
        [Note(text("tables.survey.withheld", minimum=privacy.MINIMUM), "caveat")]
        if any(code in codes for _, code in out)
        else []
    )
    weighting = satisfaction["weighting"].drop_nulls().unique().to_list()
    if weighting and weighting[0] != "none":
        notes.append(Note(text(f"tables.scorecard.weighting_{weighting[0]}")))
    frame = pl.DataFrame(entries, schema=schema)
    return Table(
        "satisfaction",
        text("tables.survey.title"),
        columns,
        frame,
        tuple(notes),
        row_kind="row_kind",
        empty=text("tables.survey.none"),
    )
