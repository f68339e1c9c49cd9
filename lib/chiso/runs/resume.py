"""The run that broke off, or ended with failed reports: what it was asked for."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

from chiso.errors import ChisoError
from chiso.messages import LANGUAGES, language_folder, text, use
from chiso.runs.manifest import failed, parts_of, read_manifest
from chiso.runs.plan import WORK, Request
from chiso.runs.stage import STATE
from chiso.worktime import Period, Timeframe


def taken_up(request: Request) -> Request | None:
    """Return what is to be gone on with in place of a request for one period; None where there is nothing.

    That is the run that broke off; else the failed reports of the one that ended, from the request's data folder.

    Raises:
        ChisoError: no such period, or the state of the run that broke off cannot be read.
    """
    return unfinished(request.period, request.out) or _with_failures(request)


def _with_failures(request: Request) -> Request | None:
    period = Period.parse(request.period)
    made = read_manifest(language_folder(request.out.absolute()) / str(period))
    if not made or not failed(made):
        return None
    last = Timeframe(period, made["window"]).as_of.isoformat()
    return replace(
        request,
        components=tuple(sorted({r.component for r in parts_of(made).values() if r.component})),
        unit=made["unit"],
        as_of=None if made["as_of"] == last else date.fromisoformat(made["as_of"]),
        window=made["window"],
        results_only=False,
        force=False,
    )


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
