"""Self-contained HTML pages: the frame of a report (:mod:`chiso.reporting.notebook_page`), an error page, an index.

Nothing in a page points outside its folder: style, font and pictures are part of it, and no script but one of this
program's own (a table's filters). Code, prompts, warnings and what cells write to standard error are not shown; the
notebook kept beside the page has them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from markupsafe import Markup

from chiso.messages import text
from chiso.reporting import theme
from chiso.reporting.html import environment, status_html

_HEADING = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>', re.DOTALL)
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Link:
    """A link within the outputs.

    Attributes:
        label: what is read.
        href: relative to the page.
        title: the whole name, where the label is short.
        current: whether it leads to the page it stands on.
    """

    label: str
    href: str
    title: str = ""
    current: bool = False


@dataclass(frozen=True)
class Page:
    """What frames every page.

    Attributes:
        title: of the window and, on pages without a notebook, the ``h1``.
        body_name: whose report it is.
        period: name of the period.
        facts: label and value of what else the figures rest on: exact window, cut-off, catalogue, run.
        synthetic: puts a band across the page and a watermark across print.
        notice: what the band, or the footer, says about the data.
        links: to the period's other pages.
        footer: closing lines: versions, rules not verified.
    """

    title: str
    body_name: str
    period: str
    synthetic: bool = False
    notice: str = ""
    links: tuple[Link, ...] = ()
    footer: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Card:
    """One entry of an index: where it leads, what it is, how it stands."""

    label: str
    href: str
    code: str = ""
    detail: str = ""
    status: str | None = None
    failed: bool = False


@dataclass(frozen=True)
class Group:
    """A titled group of cards."""

    title: str
    cards: tuple[Card, ...]

    @property
    def anchor(self) -> str:
        """ASCII anchor of the group's heading."""
        return slug(self.title)


@dataclass(frozen=True)
class _Contents:
    anchor: str
    label: str


def slug(label: str) -> str:
    """An ASCII anchor of a Vietnamese heading.

    >>> slug("Đơn vị nào chậm?")
    'don-vi-nao-cham'
    """
    plain = unicodedata.normalize("NFD", label.casefold().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if ord(c) < 128)).strip("-") or "muc"


def error_page(page: Page, *, summary: str, source: str = "", traceback: str = "", resume: str = "") -> str:
    """The page in place of a report whose notebook failed.

    Args:
        page: the frame.
        summary: what went wrong, for the analyst.
        source: code of the cell at fault.
        traceback: for a developer, folded; terminal colours are taken out.
        resume: command that runs the report again.
    """
    template = environment().get_template("error.html.j2")
    plain = _ANSI.sub("", traceback)
    content = template.render(page=page, summary=summary, source=source, traceback=plain, resume=resume)
    return framed(page, Markup(content))


def index_page(
    page: Page,
    groups: Sequence[Group],
    *,
    lead: Sequence[str] = (),
    figures: Any = None,
    blocks: Sequence[Any] = (),
) -> str:
    """A page that leads to others.

    Args:
        page: the frame.
        groups: cards by group.
        lead: opening sentences.
        figures: key figures (any object with ``_repr_html_``).
        blocks: further tables under the cards.
    """
    content = (
        environment()
        .get_template("index.html.j2")
        .render(
            page=page,
            groups=groups,
            lead=lead,
            figures=Markup(figures._repr_html_()) if figures is not None else "",
            blocks=[Markup(block._repr_html_()) for block in blocks],
            status_html=status_html,
        )
    )
    return framed(page, Markup(content))


def framed(page: Page, content: Markup, script: str = "") -> str:
    """Return a page around its contents; second-level headings are the table of contents, if there are several.

    Args:
        page: the frame.
        content: HTML.
        script: of this program's own, put at the end of the page as it is.
    """
    headings = (_Contents(anchor, re.sub(r"<[^>]+>", "", label)) for anchor, label in _HEADING.findall(content))
    toc = [_Contents(h.anchor, unescape(h.label)) for h in headings]
    template = environment().get_template("page.html.j2")
    return template.render(
        page=page,
        content=content,
        toc=toc if len(toc) > 1 else [],
        css=Markup(theme.css()),
        print_css=Markup(_running_lines(page)),
        script=Markup(script),
    )


def _running_lines(page: Page) -> str:
    """Return the rules that print whose report it is, and that its data are made up, on every sheet."""
    foot = f"{page.body_name} · {page.title} · {page.period}"
    rules = f"@page{{@bottom-left{{content:{_css_string(foot)}}}"
    if page.synthetic:
        head = _css_string(text("reporting.page.synthetic"))
        rules += f"@top-center{{content:{head};font-size:8pt;color:{theme.BAND}}}"
    return rules + "}"


def _css_string(words: str) -> str:
    """Return a text as a CSS string that can end neither itself nor the style sheet.

    >>> _css_string('Sở "A" </style>')
    '"Sở \\\\22 A\\\\22  \\\\3c /style\\\\3e "'
    """
    shown = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return '"' + "".join(f"\\{ord(c):x} " if c in "\"\\<>&'" else c for c in shown) + '"'
