"""The pages of a run: reports, error pages and indexes, framed by what the run knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from nbformat import NotebookNode

import chiso
from chiso.errors import ChisoError
from chiso.indicators import Results
from chiso.indicators.views import Sources
from chiso.messages import text
from chiso.reporting import formats
from chiso.reporting.formats import day
from chiso.reporting.html import KeyFigure, KeyFigures
from chiso.reporting.pages import Card, Group, Link, Page, error_page, index_page, notebook_page
from chiso.reporting.privacy import published
from chiso.runs.data import unit_name
from chiso.runs.engine import Failure
from chiso.runs.manifest import describe, read_manifest
from chiso.runs.plan import GENERAL, Job, Plan, all_jobs
from chiso.runs.warm.process import WarmKernel
from chiso.runs.workbooks import APPENDICES, DRAFT, REJECTED
from chiso.sources import Dataset
from chiso.worktime import Period

INDEX = "index.html"
STATUSES = ("met", "not_met", "pending", "at_risk", "no_data")


def frame(plan: Plan, dataset: Dataset, title: str, stem: str = "") -> Page:
    """Return what frames every page of the period; ``stem`` is that of the page itself, without ending."""
    timeframe, body, catalogue = plan.timeframe, dataset.body, plan.catalogue
    period = _capital(timeframe.period.label)
    if plan.request.unit:
        period += text("runs.page_unit", unit=unit_name(dataset, plan.request.unit))
    rule = text(f"worktime.window_{timeframe.rule}")
    days = formats.days(timeframe.start, timeframe.end)
    facts = {
        "window": text("runs.page_window", days=days, rule=rule),
        "as_of": formats.day(timeframe.as_of),
        "catalogue": text("runs.page_catalogue", year=catalogue.year, version=catalogue.version),
        "run": describe(plan, dataset, catalogue)["run"],
    }
    footer = [text("runs.page_made", version=chiso.__version__, plan=catalogue.source, catalogue=catalogue.version)]
    if unverified := sum(not indicator.verified for indicator in catalogue.indicators):
        footer.append(text("runs.page_unverified", count=unverified, total=len(catalogue.indicators)))
    if body.notice and not body.synthetic:
        footer.append(body.notice)
    jobs = all_jobs(catalogue) if not plan.partial else _present(plan)
    links = [Link(text("runs.page_index"), INDEX, current=stem == "index")]
    for job in jobs:
        label, name = (job.title, "") if job.stem in GENERAL else (job.component, job.title)
        links.append(Link(label, f"{job.stem}.html", name, job.stem == stem))
    return Page(
        title,
        body.name,
        period,
        body.synthetic,
        body.notice or "",
        links=tuple(links),
        footer=tuple(footer),
        facts=tuple((text(f"runs.fact_{key}"), value) for key, value in facts.items()),
    )


def _present(plan: Plan) -> list[Job]:
    """Return the jobs that have a page, or will have one."""
    return [job for job in all_jobs(plan.catalogue) if job in plan.jobs or (plan.folder / f"{job.stem}.html").exists()]


def report(job: Job, notebook: NotebookNode, plan: Plan, dataset: Dataset, kernel: WarmKernel | None = None) -> str:
    """Return the page of an executed notebook, made in its kernel's process if that is given."""
    page = frame(plan, dataset, job.title, job.stem)
    return notebook_page(notebook, page) if kernel is None else kernel.render(notebook, page)


def failure(job: Job, found: Failure, summary: str, plan: Plan, dataset: Dataset) -> str:
    """Return the page in place of a report that failed."""
    return error_page(
        frame(plan, dataset, job.title, job.stem),
        summary=_capital(summary),
        source=found.source,
        traceback=found.traceback,
        resume=plan.request.command([job.component]),
    )


