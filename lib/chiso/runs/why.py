"""What a run would make anew, and why; what it would keep."""

from __future__ import annotations

from collections.abc import Iterator

from chiso.messages import text
from chiso.runs.console import Console
from chiso.runs.data import open_dataset
from chiso.runs.files import require_writable
from chiso.runs.lock import exclusive
from chiso.runs.plan import Plan
from chiso.runs.prepare import RESULTS
from chiso.runs.run import Run


def why(plan: Plan, console: Console | None = None) -> str:
    """Return for each part of a period whether it is stale, and for which reasons; nothing is made or written.

    Figures are computed where tables changed: whether a report's own figures are others is known only then.

    Raises:
        ChisoError: see :func:`chiso.runs.execute.execute`.
    """
    require_writable(plan.out)  # the lock stands there
    with exclusive(plan.out, str(plan.timeframe.period)):
        run = Run(plan, console or Console())
        run.prepare(open_dataset(plan.data), look=True)
        run.stale()
        return "\n".join(_lines(run))


def _lines(run: Run) -> Iterator[str]:
    parts = [(RESULTS, text("runs.part_results")), *((job.stem, job.stem) for job in run.plan.jobs)]
    parts += [(name, label) for name, label in run.labels().items() if name not in dict(parts)]
    fresh = [label for name, label in parts if name not in run.reasons]
    for name, label in parts:
        if reasons := run.reasons.get(name):
            yield text("runs.why_stale", part=label, reasons="; ".join(reasons))
    if fresh:
        yield text("runs.why_fresh", count=len(fresh), parts=", ".join(fresh))
    if len(fresh) < len(parts):
        yield text("runs.why_command", command=run.plan.request.command())
