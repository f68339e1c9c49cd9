"""Numbers, shares and dates the way of the reader's language, as text and as Excel number formats.

The one place where a value becomes text: in Vietnamese decimal comma, thousands dot, ``14/12/2024``, a no-break space
before the percent sign; what other languages do stands in :mod:`chiso.messages.locales`. A dash for what is missing.
Rounding is half up, as Excel and people do it.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from babel.numbers import format_decimal

from chiso.messages import locales, text

MISSING = "–"
NBSP = "\N{NO-BREAK SPACE}"

Format = Literal[
    "text",
    "integer",
    "number",
    "decimal",
    "percent",
    "points",
    "date",
    "datetime",
    "bool",
    "status",
    "sparkline",
    "sparkline_percent",
]
"""How a column's values are shown. ``number`` has up to two decimals, ``decimal`` always two: a column of measured
quantities, not of counts. ``percent`` and ``points`` take shares of 1 (0.875; a difference of 0.012);
``sparkline`` and ``sparkline_percent`` take lists of past values and exist in HTML alone."""

DRAWN: frozenset[str] = frozenset({"sparkline", "sparkline_percent"})

WITHHELD = "*"
"""What stands for a figure that may not be published (format ``withheld``)."""

TARGET_SIGNS: dict[str, str] = {">=": f"≥{NBSP}", ">": f">{NBSP}", "<=": f"≤{NBSP}", "<": f"<{NBSP}", "==": ""}
"""Written before a target. Formats ``">= percent"``, ``"== number"`` … show one as a number with its comparator."""

TARGETS: frozenset[str] = frozenset(f"{sign} {kind}" for sign in TARGET_SIGNS for kind in ("percent", "number"))

NUMERIC: frozenset[str] = frozenset({"integer", "number", "decimal", "percent", "points"}) | TARGETS


def is_missing(value: object) -> bool:
    """Return whether a value counts as missing: None, NaN or an infinity."""
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def _exact(value: float | int | Decimal) -> Decimal:
    # Through the shortest text of a float: 0.15 stays 0.15. NumPy's own floats print themselves otherwise.
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(repr(float(value)))


def _rounded(value: float | int | Decimal, decimals: int) -> Decimal:
    return _exact(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _decimal(value: Decimal, decimals: int, *, trim: bool) -> str:
    pattern = "#,##0" + ("." + ("#" if trim else "0") * decimals if decimals else "")
    written = str(format_decimal(value if value else abs(value), pattern, locale=locales.locale().babel))
    return written.replace("-", "\N{MINUS SIGN}")


def number(value: float | int | None, decimals: int | None = None) -> str:
    """Return a number as text.

    Args:
        value: the number, or None.
        decimals: fixed count of decimals; by default none for whole numbers and up to two otherwise.

    Examples:
        >>> number(1234.5), number(1234), number(2, 1), number(None)
        ('1.234,5', '1.234', '2,0', '–')
    """
    if value is None or is_missing(value):
        return MISSING
    places = 2 if decimals is None else decimals
    return _decimal(_rounded(value, places), places, trim=decimals is None)


def percent(value: float | None, decimals: int = 1, *, trim: bool = False) -> str:
    """Return a share of 1 as a percentage.

    A share that is not all (or not nothing) is never rounded to ``100,0 %`` (or ``0,0 %``): it gets as many
    decimals as it takes, up to four, so that a missed "all of them" can be seen.

    Args:
        value: the share (0.875), or None.
        decimals: decimals shown.
        trim: leave out trailing zeros (for targets: ``87 %``).

    Examples:
        >>> percent(0.875), percent(1, trim=True), percent(0.99996), percent(None)
        ('87,5\xa0%', '100\xa0%', '99,996\xa0%', '–')
    """
    if value is None or is_missing(value):
        return MISSING
    exact, places = _exact(value) * 100, percent_decimals(value, decimals)
    return f"{_decimal(_rounded(exact, places), places, trim=trim)}{locales.locale().percent}"


def percent_decimals(value: float, decimals: int = 1) -> int:
    """Return how many decimals a share takes as a percentage (up to four: what is not 0 or 100 % never looks so)."""
    exact = _exact(value) * 100
    while decimals < 4 and (shown := _rounded(exact, decimals)) in (0, 100) and shown != exact:
        decimals += 1
    return decimals


def points(value: float | None, decimals: int = 1) -> str:
    """Return a difference of shares in percentage points, with its sign.

    Examples:
        >>> points(0.012), points(-0.1), points(0)
        ('+1,2 điểm\xa0%', '−10,0 điểm\xa0%', '0,0 điểm\xa0%')
    """
    if value is None or is_missing(value):
        return MISSING
    shown = _rounded(_exact(value) * 100, decimals)
    sign = "+" if shown > 0 else ""
    return text("reporting.format.points", value=sign + _decimal(shown, decimals, trim=False))


def change(value: float | None, *, share: bool) -> str:
    """Return a change with its sign: in percentage points for a share, else as a number."""
    if value is None or is_missing(value):
        return MISSING
    return points(value) if share else ("+" if value > 0 else "") + number(value)


def share_of(numerator: float | None, denominator: float | None) -> str:
    """Return ``n/N``, the dash where there is no denominator.

    Examples:
        >>> share_of(1234, 1500), share_of(0, 0), share_of(3, None)
        ('1.234/1.500', '0/0', '–')
    """
    if is_missing(numerator) or is_missing(denominator):
        return MISSING
    return f"{number(numerator)}/{number(denominator)}"


def day(value: dt.date | None) -> str:
    """Return a date.

    Examples:
        >>> day(dt.date(2024, 12, 14)), day(None)
        ('14/12/2024', '–')
    """
    return MISSING if value is None else locales.day(value)


def moment(value: dt.datetime | None) -> str:
    """Return a date and time: ``14/12/2024 15:30``."""
    return MISSING if value is None else f"{day(value)} {value.hour:02}:{value.minute:02}"


def days(start: dt.date | None, end: dt.date | None) -> str:
    """Return a span of dates: ``15/09/2024–14/12/2024``."""
    if start is None or end is None:
        return MISSING
    return f"{day(start)}{locales.locale().dash}{day(end)}"


def target_text(target: float | None, comparator: str | None, measure: str | None) -> str:
    """Return a target with its comparator: ``≥ 85 %``, ``> 87 %``, ``100 %``, ``0``; the dash without one."""
    if target is None or is_missing(target):
        return MISSING
    shown = percent(target, trim=True) if measure in ("share", "percent") else number(target)
    return TARGET_SIGNS.get(comparator or "", "") + shown


def show(value: Any, how: str, missing: str = MISSING) -> str:
    """Return a value as text in one of the :data:`Format` ways; ``missing`` for what is not there.

    Raises:
        ValueError: an unknown way.
    """
    if how == "withheld":
        return WITHHELD
    if is_missing(value):
        return missing
    if how in TARGETS:
        comparator, kind = how.split()
        return target_text(value, comparator, kind)
    match how:
        case "text":
            return str(value)
        case "integer":
            return number(value, 0)
        case "number":
            return number(value)
        case "decimal":
            return number(value, 2)
        case "percent":
            return percent(value)
        case "points":
            return points(value)
        case "date":
            return day(value)
        case "datetime":
            return moment(value)
        case "bool":
            return text("reporting.format.yes" if value else "reporting.format.no")
        case "status":
            return f"{text(f'reporting.status.{value}.mark')} {text(f'reporting.status.{value}.word')}"
    raise ValueError(f"no format {how!r}")


def excel_format(value: Any, how: str) -> str:
    """Return the Excel number format that shows a value as :func:`show` does; ``General`` for text."""
    if how in TARGETS and not is_missing(value):
        comparator, kind = how.split()
        sign = f'"{TARGET_SIGNS[comparator]}"' if TARGET_SIGNS[comparator] else ""
        return sign + (_trimmed_percent(value) if kind == "percent" else excel_format(value, kind))
    sign = locales.locale().excel_percent
    match how:
        case "integer":
            return "#,##0"
        case "number":  # "#,##0.##" would leave a bare comma behind whole numbers
            whole = not is_missing(value) and _rounded(value, 2) == int(_rounded(value, 2))
            return "#,##0" if whole else "#,##0.##"
        case "decimal":
            return "#,##0.00"
        case "percent":
            return "0." + "0" * (1 if is_missing(value) else percent_decimals(value)) + sign
        case "points":
            return f"+0.0{sign};-0.0{sign};0.0{sign}"
        case "date":
            return locales.locale().excel_day
        case "datetime":
            return locales.locale().excel_day + "\\ hh:mm"
    return "General"


def _trimmed_percent(value: float) -> str:
    shown = _rounded(_exact(value) * 100, percent_decimals(value)).normalize()
    places = max(0, -int(shown.as_tuple().exponent))
    return "0" + ("." + "0" * places if places else "") + locales.locale().excel_percent


def raw(value: Any) -> str:
    """Return the unrounded value for machines (``data-value``): ``0.875``, ``2024-12-14``; empty when missing."""
    if is_missing(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date):
        return value.isoformat()
    return repr(float(value)) if isinstance(value, float) else str(value)
