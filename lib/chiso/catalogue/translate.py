"""A plan's texts in another language, from the file beside it: ``2024.toml`` has its English in ``2024.en.toml``.

A text is found by its Vietnamese original: one that changes in the plan is shown in Vietnamese until it is translated
anew, never with an old translation.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: What an original holds in place of the entry's plan item, where many entries say the same.
ITEM = "{item}"
#: Entries of a plan that stay as they are: what offices write into a register, and how rows are read.
_KEPT = ("expected", "due_rules", "arguments", "function")


@dataclass(frozen=True)
class Phrasebook:
    """Translations of whole texts, and of the words of references whose numbers stay."""

    texts: dict[str, str]
    words: dict[str, str]

    def translate(self, original: str, item: str = "") -> str:
        """Return a text in the other language; the text itself where it has no translation.

        Args:
            original: the Vietnamese text.
            item: plan item of the entry that the text belongs to.
        """
        if original in self.texts:
            return self.texts[original]
        if item and (found := self.texts.get(original.replace(item, ITEM))):
            return found.replace(ITEM, item)
        for word, other in self.words.items():
            original = original.replace(word, other)
        return original


def read_phrasebook(plan: Path, language: str) -> Phrasebook | None:
    """Return the translations beside a plan file; None where there are none.

    Raises:
        OSError, UnicodeDecodeError, tomllib.TOMLDecodeError: the file cannot be read.
    """
    file = plan.with_suffix(f".{language}.toml")
    if not file.is_file():
        return None
    raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    return Phrasebook(raw.get("texts", {}), raw.get("words", {}))


def translated(raw: dict[str, Any], phrasebook: Phrasebook) -> dict[str, Any]:
    """Return a plan as it was read from TOML, its texts translated."""
    return {key: value if key in _KEPT else _translated(value, phrasebook) for key, value in raw.items()}


def _translated(node: Any, phrasebook: Phrasebook, item: str = "") -> Any:
    if isinstance(node, str):
        return phrasebook.translate(node, item)
    if isinstance(node, list):
        return [_translated(entry, phrasebook, item) for entry in node]
    if isinstance(node, dict):
        own = str(node.get("plan_item") or item)
        return {key: value if key in _KEPT else _translated(value, phrasebook, own) for key, value in node.items()}
    return node


def texts_of(raw: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every text of a plan that readers see or that names something, with its entry's plan item."""

    def walk(node: Any, item: str) -> Iterator[tuple[str, str]]:
        if isinstance(node, str):
            yield node, item
        elif isinstance(node, list):
            for entry in node:
                yield from walk(entry, item)
        elif isinstance(node, dict):
            own = str(node.get("plan_item") or item)
            for key, value in node.items():
                if key not in _KEPT:
                    yield from walk(value, own)

    return walk({key: value for key, value in raw.items() if key not in _KEPT}, "")
