"""One period's run: what is stale, what was made, and the moment when all of it takes its place."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.runs import checks, inputs, manifest
from chiso.runs.console import Console
from chiso.runs.data import open_dataset
from chiso.runs.exit_codes import OK, SOME_FAILED
from chiso.runs.files import sha256
from chiso.runs.fingerprint import digest
from chiso.runs.neighbours import neighbours, top_index_agrees
from chiso.runs.office import office_files
from chiso.runs.parts import Task, of_office_file, of_report
from chiso.runs.plan import Plan, all_jobs, check_own_files
from chiso.runs.prepare import RESULTS, compute_results, prepared, rests_on, tell_data
from chiso.runs.reasons import told
from chiso.runs.stage import Record, Stage, differing, unchanged
from chiso.runs.warm.process import available, warm_up
from chiso.sources import Dataset

if TYPE_CHECKING:  # papermill and the libraries of Excel: not for the tables alone, nor where nothing is stale
    from chiso.runs.tasks import Made

INDEX_PART = "index"


@dataclass
class Timings:
    """Seconds spent, by stage and by report or office file."""

    started: datetime = field(default_factory=datetime.now)
    stages: dict[str, float] = field(default_factory=dict)
    parts: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.stages[name] = round(time.perf_counter() - start, 3)

    def plain(self, before: Mapping[str, float]) -> str:
        """Return the timings as JSON, with those of ``before`` where a part was kept."""
        content = {
            "started": self.started.isoformat(timespec="seconds"),
            "finished": datetime.now().isoformat(timespec="seconds"),
            "stages": self.stages,
            "parts": {**before, **self.parts},
        }
        return json.dumps(content, indent=1, sort_keys=True) + "\n"


class Run:
    """A plan that is being carried out. For the holder of the period's lock only."""

    def __init__(self, plan: Plan, console: Console, *, resume: bool = False) -> None:
        self.plan, self.console = plan, console
        self.timings = Timings()
        self.stage = Stage(plan.stage, plan.folder)
        self.before = manifest.read_manifest(plan.folder)
        self.old = manifest.parts_of(self.before)
        self.durations = manifest.durations(plan.folder)
        self.forced = plan.request.force
        self.reasons: dict[str, list[str]] = {}
        self.warnings: list[str] = []
        self._resume = resume
        self.made: dict[str, Record] = {}
        self.failures: list[tuple[str, str, str]] = []
        self._other_data = False
        self.open = 0

    # -- figures

    def prepare(self, dataset: Dataset, *, look: bool = False) -> None:
        """Check the request against the data, and compute the figures if they are stale.

        Args:
            dataset: accepted tables.
            look: only to see what is stale: nothing is written.

        Raises:
            ChisoError: the request does not fit the data, or the folder holds reports of others.
            DataGate: the data does not pass.
            OutputError: the work folder cannot be written.
        """
        plan = self.plan
        self.dataset = dataset
        checks.check_unit(plan.request.unit, dataset)
        checks.check_same_reports(plan, dataset, self.before)
        if plan.request.strict:
            checks.strict_gate(dataset)
        about_data = tell_data(dataset, plan)
        if not look:
            self.stage.begin(plan.request.plain(), fresh=self.forced and not self._resume)
        wanted = rests_on(plan, dataset)
        record, folder = self._kept(RESULTS, wanted, ())
        if record is None:
            if not look:
                load_libraries(plan)  # while the figures are computed
            if plan.jobs and not look:
                check_own_files(plan)  # before minutes of computing
            with self.timings.stage("compute"):
                record, folder = compute_results(plan, dataset, wanted, write=not look), plan.stage
            if not look:
                self.stage.note(RESULTS, record)
        self.prepared = prepared(plan, dataset, wanted, record, folder)
        self.warnings = [*about_data, *self.prepared.warnings]
        for line in self.warnings if not look else ():
            self.console.warn(line)

    def _kept(self, part: str, now: Mapping[str, str], names: tuple[str, ...]) -> tuple[Record | None, Path]:
        """Return the record of a part that is fresh, and the folder its files stand in; None if it must be made."""
        why = [text("runs.stale_never")]
        for records, folder in ((self.old, self.plan.folder), (self.stage.records, self.plan.stage)):
            record = records.get(part)
            if record is None or record.status == "queued":
                continue
            if folder == self.plan.folder and self.forced:
                why = [text("runs.stale_force")]
            elif not record.ok:
                why = [text("runs.stale_failed", status=text(f"runs.status_{record.status}"))]
            elif changed := inputs.changed(record.inputs, now, names or now):
                why = told(changed, self.dataset.contracts)
            elif not unchanged(folder, record):
                why = [text("runs.stale_output", files=", ".join(differing(folder, record)))]
            else:
                return record, folder
        self.reasons[part] = why
        return None, self.plan.stage

    # -- reports and office files

    def stale(self) -> list[Task]:
        """Return the reports and office files that must be made; why, stands in ``reasons``; what is fresh is kept."""
        found = []
        for job in self.plan.jobs:
            own = of_report(job, self.plan, self.prepared)
            found += self._unless_kept(Task(job.stem, job.stem, job), self.prepared.inputs | own, tuple(own))
        for name, file in office_files(self.plan).items() if self.plan.jobs else ():
            own = of_office_file(self.prepared)
            found += self._unless_kept(Task(name, file), self.prepared.inputs, tuple(own))
        return found

    def labels(self) -> dict[str, str]:
        """Return what people are told of each office file, by its name in records."""
        return office_files(self.plan) if self.plan.jobs else {}

    def tasks(self) -> list[Task]:
        """Return what must be made, and note that it waits.

        Raises:
            ChisoError: a template or scorecard of the data folder cannot be used.
        """
        found = self.stale()
        if found and RESULTS not in self.reasons:  # else it was done before the figures were computed
            check_own_files(self.plan)
        self.open = len(found)
        self.stage.queue(task.name for task in found)
        return found

    def _unless_kept(self, task: Task, now: Mapping[str, str], names: tuple[str, ...]) -> list[Task]:
        record, _ = self._kept(task.name, now, names)
        if record is None:
            return [task]
        self.made[task.name] = record
        return []

    def begun(self, task: Task) -> None:
        """Note that a task is under way."""
        self.stage.note(task.name, Record("running"))

    def take(self, made: Made) -> None:
        """Write what a task made.

        Raises:
            OutputError: the work folder cannot be written.
        """
        task = made.task
        files = {name: self.stage.write(name, content) for name, content in sorted(made.files.items())}
        component = task.job.component if task.job else ""
        about = {"summary": made.summary} if made.summary else {}
        record = Record(made.status, made.inputs, files, component, about)
        self.made[task.name] = record
        self.stage.note(task.name, record)
        self.timings.parts[task.name] = round(made.seconds, 3)
        self.open -= 1
        self._other_data |= made.other_data
        if made.status != "ok":
            title = task.job.title if task.job else task.label
            self.failures.append((component, title, made.summary))

    # -- the end

    def finish(self) -> int:
        """Put everything in its place and tell it; return the exit code.

        Raises:
            OutputError: a place cannot be written; the work stays, and the next run goes on with it.
            ChisoError: the data changed while reports were made; what was made is thrown away.
        """
        if self.plan.request.results_only:
            return self._tables_only()
        self._require_same_data()
        parts = self._parts()
        stale = [name for name, record in parts.items() if name not in self.made and self._stale(name, record)]
        outputs = dict(self.prepared.record.files)
        for record in parts.values():
            outputs |= record.files
        index = Record("ok", self._index_inputs(parts, stale, outputs))
        fresh = self.old.get(INDEX_PART)
        kept = fresh is not None and not inputs.changed(fresh.inputs, index.inputs, index.inputs)
        if kept and not self._staged(outputs) and self._as_recorded(outputs):
            self.stage.discard()
            if not top_index_agrees(self.plan.out):  # a period was taken away, or a run broke off just before it
                from chiso.runs import indexes

                indexes.write_top_index(self.plan.out)
            self.console.say(text("runs.nothing_stale", index=self.plan.folder / manifest.INDEX))
            self.console.wrote(self.plan.folder / manifest.INDEX)
            return self._code()
        from chiso.runs import indexes

        with self.timings.stage("index"):
            there = {*outputs, manifest.INDEX}
            reports = {job.stem: parts[job.stem] for job in all_jobs(self.plan.catalogue) if job.stem in parts}
            page = indexes.period_index(self.plan, self.prepared, reports, stale, there)
            outputs[manifest.INDEX] = self.stage.write(manifest.INDEX, page.encode())
        self._commit(parts, index, outputs, self._summary(parts))
        indexes.write_top_index(self.plan.out)
        self._tell()
        return self._code()

    def _require_same_data(self) -> None:
        """Refuse reports made while the data changed: each reads it anew, and is recorded with what it was before.

        One that read other data than the figures were made of has told so, even if the data is again as it was.
        """
        if not self.timings.parts:
            return
        if self._other_data or self._data_now() != self.prepared.run:
            self.stage.discard()
            raise ChisoError(text("runs.data_changed", data=self.plan.data))

    def _data_now(self) -> str:
        now = rests_on(self.plan, open_dataset(self.plan.data)) | inputs.templates(self.plan.data)
        return inputs.together(now)

    def _parts(self) -> dict[str, Record]:
        """Return the records of all reports and office files that the period has with this run."""
        if not self.plan.partial:
            return self.made
        kept = {n: r for n, r in self.old.items() if n not in (RESULTS, INDEX_PART) and n not in self.made}
        there = {n: r for n, r in kept.items() if all((self.plan.folder / file).is_file() for file in r.files)}
        return {**there, **self.made}

    def _stale(self, name: str, record: Record) -> bool:
        """Whether a report that was not asked for rests on other data than this run's."""
        own = (inputs.NOTEBOOK, inputs.REPORTS)
        return bool(inputs.changed({k: v for k, v in record.inputs.items() if k not in own}, self.prepared.inputs, ()))

    def _index_inputs(
        self, parts: Mapping[str, Record], stale: list[str], outputs: Mapping[str, str]
    ) -> dict[str, str]:
        body, unit = self.prepared.body.name, self.plan.request.unit
        beside = neighbours(self.plan.out, self.plan.timeframe.period, body, unit)
        return {
            **{name: self.prepared.inputs[name] for name in inputs.BASE},
            "run": self.prepared.run,
            "parts": digest([[name, record.status, name in stale] for name, record in sorted(parts.items())]),
            "files": digest(sorted(outputs)),
            "neighbours": digest({key: str(period) for key, period in beside.items()}),
        }

    def _staged(self, outputs: Mapping[str, str]) -> list[str]:
        """Return the names of outputs that wait in the work folder."""
        return [name for name, sha in outputs.items() if (f := self.plan.stage / name).is_file() and sha256(f) == sha]

    def _as_recorded(self, outputs: Mapping[str, str]) -> bool:
        """Whether the period's folder has these outputs, an index and nothing that a run has to take away."""
        known = self.before.get("outputs", {})
        printed = {n for n in known if n.startswith(f"{manifest.PDF}/") and (self.plan.folder / n).is_file()}
        index = self.plan.folder / manifest.INDEX
        whole = index.is_file() and sha256(index) == known.get(manifest.INDEX)
        return whole and {*outputs, manifest.INDEX} == set(known) - printed and self.before["run"] == self.prepared.run

    def _summary(self, parts: Mapping[str, Record]) -> str:
        """Return the page of the run."""
        from chiso.runs.pages import frame
        from chiso.runs.summary import summary_page
        from chiso.runs.summary_of import summary_of

        return summary_page(summary_of(self, parts), frame(self.plan, self.prepared, "", "run", self.prepared.run))

    def _commit(
        self, parts: Mapping[str, Record], index: Record, outputs: Mapping[str, str], summary: str = ""
    ) -> None:
        description = manifest.describe(self.plan, self.dataset, self.prepared)
        content = manifest.content(description, self.prepared.record, parts, index, outputs)
        self.stage.write(manifest.FILE, content.encode())
        self.stage.write(manifest.TIMINGS, self.timings.plain(self.durations).encode())
        moved = [*self._staged(outputs), manifest.FILE, manifest.TIMINGS]
        if summary:
            self.stage.write(manifest.RUN_PAGE, summary.encode())
            moved.append(manifest.RUN_PAGE)
        removed = set(self.before.get("outputs", {})) - set(outputs) | {manifest.RUN_PAGE}
        self.stage.commit(moved, removed, last=manifest.FILE)

    def _tables_only(self) -> int:
        """Put the result tables in their place; reports of other figures go, those of the same ones stay."""
        outputs, parts, index = dict(self.prepared.record.files), {}, Record("failed")
        reported = 0
        if self.prepared.results == self.plan.folder:  # nothing was computed
            parts = {n: r for n, r in self.old.items() if n not in (RESULTS, INDEX_PART)}
            index = self.old.get(INDEX_PART, index)
            outputs = self.before["outputs"]
        else:
            gone = set(self.before.get("outputs", {})) - set(outputs)
            reported = sum(name.endswith((".html", ".xlsx", ".docx", ".pdf")) for name in gone)
        if self.prepared.results != self.plan.folder:
            self._commit(parts, index, outputs)
        else:
            self.stage.discard()
        if reported:
            from chiso.runs import indexes  # not light; needed only where there were reports

            indexes.write_top_index(self.plan.out)
            self.console.warn(text("runs.reports_removed", count=reported, folder=self.plan.folder))
        self.console.say(text("runs.tables_written", folder=self.plan.folder))
        return self._code()

    def _tell(self) -> None:
        for _, title, why in self.failures:
            self.console.warn(text("runs.report_failed", title=title, why=why))
        index = self.plan.folder / manifest.INDEX
        self.console.say(text("runs.reports_written", index=index))
        self.console.wrote(index)
        if self.failures:
            components = [component for component, _, _ in self.failures if component]
            self.console.say(text("runs.resume", command=self.plan.request.command(components)))

    def _code(self) -> int:
        return SOME_FAILED if self.failures or self.prepared.failed else OK


def load_libraries(plan: Plan) -> None:
    """Start the process that loads the reports' libraries, if the plan needs it: this one goes on meanwhile."""
    if plan.jobs and plan.request.engine == "warm" and available():
        warm_up()


def told_of(plan: Plan, several: bool) -> dict[str, Any]:
    """Return how the tasks of a plan are named in what is told of a run over several periods."""
    return {"period": str(plan.timeframe.period), "body": plan.data.name} if several else {}
