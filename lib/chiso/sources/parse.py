"""From text to types: one parser a type; what does not parse becomes null, and the caller tells it from a blank.

Columns are parsed as whole series. Types with few different values go through their distinct values, the others
through a fast pattern first and a patient one for what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import polars as pl

from chiso.sources.contract import ColumnContract, fold
from chiso.sources.text.plain import plain as series_in_plain
from chiso.sources.words import load_words

_TIME = r"(?:[T ]+(?<h>\d{1,2}):(?<n>\d{2})(?::(?<s>[0-5]\d)(?:[.,](?<f>\d{1,9}))?)?(?: *(?<half>(?i:SA|CH|AM|PM)))?)?"
_ISO = rf"^(?<y>\d{{4}})-(?<m>\d{{1,2}})-(?<d>\d{{1,2}}){_TIME}\s*(?<z>Z|z|[+-]\d{{2}}:?\d{{2}}|[+-]\d{{2}})?$"
_DMY = rf"^(?<d>\d{{1,2}})/(?<m>\d{{1,2}})/(?<y>\d{{4}}){_TIME}$"
_DMY_LOOSE = rf"^(?<d>\d{{1,2}})[-./](?<m>\d{{1,2}})[-./](?<y>\d{{4}}){_TIME}$"
_YMD = rf"^(?<y>\d{{4}})/(?<m>\d{{1,2}})/(?<d>\d{{1,2}}){_TIME}$"
#: The time before the day, and the day in words, as Vietnamese systems and clerks write them.
_TIME_FIRST = r"^(?<h>\d{1,2}):(?<n>\d{2})(?::(?<s>[0-5]\d))?,? +(?<d>\d{1,2})/(?<m>\d{1,2})/(?<y>\d{4})$"
_IN_WORDS = r"^(?i:ngày +)?(?<d>\d{1,2}) +(?i:tháng) +(?<m>\d{1,2}) +(?i:năm) +(?<y>\d{4})$"
_MDY = rf"^(?<m>\d{{1,2}})/(?<d>\d{{1,2}})/(?<y>\d{{4}}){_TIME}$"
#: Excel day numbers taken for dates: 1950 to 2099. A bare year such as 2024 is none.
_SERIALS = (date(1950, 1, 1), date(2100, 1, 1))
#: A code, a telephone or an identity number under the wrong header: nobody writes a quantity so.
_NO_NUMBER = r"^0\d{8,}$"
#: One group of three after a point: a thousand and more, or one and a fraction.
_EITHER = r"^[+-]?[1-9]\d{0,2}\.\d{3}$"
#: Grouped so that it can be read in one way only: two groups, or a group and the other sign before decimals.
_SURELY_VI = r"^[+-]?\d{1,3}(\.\d{3}){2,}(,\d+)?$|^[+-]?\d{1,3}\.\d{3},\d+$"
_SURELY_EN = r"^[+-]?\d{1,3}(,\d{3}){2,}(\.\d+)?$|^[+-]?\d{1,3},\d{3}\.\d+$"


@dataclass(frozen=True)
class Convention:
    """How a source writes dates and numbers, and the time zone its times are meant in."""

    time_zone: str
    dates: Literal["iso", "dmy", "mdy"] | None = None
    numbers: Literal["vi", "en", "plain"] | None = None  # None: what can be read in one way only
    epoch: date | None = None  # Excel files: a number in a date column counts days from here


def clean(series: pl.Series) -> pl.Series:
    """Return cells without surrounding or invisible characters, in NFC; blank cells are null."""
    series = series_in_plain(series).str.strip_chars()
    return series.set(series == "", None)


def translate(series: pl.Series, words: dict[str, str]) -> pl.Series:
    """Return cells with a source's own words replaced; the word "" stands for a blank cell."""
    if not words:
        return series
    known = {fold(word): code for word, code in words.items()}
    blank = known.pop("", None)
    found = {v: known[fold(v)] for v in series.drop_nulls().unique() if fold(v) in known}
    series = series.replace(list(found), list(found.values())) if found else series
    return clean(series.fill_null(blank) if blank is not None else series)


def parse(
    series: pl.Series, column: ColumnContract, convention: Convention, factor: int | float | None = None
) -> pl.Series:
    """Return typed values of cleaned text; null where a cell is blank or does not parse.

    ``factor`` turns numbers of the file's unit into the column's: 1250.5 million are 1,250,500,000.
    """
    match column.type:
        case "text":
            return series
        case "date":
            return _dates(series, convention)
        case "datetime":
            return _datetimes(series, convention)
        case "int":
            return _ints(series, convention) if factor is None else _scaled_ints(series, convention, factor)
        case "float":
            floats = _floats(series, convention.numbers)
            return floats if factor is None else floats * factor
        case "bool":
            words = load_words()
            return _by_word(series, lambda w: True if w in words.true else False if w in words.false else None)
        case "enum":
            codes = {fold(word): code for code, label in column.values.items() for word in (code, label)}
            return _by_word(series, codes.get, pl.String())


