"""The key results of a component: generated prose, the most pressing first, every figure with its code and n/N."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from chiso.catalogue import Indicator
from chiso.indicators.results import of_unit
from chiso.messages import text
from chiso.notebook import survey
from chiso.notebook.context import Context
from chiso.notebook.ledger import Ledger
from chiso.reporting import formats, sentences, wording
from chiso.reporting.html import Prose
from chiso.reporting.sentences import Change

Row = dict[str, Any]
SHOWN = ("numerator", "denominator", "value", "status")
#: So many missed targets that a notebook does not name get a sentence each; more of them make a list.
FEW = 2
#: Statuses told in a list of the other indicators, most pressing first.
_OTHERS = ("at_risk", "pending")


def key_results(context: Context, ledger: Ledger, component: str, chosen: Sequence[str]) -> Prose:
    """Return what was done, how many targets are met, how the chosen indicators stand and moved, which others fail."""
    own = list(context.catalogue.of_component(component))
    rows = {i.id: context.figure(i.id, unit=context.unit) for i in own}
    ledger.take(rows.values(), "status")
    compared: list[Change] = []
    lead = [*_opening(context, ledger, component, own, rows, compared)]
    indicators = [context.indicator(name) for name in chosen]
    others = [i for i in own if i.id not in chosen]
    missed = [i for i in others if rows[i.id]["status"] in ("not_met", "at_risk")]
    if len(missed) <= FEW:
        indicators += missed
        others = [i for i in others if i not in missed]
    silent = [i for i in indicators if _silent(context.figure(i.id, unit=context.unit))]
    indicators = [i for i in indicators if i not in silent]
    ranked = sorted(indicators, key=lambda i: _urgency(i, context.figure(i.id, unit=context.unit)))
    body = [_told(context, ledger, indicator, compared) for indicator in ranked]
    if any(row["value"] is not None for row in rows.values()) and not compared:
        body.append(text("prose.no_predecessor"))
    rest = [*_others(context, ledger, others, rows, alone=not chosen), *_without_value(context, [*silent, *others])]
    return Prose(tuple(" ".join(part) for part in (lead, body, rest) if part))


def told(context: Context, ledger: Ledger, indicator: Indicator) -> str:
    """Return one sentence on an indicator: figure, changes, verdict; of a survey figure also how sure it is."""
    return _told(context, ledger, indicator, [])


def changes(context: Context, ledger: Ledger, indicator: Indicator, row: Row) -> list[Change]:
    """Return the movements since the period before and since the same period of the year before."""
    found = []
    for period in sentences.predecessors(indicator, context.period):
        if not context.comparable(indicator.id, period):
            continue  # the survey's report tells of the items that both share
        before = context.figure(indicator.id, period, context.unit)
        told = sentences.since(period, context.period)
        judged = survey.change_verdict(context, indicator.id, period)
        moved = sentences.change(indicator, row, before, told, judged)
        if moved:
            ledger.take([{**before, "period": str(period)}], "value")
            found.append(moved)
    return found


def respondents(context: Context, indicator: str, unit: str | None) -> int | None:
    """Return how many people answered, where an indicator rests on the questionnaire."""
    if indicator not in context.survey_codes:
        return None
    table = context.results.satisfaction.filter(
        pl.col("level").is_in(["factor", "overall"]) & (pl.col("code") == context.survey_codes[indicator])
    )
    found = table.filter(of_unit(unit))
    return found["n"][0] if found.height else 0


def _told(context: Context, ledger: Ledger, indicator: Indicator, compared: list[Change]) -> str:
    row = context.figure(indicator.id, unit=context.unit)
    ledger.take([row], *SHOWN)
    beside = ""
    if context.unit and row["value"] is not None:
        whole = context.figure(indicator.id)
        ledger.take([whole], "value")
        beside = text("prose.whole", value=sentences.value(indicator, whole))
    answered = respondents(context, indicator.id, context.unit)
    moved = changes(context, ledger, indicator, row)
    compared += moved
    told = sentences.sentence(indicator, row, moved, answered, beside)
    return " ".join(part for part in (told, survey.evidence(context, ledger, indicator.id)) if part)


def _urgency(indicator: Indicator, row: Row) -> int:
    """0 for a missed target, 1 at risk, 2 below a reference line, 3 still open, 4 for the rest."""
    line = indicator.reference_line
    if row["status"] is None and line is not None and row["value"] is not None and row["value"] < line:
        return 2
    return {"not_met": 0, "at_risk": 1, "pending": 3}.get(row["status"] or "", 4)


# -- what was done, and how the targets stand


def _opening(
    context: Context,
    ledger: Ledger,
    component: str,
    own: Sequence[Indicator],
    rows: dict[str, Row],
    compared: list[Change],
) -> Iterable[str]:
    words = {
        "period": wording.capital(text("notebook.key.in_period", period=context.period.label)),
        "days": formats.days(context.timeframe.start, context.timeframe.as_of),
        "subject": context.subject,
        "component": context.catalogue.component(component).name,
        "standing": standing(own, rows),
    }
    working = [i for i in own if i.volume and rows[i.id]["denominator"] is not None]
    volumes = [_volume(context, ledger, i, rows[i.id], compared) for i in working]
    if not any(rows[i.id]["denominator"] for i in working):  # nothing done, or nothing known of it
        return [text("prose.opening.component_alone", **words)]
    done = text("prose.opening.volumes", volumes="; ".join(volumes), **words)
    return [done, text("prose.opening.component", **words)]


def _volume(context: Context, ledger: Ledger, indicator: Indicator, row: Row, compared: list[Change]) -> str:
    now, told = row["denominator"], indicator.volume or ""
    ledger.take([row], "denominator")
    if now == 0:
        return text("prose.opening.none", volume=told.replace("{count} ", "").replace("{count}", ""))
    shown = sentences.quantity(indicator, now) if sentences.is_money(indicator) else formats.number(now)
    moved = []
    for period in sentences.predecessors(indicator, context.period):
        before = context.figure(indicator.id, period, context.unit)
        grown = sentences.growth(now, before["denominator"], sentences.since(period, context.period))
        if grown:
            ledger.take([{**before, "period": str(period)}], "denominator")
            moved.append(grown)
    compared += moved
    return ", ".join(part for part in (told.format(count=shown), sentences.moved(moved)) if part)


def standing(own: Sequence[Indicator], rows: dict[str, Row]) -> str:
    """Return how many of a component's targets are met, missed, still open: "có 19 chỉ số được giao mục tiêu: …"."""
    judged = [rows[i.id] for i in own if i.judged and rows[i.id]["target"] is not None]
    statuses = [row["status"] for row in judged if row["status"] is not None]
    watched = len(own) - len(statuses)
    if not statuses:
        return text("prose.standing.none", monitored=watched)
    more = text("prose.standing.monitored", count=watched) if watched else ""
    words = {"targets": len(statuses), "monitored": more}
    if len(statuses) == 1:
        return text(f"prose.standing.one_{statuses[0]}", **words)
    if len(set(statuses)) == 1 and (key := _ALL.get(statuses[0])):
        return text(f"prose.standing.{key}", **words)
    told = ("met", "not_met", "at_risk", "pending", "no_data")
    counts = [text(f"notebook.key.{s}", count=statuses.count(s)) for s in told if s in statuses]
    return text("prose.standing.count", counts=wording.enumerate_words(counts), **words)


