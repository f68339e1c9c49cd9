"""A proposal as a person reads it: a report on the console, and a commented mapping file to edit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from chiso.messages import text
from chiso.sources.layout.rows import KINDS
from chiso.sources.mapping.proposal.analyse import Proposal, ProposedColumn, Unplaced
from chiso.sources.mapping.proposal.cells import Evidence

# What is read without being declared: ISO dates always, plain numbers unless they may mean something else.
_DATES = ("dmy", "mdy")
_NUMBERS = ("vi", "en", "plain")


def report(proposal: Proposal) -> str:
    """Return what was matched, guessed and not placed, in words."""
    return "\n".join(_report(proposal))


def _report(p: Proposal) -> Iterator[str]:
    key = "own_table" if p.own else "table"
    yield text(
        f"sources.proposal.{key}",
        file=p.file.name,
        table=p.table.name,
        label=p.table.label,
        sheet=p.sheet or p.file.name,
    )
    for name, count in p.likely:
        yield "  " + text("sources.proposal.likely", table=name, count=count)
    kinds = ", ".join(text(f"sources.layout.{k}", count=p.layout[k]) for k in KINDS if p.layout.get(k))
    yield text("sources.proposal.rows", rows=p.rows, first=p.header.first + 1, last=p.header.position + 1)
    if kinds:
        yield "  " + text("sources.proposal.layout", kinds=kinds)
    for way in ("exact", "words", "content"):
        columns = [column for column in p.columns if column.way == way]
        if columns:
            yield text(f"sources.proposal.{'own_columns' if p.own else way}", count=len(columns))
            for column in columns:
                why = f" ({column.why})" if column.why else ""
                yield f"  {column.name} ← “{column.title}”{why}"
    lists = (
        ("unplaced", [f"“{one.title}”" + _may_be(one) for one in p.unplaced]),
        ("missing", [f"{column.label} ({column.name})" for column in p.missing]),
        ("personal", [f"“{title}”" for title, _ in p.personal]),
        ("doubtful", [f"{name}: {'; '.join(titles)}" for name, titles in p.header.doubtful]),
    )
    for name, lines in lists:
        if lines:
            yield text(f"sources.proposal.{name}", count=len(lines))
            yield from (f"  {line}" for line in lines)
    for column in p.columns:
        if column.untranslated:
            words = ", ".join(f"“{word}”" for word in column.untranslated[:8])
            yield text("sources.proposal.untranslated", column=column.name, words=words)
    yield from _conventions(p)
    for factor in dict.fromkeys(p.multiply.values()):
        names = ", ".join(name for name, its in p.multiply.items() if its == factor)
        yield text("sources.proposal.multiply", columns=names, factor=factor.number, told=factor.told)


def _may_be(one: Unplaced) -> str:
    if one.may_be:
        return f" ({text('sources.proposal.may_be', names=', '.join(one.may_be))})"
    if one.contradicted:
        return f" ({text('sources.proposal.contradicted', word=one.word, column=one.contradicted)})"
    return ""


def _conventions(p: Proposal) -> Iterator[str]:
    for name, seen in (("dates", p.dates), ("numbers", p.numbers)):
        for kind, found in seen.items():
            if kind == "iso":  # also what real dates of a workbook look like: nothing to be declared
                continue
            yield text(f"sources.proposal.{name}_{kind}", count=found.count, example=found.example)


def toml(proposal: Proposal) -> str:
    """Return the mapping file: what is sure is written, what is guessed is told, what is open is commented out."""
    return "\n".join(_toml(proposal)) + "\n"


def _toml(p: Proposal) -> Iterator[str]:
    yield f"# {text('sources.proposal.head', file=p.file.name)}"
    yield f"# {text('sources.proposal.head_edit')}"
    yield ""
    yield f"system = {_quoted(p.file.stem)}"
    if p.own:
        yield from _own_table(p)
    yield ""
    yield "[[sources]]"
    yield f"file = {_quoted(file_pattern(p.file.name))}"
    if p.sheet and p.sheets > 1:
        yield f"# sheet = {_quoted(p.sheet)}  # {text('sources.proposal.sheet_note')}"
    yield f"table = {_quoted(p.table.name)}"
    yield from _choice("dates", _DATES, p.dates)
    yield from _choice("numbers", _NUMBERS, p.numbers)
    if p.multiply:
        told = "; ".join(dict.fromkeys(factor.told for factor in p.multiply.values()))
        listed = ", ".join(f"{_key(name)} = {factor.number}" for name, factor in p.multiply.items())
        yield f"multiply = {{ {listed} }}  # {text('sources.proposal.note_multiply', told=_one_line(told))}"
    if p.sections:
        yield ""
        yield f"# {text('sources.proposal.sections_note')}"
        yield "[sources.rows]"
        yield "take = { STT = '\\d+' }"
    yield ""
    yield "[sources.columns]"
    for column in p.columns:
        note = f"  # {text('sources.proposal.note_guess', why=column.why)}" if column.way != "exact" else ""
        yield f"{_key(column.name)} = {_quoted(_one_line(column.title))}{note}"
    for one in p.unplaced:
        name = one.may_be[0] if len(one.may_be) == 1 else (not one.may_be and one.contradicted) or "???"
        yield f"# {name} = {_quoted(_one_line(one.title))}  # {_why_open(one)}"
    for title, _ in p.personal:
        yield f"# {text('sources.proposal.note_personal', title=_one_line(title))}"
    if p.missing:
        yield ""
        yield f"# {text('sources.proposal.note_missing')}"
        yield "# [sources.constants]"
        for lacking in p.missing:
            codes = f"  # {' | '.join(lacking.values)}" if lacking.values else ""
            yield f"# {_key(lacking.name)} = {_quoted(lacking.file_label)}{codes}"
    for column in p.columns:
        if column.untranslated:
            yield from _values(p, column)


def _why_open(one: Unplaced) -> str:
    if one.may_be:
        return text("sources.proposal.note_may_be", names=" | ".join(one.may_be))
    if one.contradicted:
        return text("sources.proposal.note_contradicted", word=one.word, column=one.contradicted)
    return text("sources.proposal.note_unplaced")


def _own_table(p: Proposal) -> Iterator[str]:
    name = _key(p.table.name)
    yield ""
    yield f"# {text('sources.proposal.own_note')}"
    yield f"[tables.{name}]"
    yield f"label = {_quoted(p.table.label)}"
    yield f"key = {json.dumps(list(p.table.key))}"
    yield ""
    yield f"[tables.{name}.columns]"
    for column in p.table.columns:
        required = ", required = true" if column.required else ""
        required += ", public = true" if column.public else ""
        yield f"{_key(column.name)} = {{ label = {_quoted(column.label)}, type = {_quoted(column.type)}{required} }}"


def _values(p: Proposal, column: ProposedColumn) -> Iterator[str]:
    codes = " | ".join(p.table.column(column.name).values)
    yield ""
    yield f"# {text('sources.proposal.note_values', column=column.name, codes=codes)}"
    yield f"# [sources.values.{_key(column.name)}]"
    for word in column.untranslated[:30]:
        yield f"# {_quoted(word)} = {_quoted('???')}"


def _choice(name: str, known: tuple[str, ...], seen: dict[str, Evidence]) -> Iterator[str]:
    """Write the convention where the cells show one alone and it has to be told; where open, all, commented out."""
    shown = [kind for kind in known if kind in seen]
    told = ", ".join(f"{kind}: {found.example} (×{found.count})" for kind, found in seen.items() if kind != "iso")
    if not shown and "either" not in seen or shown == ["plain"] and "either" not in seen:
        return
    if len(shown) == 1 and shown[0] != "plain":
        yield f"{name} = {_quoted(shown[0])}  # {_one_line(told)}"
        return
    options = shown or [kind for kind in known if kind != "plain"]
    yield f"# {text('sources.proposal.note_choice', told=_one_line(told))}"
    yield from (f"# {name} = {_quoted(kind)}" for kind in options)


def file_pattern(name: str) -> str:
    """Return the pattern of a file's name: dates and numbers in it may be others next time.

    >>> file_pattern("HoSo_2024-Q1_20240405.xlsx")
    'HoSo_*.xlsx'
    """
    stem, dot, suffix = name.rpartition(".")
    pattern = re.sub(r"(?<![^\W_])\d[\dQHMW._-]*", "*", stem.replace("[", "?").replace("]", "?"))
    pattern = re.sub(r"\*[*_-]*\*|\*+", "*", pattern)
    return f"{pattern if pattern.strip('*_- ') else '*'}{dot}{suffix}"


def _one_line(words: str) -> str:
    return " ".join(words.split())


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
