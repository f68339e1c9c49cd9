"""Old Vietnamese encodings, written apart from the library's tables: text as a Windows-1252 program shows it."""

from __future__ import annotations

import unicodedata

_TCVN3 = dict(
    zip(
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\xadõøö÷ùúýûüþ¡¢§£¤¥¦",
        strict=True,
    )
)
#: VNI: tone marks after a plain letter, and after the letters that carry a sign of their own.
_TONES = {"\u0301": "ù", "\u0300": "ø", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
_HAT = {"": "â", "\u0301": "á", "\u0300": "à", "\u0309": "å", "\u0303": "ã", "\u0323": "ä"}
_BREVE = {"": "ê", "\u0301": "é", "\u0300": "è", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë"}
_I = {"\u0301": "í", "\u0300": "ì", "\u0309": "æ", "\u0303": "ó", "\u0323": "ò"}


def tcvn3(text: str) -> str:
    """Return text in TCVN3 (ABC); capitals with a tone become small letters, as the fonts for capitals have it."""
    return "".join(_TCVN3.get(c, _TCVN3.get(c.lower(), c)) for c in unicodedata.normalize("NFC", text))


def vni(text: str) -> str:
    """Return text in VNI-Windows."""
    return "".join(map(_vni_letter, unicodedata.normalize("NFC", text)))


def _vni_letter(letter: str) -> str:
    if letter.isupper():
        return _vni_letter(letter.lower()).upper()
    if letter == "đ":
        return "ñ"
    base, *marks = unicodedata.normalize("NFD", letter)
    tone = next((m for m in marks if m in _TONES), "")
    if "\u0302" in marks:
        return base + _HAT[tone]
    if "\u0306" in marks:
        return base + _BREVE[tone]
    if "\u031b" in marks:
        return {"o": "ô", "u": "ö"}[base] + _TONES.get(tone, "")
    if base == "i" and tone:
        return _I[tone]
    if letter == "ỵ":
        return "î"
    return base + _TONES[tone] if tone else letter


def cp1258(text: str) -> str:
    """Return text as Windows-1258 can hold it: letters with their own sign, tone marks after them."""
    return "".join(map(_cp1258_letter, unicodedata.normalize("NFC", text.replace("\u200b", ""))))


def _cp1258_letter(letter: str) -> str:
    try:
        letter.encode("cp1258")
        return letter
    except UnicodeEncodeError:
        base, *marks = unicodedata.normalize("NFD", letter)
        own = [mark for mark in marks if mark not in _TONES]
        return unicodedata.normalize("NFC", base + "".join(own)) + "".join(mark for mark in marks if mark in _TONES)


def mojibake(text: str) -> str:
    """Return text whose UTF-8 bytes were read as Windows-1252 (bytes without a letter there stay as they are)."""
    return "".join(_cp1252(byte) for byte in text.encode())


def _cp1252(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)
