"""Every sentence that code and templates ask for is there, in Unicode NFC, with the values it names."""

import re
import string
import unicodedata
from pathlib import Path

import pytest

from chiso.messages import messages, text

PACKAGE = Path(__file__).parents[1] / "lib" / "chiso"
MESSAGES = messages("vi")


def _asked() -> set[str]:
    """Keys written out in full in code and templates."""
    found = set()
    for file in PACKAGE.rglob("*.py"):
        found |= set(re.findall(r'\btext\(\s*"([^"]+)"', file.read_text(encoding="utf-8")))
    for file in PACKAGE.rglob("*.j2"):
        found |= set(re.findall(r"\btext\('([^']+)'", file.read_text(encoding="utf-8")))
    return found


def test_every_message_asked_for_is_there() -> None:
    asked = _asked()
    assert len(asked) > 200
    assert sorted(asked - set(MESSAGES)) == []


@pytest.mark.parametrize("key", sorted(MESSAGES))
def test_a_message_is_sound(key: str) -> None:
    message = MESSAGES[key]
    assert message == unicodedata.normalize("NFC", message)
    assert message.strip()
    for _, name, _, _ in string.Formatter().parse(message):
        assert name is None or re.fullmatch(r"[a-z_][a-z_0-9]*", name), name


def test_a_value_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("worktime.calendar_year")
    with pytest.raises(KeyError):
        text("worktime.no_such_message")


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, "Total: 1 row rejected"),
        ("1", "Total: 1 row rejected"),
        (0, "Total: 0 rows rejected"),
        (11, "Total: 11 rows rejected"),
        ("1,234", "Total: 1,234 rows rejected"),
    ],
)
def test_words_for_one_and_for_many(count: object, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chiso.messages._chosen", "en")
    assert text("workbook.rejected.total", count=count) == expected
