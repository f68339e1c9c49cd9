"""The font of pages and charts: all of Vietnamese, figures of one width, every mark that messages use."""

import unicodedata
from importlib import resources

import pytest
from matplotlib.ft2font import FT2Font

from chiso.messages import messages
from chiso.reporting import theme

FOLDER = resources.files("chiso.reporting") / "fonts"
BASES, TONES = "aăâeêioôơuưy", ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
SMALL = {unicodedata.normalize("NFC", base + tone) for base in BASES for tone in TONES} | {"đ"}
LETTERS = SMALL | {letter.upper() for letter in SMALL}


@pytest.fixture(params=["Regular", "Bold"])
def font(request) -> FT2Font:
    return FT2Font(str(FOLDER / f"ChisoSans-{request.param}.ttf"))


def test_every_vietnamese_letter_has_its_own_glyph(font):
    assert len(LETTERS) == 146
    glyphs = font.get_charmap()
    assert {letter for letter in LETTERS if ord(letter) not in glyphs} == set()
    assert len({glyphs[ord(letter)] for letter in LETTERS}) == len(LETTERS)


def test_figures_have_one_width_so_that_columns_align(font):
    assert len({font.load_char(ord(figure)).linearHoriAdvance for figure in "0123456789"}) == 1


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_font_has_every_character_of_the_messages(font, language):
    written = {c for message in messages(language).values() for c in message if c.isprintable()}
    assert {c for c in written if ord(c) not in font.get_charmap()} == set()


def test_one_family_with_its_licence(font):
    assert font.family_name == theme.FONT
    licence = (FOLDER / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Reserved Font Name 'Source'" in licence  # which is why the cut font has a name of its own


def test_the_page_brings_both_weights_within_a_small_room():
    rules = theme.font_face()
    assert rules.count("@font-face") == 2
    assert "font-weight:400" in rules and "font-weight:600 700" in rules
    assert len(rules) < 50_000


def test_a_notebook_outside_a_page_brings_the_font_too():
    scoped = theme.css(scope=".here")
    assert scoped.startswith("@font-face")  # may not stand within the scope
    assert ".here{--ink" in scoped
    assert "@page" not in scoped
