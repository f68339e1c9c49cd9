"""Building blocks of pages beside tables and charts: folds, call-outs, filters.

Each has ``_repr_html_`` and stands alone in a notebook cell, in a :class:`~chiso.reporting.html.Block` or in an index
page. Everything that comes from data is escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

from chiso.messages import text
from chiso.reporting import formats
from chiso.reporting.html import environment, status_html


def _render(template: str, **values: Any) -> str:
    return environment().get_template(template).render(status_html=status_html, raw=formats.raw, **values)


@dataclass(frozen=True)
class Fold:
    """Something that is opened when wanted: by default "Nguồn và cách tính" of the figure above it.

    Attributes:
        parts: objects with ``_repr_html_``.
        summary: what is always seen; default: source and method.
        open: whether it stands open at first.
        printed: whether its content is printed; else print shows the summary and that the page has the rest.
    """

    parts: tuple[Any, ...]
    summary: str = ""
    open: bool = False
    printed: bool = False

    def __repr__(self) -> str:
        return f"Fold({len(self.parts)} parts)"

    def _repr_html_(self) -> str:
        return _render("fold.html.j2", fold=self, parts=[Markup(part._repr_html_()) for part in self.parts])


@dataclass(frozen=True)
class Callout:
    """A framed remark: ``info``, ``caveat`` (read the figure with care) or ``problem`` (something must be mended)."""

    paragraphs: tuple[str, ...]
    kind: Literal["info", "caveat", "problem"] = "info"
    title: str = ""

    def __repr__(self) -> str:
        return f"Callout({self.kind!r}, {len(self.paragraphs)} paragraphs)"

    def _repr_html_(self) -> str:
        title = self.title or text(f"reporting.callout.{self.kind}")
        body = Markup("").join(Markup("<p>{}</p>").format(p) for p in self.paragraphs)
        return str(
            Markup('<div class="callout callout-{}"><p class="callout-title">{}</p>{}</div>').format(
                self.kind, title, body
            )
        )


@dataclass(frozen=True)
class Filter:
    """One choice of a filter bar.

    Attributes:
        id: name of the data attribute that rows carry (``data-<id>``), ASCII.
        label: what is chosen.
        options: value and label; "all" is put before them.
        every: what stands for "all", where that is not the word.
    """

    id: str
    label: str
    options: tuple[tuple[str, str], ...]
    every: str = ""


@dataclass(frozen=True)
class FilterBar:
    """Choices for the rows of one table; hidden until a page's script shows it, for it does nothing alone.

    Attributes:
        table: id of the table whose rows are filtered.
        filters: the choices.
        search: whether there is a field for words too.
    """

    table: str
    filters: tuple[Filter, ...]
    search: bool = False

    def __repr__(self) -> str:
        return f"FilterBar({self.table!r}, {len(self.filters)} filters)"

    def _repr_html_(self) -> str:
        return _render("filter_bar.html.j2", bar=self)
