"""Many periods and bodies: a plan for each pair, carried out as one run, and an index over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from chiso.errors import ChisoError
from chiso.messages import language_folder, text
from chiso.runs.bodies import above, bodies_of, choose_bodies, note_bodies
from chiso.runs.checks import known_units, require_unit
from chiso.runs.console import Console
from chiso.runs.data import open_dataset
from chiso.runs.defect import cost_of
from chiso.runs.execute import execute_all
from chiso.runs.exit_codes import DEFECT, OK
from chiso.runs.manifest import FILE
from chiso.runs.plan import Plan, Request, make_plan
from chiso.runs.progress import TaskName
from chiso.runs.resume import taken_up
from chiso.runs.run import load_libraries
from chiso.worktime import Period, parse_periods


@dataclass(frozen=True)
class Grid:
    """The plans of a command.

    Attributes:
        plans: those of one body next to each other, the oldest period first.
        faults: what is to be told of the pairs that cannot be planned.
        code: exit code of these: that of a defect, where planning one met it.
        remarks: what else is to be told: folders passed over.
        out: folder of all outputs.
        bodies: names of the bodies whose outputs lie in folders of ``out``; none where they lie in ``out`` itself.
    """

    plans: tuple[Plan, ...]
    faults: tuple[str, ...]
    remarks: tuple[str, ...]
    out: Path
    bodies: tuple[str, ...] = ()
    code: int = OK

    @property
    def several(self) -> bool:
        """Whether more than one pair was asked for."""
        return len(self.plans) + len(self.faults) > 1


def make_grid(request: Request, bodies: Sequence[str] = (), *, resume: bool = False) -> Grid:
    """Plan all that a request asks for.

    Args:
        request: its period may be several (:func:`chiso.worktime.parse_periods`); with bodies, its data folder holds
            their folders and its outputs go to folders of their names.
        bodies: names of sub-folders of the data folder, or ``all``; none: the data folder itself.
        resume: take up what broke off or failed as it was asked for then, and make of the rest what is stale.

    Raises:
        ChisoError: no such period, folder or body, or nothing of it can be planned: an option is wrong.
    """
    periods = parse_periods(request.period)
    if request.as_of is not None and len(periods) > 1:
        raise ChisoError(text("grid.as_of"))
    out = Path(request.out)
    if not bodies:
        if known := bodies_of(out):
            raise ChisoError(text("grid.out_of_bodies", out=out, own=out / known[0]))
        plans, faults, code = _plans([request], periods, resume)
        return Grid(plans, faults, (), out, code=code)
    if own := _own_periods(out):
        raise ChisoError(text("grid.out_of_one", out=out, found=", ".join(own[:3])))
    chosen = choose_bodies(Path(request.data), bodies)
    requests = [_of_body(request, folder) for folder in chosen.chosen]
    plans, faults, code = _plans(requests, periods, resume)
    earlier = [name for name in bodies_of(out) if name in chosen.known or (out / name).is_dir()]
    names = {*earlier, *(folder.name for folder in chosen.chosen)}
    remarks = (text("grid.passed", folders="; ".join(chosen.passed)),) if chosen.passed else ()
    return Grid(plans, faults, remarks, out, tuple(sorted(names)), code)


def _of_body(request: Request, folder: Path) -> Request:
    place = f"{request.publish.rstrip('/')}/{folder.name}" if request.publish else None
    return replace(request, data=folder, out=Path(request.out) / folder.name, publish=place)


def _plans(
    requests: Sequence[Request], periods: Sequence[Period], resume: bool
) -> tuple[tuple[Plan, ...], tuple[str, ...], int]:
    """Return the plans, what is to be told of pairs that have none, and the exit code of these."""
    plans, faults, whys, code = [], [], {}, OK
    for request in requests:
        for period in periods:
            wanted = replace(request, period=str(period))
            try:
                if resume:
                    wanted = taken_up(wanted) or replace(wanted, force=False)
                plans.append(make_plan(wanted))
            except Exception as error:
                if len(requests) * len(periods) == 1:
                    raise
                why, own_code = cost_of(error)
                name = TaskName("", str(period), request.data.name)
                faults.append(text("runs.plan_failed", plan=name, why=why))
                whys[why], code = error, max(code, own_code)
    if not plans and code != DEFECT:
        raise next(iter(whys.values())) if len(whys) == 1 else ChisoError("\n".join(faults))
    return tuple(plans), tuple(faults), code


def _own_periods(out: Path) -> list[str]:
    folder = language_folder(out.absolute())
    return sorted(file.parent.name for file in folder.glob(f"*/{FILE}")) if folder.is_dir() else []


def carry_out(grid: Grid, console: Console, *, resume: bool = False) -> int:
    """Carry out the plans of a grid side by side, and write the index over bodies and periods.

    Args:
        grid: what is to be done.
        console: who is told.
        resume: as of :func:`chiso.runs.execute.execute`.

    Returns:
        0, or 1 where a report, an indicator or one of several pairs failed; 70 where one met a defect.

    Raises:
        ChisoError: no body has the unit asked for; and as :func:`chiso.runs.execute.execute`, where one pair alone was
            asked for.
    """
    _require_unit(grid.plans)
    for line in (*grid.remarks, *grid.faults):
        console.warn(line)
    if grid.bodies:
        note_bodies(grid.out, grid.bodies)
    try:
        code = execute_all(grid.plans, console, resume=resume, several=grid.several)
    finally:
        _write_index(grid, console)
    return max(code, grid.code)


def _require_unit(plans: Sequence[Plan]) -> None:
    """Refuse a unit that no body has, before anything is written; a body that lacks it will cost itself alone.

    Bodies are imported until one has it, which is the first, but for a unit that is misspelt.
    """
    wanted = dict.fromkeys((plan.request.unit, plan.data) for plan in plans if plan.request.unit is not None)
    for unit in dict.fromkeys(unit for unit, _ in wanted):
        known: set[str] = set()
        for plan in {plan.data: plan for plan in plans if (unit, plan.data) in wanted}.values():
            with suppress(Exception):  # its plans will tell
                known |= set(known_units(open_dataset(plan.data, partial(load_libraries, plan))))
            if unit in known:
                break
        if known:
            require_unit(unit, known)


def _write_index(grid: Grid, console: Console) -> None:
    """Write the index over bodies: also that which a single body's folder belongs to."""
    over = {folder for plan in grid.plans if (folder := above(plan.out))}
    for folder in sorted(over):
        from chiso.runs.bodies_index import write_bodies_index  # not light

        index = write_bodies_index(folder)
        if grid.bodies:
            console.say(text("grid.index_written", index=index))
            console.wrote(index)
