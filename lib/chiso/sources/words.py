"""The words that cells and headers of real exports hold: flags, don't-know answers, personal data, layout rows."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict


class Layout(BaseModel):
    """Regular expressions for rows that are not data, matched in full on a folded cell."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    total: str
    section: str
    section_titled: str
    page: str
    note: str


class Words(BaseModel):
    """All word lists, folded (:func:`chiso.sources.contract.fold`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    true: frozenset[str]
    false: frozenset[str]
    dont_know: frozenset[str]
    numbering: frozenset[str]
    guide_sheets: frozenset[str]
    spare_sheets: frozenset[str]
    personal: frozenset[str]
    layout: Layout


@cache
def load_words() -> Words:
    """Return the lists of ``words.toml``."""
    raw = (resources.files(__package__) / "words.toml").read_text(encoding="utf-8")
    return Words.model_validate(tomllib.loads(raw))
