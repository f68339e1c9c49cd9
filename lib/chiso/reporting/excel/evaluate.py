"""The values of formulas, so that programs that do not calculate show them: what sums, shares and differences need.

openpyxl writes formulas without their values. A formula with a function that is not known here has no value in the
file; Excel and LibreOffice calculate it when they open it.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from openpyxl import Workbook
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token
from openpyxl.utils import range_boundaries
from openpyxl.utils.datetime import to_excel

Value = float | int | str | bool | None


class FormulaError(Exception):
    """An Excel error as the value of a formula: ``#DIV/0!``."""


class Unknown(Exception):
    """The formula has something in it that is not known here."""


def _number(value: Value | list[Value]) -> float | int:
    if isinstance(value, list):
        raise Unknown("a range where one value is wanted")
    if value is None:
        return 0
    if isinstance(value, str):
        raise FormulaError("#VALUE!")
    return value


def _numbers(arguments: Iterable[Any]) -> list[float | int]:
    """Return the numbers among arguments; text and blanks in ranges do not count."""
    found: list[float | int] = []
    for argument in arguments:
        if isinstance(argument, list):
            found += [v for v in argument if isinstance(v, int | float) and not isinstance(v, bool)]
        else:
            found.append(_number(argument))
    return found


def _average(*arguments: Any) -> float:
    numbers = _numbers(arguments)
    return _divide(sum(numbers), len(numbers))


def _divide(a: float, b: float) -> float:
    if not b:
        raise FormulaError("#DIV/0!")
    return a / b


