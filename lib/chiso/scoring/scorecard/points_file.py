"""The filled-in point table of a scorecard: what a body entered, what the appraisers and the survey gave."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chiso.messages import text, texts
from chiso.messages.system import reason
from chiso.scoring.scorecard.assessment import Assessment
from chiso.scoring.scorecard.csv_rows import number
from chiso.scoring.scorecard.faults import Faults
from chiso.scoring.scorecard.model import Scorecard
from chiso.scoring.scorecard.values import Status, Values

#: Columns by their names in files made by programs; people's files bear the labels ``scoring.points.<name>``.
COLUMNS = ("code", "unit", "value", "status", "appraisal", "survey", "evidence")
NEEDED = ("code",)
#: Whose points a column holds; ``value`` is what the rule turns into the body's own points.
ASSESSMENTS: dict[str, Assessment] = {"value": "self", "appraisal": "appraisal", "survey": "survey"}
#: Label of the whole body among the units.
WHOLE = ""
#: Rows among which the header is looked for.
_HEAD = 20
Cells = dict[tuple[str, str], "float | Status"]


@dataclass
class Points:
    """What a file says, by (unit, code): figures or points of each assessment, and the evidence."""

    given: dict[Assessment, Cells] = field(default_factory=dict)
    evidence: dict[tuple[str, str], str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def entered(self) -> bool:
        """Whether anything was filled in."""
        return any(self.given.values())

    @property
    def units(self) -> tuple[str, ...]:
        """The units named, the whole body first."""
        return tuple(sorted({unit for cells in self.given.values() for unit, _ in cells}))


def labels() -> dict[str, str]:
    """Return the columns' names for people."""
    return {name: text(f"scoring.points.{name}") for name in COLUMNS}


def states() -> dict[str, Status]:
    """Return the words of the column ``status``, for programs and for people of whatever language."""
    words: dict[str, Status] = {"ok": "ok", "missing": "missing", "not_applicable": "not_applicable"}
    written = {status: texts(f"scoring.points.state_{status}") for status in words.values()}
    return words | {word.casefold(): status for status, said in written.items() for word in said}


def read_points(file: Path, card: Scorecard) -> Points:
    """Read a filled-in point table (Excel or CSV).

    Args:
        file: columns as in :data:`COLUMNS`; a row a criterion and unit (no unit: the whole body). Rows whose code is
            blank, or that of an area, a criterion made of components or the total, are not read.
        card: whose criteria they are.

    Raises:
        ScorecardError: every fault with file and row: no header, unknown or repeated codes, what is no number, points
            beyond the maximum, unknown states.
    """
    faults = Faults()
    found = Points()
    rows = list(_table(file, faults))
    faults.stop()
    sums = {node.code for node in card.nodes} - set(card.codes)
    lines: dict[tuple[str, str], int] = {}
    for line, cells in rows:
        code, unit = cells.get("code", ""), cells.get("unit", WHOLE)
        if not code or code in sums:
            continue
        place = text("scoring.place.criterion", file=file.name, line=line, code=code)
        if code not in card.codes:
            faults.add(place, "code_unknown", code=code, hint="")
        elif (unit, code) in lines:
            faults.add(place, "points_twice", code=code, line=lines[unit, code])
        else:
            lines[unit, code] = line
            _row(found, card, unit, code, cells, place, faults)
    faults.stop()
    found.notes = tuple(faults.notes)
    return found


