"""What of the questionnaire may be published: no cell of fewer than five respondents, none from which one follows.

A unit's answers on a factor are one cell: all of its items or none, so that an item left out cannot be had from the
factor's index. Which cells go is decided for all reports of a year together, see :mod:`chiso.reporting.disclosure`.
Of a month or a week only the whole is published: its units would follow from the quarter's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

import numpy as np
import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.pieces import SURVEY
from chiso.indicators.survey import (
    FACTORS,
    OVERALL,
    asked_items,
    quarter_counts,
    read_answers,
    year_responses,
)
from chiso.indicators.survey_comments import ALL, themes_of
from chiso.indicators.survey_groups import BLANK, DIMENSIONS
from chiso.indicators.views import Sources
from chiso.reporting import withheld
from chiso.reporting.disclosure import MINIMUM, Unit, decide
from chiso.reporting.disclosure_groups import Key, Part, People, decide_groups, people_by

__all__ = [
    "MINIMUM",
    "OVERALL",
    "Hidden",
    "blank",
    "hidden",
    "hidden_groups",
    "hidden_of_year",
    "hidden_themes",
    "published",
    "survey_codes",
]

_FACTOR, _OVERALL = "satisfaction.factor", "satisfaction.overall"
#: (unit or None for the whole, factor) pairs that may not be published. The overall index (:data:`OVERALL`) goes where
#: one of the factors went: it is their mean.
Hidden = set[tuple[str | None, str]]
_NAMES = {"quarter": "Q{}", "half": "H1", "nine_months": "9M", "year": "year"}
#: Periods of a year that are decided together, and the only table that is read for it.
_TOGETHER = ("Q1", "Q2", "Q3", "Q4", "H1", "9M", "year")
_RESPONSES = SURVEY[:1]


def hidden(sources: Sources) -> Hidden:
    """Return what may not be published of a run's period.

    Besides the factors, the direct question and the comments (counts only) are cells of their own.
    """
    name = _name(sources)
    if name:
        return hidden_of_year(sources)[name]
    return cast(Hidden, withheld.kept(sources, "part", SURVEY, ("",), lambda: {"": _of_part(sources)})[""])


def hidden_of_year(sources: Sources) -> dict[str, Hidden]:
    """Return what may not be published of ``Q1`` … ``Q4``, ``H1``, ``9M`` and ``year`` of the run's plan year.

    A period that ended before the run's as-of day gets the same answer in every later run of the same data.
    """
    found = withheld.kept(sources, "cells", _RESPONSES, _TOGETHER, lambda: _of_year(sources))
    return cast(dict[str, Hidden], found)


def _of_year(sources: Sources) -> dict[str, Hidden]:
    found: dict[str, Hidden] = {name: set() for name in _TOGETHER}
    for factor, counts in quarter_counts(sources).items():
        for name, units in decide(counts).items():
            found[name] |= {(unit, factor) for unit in units}
    return {name: _with_overall(out, sources.catalogue) for name, out in found.items()}


def hidden_groups(sources: Sources) -> set[Key] | None:
    """Return the groups of respondents (dimension, value) whose figures may not be published; None: no group's may.

    A group is one cell: its overall index, factors and direct question. Of a month or a week no group is published.
    """
    name = _name(sources)
    if name is None:
        return None
    found = withheld.kept(sources, "groups", _RESPONSES, _TOGETHER, lambda: _groups_of_year(sources))
    return cast(set[Key] | None, found[name])


def _groups_of_year(sources: Sources) -> Mapping[str, set[Key] | None]:
    rows = year_responses(sources)
    if rows.is_empty():
        return dict.fromkeys(_TOGETHER)
    asked = asked_items(sources)
    items = {FACTORS[f]: columns for f, columns in asked.factors.items() if columns}
    items |= {asked.direct: [asked.direct]} if asked.direct else {}
    dimensions = [d for d in DIMENSIONS if rows[d].null_count() < rows.height]
    people = rows.select(
        "quarter",
        "unit_code",
        *(pl.col(d).fill_null(BLANK) for d in dimensions),
        *(pl.any_horizontal(pl.col(columns).is_not_null()).alias(line) for line, columns in items.items()),
    )
    return decide_groups(people_by(people, list(items), dimensions), _units_out(sources, items))


def hidden_themes(sources: Sources) -> set[tuple[str, Unit]] | None:
    """Return the themes of comments, by unit (None: the whole), whose counts may not be published; None: none may."""
    name = _name(sources)
    if name is None:
        return None
    found = withheld.kept(sources, "themes", _RESPONSES, _TOGETHER, lambda: _themes_of_year(sources))
    return cast(set[tuple[str, Unit]] | None, found[name])


def _themes_of_year(sources: Sources) -> Mapping[str, set[tuple[str, Unit]] | None]:
    rows = year_responses(sources)
    if rows.is_empty():
        return dict.fromkeys(_TOGETHER)
    rows = rows.filter(pl.col("comment").is_not_null())
    themes = themes_of(rows["comment"]).drop(ALL)
    cells: dict[Part, np.ndarray] = {}
    known = rows.select("quarter", "unit_code").with_row_index("_row")
    for theme in themes.columns:
        about = known.filter(themes[theme])
        for keys in (("quarter",), ("quarter", "unit_code")):
            for key, group in about.group_by(*keys, maintain_order=True):
                unit = str(key[1]) if len(key) > 1 else ""
                cells[(theme, unit), int(key[0])] = group["_row"].to_numpy()
    people = People(rows.select("quarter", "unit_code", comment=pl.lit(True)), ["comment"], cells, frozenset())
    decided = decide_groups(people, _units_out(sources, ["comment"]))
    return {name: {(theme, unit or None) for theme, unit in out} for name, out in decided.items()}


def _name(sources: Sources) -> str | None:
    """Return the period's name among those of a year that are decided together; None for a month or a week."""
    period = sources.timeframe.period
    name = _NAMES.get(period.kind)
    return name.format(period.number) if name else None


