"""Point tables to fill in: the province's scorecard as a file to copy, a worked example, sheets for the points."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from chiso.messages import text
from chiso.reporting import excel
from chiso.scoring.scorecard.card_file import FOLDER, load_scorecard, own_scorecard
from chiso.scoring.scorecard.model import Scorecard
from chiso.scoring.scorecard.points_file import labels
from chiso.sources.config import SCORECARDS, TEMPLATES

#: Name of the files; those of the package under their names in the data folder.
EMPTY, EXAMPLE, AGENCIES = "bang_diem", "vi_du", "decree61"
_WIDTHS = {"code": 12.0, "name": 56.0, "most": 10.0, "unit": 14.0, "value": 18.0, "status": 18.0, "appraisal": 14.0,
           "survey": 14.0, "evidence": 44.0}  # fmt: skip


def point_templates(folder: Path, year: int, data: Path | None, units: Sequence[str]) -> dict[Path, bytes]:
    """Return the files by path with their content.

    In ``scorecards`` a sheet for the points of the agency assessment and of every scorecard that the data folder has;
    in ``templates`` an empty scorecard to copy the province's decision into, and a worked example (invented, says so).

    Args:
        folder: of the templates.
        year: plan year.
        data: data folder whose scorecards are taken; None: those of the package.
        units: codes of the units; the agency assessment gets rows for each.

    Raises:
        ScorecardError: a scorecard of the data folder has faults; all are listed.
    """
    shipped = resources.files("chiso.scoring") / FOLDER
    # Not in the folder of scorecards: there they would be read before they are filled in, or as if they were real.
    place, example = folder / SCORECARDS, folder / TEMPLATES
    found = {example / f"{EMPTY}.toml": (shipped / "template.toml").read_bytes()}
    cards = {AGENCIES: (own_scorecard(AGENCIES), tuple(units))}
    own = sorted((data / SCORECARDS).glob("*.toml")) if data else []
    cards |= {file.stem: (load_scorecard(file), ()) for file in own}
    for name, (card, bodies) in cards.items():
        found[place / f"{name}_{year}.xlsx"] = _bytes(card, name, year, bodies)
    found[example / f"{EXAMPLE}.toml"] = (shipped / "example.toml").read_bytes()
    found[example / f"{EXAMPLE}_{year}.xlsx"] = _bytes(own_scorecard("example"), EXAMPLE, year, ())
    return found


def _bytes(card: Scorecard, name: str, year: int, units: Sequence[str]) -> bytes:
    return excel.to_bytes(_sheet(card, name, year, units), dt.date(year, 1, 1))


def _sheet(card: Scorecard, name: str, year: int, units: Sequence[str]) -> Workbook:
    workbook = Workbook()
    excel.set_default_font(workbook)
    ws = workbook.worksheets[0]
    ws.title = excel.sheet_name(workbook, card.code)
    named = labels() | {"name": text("scores.card.criterion"), "most": text("scores.card.maximum")}
    for number, column in enumerate(_WIDTHS, 1):
        ws.column_dimensions[get_column_letter(number)].width = _WIDTHS[column]
    scope = text("templates.points.scope", name=name, year=year)
    at = excel.add_heading(ws, excel.Heading(card.name.upper(), scope=scope), len(_WIDTHS))
    for number, column in enumerate(_WIDTHS, 1):
        excel.write_text(ws.cell(at, number), named[column])
        excel.style_header(ws.cell(at, number))
    excel.set_height(ws, at, 2)
    first = at + 1
    for unit in units or ("",):
        for criterion in card.criteria:
            at += 1
            cells = {"code": criterion.code, "name": criterion.name, "unit": unit, "evidence": criterion.evidence}
            for number, column in enumerate(_WIDTHS, 1):
                cell = ws.cell(at, number)
                excel.write_text(cell, cells.get(column, ""))
                cell.font, cell.border = excel.font(), excel.BOX
                cell.alignment = Alignment("left" if column in cells else "right", "top", wrap_text=column in cells)
            ws.cell(at, 3).value = criterion.max_points
            excel.write_text(ws.cell(at, 6), text("scoring.points.state_ok"))
            limit = DataValidation("decimal", operator="between", formula1="0", formula2=repr(criterion.max_points))
            limit.errorTitle = text("templates.error_title")
            limit.error = text("scores.book.error", top=criterion.max_points)
            limit.add(f"G{at}:H{at}")
            if criterion.rule == "manual":
                limit.add(f"E{at}")
            ws.add_data_validation(limit)
            excel.set_height(ws, at, excel.text_lines(criterion.name, _WIDTHS["name"]))
    words = [text(f"scoring.points.state_{s}") for s in ("ok", "missing", "not_applicable")]
    states = DataValidation("list", formula1='"' + ",".join(words) + '"')
    states.add(f"F{first}:F{at}")
    ws.add_data_validation(states)
    ws.freeze_panes = ws.cell(first, 3)
    ws.print_title_rows = f"{first - 1}:{first - 1}"
    excel.set_page(ws, landscape=True, columns=len(_WIDTHS), rows=at)
    return workbook
