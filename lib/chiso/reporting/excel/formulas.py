"""Which cells of a table are formulas: shares n/N, differences, sums of columns and of rows.

A formula is written only where it gives the figure that the table has: an index that is not n/N, or a total that is not
the sum of its rows (distinct people, cases without a due date), stays a number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.utils import get_column_letter

from chiso.reporting import formats
from chiso.reporting.report import Row, Table


@dataclass(frozen=True)
class Rule:
    """How a column follows from others of its row.

    Attributes:
        result: the column that follows.
        first: the column it begins with.
        sign: what stands between them.
        others: the further columns.
    """

    result: str
    first: str
    sign: str
    others: tuple[str, ...]


RULES = (
    Rule("value", "numerator", "/", ("denominator",)),
    Rule("total", "received_online", "+", ("received_direct", "carried_over")),
    Rule("finished", "early", "+", ("on_time", "late")),
    Rule("open", "open_in_time", "+", ("open_overdue",)),
    Rule("read", "accepted", "+", ("merged", "superseded", "rejected", "layout")),
    Rule("difference", "share_after", "-", ("share_before",)),
    Rule("gap", "share", "-", ("target",)),
    Rule("since_previous", "current", "-", ("previous",)),
    Rule("since_year", "current", "-", ("year_before",)),
)
#: Nothing is rounded before it is compared; more than this is another figure.
_CLOSE = 1e-9


def formulas(table: Table, first: int) -> dict[tuple[int, str], str]:
    """Return the formulas of a table by row of the frame and column.

    Args:
        table: as it is written: drawn columns are no columns of the sheet.
        first: sheet row of its first row.
    """
    columns = [c.name for c in table.columns if c.format not in formats.DRAWN]
    letters = {name: get_column_letter(n) for n, name in enumerate(columns, 1)}
    rows = list(table.rows())
    values = [_values(row) for row in rows]
    found: dict[tuple[int, str], str] = {}
    for rule in RULES:
        if {rule.result, rule.first, *rule.others} <= letters.keys():
            for n, own in enumerate(values):
                if _holds(rule, own):
                    cells = [f"{letters[name]}{first + n}" for name in (rule.first, *rule.others)]
                    found[n, rule.result] = "=" + rule.sign.join(cells)
    for n, row in enumerate(rows):
        if row.kind == "total":
            found |= {(n, name): formula for name, formula in _total(n, rows, values, letters, first).items()}
    return found


def _values(row: Row) -> dict[str, float]:
    """Return the numbers of a row that a sheet has as numbers."""
    kept: dict[str, float] = {}
    for cell in row.cells:
        value: Any = cell.value
        if cell.format in formats.NUMERIC and isinstance(value, int | float) and not formats.is_missing(value):
            kept[cell.column.name] = value
    return kept


def _holds(rule: Rule, values: Mapping[str, float]) -> bool:
    names = (rule.result, rule.first, *rule.others)
    if not all(name in values for name in names):
        return False
    first, others = values[rule.first], [values[name] for name in rule.others]
    if rule.sign == "/":
        return others[0] != 0 and _same(values[rule.result], first / others[0])
    return _same(values[rule.result], first + (sum(others) if rule.sign == "+" else -sum(others)))


def _total(
    at: int, rows: Sequence[Row], values: Sequence[Mapping[str, float]], letters: Mapping[str, str], first: int
) -> dict[str, str]:
    """Return the formulas of a total row: of counts the sum, of shares the mean of the rows above."""
    start = max((n + 1 for n in range(at) if rows[n].kind != ""), default=0)
    above = values[start:at]
    if not above:
        return {}
    found = {}
    for cell in rows[at].cells:
        name = cell.column.name
        own, parts = values[at].get(name), [v[name] for v in above if name in v]
        if own is None or len(parts) < 2:
            continue
        cells = f"{letters[name]}{first + start}:{letters[name]}{first + at - 1}"
        if cell.format == "integer" and _same(own, sum(parts)):
            found[name] = f"=SUM({cells})"
        elif cell.format == "percent" and _same(own, math.fsum(parts) / len(parts)):
            found[name] = f"=AVERAGE({cells})"
    return found


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= _CLOSE * max(1.0, abs(one))