def _row(
    found: Points, card: Scorecard, unit: str, code: str, cells: Mapping[str, str], place: str, faults: Faults
) -> None:
    status = states().get(cells.get("status", "").casefold() or "ok")
    if status is None:
        known = ", ".join(text(f"scoring.points.state_{s}") for s in ("ok", "missing", "not_applicable"))
        faults.add(place, "status_unknown", value=cells["status"], known=known)
        return
    criterion = card.criteria[card.position(code)]
    for column, assessment in ASSESSMENTS.items():
        cell = cells.get(column, "")
        if status != "ok":
            if cell:
                faults.note(place, "value_ignored", value=cell, status=cells["status"])
            if column == "value" or status == "not_applicable":
                found.given.setdefault(assessment, {})[unit, code] = status
            continue
        if not cell:
            continue
        value = number(cell)
        if value is None:
            faults.add(place, "not_a_number", column=labels()[column], value=cell)
        elif (column != "value" or criterion.rule == "manual") and not 0 <= value <= criterion.max_points:
            limits = {"value": cell, "max": f"{criterion.max_points:.15g}"}
            faults.add(place, "points_beyond", column=labels()[column], **limits)
        else:
            found.given.setdefault(assessment, {})[unit, code] = value
    if cells.get("evidence"):
        found.evidence[unit, code] = cells["evidence"]


def values_of(
    card: Scorecard, points: Points, figures: Mapping[tuple[str, str], float], period: str, year: int
) -> dict[Assessment, Values]:
    """Return the values of each assessment: entered ones first, then the figures of indicators.

    Args:
        card: the scorecard.
        points: of :func:`read_points`; empty where no file was filled in.
        figures: value of each indicator by (unit, indicator); the units scored are those of the file, or the whole.
        period: label of the period.
        year: criteria that are not in force in it do not apply.
    """
    units = points.units or (WHOLE,)
    own: dict[tuple[str, str, str], float | Status] = {}
    for unit in units:
        for c in card.criteria:
            figure = figures.get((unit, c.indicator)) if c.indicator else None
            entered = points.given.get("self", {}).get((unit, c.code))
            out = (c.valid_from or year) > year or (c.valid_to or year) < year
            value = "not_applicable" if out else entered if entered is not None else figure
            own[period, unit, c.code] = "missing" if value is None else value
    found: dict[Assessment, Values] = {"self": Values.of(card.codes, own)}
    for name in ("appraisal", "survey"):
        if cells := points.given.get(name):
            keyed = {(period, u, c): v for (u, c), v in cells.items()}
            empty = Values.empty((period,), found["self"].units, card.codes)
            found[name] = empty.changed(keyed)
    return found


def _table(file: Path, faults: Faults) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows below the header as text, with their numbers in the file."""
    try:
        rows = _workbook(file) if file.suffix.lower() == ".xlsx" else _text(file)
    except UnicodeDecodeError:
        faults.add(file.name, "encoding")
        return
    except Exception as error:  # a damaged workbook fails in many ways
        faults.add(file.name, "unreadable", why=reason(error) if isinstance(error, OSError) else type(error).__name__)
        return
    names = {label.casefold(): name for name in COLUMNS for label in (*texts(f"scoring.points.{name}"), name)}
    for at, cells in enumerate(rows[:_HEAD]):
        columns = {i: names[c.casefold()] for i, c in enumerate(cells) if c.casefold() in names}
        if set(NEEDED) <= set(columns.values()) and len(columns) > 1:
            twice = [n for n in COLUMNS if list(columns.values()).count(n) > 1]
            for name in twice:
                faults.add(file.name, "column_twice", column=labels()[name])
            for line, row in enumerate(rows[at + 1 :], at + 2):
                yield line, {name: row[i] for i, name in columns.items() if i < len(row)}
            return
    faults.add(file.name, "points_no_header", columns=", ".join(labels().values()))


def _workbook(file: Path) -> list[list[str]]:
    from openpyxl import load_workbook  # not light; only where there is such a file

    book = load_workbook(file, read_only=True, data_only=True)
    try:
        return [[_cell(value) for value in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    finally:
        book.close()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()


def _text(file: Path) -> list[list[str]]:
    content = file.read_text(encoding="utf-8-sig")
    first = content.partition("\n")[0]
    rows = csv.reader(io.StringIO(content, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    return [[cell.strip() for cell in row] for row in rows]
