"""The pages of a period as PDF, for those who print or file them."""

from __future__ import annotations

from pathlib import Path

from chiso.errors import ChisoError
from chiso.messages import language_folder, text
from chiso.runs import browser, manifest
from chiso.runs.files import replacing, require_writable
from chiso.runs.lock import exclusive
from chiso.worktime import Period

FOLDER = manifest.PDF


def print_period(period: str, out: Path, timeout: float = browser.TIMEOUT) -> str:
    """Print each page of a computed period into ``<period>/pdf/`` and return what was done, in a sentence.

    A PDF of before is replaced only by a whole one; those of pages that are no longer there are removed.

    Args:
        period: any spelling of a period.
        out: folder of outputs.
        timeout: seconds a page may take.

    Raises:
        ChisoError: no such period, no pages, no browser, a page that cannot be printed, or a folder that cannot be
            written.
    """
    wanted = Period.parse(period)
    out = language_folder(out.absolute())
    folder = out / str(wanted)
    program = browser.find_browser()
    if not any(folder.glob("*.html")):
        raise ChisoError(text("pdf.no_pages", folder=folder, period=wanted))
    with exclusive(out, str(wanted)):
        target = folder / FOLDER
        require_writable(target)
        pages = sorted(folder.glob("*.html"))
        written = []
        for page in pages:
            made = target / f"{page.stem}.pdf"
            with replacing(made) as temporary:
                browser.print_page(program, page, temporary, timeout)
            written.append(made)
        manifest.replace_printed(folder, written)
        from chiso.runs.indexes import with_printed  # not light; needed only where there are pages

        with_printed(folder, written)
    return text("pdf.written", count=len(written), folder=target)
