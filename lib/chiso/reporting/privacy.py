"""What of the questionnaire may be published: no cell of fewer than five respondents, none from which one follows.

A unit's answers on a factor are one cell: all of its items or none, so that an item left out cannot be had from the
factor's index. Where a unit is left out, the smallest others go with it until at least two units with five respondents
together are left out; then subtracting the rest from the whole gives no one away.
"""

from __future__ import annotations

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.survey import FACTORS

MINIMUM = 5
_FACTOR, _OVERALL = "satisfaction.factor", "satisfaction.overall"
OVERALL = "sipas"
_ITEM = r"^(\w+?)_\d+$"


def cells(satisfaction: pl.DataFrame) -> pl.DataFrame:
    """Return unit_code, factor and ``n``: the respondents of the factor's least answered item (0: none answered).

    Args:
        satisfaction: a period's satisfaction table.
    """
    factor = pl.col("code").str.extract(_ITEM).replace_strict(FACTORS, default=None, return_dtype=pl.String)
    items = satisfaction.filter(pl.col("level") == "item").with_columns(factor=factor)
    least = pl.col("n").filter(pl.col("n") > 0).min().fill_null(0)
    return items.group_by("unit_code", "factor").agg(n=least).sort("factor", "n", "unit_code")


def hidden(satisfaction: pl.DataFrame, minimum: int = MINIMUM) -> set[tuple[str | None, str]]:
    """Return the (unit or None for the whole, factor) pairs that may not be published.

    The overall index (:data:`OVERALL`) of a unit goes where one of its factors went: it is their mean.
    """
    found: set[tuple[str | None, str]] = set()
    for (factor,), group in cells(satisfaction).group_by("factor", maintain_order=True):
        sizes = [(unit, n) for unit, n in group.select("unit_code", "n").rows() if n]
        whole = dict(sizes).get(None, 0)
        out = withheld([(str(unit), n) for unit, n in sizes if unit is not None], minimum)
        found |= {(unit, str(factor)) for unit in out}
        if 0 < whole < minimum:
            found |= {(unit, str(factor)) for unit, _ in sizes}
    return found | {(unit, OVERALL) for unit, _ in found}


def withheld(sizes: list[tuple[str, int]], minimum: int = MINIMUM) -> set[str]:
    """Return the units to leave out of a table that also shows their total.

    Args:
        sizes: unit and respondents (at least 1), smallest first.
        minimum: respondents from which a cell may be shown.

    Examples:
        >>> sorted(withheld([("a", 2), ("b", 7), ("c", 40)]))
        ['a', 'b']
        >>> withheld([("b", 7), ("c", 40)])
        set()
    """
    out = [(unit, n) for unit, n in sizes if n < minimum]
    rest = [(unit, n) for unit, n in sizes if n >= minimum]
    while out and rest and (len(out) < 2 or sum(n for _, n in out) < minimum):
        out.append(rest.pop(0))
    return {unit for unit, _ in out}


def blank(frame: pl.DataFrame, out: set[tuple[str | None, str]], codes: dict[str, str]) -> pl.DataFrame:
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


def published(indicators: pl.DataFrame, satisfaction: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return the result table of a period with the figures blanked that may not be published (``withheld``)."""
    return blank(indicators, hidden(satisfaction), survey_codes(catalogue))
