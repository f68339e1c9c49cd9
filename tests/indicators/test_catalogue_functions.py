"""Catalogue and functions match one to one, and the catalogue says truly which tables an indicator reads."""

import inspect
from collections import Counter, defaultdict
from typing import Any

import pytest
from handmade import (
    Q4,
    Rows,
    answer,
    budget,
    case,
    dataset,
    deliverable,
    document,
    event,
    feedback,
    figure,
    initiative,
    inspection,
    plan,
    procedure,
    stratum,
    task,
    unit,
    work_file,
)

from chiso.catalogue import Indicator
from chiso.indicators import registry, service_quality, survey
from chiso.indicators.measure import FactorIndex, Measure, PointsIndex, define
from chiso.indicators.views import VIEWS, Sources
from chiso.sources import load_contract

INDICATORS = pytest.mark.parametrize("indicator", plan().indicators, ids=lambda i: i.id)


def test_there_are_79_indicators_of_48_items() -> None:
    assert len(plan().indicators) == 79
    numbered = [i.id for i in plan().items if i.id != "III.2"]
    assert (len(numbered), sum(i.startswith("A.") for i in numbered)) == (48, 8)
    assert "III.2" in {i.id for i in plan().items}


@INDICATORS
def test_every_catalogue_function_exists_and_takes_its_arguments(indicator: Indicator) -> None:
    definition = define(indicator.function, Q4, indicator.arguments)
    kinds = {
        "share": definition.__class__ is Measure and definition.denominator is not None,
        "count": definition.__class__ is Measure and definition.denominator is None,
        "index": isinstance(definition, FactorIndex | PointsIndex),
    }
    assert kinds[indicator.measure], f"{indicator.id} is no {indicator.measure}"


def test_every_registered_function_is_used() -> None:
    assert set(registry()) == {i.function for i in plan().indicators}


def test_every_registered_function_lives_where_its_name_says_and_is_documented() -> None:
    for name, function in registry().items():
        module, _, plain = name.partition(".")
        assert (function.__module__, function.__name__) == (f"chiso.indicators.{module}", plain)
        assert inspect.getdoc(function), name


def test_two_indicators_share_a_rule_only_where_the_specification_says_so() -> None:
    uses = Counter((i.function, tuple(sorted(i.arguments.items()))) for i in plan().indicators)
    twice = {key for key, n in uses.items() if n > 1}
    assert twice == {("result.on_time", ())}
    assert {i.id for i in plan().indicators if i.function == "result.on_time"} == {"A.IV.1a", "B.III.8"}


def test_every_plan_item_has_an_indicator() -> None:
    assert [item.id for item in plan().items if not plan().of_item(item.id)] == []


@INDICATORS
def test_unknown_arguments_are_refused(indicator: Indicator) -> None:
    with pytest.raises(TypeError):
        define(indicator.function, Q4, indicator.arguments | {"no_such_argument": 1})


# ------------------------------------------------------------------------------------------------------------- tables

FULL = [
    unit("U1"),
    procedure("P1"),
    case(),
    answer(access_1=5),
    stratum("U1", 10),
    feedback("other"),
    task(due="2024-06-01"),
    deliverable("B.I.1"),
    document("incoming", "2024-10-01"),
    work_file("2024-10-01", electronic=True),
    event("training"),
    budget("admin", "L1", "2024-06-30"),
    inspection("par"),
    initiative(),
]


class Witness(Rows):
    """A dataset that remembers which tables were read."""

    def __init__(self, rows: Rows) -> None:
        self.__dict__.update(rows.__dict__)
        self.read: set[str] = set()

    def scan(self, table: str) -> Any:
        self.read.add(table)
        return super().scan(table)


def tables_read(indicator: Indicator) -> set[str]:
    witness = Witness(dataset(*FULL))
    sources = Sources(witness, plan(), Q4)  # type: ignore[arg-type]
    definitions = {i.id: define(i.function, Q4, i.arguments) for i in plan().indicators}
    definition = definitions[indicator.id]
    if isinstance(definition, FactorIndex):
        survey.estimate(sources, plan())
    elif isinstance(definition, Measure):
        VIEWS[definition.view].build(sources).collect()
    else:
        for part in service_quality.parts(plan(), definitions, Q4).values():
            VIEWS[part.measure.view].build(sources).collect()
    return witness.read


