"""Reading corrected workbooks of rejected rows back: which file, sheet and rows they are about, and the cells given."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from chiso.messages import text, texts
from chiso.sources.account import Finding
from chiso.sources.contract import fold
from chiso.sources.parse import clean
from chiso.sources.readers import HEAD, Sheet, UnreadableError, read_sheets

#: How the name of a handed-back workbook begins, compared without accents, spaces and case.
PREFIXES = ("corrections", "rejected", "hieu_chinh")
SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods")
#: The lines above a sheet's rows that say what it is about: label in the first column, value in the second.
PLACE = ("table", "file", "sheet", "sha256", "round")
_LABEL = "sources.corrections.label_"
#: Columns before those of the file: row number, reason, remedy.
BEFORE = 3
#: The most characters an Excel cell holds.
LONGEST = 32_767
_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"


@dataclass(frozen=True)
class HandedSheet:
    """One sheet of a handed-back workbook.

    Attributes:
        correction, digest: name and SHA-256 of the workbook; ``title``: the sheet's own name.
        table, file, sheet, sha256: the source the rows come from; ``sheet`` is None for formats without sheets.
        round: which round of correction the workbook was made for; later rounds are applied after earlier ones.
        header: headers of the file's columns, in their order.
        rows: column ``row`` and one column of text for each header (``h0``, ``h1`` …).
        unnumbered: filled rows whose row number is none.
    """

    correction: str
    digest: str
    title: str
    table: str
    file: str
    sheet: str | None
    sha256: str
    round: int
    header: tuple[str, ...]
    rows: pl.DataFrame
    unnumbered: int


@dataclass
class HandBacks:
    """All handed-back workbooks of a data folder: their sheets, their hashes, and what is wrong with them."""

    sheets: list[HandedSheet] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def is_hand_back(path: Path) -> bool:
    """Return whether a file's name says that it holds corrected rows: ``corrections*``, ``hieu_chinh*``, ``rejected*``.

    >>> is_hand_back(Path("Hiệu chỉnh lần 2.xlsx")), is_hand_back(Path("cases.xlsx"))
    (True, False)
    """
    plain = unicodedata.normalize("NFD", fold(path.stem).replace("đ", "d"))
    name = re.sub(r"[\s-]+", "_", re.sub("[\u0300-\u036f]", "", plain))
    return path.suffix.lower() in SUFFIXES and name.startswith(PREFIXES)


def list_hand_backs(folder: Path, others: Collection[Path]) -> list[Path]:
    """Return the workbooks handed back, in the order of their names: those named so that feed no table (``others``)."""
    paths = (path for path in sorted(folder.iterdir(), key=lambda path: path.name) if path not in others)
    return [p for p in paths if is_hand_back(p) and p.is_file() and not p.name.startswith((".", "~$"))]


def label(key: str) -> str:
    """Return the label of a line or column that a handed-back sheet is recognised by, in whatever language."""
    return text(f"{_LABEL}{key}")


def as_shown(cells: pl.Series) -> pl.Series:
    """Return cells as the workbook of rejected rows shows them: no control characters, no more than a cell holds."""
    return cells.str.replace_all(_CONTROL, "\ufffd").str.slice(0, LONGEST)


def comparable(cells: pl.Series) -> pl.Series:
    """Return cells as they are compared, so that saving a workbook changes none: trimmed, one kind of line break."""
    return clean(as_shown(cells.str.replace_all("\r\n?", "\n")))


def read_hand_backs(paths: Iterable[tuple[Path, str | None]]) -> HandBacks:
    """Read the handed-back workbooks.

    Args:
        paths: the workbooks and their SHA-256, None where a file may not be read.
    """
    found = HandBacks()
    for path, digest in paths:
        try:
            sheets = read_sheets(path, lambda rows: 0)
        except UnreadableError as error:
            found.findings.append(Finding("error", None, path.name, "unreadable", str(error)))
            continue
        found.digests[path.name] = digest or ""
        known = [handed for sheet in sheets if (handed := _read(sheet, path.name, digest or "")) is not None]
        found.sheets += known
        if not known:
            message = text("sources.corrections.not_recognised", labels=", ".join(map(label, PLACE)))
            found.findings.append(Finding("error", None, path.name, "correction", message))
    return found


def _read(sheet: Sheet, correction: str, digest: str) -> HandedSheet | None:
    """Return the rows of a sheet, None where it does not say what it is about (as the sheet of instructions)."""
    if len(sheet.cells) <= BEFORE:
        return None
    head = sheet.head()[:HEAD]
    place: dict[str, str] = {}
    labels = {fold(spelt): key for key in PLACE for spelt in texts(f"{_LABEL}{key}")}
    row_labels = {fold(spelt) for spelt in texts(f"{_LABEL}row")}
    at = None
    for number, row in enumerate(head):
        first = fold(row[0] or "")
        if key := labels.get(first):
            place[key] = (row[1] or "").strip()
        elif first in row_labels:
            at = number
            break
    if at is None or not {"table", "file", "sha256"} <= place.keys():
        return None
    titles = [" ".join((title or "").split()) for title in head[at][BEFORE:]]
    while titles and not titles[-1]:
        titles.pop()
    cells = sheet.cells[BEFORE : BEFORE + len(titles)]
    below = sheet.frame.slice(at + 1)
    filled = pl.any_horizontal(clean(below[name]).is_not_null() for name in [sheet.cells[0], *cells])
    below = below.filter(filled) if below.height else below
    number_of = clean(below[sheet.cells[0]]).str.replace(r"\.0+$", "").str.replace_all(r"[.,\s]", "")
    numbers = number_of.cast(pl.Int64, strict=False).alias("row")
    given = below.select(pl.col(name).alias(f"h{i}") for i, name in enumerate(cells)).with_columns(numbers)
    round_of = re.fullmatch(r"(\d{1,4})(?:\.0+)?", place.get("round", ""))
    return HandedSheet(
        correction=correction,
        digest=digest,
        title=sheet.name or "",
        table=re.sub(r"^.*\((\w+)\)$", r"\1", place["table"]),
        file=place["file"],
        sheet=place.get("sheet") or None,
        sha256=place["sha256"].lower(),
        round=int(round_of[1]) if round_of else 1,
        header=tuple(titles),
        rows=given.filter(pl.col("row").is_not_null()).select("row", pl.exclude("row")),
        unnumbered=int(numbers.is_null().sum()),
    )