def is_dont_know(series: pl.Series) -> pl.Series:
    """Return which survey answers are a don't-know code."""
    known = load_words().dont_know
    return _by_word(series, lambda word: word in known).fill_null(False)


def _by_word(series: pl.Series, meaning: Callable[[str], Any], dtype: pl.DataType | None = None) -> pl.Series:
    """Return the meaning of each folded cell, looked up once a distinct value."""
    dtype = dtype or pl.Boolean()
    distinct = series.drop_nulls().unique()
    if distinct.is_empty():
        return pl.Series(series.name, [None] * series.len(), dtype=dtype)
    meanings = pl.Series([meaning(fold(word)) for word in distinct], dtype=dtype)
    return series.replace_strict(distinct, meanings, default=None, return_dtype=dtype)


def _patiently(quick: pl.Series, source: pl.Series, slow: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Return ``quick``, with what it left open parsed by ``slow``."""
    places = (quick.is_null() & source.is_not_null()).arg_true()
    if places.is_empty():
        return quick
    return quick.scatter(places, slow(source.gather(places)))


def _iso_dates(series: pl.Series) -> pl.Series:
    """Return days written ``2024-03-01``; ``24-03-01`` is no day of the first century."""
    days = series.str.to_date("%Y-%m-%d", strict=False)
    return days.set(days.dt.year() < 1000, None)


def _dates(series: pl.Series, convention: Convention) -> pl.Series:
    def with_time(rest: pl.Series) -> pl.Series:
        quick = _iso_datetimes(rest, " ").dt.date()
        return _patiently(quick, rest, lambda others: _any_datetime(others, convention).dt.date())

    return _patiently(_iso_dates(series), series, with_time)


def _datetimes(series: pl.Series, convention: Convention) -> pl.Series:
    def day_only(rest: pl.Series) -> pl.Series:
        quick = _iso_dates(rest).cast(pl.Datetime("us"))
        return _patiently(quick, rest, lambda others: _any_datetime(others, convention))

    def with_blank(rest: pl.Series) -> pl.Series:
        return _patiently(_iso_datetimes(rest, " "), rest, day_only)

    return _patiently(_iso_datetimes(series, "T"), series, with_blank)


def _iso_datetimes(series: pl.Series, between: str) -> pl.Series:
    """Return moments written ``2024-03-01T08:30:00``, or with a blank in place of the T, as real dates of Excel are."""
    moments = series.str.to_datetime(f"%Y-%m-%d{between}%H:%M:%S", time_unit="us", strict=False)
    return moments.set(moments.dt.year() < 1000, None)


def _any_datetime(series: pl.Series, convention: Convention) -> pl.Series:
    """Return local times of every accepted way to write one; an offset is converted to the source's time zone.

    Hours may be told by halves of the day, SA/CH or AM/PM; where those are with hours of 24, they must agree.
    """
    day_first = [_YMD, _TIME_FIRST, _IN_WORDS]
    own = {"iso": [], "dmy": [_DMY_LOOSE, *day_first], "mdy": [_YMD, _MDY], None: [_DMY, *day_first]}
    patterns = [_ISO, *own[convention.dates]]
    cell = pl.col("cell")

    def part(name: str) -> pl.Expr:
        groups = [cell.str.extract_groups(p).struct.field(name) for p in patterns if f"<{name}>" in p]
        return pl.coalesce(groups)

    def two(name: str) -> pl.Expr:
        return part(name).fill_null("0").str.zfill(2)

    half = part("half").str.to_uppercase()
    hour = part("h").cast(pl.Int64)
    by_half = (
        pl.when(half.is_null()).then(hour)
        .when(half.is_in(["CH", "PM"]) & (hour > 0)).then(pl.when(hour < 12).then(hour + 12).otherwise(hour))
        .when(half.is_in(["SA", "AM"]) & (hour <= 12)).then(hour % 12)
        .otherwise(99)
    )  # fmt: skip
    micro = part("f").fill_null("0").str.slice(0, 6).str.pad_end(6, "0")
    written = pl.concat_str(
        part("y"), pl.lit("-"), two("m"), pl.lit("-"), two("d"), pl.lit(" "),
        by_half.cast(pl.String).fill_null("0").str.zfill(2), pl.lit(":"),
        two("n"), pl.lit(":"), two("s"), pl.lit("."), micro,
    )  # fmt: skip
    local = written.str.to_datetime("%Y-%m-%d %H:%M:%S%.6f", time_unit="us", strict=False)
    zone = part("z").str.replace(":", "").str.to_uppercase().str.replace("^Z$", "+0000").str.pad_end(5, "0")
    minutes = zone.str.slice(1, 2).cast(pl.Int64) * 60 + zone.str.slice(3, 2).cast(pl.Int64)
    offset = pl.duration(minutes=pl.when(zone.str.starts_with("-")).then(-minutes).otherwise(minutes))
    utc = (pl.col("local") - pl.col("offset")).dt.replace_time_zone("UTC")
    here = utc.dt.convert_time_zone(convention.time_zone).dt.replace_time_zone(None)
    frame = pl.DataFrame({"cell": series}).select("cell", local=local, offset=offset)
    value = frame.select(pl.when(pl.col("offset").is_null()).then("local").otherwise(here)).to_series()
    if convention.epoch:
        days = series.set(~series.str.contains(r"^\d{5}(\.\d+)?$"), None).cast(pl.Float64, strict=False)
        lowest, highest = ((day - convention.epoch).days for day in _SERIALS)
        days = days.set(~days.is_between(lowest, highest, closed="left"), None)
        seconds = pl.duration(seconds=(pl.col("days") * 86400).round().cast(pl.Int64))
        day_count = pl.DataFrame({"days": days, "value": value}).select(
            pl.coalesce("value", pl.lit(convention.epoch).cast(pl.Datetime("us")) + seconds)
        )
        value = day_count.to_series()
    return value.cast(pl.Datetime("us"))


def _plain_number(series: pl.Series, numbers: str | None) -> pl.Series:
    """Return numbers as written in ``numbers`` with point decimals and no grouping; null for any other way."""
    if numbers is None:
        for way, sign in (("vi", _SURELY_VI), ("en", _SURELY_EN)):
            if (sure := series.str.contains(sign).fill_null(False)).any():
                series = _plain_number(series, way).zip_with(sure, series)
    if numbers == "vi":
        good = r"^[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$"
        series = series.set(~series.str.contains(good), None)
        return series.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    if numbers == "en":
        good = r"^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$"
        return series.set(~series.str.contains(good), None).str.replace_all(",", "", literal=True)
    return series.set(~series.str.contains(r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$"), None)


def _ints(series: pl.Series, convention: Convention) -> pl.Series:
    def slow(rest: pl.Series) -> pl.Series:
        written = _plain_number(rest, convention.numbers)
        if convention.numbers in ("plain", None):
            # "80.000" may be eighty thousand or eighty: no guess. "12.0" comes from Excel and can only be twelve.
            written = written.set(written.str.contains(r"^[+-]?\d{1,3}(\.\d{3})+$"), None)
        number = written.cast(pl.Float64, strict=False)
        exact = (number == number.round()) & (number.abs() < 2**53)
        return number.set(~exact.fill_null(False), None).cast(pl.Int64)

    series = series.set(series.str.contains(_NO_NUMBER), None)
    quick = series.set(~series.str.contains(r"^[+-]?\d+$"), None).cast(pl.Int64, strict=False)
    return _patiently(quick, series, slow)


def _scaled_ints(series: pl.Series, convention: Convention, factor: int | float) -> pl.Series:
    """Return whole numbers of the column's unit, exactly; null where the product has a fraction."""
    written = _plain_number(series, convention.numbers)
    if convention.numbers is None:
        written = written.set(written.str.contains(_EITHER), None)
    distinct = written.drop_nulls().unique()
    if distinct.is_empty():
        return pl.Series(series.name, [None] * series.len(), dtype=pl.Int64)
    products = [Decimal(word) * Decimal(str(factor)) for word in distinct]
    whole = [int(product) if product == int(product) and abs(product) < 2**53 else None for product in products]
    return written.replace_strict(distinct, pl.Series(whole, dtype=pl.Int64), default=None, return_dtype=pl.Int64)


def _floats(series: pl.Series, numbers: str | None) -> pl.Series:
    written = _plain_number(series, numbers)
    if numbers is None:  # "1.250" may be one and a quarter or a thousand and more; "0.250" can only be a quarter
        written = written.set(written.str.contains(_EITHER), None)
    value = written.cast(pl.Float64, strict=False)
    return value.set(~value.is_finite(), None)
