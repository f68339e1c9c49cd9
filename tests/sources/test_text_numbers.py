"""Numbers that are numbers in a workbook are never taken for typed text, whatever convention the source declares."""

import pytest
from sources_excel import workbook

HEAD = ["line_id", "as_of", "budget_year", "unit_code", "kind", "planned_vnd"]
SURVEY = ["response_id", "answered_on", "unit_code", "access_1", "weight"]


def _survey(import_files, values, numbers):
    rows = [[f"R{i}", "2024-03-01", "U1", 5, value] for i, value in enumerate(values)]
    toml = '[[sources]]\nfile = "survey_responses.xlsx"\ntable = "survey_responses"\n'
    toml += f'numbers = "{numbers}"\n' if numbers else ""
    files = {"survey_responses.xlsx": workbook({"S": [SURVEY, *rows]}), "chiso.toml": toml}
    data = import_files(files)
    scan = data.scan("survey_responses")
    found = dict(scan.collect().select("response_id", "weight").rows()) if scan is not None else {}
    return [found.get(f"R{i}") for i in range(len(values))]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (None, [80.125, 80.5, 80.0, None, 0.125, 1234.5]),
        ("vi", [80.125, 80.5, 80.0, 80125.0, 0.125, 1234.5]),
        ("en", [80.125, 80.5, 80.0, 80.125, 0.125, 1234.5]),
    ],
)
def test_a_number_in_a_cell_is_not_typed_text(import_files, numbers, expected):
    assert _survey(import_files, [80.125, 80.5, 80, "80.125", 0.125, 1234.5], numbers) == expected


def test_an_amount_typed_with_points_is_refused_without_a_convention_and_the_remedy_says_how(import_files):
    rows = [["L1", "2024-03-01", 2024, "U1", "admin", "80.000"], ["L2", "2024-03-01", 2024, "U1", "admin", 80.0]]
    data = import_files({"budget.xlsx": workbook({"S": [HEAD, *rows]})})
    assert data.scan("budget").collect()["planned_vnd"].to_list() == [80]
    [reject] = data.rejects.filter(table="budget").rows(named=True)
    assert (reject["value"], reject["rule"]) == ("80.000", "type")
    assert 'numbers = "vi"' in reject["remedy"]
