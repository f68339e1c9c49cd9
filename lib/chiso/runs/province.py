"""``chiso province``: the indicators of cases over many bodies at once, from the Parquet files that imports leave."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from chiso.catalogue import load_catalogue
from chiso.indicators.parts import Combined, combine, partial
from chiso.messages import text
from chiso.reporting import formats
from chiso.runs.files import replacing
from chiso.sources.parts import find_cases
from chiso.worktime import Period, Timeframe

#: Tables written, each as Parquet and CSV.
TABLES = ("indicators", "case_balance", "notes", "account", "files")


def province(
    period: str,
    places: Sequence[str],
    out: Path,
    *,
    tables: Path | None = None,
    units: bool = True,
    plan: Path | None = None,
    as_of: date | None = None,
    window: Any = None,
) -> str:
    """Compute and write the indicators of cases of all bodies, each body and its units; return what is said.

    Args:
        period: any spelling of a period.
        places: folders, files or patterns with the bodies' accepted cases.
        out: the tables are written to ``<out>/<period>/``; all are written before the first replaces an older one.
        tables: folder with ``procedures.parquet`` and ``units.parquet`` of bodies that have none of their own.
        units: also figures by unit.
        plan: a catalogue other than that of the period's year.
        as_of: as-of day within the window.
        window: window rule; None: the catalogue's.

    Raises:
        ChisoError: nothing found, faulty files, cases that occur twice, or the folder cannot be written.
    """
    wanted = Period.parse(period)
    catalogue = load_catalogue(wanted.year, plan)
    timeframe = Timeframe(wanted, window or catalogue.settings.reporting.window, as_of)  # type: ignore[arg-type]
    found = find_cases(places, tables)
    results = combine([partial(found.files, catalogue, timeframe)], catalogue, timeframe, units=units)
    folder = out / str(wanted)
    _write(results, folder)
    account = results.account.select("rows", "later", "outside", "counted").sum().row(0, named=True)
    lines = [
        text(
            "province.done",
            period=wanted.label,
            bodies=formats.number(results.files["body"].n_unique()),
            files=formats.number(results.files.height),
            day=formats.day(timeframe.as_of),
        ),
        text("province.account", **{name: formats.number(value) for name, value in account.items()}),
        text("province.covered", covered=len(results.covered), others=len(catalogue.indicators) - len(results.covered)),
    ]
    if found.empty:
        lines.append(text("province.empty", count=len(found.empty), folders=", ".join(map(str, found.empty))))
    if warned := results.notes.filter(severity="warning").height:
        lines.append(text("province.warned", count=warned))
    lines.append(text("province.written", folder=folder, files=", ".join(TABLES)))
    return "\n".join(lines)


def _write(results: Combined, folder: Path) -> None:
    with ExitStack() as stack:
        for name in TABLES:
            frame = getattr(results, name)
            frame.write_parquet(stack.enter_context(replacing(folder / f"{name}.parquet")))
            frame.write_csv(stack.enter_context(replacing(folder / f"{name}.csv")))
