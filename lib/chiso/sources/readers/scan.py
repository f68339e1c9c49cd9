"""A streaming scan of a worksheet's XML for what calamine does not tell, cheap where there is nothing to find.

Most sheets of an export have neither merged nor hidden cells nor formulas without a value, and start in column A: for
those a search for a few marks is enough. Where a mark is found, or the XML is written in an unusual way, the sheet is
gone through element by element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

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
#: A cell of column A with a value, as the common writers put it.
_IN_FIRST_COLUMN = re.compile(rb'<c r="A\d+"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<(?:v>[^<]|is>)')
#: Marks of what a plain sheet has not: cells beyond Z999999 or without a plain reference, formulas, merged cells,
#: declarations, comments and CDATA, hidden rows, single quotes. One pattern, so that the bytes are gone through once.
#: The engine makes room for whatever a reference says, so every one is looked at.
_MARKS = "|".join(
    (
        r'<c(?:[^ a-zA-Z]| [^r]| r[^=]| r=[^"]| r="(?:[^A-Z]|[A-Z](?:[^1-9]|[1-9]\d{0,5}[^\d"]|[1-9]\d{6})))',
        r'<row(?:[^ B]| [^r]| r[^=]| r=[^"]| r="(?:[^1-9]|[1-9]\d{0,5}[^\d"]|[1-9]\d{6}))',
        r"<[fm!]|hidden=|='",
    )
)
_PLAIN_ROWS = 999_999
_PLAIN_COLUMNS = 26
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
    return Facts(_PLAIN_ROWS, _PLAIN_COLUMNS) if _is_plain(archive, part) else _exact(archive, part)


def _is_plain(archive: Archive, part: str) -> bool:
    """Tell a sheet of at most 26 columns, filled from column A on, without any of the facts to look for.

    The whole part is unfolded, so its size and its check sum are known to be right.
    """
    plain, starts_in_a = True, False
    for index, window in enumerate(_windows(archive, part)):
        if plain and index == 0:
            head = window[: window.find(b"<sheetData")]
            plain = b"<worksheet" in head and b"<!" not in head and b"hidden" not in head
        starts_in_a = starts_in_a or _IN_FIRST_COLUMN.search(window) is not None
        plain = plain and not _is_marked(window)
        if not plain:
            refuse_doctype(window)
    return plain and starts_in_a


def _is_marked(window: bytes) -> bool:
    try:
        return bool(pl.Series([window.decode()]).str.contains(_MARKS)[0])
    except UnicodeDecodeError:
        return True


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
        first, _, last = reference.partition(":")
        (top, left), (bottom, right) = _place(first), _place(last or first)
        self.facts.merged.append((top, left, bottom, right))
        check_merged(len(self.facts.merged))


def _name(element: etree._Element) -> str:
    """Return a tag without its namespace; "" of a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _number(written: str | None) -> int:
    if written is None or not re.fullmatch(r"[0-9]{1,7}", written):
        raise UnreadableError(text("sources.read.damaged"))
    return int(written)


def _place(reference: str) -> tuple[int, int]:
    """Return row (from 1) and column (from 0) of a cell reference."""
    found = _CELL.fullmatch(reference)
    if not found or not 1 <= int(found[2]) <= MAX_ROWS or (place := column_place(found[1])) >= MAX_COLUMNS:
        raise UnreadableError(text("sources.read.damaged"))
    return int(found[2]), place
