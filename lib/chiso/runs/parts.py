"""The parts of a run: what each is called, and what each rests on before it has been read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from chiso.runs import inputs
from chiso.runs.plan import Job, Plan, present
from chiso.runs.prepare import Prepared


@dataclass(frozen=True)
class Task:
    """A report or an office file that is to be made.

    Attributes:
        name: stem of the report's notebook, or what :func:`chiso.runs.workbooks.office_files` calls the file.
        label: what people are told.
        job: the notebook; None for an office file.
    """

    name: str
    label: str
    job: Job | None = None


def of_report(job: Job, plan: Plan, prepared: Prepared) -> dict[str, str]:
    """Return what every report rests on, whatever it reads."""
    own = {inputs.NOTEBOOK: inputs.of_job(job), inputs.REPORTS: inputs.of_reports(present(plan))}
    return {name: prepared.inputs[name] for name in inputs.BASE} | own


def of_office_file(prepared: Prepared, reads: Collection[str] = ()) -> dict[str, str]:
    """Return what an office file rests on: what every one does, and what it has read."""
    read = {name: prepared.inputs.get(name, inputs.ABSENT) for name in reads}
    return {name: prepared.inputs[name] for name in (*inputs.BASE, *inputs.OWN_TEMPLATES)} | read
