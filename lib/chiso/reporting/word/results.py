"""Sections I to III: direction, the areas of reform, satisfaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import polars as pl

from chiso.catalogue import Indicator
from chiso.indicators.case_balance import COUNTS
from chiso.messages import text
from chiso.reporting import formats, sentences, wording
from chiso.reporting.report import Table
from chiso.reporting.word import styles
from chiso.reporting.word.facts import Facts
from chiso.reporting.word.writer import Writer

_STATUSES = ("met", "not_met", "at_risk", "pending", "no_data", "withheld")
_LISTED = ("met", "not_met", "at_risk", "pending", "watched")
_DIRECTION, _PLAN, _CASES, _OVERALL = "B.I", "P", "B.III", "sipas"


def direction(writer: Writer, facts: Facts) -> None:
    """Write section I: how the whole plan stands, and how it is directed."""
    m = facts.material
    writer.heading(text("word.heading.direction"))
    writer.heading(text("word.heading.general"), 2)
    judged = [i for i in m.catalogue.indicators if facts.targeted(i)]
    day = formats.day(m.timeframe.as_of)
    if judged:
        told = text("word.general.count", as_of=day, total=len(judged), counts=counts(facts, judged))
    else:
        told = text("word.general.none", subject=m.subject)
    writer.paragraph(told)
    writer.paragraph(_satisfied(facts))
    summary = facts.references["summary-B"]
    total = summary.table.frame.row(-1, named=True)["attainment"]
    if total is not None:
        shown = formats.percent(total)
        writer.paragraph(text("word.general.attainment", value=shown, table=writer.next_table))
    writer.table(_plain(summary.table))
    writer.heading(text("word.heading.area", number=2, name=m.catalogue.component(_DIRECTION).name), 2)
    writer.paragraph(text("word.general.documents"))
    area(writer, facts, _DIRECTION, _PLAN)


def areas(writer: Writer, facts: Facts) -> None:
    """Write section II: one part an area of PAR-INDEX, the cases with those on procedures."""
    catalogue = facts.material.catalogue
    writer.heading(text("word.heading.areas"))
    found = [c for c in catalogue.components if c.index == "B" and c.id != _DIRECTION]
    for number, component in enumerate(found, 1):
        writer.heading(text("word.heading.area", number=number, name=component.name), 2)
        if component.id == _CASES:
            _cases(writer, facts)
        area(writer, facts, component.id)


def satisfaction(writer: Writer, facts: Facts) -> None:
    """Write section III: the satisfaction index and its factors, then what is done for each factor."""
    catalogue = facts.material.catalogue
    writer.heading(text("word.heading.satisfaction"))
    writer.paragraph(_satisfied(facts, fully=True))
    reference = facts.references["scorecard-A"]
    writer.table(reference.table.without("item", "deadline", "owner"))
    writer.paragraph(reference.words, styles.NOTE)
    found = [c for c in catalogue.components if c.index == "A"]
    for number, component in enumerate(found, 1):
        writer.heading(text("word.heading.area", number=number, name=component.name), 2)
        area(writer, facts, component.id)


def area(writer: Writer, facts: Facts, *components: str) -> None:
    """Write how the indicators of components stand, by status, and where the appendix has them."""
    own = [i for c in components for i in facts.material.catalogue.of_component(c)]
    judged = [i for i in own if facts.targeted(i)]
    reference = facts.references[f"scorecard-{components[0].replace('.', '-')}"]
    standing = _standing(facts, judged, [i for i in judged if i.component == components[0]])
    writer.paragraph(f"{standing} {reference.words}")
    groups: dict[str, list[Indicator]] = {}
    for indicator in own:
        groups.setdefault(facts.status(indicator) or "watched", []).append(indicator)
    for status in _LISTED:
        writer.bullets(text(f"word.area.{status}"), [told(facts, i) for i in groups.get(status, [])])
    for status in ("no_data", "withheld"):
        if names := "; ".join(text("prose.others.no_data_one", name=i.name, id=i.id) for i in groups.get(status, [])):
            writer.paragraph(text(f"word.area.{status}", names=names))
    if components[0].startswith("B."):
        writer.paragraph(text("word.area.results"))


def _standing(facts: Facts, judged: Sequence[Indicator], own: Sequence[Indicator]) -> str:
    """Return how many of an area's indicators met their targets; those told with it are named, so that the area's own
    number is the one of the summary table."""
    if not judged:
        return text("word.area.none")
    told = {"total": len(judged), "counts": counts(facts, judged)}
    if others := [i.id for i in judged if i not in own]:
        return text("word.area.count_with", own=len(own), with_id=", ".join(others), **told)
    return text("word.area.count", **told)


def counts(facts: Facts, indicators: Sequence[Indicator]) -> str:
    """Return "12 chỉ số đạt, 3 chỉ số không đạt và …"."""
    found = Counter(facts.status(i) for i in indicators)
    words = [text(f"word.general.{s}", count=formats.number(found[s])) for s in _STATUSES if found[s]]
    return wording.enumerate_words(words)


def told(facts: Facts, indicator: Indicator) -> str:
    """Return an indicator's line: value with code and n/N, change, target, deadline."""
    row, moved = facts.row(indicator.id), facts.changes(indicator)
    parts = [shown(facts, indicator), sentences.moved(moved[:1])]
    if row["status"] is None:
        parts.append(sentences.verdict(indicator, row))
    elif row["target"] is not None:
        parts.append(text("word.area.target", target=wording.target(indicator)))
    if row["status"] in ("pending", "at_risk") and row["deadline"] is not None:
        parts.append(text("word.area.deadline", deadline=formats.day(row["deadline"])))
    return text(
        "word.area.figure", name=indicator.name, mark=mark(indicator), body="; ".join(part for part in parts if part)
    )


def shown(facts: Facts, indicator: Indicator) -> str:
    """Return an indicator's value with its code and n/N."""
    row = facts.row(indicator.id)
    behind = sentences.base(indicator, row, facts.respondents(indicator))
    return text("word.area.value", value=sentences.value(indicator, row), base=behind)


def mark(indicator: Indicator) -> str:
    """Return the mark of a rule that was not checked against the legal text."""
    return "" if indicator.verified else text("word.area.mark")


def unverified(indicators: Iterable[Indicator]) -> list[str]:
    """Return the ids of those whose rule was not checked."""
    return [i.id for i in indicators if not i.verified]


def _satisfied(facts: Facts, *, fully: bool = False) -> str:
    """Return how satisfied people are; ``fully`` also how sure that is."""
    indicator = facts.material.catalogue.indicator(_OVERALL)
    told = sentences.sentence(
        indicator,
        facts.row(_OVERALL),
        facts.changes(indicator),
        facts.respondents(indicator),
        mark=mark(indicator),
    )
    return " ".join(part for part in (told, facts.evidence(indicator)) if part) if fully else told


def _cases(writer: Writer, facts: Facts) -> None:
    reference = facts.references["case-balance-field"]
    table = reference.table
    if not table.header_rows:
        writer.paragraph(text("word.cases.missing"))
        return
    total = table.frame.filter(pl.col("row_kind") == "total").row(0, named=True)
    if not total["total"]:
        writer.paragraph(text("word.cases.none"))
        return
    figures = {name: formats.number(total[name]) for name in COUNTS}
    writer.paragraph(text("word.cases.flow", table=writer.next_table, **figures))
    writer.table(table)
    writer.paragraph(reference.words, styles.NOTE)


def _plain(table: Table) -> Table:
    """Return the summary without the column that the shares of the statuses already tell."""
    return replace(table.without("coverage"), notes=())
