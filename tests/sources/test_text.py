"""Old encodings to Unicode: every letter, real words, and everything that must be left alone."""

import csv
import unicodedata

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiso.sources.readers.sheet import ROW, Sheet
from chiso.sources.text import CHARSETS, Conversion, restore
from chiso.sources.text.mojibake import repair
from chiso.sources.text.syllables import is_syllable

TCVN3, VNI = CHARSETS
VOWELS = ["a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y"]
TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]
SMALL = ["đ"] + [letter for v in VOWELS for t in TONES if not (letter := unicodedata.normalize("NFC", v + t)).isascii()]
SENTENCES = [
    "Sở Nội vụ tỉnh Quảng Ngãi",
    "Ủy ban nhân dân các huyện, thị xã, thành phố",
    "Báo cáo kết quả thực hiện cải cách hành chính quý IV năm 2024",
    "Tỷ lệ hồ sơ giải quyết trước hạn và đúng hạn đạt 98,5 %",
    "Quyết định số 757/2003/QĐ-BTC ngày 08/04/2003",
    "Đăng ký khai sinh; cấp giấy phép xây dựng nhà ở riêng lẻ",
    "Người dân được hướng dẫn đầy đủ, thái độ phục vụ lịch sự",
    "Thừa Thiên - Huế, Đắk Lắk, Bà Rịa - Vũng Tàu, Kon Tum",
    "Nguyễn Thị Ánh Tuyết đã trưng bày những kỷ vật quý",
    "Mỗi năm lũy kế giữ nguyên, không thẩm định lại",
]
WORDS = sorted({word.strip(".,;") for sentence in SENTENCES for word in sentence.split()})
sentences = st.lists(st.sampled_from(WORDS), min_size=4, max_size=12).map(" ".join)


def sheet(*columns, fonts=None):
    cells = {f"c{i}": pl.Series(column, dtype=pl.String) for i, column in enumerate(columns)}
    frame = pl.DataFrame(cells).with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW))
    return Sheet("S", frame, cell_fonts=fonts or {})


def restored(*columns, **more):
    whole, told = restore(sheet(*columns, **more))
    texts = [whole.frame[name].to_list() for name in whole.cells]
    return (texts[0] if len(columns) == 1 else texts), told


def garbled(text, times=1):
    for _ in range(times):
        text = "".join(_as_1252(byte) for byte in text.encode())
    return text


def _as_1252(byte):
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


# ------------------------------------------------------------------------------------------------------- the tables


def test_the_alphabet_is_whole():
    assert len(SMALL) == len(set(SMALL)) == 67
    assert set(VNI.letters) == {*SMALL, *map(str.upper, SMALL)}
    assert set(TCVN3.letters) == {*SMALL, *"ĂÂÊÔƠƯĐ"}  # all that the character set has


@pytest.mark.parametrize("charset", CHARSETS, ids=lambda c: c.code)
def test_no_code_means_two_letters_and_all_are_above_ascii(charset):
    codes = list(charset.letters.values())
    assert len(set(codes)) == len(codes)
    assert all("\xa1" <= code[-1] <= "\xff" for code in codes)


@pytest.mark.parametrize("letter", [*SMALL, *map(str.upper, SMALL)])
def test_every_letter_goes_there_and_back(letter):
    assert VNI.decode(VNI.encode(letter)) == letter
    back = TCVN3.decode(TCVN3.encode(letter))
    assert back == (letter if letter in TCVN3.letters else letter.lower())


def test_known_bytes_of_the_standard():
    # TCVN 5712: ư is the byte of the soft hyphen, đ that of ®, ế D5, ự F9; VNI: ạ is a and EF, ơ F4, Đ D1
    assert [TCVN3.encode(c) for c in "ưđếựĐà"] == ["\xad", "\xae", "\xd5", "\xf9", "\xa7", "\xb5"]
    assert [VNI.encode(c) for c in "ạơĐợịỉĩỵ"] == ["aï", "ô", "Ñ", "ôï", "ò", "æ", "ó", "î"]
    assert VNI.decode("AÙnh Aùnh") == "Ánh Ánh"


# ----------------------------------------------------------------------------------------------------- round trips


@settings(max_examples=60, deadline=None)
@given(st.lists(sentences, min_size=2, max_size=8), st.sampled_from(CHARSETS))
def test_a_column_of_sentences_comes_back(texts, charset):
    texts = [*texts, *SENTENCES[:2]]  # evidence enough, whatever the words before
    whole, told = restored([charset.encode(text) for text in texts])
    if charset is TCVN3:  # it has no capitals with a tone
        assert [text.lower() for text in whole] == [text.lower() for text in texts]
    else:
        assert whole == texts
    assert {one.kind for one in told} == {charset.code}