_ALL = {"met": "all_met", "not_met": "none_met", "no_data": "no_data"}


def _others(
    context: Context, ledger: Ledger, own: Sequence[Indicator], rows: dict[str, Row], *, alone: bool
) -> Iterable[str]:
    """Yield the indicators not told yet: those missed by target, then those at risk, open, without data."""
    by_target: dict[str, list[Indicator]] = {}
    for indicator in own:
        if rows[indicator.id]["status"] == "not_met":
            by_target.setdefault(sentences.target(indicator, rows[indicator.id]), []).append(indicator)
    for target, missed in by_target.items():
        ledger.take([rows[i.id] for i in missed], *SHOWN)
        names = "; ".join(sentences.short(i, rows[i.id], respondents(context, i.id, context.unit)) for i in missed)
        key = "not_met_all" if alone else "not_met"
        yield text(f"prose.others.{key}", target=target, names=names, count=len(missed))
    for status in _OTHERS:
        found = [i for i in own if rows[i.id]["status"] == status]
        if found:
            ledger.take([rows[i.id] for i in found], *SHOWN)
            words = [sentences.short(i, rows[i.id], due=True) for i in found]
            yield text(f"prose.others.{status}", names="; ".join(words))


def _silent(row: Row) -> bool:
    return row["value"] is None and not row.get("withheld")


def _without_value(context: Context, indicators: Sequence[Indicator]) -> Iterable[str]:
    """Yield the indicators without a value: those of which nothing happened, those that lack data."""
    rows = {i.id: context.figure(i.id, unit=context.unit) for i in indicators}
    lacking = [i for i in indicators if _silent(rows[i.id])]
    nothing = [i for i in lacking if sentences.nothing_to_count(i, rows[i.id])]
    for key, found in (("nothing", nothing), ("no_data", [i for i in lacking if i not in nothing])):
        if found:
            words = [text("prose.others.no_data_one", name=sentences.full_name(i), id=i.id) for i in found]
            yield text(f"prose.others.{key}", names="; ".join(words))