def _units_out(sources: Sources, lines: Iterable[str]) -> dict[str, dict[str, set[Unit]]]:
    """Return line → period → units that are withheld."""
    year = hidden_of_year(sources)
    return {line: {name: {u for u, code in out if code == line} for name, out in year.items()} for line in lines}


def _of_part(sources: Sources) -> Hidden:
    """Every unit of a month or a week, and the whole below five respondents."""
    answers = read_answers(sources)
    found: Hidden = set()
    if answers is None:
        return found
    groups = {FACTORS[factor]: items for factor, items in answers.items.items()}
    groups |= {name: [name] for name in (answers.direct, "comment") if name in answers.responses.columns and name}
    rows = answers.responses
    for name, items in groups.items():
        some = rows.filter(pl.any_horizontal(pl.col(items).is_not_null())) if items else rows.clear()
        found |= {(unit, name) for unit in some["unit_code"].drop_nulls().unique()}
        least = min((n for c in items if (n := some[c].count())), default=0)
        found |= {(None, name)} if 0 < least < MINIMUM else set()
    return _with_overall(found, sources.catalogue)


def _with_overall(out: Hidden, catalogue: Catalogue) -> Hidden:
    rests = {*FACTORS.values(), *(["overall"] if catalogue.settings.sipas.overall == "direct" else [])}
    return out | {(unit, OVERALL) for unit, code in out if code in rests}


def blank(frame: pl.DataFrame, out: Hidden, codes: dict[str, str]) -> pl.DataFrame:
    """Return result rows with the figures of withheld cells blanked, and a column ``withheld``.

    Args:
        frame: rows of the result table.
        out: what may not be published, see :func:`hidden`.
        codes: factor (or :data:`OVERALL`) of each indicator that rests on the questionnaire.
    """
    pairs = [
        (unit, indicator)
        for indicator, code in sorted(codes.items())
        for unit, factor in sorted(out, key=str)
        if factor == code
    ]
    lost = pl.DataFrame(pairs, schema={"unit_code": pl.String, "indicator": pl.String}, orient="row")
    joined = frame.join(
        lost.with_columns(withheld=True),
        on=["unit_code", "indicator"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    ).with_columns(pl.col("withheld").fill_null(False))
    figures = [
        pl.when(~pl.col("withheld")).then(c).alias(c) for c in ("numerator", "denominator", "value", "attainment")
    ]
    return joined.with_columns(*figures, status=pl.when(~pl.col("withheld")).then("status"))


def survey_codes(catalogue: Catalogue) -> dict[str, str]:
    """Return the factor (or :data:`OVERALL`) of each indicator that rests on the questionnaire."""
    codes = {i.id: i.id.removesuffix(".index") for i in catalogue.indicators if i.function == _FACTOR}
    return codes | {i.id: OVERALL for i in catalogue.indicators if i.function == _OVERALL}


def published(indicators: pl.DataFrame, sources: Sources) -> pl.DataFrame:
    """Return the result table of a period with the figures blanked that may not be published (``withheld``)."""
    return blank(indicators, hidden(sources), survey_codes(sources.catalogue))
