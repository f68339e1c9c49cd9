"""``chiso province``: the indicators of cases over many bodies at once, from the Parquet files that imports leave."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from chiso.catalogue import Catalogue, load_catalogue
from chiso.indicators.parts import Combined, Partial, combine, partial
from chiso.messages import text
from chiso.reporting import formats
from chiso.runs.cluster import require_extra
from chiso.runs.files import replacing
from chiso.sources.parts import CaseFile, find_cases
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
    scheduler: str | None = None,
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
        scheduler: address of a dask scheduler, whose workers are to sum the bodies; None: this machine does.

    Raises:
        ChisoError: nothing found, faulty files, cases that occur twice, or the folder cannot be written; see also
            :func:`chiso.runs.dask_parts.sums`.
    """
    wanted = Period.parse(period)
    catalogue = load_catalogue(wanted.year, plan)
    timeframe = Timeframe(wanted, window or catalogue.settings.reporting.window, as_of)  # type: ignore[arg-type]
    found = find_cases(places, tables.absolute() if tables else None)  # workers stand elsewhere
    parts = _parts(found.files, catalogue, timeframe, scheduler)
    results = combine(parts, catalogue, timeframe, units=units)
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
    if scheduler:
        lines.append(text("province.parts", count=len(parts), scheduler=scheduler))
    if found.empty:
        lines.append(text("province.empty", count=len(found.empty), folders=", ".join(map(str, found.empty))))
    if warned := results.notes.filter(severity="warning").height:
        lines.append(text("province.warned", count=warned))
    lines.append(text("province.written", folder=folder, files=", ".join(TABLES)))
    return "\n".join(lines)


def _parts(files: Sequence[CaseFile], catalogue: Catalogue, t: Timeframe, scheduler: str | None) -> list[Partial]:
    if scheduler is None:
        return [partial(files, catalogue, t)]
    require_extra()
    from chiso.runs.dask_parts import sums

    return sums(scheduler, files, catalogue, t)


def _write(results: Combined, folder: Path) -> None:
    with ExitStack() as stack:
        for name in TABLES:
            frame = getattr(results, name)
            frame.write_parquet(stack.enter_context(replacing(folder / f"{name}.parquet")))
            frame.write_csv(stack.enter_context(replacing(folder / f"{name}.csv")))
