"""What comments are about: responses by theme and unit, counted; what they say goes no further.

Themes and their words are data (``comment_themes.toml``). A comment may have several themes; one that has none counts
as ``other``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

COMMENTS = {"period": pl.String, "unit_code": pl.String, "theme": pl.String, "n": pl.Int64}
#: Comments of any theme, and those that have none.
ALL, OTHER = "all", "other"
_FILE = Path(__file__).with_name("comment_themes.toml")
#: Where the tone mark stands in these is a matter of taste: thuỷ, thủy.
_TONES = str.maketrans({"\u0300": None, "\u0301": None, "\u0303": None, "\u0309": None, "\u0323": None})


@dataclass(frozen=True)
class Theme:
    """A theme of comments.

    Attributes:
        id: its name in tables.
        words: what a comment about it holds.
        factor: component of the plan it goes with; None: none.
    """

    id: str
    words: tuple[str, ...]
    factor: str | None = None


@cache
def load_themes() -> tuple[Theme, ...]:
    """Return the themes in the order of their file."""
    raw = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(Theme(id, tuple(entry["words"]), entry.get("factor")) for id, entry in raw.items())


def themes_of(comments: pl.Series) -> pl.DataFrame:
    """Tell which themes each comment has.

    Args:
        comments: texts; a null is no comment.

    Returns:
        One boolean column a theme, ``other`` and ``all`` last; a null has none of them.

    Examples:
        >>> found = themes_of(pl.Series(["Thái độ tốt, trả kết quả sớm", "thu tuc ruom ra", "Tốt", None]))
        >>> found.select("attitude", "paperwork", "time", "other", "all").rows()[:2]
        [(True, False, True, False, True), (False, True, False, False, True)]
        >>> found.select("other", "all").rows()[2:]
        [(True, True), (False, False)]
    """
    distinct = comments.drop_nulls().unique()
    read = [_spelt(comment) for comment in distinct]
    rows = {
        theme.id: [bool(_pattern(theme.words, bare).search(text)) for text, bare in read] for theme in load_themes()
    }
    found = pl.DataFrame(rows, schema=dict.fromkeys(rows, pl.Boolean))
    none = ~pl.any_horizontal(pl.all()) if rows else pl.lit(True)
    found = found.with_columns(none.alias(OTHER), pl.lit(True).alias(ALL)).insert_column(0, distinct.alias("_comment"))
    joined = pl.DataFrame({"_comment": comments}).join(found, on="_comment", how="left", maintain_order="left")
    return joined.drop("_comment").with_columns(pl.all().fill_null(False))


def count_comments(responses: pl.DataFrame, period: str) -> pl.DataFrame:
    """Count the responses with a comment by theme, whole department (``unit_code`` null) and units.

    Args:
        responses: one row a respondent, with ``unit_code`` and perhaps ``comment``.
        period: canonical name.

    Returns:
        Columns of :data:`COMMENTS`, in the order of the themes; combinations that occur.
    """
    if "comment" not in responses.columns or responses["comment"].null_count() == responses.height:
        return pl.DataFrame(schema=COMMENTS)
    themes = themes_of(responses["comment"])
    counted = pl.concat([responses.select("unit_code"), themes], how="horizontal")
    sums = pl.col(themes.columns).sum().cast(pl.Int64)
    units = counted.filter(pl.col("unit_code").is_not_null()).group_by("unit_code").agg(sums).sort("unit_code")
    whole = counted.select(pl.lit(None, pl.String).alias("unit_code"), sums)
    long = pl.concat([whole, units]).unpivot(index="unit_code", variable_name="theme", value_name="n")
    order = {theme: place for place, theme in enumerate([ALL, *(t.id for t in load_themes()), OTHER])}
    return (
        long.filter(pl.col("n") > 0)
        .with_columns(period=pl.lit(period), _at=pl.col("theme").replace_strict(order, return_dtype=pl.Int64))
        .sort(pl.col("unit_code").is_not_null(), "unit_code", "_at")
        .select(*COMMENTS)
    )


def _spelt(comment: str) -> tuple[str, bool]:
    """Return a comment as words are compared, and whether it is written without diacritics."""
    lower = " ".join(comment.casefold().split())
    return _folded(lower), lower.isascii()


def _folded(text: str) -> str:
    """Return a text with each tone mark behind its syllable's letters: hoà and hòa are one."""
    return re.sub(r"[^\W\d_]+", lambda found: _syllable(found[0]), unicodedata.normalize("NFC", text))


def _syllable(word: str) -> str:
    parts = unicodedata.normalize("NFD", word)
    tones = "".join(c for c in parts if ord(c) in _TONES)
    return unicodedata.normalize("NFC", parts.translate(_TONES)) + tones


@cache
def _pattern(words: tuple[str, ...], bare: bool) -> re.Pattern[str]:
    spelt = [_bare(word) if bare else _folded(word) for word in words]
    marks = "".join(map(chr, _TONES))
    return re.compile(rf"(?<![\w{marks}])(?:{'|'.join(map(re.escape, spelt))})(?![\w{marks}])")


def _bare(word: str) -> str:
    parts: Mapping[str, str] = {"đ": "d"}
    plain = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return "".join(parts.get(c, c) for c in plain)
