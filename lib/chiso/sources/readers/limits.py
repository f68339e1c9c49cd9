"""Limits of what is read, in one place: a file beyond them is refused with a message, before memory runs out.

They lie far above any real export and far below what a machine of an office can hold.
"""

from __future__ import annotations

from chiso.messages import locales, text
from chiso.sources.readers.sheet import UnreadableError

#: Rows and columns of a sheet: what Excel can hold. A CSV may have more rows.
MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
#: Cells of the rectangle from A1 around a sheet's filled cells: the reader of .xlsx holds all of them, 32 bytes each.
#: A full sheet of the widest table has 25 million.
MAX_CELLS = 40_000_000
#: Bytes of a text file (CSV): two million cases of 20 columns are about 400 MB. Read as a whole, some copies at a time.
MAX_TEXT_BYTES = 2 << 30
#: Bytes of one line of a CSV. Excel's longest cell has 32,767 characters.
MAX_LINE_BYTES = 8 << 20
#: Bytes of a web page, an XML workbook, or an old Excel file (whose format ends at 65,536 rows a sheet).
MAX_PAGE_BYTES = 512 << 20
#: Bytes that the parts of a zipped workbook unfold to, all together; a full sheet of 20 columns is about 1 GB of XML.
MAX_UNZIPPED = 2 << 30
#: How many times larger than its zipped form a part may be, from `RATIO_FROM` bytes on: real sheets reach 10 to 40,
#: sheets of equal rows some 150; deflate can go to 1,032.
MAX_RATIO = 250
RATIO_FROM = 32 << 20
#: Parts of a zipped workbook; a real one has some dozens.
MAX_PARTS = 10_000
#: Bytes of one row of a sheet's XML: 16,384 cells of a hundred bytes are 1.6 MB.
MAX_ROW_BYTES = 64 << 20
#: Merged ranges of a sheet; a form with every cell merged has some thousands.
MAX_MERGED = 200_000


def check_size(rows: int, columns: int) -> None:
    """Check the size of a sheet.

    Raises:
        UnreadableError: more rows, columns or cells than the limits; the message says which.
    """
    if columns > MAX_COLUMNS:
        raise UnreadableError(text("sources.read.too_many_columns", limit=grouped(MAX_COLUMNS)))
    if rows > MAX_ROWS:
        raise UnreadableError(text("sources.read.too_many_rows", limit=grouped(MAX_ROWS)))
    if rows * columns > MAX_CELLS:
        size = {"rows": grouped(rows), "columns": grouped(columns), "limit": grouped(MAX_CELLS)}
        raise UnreadableError(text("sources.read.too_many_cells", **size))


def check_merged(count: int) -> None:
    """Check the number of merged ranges of a sheet.

    Raises:
        UnreadableError: more than the limit.
    """
    if count > MAX_MERGED:
        raise UnreadableError(text("sources.read.too_many_merged", limit=grouped(MAX_MERGED)))


def check_bytes(size: int, limit: int) -> None:
    """Check the size of a file in bytes.

    Raises:
        UnreadableError: larger than ``limit``.
    """
    if size > limit:
        raise UnreadableError(text("sources.read.too_large", limit=f"{grouped(limit >> 20)} MB"))


def grouped(number: int) -> str:
    """Return a whole number the way of the language.

    >>> grouped(1048576)
    '1.048.576'
    """
    return locales.number(f"{number:,}")
