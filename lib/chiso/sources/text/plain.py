"""Characters that nobody sees: spaces of other widths become spaces, invisible ones go, letters are composed (NFC)."""

from __future__ import annotations

import polars as pl

#: No-break, thin and other spaces that are not the space bar's.
SPACES = "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
#: Zero-width characters, marks of writing direction, byte order marks.
INVISIBLE = "[\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
#: Not in `INVISIBLE`: in TCVN3 it is the letter ư.
SOFT_HYPHEN = "\u00ad"
_UNCOMPOSED = "[\u0300-\u036f\u1100-\u11ff\u2126\u212a\u212b\uf900-\ufaff]"
_ANY = f"{SPACES}|{INVISIBLE}|{_UNCOMPOSED}"


def plain(series: pl.Series) -> pl.Series:
    """Return cells in NFC, with plain spaces and without invisible characters; soft hyphens stay."""
    if is_ascii(series) or not series.str.contains(_ANY).any():
        return series
    return series.str.replace_all(INVISIBLE, "").str.replace_all(SPACES, " ").str.normalize("NFC")


def is_ascii(series: pl.Series) -> bool:
    """Return whether all cells are ASCII: a count of bytes and characters, the cheapest look at a column."""
    return bool(series.str.len_bytes().sum() == series.str.len_chars().sum())
