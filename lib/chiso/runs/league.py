"""``chiso league``: several departments side by side, from the results that each one's run has left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

import chiso
from chiso.catalogue import Catalogue, load_catalogue
from chiso.errors import ChisoError
from chiso.messages import text
from chiso.reporting import formats
from chiso.reporting.html import Block
from chiso.reporting.pages import Page, index_page
from chiso.reporting.tables.league import (
    areas_table,
    drivers_table,
    league_chart,
    league_table,
    profile_table,
    without_table,
)
from chiso.runs.files import replacing, write_text
from chiso.runs.manifest import read_manifest
from chiso.runs.plan import did_you_mean
from chiso.runs.results import read_results
from chiso.scoring import scores
from chiso.scoring.league import bands, drivers, league_composite, profiles, without_areas
from chiso.worktime import Period

#: What must be the same for figures to be compared.
SAME = ("window", "window_start", "as_of", "catalogue")
INDEX = "B"


def league_of(period: str, folders: Sequence[Path], out: Path) -> list[Path]:
    """Write the league of several departments as a page and a table.

    Args:
        period: any spelling of a period that each of them has computed.
        folders: the output folders of their runs, two or more.
        out: where ``league-<period>.html`` and ``.csv`` are written.

    Returns:
        The files written.

    Raises:
        ChisoError: fewer than two bodies, a folder without the period, a body twice, or results that cannot be compared
            (window, as-of day, plan); all that is wrong is told at once.
    """
    wanted = Period.parse(period)
    bodies = _bodies(wanted, folders)
    catalogue = load_catalogue(wanted.year)
    figures = pl.concat([frame for _, frame in bodies])
    composite = league_composite(figures, catalogue, INDEX)
    ranked = bands(composite, figures)
    names = {name: name for name, _ in bodies}
    attained = scores(figures, catalogue).filter(level="total", code=INDEX)
    coverage = dict(attained.select("unit_code", "coverage").rows())
    profile = profiles(composite)
    index = next(i.short for i in catalogue.indices if i.id == INDEX)
    title = text("league.ranked", count=ranked.height, index=index)
    blocks: list[Any] = [
        league_table(ranked, profile, names, coverage, title),
        league_chart(ranked, names),
        areas_table(composite, ranked, names, catalogue),
        *(profile_table(profile, name, name, catalogue, f"profile-{n}") for n, name in enumerate(ranked["unit"], 1)),
        without_table(without_areas(composite), ranked, names),
        drivers_table(drivers(composite, figures)),
    ]
    page = _page(wanted, [manifest for _, manifest in _manifests(wanted, folders)], catalogue)
    written = [write_text(out / f"league-{wanted}.html", index_page(page, [], blocks=[Block((b,)) for b in blocks]))]
    with ExitStack() as stack:
        target = out / f"league-{wanted}.csv"
        ranked.write_csv(stack.enter_context(replacing(target)))
        written.append(target)
    return written


def _manifests(period: Period, folders: Sequence[Path]) -> list[tuple[Path, dict[str, Any]]]:
    return [(folder, read_manifest(folder / str(period))) for folder in folders]


def _bodies(period: Period, folders: Sequence[Path]) -> list[tuple[str, pl.DataFrame]]:
    """Return each body's name and its figures, which now bear the name."""
    faults = [text("league.few")] if len(folders) < 2 else []
    found, manifests = [], []
    for folder, manifest in _manifests(period, folders):
        if not manifest:
            computed = [p.name for p in folder.glob("*") if (p / "manifest.json").is_file()]
            hint = did_you_mean(str(period), computed) if computed else ""
            faults.append(text("league.no_period", folder=folder, period=period, hint=hint))
            continue
        rows = read_results(folder / str(period)).indicators.filter(pl.col("unit_code").is_null())
        name = str(manifest["body"]["name"])
        found.append((name, rows.with_columns(unit_code=pl.lit(name))))
        manifests.append((folder, manifest))
    faults += [text("league.twice", name=n) for n, c in Counter(name for name, _ in found).items() if c > 1]
    for folder, manifest in manifests[1:]:
        for key in SAME:
            if manifest.get(key) != manifests[0][1].get(key):
                told = {"folder": folder, "first": manifests[0][0], "what": text(f"league.same_{key}")}
                faults.append(text("league.differs", **told))
    if faults:
        listed = "\n".join(f"  - {fault}" for fault in faults)
        raise ChisoError(f"{text('league.head', count=len(faults))}\n{listed}")
    return found


def _page(period: Period, manifests: Sequence[dict[str, Any]], catalogue: Catalogue) -> Page:
    synthetic = any(m["body"]["synthetic"] for m in manifests)
    return Page(
        text("league.title", count=len(manifests)),
        text("league.bodies", count=len(manifests)),
        period.label[:1].upper() + period.label[1:],
        synthetic=synthetic,
        notice=text("league.synthetic") if synthetic else "",
        footer=(
            text("league.basis", plan=catalogue.source, day=formats.day(date.fromisoformat(manifests[0]["as_of"]))),
            text("runs.page_program", version=chiso.__version__),
        ),
    )