@settings(max_examples=60, deadline=None)
@given(sentences, st.integers(1, 2))
def test_mojibake_comes_back_also_twice(text, times):
    whole, told = restored([garbled(text, times), "x"])
    assert whole[0] == text
    assert {one.kind for one in told} <= {"mojibake"}


@settings(max_examples=60, deadline=None)
@given(st.lists(sentences, min_size=1, max_size=8), st.sampled_from(["NFC", "NFD"]))
def test_unicode_stays_itself(texts, form):
    whole, told = restored([unicodedata.normalize(form, text) for text in texts])
    assert whole == texts
    assert told == ()


def test_cp1258_letters_with_marks_are_composed():
    assert restored(["Bô\u0323 Ta\u0300i chi\u0301nh"]) == (["Bộ Tài chính"], ())


# ------------------------------------------------------------------------------------------- what must be left alone


@pytest.mark.parametrize(
    "cells",
    [
        ["Café", "déjà vu", "très bien", "où est-il né ?", "façon", "Noël", "œuvre", "là-bas", "thé", "dès", "été"],
        ["für", "Müller", "Straße", "Köln", "möchte", "grün", "böse", "Übung", "Ämter", "Größe", "§ 5"],
        ["reëel", "coördinatie", "één", "geïnd", "vóór", "België", "financiën", "privé"],
        ["på", "så", "når", "ændring", "øre", "Århus", "småt"],
        ["España", "año", "niño", "canción", "Núñez", "¿qué?", "María"],
        ["Cà Mau", "Hà Nam", "có", "không", "tôi", "là", "Lê", "Tú", "cô", "chú ý", "Gò Dầu", "bò", "cá"],
        ["có", "không", "Có", "Không"],
        ["15 °C", "100 m²", "±5 µm", "© 2024", "«Hà Nội»", "3 × 4", "½", "10 €", "…"],
        ["HS-001", "000.00.19.H29-240301-0001", "https://dichvucong.gov.vn/?a=Ã&b=%C3%A1", "a@b.vn", "C:\\dữ liệu"],
        ["ĐÃ CẤP", "CHƯA ĐÃ", "“ĐÃ”", "À »"],
    ],
)
def test_other_texts_stay(cells):
    assert restored(cells) == (cells, ())


def test_one_doubtful_word_is_left_and_told():
    assert restored(["Tµi", "12", None]) == (["Tµi", "12", None], (Conversion(0, "undecided", 1),))


def test_lost_letters_are_told():
    assert restored(["S\ufffd Nội vụ", "Sở Nội vụ"]) == (
        ["S\ufffd Nội vụ", "Sở Nội vụ"],
        (Conversion(0, "lost", 1),),
    )


def test_a_no_break_space_that_became_a_space_is_a_letter_among_other_mojibake():
    cells = [garbled(text).replace("\xa0", " ") for text in ("Hà Nam", "Sở Nội vụ", "là người", "Lào Cai")]
    assert restored(cells)[0] == ["Hà Nam", "Sở Nội vụ", "là người", "Lào Cai"]
    assert restored(["MÃ HS", "ĐÃ CẤP"]) == (["MÃ HS", "ĐÃ CẤP"], ())


def test_cut_off_mojibake_is_told_and_left():
    cell = garbled("Bộ Tài chính")[:4]  # in the middle of a letter
    whole, told = restored([garbled("Sở Nội vụ"), cell + "\xe1\xbb"])
    assert whole == ["Sở Nội vụ", cell + "\xe1\xbb"]
    assert [one.kind for one in told] == ["mojibake", "undecided"]


@pytest.mark.parametrize("cell", ["Bộ Tài chính", "MÃ HS", "Ã", "CÀ PHÊ", "là “ngày”", "abc", ""])
def test_nothing_is_repaired_that_is_whole(cell):
    assert repair(cell) is None


# --------------------------------------------------------------------------------------------------- whole sheets


def test_columns_are_judged_one_by_one():
    unicode = ["Sở Nội vụ", "Có", "là", "Cà Mau"]
    old = [TCVN3.encode(text) for text in ("Bộ Tài chính", "Ủy ban nhân dân", "có", "12 m²")]
    (first, second), told = restored(unicode, old)
    assert first == unicode
    assert second == ["Bộ Tài chính", "ủy ban nhân dân", "có", "12 m²"]
    assert told == (Conversion(1, "tcvn3", 3, 4),)


