"""Building blocks of pages beside tables and charts: folds, call-outs, actions, changes, filters.

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

Direction = Literal["up", "down", "same", "new", "unknown"]


def _render(template: str, **values: Any) -> str:
    return environment().get_template(template).render(status_html=status_html, raw=formats.raw, **values)


def direction_html(direction: Direction, good: bool | None = None) -> Markup:
    """Return a change's direction as arrow and word, and what it means: ``▲ Tăng (tốt hơn)``.

    Args:
        direction: where the value went.
        good: whether that is for the better; None where it is neither, or not known.
    """
    kind = "neutral" if good is None else ("good" if good else "bad")
    word = text(f"reporting.direction.{direction}")
    if good is not None:
        word = text(f"reporting.direction.{kind}", direction=word)
    arrow = text(f"reporting.direction.{direction}_mark")
    return Markup('<span class="direction direction-{}"><span aria-hidden="true">{}</span> {}</span>').format(
        kind, arrow, word
    )


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
class Action:
    """Who must do what by when.

    Attributes:
        what: the task, a sentence without full stop.
        who: unit or office.
        by: the day, as text.
        status: shown as badge, if given.
        code: plan item or indicator.
        detail: a line under the task (how many cases, what is missing).
        href: where the list of cases stands.
        left: how many days are left or gone, as text.
    """

    what: str
    who: str
    by: str
    status: str | None = None
    code: str = ""
    detail: str = ""
    href: str = ""
    left: str = ""


@dataclass(frozen=True)
class Actions:
    """A list of actions, the first to be done first."""

    actions: tuple[Action, ...]

    def __repr__(self) -> str:
        return f"Actions({len(self.actions)} actions)"

    def _repr_html_(self) -> str:
        return _render("actions.html.j2", actions=self.actions)


@dataclass(frozen=True)
class Change:
    """One value then and now.

    Attributes:
        label: what changed.
        direction: ``up``, ``down``, ``same``, ``new`` (no value before) or ``unknown`` (none now).
        before, now: the values as text.
        difference: as text with its sign, e.g. ``+2,3 điểm %``.
        good: whether the change is for the better; None: neither, or within chance.
        code: indicator.
        detail: a line under the label (since when, whether it is beyond chance).
        before_value, now_value: the numbers behind the texts, for checks.
    """

    label: str
    direction: Direction
    before: str
    now: str
    difference: str = ""
    good: bool | None = None
    code: str = ""
    detail: str = ""
    before_value: float | None = None
    now_value: float | None = None


@dataclass(frozen=True)
class Changes:
    """A list of changes; arrows have their words beside them."""

    changes: tuple[Change, ...]

    def __repr__(self) -> str:
        return f"Changes({len(self.changes)} changes)"

    def _repr_html_(self) -> str:
        return _render("changes.html.j2", changes=self.changes, direction_html=direction_html)


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
