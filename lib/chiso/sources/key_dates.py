"""The date within a key, such as `000.00.12.H32-240315-0001`: how such keys are written, and how they are read."""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from chiso.messages import text

_DATE = re.compile(r"\{((?:yyyy|yy|MM|dd){3})\}")
_PARTS = {"yyyy": ("%Y", 4), "yy": ("%y", 2), "MM": ("%m", 2), "dd": ("%d", 2)}


def key_form(form: str) -> tuple[str, str]:
    """Return the regular expression and the date format of a form: ``*`` any text, ``#`` digits, one date in braces.

    >>> key_form("*-{yyMMdd}-#")
    ('^.*\\\\-([0-9]{6})\\\\-[0-9]+$', '%y%m%d')

    Raises:
        ValueError: not exactly one date of year, month and day.
    """
    before, *rest = _DATE.split(form)
    parts = re.findall("yyyy|yy|MM|dd", rest[0]) if len(rest) == 2 else []
    if sorted(part[0] for part in parts) != ["M", "d", "y"]:
        raise ValueError(text("agreement.bad_form", form=form))
    digits = sum(_PARTS[part][1] for part in parts)
    return f"^{_expression(before)}([0-9]{{{digits}}}){_expression(rest[1])}$", "".join(_PARTS[p][0] for p in parts)


def date_in(key: pl.Expr, forms: Iterable[str]) -> pl.Expr:
    """Return the date that keys of the first fitting form hold; null where none fits or it is no date."""
    read = [key.str.extract(pattern).str.to_date(how, strict=False) for pattern, how in map(key_form, forms)]
    return pl.coalesce(read) if read else pl.lit(None, dtype=pl.Date)


def _expression(words: str) -> str:
    return re.escape(words).replace(r"\*", ".*").replace(r"\#", "[0-9]+")
