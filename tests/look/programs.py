"""The programs of the machine that `make test-look` drives. Run as a script: says what is missing, exit code 2."""

from __future__ import annotations

import shutil
import sys

from chiso.runs.browser import BrowserError, find_browser

#: Debian's packages: what CI installs, and what the message names.
PACKAGES = ("chromium", "libreoffice-calc", "libreoffice-writer", "fonts-croscore")


def find_office() -> str | None:
    """Return LibreOffice's program, which converts workbooks and Word files without a window."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def missing() -> list[str]:
    """Return what is not there, in words."""
    found = []
    try:
        find_browser()
    except BrowserError:
        found.append("trình duyệt Chromium, Google Chrome hoặc Microsoft Edge")
    if find_office() is None:
        found.append("LibreOffice (Calc và Writer)")
    return found


if __name__ == "__main__":
    if lacking := missing():
        print(f"make test-look cần thêm: {'; '.join(lacking)}.", file=sys.stderr)
        print(f"Trên Debian/Ubuntu: apt-get install --no-install-recommends {' '.join(PACKAGES)}", file=sys.stderr)
        sys.exit(2)
