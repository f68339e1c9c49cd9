"""The index over bodies and periods of an output folder, from what the manifests of their runs tell."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

import chiso
from chiso.messages import DEFAULT, language, language_folder, text
from chiso.reporting import wording
from chiso.reporting.bodies_table import BodiesTable, BodyRow, PeriodCell, PeriodHead
from chiso.reporting.pages import Page, index_page
from chiso.runs.bodies import bodies_of
from chiso.runs.files import write_text
from chiso.runs.headline import STATUSES
from chiso.runs.indexes import write_top_index
from chiso.runs.lock import index_lock
from chiso.runs.manifest import INDEX, failed, headline
from chiso.runs.neighbours import newest_first, periods_in
from chiso.worktime import Period

#: More periods than this are shown in a table for each year.
COLUMNS = 8
#: Letters that come after a plain one and all that begins with it.
_SIGNS = str.maketrans({"ă": "a~", "â": "a~~", "đ": "d~", "ê": "e~", "ô": "o~", "ơ": "o~~", "ư": "u~"})

_Found = dict[Period, Mapping[str, Any]]


def write_bodies_index(out: Path) -> Path:
    """Write the index over the bodies of an output folder, and anew the index of periods of each, which leads to it.

    Raises:
        OutputError: a file cannot be written.
    """
    folder = language_folder(out)
    for name in bodies_of(out):
        if (language_folder(out / name) / INDEX).is_file():
            write_top_index(language_folder(out / name))
    folder.mkdir(parents=True, exist_ok=True)
    with index_lock(folder):
        return write_text(folder / INDEX, bodies_index(out))


def bodies_index(out: Path) -> str:
    """Return the page: a table of bodies by periods, the newest first; one a year where there are many periods."""
    names = bodies_of(out)
    found: dict[str, _Found] = {
        name: {period: _short(record) for period, record in periods_in(language_folder(out / name), reported=False)}
        for name in names
    }
    periods = sorted({period for own in found.values() for period in own}, key=newest_first)
    order = sorted(names, key=lambda name: (alphabetical(_label(name, found[name])), name))
    years = [(year, list(own)) for year, own in groupby(periods, key=lambda period: period.year)]
    if len(periods) <= COLUMNS:
        tables = [_table(out, "bodies", text("bodies.title"), periods, order, found)] if periods else []
    else:
        titles = {year: text("bodies.title_year", year=year) for year, _ in years}
        tables = [_table(out, f"bodies-{year}", titles[year], own, order, found) for year, own in years]
    records = [record for own in found.values() for record in own.values()]
    lead = [text("bodies.lead")]
    if lost := sum(bool(record["failed"]) for record in records):
        lead.append(text("bodies.lead_failed", count=lost))
    if lacking := [_label(name, found[name]) for name in order if not found[name]]:
        lead.append(text("bodies.lead_lacking", count=len(lacking), bodies=", ".join(lacking)))
    page = Page(
        text("bodies.head"),
        text("bodies.count", count=len(names)),
        text("runs.all_periods_count", count=len(periods)),
        synthetic=bool(records) and all(record["body"]["synthetic"] for record in records),
        footer=(text("runs.page_program", version=chiso.__version__),),
    )
    return index_page(page, [], lead=lead, blocks=tables)


def _table(
    out: Path, id: str, title: str, periods: list[Period], names: list[str], found: Mapping[str, _Found]
) -> BodiesTable:
    heads = []
    for period in periods:
        days = Counter(found[name][period]["as_of"] for name in names if period in found[name])
        usual = min(days, key=lambda day: (-days[day], day))
        heads.append(PeriodHead(wording.capital(period.label), date.fromisoformat(usual)))
    rows = [
        BodyRow(
            _label(name, found[name]),
            href if (out / _inner(name) / INDEX).is_file() else "",
            tuple(_remarks(found[name])),
            tuple(_cell(out, name, p, found[name][p]) if p in found[name] else None for p in periods),
        )
        for name in names
        for href in (_href(name, INDEX),)
    ]
    return BodiesTable(id, title, heads, rows)


def _cell(out: Path, name: str, period: Period, record: Mapping[str, Any]) -> PeriodCell:
    told, lost = record["headline"], record["failed"]
    counts = told.get("statuses", {})
    remarks = [text("runs.period_failed", count=lost)] if lost else []
    if unit := record["unit"]:
        remarks.append(text("runs.of_unit", unit=unit))
    reported = (out / _inner(name) / str(period) / INDEX).is_file()
    return PeriodCell(
        _href(name, f"{period}/{INDEX}") if reported else "",
        told.get("sipas"),
        told.get("sipas_status"),
        told.get("par"),
        tuple((status, counts[status]) for status in STATUSES if counts.get(status)),
        date.fromisoformat(record["as_of"]),
        tuple(remarks),
        bool(lost),
    )


def _short(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the table tells of a manifest."""
    return {
        "as_of": record["as_of"],
        "body": record["body"],
        "unit": record.get("unit_name") or record.get("unit"),
        "headline": headline(record),
        "failed": failed(record),
    }


def _remarks(found: _Found) -> Iterator[str]:
    if not found:
        yield text("bodies.lacking")
    elif any(record["body"]["synthetic"] for record in found.values()):
        yield text("runs.synthetic")


def _label(name: str, found: _Found) -> str:
    """Return the body's name as its newest period tells it; that of its folder where there is none."""
    return str(found[min(found, key=newest_first)]["body"]["name"]) if found else name


def _inner(name: str) -> str:
    """Return the folder of a body's outputs in this language, within the folder of all."""
    return name if language() == DEFAULT else f"{name}/{language()}"


def _href(name: str, rest: str) -> str:
    up = "" if language() == DEFAULT else "../"
    return up + quote(f"{_inner(name)}/{rest}")


def alphabetical(name: str) -> tuple[str, str]:
    """Return a key that puts Vietnamese names in the order of their alphabet: letters first, then their tones.

    >>> sorted(["Sở Y tế", "Sở Đất", "Sở Dân", "Sở Xây dựng"], key=alphabetical)
    ['Sở Dân', 'Sở Đất', 'Sở Xây dựng', 'Sở Y tế']
    """
    tones = "\u0300\u0301\u0303\u0309\u0323"
    plain = "".join(c for c in unicodedata.normalize("NFD", name.casefold()) if c not in tones)
    return unicodedata.normalize("NFC", plain).translate(_SIGNS), name
