"""A page as a browser saw it: opened without network, with every request, error and dialog on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

#: Widths that reports are read at: an office screen and a telephone.
WIDE, NARROW = 1280, 390
_LAYOUT = (Path(__file__).parent / "layout.js").read_text(encoding="utf-8")


@dataclass
class Seen:
    """An open page.

    Attributes:
        page: to act on.
        requests: every address asked for, but the page itself and what it carries in itself.
        troubles: errors of scripts and console, dialogs.
    """

    page: Page
    requests: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def layout(self, check: str) -> list[Any]:
        """What a check of ``layout.js`` finds amiss."""
        return list(self.page.evaluate(f"() => {{ {_LAYOUT}; return {check}(); }}"))

    def drawn_in(self, family: str, weight: str, style: str, letters: str) -> dict[str, int]:
        """How many of the letters each font of the machine draws; those of the page's own fonts do not count."""
        self.page.evaluate(
            """async ([fontFamily, fontWeight, fontStyle, letters]) => {
                const line = document.createElement("div");
                Object.assign(line.style, {fontFamily, fontWeight, fontStyle});
                line.id = "letters";
                line.textContent = letters;
                document.body.append(line);
                line.getBoundingClientRect();
                await document.fonts.ready;
            }""",
            [family, weight, style, letters],
        )
        inspector = self.page.context.new_cdp_session(self.page)
        inspector.send("DOM.enable")
        inspector.send("CSS.enable")
        root = inspector.send("DOM.getDocument")["root"]["nodeId"]
        node = inspector.send("DOM.querySelector", {"nodeId": root, "selector": "#letters"})["nodeId"]
        fonts = inspector.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        inspector.detach()
        self.page.evaluate("document.getElementById('letters').remove()")
        return {font["familyName"]: round(font["glyphCount"]) for font in fonts if not font["isCustomFont"]}


@contextmanager
def opened(browser: Browser) -> Iterator[Callable[..., Seen]]:
    """Give a function that opens pages; they are closed in the end."""
    contexts = []

    def open_page(file: Path, width: int = WIDE, scripts: bool = True, **settings: Any) -> Seen:
        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, java_script_enabled=scripts, offline=True, **settings)
        contexts.append(context)
        seen = Seen(context.new_page())
        address = file.absolute().as_uri()

        def asked(url: str) -> None:
            if url.split("#")[0] != address and not url.startswith("data:"):
                seen.requests.append(url)

        seen.page.on("request", lambda request: asked(request.url))
        seen.page.on("pageerror", lambda error: seen.troubles.append(str(error)))
        seen.page.on("console", lambda said: seen.troubles.append(said.text) if said.type == "error" else None)

        def dialog(shown: Any) -> None:
            seen.troubles.append(f"dialog: {shown.message}")
            shown.dismiss()

        seen.page.on("dialog", dialog)
        seen.page.goto(address)
        return seen

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()
