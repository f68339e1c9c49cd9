"""What if: change figures or targets of indicators and see status, attainment, scores and ranks move."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import polars as pl
from babel.numbers import format_decimal

from chiso.catalogue import Catalogue, Indicator
from chiso.errors import ChisoError
from chiso.indicators.judge import Figure, attainment, status, target_of
from chiso.messages import locales, text
from chiso.scoring.attainment import scores


class WhatIfError(ChisoError):
    """A change of something that is not there, or to something impossible; all of them are listed."""


@dataclass(frozen=True)
class Change:
    """One thing to change; what is None stays.

    ``unit``: None is the whole department. ``value`` alone sets the figure itself; ``numerator`` and ``denominator``
    set a share's counts. ``target`` holds for every unit, whatever ``unit`` says.
    """

    indicator: str
    unit: str | None = None
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    target: float | None = None


@dataclass(frozen=True)
class WhatIf:
    """What changes: ``indicators`` and ``scores`` as they would be, and the rows that differ.

    ``changed_indicators``: unit_code, indicator, and value, target, attainment, status before (``_before``) and after.
    ``changed_scores``: unit_code, level, code, and percent, rank before and after.
    """

    indicators: pl.DataFrame
    scores: pl.DataFrame
    changed_indicators: pl.DataFrame
    changed_scores: pl.DataFrame


def what_if(indicators: pl.DataFrame, catalogue: Catalogue, changes: list[Change]) -> WhatIf:
    """Compute scores as if some figures or targets were others.

    A figure of a unit and the department's are figures of their own: changing one does not change the other. Forecasts
    are not made anew: what is at risk and stays pending stays at risk.

    Args:
        indicators: result table of one timeframe.
        catalogue: gives targets, deadlines and the tree of the indices.
        changes: what to change.

    Raises:
        WhatIfError: an indicator or a row that is not there, a share above 1, a target where the plan has none, …
    """
    known = {i.id: i for i in catalogue.indicators}
    faults = [fault for change in changes for fault in _faults(change, known, indicators)]
    moved = Counter((c.indicator, c.unit or "–") for c in changes if _moves(c))
    moved |= Counter((c.indicator, text("scoring.whatif.target")) for c in changes if c.target is not None)
    faults += [text("scoring.whatif.twice", indicator=i, what=what) for (i, what), n in moved.items() if n > 1]
    if faults:
        listed = "\n".join(f"  - {fault}" for fault in faults)
        raise WhatIfError(f"{text('scoring.whatif.head', count=len(faults))}\n{listed}")
    targets = {c.indicator: c.target for c in changes if c.target is not None}
    rules = {i: known[i].model_copy(update={"target": t}) for i, t in targets.items()}
    figures = {(c.indicator, c.unit): c for c in changes if c.target is None or _moves(c)}
    rows = []
    for row in indicators.iter_rows(named=True):
        change = figures.get((row["indicator"], row["unit_code"]))
        if (change is not None and _moves(change)) or row["indicator"] in rules:
            row = _anew(row, change, rules.get(row["indicator"], known[row["indicator"]]), catalogue.year)
        rows.append(row)
    after = pl.DataFrame(rows, schema=indicators.schema)
    before_scores, after_scores = scores(indicators, catalogue), scores(after, catalogue)
    return WhatIf(
        after,
        after_scores,
        _differences(indicators, after, ["unit_code", "indicator"], ["value", "target", "attainment", "status"]),
        _differences(before_scores, after_scores, ["unit_code", "level", "code"], ["percent", "rank"]),
    )


def _moves(change: Change) -> bool:
    return any(part is not None for part in (change.value, change.numerator, change.denominator))


def _faults(change: Change, known: dict[str, Indicator], indicators: pl.DataFrame) -> list[str]:
    if change.indicator not in known:
        return [text("scoring.whatif.no_indicator", indicator=change.indicator)]
    indicator, found = known[change.indicator], []
    row = _row(change, indicators)
    if row is None:
        return [text("scoring.whatif.no_row", indicator=change.indicator, unit=change.unit or "–")]
    if change.target is not None and indicator.target is None:
        found.append(text("scoring.whatif.no_target", indicator=change.indicator))
    counts = change.numerator is not None or change.denominator is not None
    if counts and (change.value is not None or indicator.measure != "share"):
        found.append(text("scoring.whatif.counts_of_share", indicator=change.indicator))
    if not counts and change.value is None and change.target is None:
        found.append(text("scoring.whatif.nothing", indicator=change.indicator))
    if found:
        return found
    top = float("inf") if indicator.measure == "count" else indicator.scale
    given = (_figure(row, change).value, change.target)
    return [_outside(indicator, value) for value in given if value is not None and not 0 <= value <= top]


def _outside(indicator: Indicator, value: float) -> str:
    """Return what is wrong with a value that the indicator cannot have, in the unit that reports show it in."""
    if indicator.measure == "count":
        return text("scoring.whatif.negative", indicator=indicator.id, value=_written(value))
    if not indicator.as_percent:
        return text(
            "scoring.whatif.outside", indicator=indicator.id, value=_written(value), top=_written(indicator.scale)
        )
    key, hundredths = "above_whole" if value > 1 else "below_nothing", locales.locale().percent
    return text(f"scoring.whatif.{key}", indicator=indicator.id, value=_written(value * 100) + hundredths)


def _written(value: float) -> str:
    return str(format_decimal(value, "#,##0.####", locale=locales.locale().babel)).replace("-", "\N{MINUS SIGN}")


def _row(change: Change, indicators: pl.DataFrame) -> dict[str, object] | None:
    own = (pl.col("indicator") == change.indicator) & pl.col("unit_code").eq_missing(pl.lit(change.unit, pl.String))
    rows = indicators.filter(own)
    return rows.row(0, named=True) if rows.height else None


def _figure(row: dict[str, object], change: Change | None) -> Figure:
    """The figure of a row with a change."""
    numerator, denominator, value = (row[name] for name in ("numerator", "denominator", "value"))
    if change is None or not _moves(change):
        return Figure(numerator, denominator, value)  # type: ignore[arg-type]
    if change.value is not None:
        # The counts behind a value that is set are not known; a share keeps its denominator.
        whole = denominator if row["measure"] == "share" else None
        counted = change.value * float(whole) if whole else change.value  # type: ignore[arg-type]
        return Figure(counted, whole, change.value)  # type: ignore[arg-type]
    above = numerator if change.numerator is None else change.numerator
    below = denominator if change.denominator is None else change.denominator
    return Figure(above, below, above / below if below else None)  # type: ignore[arg-type, operator]


def _anew(row: dict[str, object], change: Change | None, indicator: Indicator, year: int) -> dict[str, object]:
    """A row judged anew."""
    figure, unit = _figure(row, change), row["unit_code"]
    assert unit is None or isinstance(unit, str)
    judged = status(indicator, figure, unit, row["as_of"], year)  # type: ignore[arg-type]
    if judged == "pending" and row["status"] == "at_risk":
        judged = "at_risk"  # the forecast is not made anew
    return row | {
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "value": figure.value,
        "target": target_of(indicator, unit),
        "status": judged,
        "attainment": attainment(indicator, figure, unit),
    }


def _differences(before: pl.DataFrame, after: pl.DataFrame, key: list[str], columns: list[str]) -> pl.DataFrame:
    joined = after.select(*key, *columns).join(
        before.select(*key, *columns), on=key, how="left", suffix="_before", nulls_equal=True, maintain_order="left"
    )
    differs = [pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in columns]
    return joined.filter(pl.any_horizontal(differs)).select(*key, *(n + s for n in columns for s in ("_before", "")))
