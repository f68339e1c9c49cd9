"""English says all that Vietnamese says, in English, with the same values to fill in."""

import re
import string
import tomllib
from pathlib import Path

import pytest
from texts_of_project import of_messages, of_notebooks

from chiso.catalogue import load_catalogue
from chiso.catalogue.load import PLANS
from chiso.catalogue.translate import Phrasebook, read_phrasebook, texts_of, translated
from chiso.messages import messages
from chiso.runs.markdown import paragraphs, split
from chiso.sources import contract
from chiso.sources.contract import load_contract

VI, EN = messages("vi"), messages("en")
PLAN = PLANS / "2024.toml"
#: Months have names and quarters Arabic numbers in English: code hands out both.
OTHER_VALUES = {"worktime.label_month", "worktime.label_quarter"}
#: Alike in both languages: a program's name.
ALIKE = {"templates.author"}
VIETNAMESE = re.compile("[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE)
#: Vietnamese within English messages, and why: words that files must hold, and what they mean.
QUOTED = {
    "catalogue.methodology.survey": "answers as the source writes them",
    "demo.settings": "the office's own name",
    "sources.remedy.type_bool": "the words that the import reads",
    "sources.remedy.type_period": "the words that the import reads",
    "sources.remedy.unknown_units": "a unit's name",
    "templates.hint.personnel.level": "a form of discipline by its name",
}
#: A value and a plural within three words of it.
COUNTED = re.compile(
    r"\{(?P<name>\w+)\} (?P<between>(?:[a-z-]+ ){0,2}?)"
    r"(?P<noun>are|were|have|do|people|criteria|[a-z-]*[a-z]{2}s)\b(?!\|)"
)
#: What such a match is no plural by: verbs of one, words that end what is counted, values that are names.
VERBS = re.compile("differs|does|exists|has|holds|lacks|less|lies|needs|ranks|reports|says|stands|was|writes")
ENDS = re.compile(r"\b(?:already|and|as|but|for|had|in|into|must|of|on|with)\b")
NAMES = re.compile("codes|columns|data|folder|items|level|made|satisfied|thresholds|variable|year")
#: Endings of documents' numbers: 1001/QĐ-BNV, 61/2018/NĐ-CP.
NUMBERS = re.compile(r"\b[\d/]*(?:QĐ|NĐ)-[A-Z]\w*")


def values(message: str) -> set[str]:
    """Return the names of the values that a message is filled with."""
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


def uncounted(message: str) -> list[str]:
    """Return the counts of an English message whose noun in the plural has no form for one.

    >>> uncounted("{count} rows are blank, {all} {all:|row|rows} read")
    ['{count} rows']
    """
    return [
        found[0]
        for found in COUNTED.finditer(message.replace("{{", "").replace("}}", ""))
        if not VERBS.fullmatch(found["noun"])
        and not NAMES.fullmatch(found["name"])
        and not ENDS.search(found["between"])
    ]


def in_vietnamese(text: str) -> list[str]:
    """Return the words of a text with Vietnamese letters, numbers of documents aside."""
    return [word for word in re.findall(r"\w+", NUMBERS.sub(" ", text)) if VIETNAMESE.search(word)]


def test_the_same_messages():
    untranslated = [f"{key} = {VI[key]}" for key in sorted(VI.keys() - EN.keys())]
    assert not untranslated, "\n".join(["not translated:", *untranslated])
    assert sorted(EN.keys() - VI.keys()) == [], "translations of messages that are no longer there"


def test_the_same_values():
    differing = {key for key in VI.keys() & EN.keys() if values(VI[key]) != values(EN[key])}
    assert differing == OTHER_VALUES


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("{count} rows are blank", ["{count} rows"]),
        ("of {all} late tasks", ["{all} late tasks"]),
        ("{count} are met", ["{count} are"]),
        ("{count} {count:|row is|rows are} blank", []),
        ("of {all} late {all:|task|tasks}", []),
        ("{file} is empty", []),
    ],
)
def test_a_plural_without_its_one_is_found(message, found):
    assert uncounted(message) == found


def test_english_can_count_to_one():
    assert sorted(f"{key}: {found}" for key, message in EN.items() for found in uncounted(message)) == []


