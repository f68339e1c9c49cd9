"""Decisions on what may not be published, kept: taken once, found again by every report and every later run.

A decision is kept with the figures of its import (:attr:`chiso.sources.Dataset.kept`), under the rows of the tables it
reads, the questionnaires, catalogue, timeframe and code. One that is not there, or not whole, is taken anew: it never
reads as "nothing is withheld".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet

import polars as pl

from chiso.indicators.pieces import Pieces
from chiso.indicators.views import Sources
from chiso.sources.kept import NO_SHELVES, Frames

#: Two codes that name a withheld cell.
Pair = tuple[str | None, str | None]
#: What is withheld in each period; None: everything.
Decision = Mapping[str, AbstractSet[Pair] | None]
_CELLS = {"period": pl.String, "first": pl.String, "second": pl.String}
_DECIDED = {"period": pl.String, "cells": pl.Int64}


def kept(
    sources: Sources, name: str, tables: Sequence[str], periods: Sequence[str], decide: Callable[[], Decision]
) -> Decision:
    """Return a decision: the one kept, else the one taken now.

    Args:
        sources: what it is taken on.
        name: of the decision.
        tables: every table that it reads.
        periods: those that it is about, each once.
        decide: takes it.
    """
    return sources.dataset.noting(tables, lambda: _found_or_taken(sources, name, tables, periods, decide))


def _found_or_taken(
    sources: Sources, name: str, tables: Sequence[str], periods: Sequence[str], decide: Callable[[], Decision]
) -> Decision:
    where, t = sources.dataset.kept, sources.timeframe
    if where is NO_SHELVES or sources.within:
        return decide()
    with where.shelf(f"withheld-{t.plan_year}-{t.rule}") as shelf:
        pieces = Pieces(shelf, sources.dataset, sources.catalogue, t)
        place = f"{name} {t.period} {t.as_of:%Y%m%d}"
        frames = pieces.get(place, tables)
        found = None if frames is None else from_frames(frames, periods)
        if found is not None:
            return found
        taken = decide()
        pieces.put(to_frames(taken), place, tables)
        return taken


def to_frames(decision: Decision) -> dict[str, pl.DataFrame]:
    """Return a decision as frames: the withheld cells, and how many there are of each period (null: everything)."""
    cells = [(name, *pair) for name, pairs in decision.items() for pair in sorted(pairs or (), key=repr)]
    counts = [(name, None if pairs is None else len(pairs)) for name, pairs in decision.items()]
    return {
        "cells": pl.DataFrame(cells, schema=_CELLS, orient="row"),
        "decided": pl.DataFrame(counts, schema=_DECIDED, orient="row"),
    }


def from_frames(frames: Frames, periods: Sequence[str]) -> dict[str, set[Pair] | None] | None:
    """Return the decision in frames; None where they are not those of a whole one about exactly these periods."""
    if {name: dict(frame.schema) for name, frame in frames.items()} != {"cells": _CELLS, "decided": _DECIDED}:
        return None
    counts = frames["decided"].rows()
    pairs: dict[str, set[Pair]] = {name: set() for name in periods}
    for name, first, second in frames["cells"].iter_rows():
        pairs.setdefault(name, set()).add((first, second))
    whole = sorted(name for name, _ in counts) == sorted(pairs) and len(periods) == len(pairs)
    if not whole or any(len(pairs[name]) != (n or 0) for name, n in counts):
        return None
    return {name: None if n is None else pairs[name] for name, n in counts}
