"""The run that broke off: what it was asked for."""

from __future__ import annotations

import json
from pathlib import Path

from chiso.errors import ChisoError
from chiso.messages import LANGUAGES, language_folder, text, use
from chiso.runs.plan import WORK, Request
from chiso.runs.stage import STATE
from chiso.worktime import Period


def unfinished(period: str, out: Path) -> Request | None:
    """Return what the unfinished run of a period was asked for, and speak its language; None where there is none.

    Args:
        period: any spelling of a period.
        out: folder of outputs.

    Raises:
        ChisoError: no such period, or the state cannot be read.
    """
    file = language_folder(out.absolute() / WORK) / str(Period.parse(period)) / STATE
    if not file.is_file():
        return None
    try:
        content = json.loads(file.read_text(encoding="utf-8"))["request"]
        request = Request.of(content)
        if content["lang"] in LANGUAGES:
            use(content["lang"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ChisoError(text("runs.resume_other", file=file)) from error
    return request
