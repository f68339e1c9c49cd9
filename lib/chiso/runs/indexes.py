"""The indexes: of a period's reports and files, and of all periods in an output folder with the course of both indices.

Pages of earlier periods are never rewritten. So what leads forward in time stands in the index of all periods, which
every run writes anew, and each period's index leads there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from html import escape, unescape
from pathlib import Path
from typing import Any

import chiso
from chiso.messages import has, language_folder, text
from chiso.reporting import formats, wording
from chiso.reporting.html import Block, KeyFigure, KeyFigures
from chiso.reporting.pages import Card, Group, Page, index_page
from chiso.reporting.period_index import NamedLink, PeriodLinks, PeriodRow, Periods
from chiso.runs import manifest
from chiso.runs.bodies import above
from chiso.runs.files import write_text
from chiso.runs.headline import STATUSES
from chiso.runs.lock import index_lock
from chiso.runs.manifest import INDEX
from chiso.runs.neighbours import neighbours, newest_first, periods_in
from chiso.runs.office import APPENDICES, DRAFT, FORMS, REJECTED, SCORECARD
from chiso.runs.pages import frame
from chiso.runs.plan import GENERAL, Job, Plan, all_jobs
from chiso.runs.prepare import Prepared
from chiso.runs.results import CSV
from chiso.runs.stage import Record
from chiso.worktime import Period

#: Where the links to printed pages stand in a period's index, in the file itself: they are printed later.
_PRINTED = re.compile(r"(?<=<!--printed-->).*?(?=<!--/printed-->)", re.DOTALL)


# -- one period


def period_index(
    plan: Plan, prepared: Prepared, records: Mapping[str, Record], stale: Collection[str], there: Collection[str]
) -> str:
    """Return the index of the period's reports, office files and result tables, with links to neighbouring periods.

    Args:
        plan: the run's plan.
        prepared: body, figures in short, id of the run.
        records: of the reports, by stem.
        stale: stems of the reports that rest on other data than this run's; they are marked.
        there: names of the files that the period's folder has with this run.
    """
    counted = prepared.record.about["headline"]["components"]
    groups: dict[str, list[Card]] = {"": []}
    for job in all_jobs(plan.catalogue):
        if record := records.get(job.stem):
            index = next((i.name for i in plan.catalogue.indices if job.component.startswith(f"{i.id}.")), "")
            card = _card(job, record, job.stem in stale, counted.get(job.component, {}))
            groups.setdefault(index, []).append(card)
    named = [Group(name or text("runs.group_general"), tuple(cards)) for name, cards in groups.items() if cards]
    named.append(Group(text("runs.group_workbooks"), tuple(_office_files(plan, there))))
    tables = [
        Card(f"{name}.csv", f"{name}.csv", detail=text(f"runs.table_{name}") if has(f"runs.table_{name}") else "")
        for name in CSV
        if f"{name}.csv" in there
    ]
    named.append(Group(text("runs.group_tables"), tuple(tables)))
    title = text("runs.index_title", period=plan.timeframe.period.label)
    top = Block((_neighbours(plan, prepared.body.name), _key_figures(prepared.record.about["headline"], plan)))
    page = frame(plan, prepared, title, "index", prepared.run)
    return index_page(page, named, figures=top, blocks=(_Printed(),))


def _card(job: Job, record: Record, stale: bool, counted: Mapping[str, int]) -> Card:
    if not record.ok:
        detail = text(f"runs.status_{record.status}")
    elif stale:
        detail = text("runs.status_stale")
    else:
        detail = " · ".join(f"{text(f'reporting.status.{s}.word')}: {counted[s]}" for s in STATUSES if s in counted)
        detail = detail or (text(f"runs.about_{job.stem}") if has(f"runs.about_{job.stem}") else "")
    code = "" if job.stem in GENERAL else job.component
    return Card(job.title.removeprefix(f"{code}. "), f"{job.stem}.html", code, detail, failed=not record.ok)


def _office_files(plan: Plan, there: Collection[str]) -> Iterator[Card]:
    period = plan.timeframe.period
    books = {DRAFT.format(period=period): "draft"}
    books |= {name.format(period=period): id for id, name in APPENDICES.items()}
    books |= {SCORECARD.format(period=period): "scores"}
    books |= {FORMS.format(period=period): "forms", REJECTED: "rejected"}
    for name, key in books.items():
        if name in there:
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
    counts = {status: found["statuses"][status] for status in STATUSES if status in found["statuses"]}
    for status, count in counts.items():  # a record that was read back has them in the order of their names
        shown.append(KeyFigure(wording.capital(text(f"runs.count_{status}")), str(count), status, data_value=count))
    return KeyFigures(tuple(shown))


def _neighbours(plan: Plan, body: str) -> PeriodLinks:
    found = neighbours(plan.out, plan.timeframe.period, body, plan.request.unit)
    links = [
        NamedLink(text(f"runs.neighbour_{key}", period=period.label), f"../{period}/{INDEX}")
        for key, period in found.items()
    ]
    own = NamedLink(text("run_page.link"), manifest.RUN_PAGE)
    return PeriodLinks((*links, NamedLink(text("runs.neighbour_all"), f"../{INDEX}"), own))


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


def write_top_index(out: Path) -> None:
    """Write the index of all periods in an output folder; runs of other periods may be doing the same."""
    with index_lock(out):
        content = all_periods(out)
        if content is not None:
            write_text(out / INDEX, content)
        else:
            (out / INDEX).unlink(missing_ok=True)  # it led to reports that are no longer there


def all_periods(out: Path) -> str | None:
    """Return the index of the periods in an output folder; None where no period has reports."""
    found = list(periods_in(out))
    if not found:
        return None
    found.sort(key=lambda pair: newest_first(pair[0]))
    bodies = sorted({record["body"]["name"] for _, record in found})
    page = Page(
        text("runs.all_periods"),
        "; ".join(bodies),
        text("runs.all_periods_count", count=len(found)),
        synthetic=all(record["body"]["synthetic"] for _, record in found),
        footer=(text("runs.page_program", version=chiso.__version__),),
    )
    rows = tuple(_row(out, period, record, several=len(bodies) > 1) for period, record in found)
    lead, up = (text("runs.all_periods_lead"),), _up(out)
    return index_page(page, [], lead=lead, figures=PeriodLinks((up,)) if up else None, blocks=(Periods(rows),))


def _up(out: Path) -> NamedLink | None:
    """Return the link to the index over bodies, where these outputs are of one of several."""
    if (over := above(out)) is None:
        return None
    return NamedLink(text("bodies.up"), Path(os.path.relpath(language_folder(over) / INDEX, out)).as_posix())


def _row(out: Path, period: Period, record: Mapping[str, Any], *, several: bool) -> PeriodRow:
    failed = manifest.failed(record)
    remarks = [record["body"]["name"]] if several else []
    if unit := record.get("unit"):
        remarks.append(text("runs.of_unit", unit=record.get("unit_name") or unit))
    remarks += [text("runs.synthetic")] if record["body"]["synthetic"] else []
    remarks += [text("runs.period_failed", count=failed)] if failed else []
    told = manifest.headline(record)
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
