"""``chiso whatif``: what a period's scores would be with other figures or targets; nothing is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from chiso.catalogue import Catalogue
from chiso.messages import language_folder, text
from chiso.reporting import formats
from chiso.runs.plan import catalogue_for
from chiso.runs.results import read_results
from chiso.scoring.whatif import Change, WhatIf, WhatIfError, what_if
from chiso.sources.config import load_settings
from chiso.worktime import Period

_NUMBER = r"[+-]?\d+(?:[.,]\d+)?"
_FIGURE = re.compile(
    rf"(?P<code>[^=@\s]+)(?:@(?P<unit>[^=]+))?"
    rf"=(?P<value>{_NUMBER})(?P<percent>\s*%)?(?:/(?P<whole>{_NUMBER}))?"
)


def suppose(period: str, data: Path, out: Path, figures: Iterable[str], targets: Iterable[str]) -> str:
    """Return what differs, as text for the console.

    Args:
        period: any spelling of a period that was computed.
        data: folder of exported tables; its settings name the plan.
        out: folder of outputs.
        figures: ``B.VII.4a=0.7``, ``B.VII.4a=70%``, ``B.VII.4a=70/100``, ``B.VII.4a@U1=0.7`` for a unit.
        targets: ``B.VII.4a=0.5``.

    Raises:
        ChisoError: the period was not computed, or changes that cannot be read or carried out; all are listed.
    """
    wanted = Period.parse(period)
    changes, bad = [], []
    for assignments, is_target in ((figures, False), (targets, True)):
        for assignment in assignments:
            change = _change(assignment, is_target)
            changes += [change] if change else []
            bad += [] if change else [text("runs_whatif.form", given=assignment)]
    if bad:
        listed = "\n".join(f"  - {fault}" for fault in bad)
        raise WhatIfError(f"{text('scoring.whatif.head', count=len(bad))}\n{listed}")
    if not changes:
        raise WhatIfError(text("runs_whatif.nothing"))
    results = read_results(language_folder(Path(out)) / str(wanted))
    catalogue = catalogue_for(load_settings(data).body, wanted.year)
    return "\n".join(_told(what_if(results.indicators, catalogue, changes), catalogue))


def _change(assignment: str, is_target: bool) -> Change | None:
    found = _FIGURE.fullmatch(assignment.strip())
    if not found or (is_target and (found["unit"] or found["whole"])) or (found["percent"] and found["whole"]):
        return None
    value = _number(found["value"])
    if found["percent"]:
        value = round(value / 100, 12)
    if is_target:
        return Change(found["code"], target=value)
    if found["whole"]:
        return Change(found["code"], found["unit"], numerator=value, denominator=_number(found["whole"]))
    return Change(found["code"], found["unit"], value=value)


def _number(written: str) -> float:
    return float(written.replace(",", "."))


def _told(found: WhatIf, catalogue: Catalogue) -> Iterator[str]:
    if found.changed_indicators.is_empty():
        yield text("runs_whatif.no_difference")
        return
    yield text("runs_whatif.indicators")
    # Another target says nothing about a unit without data.
    told = found.changed_indicators.filter(pl.col("value").is_not_null() | pl.col("value_before").is_not_null())
    for row in told.iter_rows(named=True):
        indicator = catalogue.indicator(row["indicator"])
        show = formats.percent if indicator.as_percent else formats.number
        target = "percent" if indicator.as_percent else indicator.measure
        values = {
            "indicator": row["indicator"],
            "name": indicator.name,
            "unit": _unit(row["unit_code"]),
            "before": show(row["value_before"]),
            "after": show(row["value"]),
            "target_before": formats.target_text(row["target_before"], indicator.comparator, target),
            "target": formats.target_text(row["target"], indicator.comparator, target),
            "status_before": _status(row["status_before"]),
            "status": _status(row["status"]),
        }
        key = "indicator" if row["target"] == row["target_before"] else "indicator_target"
        yield "  " + text(f"runs_whatif.{key}", **values)
    if found.changed_scores.is_empty():
        yield text("runs_whatif.same_scores")
        return
    yield text("runs_whatif.scores")
    for row in found.changed_scores.sort(pl.col("level") != "total", maintain_order=True).iter_rows(named=True):
        level = text(f"runs_whatif.level_{row['level']}", code=row["code"])
        values = {"level": level, "unit": _unit(row["unit_code"])}
        values |= {"before": _share(row["percent_before"]), "after": _share(row["percent"])}
        ranks = {"rank_before": formats.number(row["rank_before"]), "rank": formats.number(row["rank"])}
        moved = row["rank_before"] != row["rank"]
        yield "  " + text("runs_whatif.score", **values) + (text("runs_whatif.rank", **ranks) if moved else "")


def _unit(code: str | None) -> str:
    return text("runs.of_all") if code is None else text("runs.of_unit", unit=code)


def _share(percent: float | None) -> str:
    return formats.percent(None if percent is None else percent / 100)


def _status(status: str | None) -> str:
    return text(f"reporting.status.{status or 'none'}.word")
