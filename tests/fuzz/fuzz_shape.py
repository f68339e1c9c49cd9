"""Where cells stand in a file: right of column A, between blank or hidden columns, below headers that come again."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass

from fuzz_files import Cell, Formula, Grid

#: Rows of a sheet before the table's own.
COVER: tuple[tuple[str, ...], ...] = (("SỞ NỘI VỤ",), ("BÁO CÁO TỔNG HỢP", "Năm 2024"), ("Người lập biểu",))
#: What is written for no answer: don't-know codes, and what is no answer at all.
UNKNOWN: tuple[Cell, ...] = ("9", 9, "KB", "Không biết")
OFF_SCALE: tuple[Cell, ...] = ("6", 0, "hài lòng", -1)


@dataclass
class Shape:
    """How the cells of one file are laid out."""

    before: int
    gaps: tuple[float, ...]
    again: float
    cover: bool
    hidden: float
    mac: bool
    label: str

    @classmethod
    def draw(cls, rng: random.Random) -> Shape:
        return cls(
            rng.choice((0, 0, 0, 1, 3)),
            tuple(rng.random() for _ in range(rng.choice((0, 0, 0, 1, 2)))),
            rng.choice((0.0, 0.0, 0.1)),
            rng.random() < 0.15,
            rng.choice((0.0, 0.0, 0.2)),
            rng.random() < 0.2,
            rng.choice(("", "", "", "_Năm 2024", unicodedata.normalize("NFD", "_Năm 2024"))),
        )

    def moved(self, grid: Grid, rng: random.Random) -> None:
        """Move the cells of a grid to the right, with blank columns between them, and hide some columns."""
        width = grid.width
        blank = sorted({1 + int(gap * (width - 1)) for gap in self.gaps}) if width > 2 else []
        places = [self.before + i + sum(i >= gap for gap in blank) for i in range(width)]
        rows: list[list[Cell | Formula]] = []
        for row in grid.rows:
            moved: list[Cell | Formula] = [None] * (places[len(row) - 1] + 1 if row else 0)
            for place, cell in zip(places, row, strict=False):
                moved[place] = cell
            rows.append(moved)
        grid.rows = rows
        grid.merged = [(top, places[left], bottom, places[right]) for top, left, bottom, right in grid.merged]
        grid.hidden_columns = [place for place in places if rng.random() < self.hidden]
