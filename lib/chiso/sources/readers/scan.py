"""A streaming scan of a worksheet's XML for what calamine does not tell, cheap where there is little to find.

Common writers put each cell and row in one way: there, a search for a few marks is enough, and the work is in
proportion to the marks found. Where the XML is written in another way, the sheet is gone through element by element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

import polars as pl
from lxml import etree

from chiso.messages import text
from chiso.sources.readers.archive import SAFE_XML, Archive, refuse_doctype
from chiso.sources.readers.limits import MAX_COLUMNS, MAX_ROW_BYTES, MAX_ROWS, check_merged
from chiso.sources.readers.notes import column_place
from chiso.sources.readers.sheet import UnreadableError

#: Bytes of XML searched at a time.
_WINDOW = 4 << 20
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
#: A cell of one column with a value, as the common writers put it.
_VALUE_IN_COLUMN = (
    rb'<c r="%b\d+"(?:[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<(?:v>[^<]|is>)'
    rb'|[^>]* t="str"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v ?/?>)'
)
#: A cell of one column that has something in it, a value or not.
_FILLED_IN_COLUMN = rb'<c r="%b\d+"(?:[^>/]|/[^>])*>(?!</c>)'
#: A formula without a value: column, row, the cell's other attributes, the formula, whether there is an empty value.
_FORMULA = re.compile(
    rb'<c r="([A-Z]+)(\d+)"([^>]*)>\s*<f(?:\s[^>]*?)?(?:/>|>([^<]*)</f>)\s*(<v(?:\s[^>]*)?(?:/>|></v>))?\s*</c>'
)
_HIDDEN_ROW = re.compile(rb'<row r="(\d+)"[^>]*? hidden="([^"]*)"')
_COLUMN = re.compile(rb"<col [^>]*>")
_MERGED = re.compile(rb'<mergeCell ref="([^"]*)"')
#: Marks of XML that is not written in the common way: cells beyond ZZ999999 or without a plain reference, declarations,
#: comments and CDATA, single quotes. One pattern, so that the bytes are gone through once. The engine makes room for
#: whatever a reference says, so every one is looked at.
_UNCOMMON = "|".join(
    (
        r"<c(?:[^ a-zA-Z]| [^r]| r[^=]| r=[^\"])",
        r'<c r="(?:[^A-Z]|[A-Z]{1,2}(?:[^1-9A-Z]|[1-9]\d{0,5}[^\d"]|[1-9]\d{6})|[A-Z]{3})',
        r'<row(?:[^ B]| [^r]| r[^=]| r=[^"]| r="(?:[^1-9]|[1-9]\d{0,5}[^\d"]|[1-9]\d{6}))',
        r"<!|='",
    )
)
_BEYOND_Z = r'<c r="([A-Z]{2})\d+"(?:[^>/]|/[^>])*>'
_LETTERS = [bytes([letter]) for letter in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
_ROW = b"<row "


@dataclass
class Facts:
    """What a worksheet's XML says; rows from 1, columns from 0 (A).

    ``rows`` and ``columns``: size of the rectangle from A1 around the filled cells, or more; ``left``: the first column
    with values; ``formulas``: cells with a formula but no value, by place.
    """

    rows: int = 0
    columns: int = 0
    left: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)


def scan(archive: Archive, part: str) -> Facts:
    """Return the facts of a worksheet.

    Raises:
        UnreadableError: damaged XML, entities, or rows and cells beyond the limits.
    """
    return _quick(archive, part) or _exact(archive, part)


def _quick(archive: Archive, part: str) -> Facts | None:
    """Return the facts of a worksheet that is written in the common way; None of any other.

    The whole part is unfolded, so its size and its check sum are known to be right.
    """
    facts, common, head = Facts(), True, b""
    left = filled = len(_LETTERS)
    hidden = set[int]()
    for index, window in enumerate(_windows(archive, part)):
        if index == 0:
            head = window[: max(window.find(b"<sheetData"), 0)]
            common = b"<worksheet" in head and b"<!" not in head
            facts.hidden_columns = _hidden_columns(head) if common and b"hidden" in head else frozenset()
        common = common and not _is_uncommon(window)
        if not common:
            refuse_doctype(window)
            continue
        left = _first_column(_VALUE_IN_COLUMN, window, left)
        filled = _first_column(_FILLED_IN_COLUMN, window, filled)
        facts.rows = max(facts.rows, _last_row(window))
        facts.columns = max(facts.columns, _last_column(window))
        if b" hidden=" in window:
            rows = _HIDDEN_ROW.findall(window)
            common = len(rows) + (head.count(b" hidden=") if index == 0 else 0) == window.count(b" hidden=")
            hidden |= {int(row) for row, sign in rows if sign in (b"1", b"true")}
        if b"<f" in window:
            _take_formulas(window, facts)
        if b"<mergeCell " in window:
            found = _MERGED.findall(window)
            common = common and len(found) == window.count(b"<mergeCell ")
            check_merged(len(facts.merged) + len(found))
            facts.merged += [_range(reference.decode()) for reference in found]
    facts.left, facts.hidden_rows = left, frozenset(hidden)
    # A cell left of the first value may have one that is written in another way.
    return facts if common and filled == left < len(_LETTERS) else None


def _first_column(pattern: bytes, window: bytes, known: int) -> int:
    return next((i for i, letter in enumerate(_LETTERS[:known]) if re.search(pattern % letter, window)), known)


def _is_uncommon(window: bytes) -> bool:
    try:
        return bool(pl.Series([window.decode()]).str.contains(_UNCOMMON)[0])
    except UnicodeDecodeError:
        return True


def _hidden_columns(head: bytes) -> frozenset[int]:
    found: set[int] = set()
    for column in _COLUMN.findall(head):
        told = dict(re.findall(rb'(\w+)="([^"]*)"', column))
        if told.get(b"hidden") in (b"1", b"true"):
            first, last = (_number(told.get(key, b"").decode()) for key in (b"min", b"max"))
            found |= set(range(first - 1, min(last, MAX_COLUMNS)))
    return frozenset(found)


def _last_row(window: bytes) -> int:
    """Return the row of the last cell that has something in it, 0 where none has."""
    last = max(window.rfind(mark) for mark in (b"<v", b"<is>", b"<f"))
    cell = window.rfind(b'<c r="', 0, last) if last >= 0 else -1
    found = re.match(rb'<c r="[A-Z]+(\d+)', window[cell : cell + 20]) if cell >= 0 else None
    return int(found[1]) if found else 0


def _last_column(window: bytes) -> int:
    """Return the number of columns up to the last cell that has something in it; 26 for any up to Z."""
    if not re.search(rb'<c r="[A-Z]{2}', window):
        return len(_LETTERS)
    names = pl.Series([window.decode()]).str.extract_all(_BEYOND_Z).explode().str.extract(_BEYOND_Z).drop_nulls()
    return max((column_place(name) + 1 for name in names.unique()), default=len(_LETTERS))


def _take_formulas(window: bytes, facts: Facts) -> None:
    for column, row, more, formula, blank in _FORMULA.findall(window):
        if not (blank and b' t="str"' in more):
            facts.formulas[int(row), column_place(column.decode())] = unescape(formula.decode())


def _windows(archive: Archive, part: str) -> Iterator[bytes]:
    """Yield the bytes of a part in windows that end where a row begins."""
    held: list[bytes] = []
    size = 0
    for piece in archive.pieces(part):
        held.append(piece)
        size += len(piece)
        if size < _WINDOW:
            continue
        window = b"".join(held)
        end = window.rfind(_ROW)
        if end <= 0:
            if size > MAX_ROW_BYTES:
                raise UnreadableError(text("sources.read.damaged"))
            held = [window]
            continue
        yield window[:end]
        held = [window[end:]]
        size = len(held[0])
    yield b"".join(held)


def _exact(archive: Archive, part: str) -> Facts:
    """Go through a worksheet element by element."""
    facts = _Collector()
    wanted = tuple(f"{{*}}{name}" for name in ("row", "c", "col", "mergeCell"))
    parser = etree.XMLPullParser(events=("start", "end"), tag=wanted, **SAFE_XML)
    try:
        for piece in archive.pieces(part):
            parser.feed(piece)
            for event, element in parser.read_events():
                facts.take(event, element)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise UnreadableError(text("sources.read.damaged")) from error
    return facts.result()


class _Collector:
    """Takes the elements of a worksheet and lets go of each row."""

    def __init__(self) -> None:
        self.facts = Facts()
        self._hidden_rows: set[int] = set()
        self._hidden_columns: set[int] = set()
        self._row = 0
        self._place = -1
        self._first = -1  # column with values
        self._reach = -1  # last column that the engine may make room for
        self._bottom = 0

    def take(self, event: str, element: etree._Element) -> None:
        """Take one event of the parser."""
        name = _name(element)
        if event == "start":
            if name == "row":
                self._begin_row(element)
            return
        if name == "c":
            self._cell(element)
        elif name == "row":
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
        elif name == "col" and element.get("hidden", "0") in ("1", "true"):
            last = min(_number(element.get("max")), MAX_COLUMNS)
            self._hidden_columns |= set(range(_number(element.get("min")) - 1, last))
        elif name == "mergeCell":
            self._merge(element.get("ref", ""))

    def result(self) -> Facts:
        """Return what was found."""
        facts = self.facts
        facts.left = max(self._first, 0)
        facts.rows = self._bottom
        facts.columns = self._reach + 1
        facts.hidden_rows, facts.hidden_columns = frozenset(self._hidden_rows), frozenset(self._hidden_columns)
        return facts

    def _begin_row(self, element: etree._Element) -> None:
        self._row = _number(element.get("r")) if element.get("r") else self._row + 1
        self._place = -1
        if self._row > MAX_ROWS or self._row < 1:
            raise UnreadableError(text("sources.read.damaged"))
        if element.get("hidden", "0") in ("1", "true"):
            self._hidden_rows.add(self._row)

    def _cell(self, element: etree._Element) -> None:
        reference = element.get("r")
        row = self._row
        if reference is None:
            self._place += 1
        else:
            row, self._place = _place(reference)
        formula, value, inline = "", None, False
        has_formula = False
        for child in element:
            name = _name(child)
            if name == "f":
                has_formula, formula = True, child.text or ""
            elif name == "v":
                value = child.text or ""
            elif name == "is":
                inline = True
        kind = element.get("t", "n")
        if len(element):
            self._reach = max(self._reach, self._place)
            self._bottom = max(self._bottom, row)
        if value or inline or (kind == "str" and value is not None):
            self._first = self._place if self._first < 0 else min(self._first, self._place)
        elif has_formula:
            self.facts.formulas[row, self._place] = formula

    def _merge(self, reference: str) -> None:
        self.facts.merged.append(_range(reference))
        check_merged(len(self.facts.merged))


def _name(element: etree._Element) -> str:
    """Return a tag without its namespace; "" of a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _number(written: str | None) -> int:
    if written is None or not re.fullmatch(r"[0-9]{1,7}", written):
        raise UnreadableError(text("sources.read.damaged"))
    return int(written)


def _range(reference: str) -> tuple[int, int, int, int]:
    """Return first row, first column, last row and last column of a range such as ``A1:B3``."""
    first, _, last = reference.partition(":")
    return (*_place(first), *_place(last or first))


def _place(reference: str) -> tuple[int, int]:
    """Return row (from 1) and column (from 0) of a cell reference."""
    found = _CELL.fullmatch(reference)
    if not found or not 1 <= int(found[2]) <= MAX_ROWS or (place := column_place(found[1])) >= MAX_COLUMNS:
        raise UnreadableError(text("sources.read.damaged"))
    return int(found[2]), place
