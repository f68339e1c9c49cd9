"""Pictures of a period's pages and office files, for a person to look at: `make look`.

    python tests/look/pictures.py outputs/2024-Q4 outputs/pictures/2024-Q4

Each page at both widths and as printed, each sheet of the workbooks and of the Word draft as LibreOffice prints it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import sync_playwright
from programs import find_office
from seen import NARROW, WIDE, opened

from chiso.runs.browser import find_browser, print_page

#: Pixels a picture may be high, so that it can be looked at; longer pages are cut into several.
HIGH = 1800
#: Sheets of paper side by side in a picture, and dots per inch.
BESIDE, DPI = 4, 60


def main(period: Path, target: Path) -> None:
    """Write all pictures of a period folder and say how many."""
    target.mkdir(parents=True, exist_ok=True)
    pages = sorted(period.glob("*.html"))
    if not pages:
        sys.exit(f"{period}: chưa có trang báo cáo; lập trước bằng make report.")
    made = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, picture in _on_screen(pages, folder):
            made += _save(picture, target, name)
        for file in pages:
            printed = folder / f"{file.stem}.pdf"
            print_page(find_browser(), file, printed)
            made += _save_sheets(printed, target)
        for file in sorted([*period.glob("*.xlsx"), *period.glob("*.docx")]):
            command = [find_office(), f"-env:UserInstallation={(folder / 'office').as_uri()}", "--headless"]
            subprocess.run([*command, "--convert-to", "pdf", "--outdir", folder, file], check=True, capture_output=True)
            made += _save_sheets(folder / f"{file.stem}.pdf", target)
    print(f"{made} ảnh trong {target}")


def _on_screen(pages: list[Path], folder: Path) -> Iterator[tuple[str, Path]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser())
        for page in pages:
            for width in (WIDE, NARROW):
                with opened(browser) as open_page:
                    picture = folder / f"{page.stem}-{width}.png"
                    open_page(page, width).page.screenshot(path=picture, full_page=True)
                yield picture.stem, picture


def _save(picture: Path, target: Path, name: str) -> int:
    with Image.open(picture) as whole:
        tops = range(0, whole.height, HIGH)
        for number, top in enumerate(tops, 1):
            part = whole.crop((0, top, whole.width, min(top + HIGH, whole.height)))
            part.save(target / f"{name}-{number:02}.png")
    return len(tops)


def _save_sheets(printed: Path, target: Path) -> int:
    with pypdfium2.PdfDocument(printed) as document:
        sheets = [page.render(scale=DPI / 72).to_pil() for page in document]
    groups = range(0, len(sheets), BESIDE)
    for number, start in enumerate(groups, 1):
        group = sheets[start : start + BESIDE]
        size = (sum(sheet.width for sheet in group) + 8 * len(group), max(sheet.height for sheet in group))
        board = Image.new("RGB", size, "grey")
        left = 0
        for sheet in group:
            board.paste(sheet, (left, 0))
            left += sheet.width + 8
        board.save(target / f"{printed.stem}-print-{number:02}.png")
    return len(groups)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
