"""What a run will do: everything that can be refused is refused here, before anything is written."""

from __future__ import annotations

import difflib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Literal

from chiso.catalogue import Catalogue, load_catalogue
from chiso.errors import ChisoError
from chiso.indicators.survey_form import load_form
from chiso.messages import DEFAULT, language, language_folder, text
from chiso.runs.parameters import DamagedNotebook, check_parameters
from chiso.sources import Body
from chiso.sources.config import SCORECARDS, TEMPLATES, load_settings
from chiso.worktime import Period, Timeframe, WindowRule

#: Reports that belong to no component of an index.
GENERAL = ("overview", "scorecard", "sipas", "data_quality")

Engine = Literal["warm", "stock", "dask"]

DATA = Path("data/raw/sample")
OUT = Path("outputs")
#: Folder within an output folder that holds the work of runs under way.
WORK = ".work"


def project_folder() -> Path:
    """Return the folder of the project, in which ``lib``, ``notebooks`` and ``data`` stand."""
    return Path(__file__).resolve().parents[3]


def notebook_folder() -> Path:
    """Return the folder of the report notebooks: they stand beside ``lib``, not in the package."""
    return project_folder() / "notebooks"


@dataclass(frozen=True)
class Request:
    """What the user asks for.

    Attributes:
        period: any spelling of a period.
        data: folder of exported tables.
        out: folder of outputs; the period gets a folder in it.
        components: ids of components, ``A`` or ``B`` for all of an index, ``overview``, ``sipas``,
            ``data_quality``; none: all.
        unit: code of the unit that the reports are about; None: the whole department.
        as_of: as-of day within the window; None: the window's last day.
        window: window rule; None: the catalogue's.
        results_only: stop after the result tables.
        strict: stop where the data has errors.
        engine: where notebooks run: in processes forked from a warm one, in kernels of the stock engine, or on a
            dask cluster.
        force: make everything anew, be it stale or not.
        scheduler: address of the dask cluster's scheduler.
        shared: address of a store in which the cluster's workers find the files they need; None: these go with the
            tasks.
        publish: address that finished periods are copied to.
    """

    period: str
    data: Path = DATA
    out: Path = OUT
    components: tuple[str, ...] = ()
    unit: str | None = None
    as_of: date | None = None
    window: WindowRule | None = None
    results_only: bool = False
    strict: bool = False
    engine: Engine = "warm"
    force: bool = False
    scheduler: str | None = None
    shared: str | None = None
    publish: str | None = None

    def plain(self) -> dict[str, Any]:
        """Return what JSON can hold, with the language of the outputs; :meth:`of` reads it back."""
        found = asdict(self) | {"data": str(self.data.absolute()), "out": str(self.out.absolute())}
        found |= {"components": list(self.components), "as_of": self.as_of.isoformat() if self.as_of else None}
        return found | {"lang": language()}

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Request:
        """Return the request that :meth:`plain` gave.

        Raises:
            KeyError, TypeError, ValueError: it is none.
        """
        known = {f.name: content[f.name] for f in fields(cls)}
        known |= {"data": Path(known["data"]), "out": Path(known["out"]), "components": tuple(known["components"])}
        known["as_of"] = date.fromisoformat(known["as_of"]) if known["as_of"] else None
        return cls(**known)

    def command(self, components: Iterable[str] = ()) -> str:
        """Return the command that redoes ``components`` of this run, quoted for this machine's shell."""
        words = [_program(), "run", self.period, "--data", str(self.data), "--out", str(self.out)]
        words += ["--unit", self.unit] if self.unit else []
        words += ["--as-of", self.as_of.isoformat()] if self.as_of else []
        words += ["--window", self.window] if self.window else []
        words += ["--strict"] if self.strict else []
        words += ["--engine", self.engine] if self.engine != "warm" else []
        for name in ("scheduler", "shared", "publish"):
            words += [f"--{name}", value] if (value := getattr(self, name)) else []
        words += ["--lang", language()] if language() != DEFAULT else []
        for component in components:
            words += ["--component", component]
        return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _program() -> str:
    """Return how the user can call this program: by name if the shell finds it, else as it was called now."""
    called = Path(sys.argv[0])
    if shutil.which("chiso") or called.stem != "chiso" or not called.exists():
        return "chiso"
    return os.path.relpath(called) if called.is_relative_to(Path.cwd()) else str(called)


@dataclass(frozen=True)
class Job:
    """One notebook to run.

    Attributes:
        component: what ``--component`` calls it.
        stem: name of notebook and page, without ending.
        title: name of the report.
        source: the notebook.
    """

    component: str
    stem: str
    title: str
    source: Path


@dataclass(frozen=True)
class Plan:
    """A request that can be carried out.

    ``pages``: stems of the reports that have a page or will have one, for a process that does not see the period's
    folder; None: they are looked up there.
    """

    request: Request
    timeframe: Timeframe
    data: Path
    out: Path
    catalogue: Catalogue
    jobs: tuple[Job, ...]
    pages: frozenset[str] | None = None

    @property
    def folder(self) -> Path:
        """The period's output folder."""
        return self.out / str(self.timeframe.period)

    @property
    def work(self) -> Path:
        """What notebooks are told as the output folder while the run is not whole (:mod:`chiso.runs.stage`)."""
        return Path(self.request.out).absolute() / WORK

    @property
    def stage(self) -> Path:
        """The folder that the run works in."""
        return language_folder(self.work) / str(self.timeframe.period)

    @property
    def partial(self) -> bool:
        """Whether only some of the reports are to be redone."""
        return bool(self.request.components)

    def parameters(self, data: str = "", out: str = "") -> dict[str, str]:
        """Return what every notebook is told: text only, empty for "not given".

        Args:
            data: the data folder, as the notebook is to find it.
            out: the output folder that has the result tables.
        """
        request = self.request
        return {
            "period": str(self.timeframe.period),
            "unit": request.unit or "",
            "data": data,
            "out": out,
            "as_of": request.as_of.isoformat() if request.as_of else "",
            "window": self.timeframe.rule,
            "lang": language(),
        }


