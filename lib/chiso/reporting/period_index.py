"""Links between periods, and the table of all periods with the course of both indices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from chiso.messages import text
from chiso.reporting import formats
from chiso.reporting.html import environment, status_html

_COLUMNS = ("period", "sipas", "par", "counts", "as_of", "files", "remarks")


@dataclass(frozen=True)
class NamedLink:
    """A link: what is read, and the relative address."""

    label: str
    href: str


@dataclass(frozen=True)
class PeriodLinks:
    """Links to neighbouring periods, as navigation."""

    links: tuple[NamedLink, ...]

    def _repr_html_(self) -> str:
        return environment().get_template("period_links.html.j2").render(links=self.links)


@dataclass(frozen=True)
class PeriodRow:
    """One period: its index, both indices, indicators by status, cut-off, remarks, and what can be opened at once.

    ``sipas`` and ``par`` are shares of 1; None: not known, or withheld (then ``sipas_status`` says so).
    """

    year: int
    label: str
    href: str
    sipas: float | None
    sipas_status: str | None
    par: float | None
    counts: tuple[tuple[str, int], ...]
    as_of: date
    remarks: tuple[str, ...]
    failed: bool
    files: tuple[NamedLink, ...]


@dataclass(frozen=True)
class Periods:
    """All periods, the newest first, by year."""

    rows: tuple[PeriodRow, ...]

    def _repr_html_(self) -> str:
        years = [
            (text("worktime.label_year", year=year), list(rows)) for year, rows in groupby(self.rows, lambda r: r.year)
        ]
        template = environment().get_template("periods.html.j2")
        columns = [(name, text(f"periods.{name}")) for name in _COLUMNS]
        return template.render(years=years, columns=columns, formats=formats, status_html=status_html, raw=formats.raw)
