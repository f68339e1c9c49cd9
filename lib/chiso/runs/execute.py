"""Carrying out plans: import, compute, make what is stale, put it in its place; the exit code tells how it went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chiso.messages import text
from chiso.runs.cluster import open_cluster
from chiso.runs.console import Console
from chiso.runs.data import open_dataset
from chiso.runs.defect import cost_of
from chiso.runs.exit_codes import OK
from chiso.runs.files import OutputError, require_writable
from chiso.runs.lock import exclusive
from chiso.runs.parts import Task
from chiso.runs.plan import Plan
from chiso.runs.progress import Progress, TaskName
from chiso.runs.run import Run, load_libraries, told_of
from chiso.runs.stopping import end_if_asked
from chiso.runs.told import Named
from chiso.sources import Dataset

if TYPE_CHECKING:
    from chiso.runs.pool import Pool
    from chiso.runs.tasks import Made


def execute(plan: Plan, console: Console | None = None, *, resume: bool = False) -> int:
    """Carry out a plan.

    Args:
        plan: what is to be done.
        console: who is told.
        resume: go on with a run that broke off, even one that was to make everything anew.

    Returns:
        0, or 1 where a report or an indicator failed (the others are there).

    Raises:
        OutputError: the output folder cannot be written.
        DataGate: the data does not pass a strict run, or its case balance does not close.
        ChisoError: another run has the folder, or the data folder cannot be used.
    """
    return execute_all([plan], console, resume=resume)


def execute_all(
    plans: Sequence[Plan], console: Console | None = None, *, resume: bool = False, several: bool | None = None
) -> int:
    """Carry out plans side by side; of several, one that cannot be carried out is told and costs no other.

    Args:
        plans: those of one body next to each other, so that it is imported once.
        console: who is told.
        resume: as of :func:`execute`.
        several: whether to name each plan and go on after one that fails; None: if there are several.

    Returns:
        0, or 1 where a report, an indicator or one of several plans failed; 70 where one met a defect.

    Raises:
        OutputError, DataGate, ChisoError: as :func:`execute`, for a single plan.
    """
    return _Batch(plans, console or Console(), resume, len(plans) > 1 if several is None else several).carry_out()


class _Batch:
    """Plans that are carried out together: one pool of tasks, one import for each body."""

    def __init__(self, plans: Sequence[Plan], console: Console, resume: bool, several: bool) -> None:
        self.plans, self.console, self.resume, self.several = plans, console, resume, several
        self.codes: list[int] = []
        self._pool: Pool | None = None
        self._progress: Progress | None = None
        self._imported: tuple[Path, Dataset] | None = None
        self._locks: dict[int, ExitStack] = {}
        self._lost: set[int] = set()
        self._told: set[tuple[str, str]] = set()

    def carry_out(self) -> int:
        broken = True
        try:
            with ExitStack() as display:
                self._display = display
                self._pool = open_cluster(self.plans[0].request) if self.plans else None
                for plan in self.plans:
                    self._guarded(plan, partial(self._begin, plan))
                    while self._pool is not None and self._pool.waiting > 2 * self._pool.workers and self.several:
                        self._collect()
                while self._pool is not None and self._pool.waiting:
                    self._collect()
            broken = False
        finally:
            if self._pool is not None:
                self._pool.close(kill=broken)  # Ctrl-C among the causes: what is not in its place yet stays as it was
            for lock in self._locks.values():
                lock.close()
        return max(self.codes, default=OK)

    def _guarded(self, plan: Plan, work: Callable[[], None]) -> None:
        """Work on a plan; of several, one that cannot go on, be it for a defect, is told and costs itself alone."""
        try:
            end_if_asked()
            work()
        except Exception as error:
            end_if_asked()
            if not self.several:
                raise
            why, code = cost_of(error)
            self.console.warn(text("runs.plan_failed", plan=TaskName("", **told_of(plan, True)), why=why))
            self.codes.append(code)
            self._lost.add(id(plan))

    def _begin(self, plan: Plan) -> None:
        """Prepare a plan and hand its tasks to the pool."""
        require_writable(plan.out)
        with ExitStack() as stack:
            stack.enter_context(exclusive(plan.out, str(plan.timeframe.period)))
            named = Named(self.console, TaskName("", **told_of(plan, True)), self._told)
            run = Run(plan, named if self.several else self.console, resume=self.resume)
            with run.timings.stage("ingest"):
                dataset = self._dataset(plan)
            run.prepare(dataset)
            tasks = run.tasks()
            self._locks[id(plan)] = stack.pop_all()  # held, from here on, until nobody works on it any more
        if tasks:
            self._submit(run, tasks)
        else:
            self._end(run)

    def _submit(self, run: Run, tasks: Sequence[Task]) -> None:
        pool, about = self._workers(len(tasks)), told_of(run.plan, self.several)
        names = {task.name: TaskName(task.label, **about) for task in tasks}
        expected = {str(names[part]): took for part, took in run.durations.items() if part in names}
        progress = self._progress or self._show(expected, len(tasks) + len(run.made), pool.workers)
        for name in run.made:
            progress.done(TaskName(name, **about), "fresh")
        progress.queued(names.values())
        for task in tasks:
            begin = partial(_begun, run, task, progress, names[task.name])
            pool.submit(task, run.plan, run.prepared, begin, (run, names[task.name]))

    def _dataset(self, plan: Plan) -> Dataset:
        if self._imported is None or self._imported[0] != plan.data:
            self._imported = (plan.data, open_dataset(plan.data, partial(load_libraries, plan)))
        return self._imported[1]

    def _workers(self, jobs: int) -> Pool:
        if self._pool is None:
            from chiso.runs.pool import LocalPool  # papermill, nbconvert, matplotlib: only where something is stale

            self._pool = LocalPool(len(self.plans) * jobs)
        return self._pool

    def _show(self, expected: Mapping[str, float], parts: int, at_once: int) -> Progress:
        total = parts * len(self.plans)  # of several, about: what is fresh is known when its turn comes
        shown = self._progress = self._display.enter_context(self.console.progress(total, expected, at_once))
        return shown

    def _collect(self) -> None:
        assert self._pool is not None and self._progress is not None
        end_if_asked()
        for (run, name), made in self._pool.ended():
            self._progress.done(name, made.status)
            if id(run.plan) not in self._lost:
                self._guarded(run.plan, partial(self._take, run, made))

    def _take(self, run: Run, made: Made) -> None:
        if made.defect is not None:
            raise made.defect
        run.take(made)
        if not run.open:
            self._end(run)

    def _end(self, run: Run) -> None:
        try:
            self.codes.append(run.finish())
            self._publish(run.plan)
        finally:
            self._locks.pop(id(run.plan)).close()

    def _publish(self, plan: Plan) -> None:
        """Copy a finished period to the address that was asked for."""
        if address := plan.request.publish:
            from chiso.runs.publish import publish

            within = plan.folder.relative_to(Path(plan.request.out).absolute()).as_posix()
            sent, _ = publish(plan.folder, address, within)
            self.console.say(text("dask.published", address=address, count=sent))


def _begun(run: Run, task: Task, progress: Progress, name: TaskName) -> None:
    with suppress(OutputError):  # told when what it made cannot be written either
        run.begun(task)
    progress.begin(name)
