"""Exit codes of the commands: what a scheduler goes by."""

from __future__ import annotations

from chiso.errors import ChisoError
from chiso.runs.stopping import Terminated

OK, SOME_FAILED, USAGE, DATA_GATE, DEFECT, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 70, 130, 143


def code_of(error: BaseException) -> int:
    """Return the exit code of a command that ended with an error."""
    from chiso.runs.checks import DataGate  # not light: the command line asks for codes before anything is read

    if isinstance(error, DataGate):
        return DATA_GATE
    if isinstance(error, ChisoError):
        return USAGE
    if isinstance(error, Terminated):
        return TERMINATED
    return INTERRUPTED if isinstance(error, KeyboardInterrupt) else DEFECT
