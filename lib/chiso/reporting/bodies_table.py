"""Bodies by periods: one row a body, one column a period, both indices and the count of statuses in each cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from chiso.messages import text
from chiso.reporting import formats
from chiso.reporting.html import environment, status_html


@dataclass(frozen=True)
class PeriodHead:
    """A column: its period in words, and the as-of day of most of its cells."""

    label: str
    as_of: date | None


@dataclass(frozen=True)
class PeriodCell:
    """One body in one period.

    Attributes:
        href: of the period's index; empty where there are tables alone.
        sipas: share of 1; None: not known, or withheld (then ``sipas_status`` says so).
        sipas_status: status of its target.
        par: share of 1.
        counts: indicators by status.
        as_of: told where it is another day than that of the column.
        remarks: what else is to be told.
        failed: whether a report failed.
    """

    href: str
    sipas: float | None
    sipas_status: str | None
    par: float | None
    counts: tuple[tuple[str, int], ...]
    as_of: date
    remarks: tuple[str, ...]
    failed: bool


@dataclass(frozen=True)
class BodyRow:
    """One body: its name, where its index of periods is, and a cell for each column; None: nothing there."""

    label: str
    href: str
    remarks: tuple[str, ...]
    cells: tuple[PeriodCell | None, ...]


@dataclass(frozen=True)
class BodiesTable:
    """A table of bodies.

    Attributes:
        id: unique in the page.
        title: its caption.
        periods: the columns.
        rows: the bodies, with as many cells.
    """

    id: str
    title: str
    periods: Sequence[PeriodHead]
    rows: Sequence[BodyRow]

    def __repr__(self) -> str:
        return f"BodiesTable({len(self.rows)} × {len(self.periods)})"

    def _repr_html_(self) -> str:
        shown = {status for row in self.rows for cell in row.cells if cell for status, _ in cell.counts}
        template = environment().get_template("bodies.html.j2")
        return template.render(
            table=self,
            legend=[s for s in ("met", "not_met", "at_risk", "pending", "no_data") if s in shown],
            formats=formats,
            raw=formats.raw,
            status_html=status_html,
            count_html=_count_html,
        )


def _count_html(status: str, count: int) -> Markup:
    """Return a count with the mark of its status; the word is read out, and shown on pointing."""
    word = text(f"reporting.status.{status}.word")
    return Markup(
        '<span class="count count-{}" title="{}"><span aria-hidden="true">{}</span>{}'
        '<span class="sr-only"> {}</span></span>'
    ).format(status.replace("_", "-"), word, text(f"reporting.status.{status}.mark"), count, word)
