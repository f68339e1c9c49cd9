"""No case twice: keys that several files of a body share are found without holding all keys in memory.

An import has resolved the duplicates of its own file. Between files the footers tell the smallest and largest key:
files whose keys lie apart share none. Only where they overlap are keys read, a body at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.sources.contract import load_contract
from chiso.sources.parts.find import TABLE
from chiso.sources.parts.read import SHOWN, Measured, scan

#: Keys compared at a time; more are compared in several passes.
AT_A_TIME = 8_000_000


def require_unique(files: Iterable[Measured], within: bool = True) -> None:
    """Check that no key of a body occurs twice.

    Args:
        files: the case files; all of a body together.
        within: also look within files that no import of this library wrote.

    Raises:
        ChisoError: cases that occur more than once, with their files.
    """
    bodies: dict[str, list[Measured]] = defaultdict(list)
    for file in files:
        if file.rows:
            bodies[file.file.body].append(file)
    faults = []
    for body in sorted(bodies):
        for group in _overlapping(bodies[body]):
            if len(group) > 1 or (within and not group[0].file.imported):
                faults += [(body, *found) for found in _twice(group)]
    if faults:
        listed = "".join(
            "\n  - " + text("parts.twice_at", body=body, key=key, files=", ".join(paths))
            for body, key, paths in faults[:SHOWN]
        )
        raise ChisoError(text("parts.twice", count=len(faults)) + listed)


def overlap(one: tuple[str, str] | None, other: tuple[str, str] | None) -> bool:
    """Whether two ranges of keys may share one; unknown ranges may."""
    return one is None or other is None or (one[0] <= other[1] and other[0] <= one[1])


def _overlapping(files: Sequence[Measured]) -> Iterator[list[Measured]]:
    """Yield the files in groups such that keys of different groups lie apart."""
    if any(f.keys is None for f in files):
        yield list(files)
        return
    group: list[Measured] = []
    last = ""
    for file in sorted(files, key=lambda f: (f.keys or ("", ""), str(f.file.path))):
        first, end = file.keys or ("", "")
        if group and first > last:
            yield group
            group = []
        last = max(last, end) if group else end
        group.append(file)
    if group:
        yield group


def _twice(group: Sequence[Measured]) -> list[tuple[str, list[str]]]:
    """Return the keys that occur more than once in a group, each with its files."""
    key = load_contract()[TABLE].key[0]
    frames = [scan([file], [key]).with_columns(_file=pl.lit(i, pl.UInt32)) for i, file in enumerate(group)]
    rows = pl.concat(frames)
    passes = -(-sum(file.rows for file in group) // AT_A_TIME)
    hashed = rows.select(hash=pl.col(key).hash())
    suspects: set[int] = set()
    for number in range(passes):
        some = hashed.filter(pl.col("hash") % passes == number) if passes > 1 else hashed
        hashes = some.collect(engine="streaming")["hash"].sort()
        suspects.update(hashes.filter(hashes == hashes.shift(1)))
    if not suspects:
        return []
    chosen = rows.filter(pl.col(key).hash().is_in(sorted(suspects))).collect(engine="streaming")
    found = chosen.group_by(key).agg(pl.len(), pl.col("_file").unique().sort()).filter(pl.col("len") > 1).sort(key)
    return [(k, [str(group[i].file.path) for i in files]) for k, _, files in found.iter_rows()]
