"""The package against the oracle on random folders: equal to 1e-9, or the difference is printed.

`CHISO_SEEDS=2000` widens the search, `CHISO_SEEDS=17:18` repeats one seed.
"""

from __future__ import annotations

import os
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import generate
import pytest
import reference
from reference_time import Window, is_working, plus_working_days, window_of

from chiso.catalogue import load_catalogue
from chiso.indicators import compute
from chiso.sources import ingest
from chiso.worktime import Period, Timeframe, WorkCalendar

PERIODS = ("Q1", "Q2", "Q3", "Q4", "H1", "9M", "", "01", "03", "05", "12", "W01", "W07", "W18", "W50")
INDICATOR_FIELDS = (
    "numerator", "denominator", "value", "status", "target", "comparator", "attainment", "deadline", "window",
)  # fmt: skip


def seeds() -> range:
    """How far to search: an upper end, or first:end."""
    asked = os.environ.get("CHISO_SEEDS", "45")
    first, _, end = asked.rpartition(":")
    return range(int(first or 0), int(end))


def setting(seed: int) -> tuple[str, str, date | None, Window]:
    """Period, window name, as-of day or none, and the window they make."""
    r = random.Random(f"setting {seed}")
    year = r.choice((2024, 2024, 2024, 2025))
    number = PERIODS[seed % len(PERIODS)]
    period = f"{year}-{number}" if number else str(year)
    window = r.choice(("decree09", "decree09", "calendar"))
    whole = window_of(period, window)
    if r.random() < 0.5:
        return period, window, None, whole
    inside = [whole.start + timedelta(n) for n in range((whole.end - whole.start).days + 1)]
    special = [d for d in generate.special_days(year) if d in inside]
    as_of = r.choice([*special, r.choice(inside), inside[0], inside[-1]])
    return period, window, as_of, window_of(period, window, as_of)


def same(ours: Any, theirs: Any) -> bool:
    """Equal; numbers to 1e-9 of their size."""
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return abs(ours - theirs) <= 1e-9 * max(1.0, abs(ours))
    return bool(ours == theirs)


def differences(name: str, ours: dict[Any, dict], theirs: dict[Any, dict], absent: dict) -> list[str]:
    """Every cell that differs; a row that one side lacks is read as `absent`, if that is given."""
    found = []
    for key in sorted(set(ours) | set(theirs), key=str):
        left, right = ours.get(key, absent), theirs.get(key, absent)
        if not left or not right:
            found.append(f"{name} {key}: only in {'the package' if right else 'the oracle'}: {left or right}")
            continue
        for field, value in left.items():
            if not same(value, right[field]):
                found.append(f"{name} {key} {field}: oracle {value!r}, package {right[field]!r}")
    return found


def by_key(rows: list[dict[str, Any]], keys: tuple[str, ...]) -> dict[Any, dict[str, Any]]:
    """Rows of a result table by their key, which must be unique."""
    keyed = {tuple(row[k] for k in keys): row for row in rows}
    assert len(keyed) == len(rows), f"keys {keys} are not unique"
    return keyed


def compare(folder: Path, period: str, window: str, as_of: date | None) -> list[str]:
    """All differences between oracle and package on one folder."""
    ours = reference.compute(folder, period, window, as_of)
    frame = Timeframe(Period.parse(period), window, as_of)
    theirs = compute(ingest(folder, folder / "processed"), load_catalogue(frame.plan_year), frame)

    for row in ours["satisfaction"].values():
        if row["n"] + row["n_missing"] == 0:
            row["weighting"] = None
    satisfaction = by_key(theirs.satisfaction.to_dicts(), ("unit_code", "level", "code"))
    for row in satisfaction.values():
        if row["n"] + row["n_missing"] == 0:
            row["weighting"] = None
    nothing = {"n": 0, "n_missing": 0, "share": None, "weighting": None}
    return [
        *differences(
            "indicators",
            {key: {f: row[f] for f in INDICATOR_FIELDS} for key, row in ours["indicators"].items()},
            by_key(theirs.indicators.to_dicts(), ("indicator", "unit_code")),
            {},
        ),
        *differences(
            "case_balance",
            ours["case_balance"],
            by_key(theirs.case_balance.to_dicts(), ("unit_code", "field")),
            dict.fromkeys(reference.BALANCE, 0),
        ),
        *differences("satisfaction", ours["satisfaction"], satisfaction, nothing),
    ]


def test_calendars_agree() -> None:
    calendar = WorkCalendar.load()
    for n in range((date(2026, 12, 1) - date(2023, 1, 1)).days):
        day = date(2023, 1, 1) + timedelta(n)
        assert calendar.is_working(day) == is_working(day), day
        for days in (1, 2, 3):
            assert calendar.add_working_days(day, days) == plus_working_days(day, days), (day, days)


@pytest.mark.parametrize("window", ["decree09", "calendar"])
def test_windows_agree(window: str) -> None:
    numbers = ["Q1", "Q2", "Q3", "Q4", "H1", "9M", *(f"{n:02}" for n in range(1, 13))]
    numbers += [f"W{n:02}" for n in range(1, 53)]
    for year in (2023, 2024, 2025):
        for period in (str(year), *(f"{year}-{number}" for number in numbers)):
            w, frame = window_of(period, window), Timeframe(Period.parse(period), window)
            assert (frame.start, frame.end, frame.as_of) == (w.start, w.end, w.as_of), period
            assert frame.plan_year == w.plan_year


@pytest.mark.parametrize("seed", seeds())
def test_package_and_oracle_agree(seed: int, tmp_path: Path) -> None:
    period, window, as_of, w = setting(seed)
    generate.write_random_folder(
        tmp_path,
        seed,
        dirty=seed % 3 == 1,
        around=[w.start, w.end, w.as_of],
        periods=[period, "2023"],
        sparse=seed % 4 == 3,
        few=seed % 5 == 2,
    )
    found = compare(tmp_path, period, window, as_of)
    head = f"seed {seed}, {period} {window}, as of {w.as_of}: {len(found)} differences"
    assert not found, "\n".join([head, *found[:40]])
