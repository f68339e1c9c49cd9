"""How each language writes numbers, shares and dates: what :mod:`chiso.reporting.formats` and messages go by."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from chiso.messages import language


@dataclass(frozen=True)
class Locale:
    """The conventions of one language.

    Attributes:
        tag: name of the language in documents.
        babel: name of the locale in Babel's tables: decimal and thousands signs.
        separators: the same signs: between thousands, before decimals.
        percent: what follows a number of hundredths.
        day: template of a date; ``{month}`` is the number, ``{name}`` the month's short name.
        month: template of a month of a year.
        months: short names of the months.
        day_pattern: the same date as a pattern of Polars (chrono).
        month_pattern: the same month as such a pattern.
        excel_percent: the same percent sign within an Excel number format.
        excel_day: the same date as an Excel number format.
        dash: what stands between the ends of a span of dates.
    """

    tag: str
    babel: str
    separators: str
    percent: str
    day: str
    month: str
    months: tuple[str, ...]
    day_pattern: str
    month_pattern: str
    excel_percent: str
    excel_day: str
    dash: str


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

LOCALES: dict[str, Locale] = {
    "vi": Locale(
        tag="vi-VN",
        babel="vi",
        separators=".,",
        percent="\N{NO-BREAK SPACE}%",
        day="{day:02}/{month:02}/{year:04}",
        month="{month:02}/{year:04}",
        months=tuple(str(number) for number in range(1, 13)),
        day_pattern="%d/%m/%Y",
        month_pattern="%m/%Y",
        # `/` and the space are escaped: Excel would otherwise put the machine's own date separator there.
        excel_percent="\\ %",
        excel_day="dd\\/mm\\/yyyy",
        dash="–",
    ),
    "en": Locale(
        tag="en-GB",
        babel="en_GB",
        separators=",.",
        percent="%",
        day="{day} {name} {year:04}",
        month="{name} {year:04}",
        months=_MONTHS,
        day_pattern="%-d %b %Y",
        month_pattern="%b %Y",
        excel_percent="%",
        excel_day="[$-409]d\\ mmm\\ yyyy",  # English names of months, whatever the machine speaks
        dash=" – ",
    ),
}


def locale() -> Locale:
    """Return the conventions of this process's language."""
    return LOCALES[language()]


def number(shown: str) -> str:
    """Return a number that Python has formatted (``1,234.5``) with the signs of the language: ``1.234,5``."""
    return shown.translate(str.maketrans(",.", locale().separators))


def day(value: dt.date) -> str:
    """Return a date: ``14/12/2024``, in English ``14 Dec 2024``."""
    return _written(locale().day, value)


def month(value: dt.date) -> str:
    """Return a month: ``12/2024``, in English ``Dec 2024``."""
    return _written(locale().month, value)


def _written(template: str, value: dt.date) -> str:
    name = locale().months[value.month - 1]
    return template.format(day=value.day, month=value.month, year=value.year, name=name)
