"""The pages of a run: reports and error pages, framed by what the run knows."""

from __future__ import annotations

import re

from nbformat import NotebookNode

import chiso
from chiso.messages import language, text
from chiso.reporting import formats
from chiso.reporting.pages import Link, Page, error_page
from chiso.reporting.wording import capital
from chiso.runs.engine import Failure
from chiso.runs.manifest import INDEX
from chiso.runs.plan import GENERAL, Job, Plan, all_jobs, present
from chiso.runs.prepare import Prepared
from chiso.runs.warm.process import WarmKernel, call


def frame(plan: Plan, prepared: Prepared, title: str, stem: str, fingerprint: str) -> Page:
    """Return what frames every page of the period.

    Args:
        plan: the run's plan.
        prepared: whose data it is.
        title: of the page.
        stem: of the page's file, without ending.
        fingerprint: of what the page rests on: the run's id, or a report's own, which the manifest has too.
    """
    timeframe, body, catalogue = plan.timeframe, prepared.body, plan.catalogue
    period = capital(timeframe.period.label)
    if plan.request.unit:
        period += text("runs.page_unit", unit=prepared.unit_name or plan.request.unit)
    rule = text(f"worktime.window_{timeframe.rule}")
    days = formats.days(timeframe.start, timeframe.end)
    facts = {
        "window": text("runs.page_window", days=days, rule=rule),
        "as_of": formats.day(timeframe.as_of),
        "catalogue": text("runs.page_catalogue", year=catalogue.year, version=catalogue.version),
        "run" if fingerprint == prepared.run else "report": fingerprint,
    }
    footer = [text("runs.page_made", version=chiso.__version__, plan=catalogue.source, catalogue=catalogue.version)]
    if unverified := sum(not indicator.verified for indicator in catalogue.indicators):
        footer.append(text("runs.page_unverified", count=unverified, total=len(catalogue.indicators)))
    if catalogue.language != language():
        footer.append(text("runs.page_untranslated"))
    if body.notice and not body.synthetic:
        footer.append(body.notice)
    links = [Link(text("runs.page_index"), INDEX, current=stem == "index")]
    for job in present(plan):
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


def report(
    job: Job, notebook: NotebookNode, plan: Plan, prepared: Prepared, fingerprint: str, kernel: WarmKernel | None = None
) -> str:
    """Return the page of an executed notebook, made in its kernel's process if that is given."""
    page = frame(plan, prepared, job.title, job.stem, fingerprint)
    made = call(kernel, "chiso.reporting.notebook_page:notebook_page", notebook, page)
    return without_dead_links(str(made), plan)


def without_dead_links(page: str, plan: Plan) -> str:
    """Return a page whose links to reports that a partial run has not made, nor one before it, are plain text."""
    there = {job.stem for job in present(plan)}
    absent = [job.stem for job in all_jobs(plan.catalogue) if job.stem not in there]
    if not absent:
        return page
    names = "|".join(re.escape(stem) for stem in absent)
    return re.sub(rf'<a href="(?:{names})\.html(?:#[^"]*)?"[^>]*>(.*?)</a>', r"\1", page, flags=re.DOTALL)


def failure(job: Job, found: Failure, summary: str, plan: Plan, prepared: Prepared) -> str:
    """Return the page in place of a report that failed."""
    return error_page(
        frame(plan, prepared, job.title, job.stem, prepared.run),
        summary=capital(summary),
        source=found.source,
        traceback=found.traceback,
        resume=plan.request.command([job.component]),
    )
