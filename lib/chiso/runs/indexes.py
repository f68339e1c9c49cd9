"""The indexes: of a period's reports and files, and of all periods in an output folder with the course of both indices.

Pages of earlier periods are never rewritten. So what leads forward in time stands in the index of all periods, which
every run writes anew, and each period's index leads there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from html import escape, unescape
from pathlib import Path
from typing import Any

import polars as pl

import chiso
from chiso.errors import ChisoError
from chiso.indicators import Results
from chiso.indicators.results import of_unit
from chiso.indicators.views import Sources
from chiso.messages import has, text
from chiso.reporting import formats, wording
from chiso.reporting.html import Block, KeyFigure, KeyFigures
from chiso.reporting.pages import Card, Group, Page, index_page
from chiso.reporting.period_index import NamedLink, PeriodLinks, PeriodRow, Periods
from chiso.reporting.privacy import published
from chiso.runs import manifest
from chiso.runs.pages import INDEX, frame
from chiso.runs.plan import GENERAL, Job, Plan, all_jobs
from chiso.runs.results import CSV
from chiso.runs.workbooks import APPENDICES, DRAFT, FORMS, REJECTED, SCORECARD
from chiso.scoring import scores
from chiso.sources import Dataset
from chiso.worktime import Period, PeriodError

STATUSES = ("met", "not_met", "at_risk", "pending", "no_data")
#: Where the links to printed pages stand in a period's index, in the file itself: they are printed later.
_PRINTED = re.compile(r"(?<=<!--printed-->).*?(?=<!--/printed-->)", re.DOTALL)


def headline(plan: Plan, dataset: Dataset, results: Results) -> dict[str, Any]:
    """Return what the index of all periods tells of this one: both indices, and how many indicators stand how.

    Withheld figures are not in it.
    """
    figures = _figures(plan, dataset, results)
    sipas = figures.filter(pl.col("indicator") == "sipas").to_dicts()
    attained = scores(results.indicators, plan.catalogue).filter(
        of_unit(plan.request.unit) & (pl.col("level") == "total") & (pl.col("code") == "B")
    )
    judged = _judged(plan, figures)
    return {
        "sipas": sipas[0]["value"] if sipas else None,
        "sipas_status": ("withheld" if sipas[0]["withheld"] else sipas[0]["status"]) if sipas else None,
        "par": attained["points"][0] if attained.height else None,
        "statuses": {s: n for s in STATUSES if (n := judged.filter(pl.col("status") == s).height)},
    }


def _figures(plan: Plan, dataset: Dataset, results: Results) -> pl.DataFrame:
    shown = published(results.indicators, Sources(dataset, plan.catalogue, plan.timeframe))
    return shown.filter(of_unit(plan.request.unit))


def _judged(plan: Plan, figures: pl.DataFrame) -> pl.DataFrame:
    """Return the figures that the overview counts."""
    judged = [i.id for i in plan.catalogue.indicators if i.target is not None and i.judged]
    return figures.filter(pl.col("indicator").is_in(judged))


# -- one period


def period_index(plan: Plan, dataset: Dataset, results: Results, run: str, entries: Mapping[str, Any]) -> str:
    """Return the index of the period's reports, office files and result tables, with links to neighbouring periods.

    Args:
        plan: the run's plan.
        dataset: gives name and notice of the body.
        results: figures of the period.
        run: id of this run; reports of another are marked.
        entries: the manifest's record of each report.
    """
    judged = _judged(plan, _figures(plan, dataset, results))
    groups: dict[str, list[Card]] = {"": []}
    for job in all_jobs(plan.catalogue):
        if entry := entries.get(job.stem):
            index = next((i.name for i in plan.catalogue.indices if job.component.startswith(f"{i.id}.")), "")
            groups.setdefault(index, []).append(_card(job, entry, run, judged))
    named = [Group(name or text("runs.group_general"), tuple(cards)) for name, cards in groups.items() if cards]
    named.append(Group(text("runs.group_workbooks"), tuple(_office_files(plan))))
    tables = [
        Card(f"{name}.csv", f"{name}.csv", detail=text(f"runs.table_{name}") if has(f"runs.table_{name}") else "")
        for name in CSV
        if (plan.folder / f"{name}.csv").is_file()
    ]
    named.append(Group(text("runs.group_tables"), tuple(tables)))
    title = text("runs.index_title", period=plan.timeframe.period.label)
    top = Block((_neighbours(plan, dataset), _key_figures(headline(plan, dataset, results), plan)))
    return index_page(frame(plan, dataset, title, "index"), named, figures=top, blocks=(_Printed(),))


def _card(job: Job, entry: Mapping[str, Any], run: str, figures: pl.DataFrame) -> Card:
    failed = entry["status"] != "ok"
    of_component = figures.filter(pl.col("component") == job.component)
    if failed:
        detail = text(f"runs.status_{entry['status']}")
    elif entry["run"] != run:
        detail = text("runs.status_stale")
    else:
        counted = [(s, of_component.filter(pl.col("status") == s).height) for s in STATUSES]
        detail = " · ".join(f"{text(f'reporting.status.{s}.word')}: {n}" for s, n in counted if n)
        detail = detail or (text(f"runs.about_{job.stem}") if has(f"runs.about_{job.stem}") else "")
    code = "" if job.stem in GENERAL else job.component
    return Card(job.title.removeprefix(f"{code}. "), f"{job.stem}.html", code, detail, failed=failed)


def _office_files(plan: Plan) -> Iterator[Card]:
    period = plan.timeframe.period
    books = {DRAFT.format(period=period): "draft"}
    books |= {name.format(period=period): id for id, name in APPENDICES.items()}
    books |= {SCORECARD.format(period=period): "scores"}
    books |= {FORMS.format(period=period): "forms", REJECTED: "rejected"}
    for name, key in books.items():
        if (plan.folder / name).is_file():
            yield Card(text(f"runs.workbook_{key}"), name, detail=name)


def _key_figures(found: Mapping[str, Any], plan: Plan) -> KeyFigures:
    sipas = plan.catalogue.indicator("sipas") if any(i.id == "sipas" for i in plan.catalogue.indicators) else None
    shown = []
    if sipas is not None:
        value = wording.value(sipas, found["sipas"])
        if found["sipas_status"] == "withheld":
            value = text("notebook.word.withheld")
        detail = text("overview.stand.target", target=wording.target(sipas))
        label = text("overview.stand.sipas")
        shown.append(KeyFigure(label, value, found["sipas_status"], detail, data_value=found["sipas"]))
    par = formats.percent(found["par"])
    shown.append(
        KeyFigure(text("overview.stand.par"), par, detail=text("overview.stand.no_target"), data_value=found["par"])
    )
    for status, count in found["statuses"].items():
        shown.append(KeyFigure(wording.capital(text(f"runs.count_{status}")), str(count), status, data_value=count))
    return KeyFigures(tuple(shown))


def _neighbours(plan: Plan, dataset: Dataset) -> PeriodLinks:
    """Return links to the nearest earlier and later period of the same kind, and to last year's, that have pages.

    Only periods of the same body and unit; the index of all periods has the others.
    """
    now, unit = plan.timeframe.period, plan.request.unit
    there = [
        period
        for period, record in _periods(plan.out)
        if period.kind == now.kind and record["body"]["name"] == dataset.body.name and record.get("unit") == unit
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
    links = [
        NamedLink(text(f"runs.neighbour_{key}", period=period.label), f"../{period}/{INDEX}")
        for key, period in found.items()
    ]
    return PeriodLinks((*links, NamedLink(text("runs.neighbour_all"), f"../{INDEX}")))


class _Printed:
    """The place of the links to printed pages."""

    def _repr_html_(self) -> str:
        return "<!--printed--><!--/printed-->"


def with_printed(folder: Path, printed: list[Path]) -> None:
    """Put links to the printed pages into a period's index, in place of those there; nothing where it has no place.

    Args:
        folder: of the period.
        printed: the PDFs, each named as its page.
    """
    index = folder / INDEX
    if not index.is_file():
        return
    cards = []
    for file in printed:
        if (page := folder / f"{file.stem}.html") != index:
            title = re.search(r"<title>(.*?) – [^–]*</title>", page.read_text(encoding="utf-8"), re.DOTALL)
            label = unescape(title[1]) if title else file.stem
            cards.append((label, f"{file.parent.name}/{file.name}"))
    items = "".join(f'<li><a href="{escape(href)}">{escape(label)}</a></li>' for label, href in cards)
    group = f'<h2 id="pdf">{escape(text("runs.group_printed"))}</h2><ul class="cards">{items}</ul>' if cards else ""
    content = index.read_text(encoding="utf-8")
    changed = _PRINTED.sub(lambda _: group, content, count=1)
    if changed != content:
        manifest.replace_text(folder, index, changed)


# -- all periods


def all_periods(out: Path) -> str | None:
    """Return the index of the periods in an output folder; None where no period has reports."""
    found = list(_periods(out))
    if not found:
        return None
    found.sort(key=lambda pair: (-pair[0].year, *(-part.toordinal() for part in reversed(pair[0].calendar_days()))))
    bodies = sorted({record["body"]["name"] for _, record in found})
    page = Page(
        text("runs.all_periods"),
        "; ".join(bodies),
        text("runs.all_periods_count", count=len(found)),
        synthetic=all(record["body"]["synthetic"] for _, record in found),
        footer=(text("runs.page_program", version=chiso.__version__),),
    )
    rows = tuple(_row(out, period, record, several=len(bodies) > 1) for period, record in found)
    return index_page(page, [], lead=(text("runs.all_periods_lead"),), blocks=(Periods(rows),))


def _periods(out: Path) -> Iterator[tuple[Period, dict[str, Any]]]:
    """Yield the periods that have an index, with their manifests."""
    for folder in sorted(out.iterdir()) if out.is_dir() else ():
        if (folder / INDEX).is_file() and (record := manifest.read_manifest(folder)) and "body" in record:
            try:
                yield Period.parse(folder.name), record
            except ChisoError:
                continue  # a folder of the user's own


def _row(out: Path, period: Period, record: Mapping[str, Any], *, several: bool) -> PeriodRow:
    failed = sum(entry["status"] != "ok" for entry in record.get("notebooks", {}).values())
    remarks = [record["body"]["name"]] if several else []
    if unit := record.get("unit"):
        remarks.append(text("runs.of_unit", unit=record.get("unit_name") or unit))
    remarks += [text("runs.synthetic")] if record["body"]["synthetic"] else []
    remarks += [text("runs.period_failed", count=failed)] if failed else []
    told = record.get("headline", {})
    counts = told.get("statuses", {})
    return PeriodRow(
        period.year,
        wording.capital(period.label),
        f"{period}/{INDEX}",
        told.get("sipas"),
        told.get("sipas_status"),
        told.get("par"),
        tuple((s, counts[s]) for s in STATUSES if counts.get(s)),
        date.fromisoformat(record["as_of"]),
        tuple(remarks),
        bool(failed),
        tuple(_files(out / str(period), period)),
    )


def _files(folder: Path, period: Period) -> Iterator[NamedLink]:
    names = [
        ("overview", "overview.html"),
        ("data_quality", "data_quality.html"),
        ("draft", DRAFT.format(period=period)),
    ]
    names += [(f"appendix_{id}", name.format(period=period)) for id, name in APPENDICES.items()]
    names.append(("printed", f"{manifest.PDF}/overview.pdf"))
    for key, name in names:
        if (folder / name).is_file():
            yield NamedLink(text(f"runs.file_{key}"), f"{period}/{name}")
