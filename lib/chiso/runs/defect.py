"""A defect of the program: what a user is told of it; its traceback goes into a file for whoever mends it."""

from __future__ import annotations

import sys
import tempfile
import traceback

import chiso
from chiso.errors import ChisoError
from chiso.messages import text
from chiso.runs.exit_codes import DEFECT, SOME_FAILED


def keep_defect() -> str:
    """Keep the traceback of the error at hand in a file, and return the sentence that says where."""
    with tempfile.NamedTemporaryFile("w", prefix="chiso-", suffix=".log", delete=False, encoding="utf-8") as file:
        file.write(f"chiso {chiso.__version__}, Python {sys.version}, {sys.platform}\n{sys.argv}\n\n")
        traceback.print_exc(file=file)
    return text("cli.defect", file=file.name)


def cost_of(error: Exception) -> tuple[str, int]:
    """Return what is told of the error at hand, where it costs one of several plans, and the exit code."""
    return (str(error), SOME_FAILED) if isinstance(error, ChisoError) else (keep_defect(), DEFECT)
