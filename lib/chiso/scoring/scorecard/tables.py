"""A scorecard and its values as two CSV files; all faults of both are told at once, before anything is computed."""

from __future__ import annotations

import difflib
from collections import Counter
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from chiso.messages import text
from chiso.scoring.scorecard.criterion import PARAMETERS, RULES, Criterion, Step
from chiso.scoring.scorecard.csv_rows import Row, number, read_rows
from chiso.scoring.scorecard.faults import Faults
from chiso.scoring.scorecard.model import Scorecard
from chiso.scoring.scorecard.value_table import read_values
from chiso.scoring.scorecard.values import Values

REQUIRED = ("code", "area", "max", "rule")
NUMBERS = ("target", "floor", "best", "worst", "per_unit")
OPTIONAL = (*NUMBERS, "step", "name")


def read_scorecard_tables(criteria: Path, values: Path) -> tuple[Scorecard, Values, list[str]]:
    """Read criteria and values, check them as a whole.

    Args:
        criteria: CSV with columns code, area, max, rule and, as the rules need them, target, floor, best, worst, step
            (``100:4|80:2|0:0``), per_unit; name is optional.
        values: CSV with columns period, unit, code, value, status (ok, missing, not_applicable).

    Returns:
        Scorecard, values in its order, and notes on what was taken though it looks odd.

    Raises:
        ScorecardError: lists every fault of both files with file, row and key.
    """
    faults = Faults()
    card, codes = _criteria(criteria, faults)
    found = read_values(values, card.criteria, faults, codes)
    faults.stop()
    assert found is not None
    return card, found, faults.notes


def read_criteria(file: Path) -> Scorecard:
    """Read and check the criteria alone.

    Raises:
        ScorecardError: lists every fault with row and key.
    """
    faults = Faults()
    card, _ = _criteria(file, faults)
    faults.stop()
    return card


def _criteria(file: Path, faults: Faults) -> tuple[Scorecard, frozenset[str]]:
    """Read criteria without those that have faults, and the codes of all."""
    rows = read_rows(file, REQUIRED, OPTIONAL, faults)
    read: list[tuple[Criterion, str]] = []
    seen: Counter[str] = Counter()
    for row in rows:
        code = row.cells["code"]
        place = text("scoring.place.criterion", file=file.name, line=row.line, code=code or "?")
        for name in ("code", "area"):
            if not row.cells[name]:
                faults.add(place, "blank", column=name)
        seen[code] += 1
        if code and seen[code] == 2:
            faults.add(place, "criterion_twice", code=code)
        criterion = _criterion(row, place, faults)
        if criterion is not None:
            read.append((criterion, row.cells["area"]))
    card = Scorecard(file.stem, file.stem, tuple(c for c, _ in read), tuple(a for _, a in read))
    return card, frozenset(seen) - {""}


def _criterion(row: Row, place: str, faults: Faults) -> Criterion | None:
    """One criterion; None, and its faults told, where the row cannot be one."""
    before = len(faults.found)
    rule = row.cells["rule"].lower()
    if rule not in RULES:
        near = difflib.get_close_matches(rule, RULES, n=1)
        hint = text("scoring.fault.instead", name=near[0]) if near else ""
        faults.add(place, "rule_unknown", rule=row.cells["rule"], known=", ".join(RULES), hint=hint)
    raw: dict[str, Any] = {"code": row.cells["code"], "name": row.cells.get("name", ""), "rule": rule}
    for column in ("max", *NUMBERS):
        cell = row.cells.get(column, "")
        if not cell:
            if column == "max":
                faults.add(place, "blank", column=column)
            continue
        raw["max_points" if column == "max" else column] = number(cell)
        if number(cell) is None:
            faults.add(place, "not_a_number", column=column, value=cell)
        elif column == "max" and not (number(cell) or 0) > 0:
            faults.add(place, "max_positive", value=cell)
    raw["steps"] = _steps(row.cells.get("step", ""), place, faults)
    if len(faults.found) > before or not raw["code"] or not row.cells["area"]:
        return None
    try:
        criterion = Criterion.model_validate(raw)
    except ValidationError as error:  # what the checks above let through, as pydantic tells it
        faults.add(place, "invalid", why="; ".join(e["msg"] for e in error.errors()))
        return None
    for fault in criterion.faults():
        column = "step" if fault.parameter == "steps" else fault.parameter
        faults.add(f"{place}, {column}", fault.message, **fault.values)
    for parameter in criterion.unused():
        column = "step" if parameter == "steps" else parameter
        used = ", ".join("step" if p == "steps" else p for p in PARAMETERS[rule]) or "–"
        faults.note(place, "parameter_unused", column=column, rule=rule, used=used)
    return criterion if len(faults.found) == before else None


def _steps(cell: str, place: str, faults: Faults) -> tuple[Step, ...]:
    """Read ``100:4|80:2|0:0``."""
    found = []
    for part in cell.split("|") if cell else ():
        pieces = [number(piece.strip()) for piece in part.split(":")]
        if len(pieces) != 2 or None in pieces:
            faults.add(f"{place}, step", "step_form", value=part.strip())
        else:
            found.append(Step(pieces[0] or 0.0, pieces[1] or 0.0))
    return tuple(found)
