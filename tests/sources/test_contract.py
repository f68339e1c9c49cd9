import unicodedata

import polars as pl
import pytest

from chiso.sources.contract import fold, load_contract


def test_the_fourteen_tables_and_their_keys():
    keys = {name: table.key for name, table in load_contract().items()}
    assert len(keys) == 14
    assert list(keys)[:2] == ["units", "procedures"]  # the others refer to them
    assert keys["budget"] == ("line_id", "as_of")
    assert keys["survey_frame"] == ("unit_code", "period")
    assert all(table.column(key).required for table in load_contract().values() for key in table.key)


def test_dates_read_as_written_and_own_dates():
    tables = load_contract().values()
    written = {column.name for table in tables for column in table.columns if column.as_written}
    assert written == {"due_on", "due_at", "planned_on", "active_from", "active_to"}
    own = {table.name: table.own_date.name for table in tables if table.own_date}
    assert own == {
        "cases": "received_at",
        "survey_responses": "answered_on",
        "feedback": "received_on",
        "assigned_tasks": "assigned_on",
        "documents": "registered_on",
        "work_files": "opened_on",
        "personnel": "event_on",
        "budget": "as_of",
    }


def test_every_unit_code_refers_to_units():
    for table in load_contract().values():
        for column in table.columns:
            if column.name == "unit_code" and table.name != "units":
                assert column.reference == "units", table.name


@pytest.mark.parametrize("header", ["case_id", " Mã  hồ\xa0sơ ", "MÃ HỒ SƠ", unicodedata.normalize("NFD", "Mã hồ sơ")])
def test_headers_match_by_name_and_label(header):
    assert load_contract()["cases"].match(header) == "case_id"


def test_survey_items_are_made_as_needed():
    survey = load_contract()["survey_responses"]
    assert survey.match("Phản ánh, kiến nghị 12") == "feedback_12"
    assert survey.match("ACCESS_03") == "access_3"
    assert survey.match("access_0") is None
    assert survey.column("staff_4").label == "Công chức 4"
    assert survey.column("staff_4").dtype == pl.Int64()
    with pytest.raises(KeyError):
        load_contract()["cases"].column("staff_4")


def test_labels_of_one_enum_differ():
    for table in load_contract().values():
        for column in table.columns:
            words = [fold(word) for pair in column.values.items() for word in pair]
            assert len(set(words)) == len(words), f"{table.name}.{column.name}"
