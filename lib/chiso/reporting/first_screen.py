"""The first screen of an overview: a few questions, each with its answer, its evidence and where to read on."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from chiso.reporting import formats
from chiso.reporting.html import environment, status_html
from chiso.reporting.sparkline import sparkline


@dataclass(frozen=True)
class Headline:
    """One index: its value in words, how it stands, how it moved, its course.

    Attributes:
        label: what it is.
        value: in words.
        status: of the target; None where there is none.
        detail: target and base, in a few words.
        changes: one sentence a comparison.
        past: values of the last periods, oldest first; shares of 1.
        target: drawn with the course.
        data_value: the number behind ``value``.
    """

    label: str
    value: str
    status: str | None
    detail: str
    changes: tuple[str, ...] = ()
    past: tuple[float | None, ...] = ()
    target: float | None = None
    data_value: float | None = None

    @property
    def drawing(self) -> Markup:
        """The course as a line; nothing where fewer than two values are known."""
        if sum(value is not None for value in self.past) < 2:
            return Markup("")
        return Markup(sparkline(self.past, self.target, share=True))


@dataclass(frozen=True)
class Tally:
    """How many indicators stand how, drawn as one bar and told in words."""

    label: str
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Line:
    """One line of an answer.

    Attributes:
        label: what it is about; a link where ``href`` is given.
        detail: the figure, in words.
        owner: whose it is.
        href: relative address or anchor.
        board: conditions (``owner=…&status=…``, encoded) for the board of the same page, where the link leads to it.
        status: shown as mark and word.
    """

    label: str
    detail: str = ""
    owner: str = ""
    href: str = ""
    board: str = ""
    status: str | None = None


@dataclass(frozen=True)
class Answer:
    """A question, its answer in a sentence, the evidence, and where to read on."""

    id: str
    question: str
    summary: str
    lines: tuple[Line, ...] = ()
    more: Line | None = None


@dataclass(frozen=True)
class FirstScreen:
    """The indices with the tally beside them, and an answer to each further question."""

    question: str
    headlines: tuple[Headline, ...]
    tally: Tally
    answers: tuple[Answer, ...]

    def __repr__(self) -> str:
        return f"FirstScreen({len(self.headlines)} headlines, {len(self.answers)} answers)"

    def _repr_html_(self) -> str:
        template = environment().get_template("first_screen.html.j2")
        return template.render(screen=self, status_html=status_html, raw=formats.raw)
