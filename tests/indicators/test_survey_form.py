"""The questionnaire of a data folder decides what counts: scales, reverse items, codes, items of two years."""

import polars as pl
import pytest
from handmade import Q4, answer, dataset, plan
from test_survey_statistics import distinct, five

from chiso.errors import ChisoError
from chiso.indicators import compute
from chiso.indicators.survey_form import apply_form, form_files, items_of, load_form

HEAD = """
code = "sipas"
title = "Phiếu khảo sát"

[scales.five]
codes = [1, 2, 3, 4, 5]
labels = ["Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"]
satisfied = [4, 5]
unknown = [9]

[scales.slip]
codes = [1, 2, 3]
labels = ["Không hài lòng", "Bình thường", "Hài lòng"]
satisfied = [3]
unknown = [4]
"""
FIVE = ("access", "procedure", "staff", "result", "feedback")


def item(code, text="Câu hỏi", scale="five", **more):
    factor = code.partition("_")[0] if code != "overall" else None
    lines = [f'code = "{code}"', f'text = "{text}"', f'scale = "{scale}"']
    lines += [f'factor = "{factor}"'] if factor and "factor" not in more else []
    lines += [f"{key} = {value}" for key, value in more.items()]
    return "\n[[items]]\n" + "\n".join(lines) + "\n"


PLAIN = HEAD + "".join(item(f"{f}_1") for f in FIVE)


