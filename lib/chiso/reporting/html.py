"""Tables, key figures and prose as HTML; everything that comes from data is escaped."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from chiso.messages import text
from chiso.reporting import formats, theme
from chiso.reporting.report import Cell, Table, header_of
from chiso.reporting.sparkline import sparkline

#: Characters; the longest Vietnamese word has seven, codes and file names have more.
_WORD = 24
_OVERLONG = re.compile(rf"\S{{{_WORD + 8},}}")


@cache
def environment() -> Environment:
    """Return the Jinja environment of all own templates; autoescape is on."""
    env = Environment(
        loader=PackageLoader("chiso.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    env.globals["text"] = text
    env.filters["show"] = cell_html
    return env


def status_html(status: str | None) -> Markup:
    """Return a status as mark and word; the class carries the colour."""
    name = status or "none"
    return Markup('<span class="status status-{}"><span aria-hidden="true">{}</span> {}</span>').format(
        name.replace("_", "-"),
        text(f"reporting.status.{name}.mark"),
        text(f"reporting.status.{name}.word"),
    )


def breakable(words: str) -> Markup | str:
    """Return a text whose overlong words may break, so that none of them pushes a table over the page's edge."""
    if not _OVERLONG.search(words):
        return words
    cut = _OVERLONG.sub(lambda word: "\0".join(textwrap.wrap(word[0], _WORD, break_on_hyphens=False)), words)
    return Markup("<wbr>").join(cut.split("\0"))


def cell_html(cell: Cell) -> Markup | str:
    """Return what stands in a table cell; the template escapes it."""
    if cell.format == "status":
        return status_html(cell.value)
    if cell.format in ("sparkline", "sparkline_percent"):
        return Markup(sparkline(cell.value or [], share=cell.format == "sparkline_percent"))
    shown = breakable(formats.show(cell.value, cell.format, cell.column.missing))
    if cell.column.anchor and cell.value:
        return Markup('<a href="#{}">{}</a>').format(f"{cell.column.anchor}{cell.value}", shown)
    return shown


def table_html(table: Table) -> str:
    """Return a table: caption, scoped headers, numbers right-aligned, raw values in ``data-value``.

    Wide tables scroll inside their own focusable region, so the page never does.
    """
    header, _ = header_of(table)
    rows = [list(group) for _, group in groupby(header, key=lambda placed: placed.row)]
    template = environment().get_template("table.html.j2")
    return template.render(
        table=table, header=rows, widths=_widths(table), rows=table.rows(), raw=formats.raw, numeric=formats.NUMERIC
    )


def _widths(table: Table) -> list[int]:
    """Return each column's share of the width in per cent, 0 for one that has none; nothing where no column has."""
    given = [column.width or 0.0 for column in table.columns]
    known = [width for width in given if width]
    if not known:
        return []
    # A column without a width of its own (a sparkline) takes an average one.
    whole = sum(known) * len(given) / len(known)
    return [round(100 * width / whole) for width in given]


@dataclass(frozen=True)
class KeyFigure:
    """One figure of the first screen: a value already in words, its label, a status, a change, a line of detail."""

    label: str
    value: str
    status: str | None = None
    detail: str = ""
    href: str = ""
    data_value: float | None = None
    change: str = ""


@dataclass(frozen=True)
class KeyFigures:
    """A row of key figures."""

    figures: tuple[KeyFigure, ...]

    def __repr__(self) -> str:
        return f"KeyFigures({len(self.figures)} figures)"

    def _repr_html_(self) -> str:
        return (
            environment()
            .get_template("key_figures.html.j2")
            .render(figures=self.figures, status_html=status_html, raw=formats.raw)
        )


@dataclass(frozen=True)
class Facts:
    """Short facts by label: what a report is about."""

    facts: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return f"Facts({len(self.facts)} facts)"

    def _repr_html_(self) -> str:
        entry = Markup("<div><dt>{}</dt><dd>{}</dd></div>")
        return str(Markup('<dl class="facts">{}</dl>').format(Markup("").join(entry.format(*f) for f in self.facts)))


class Style:
    """The pages' look for outputs in JupyterLab, which knows nothing of it."""

    def __repr__(self) -> str:
        return "Style()"

    def _repr_html_(self) -> str:
        return f"<style>{theme.css(scope='.jp-RenderedHTMLCommon')}</style>"


@dataclass(frozen=True)
class Prose:
    """Paragraphs of generated text; ``kind`` is ``lead``, ``note`` or ``caveat``."""

    paragraphs: tuple[str, ...]
    kind: str = "lead"

    def __repr__(self) -> str:
        return f"Prose({self.kind!r}, {len(self.paragraphs)} paragraphs)"

    def _repr_html_(self) -> str:
        body = Markup("").join(Markup("<p>{}</p>").format(p) for p in self.paragraphs)
        return str(Markup('<div class="prose prose-{}">{}</div>').format(self.kind, body))


@dataclass(frozen=True)
class Block:
    """Several objects one under the other (tables, charts, prose), shown as one output."""

    parts: tuple[Any, ...]

    def __repr__(self) -> str:
        return f"Block({len(self.parts)} parts)"

    def _repr_html_(self) -> str:
        return "\n".join(part._repr_html_() for part in self.parts)
