"""Sections IV to VI and the notes: what is amiss, what comes next, how far the figures carry."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from chiso.messages import text
from chiso.reporting import formats, privacy, wording
from chiso.reporting.asks import asked, lacking
from chiso.reporting.report import Column, Table
from chiso.reporting.tables.scorecard import SCHEMA, entry, label
from chiso.reporting.word import results, styles, work
from chiso.reporting.word.facts import Facts
from chiso.reporting.word.work import Work
from chiso.reporting.word.writer import Writer

#: Overdue cases listed in the draft; the appendix has them all.
MOST_CASES = 20


def shortcomings(writer: Writer, facts: Facts, tasks: Work) -> None:
    """Write section IV: targets missed, cases and tasks overdue; the causes are the author's."""
    writer.heading(text("word.heading.shortcomings"))
    writer.heading(text("word.heading.shortcomings_found"), 2)
    missed = missed_table(facts)
    if missed.frame.height:
        count = formats.number(missed.frame.height)
        writer.paragraph(text("word.shortcomings.indicators", count=count, table=writer.next_table))
        writer.table(missed)
    else:
        writer.paragraph(text("word.shortcomings.none"))
    _overdue_cases(writer, facts)
    _overdue_tasks(writer, tasks)
    writer.heading(text("word.heading.causes"), 2)
    writer.paragraph(text("word.shortcomings.objective"))
    writer.paragraph(text("word.shortcomings.subjective"))


def missed_table(facts: Facts) -> Table:
    """Return the indicators that miss their target, in the plan's order."""
    catalogue = facts.material.catalogue
    missed = [i for i in catalogue.indicators if facts.status(i) == "not_met"]
    rows = [
        entry(i, facts.row(i.id), catalogue) | {"lacking": lacking(i, facts.row(i.id), facts.gaps.get(i.id))}
        for i in missed
    ]
    frame = (
        pl.DataFrame(rows, schema=SCHEMA | {"lacking": pl.String})
        .with_row_index("no", 1)
        .with_columns(pl.col("no").cast(pl.Int64))
    )
    columns = (
        Column("no", text("word.column.no"), "integer", align="center", width=6),
        Column("indicator", label("indicator"), width=10),
        Column("name", label("name"), width=38),
        Column("numerator", label("numerator"), "number", width=10),
        Column("denominator", label("denominator"), "number", width=10),
        Column("value", label("value"), "number", "value_format", width=10),
        Column("target", label("target"), "number", "target_format", width=11),
        Column("lacking", text("word.column.lacking"), width=16),
        Column("owner", label("owner"), width=26),
    )
    return Table("word-missed", text("word.shortcomings.indicators_title"), columns, frame, row_header="name")


def overdue_cases(facts: Facts) -> Table | None:
    """Return the overdue cases as the appendix lists them; None where there is no list."""
    table = facts.references["overdue-cases"].table
    return table if "case_id" in table.frame.columns else None


def _overdue_cases(writer: Writer, facts: Facts) -> None:
    day, table = formats.day(facts.material.timeframe.as_of), overdue_cases(facts)
    if table is None:
        writer.paragraph(text("word.shortcomings.cases_missing"))
    elif not table.frame.height:
        writer.paragraph(text("word.shortcomings.cases_none", as_of=day))
    else:
        count = _cases_open(facts, table)
        writer.paragraph(text("word.shortcomings.cases", as_of=day, count=count, table=writer.next_table))
        writer.table(table.head(MOST_CASES).without("field", "apology_forms"))
        writer.paragraph(facts.references["overdue-cases"].words, styles.NOTE)


def _cases_open(facts: Facts, table: Table) -> str:
    """Return how many cases are overdue: the indicator's count, where it was computed."""
    counted = facts.row("B.III.8b")["value"]
    return formats.number(table.frame.height if counted is None else counted)


def _overdue_tasks(writer: Writer, tasks: Work) -> None:
    day, rows = formats.day(tasks.as_of), tasks.overdue
    if rows is None:
        writer.paragraph(text("word.shortcomings.tasks_missing"))
    elif rows.is_empty():
        writer.paragraph(text("word.shortcomings.tasks_none", as_of=day))
    else:
        count = formats.number(rows.height)
        writer.paragraph(text("word.shortcomings.tasks", as_of=day, count=count, table=writer.next_table))
        writer.table(work.overdue_table(tasks, rows))


