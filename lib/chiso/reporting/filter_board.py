"""The board of plan items as a page shows it: every row there, and controls that a few lines of script bring to life.

Without script the controls stay hidden and the whole table is there. The script reads attributes and writes text;
it makes no markup of what is in the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from itertools import groupby
from typing import Any

import polars as pl
from markupsafe import Markup

from chiso.messages import text
from chiso.reporting import formats
from chiso.reporting.html import environment, status_html
from chiso.reporting.parts import Filter, FilterBar
from chiso.reporting.report import Table
from chiso.reporting.sparkline import sparkline

#: Statuses in the order of the control; ``none``: items that are only watched.
STATUSES = ("not_met", "at_risk", "pending", "met", "no_data", "none", "withheld")
DUES = ("overdue", "week", "month", "later", "undated")


@dataclass(frozen=True)
class UnitFigure:
    """How a unit stands on an item: by which indicator, its value and target in words, its status."""

    indicator: str
    value: str
    target: str
    status: str | None


@dataclass(frozen=True)
class FilterBoard:
    """The board with what its controls choose from.

    Attributes:
        table: the board, see :func:`chiso.reporting.tables.board_table`, with sections (``row_kind``) and a column
            ``past`` of each item's values of shares or counts.
        links: address of each item's report, by item.
        units: code and name of the units that can be chosen.
        figures: by item, each unit's figure by code.
    """

    table: Table
    links: Mapping[str, str]
    units: tuple[tuple[str, str], ...] = ()
    figures: Mapping[str, Mapping[str, UnitFigure]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"FilterBoard({self.table!r}, {len(self.units)} units)"

    @property
    def frame(self) -> pl.DataFrame:
        """The values shown."""
        return self.table.frame

    def _repr_html_(self) -> str:
        rows = [self._row(row) for row in self.table.frame.iter_rows(named=True)]
        items = [row for row in rows if not row["section"]]
        statuses = [s for s in STATUSES if self.units or s in {row["status"] for row in items}]
        template = environment().get_template("filter_board.html.j2")
        return template.render(
            table=self.table,
            bar=Markup(self._bar(statuses, sorted({row["owner"] for row in items if row["owner"]}))._repr_html_()),
            labels={column.name: column.label for column in self.table.columns},
            sections=[list(group) for _, group in groupby(rows, key=lambda row: row["component"])],
            statuses=statuses,
            status_html=status_html,
            raw=formats.raw,
            script=Markup(_script()),
        )

    def _bar(self, statuses: list[str], owners: list[str]) -> FilterBar:
        filters = [
            Filter("status", text("board.status"), tuple((s, text(f"reporting.status.{s}.word")) for s in statuses)),
            Filter("due", text("board.due"), tuple((due, text(f"board.{due}")) for due in DUES)),
            Filter("owner", text("board.owner"), tuple((owner, owner) for owner in owners)),
        ]
        if self.units:
            filters.append(Filter("unit", text("board.unit"), self.units, text("board.whole")))
        return FilterBar(self.table.id, tuple(filters), search=True)

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        if row["row_kind"] == "section":
            return {"section": row["item"], "component": row["component"]}
        percent = row["value_format"] == "percent"
        target = formats.show(row["target"], row["target_format"])
        return row | {
            "section": "",
            "status": row["status"] or "none",
            "value_shown": formats.show(row["value"], row["value_format"]),
            "target_shown": target,
            "day": formats.day(row["next_deadline"]) if row["next_deadline"] else "",
            "due_words": due_words(row["next_days"]),
            "drawing": Markup(sparkline(row["past"], share=percent)) if any(v is not None for v in row["past"]) else "",
            "href": self.links.get(row["item"], ""),
            "units": self._encoded(row["item"], row["indicator"], target),
        }

    def _encoded(self, item: str, indicator: str, target: str) -> str:
        """Return an item's figures by unit: ``number of the unit;value;number of the status|…``, short for many units.

        Indicator and target follow where they are not those of the row.
        """
        found, parts = self.figures.get(item, {}), []
        for number, (code, _) in enumerate(self.units):
            if figure := found.get(code):
                own = [str(number), figure.value, str(STATUSES.index(figure.status or "none"))]
                same = (figure.indicator, figure.target) == (indicator, target)
                parts.append(";".join(own if same else [*own, figure.indicator, figure.target]))
        return "|".join(parts)


def due_words(days: int | None) -> str:
    """Return days left in words; empty for None."""
    if days is None:
        return ""
    key = "today" if days == 0 else "days_left" if days > 0 else "days_over"
    return text(f"board.{key}", days=formats.number(abs(days)))


def _script() -> str:
    return resources.files(__package__).joinpath("page", "board.js").read_text(encoding="utf-8")
