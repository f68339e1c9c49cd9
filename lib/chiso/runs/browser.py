"""The system's Chromium as a printer of pages: found by name or by an environment variable, without any network."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from chiso.errors import ChisoError
from chiso.messages import text
from chiso.messages.system import reason

#: Names a browser of the Chromium family goes by, in the order they are tried.
NAMES = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"),
    *("microsoft-edge-stable", "msedge"),
)
#: Places outside PATH where installers put it.
_PLACES = {
    "win32": (
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
        r"C:\Program Files\Microsoft\Edge\Application\msedge.exe",
    ),
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
}
#: Names the browser, where it is not found by itself.
VARIABLE = "CHISO_BROWSER"
#: Seconds a page may take; the largest takes a few.
TIMEOUT = 120.0


class BrowserError(ChisoError):
    """There is no browser, or it did not print."""


def find_browser() -> str:
    """Return the program that prints.

    Raises:
        BrowserError: none is installed, or the environment names none that is there; the message says what to do.
    """
    named = os.environ.get(VARIABLE, "").strip()
    if named:
        found = shutil.which(named)
        if found is None:
            raise BrowserError(text("pdf.no_such_browser", variable=VARIABLE, value=named))
        return found
    for name in (*NAMES, *_PLACES.get(sys.platform, ())):
        if found := shutil.which(name):
            return found
    raise BrowserError(text("pdf.no_browser", variable=VARIABLE))


def print_page(browser: str, page: Path, target: Path, timeout: float = TIMEOUT) -> None:
    """Print an HTML page as a tagged PDF with bookmarks.

    Args:
        browser: see :func:`find_browser`.
        page: a page that needs nothing but itself.
        target: where the PDF is written.
        timeout: seconds after which the browser is stopped.

    Raises:
        BrowserError: it could not be started, took too long or left no PDF; the message says why.
    """
    with tempfile.TemporaryDirectory(prefix="chiso-pdf-", ignore_cleanup_errors=True) as folder:
        # Errors go to a file: a pipe would stay open as long as any of the browser's own processes lives.
        told = Path(folder) / "errors.txt"
        command = [browser, *flags(Path(folder) / "profile"), f"--print-to-pdf={target.absolute()}"]
        with told.open("wb") as errors:
            try:
                process = subprocess.Popen(
                    [*command, page.absolute().as_uri()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                    start_new_session=os.name == "posix",  # so that it can be stopped with all its processes
                )
            except OSError as error:
                why = reason(error)
                raise BrowserError(text("pdf.not_started", browser=browser, variable=VARIABLE, why=why)) from error
            try:
                code = process.wait(timeout)
            except subprocess.TimeoutExpired:
                raise BrowserError(text("pdf.timed_out", page=page.name, seconds=f"{timeout:g}")) from None
            finally:
                _stop(process)
        if code or not _is_pdf(target):
            lines = told.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            why = lines[-1] if lines else text("pdf.said_nothing")
            raise BrowserError(text("pdf.failed", page=page.name, code=code, why=why))


def flags(profile: Path) -> list[str]:
    """Return what the browser is told besides page and target.

    A profile of its own: the user's browser may be open. No network: whatever address a page names, or the browser
    asks of its own accord, leads nowhere. (Scripts cannot be forbidden: Chromium itself prints by one.) The browser's
    sandbox stays on, but for the administrator of a Unix machine, for whom Chromium does not start with it; the pages
    are this program's own.
    """
    found = [
        "--headless=new",
        f"--user-data-dir={profile}",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-extensions",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--proxy-server=http://127.0.0.1:9",  # the discard port: nothing answers
        "--proxy-bypass-list=<-loopback>",
        "--no-pdf-header-footer",  # would print the path of the file; the pages number themselves
        "--export-tagged-pdf",
        "--generate-pdf-document-outline",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        found.append("--no-sandbox")
    return found


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the browser with the processes it started; those of a browser that is through are gone already."""
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
    process.wait()


def _is_pdf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(5)
            file.seek(-min(path.stat().st_size, 1024), os.SEEK_END)
            return head == b"%PDF-" and b"%%EOF" in file.read()
    except OSError:
        return False
