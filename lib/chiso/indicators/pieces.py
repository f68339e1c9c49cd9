"""What of a computation is kept: pieces, each under the rows of exactly the tables that it reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import polars as pl

from chiso.catalogue import Catalogue
from chiso.indicators.survey_form import form_files
from chiso.sources import Dataset
from chiso.sources.kept import NOTHING_KEPT, Frames, Shelf, key_of
from chiso.worktime import Timeframe

#: Tables that the survey's figures are made of; besides, the data folder's own questionnaires.
SURVEY = ("survey_responses", "survey_frame")


class Pieces:
    """The pieces of one timeframe on a shelf.

    Besides the tables, each depends on the catalogue, the timeframe and, where the survey is read, the data folder's
    questionnaires. Code, calendar and language are the shelf's own.
    """

    def __init__(self, shelf: Shelf, dataset: Dataset, catalogue: Catalogue, timeframe: Timeframe) -> None:
        self._shelf, self._dataset = shelf, dataset
        self._catalogue, self._timeframe = catalogue, timeframe

    @cached_property
    def _base(self) -> str:
        t = self._timeframe
        return key_of(self._catalogue.model_dump_json(), str(t.period), t.rule, t.as_of)

    @cached_property
    def _forms(self) -> str:
        return key_of(*(part for f in form_files(self._dataset.folder) for part in (f.name, f.read_bytes())))

    def _made_of(self, tables: Sequence[str], values: tuple[Any, ...]) -> tuple[Any, ...]:
        rows = [(table, self._dataset.rows_digest(table)) for table in tables]
        forms = self._forms if SURVEY[0] in tables else ""
        return self._base, rows, forms, *values

    def get(self, name: str, tables: Sequence[str], *values: Any) -> dict[str, pl.DataFrame] | None:
        """Return the frames of a piece; None where it is to be made. ``values``: what else it is made of."""
        if self._shelf is NOTHING_KEPT:
            return None
        return self._shelf.get(name, *self._made_of(tables, values))

    def put(self, frames: Frames, name: str, tables: Sequence[str], *values: Any) -> None:
        """Keep the frames of a piece."""
        if self._shelf is not NOTHING_KEPT:
            self._shelf.put(frames, name, *self._made_of(tables, values))

    def frames(self, make: Callable[[], Frames], name: str, tables: Sequence[str], *values: Any) -> Frames:
        """Return the frames of a piece: those kept, else those made now."""
        found: Frames | None = self.get(name, tables, *values)
        if found is None:
            found = make()
            self.put(found, name, tables, *values)
        return found