def test_the_helper_rows_cover_every_table() -> None:
    assert {row.table for row in FULL} == set(load_contract())


@INDICATORS
def test_the_catalogue_names_the_tables_that_are_read(indicator: Indicator) -> None:
    assert set(indicator.tables) == tables_read(indicator)
    assert len(indicator.tables) == len(set(indicator.tables))


def test_every_view_says_which_tables_it_reads() -> None:
    for name, view in VIEWS.items():
        witness = Witness(dataset(*FULL))
        view.build(Sources(witness, plan(), Q4)).collect()  # type: ignore[arg-type]
        assert witness.read == {view.table, *view.others}, name


def test_every_derived_column_rests_on_columns_of_the_contract() -> None:
    for name, view in VIEWS.items():
        for column, origins in view.derived.items():
            for table, source in origins:
                assert table in {view.table, *view.others}, (name, column)
                load_contract()[table].column(source)


@INDICATORS
def test_without_any_of_its_tables_an_indicator_has_no_data(indicator: Indicator) -> None:
    """Tables an indicator can do without (the survey's frame and the list of units for its weights) aside."""
    for table in set(indicator.tables) - {"survey_frame"} - ({"units"} if indicator.measure == "index" else set()):
        if indicator.id == "B.III.9":
            continue  # of its three tables any one may do: see test_service_quality
        row = figure(indicator.id, *(r for r in FULL if r.table != table))
        assert row["status"] == "no_data", table


# --------------------------------------------------------------------------------------- the plan's targets, by hand

#: Indicator -> comparator, target; the others are watched only.
TARGETS: dict[str, tuple[str, float]] = {
    "sipas": (">", 0.87),
    "B.I.2a": (">=", 0.40),
    "B.I.5b": (">=", 0.30),
    "B.I.5c": ("==", 0),
    "B.I.6": (">=", 2),
    "B.III.8b": ("==", 0),
    "B.III.9": (">=", 80),
    "B.V.4": ("==", 0),
    "B.VI.3b": (">=", 0.10),
    "B.VI.4": (">=", 0.85),
    "B.VII.4a": (">=", 0.60),
    "B.VII.4b": (">=", 0.80),
    "B.VII.4c": (">=", 0.60),
    "B.VII.4d": (">=", 0.30),
}
WATCHED = {"A.I.3", "A.II.1a", "A.II.1b", "A.II.1c", "A.III.1", "A.IV.1b", "A.IV.1c", "B.VII.2c"} | {
    f"A.{n}.index" for n in ("I", "II", "III", "IV", "V")
}
#: Month and day of the deadlines that the plan gives; "year" rows without one have 31/12.
DEADLINES = {
    "B.I.1": "12-13",
    "B.I.2a": "12-31",
    "B.I.3": "12-13",
    "B.I.6": "12-31",
    "B.IV.2": "03-31",
    "B.VI.3b": "12-31",
    "B.VI.4": "12-15",
    "P.III.2": "12-04",
}


@INDICATORS
def test_targets_comparators_and_deadlines_are_the_plans(indicator: Indicator) -> None:
    if indicator.id in WATCHED:
        wanted: tuple[str | None, float | None] = (None, None)
    else:
        wanted = TARGETS.get(indicator.id, ("==", 1))
    assert (indicator.comparator, indicator.target) == wanted
    assert indicator.deadline == DEADLINES.get(indicator.id, "12-31" if indicator.window == "year" else None)


def test_special_rules_hold_where_the_specification_says_so() -> None:
    flags = defaultdict(set)
    for i in plan().indicators:
        for flag, on in (
            ("department only", not i.target_for_units),
            ("not judged", not i.judged),
            ("pending until its deadline", i.pending_until_deadline),
        ):
            if on:
                flags[flag].add(i.id)
    assert flags == {
        "department only": {"B.I.2a", "B.I.6"},
        "not judged": {"B.III.9"},
        "pending until its deadline": {"B.VI.3b"},
    }


def test_rules_not_in_the_plan_are_not_verified() -> None:
    """Only the plan's own targets and deadlines are verified; these rest on texts that were not read."""
    assert not plan().indicator("sipas").verified
    assert [i.id for i in plan().indicators if i.id in {"B.III.1", "B.III.9", "B.III.10b"} and i.verified] == []
    assert [i.id for i in plan().indicators if i.measure == "index" and i.verified] == []