def next_steps(writer: Writer, facts: Facts, tasks: Work) -> None:
    """Write sections V and VI: what is due by whom and when, targets still open, proposals."""
    writer.heading(text("word.heading.next"))
    writer.heading(text("word.heading.tasks"), 2)
    if tasks.overdue is not None and tasks.overdue.height:
        writer.paragraph(text("word.next.overdue", count=formats.number(tasks.overdue.height)))
    cases = overdue_cases(facts)
    if cases is not None and cases.frame.height:
        writer.paragraph(text("word.next.cases", count=_cases_open(facts, cases)))
    span = {"start": formats.day(tasks.as_of), "end": formats.day(tasks.last)}
    if tasks.due is None:
        writer.paragraph(text("word.next.tasks_missing"))
    elif tasks.due.is_empty():
        writer.paragraph(text("word.next.tasks_none", **span))
    else:
        count = formats.number(tasks.due.height)
        writer.paragraph(text("word.next.tasks", count=count, table=writer.next_table, **span))
        writer.table(work.due_table(tasks.due, text("word.next.tasks_title", **span)))
    writer.heading(text("word.heading.targets"), 2)
    open_ = _open_targets(facts)
    writer.bullets(text("word.next.targets"), open_)
    if not open_:
        writer.paragraph(text("word.next.targets_none"))
    writer.heading(text("word.heading.measures"), 2)
    writer.paragraph(text("word.next.measures"))
    writer.heading(text("word.heading.proposals"))
    writer.paragraph(text("word.next.proposals"))


def _open_targets(facts: Facts) -> list[str]:
    catalogue = facts.material.catalogue
    found = []
    for indicator in catalogue.indicators:
        row = facts.row(indicator.id)
        if facts.status(indicator) not in ("pending", "at_risk"):
            continue
        owner = catalogue.item(indicator.plan_item).owner if indicator.plan_item else formats.MISSING
        until = text("word.next.until", deadline=formats.day(row["deadline"])) if row["deadline"] else ""
        what = asked(indicator, row, facts.gaps.get(indicator.id), facts.respondents(indicator), code=True)
        told = text("word.next.target", what=what, mark=results.mark(indicator), deadline=until, owner=owner)
        found.append(((row["deadline"] or facts.material.timeframe.as_of + timedelta(days=9999)), indicator.id, told))
    return [told for *_, told in sorted(found)]


def notes(writer: Writer, facts: Facts) -> None:
    """Write how far the figures carry: closing day, unverified rules, what is withheld, data, appendices, blanks."""
    m = facts.material
    t, catalogue, files = m.timeframe, m.catalogue, m.dataset.tallies
    ids = results.unverified(catalogue.indicators)
    sums = {name: formats.number(int(files[name].sum())) for name in ("read", "accepted", "rejected")}
    rule = text(f"worktime.window_{t.rule}")
    lines = [text("word.notes.as_of", as_of=formats.day(t.as_of), rule=rule), text("word.notes.compared")]
    if t.plan_year != catalogue.year:
        lines.append(text("word.other_year", plan_year=t.plan_year, year=catalogue.year))
    if ids:
        lines.append(text("word.notes.unverified", count=len(ids), ids=", ".join(ids)))
    if any(facts.status(i) == "withheld" for i in catalogue.indicators):
        lines.append(text("word.notes.withheld", minimum=privacy.MINIMUM))
    lines.append(text("word.notes.data", files=formats.number(files.height), **sums))
    lines.append(text("word.notes.appendices", files=wording.enumerate_words(list(facts.files.values()))))
    if m.dataset.body.synthetic:
        lines.append(text("word.notes.synthetic"))
    lines.append(text("word.notes.blanks"))
    writer.paragraph(text("word.notes.head"), styles.NOTE)
    for line in lines:
        writer.paragraph(text("word.bullet", value=line), styles.NOTE)