def _round(value: Any, places: Any = 0) -> float:
    from decimal import ROUND_HALF_UP, Decimal

    step = Decimal(1).scaleb(-int(_number(places)))
    return float(Decimal(repr(float(_number(value)))).quantize(step, rounding=ROUND_HALF_UP))


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "SUM": lambda *a: sum(_numbers(a)),
    "AVERAGE": _average,
    "MIN": lambda *a: min(_numbers(a), default=0),
    "MAX": lambda *a: max(_numbers(a), default=0),
    "COUNT": lambda *a: len(_numbers(a)),
    "ABS": lambda a: abs(_number(a)),
    "ROUND": _round,
}
_ARITHMETIC: dict[str, Callable[[Any, Any], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "^": operator.pow,
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_LEVELS = (tuple(_COMPARE), ("&",), ("+", "-"), ("*", "/"), ("^",))


class Evaluator:
    """Values of a workbook's cells, formulas evaluated once each.

    Args:
        workbook: with its formulas as text (not read with ``data_only``).
    """

    def __init__(self, workbook: Workbook) -> None:
        self.workbook = workbook
        self._known: dict[tuple[str, int, int], Value | FormulaError | Unknown | None] = {}

    def formulas(self) -> Iterator[tuple[str, str, Value | FormulaError]]:
        """Yield sheet, cell and value of every formula whose value is known."""
        for ws in self.workbook.worksheets:
            for (row, column), cell in sorted(ws._cells.items()):  # iter_rows() would make the cells between
                if cell.data_type == "f":
                    try:
                        yield ws.title, cell.coordinate, self.value(ws.title, row, column)
                    except FormulaError as error:
                        yield ws.title, cell.coordinate, error
                    except Unknown:
                        continue

    def value(self, sheet: str, row: int, column: int) -> Value:
        """Return the value of a cell.

        Raises:
            FormulaError: it is an Excel error.
            Unknown: it cannot be told here.
        """
        key = (sheet, row, column)
        if key not in self._known:
            self._known[key] = Unknown("a circle")
            try:
                self._known[key] = self._read(sheet, row, column)
            except (FormulaError, Unknown) as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, FormulaError | Unknown):
            raise found
        return found

    def _read(self, sheet: str, row: int, column: int) -> Value:
        if sheet not in self.workbook.sheetnames:
            raise Unknown(sheet)
        cell = self.workbook[sheet]._cells.get((row, column))  # ws.cell() would make the cell
        value = None if cell is None else cell.value
        if cell is not None and cell.data_type == "f":
            return self._evaluate(str(value), sheet) if isinstance(value, str) else self._give_up(value)
        return to_excel(value) if isinstance(value, dt.date | dt.time) else value

    def _give_up(self, value: object) -> Value:
        raise Unknown(type(value).__name__)  # array formulas and data tables

    def _evaluate(self, formula: str, sheet: str) -> Value:
        tokens = [t for t in Tokenizer(formula).items if t.type != Token.WSPACE]
        found = _Parser(tokens, lambda reference: self._reference(reference, sheet)).parse()
        if isinstance(found, list):
            raise Unknown("a range as a result")
        return found

    def _reference(self, reference: str, sheet: str) -> Value | list[Value]:
        place, _, cells = reference.rpartition("!")
        if place:
            sheet = place[1:-1].replace("''", "'") if place.startswith("'") else place
        try:
            left, top, right, bottom = range_boundaries(cells)
        except ValueError as error:
            raise Unknown(reference) from error  # a name
        if None in (left, top, right, bottom):
            raise Unknown(reference)
        values = [self.value(sheet, r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)]
        return values if ":" in cells else values[0]


class _Parser:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, tokens: list[Token], reference: Callable[[str], Value | list[Value]]) -> None:
        self.tokens, self.reference, self.at = tokens, reference, 0

    def parse(self) -> Any:
        found = self._binary(0)
        if self.at < len(self.tokens):
            raise Unknown(self.tokens[self.at].value)
        return found

    def _next(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _take(self) -> Token:
        if self.at >= len(self.tokens):
            raise Unknown("the formula breaks off")
        self.at += 1
        return self.tokens[self.at - 1]

    def _binary(self, level: int) -> Any:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while (token := self._next()) is not None and token.type == Token.OP_IN and token.value in _LEVELS[level]:
            self._take()
            left = self._apply(token.value, left, self._binary(level + 1))
        return left

    def _apply(self, sign: str, left: Any, right: Any) -> Value:
        if sign == "&":
            raise Unknown("texts put together")
        if sign in _ARITHMETIC:
            return _ARITHMETIC[sign](_number(left), _number(right))
        if isinstance(left, str) != isinstance(right, str):
            # Any text is greater than any number; a blank cell is an empty text beside a text.
            if left is None or right is None:
                left, right = left or "", right or ""
            else:
                return _COMPARE[sign](isinstance(left, str), isinstance(right, str))
        return _COMPARE[sign](left or 0, right or 0) if not isinstance(left, str) else _COMPARE[sign](left, right)

    def _unary(self) -> Any:
        token = self._next()
        if token is not None and token.type == Token.OP_PRE:
            self._take()
            value = _number(self._unary())
            return -value if token.value == "-" else value
        found = self._primary()
        while (token := self._next()) is not None and token.type == Token.OP_POST:
            self._take()
            found = _number(found) / 100
        return found

    def _primary(self) -> Any:
        token = self._take()
        if token.type == Token.OPERAND:
            return self._operand(token)
        if token.type == Token.PAREN and token.subtype == Token.OPEN:
            found = self._binary(0)
            self._take()
            return found
        if token.type == Token.FUNC and token.subtype == Token.OPEN:
            return self._function(token.value.rstrip("(").upper())
        raise Unknown(token.value)

    def _operand(self, token: Token) -> Any:
        match token.subtype:
            case Token.NUMBER:
                return float(token.value) if not token.value.isdigit() else int(token.value)
            case Token.TEXT:
                return token.value[1:-1].replace('""', '"')
            case Token.LOGICAL:
                return token.value.upper() == "TRUE"
            case Token.RANGE:
                return self.reference(token.value.replace("$", ""))
        raise FormulaError(token.value)

    def _function(self, name: str) -> Any:
        arguments: list[Any] = []
        while (token := self._next()) is not None and token.subtype != Token.CLOSE:
            if token.type == Token.SEP:
                self._take()
                continue
            try:
                arguments.append(self._binary(0))
            except FormulaError as error:
                arguments.append(error)
                self._skip()
        self._take()
        if name == "IFERROR" and len(arguments) == 2:
            return arguments[1] if isinstance(arguments[0], FormulaError) else arguments[0]
        if name == "IF" and len(arguments) in (2, 3):
            return _good(arguments[1] if _good(arguments[0]) else [*arguments, False][2])
        if name not in FUNCTIONS:
            raise Unknown(name)
        return FUNCTIONS[name](*[_good(a) for a in arguments])

    def _skip(self) -> None:
        """Go to the end of an argument that has no value."""
        depth = 0
        while (token := self._next()) is not None:
            if depth == 0 and (token.type == Token.SEP or token.subtype == Token.CLOSE):
                return
            depth += {Token.OPEN: 1, Token.CLOSE: -1}.get(token.subtype, 0)
            self._take()


def _good(value: Any) -> Any:
    if isinstance(value, FormulaError):
        raise value
    return value
