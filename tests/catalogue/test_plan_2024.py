"""The shipped catalogue against the plan: every figure below was copied by hand from the plan and its specification."""

import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from chiso.catalogue import Catalogue, load_catalogue
from chiso.catalogue.load import PLANS

# id: window, target (with its comparator), last allowed day. P period, Y year to date, D as-of day.
DEFINITIONS = """
sipas        P       >0.87
A.I.index    P       -
A.I.1        P       ==1
A.I.2        P       ==1
A.I.3        P       -
A.II.index   P       -
A.II.1a      P       -
A.II.1b      P       -
A.II.1c      Y       -
A.III.index  P       -
A.III.1      P       -
A.III.2      Y       ==1
A.IV.index   P       -
A.IV.1a      P       ==1
A.IV.1b      P       -
A.IV.1c      P       -
A.V.index    P       -
A.V.1a       year    ==1     12-31
A.V.1b       P       ==1
B.I.1        year    ==1     12-13
B.I.2a       Y       >=0.40  12-31
B.I.2b       year    ==1     12-31
B.I.3        year    ==1     12-13
B.I.4        Y       ==1
B.I.5a       Y       ==1
B.I.5b       Y       >=0.30
B.I.5c       Y       ==0
B.I.6        Y       >=2     12-31
B.I.7        Y       ==1
B.II.1       Y       ==1
B.II.2       year    ==1     12-31
B.III.1      Y       ==1
B.III.2      P       ==1
B.III.3      P       ==1
B.III.4a     D       ==1
B.III.4b     P       ==1
B.III.4c     P       ==1
B.III.5      year    ==1     12-31
B.III.6a     P       ==1
B.III.6b     P       ==1
B.III.6c     P       ==1
B.III.6d     P       ==1
B.III.7a     P       ==1
B.III.7b     P       ==1
B.III.7c     P       ==1
B.III.8      P       ==1
B.III.8b     D       ==0
B.III.9      P       >=80
B.III.10a    P       ==1
B.III.10b    P       ==1
B.III.11     Y       ==1
B.IV.1       year    ==1     12-31
B.IV.2       year    ==1     03-31
B.IV.3       Y       ==1
B.IV.4       year    ==1     12-31
B.IV.5a      Y       ==1
B.IV.5b      Y       ==1
B.V.1        Y       ==1
B.V.2        year    ==1     12-31
B.V.3        Y       ==1
B.V.4        Y       ==0
B.V.5        year    ==1     12-31
B.V.6        P       ==1
B.VI.1       Y       ==1
B.VI.2       year    ==1     12-31
B.VI.3a      year    ==1     12-31
B.VI.3b      budget  >=0.10  12-31
B.VI.4       budget  >=0.85  12-15
B.VII.1      year    ==1     12-31
B.VII.2a     P       ==1
B.VII.2b     P       ==1
B.VII.2c     P       -
B.VII.3      P       ==1
B.VII.4a     P       >=0.60
B.VII.4b     P       >=0.80
B.VII.4c     P       >=0.60
B.VII.4d     P       >=0.30
B.VII.5      year    ==1     12-31
P.III.2      year    ==1     12-04
"""
WINDOWS = {"P": "period", "Y": "year_to_date", "D": "as_of", "year": "year", "budget": "budget_year"}
COUNTS = {"A.II.1c", "A.III.1", "B.I.5c", "B.I.6", "B.III.8b", "B.V.4"}
FACTOR_INDICES = {"A.I.index", "A.II.index", "A.III.index", "A.IV.index", "A.V.index"}
MONITORING = {"A.I.3", "A.II.1a", "A.II.1b", "A.II.1c", "A.III.1", "A.IV.1b", "A.IV.1c", "B.VII.2c"}
LOWER = {"A.II.1a", "A.II.1b", "A.III.1", "A.IV.1c", "B.I.5c", "B.III.8b", "B.V.4"}
ITEMS = {"A.I": 3, "A.II": 1, "A.III": 2, "A.IV": 1, "A.V": 1} | {
    "B.I": 7, "B.II": 2, "B.III": 11, "B.IV": 5, "B.V": 6, "B.VI": 4, "B.VII": 5, "P": 1,
}  # fmt: skip
TABLES = {
    "units", "procedures", "cases", "survey_responses", "survey_frame", "feedback", "assigned_tasks",
    "deliverables", "documents", "work_files", "personnel", "budget", "inspections", "initiatives",
}  # fmt: skip


@pytest.fixture(scope="module")
def plan() -> Catalogue:
    return load_catalogue(2024)


def test_all_items_of_the_plan_are_there(plan: Catalogue) -> None:
    assert Counter(i.component for i in plan.items) == ITEMS
    numbered = [f"{c}.{n}" for c, count in ITEMS.items() if c != "P" for n in range(1, count + 1)]
    assert [i.id for i in plan.items] == [*numbered, "III.2"]
    assert sum(i.id[0] == "A" for i in plan.items) == 8
    assert sum(i.id[0] == "B" for i in plan.items) == 40