def period_index(plan: Plan, dataset: Dataset, results: Results, run: str, entries: Mapping[str, Any]) -> str:
    """Return the index of the period's reports and workbooks.

    Args:
        plan: the run's plan.
        dataset: gives name and notice of the body.
        results: figures of the period.
        run: id of this run; reports of another are marked.
        entries: the manifest's record of each report.
    """
    unit = plan.request.unit
    whose = pl.col("unit_code").is_null() if unit is None else pl.col("unit_code") == unit
    figures = published(results.indicators, Sources(dataset, plan.catalogue, plan.timeframe)).filter(whose)
    judged = [i.id for i in plan.catalogue.indicators if i.target is not None and i.judged]
    figures = figures.filter(pl.col("indicator").is_in(judged))  # as the overview counts
    groups: dict[str, list[Card]] = {"": []}
    for job in all_jobs(plan.catalogue):
        if entry := entries.get(job.stem):
            index = next((i.name for i in plan.catalogue.indices if job.component.startswith(f"{i.id}.")), "")
            groups.setdefault(index, []).append(_card(job, entry, run, figures))
    named = [Group(name or text("runs.group_general"), tuple(cards)) for name, cards in groups.items() if cards]
    books = {name.format(period=plan.timeframe.period): f"runs.workbook_{id}" for id, name in APPENDICES.items()}
    books |= {DRAFT.format(period=plan.timeframe.period): "runs.workbook_draft", REJECTED: "runs.workbook_rejected"}
    workbooks = tuple(Card(text(key), name) for name, key in books.items() if (plan.folder / name).is_file())
    named.append(Group(text("runs.group_workbooks"), workbooks))
    tables = [
        Card(text(f"runs.table_{name}"), f"{name}.csv") for name in ("indicators", "case_balance", "satisfaction")
    ]
    named.append(Group(text("runs.group_tables"), tuple(tables)))
    title = text("runs.index_title", period=plan.timeframe.period.label)
    return index_page(frame(plan, dataset, title, "index"), named, figures=_key_figures(figures))


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
    code = "" if job.stem in GENERAL else job.component
    return Card(job.title.removeprefix(f"{code}. "), f"{job.stem}.html", code, detail, failed=failed)


def _key_figures(figures: pl.DataFrame) -> KeyFigures:
    found = []
    for status in STATUSES:
        count = figures.filter(pl.col("status") == status).height
        if count:
            found.append(KeyFigure(text(f"runs.count_{status}"), str(count), status, data_value=count))
    return KeyFigures(tuple(found))


def all_periods(out: Path) -> str | None:
    """Return the index of the periods in an output folder; None where no period has reports."""
    found: list[tuple[Period, dict[str, Any]]] = []
    for folder in out.iterdir():
        if (folder / INDEX).is_file() and (manifest := read_manifest(folder)):
            try:
                found.append((Period.parse(folder.name), manifest))
            except ChisoError:
                continue  # a folder of the user's own
    if not found:
        return None
    found.sort(key=lambda pair: (-pair[0].year, *(-part.toordinal() for part in reversed(pair[0].calendar_days()))))
    groups: dict[int, list[Card]] = {}
    for period, manifest in found:
        failed = sum(entry["status"] != "ok" for entry in manifest.get("notebooks", {}).values())
        detail = [manifest["body"]["name"]]
        if unit := manifest.get("unit"):
            detail.append(text("runs.of_unit", unit=manifest.get("unit_name") or unit))
        detail.append(text("runs.period_as_of", as_of=day(date.fromisoformat(manifest["as_of"]))))
        detail += [text("runs.synthetic")] if manifest["body"]["synthetic"] else []
        detail += [text("runs.period_failed", count=failed)] if failed else []
        card = Card(_capital(period.label), f"{period}/{INDEX}", detail=" · ".join(detail), failed=bool(failed))
        groups.setdefault(period.year, []).append(card)
    bodies = sorted({manifest["body"]["name"] for _, manifest in found})
    page = Page(
        text("runs.all_periods"),
        "; ".join(bodies),
        text("runs.all_periods_count", count=len(found)),
        synthetic=all(manifest["body"]["synthetic"] for _, manifest in found),
        footer=(text("runs.page_program", version=chiso.__version__),),
    )
    return index_page(page, [Group(text("worktime.label_year", year=y), tuple(c)) for y, c in groups.items()])


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
