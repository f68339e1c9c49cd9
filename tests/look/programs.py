"""The programs of the machine that `make test-look` drives.

Run as a script: names those that are missing, exit code 2; with ``--packages`` Debian's packages that bring them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

from chiso.runs.browser import BrowserError, find_browser

#: Debian's packages, as CI installs them, and what each is for.
PACKAGES = {
    "chromium": "trình duyệt Chromium, Google Chrome hoặc Microsoft Edge",
    "libreoffice-calc": "LibreOffice Calc",
    "libreoffice-writer": "LibreOffice Writer",
    "fonts-croscore": "phông chữ cùng độ rộng với Times New Roman (Tinos hoặc Liberation Serif)",
}


def find_office() -> str | None:
    """Return LibreOffice's program, which converts workbooks and Word files without a window."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def missing() -> list[str]:
    """Return the packages whose programs or fonts are not there, by whatever way they came."""
    found = []
    try:
        find_browser()
    except BrowserError:
        found.append("chromium")
    if find_office() is None:
        found += ["libreoffice-calc", "libreoffice-writer"]
    else:
        found += [f"libreoffice-{part}" for part in ("calc", "writer") if _lacks(part)]
    if not _has_times():
        found.append("fonts-croscore")
    return found


def _lacks(part: str) -> bool:
    """Whether Debian's LibreOffice was installed without this part; elsewhere it has all."""
    if shutil.which("dpkg-query") is None or not (shutil.which("soffice") or "").startswith("/usr/bin"):
        return False
    asked = ["dpkg-query", "--show", "--showformat", "${db:Status-Status}", f"libreoffice-{part}"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout != "installed"


def _has_times() -> bool:
    """Whether a font as wide as Times New Roman is there; where nothing can be asked (Windows, macOS) it is."""
    if shutil.which("fc-match") is None:
        return not sys.platform.startswith("linux")
    found = subprocess.run(["fc-match", "Times New Roman"], capture_output=True, text=True, check=False).stdout
    return any(name in found for name in ("Times New Roman", "Tinos", "Liberation Serif"))


if __name__ == "__main__":
    lacking = missing()
    if sys.argv[1:] == ["--packages"]:
        print(*lacking)
    elif lacking:
        words = "; ".join(PACKAGES[package] for package in lacking)
        print(f"Còn thiếu: {words}.", file=sys.stderr)
        print(f"Trên Debian, Ubuntu: apt-get install --no-install-recommends {' '.join(lacking)}", file=sys.stderr)
        sys.exit(2)
