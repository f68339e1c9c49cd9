"""Every Vietnamese word a reader sees is spelt: by the rules of the syllable, and by a dictionary if there is one."""

import re
import tomllib
import unicodedata
from pathlib import Path

import pytest
from texts_of_project import vietnamese, words

from chiso.sources.text.syllables import is_syllable

#: Debian's hunspell-vi: GPL-2, so it is read where it is installed and not shipped with the project.
DICTIONARY = Path("/usr/share/hunspell/vi_VN.dic")
KNOWN = {
    word
    for group in tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8")).values()
    for word in group["words"].split()
}
TEXTS = list(vietnamese())
TONES = "\u0300\u0301\u0303\u0309\u0323"
#: An open rhyme oa, oe, uy bears its tone on the first letter: hòa, khỏe, thủy. After q, u is no part of the rhyme.
NEW_STYLE = re.compile(r"o[àáảãạèéẻẽẹ]$|(?<!q)u[ỳýỷỹỵ]$")
ORDINARY_SPACE = re.compile(r"\d[ ]%")


def misspelt(text: str) -> list[str]:
    """Return the words that are no Vietnamese syllable and no known exception."""
    return [word for word in words(text) if not is_syllable(word) and word not in KNOWN]


def without_tone_place(word: str) -> tuple[str, str]:
    """Return a syllable's letters and its tone: dictionaries write hòa, hoà or both."""
    letters = unicodedata.normalize("NFD", word.lower())
    bare = "".join(c for c in letters if c not in TONES)
    return unicodedata.normalize("NFC", bare), "".join(c for c in letters if c in TONES)


def new_style(text: str) -> list[str]:
    """Return the words whose tone stands on the second vowel of an open oa, oe, uy."""
    return [word for word in words(text) if NEW_STYLE.search(unicodedata.normalize("NFC", word.lower()))]


def test_enough_texts_are_looked_at():
    places = {place.split(".")[0] for place, _ in TEXTS}
    assert {"runs", "survey", "2024", "cases"} <= places
    assert any("#" in place for place, _ in TEXTS)
    assert sum(len(words(text)) for _, text in TEXTS) > 20_000


def test_every_word_is_a_syllable_or_known():
    found = {(word, place) for place, text in TEXTS for word in misspelt(text)}
    assert sorted(found) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Tỷ lệ hồ sơ đúng hạnn", ["hạnn"]),
        ("Thủ tục hànhh chính", ["hànhh"]),
        ("ngĩa là", ["ngĩa"]),
        ("kết qủa", []),
        ("cac bước", ["cac"]),
        ("Nghị định 09/2019/NĐ-CP", []),
        ("Sửa `cot_nay` trong tệp chiso.toml", []),
    ],
)
def test_a_planted_error_is_found(text, wrong):
    assert misspelt(text) == wrong


def test_every_word_is_in_the_dictionary():
    if not DICTIONARY.is_file():
        pytest.skip(f"no {DICTIONARY}: install Debian's hunspell-vi to check words against a dictionary")
    known = {
        without_tone_place(part)
        for line in DICTIONARY.read_text(encoding="utf-8").splitlines()[1:]
        for part in line.split("/")[0].split()
    }
    assert without_tone_place("hoà") in known
    assert without_tone_place("hoặcc") not in known
    looked_up = {(word, place) for place, text in TEXTS for word in words(text) if word not in KNOWN}
    assert sorted(entry for entry in looked_up if without_tone_place(entry[0]) not in known) == []


@pytest.mark.parametrize(
    ("text", "wrong"), [("hòa bình, thủy lợi, khỏe, quý", []), ("hoà bình, thuỷ lợi", ["hoà", "thuỷ"])]
)
def test_tone_marks_of_the_new_style_are_found(text, wrong):
    assert new_style(text) == wrong


def test_tone_marks_stand_in_the_old_place():
    assert sorted({(word, place) for place, text in TEXTS for word in new_style(text)}) == []


#: What typography asks of a text, and what breaks it.
RULES = {
    "Unicode NFC": lambda text: text != unicodedata.normalize("NFC", text),
    "a no-break space before %": lambda text: re.search(r"\d %", text),
    "no space before a mark": lambda text: re.search(r"[ \u00a0][,;:.!?](?:\s|$)", text),
    "quotes in pairs": lambda text: text.count("“") != text.count("”"),
    "one space between words": lambda text: re.search(r"[^\s-]  +\w", text),
    "no typewriter's dots": lambda text: re.search(r"\w\.\.\.", text),
}
#: Texts that are files, whose indents are meant.
LAID_OUT = ("demo.", "sources.proposal.written")


def broken(text: str) -> list[str]:
    """Return the rules of typography that a text breaks."""
    return [rule for rule, breaks in RULES.items() if breaks(text)]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("đạt 100\u00a0%", []),
        ("đạt 100 %", ["a no-break space before %"]),
        ("hồ sơ , thủ tục", ["no space before a mark"]),
        ("ghi “đạt", ["quotes in pairs"]),
        ("hồ  sơ", ["one space between words"]),
        ("ho\u0300a", ["Unicode NFC"]),
        ("và...", ["no typewriter's dots"]),
    ],
)
def test_broken_typography_is_found(text, rules):
    assert broken(text) == rules


def test_typography():
    found = {(place, rule) for place, text in TEXTS if not place.startswith(LAID_OUT) for rule in broken(text)}
    assert sorted(found) == []