def test_a_column_of_few_words_follows_the_sheet():
    names = [TCVN3.encode(text) for text in SENTENCES[:3]]
    flags = [TCVN3.encode(text) for text in ("Có", "Không", "Có")]
    (_, second), told = restored(names, flags)
    assert second == ["Có", "Không", "Có"]
    assert told[1] == Conversion(1, "tcvn3", 3, 1)
    assert restored(flags)[0] == flags  # alone it is not enough: "Cã" may be a word


def test_in_a_mixed_column_only_what_is_sure_is_converted():
    cells = ["Sở Nội vụ", TCVN3.encode("Bộ Tài chính"), TCVN3.encode("Ủy ban nhân dân"), "Hà Nam", "cã"]
    whole, told = restored(cells)
    assert whole == ["Sở Nội vụ", "Bộ Tài chính", "ủy ban nhân dân", "Hà Nam", "cã"]
    assert {one.kind: one.cells for one in told} == {"tcvn3": 2, "undecided": 1}


def test_the_soft_hyphen_is_a_letter_only_in_tcvn3():
    assert restored(["tr­êng trung ­¬ng", "ng­êi dân"[:6]])[0][0] == "trường trung ương"
    assert restored(["hành\u00adchính", "co\u00adoperation"]) == (["hànhchính", "cooperation"], ())


def test_blanks_and_invisible_characters():
    cells = ["Sở\u00a0Nội\u2009vụ", "Phòng\u200b Tổ\u2060 chức", "A\u202fB", "\ufeffx"]
    assert restored(cells) == (["Sở Nội vụ", "Phòng Tổ chức", "A B", "x"], ())


def test_capitals_typed_for_a_capital_font():
    assert restored(["CéNG HßA X· HéI CHñ NGHÜA VIÖT NAM", "§éc lËp"])[0] == [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập",
    ]


def test_fonts_decide_where_the_file_has_them():
    cells = ["Bé", "Tµi", "Lan", "Boä", "Bé"]
    fonts = {(1, 0): ".VnTimeH", (2, 0): ".VnTime", (3, 0): ".VnArialH", (4, 0): "VNI-Times"}
    whole, told = restored(cells, fonts=fonts)
    assert whole == ["BỘ", "Tài", "LAN", "Bộ", "Bé"]
    assert {one.kind: one.cells for one in told} == {"tcvn3": 3, "vni": 1}
    assert restored(["Sở Nội vụ"], fonts={(1, 0): ".VnTime"}) == (["Sở Nội vụ"], ())  # typed over in Unicode


def test_the_sheet_given_is_not_changed():
    before = sheet(["Bé Tµi chÝnh", None, "x"], fonts={(1, 0): ".VnTime"})
    kept = before.frame.clone()
    restore(before)
    assert before.frame.equals(kept)


def test_names_of_columns_without_cells():
    names = [TCVN3.encode(name) for name in ("Mã đơn vị", "Tên đơn vị", "Loại đơn vị")]
    old = Sheet(None, pl.DataFrame({"c0": ["U1"], "c1": ["x"], "c2": ["y"], ROW: [1]}), header=names)
    whole, told = restore(old)
    assert whole.header == ["Mã đơn vị", "Tên đơn vị", "Loại đơn vị"]
    assert told[0].column is None
    assert whole.frame.equals(old.frame)


# ---------------------------------------------------------------------------------------------------- the syllables


@pytest.mark.parametrize("sentence", SENTENCES)
def test_words_of_real_sentences_are_syllables(sentence):
    words = [word.strip(".,;-") for word in sentence.split()]
    for word in words:
        if word.isalpha() and not word.isascii() and not word.isupper():
            assert is_syllable(word), word


@pytest.mark.parametrize(
    "word", ["cafộ", "mốre", "Kửln", "cac", "khừt", "ngế", "kà", "ghà", "cê", "àá", "đ", "str", ""]
)
def test_what_is_no_syllable(word):
    assert not is_syllable(word)


def test_the_pairs_of_a_real_workbook(request):
    path = request.path.parent / "specimens" / "tcvn3_pairs.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    places = [(int(row["row"]) + 1, int(row["col"])) for row in rows]
    width, height = max(c for _, c in places) + 1, max(r for r, _ in places)
    columns = [[None] * height for _ in range(width)]
    for (number, column), row in zip(places, rows, strict=True):
        columns[column][number - 1] = row["tcvn3"]
    by_words, _ = restored(*columns)
    fonts = {place: row["font"] for place, row in zip(places, rows, strict=True)}
    by_fonts, _ = restored(*columns, fonts=fonts)
    assert len(rows) == 108
    for (number, column), row in zip(places, rows, strict=True):
        assert by_words[column][number - 1].lower() == row["unicode_sheet"].lower()
        assert by_fonts[column][number - 1] == row["unicode_sheet"]