def test_every_item_has_an_indicator(plan: Catalogue) -> None:
    assert [i.id for i in plan.items if not plan.of_item(i.id)] == []


def test_windows_targets_and_deadlines(plan: Catalogue) -> None:
    expected = [line.split() for line in DEFINITIONS.strip().splitlines()]
    assert [i.id for i in plan.indicators] == [row[0] for row in expected]
    for (id, window, target, *deadline), indicator in zip(expected, plan.indicators, strict=True):
        comparator = target.rstrip("0123456789.") if target != "-" else None
        value = float(target.lstrip(">=")) if target != "-" else None
        found = (indicator.window, indicator.comparator, indicator.target, indicator.deadline)
        assert found == (WINDOWS[window], comparator, value, deadline[0] if deadline else None), id


def test_targets_named_in_the_plan(plan: Catalogue) -> None:
    targets = {i.id: i.target for i in plan.indicators}
    assert targets["sipas"] == 0.87  # "đạt trên 87%"
    assert plan.indicator("sipas").comparator == ">"
    assert targets["B.I.2a"] == 0.40  # "ít nhất 40%"
    assert targets["B.I.5b"] == 0.30  # "ít nhất 30% công việc được giải quyết sớm hạn"
    assert targets["B.I.6"] == 2  # "ít nhất 02 sáng kiến"
    assert targets["B.VI.3b"] == 0.10  # "từ 10% trở lên"
    assert targets["B.VI.4"] == 0.85  # "từ 85% trở lên"
    assert [targets[f"B.VII.4{x}"] for x in "abcd"] == [0.60, 0.80, 0.60, 0.30]


def test_measures(plan: Catalogue) -> None:
    assert {i.id for i in plan.indicators if i.measure == "count"} == COUNTS
    assert {i.id for i in plan.indicators if i.measure == "index"} == FACTOR_INDICES | {"sipas", "B.III.9"}
    assert {i.id for i in plan.indicators if i.scale == 100} == {"B.III.9"}
    assert {i.id for i in plan.indicators if not i.as_percent} == COUNTS | {"B.III.9"}
    assert {i.id for i in plan.indicators if i.better == "lower"} == LOWER


def test_flags(plan: Catalogue) -> None:
    assert {i.id for i in plan.indicators if not i.target_for_units} == {"B.I.2a", "B.I.6"}
    assert {i.id for i in plan.indicators if not i.judged} == {"B.III.9"}
    assert {i.id for i in plan.indicators if i.pending_until_deadline} == {"B.VI.3b"}
    assert {i.id: i.reference_line for i in plan.indicators if i.reference_line is not None} == dict.fromkeys(
        FACTOR_INDICES, 0.87
    )
    assert {i.id for i in plan.indicators if i.monitoring} == FACTOR_INDICES | MONITORING


def test_only_what_was_read_in_the_plan_is_verified(plan: Catalogue) -> None:
    doubtful = {"sipas", "B.III.1", "B.III.9", "B.III.10b"} | FACTOR_INDICES | MONITORING
    assert {i.id for i in plan.indicators if not i.verified} == doubtful
    assert not plan.settings.sipas.verified
    assert not plan.settings.reporting.verified
    assert not plan.service_quality.verified
    assert [d.number for d in plan.documents if d.read] == ["Kế hoạch 2255/KH-SNV"]


def test_every_year_of_rows_has_a_deadline(plan: Catalogue) -> None:
    # "Of the whole year" is judged only when the year, or the plan's own date, is over.
    assert [i.id for i in plan.indicators if i.window == "year" and i.deadline is None] == []


def test_deadline_on(plan: Catalogue) -> None:
    assert plan.indicator("B.IV.2").deadline_on(2024) == date(2024, 3, 31)
    assert plan.indicator("B.VI.4").deadline_on(2025) == date(2025, 12, 15)
    assert plan.indicator("B.III.8").deadline_on(2024) is None


def test_components_and_notebooks(plan: Catalogue) -> None:
    assert plan.component_ids == tuple(c for c in ITEMS if c != "P")
    assert {c.id: c.notebook for c in plan.components} == {
        "A.I": "A1_access",
        "A.II": "A2_procedure",
        "A.III": "A3_staff",
        "A.IV": "A4_result",
        "A.V": "A5_feedback",
        "B.I": "B1_direction",
        "B.II": "B2_institutions",
        "B.III": "B3_procedures",
        "B.IV": "B4_organisation",
        "B.V": "B5_civil_service",
        "B.VI": "B6_public_finance",
        "B.VII": "B7_digital_government",
        "P": None,
    }


def test_indicators_of_component_and_item(plan: Catalogue) -> None:
    assert [i.id for i in plan.of_component("A")] == ["sipas"]
    assert [i.id for i in plan.of_component("A.I")] == ["A.I.index", "A.I.1", "A.I.2", "A.I.3"]
    assert [i.id for i in plan.of_component("P")] == ["P.III.2"]
    assert [i.id for i in plan.of_item("B.III.8")] == ["B.III.8", "B.III.8b"]
    assert [i.id for i in plan.indicators if i.plan_item is None] == ["sipas", *sorted(FACTOR_INDICES)]
    assert plan.indicator("A.II.index").component == "A.II"


