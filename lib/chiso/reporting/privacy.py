"""What of the questionnaire may be published: no cell of fewer than five respondents, none from which one follows.

A unit's answers on a factor are one cell: all of its items or none, so that an item left out cannot be had from the
factor's index. Which cells go is decided for all reports of a year together, see :mod:`chiso.reporting.disclosure`.
Of a month or a week only the whole is published: its units would follow from the quarter's.
"""

from __future__ import annotations

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.survey import FACTORS, OVERALL, quarter_counts, read_answers
from chiso.indicators.views import Sources
from chiso.reporting.disclosure import MINIMUM, decide

__all__ = ["MINIMUM", "OVERALL", "Hidden", "blank", "hidden", "hidden_of_year", "published", "survey_codes"]

_FACTOR, _OVERALL = "satisfaction.factor", "satisfaction.overall"
#: (unit or None for the whole, factor) pairs that may not be published. The overall index (:data:`OVERALL`) goes where
#: one of the factors went: it is their mean.
Hidden = set[tuple[str | None, str]]
_NAMES = {"quarter": "Q{}", "half": "H1", "nine_months": "9M", "year": "year"}


def hidden(sources: Sources) -> Hidden:
    """Return what may not be published of a run's period.

    Besides the factors, the direct question and the comments (counts only) are cells of their own.
    """
    period = sources.timeframe.period
    name = _NAMES.get(period.kind)
    return hidden_of_year(sources)[name.format(period.number)] if name else _of_part(sources)


def hidden_of_year(sources: Sources) -> dict[str, Hidden]:
    """Return what may not be published of ``Q1`` … ``Q4``, ``H1``, ``9M`` and ``year`` of the run's plan year.

    A period that ended before the run's as-of day gets the same answer in every later run of the same data.
    """
    found: dict[str, Hidden] = {name: set() for name in ("Q1", "Q2", "Q3", "Q4", "H1", "9M", "year")}
    for factor, counts in quarter_counts(sources).items():
        for name, units in decide(counts).items():
            found[name] |= {(unit, factor) for unit in units}
    return {name: _with_overall(out, sources.catalogue) for name, out in found.items()}


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