def make_plan(request: Request) -> Plan:
    """Check a request.

    Raises:
        ChisoError: no such period, day, component or data folder; components although no report is to be made; a
            notebook that is missing or takes other parameters.
    """
    period = Period.parse(request.period)
    data, out = Path(request.data).absolute(), language_folder(Path(request.out).absolute())
    if not data.is_dir():
        raise ChisoError(text("runs.no_data_folder", folder=request.data))
    catalogue = catalogue_for(load_settings(data).body, period.year)
    load_form(data, period.year)  # a questionnaire that cannot be read is refused now
    rule = request.window or catalogue.settings.reporting.window
    timeframe = Timeframe(period, rule, request.as_of)  # type: ignore[arg-type]
    jobs = choose_jobs(catalogue, request.components)
    if (request.engine == "dask") != (request.scheduler is not None) or (request.shared and not request.scheduler):
        raise ChisoError(text("dask.no_scheduler"))
    if request.components and request.results_only:
        raise ChisoError(text("runs.component_results_only"))
    plan = Plan(request, timeframe, data, out, catalogue, () if request.results_only else jobs)
    for job in plan.jobs:
        with suppress(DamagedNotebook):  # it costs its own report, whose page tells
            check_parameters(job.source, plan.parameters())
    return plan


def check_own_files(plan: Plan) -> None:
    """Refuse templates and scorecards of the data folder that reports could not be made with.

    Raises:
        ChisoError: names the file.
    """
    if (plan.data / TEMPLATES).is_dir():
        from chiso.reporting.forms import open_forms, own_forms  # the libraries of Excel and Word
        from chiso.reporting.word import open_template, own_template

        open_template(own_template(plan.data))
        open_forms(own_forms(plan.data), plan.catalogue)
    if (plan.data / SCORECARDS).is_dir():
        from chiso.runs.cards import filled_cards

        filled_cards(plan.data, plan.timeframe.period, {i.id for i in plan.catalogue.indicators})


def catalogue_for(body: Body, year: int) -> Catalogue:
    """Return the plan that a body's data of one year is measured by: its own choice, else the year's."""
    choice = body.catalogue
    return load_catalogue(choice.year or year, choice.path)


def all_jobs(catalogue: Catalogue) -> tuple[Job, ...]:
    """Return every report of a catalogue: the general ones, then the components of A and B."""
    folder = notebook_folder()
    found = [Job(stem, stem, text(f"runs.title_{stem}"), folder / f"{stem}.ipynb") for stem in GENERAL]
    for component in catalogue.components:
        if stem := component.notebook:
            found.append(Job(component.id, stem, f"{component.id}. {component.name}", folder / f"{stem}.ipynb"))
    return tuple(found)


def present(plan: Plan) -> list[Job]:
    """Return the jobs that have a page, or will have one."""
    if plan.pages is not None:
        return [job for job in all_jobs(plan.catalogue) if job.stem in plan.pages]
    if not plan.partial:
        return list(all_jobs(plan.catalogue))
    return [job for job in all_jobs(plan.catalogue) if job in plan.jobs or (plan.folder / f"{job.stem}.html").exists()]


def choose_jobs(catalogue: Catalogue, wanted: Iterable[str]) -> tuple[Job, ...]:
    """Return the jobs of the wanted components in the catalogue's order; all, if none is named.

    Raises:
        ChisoError: no such component; the message names the nearest.
    """
    jobs = all_jobs(catalogue)
    names = {name.casefold(): {job.stem} for job in jobs for name in (job.component, job.stem)}
    for index in catalogue.indices:
        names[index.id.casefold()] = {job.stem for job in jobs if job.component.startswith(f"{index.id}.")}
        names[index.id.casefold()] |= {"sipas"} if index.id == "A" else set()
    chosen: set[str] = set()
    for name in wanted:
        if name.casefold() not in names:
            known = [*(index.id for index in catalogue.indices), *(job.component for job in jobs)]
            hint = did_you_mean(name, known, limit=len(known))
            raise ChisoError(text("runs.no_component", name=name, hint=hint))
        chosen |= names[name.casefold()]
    return tuple(job for job in jobs if not chosen or job.stem in chosen)


def did_you_mean(given: str, known: Iterable[str], limit: int = 12) -> str:
    """Return "did you mean" with the nearest known words and the list of known ones, at most ``limit``."""
    codes = sorted(set(known))
    spelt = {code.casefold(): code for code in codes}
    near = [spelt[word] for word in difflib.get_close_matches(given.casefold(), spelt, n=3)]
    hint = text("runs.did_you_mean", near=", ".join(near)) if near else ""
    more = text("runs.and_more", count=len(codes) - limit) if len(codes) > limit else ""
    return f"{hint} {text('runs.known', codes=', '.join(codes[:limit]) + more)}".strip()
