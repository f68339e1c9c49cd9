"""What changed in a component since the period before and the same period of the year before."""

from __future__ import annotations

from typing import Any

import polars as pl

from chiso.catalogue import Indicator
from chiso.messages import text
from chiso.notebook import survey
from chiso.notebook.context import Context
from chiso.notebook.key_results import SHOWN, respondents
from chiso.notebook.ledger import Ledger
from chiso.notebook.provenance import ANCHOR
from chiso.reporting import formats, sentences, wording
from chiso.reporting.html import Prose
from chiso.reporting.report import Column, HeaderCell, Note, Table
from chiso.worktime import Period, PeriodError

Row = dict[str, Any]
_PARTS = ("before", "difference", "told")


def changes_table(context: Context, ledger: Ledger, component: str) -> Table | Prose:
    """Return each indicator then and now: values, difference, whether that is better, a new status.

    An indicator is left out where neither earlier period has a figure; figures that accumulate are compared with the
    year before alone. Of survey figures the verdict of the comparison is told, not only the difference.
    """
    own = context.catalogue.of_component(component)
    periods = _periods(context)
    rows = [_row(context, ledger, i, periods) for i in own]
    known = [row for row in rows if any(row[f"before_{n}"] is not None for n in range(len(periods)))]
    used = [n for n in range(len(periods)) if any(row[f"before_{n}"] is not None for row in known)]
    if not used:
        return Prose((text("changes.none"),), "note")
    floats = [f"{part}_{n}" for n in range(len(periods)) for part in ("before", "difference")]
    schema: dict[str, Any] = dict.fromkeys(known[0], pl.String) | dict.fromkeys(["value", *floats], pl.Float64)
    columns = (
        Column("indicator", text("notebook.column.indicator"), width=11, anchor=ANCHOR),
        Column("name", text("notebook.column.name"), width=34),
        Column("value", text("changes.now"), "number", "value_format", width=10),
        Column("base", text("changes.base"), align="right", width=13),
        *(column for n in used for column in _compared(n)),
    )
    tall = tuple(HeaderCell(c.label, rows=2) for c in columns[:4])
    above = tuple(HeaderCell(text("changes.since", period=_since(context, periods[n])), columns=3) for n in used)
    below = tuple(HeaderCell(text(f"changes.{part}")) for _ in used for part in _PARTS)
    return Table(
        "changes",
        text("changes.title"),
        columns,
        pl.DataFrame(known, schema=schema),
        tuple(_notes(context, own, known)),
        header_rows=((*tall, *above), below),
        row_header="name",
    )


def _periods(context: Context) -> list[Period]:
    """Return the period before and the same period of the year before, each once, those that exist."""
    found: list[Period] = []
    try:
        found.append(context.period.previous())
        if (year_before := context.period.year_before()) not in found:
            found.append(year_before)
    except PeriodError:  # before the first year there is
        pass
    return found


def _since(context: Context, period: Period) -> str:
    return sentences.since(period, context.period)


def _compared(n: int) -> tuple[Column, ...]:
    return (
        Column(f"before_{n}", text("changes.before"), "number", "value_format", width=10),
        Column(f"difference_{n}", text("changes.difference"), "number", "change_format", width=12),
        Column(f"told_{n}", text("changes.told"), width=20),
    )


def _row(context: Context, ledger: Ledger, indicator: Indicator, periods: list[Period]) -> Row:
    now = context.figure(indicator.id, unit=context.unit)
    answered = indicator.id in context.survey_codes
    row: Row = {
        "indicator": indicator.id,
        "name": indicator.name,
        "value": now["value"],
        "base": _base(context, indicator, now),
        "value_format": "percent" if indicator.as_percent else "number",
        "change_format": "points" if indicator.as_percent else "number",
    }
    allowed = sentences.predecessors(indicator, context.period)
    shown = False
    for n, period in enumerate(periods):
        before = context.figure(indicator.id, period, context.unit)
        both = period in allowed and now["value"] is not None and before["value"] is not None
        both &= context.comparable(indicator.id, period)
        row |= dict.fromkeys(f"{part}_{n}" for part in _PARTS)
        if both:
            shown = True
            ledger.take([{**before, "period": str(period)}], "value")
            row[f"before_{n}"] = before["value"]
            row[f"difference_{n}"] = now["value"] - before["value"]
            verdict = survey.change_verdict(context, indicator.id, period) if answered else ""
            row[f"told_{n}"] = _told(indicator, now, before, verdict)
    if shown:
        ledger.take([now], *SHOWN[:3])
    return row


def _base(context: Context, indicator: Indicator, row: Row) -> str | None:
    answered = respondents(context, indicator.id, context.unit)
    if row["value"] is None or indicator.measure == "count":
        return None
    if answered is not None:
        return text("changes.respondents", n=formats.number(answered))
    unit = sentences.MILLION if sentences.is_money(indicator) else 1
    return formats.share_of(row["numerator"] / unit, row["denominator"] / unit)


def _told(indicator: Indicator, now: Row, before: Row, verdict: str) -> str:
    """Return direction and meaning in words, and the status where it is a new one."""
    way, _ = wording.movement(indicator, now["value"], before["value"])
    if verdict:
        told = verdict
    elif way == "same":
        told = text("changes.same")
    else:
        good = (way == "up") == (indicator.better == "higher")
        told = text(f"changes.{'better' if good else 'worse'}", way=text(f"changes.{way}"))
    if now["status"] and before["status"] and now["status"] != before["status"]:
        words = {key: text(f"reporting.status.{row['status']}.word") for key, row in (("now", now), ("before", before))}
        told = text("changes.status", told=told, **words)
    return told


def _notes(context: Context, own: tuple[Indicator, ...], known: list[Row]) -> list[Note]:
    notes = []
    told = {row["indicator"] for row in known}
    if any(i.id in told and i.window not in wording.COMPARABLE for i in own) and context.period.kind != "year":
        notes.append(Note(text("changes.accumulating")))
    notes.append(Note(text("changes.unrounded")))
    if any(i.id in told and i.id in context.survey_codes for i in own):
        level = formats.percent(context.catalogue.settings.sipas.confidence, trim=True)
        notes.append(Note(text("changes.survey", level=level), "caveat"))
    left_out = [i.id for i in own if i.id not in told]
    if left_out:
        notes.append(Note(text("changes.left_out", ids=", ".join(left_out))))
    return notes