@pytest.fixture
def folder(tmp_path):
    def write(text=PLAIN, name="questionnaire.toml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write


def computed(folder, *rows):
    data = dataset(*distinct(rows))
    data.folder = folder
    return compute(data, plan(), Q4)


def share(results, code, unit=None):
    rows = results.satisfaction.filter((pl.col("code") == code) & pl.col("unit_code").eq_missing(pl.lit(unit)))
    return rows.row(0, named=True)["share"] if rows.height else None


def reasons(results):
    return dict(results.notes.filter(pl.col("reason").str.starts_with("form")).select("reason", "message").rows())


def test_a_form_that_says_what_is_the_default_changes_nothing(folder, tmp_path):
    rows = [five(5, unit="a")] * 7 + [five(2, unit="b")] * 3
    with_form, without = computed(folder(PLAIN + item("overall")), *rows), computed(tmp_path / "nowhere", *rows)
    assert with_form.satisfaction.equals(without.satisfaction)
    for name, table in with_form.statistics.items():
        assert table.equals(without.statistics[name]), name
    assert not reasons(with_form)


def test_a_reverse_item_is_turned_round(folder):
    place = folder(PLAIN.replace(item("staff_1"), item("staff_1", reverse="true")))
    results = computed(place, *[five(5, unit="a")] * 6, *[five(1, unit="a")] * 2)
    assert share(results, "staff_1") == pytest.approx(0.25)
    assert share(results, "access_1") == pytest.approx(0.75)


def test_items_of_another_scale_are_in_no_index_and_counted_by_their_own_codes(folder):
    place = folder(PLAIN + item("result_2", scale="slip"))
    rows = [
        answer(unit="a", result_2=mark, **dict.fromkeys([f"{f}_1" for f in FIVE], 5)) for mark in (3, 3, 3, 1, 4, 5)
    ]
    results = computed(place, *rows)
    assert share(results, "A.IV") == 1.0
    assert share(results, "result_2") is None
    details = results.statistics["satisfaction_details"].filter(code="result_2", unit_code="a").row(0, named=True)
    assert (details["n"], details["share"], details["level"]) == (4, 0.75, "item")  # 4 is "don't know", 5 not a code
    assert "result_2" in reasons(results)["form_other"]
    assert reasons(results)["form_outside"].startswith("1 câu trả lời")


def test_columns_the_form_has_not_and_items_the_files_have_not(folder):
    place = folder(PLAIN + item("access_3") + item("overall"))
    results = computed(place, *[five(5, unit="a", access_2=1, overall=5)] * 6)
    assert share(results, "A.I") == 1.0
    assert share(results, "access_2") is None
    assert share(results, "overall") == 1.0
    assert "access_2" in reasons(results)["form_extra"]
    assert "access_3" in reasons(results)["form_absent"]


def test_the_index_scale_may_be_the_slip(folder):
    text = PLAIN.replace('scale = "five"', 'scale = "slip"')
    rows = [five(3, unit="a")] * 6 + [five(2, unit="a")] * 2
    results = computed(folder(text), *rows)
    assert share(results, "sipas") == pytest.approx(0.75)
    assert results.statistics["satisfaction_details"]["se"].null_count() == 0


def test_changes_compare_only_items_asked_alike_in_both_years(folder):
    extra = "".join(item(f"{f}_2", "Câu năm nay") for f in FIVE)
    folder(PLAIN + extra, "questionnaire_2024.toml")
    place = folder(PLAIN + extra.replace("Câu năm nay", "Câu năm ngoái"))
    now = [answer(unit="a", **{f"{f}_{i}": 5 if i == 1 else 1 for f in FIVE for i in (1, 2)})] * 20
    before = [
        answer(unit="a", answered="2023-11-01", **{f"{f}_{i}": 5 for f in FIVE for i in (1, 2)}) for _ in range(20)
    ]
    table = computed(place, *now, *before).statistics["satisfaction_changes"]
    row = table.filter(code="sipas", against="year_before").filter(pl.col("unit_code").is_null()).row(0, named=True)
    assert (row["share_before"], row["share_after"]) == (1.0, 1.0)
    assert (row["items_compared"], row["all_items"]) == (5, False)


def test_the_years_own_form_comes_first(folder):
    folder(PLAIN.replace('title = "Phiếu khảo sát"', 'title = "Năm 2024"'), "questionnaire_2024.toml")
    place = folder()
    assert load_form(place, 2024).title == "Năm 2024"
    assert load_form(place, 2023).title == "Phiếu khảo sát"
    assert [p.name for p in form_files(place)] == ["questionnaire.toml", "questionnaire_2024.toml"]


def test_every_fault_is_told_at_once_with_file_and_key(folder):
    wrong = PLAIN.replace("satisfied = [3]", "satisfied = [7]").replace("unknown = [9]", "unknown = [5]")
    wrong += item("staff_1") + item("counter_1", scale="ten") + "\n[[items]]\ncode = 'x'\nscal = 'five'\n"
    with pytest.raises(ChisoError) as failure:
        load_form(folder(wrong), 2024)
    message = str(failure.value)
    for word in (
        "questionnaire.toml",
        "scales.slip: mã hài lòng 7",
        "scales.five: mã “không biết” 5",
        "items.6.code: câu hỏi staff_1 bị lặp",
        "items.7.scale: không có thang đo “ten”; các thang đo có: five, slip",
        "items.8.scal: khóa này không có",
        "items.8.text",
    ):
        assert word in message, message
    assert "Value error" not in message


def test_a_form_that_does_not_fit_the_table_is_refused(folder):
    text = PLAIN + item("counter_1", factor='"counter"') + item("overall", factor='"staff"', scale="slip")
    text = text.replace(item("access_1"), item("access_1", factor='"staff"')).replace("[1, 2, 3]\n", "[0, 1, 2]\n")
    with pytest.raises(ChisoError) as failure:
        load_form(folder(text.replace("satisfied = [3]", "satisfied = [2]")), 2024)
    for word in ("scales.slip.codes", "items.1.factor", "items.6.code", "items.7.factor", "items.7.scale"):
        assert word in str(failure.value)


def test_without_a_form_answers_stay_as_they_are():
    items = items_of(["access_2", "access_1", "overall", "unit_code"], None, (4, 5))
    assert items.factors["access"] == ["access_1", "access_2"]
    assert items.all == ["access_1", "access_2", "overall"]
    frame = pl.DataFrame({"access_1": [5, None]})
    assert apply_form(frame, items)[0] is frame
