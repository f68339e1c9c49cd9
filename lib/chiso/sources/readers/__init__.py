"""Readers by file format: every cell as text, every row with its own number in the file, nothing skipped.

Types are never guessed here: `007` stays text, and a number in an Excel cell reads as it is written (`12`, not `12.0`).
The format is decided by a file's bytes: many exports carry the ending of another format.
"""

from __future__ import annotations

from pathlib import Path

from chiso.messages import text
from chiso.messages.system import reason
from chiso.sources.readers.csv import read_csv
from chiso.sources.readers.html import read_html
from chiso.sources.readers.ods import read_ods
from chiso.sources.readers.parquet import read_parquet
from chiso.sources.readers.sheet import (
    CELL_COUNT,
    FAULTS,
    HEAD,
    OVERFLOW,
    ROW,
    HeaderScore,
    Note,
    Row,
    Sheet,
    UnreadableError,
)
from chiso.sources.readers.sniff import sniff
from chiso.sources.readers.xls import read_xls
from chiso.sources.readers.xlsx import read_xlsx
from chiso.sources.readers.xml2003 import read_xml2003

__all__ = [
    "CELL_COUNT",
    "FAULTS",
    "HEAD",
    "OVERFLOW",
    "ROW",
    "HeaderScore",
    "Note",
    "Row",
    "Sheet",
    "UnreadableError",
    "read_sheets",
]


def read_sheets(path: Path, score: HeaderScore) -> list[Sheet]:
    """Read a file; formats without sheets give one.

    Args:
        path: the file; its ending is only a hint.
        score: tells how well rows name the table's columns, to find the delimiter of a CSV.

    Raises:
        UnreadableError: a format that is not read, damaged, encrypted, or beyond the limits.
    """
    try:
        match sniff(path):
            case "text":
                return [read_csv(path, score)]
            case "parquet":
                return [read_parquet(path)]
            case "xlsx":
                return read_xlsx(path)
            case "xls":
                return read_xls(path)
            case "ods":
                return read_ods(path)
            case "html":
                return read_html(path)
            case "xml2003":
                return read_xml2003(path)
    except OSError as error:
        raise UnreadableError(text("sources.read.no_access", error=reason(error))) from error