def test_translated_and_not_copied():
    letters = re.compile(r"[^\W\d_]{2}")
    copied = {
        key
        for key, message in of_messages("en")
        if message == VI.get(key)
        and letters.search(re.sub(r"\{[^{}]*\}", "", message.replace("{{{{", "{").replace("}}}}", "}")))
    }
    assert copied <= ALIKE | {"workbook.forms.component", "workbook.forms.sheet_form"}


def test_no_vietnamese_in_english():
    assert sorted(key for key, message in of_messages("en") if in_vietnamese(message) and key not in QUOTED) == []


def test_no_idle_exception():
    assert sorted(key for key in QUOTED if not in_vietnamese(EN[key])) == []


@pytest.mark.parametrize(("text", "found"), [("by Decision 766/QĐ-TTg", []), ("the Sở reports", ["Sở"])])
def test_vietnamese_is_seen(text, found):
    assert in_vietnamese(text) == found


def test_every_paragraph_of_a_notebook_is_translated():
    english = paragraphs("en")
    cells = list(of_notebooks())
    assert len(cells) > 150
    untranslated = sorted({f"{place}: {part}" for place, text in cells for part in split(text) if part not in english})
    assert not untranslated, "\n".join(["not translated:", *untranslated])


def test_no_translation_of_a_paragraph_that_is_gone():
    there = {part for _, text in of_notebooks() for part in split(text)}
    assert sorted(paragraphs("en").keys() - there) == []


def test_headings_stay_headings():
    for vietnamese, english in paragraphs("en").items():
        marks = [re.match(r"#*", text)[0] for text in (vietnamese, english)]
        assert marks[0] == marks[1], english
        assert not in_vietnamese(english)
        assert re.findall(r"`[^`]*`", vietnamese) == re.findall(r"`[^`]*`", english)


def _phrasebook() -> Phrasebook:
    found = read_phrasebook(PLAN, "en")
    assert found is not None
    return found


def test_every_text_of_the_plan_is_translated():
    book = _phrasebook()
    raw = tomllib.loads(PLAN.read_text(encoding="utf-8"))
    left = {text for text, item in texts_of(raw) if in_vietnamese(book.translate(text, item))}
    assert sorted(left) == []


def test_no_translation_of_a_text_that_is_gone():
    book = _phrasebook()
    raw = tomllib.loads(PLAN.read_text(encoding="utf-8"))
    there = {text for text, _ in texts_of(raw)} | {text.replace(item, "{item}") for text, item in texts_of(raw) if item}
    assert sorted(book.texts.keys() - there) == []


def test_a_translation_changes_texts_only():
    vietnamese = load_catalogue(path=PLAN)
    raw = tomllib.loads(PLAN.read_text(encoding="utf-8"))
    english = type(vietnamese).model_validate(translated(raw, _phrasebook()))
    words = {"name", "formula", "numerator", "denominator", "legal_basis", "note", "noun", "phrase", "volume"}
    for one, other in zip(vietnamese.indicators, english.indicators, strict=True):
        assert one.model_dump(exclude=words) == other.model_dump(exclude=words)
    assert english.due_rules == vietnamese.due_rules
    assert english.expected == vietnamese.expected


def test_a_text_changed_in_the_plan_loses_its_translation():
    book = Phrasebook({"Hồ sơ": "Cases", "mục {item}": "item {item}"}, {"Nghị định ": "Decree "})
    assert book.translate("Hồ sơ") == "Cases"
    assert book.translate("Hồ sơ mới") == "Hồ sơ mới"
    assert book.translate("mục B.I.1", "B.I.1") == "item B.I.1"
    assert book.translate("Nghị định 61/2018/NĐ-CP") == "Decree 61/2018/NĐ-CP"


def test_every_label_of_the_tables_is_translated():
    labels = tomllib.loads(Path(contract.__file__).with_name("tables_en.toml").read_text(encoding="utf-8"))
    tables = load_contract()
    assert labels.keys() == tables.keys()
    for name, table in tables.items():
        own = labels[name]
        assert own["columns"].keys() == {column.name for column in table.columns}
        assert own.get("items", {}).keys() == table.items.keys()
        enums = {column.name: column.values.keys() for column in table.columns if column.type == "enum"}
        assert own.get("values", {}).keys() == enums.keys()
        for column, codes in enums.items():
            assert own["values"][column].keys() == codes
    assert in_vietnamese(str(labels)) == []
