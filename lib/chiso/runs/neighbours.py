"""The periods that stand in an output folder, as their manifests tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chiso.errors import ChisoError
from chiso.runs.manifest import FILE, INDEX, read_manifest
from chiso.worktime import Period, PeriodError


def periods_in(out: Path, *, reported: bool = True) -> Iterator[tuple[Period, dict[str, Any]]]:
    """Yield the periods of an output folder, with their manifests; ``reported``: only those that have an index."""
    for folder in sorted(out.iterdir()) if out.is_dir() else ():
        if reported and not (folder / INDEX).is_file():
            continue
        if (record := read_manifest(folder)) and "body" in record:
            try:
                yield Period.parse(folder.name), record
            except ChisoError:
                continue  # a folder of the user's own


def top_index_agrees(out: Path) -> bool:
    """Whether the index of all periods lists those there are, and is younger than all of their manifests."""
    there = {str(period) for period, _ in periods_in(out)}
    try:
        content, written = (out / INDEX).read_text(encoding="utf-8"), (out / INDEX).stat().st_mtime_ns
    except OSError:
        return not there
    listed = set(re.findall(rf'<th scope="row" class="left"><a href="([^"/]+)/{re.escape(INDEX)}"', content))
    return listed == there and all((out / name / FILE).stat().st_mtime_ns <= written for name in there)


def newest_first(period: Period) -> tuple[int, ...]:
    """Return a sort key: later years first, within a year what ends later, then what begins later."""
    first, last = period.calendar_days()
    return -period.year, -last.toordinal(), -first.toordinal()


def neighbours(out: Path, now: Period, body: str, unit: str | None) -> dict[str, Period]:
    """Return the nearest earlier and later period of the same kind, and last year's, that have pages.

    Only periods of the same body and unit; the index of all periods has the others.
    """
    there = [
        period
        for period, record in periods_in(out)
        if period.kind == now.kind and record["body"]["name"] == body and record.get("unit") == unit
    ]
    found: dict[str, Period] = {}
    if earlier := [p for p in there if p < now]:
        found["earlier"] = max(earlier)
    try:
        if (before := now.year_before()) in there and before != found.get("earlier"):
            found["year_before"] = before
    except PeriodError:  # before the first year there is
        pass
    if later := [p for p in there if p > now]:
        found["later"] = min(later)
    return found