@pytest.mark.parametrize("lookup", ["component", "item", "indicator"])
def test_unknown_ids_raise(plan: Catalogue, lookup: str) -> None:
    with pytest.raises(KeyError):
        getattr(plan, lookup)("B.IX")


def test_deliverables_indicators_ask_for_their_own_item_and_window(plan: Catalogue) -> None:
    rows = {"year": "year", "year_to_date": "due_in_year", "period": "due_in_period"}
    for i in plan.indicators:
        if i.tables == ("deliverables",):
            assert i.arguments == {"item": i.plan_item, "rows": rows[i.window]}, i.id
    on_time = {i.id for i in plan.indicators if i.function == "deliverables.on_time"}
    assert on_time == {"A.I.2", "B.I.4", "B.II.1", "B.III.11", "B.IV.2", "B.VI.1", "P.III.2"}


def test_tables_are_source_tables(plan: Catalogue) -> None:
    assert {t for i in plan.indicators for t in i.tables} == TABLES


DUE_DATES = [
    ("B.I.1", None, None, date(2024, 12, 13)),
    ("B.I.3", None, None, date(2024, 12, 13)),
    ("B.I.4", None, 6, date(2024, 6, 13)),
    ("B.I.4", None, None, None),
    ("B.II.1", "document_review", None, date(2024, 12, 14)),
    ("B.II.1", "law_implementation", None, date(2024, 12, 4)),
    ("B.II.1", "ad_hoc", None, None),
    ("B.II.1", None, None, None),
    ("B.III.11", None, 3, date(2024, 3, 19)),
    ("B.III.11", None, None, None),
    ("B.IV.2", None, None, date(2024, 3, 31)),
    ("III.2", None, None, date(2024, 12, 4)),
    ("B.I.2", "anything", 3, date(2024, 12, 31)),
]


@pytest.mark.parametrize(("item", "subtype", "last_month", "expected"), DUE_DATES)
def test_due_dates(
    plan: Catalogue, item: str, subtype: str | None, last_month: int | None, expected: date | None
) -> None:
    assert plan.due_rule(item, subtype).due_on(2024, last_month) == expected


def test_before_and_no_later_than(plan: Catalogue) -> None:
    assert {r.item for r in plan.due_rules if r.before} == {"B.I.1", "B.I.3", "B.I.4", "B.II.1", "B.IV.2", "III.2"}


def test_internal_deadlines(plan: Catalogue) -> None:
    assert [(a.item, a.due_on(2024, 9)) for a in plan.alerts] == [
        ("B.I.1", date(2024, 12, 4)),
        ("B.I.3", date(2024, 12, 4)),
        ("B.III.11", date(2024, 9, 12)),
        ("B.III.11", date(2024, 9, 14)),
    ]


def test_what_is_not_measured_is_said(plan: Catalogue) -> None:
    assert [n.item for n in plan.not_measured] == ["B.III.6", "B.VII.2", "B.VI.1", "A.I.2"]


def test_sipas_conventions(plan: Catalogue) -> None:
    sipas = plan.settings.sipas
    assert (sipas.factor_index, sipas.overall) == ("pooled", "mean_of_factors")
    assert plan.settings.reporting.window == "decree09"


def test_service_quality_points(plan: Catalogue) -> None:
    groups: Counter[str] = Counter()
    for c in plan.service_quality.criteria:
        groups[{"online": "3", "copies": "4"}.get(c.code, c.code[0])] += c.max_points
    assert groups == {"1": 18, "2": 20, "3": 22, "4": 22, "5": 18}
    computable = {c.code: c.max_points for c in plan.service_quality.criteria if c.source}
    assert computable == {"2.1": 20, "online": 12, "3.5b": 2, "3.6": 6, "4.1": 6, "4.2": 4, "4.3": 2, "5.2": 6}


@pytest.mark.parametrize(
    ("value", "name"),
    [(100, "Xuất sắc"), (90, "Xuất sắc"), (89.99, "Tốt"), (80, "Tốt"), (70, "Khá"), (50, "Trung bình"), (0, "Yếu")],
)
def test_service_quality_rating(plan: Catalogue, value: float, name: str) -> None:
    assert plan.service_quality.rating(value) == name


@pytest.mark.parametrize("file", sorted(PLANS.glob("*.toml")), ids=lambda f: f.name)
def test_texts_are_composed_unicode_without_stray_space(file: Path) -> None:
    content = file.read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", content)
    assert "  " not in "".join(line.partition("#")[0].strip() for line in content.splitlines())


def test_names_are_short(plan: Catalogue) -> None:
    assert [e.name for e in (*plan.items, *plan.indicators) if len(e.name) > 100] == []
    assert [i.id for i in plan.indicators if not i.formula.endswith(".")] == []
