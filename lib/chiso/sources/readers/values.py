"""Values of cells as text, the same from every format: no exponents, no `.0`, dates in ISO form."""

from __future__ import annotations

from datetime import datetime


class Decimal(str):
    """The text of a cell that is a number with decimals in the file: its point is no thousands separator."""


def number_text(value: float | str) -> str:
    """Return a number as a person would type it (`Decimal` where it has decimals); text that is no number as it is.

    >>> number_text(12.0), number_text(0.875), number_text("1.23E+15"), number_text(1e-7)
    ('12', '0.875', '1230000000000000', '0.0000001')
    """
    if isinstance(value, str):
        plain = value.strip()
        if plain.lstrip("+-").isdigit():
            return plain  # digits beyond what a float holds stay
        try:
            value = float(plain)
        except ValueError:
            return plain
    if value != value or abs(value) == float("inf"):
        return repr(value)
    if value == int(value):
        return str(int(value))
    written = repr(value)
    if "e" not in written:
        return Decimal(written)
    digits = written.partition("e")[0].replace("-", "").replace(".", "")
    return Decimal(f"{value:.{len(digits) - 1 - int(written.partition('e')[2])}f}")


def date_text(moment: datetime) -> str:
    """Return a date as text; the time of day only where it is not midnight.

    >>> date_text(datetime(2024, 3, 10)), date_text(datetime(2024, 3, 10, 8, 30))
    ('2024-03-10', '2024-03-10T08:30:00')
    """
    if (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0):
        return moment.date().isoformat()
    return moment.isoformat()


def bool_text(value: object) -> str:
    """Return a logical value as text."""
    return "true" if value else "false"
