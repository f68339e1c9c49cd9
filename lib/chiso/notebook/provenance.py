"""Where each figure comes from: formula, window, legal basis, source files with counts and hashes, rows left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from markupsafe import Markup

from chiso.catalogue import Indicator
from chiso.messages import text
from chiso.notebook.account import tables_of
from chiso.notebook.context import Context
from chiso.notebook.key_results import respondents
from chiso.reporting import formats, sentences
from chiso.reporting.html import Facts
from chiso.reporting.parts import Fold
from chiso.reporting.report import Column, Note, Table
from chiso.sources import load_contract

#: Characters of a file's hash that a page shows.
HASH = 12
#: Anchor of an indicator's fold is this and its id.
ANCHOR = "cs-"


@dataclass(frozen=True)
class Anchored:
    """A part of a page that links lead to."""

    anchor: str
    part: Any

    def __repr__(self) -> str:
        return f"Anchored({self.anchor!r})"

    def _repr_html_(self) -> str:
        return str(Markup('<div id="{}">{}</div>').format(self.anchor, Markup(self.part._repr_html_())))


@dataclass(frozen=True)
class DataLine:
    """One line on the data, with a link to the page that has the rest."""

    told: str
    href: str = ""

    def __repr__(self) -> str:
        return f"DataLine({self.told!r})"

    def _repr_html_(self) -> str:
        link = Markup(' <a href="{}">{}</a>.').format(self.href, text("provenance.quality_link")) if self.href else ""
        return str(Markup('<div class="prose prose-note"><p>{}{}</p></div>').format(self.told, link))


def folds(context: Context, indicators: Sequence[Indicator]) -> list[Anchored]:
    """Return a fold for each indicator: how it is counted, over which days, from which files, what was left out."""
    return [Anchored(f"{ANCHOR}{i.id}", fold(context, i)) for i in indicators]


def fold(context: Context, indicator: Indicator) -> Fold:
    """Return the fold of an indicator; its summary has the figure with n/N."""
    row = context.figure(indicator.id, unit=context.unit)
    told = sentences.value(indicator, row)
    if row.get("withheld"):
        told = text("notebook.word.withheld")
    elif row["value"] is not None:
        answered = respondents(context, indicator.id, context.unit)
        behind = sentences.base(indicator, row, answered).removeprefix(f"{indicator.id}: ")
        told = told if behind == indicator.id else text("provenance.summary_base", value=told, base=behind)
    counted = [("counted", indicator.numerator)]
    if indicator.denominator is not None:
        counted = [("numerator", indicator.numerator), ("denominator", indicator.denominator)]
    key = "verified" if indicator.verified else "unverified"
    facts = [
        ("formula", indicator.formula),
        *counted,
        ("window", window(context, indicator)),
        ("target", _target(indicator, row)),
        ("legal_basis", text(f"provenance.{key}", basis=indicator.legal_basis)),
        ("sources", "; ".join(_source(context, name) for name in tables_of(context, [indicator]))),
        ("left_out", _left_out(context, indicator)),
        ("note", indicator.note or ""),
    ]
    shown = tuple((text(f"provenance.{name}"), value) for name, value in facts if value)
    summary = text("provenance.summary", id=indicator.id, name=indicator.name, value=told)
    return Fold((Facts(shown),), summary, printed=True)


def window(context: Context, indicator: Indicator) -> str:
    """Return the exact days that an indicator counts."""
    t = context.timeframe
    days = {"start": t.start, "as_of": t.as_of, "year_start": t.year_start}
    shown = {name: formats.day(day) for name, day in days.items()}
    return text(f"provenance.window_{indicator.window}", year=t.plan_year, **shown)


def _target(indicator: Indicator, row: dict[str, Any]) -> str:
    if row["target"] is None:
        if indicator.reference_line is None:
            return text("provenance.watched")
        return text("provenance.reference", value=formats.percent(indicator.reference_line, trim=True))
    goal = formats.target_text(row["target"], indicator.comparator, "share" if indicator.as_percent else "count")
    key = "deadline" if row["deadline"] is not None else "no_deadline"
    return text(f"provenance.{key}", target=goal, deadline=formats.day(row["deadline"]))


def _files(context: Context, tables: Sequence[str]) -> pl.DataFrame:
    return context.dataset.files_of(tables)


def _source(context: Context, table: str) -> str:
    label, files = load_contract()[table].label, _files(context, [table])
    accepted = int(files["accepted"].sum())
    if not accepted:
        return text("provenance.source_none", table=label)
    names = files.unique("file", maintain_order=True)
    if names.height == 1:
        told = text("provenance.files_one", file=names["file"][0], hash=names["sha256"][0][:HASH])
    else:
        told = text("provenance.files_many", count=formats.number(names.height))
    return text("provenance.source", table=label, accepted=formats.number(accepted), files=told)


def _left_out(context: Context, indicator: Indicator) -> str:
    notes = context.notes([indicator.id])
    return " ".join(notes["message"]) or text("provenance.left_out_none")


def sources_table(context: Context, indicators: Sequence[Indicator]) -> Table:
    """Return the files that some indicators rest on: rows read, taken, rejected, and the start of the file's hash."""
    names = {name: contract.label for name, contract in load_contract().items()}
    tables = tables_of(context, indicators)
    order = pl.col("table").replace_strict(tables, range(len(tables)), return_dtype=pl.Int32)
    files = _files(context, tables).sort(order, "file", "sheet", nulls_last=False)
    several = pl.col("sheet").is_not_null() & (pl.col("sheet") != "")
    frame = files.select(
        table=pl.col("table").replace(names),
        file=pl.when(several).then(pl.format("{}, {}", "file", "sheet")).otherwise("file"),
        read="read",
        accepted="accepted",
        rejected="rejected",
        hash=pl.col("sha256").str.slice(0, HASH),
    )
    columns = (
        Column("table", text("provenance.table"), width=30),
        Column("file", text("provenance.file"), width=40),
        *(Column(c, text(f"provenance.{c}"), "integer", width=10) for c in ("read", "accepted", "rejected")),
        Column("hash", text("provenance.hash"), width=14),
    )
    notes = (Note(text("provenance.hash_note")),)
    return Table("sources", text("provenance.table_title"), columns, frame, notes, row_header="file")


def data_line(context: Context, indicators: Sequence[Indicator]) -> DataLine:
    """Return the quality of the data of some indicators in one line: rows read and rejected, what is unverified."""
    tables, files = tables_of(context, indicators), _files(context, tables_of(context, indicators))
    labels = {name: load_contract()[name].label for name in tables}
    there = [name for name in tables if context.dataset.accepted(name)]
    sums = {name: formats.number(int(files[name].sum())) for name in ("read", "accepted", "rejected")}
    if there:
        key = "quality" if files["rejected"].sum() else "quality_clean"
        told = [text(f"provenance.{key}", count=len(there), tables="; ".join(labels[n] for n in there), **sums)]
        missing = [labels[n] for n in tables if n not in there]
        told += [text("provenance.quality_missing", tables="; ".join(missing))] if missing else []
    else:
        told = [text("provenance.quality_none", tables="; ".join(labels.values()))]
    unverified = [i.id for i in indicators if not i.verified]
    key = "quality_unverified" if unverified else "quality_verified"
    told.append(text(f"provenance.{key}", count=len(unverified), ids=", ".join(unverified)))
    return DataLine(" ".join(told), "data_quality.html" if context.folder else "")
